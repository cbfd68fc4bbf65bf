"""The vectors of topics and statements: writing them when something is published, reading them.

The vector of a text depends on its words alone. So it is kept by them (a number made of the text)
and is there again when a statement moves, or when all listings are made anew. The vector of a topic
is put together from those of its texts.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from topics.documents import all_statements
from topics.models import Listing, Statement, Vector
from topics.models.search import Indexed
from topics.search import embedding

if TYPE_CHECKING:
    import numpy

Vectors = dict[str, "numpy.ndarray"]

# Letters of a topic's beginning: more than the model reads of it.
BEGINNING = 1000
# Topics that are filled in at a time.
BATCH = 20
# The row whose bytes change whenever a topic's vector does; no topic has this number.
STAMP = 0


def are_kept() -> bool:
    """Return whether vectors are written and searched."""
    return settings.SEARCH_SEMANTIC and not embedding.missing()


@dataclass
class Texts:
    """The texts of a topic: what it is called and begins with, and its statements."""

    title: str
    summary: str
    statements: list[str] = field(default_factory=list)

    @cached_property
    def beginning(self) -> str:
        named = dict.fromkeys([self.title, self.summary])
        words = ". ".join(part.rstrip(".") for part in named)
        return ". ".join([words, " ".join(self.statements)])[:BEGINNING]

    @property
    def all(self) -> list[str]:
        return [self.beginning, *self.statements]

    def vector(self, vectors: Vectors) -> "numpy.ndarray":
        """Return the vector of the topic: half how it begins, half what all of it says."""
        whole = vectors[self.beginning]
        if self.statements:
            whole = whole + _unit(sum(vectors[text] for text in self.statements))
        return _unit(whole)


def plain(text: str) -> str:
    """Return the text of a statement without the marks of emphasis."""
    return text.replace("*", "")


def embed_ahead(documents: Iterable[dict]) -> Vectors:
    """Return vectors of what Documents say that nobody said before, for `write_topics`.

    Nothing is written: it can be done before the lock under which listings are written, and who
    waits for that must not hold what its holder may need.
    """
    if not are_kept():
        return {}
    found = [
        Texts(
            document["title"],
            document["summary"],
            [plain(each["text"]) for each in all_statements(document)],
        )
        for document in documents
    ]
    wanted = {text for texts in found for text in texts.all}
    return _embedded(wanted - of_texts(wanted).keys())


def write_topics(numbers: Collection[int], made: Vectors | None = None) -> None:
    """Write the vectors of listings that were just written, with those of their statements.

    `made` are those that were made ahead.
    """
    if are_kept():
        _write_topics(_texts(numbers), made)
        _stamp()


def remove_topics(numbers: Collection[int]) -> None:
    """Take topics out. Their statements are no longer asked for, and go with the next `fill`."""
    if are_kept():
        Vector.objects.filter(kind=Indexed.TOPIC, entry_id__in=numbers).delete()
        _stamp()


def fill(lock: Callable[[], None], report: Callable[[int], None] = lambda done: None) -> int:
    """Write what is missing and remove what nobody needs. Returns how many topics there are.

    Some topics at a time: the model reads their texts without any lock, then `lock` keeps others
    from publishing for a moment, within a transaction, while what they say now is written. What was
    published meanwhile wrote its own vectors. Readers' processes are told at the end, or by the
    next that publishes, so that they do not read all vectors again for each few.
    """
    numbers = list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    read: dict[int, tuple[int, set[int]]] = {}
    for begin in range(0, len(numbers), BATCH):
        some = numbers[begin : begin + BATCH]
        _read_or_embed({text for texts in _texts(some).values() for text in texts.all})
        with transaction.atomic():
            lock()
            found = _texts(some)
            _write_topics(found)
            read |= _read_of(found)
        report(begin + len(some))
    with transaction.atomic():
        lock()
        return _remove_unused(read)


def _read_of(found: dict[int, Texts]) -> dict[int, tuple[int, set[int]]]:
    """Return for each listing its edition, and the numbers of what that says."""
    editions = Listing.objects.filter(pk__in=found).values_list("pk", "edition")
    return {pk: (edition, set(map(number_of, found[pk].all))) for pk, edition in editions}


def _remove_unused(read: dict[int, tuple[int, set[int]]]) -> int:
    """Remove the vectors that no listing needs. Returns how many listings there are.

    Only of those that have another edition than was read are the texts read once more.
    """
    listed = dict(Listing.objects.values_list("pk", "edition"))
    changed = [pk for pk, edition in listed.items() if read.get(pk, (None,))[0] != edition]
    read = {pk: of for pk, of in read.items() if pk in listed} | _read_of(_texts(changed))
    used = set().union(*(numbers for _, numbers in read.values()))
    Vector.objects.exclude(model=embedding.MODEL).delete()
    for kind, needed in ((Indexed.TOPIC, listed.keys()), (Indexed.STATEMENT, used)):
        rows = Vector.objects.filter(kind=kind)
        gone = set(rows.values_list("entry_id", flat=True)) - needed
        rows.filter(entry_id__in=gone).delete()
    _stamp()
    return len(listed)


def number_of(text: str) -> int:
    """Return the number under which the vector of a text is kept."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def of_texts(texts: Iterable[str]) -> Vectors:
    """Return the vectors of texts, as far as they are known."""
    numbers = {number_of(text): text for text in texts}
    rows = Vector.objects.filter(
        kind=Indexed.STATEMENT, entry_id__in=numbers, model=embedding.MODEL
    )
    return {numbers[n]: _read(kept) for n, kept in rows.values_list("entry_id", "vector")}


@dataclass
class Matrix:
    """The vectors of all topics, one a row, in the order of their numbers."""

    stamp: bytes
    numbers: "numpy.ndarray"
    rows: "numpy.ndarray"

    def of(self, topics: list[int], values: "numpy.ndarray") -> dict[int, float]:
        """Return, of values one for each row, those of some topics that have a vector."""
        at = self.numbers.searchsorted(topics).clip(max=len(self.numbers) - 1)
        found = zip(topics, self.numbers[at].tolist(), values[at].tolist(), strict=True)
        return {topic: value for topic, number, value in found if topic == number}


_held: Matrix | None = None


def of_topics() -> Matrix | None:
    """Return the vectors of all topics, None if there are none. They are kept by this process, and
    read again only when one has changed."""
    global _held
    stamp = Vector.objects.filter(kind=Indexed.TOPIC, entry_id=STAMP).values_list("vector").first()
    if stamp is None:
        return None
    held = _held
    if held is None or held.stamp != bytes(stamp[0]):
        # What is read now may be newer than the stamp; it is then read once more than needed.
        held = _held = _read_all(bytes(stamp[0]))
    return held if len(held.numbers) else None


def _read_all(stamp: bytes) -> Matrix:
    import numpy

    rows = Vector.objects.filter(kind=Indexed.TOPIC, model=embedding.MODEL)
    found = list(rows.order_by("entry_id").values_list("entry_id", "vector"))
    numbers = numpy.array([number for number, _ in found], numpy.int64)
    kept = numpy.frombuffer(b"".join(kept for _, kept in found), numpy.float16)
    return Matrix(stamp, numbers, kept.reshape(-1, embedding.SIZE).astype(numpy.float32))


def _texts(numbers: Collection[int]) -> dict[int, Texts]:
    """Return the texts of listings by their numbers."""
    listings = Listing.objects.filter(pk__in=numbers).values_list("pk", "title", "summary")
    found = {pk: Texts(title, summary) for pk, title, summary in listings}
    rows = Statement.objects.filter(listing__in=found).order_by("listing", "position")
    for pk, text in rows.values_list("listing", "text"):
        found[pk].statements.append(plain(text))
    return found


def _write_topics(found: dict[int, Texts], made: Vectors | None = None) -> None:
    vectors = _read_or_embed({text for texts in found.values() for text in texts.all}, made)
    _write(Indexed.TOPIC, {pk: texts.vector(vectors) for pk, texts in found.items()})


def _read_or_embed(texts: set[str], made: Vectors | None = None) -> Vectors:
    """Return the vectors of texts; those that are new are made, if they were not, and written."""
    vectors, made = of_texts(texts), made or {}
    new = texts - vectors.keys()
    if new:
        given = {text: made[text] for text in new & made.keys()}
        given |= _embedded(new - made.keys())
        _write(Indexed.STATEMENT, {number_of(text): vector for text, vector in given.items()})
        vectors |= given
    return vectors


def _embedded(texts: set[str]) -> Vectors:
    new = sorted(texts)
    return dict(zip(new, embedding.embed(new), strict=True)) if new else {}


def _write(kind: Indexed, vectors: dict[int, "numpy.ndarray"]) -> None:
    Vector.objects.bulk_create(
        (
            Vector(kind=kind, entry_id=n, model=embedding.MODEL, vector=_kept(vector))
            # In one order, so that two who write the same never wait for each other in a circle.
            for n, vector in sorted(vectors.items())
        ),
        update_conflicts=True,
        unique_fields=["kind", "entry_id"],
        update_fields=["model", "vector"],
        batch_size=1000,
    )


def _stamp() -> None:
    row = Vector(kind=Indexed.TOPIC, entry_id=STAMP, model="", vector=os.urandom(8))
    Vector.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["kind", "entry_id"],
        update_fields=["model", "vector"],
    )


def _kept(vector: "numpy.ndarray") -> bytes:
    return vector.astype("<f2").tobytes()


def _read(kept: bytes | memoryview) -> "numpy.ndarray":
    import numpy

    return numpy.frombuffer(kept, "<f2").astype(numpy.float32)


def _unit(vector: "numpy.ndarray") -> "numpy.ndarray":
    import numpy

    return vector / numpy.linalg.norm(vector)
