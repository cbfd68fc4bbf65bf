"""What is offered to who types: topics by each of their names, glossary terms, and questions.

Each is written down by every word that somebody may begin with, much as in the index of a book:
"disease / graft versus host". Both sides are spelled in one way (`key`), which must hold for a
beginning of a word as for the whole of it; so it goes letter by letter and knows no stems.

Written by `topics.search.index`, in the transaction that publishes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils.text import slugify

from hsc_portal.languages import permanent
from topics.models import GlossaryTerm, Listing
from topics.models.search import Offered, Suggestion
from topics.search import spelling, text

MOST = 20
SHORTEST, LONGEST = 2, 200
# How many words of a label it can begin with, and how many typed words are looked at.
MOST_BEGINNINGS, MOST_WORDS = 12, 8
LONGEST_WORDS = 400
# How many rows are gone through by words and by rank to find the best among them, where more begin
# alike; and how many of these are read, as one thing may be offered by several of its names.
NEAR, FAR, READ = 400, 20_000, 60

# Parts of a rank: a word inside a name is worse than its beginning, whatever it is the name of.
INNER = 10_000
TITLE, SYNONYM, TERM, OTHER_TERM, QUESTION = 0, 1_000, 2_000, 2_500, 3_000

WORD = re.compile(r"[^\W_]+")
SPLIT = re.compile(r"\b(\w{1,2}) (\w+)")
JOINT = re.compile(rf"(?<=\w)[{text.JOINTS}](?=\w)")
# British and American made one. What it does to other words is harmless, since both sides go
# through it.
SPELLINGS = (
    (re.compile(r"[ao]e|æ|œ"), "e"),
    (re.compile(r"ou"), "o"),
    (re.compile(r"(?<=\w)z"), "s"),
    (re.compile(r"\bsulph"), "sulf"),
)
# No word begins after it.
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that is offered. `hint` says what a synonym stands for, or of what a question is.

    `slug` is that of the topic it leads to, "" for the glossary; `anchor` the place in that page.
    """

    kind: Offered
    label: str
    hint: str
    slug: str
    anchor: str

    def get_absolute_url(self) -> str:
        page = permanent("topic", self.slug) if self.slug else permanent("glossary")
        return f"{page}#{self.anchor}" if self.anchor else page


def key(words: str) -> str:
    """Return words as they are compared: plain letters in one spelling, a space between words.

    >>> key("β-thalassaemia tumours")
    'beta thalassemia tumors'
    """
    spelled = " ".join(WORD.findall(text.plain(words)))
    for pattern, letters in SPELLINGS:
        spelled = pattern.sub(letters, spelled)
    return spelled


def joined(words: str) -> str:
    """Return the key of words whose parts are written as one: of G-CSF that of GCSF."""
    return key(JOINT.sub("", words))


# What common words look like as keys. ALL is a disease, and T a kind of cell.
COMMON = frozenset(key(word) for word in text.STOPWORDS - {"all", "t"})


# Asking.


def suggest(typed: str, limit: int = 8) -> list[Offer]:
    """Return at most `limit` things whose names go on as was typed, the best first.

    A word is put right if else nothing would be offered.
    """
    typed, limit = typed[:LONGEST], max(1, min(limit, MOST))
    if len(key(typed)) < SHORTEST:
        return []
    found = _find(typed, limit)
    if not found and (right := _put_right(typed)) != typed:
        found = _find(right, limit)
    return found


def _find(typed: str, limit: int) -> list[Offer]:
    """Return what goes on as was typed, then what has the words anywhere, then questions."""
    found = _Found(limit)
    for beginning in _beginnings(typed):
        found.add(_alike, beginning)
    asked = _asked(typed)
    if len(asked["words"]) > 1:
        found.add(_rows, IN_ANY_ORDER, asked)
    if half := _half_of_a_pair(key(typed)):
        found.add(_alike, half)
    found.add(_rows, QUESTIONS_ABOUT, asked)
    return found.offers


def _beginnings(typed: str) -> list[str]:
    """Return the keys that what is offered may begin with: G CSF may be written as one word."""
    whole = key(typed)
    found = dict.fromkeys([whole, joined(typed), SPLIT.sub(r"\1\2", whole)])
    return [beginning for beginning in found if len(beginning) >= SHORTEST]


def _asked(typed: str) -> dict[str, list[str]]:
    """Return what was typed word by word: `words` without those that say nothing, the `ends` of
    what begins with each, and `parts` of a text in which it stands."""
    words = key(typed).split()
    # The last one may be the beginning of another.
    said = [word for word in words[:-1] if word not in COMMON] + words[-1:]
    said = list(dict.fromkeys(said))[:MOST_WORDS]
    # A letter or two that are not the last word are a word, as in "T cell".
    parts = [f" {word} " if len(word) < 3 and word != words[-1] else f" {word}" for word in said]
    return {"words": said, "ends": [word + LAST for word in said], "parts": parts}


def _half_of_a_pair(words: str) -> str:
    """Return the key of `leukae` for that of `leuka`: who types the one may be about the other."""
    return f"{words[:-1]}e" if re.search(r"\w{3}[ao]$", words) else ""


def _put_right(typed: str) -> str:
    """Return what was typed with words of the content for those that nothing begins with."""
    words = (word for word in WORD.findall(typed)[:MOST_WORDS] if len(word) <= text.LONGEST)
    for word in dict.fromkeys(words):
        if not _rows(ANY, _range(key(word))) and (right := spelling.correction(text.plain(word))):
            typed = typed.replace(word, right)
    return typed


def _alike(beginning: str) -> list[tuple]:
    return _rows(ALIKE[min(len(beginning), 3)], _range(beginning))


def _range(beginning: str) -> dict:
    return {"start": beginning, "end": beginning + LAST}


def _rows(query: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


class _Found:
    """Gathers what is offered, each thing once."""

    def __init__(self, limit: int):
        self.limit = limit
        self.offers: list[Offer] = []
        self._things: set[tuple] = set()
        self._topics: set[str] = set()

    @property
    def is_full(self) -> bool:
        return len(self.offers) >= self.limit

    def add(self, ask: Callable[..., list[tuple]], *about) -> None:
        """Add what `ask` answers, which is not asked if there is enough."""
        for kind, number, *shown in [] if self.is_full else ask(*about):
            offer, thing = Offer(Offered(kind), *shown), (kind, number, shown[-1])
            # A term that is called as a topic would only say the same again.
            is_said = kind == Offered.TERM and offer.label.lower() in self._topics
            if thing in self._things or is_said or self.is_full:
                continue
            self.offers.append(offer)
            self._things.add(thing)
            if kind == Offered.TOPIC:
                self._topics.add(offer.label.lower())


# Writing.


def write_topics(written: Iterable[tuple[Listing, dict]]) -> None:
    """Offer topics and the questions that they answer; what was offered of them is gone."""
    Suggestion.objects.bulk_create(
        (row for listing, document in written for row in _of_topic(listing, document)),
        batch_size=5_000,
    )


def remove_topics(numbers: list[int]) -> None:
    kinds = [Offered.TOPIC, Offered.QUESTION]
    Suggestion.objects.filter(kind__in=kinds, entry_id__in=numbers).delete()


def write_terms(terms: Iterable[GlossaryTerm]) -> None:
    terms = list(terms)
    remove_terms([term.pk for term in terms])
    Suggestion.objects.bulk_create((row for term in terms for row in _of_term(term)), 5_000)


def remove_terms(pks: list[int]) -> None:
    Suggestion.objects.filter(kind=Offered.TERM, entry_id__in=pks).delete()


def tidy() -> None:
    """Take out what belongs to nothing that is there."""
    owned = Suggestion.objects.exclude(kind=Offered.TERM)
    owned.exclude(entry_id__in=Listing.objects.values("pk")).delete()
    terms = Suggestion.objects.filter(kind=Offered.TERM)
    terms.exclude(entry_id__in=GlossaryTerm.objects.values("pk")).delete()


def is_missing() -> bool:
    """Return whether nothing is offered of what is listed: so it is after an upgrade."""
    return Listing.objects.exists() and not Suggestion.objects.exists()


def _of_topic(listing: Listing, document: dict) -> Iterator[Suggestion]:
    owner = {"kind": Offered.TOPIC, "entry_id": listing.pk, "slug": listing.slug}
    called = owner | {"about": _about([listing.title, *listing.synonyms])}
    yield from _by_each_word(listing.title, TITLE, called)
    for name in listing.synonyms:
        yield from _by_each_word(name, SYNONYM, called | {"hint": listing.title})
    for section in document.get("sections", []):
        if section["heading"].endswith("?"):
            asked = {"kind": Offered.QUESTION, "hint": listing.title, "anchor": section["anchor"]}
            yield from _by_each_word(section["heading"], QUESTION, owner | asked)


def _of_term(term: GlossaryTerm) -> Iterator[Suggestion]:
    anchor = f"term_{slugify(term.term)}"
    others = [name for name in [term.abbreviation, *term.variants] if name]
    about = _about([term.term, *others])
    owner = {"kind": Offered.TERM, "entry_id": term.pk, "anchor": anchor, "about": about}
    yield from _by_each_word(term.term, TERM, owner)
    for name in others:
        yield from _by_each_word(name, OTHER_TERM, owner | {"hint": term.term})


def _about(names: list[str]) -> str:
    return " / ".join(key(name) for name in names)[:LONGEST_WORDS] if len(names) > 1 else ""


def _by_each_word(label: str, rank: int, owner: dict) -> Iterator[Suggestion]:
    """Yield a label by each word that somebody may begin with.

    Words with hyphens can be begun with as one word and as several.
    """
    before: dict[str, str] = {}
    for spelled in (key(label), joined(label)):
        words = spelled.split()
        for n, word in enumerate(words[:MOST_BEGINNINGS]):
            if not n or word not in COMMON:
                before.setdefault(" ".join(words[n:]), " ".join(words[:n]))
    for begun, rest in before.items():
        words = f"{begun} / {rest}" if rest else begun
        worth = rank + len(label) + (INNER if rest else 0)
        yield Suggestion(words=words[:LONGEST_WORDS], label=label, rank=worth, **owner)


COLUMNS = "kind, entry_id, label, hint, slug, anchor"
IN_RANGE = "words >= %(start)s AND words < %(end)s"
# What begins alike stands together: exact names first, by rank. Where that is too much, what shares
# the first letters is gone through by rank besides, which soon finds some. Indexes hold all that is
# gone through; only what is found is read.
ALIKE = {
    letters: f"""
        WITH near AS MATERIALIZED (
            SELECT id, words, rank FROM topics_suggestion
            WHERE {IN_RANGE} ORDER BY words, rank LIMIT {NEAR}
        ), best AS MATERIALIZED (
            SELECT id, words, rank FROM (
                SELECT id, words, rank FROM topics_suggestion
                WHERE left(words, {letters}) = left(%(start)s, {letters})
                AND (SELECT count(*) FROM near) >= {NEAR}
                ORDER BY rank LIMIT {FAR}
            ) ranked WHERE {IN_RANGE} ORDER BY rank LIMIT {READ}
        ), found AS MATERIALIZED (
            SELECT id, words = %(start)s AND rank < {INNER} AS is_exact
            FROM (SELECT * FROM near UNION SELECT * FROM best) alike
            ORDER BY 2 DESC, rank LIMIT {READ}
        )
        SELECT {COLUMNS} FROM found JOIN topics_suggestion USING (id)
        ORDER BY is_exact DESC, rank, label, hint
    """
    for letters in (2, 3)
}
# What was asked, and what begins with that of the words with which the least begins.
ASKED = f"""
    asked AS MATERIALIZED (
        SELECT word, last, part, (
            SELECT count(*) FILTER (WHERE {{among}}) FROM (
                SELECT rank FROM topics_suggestion
                WHERE words >= word AND words < last ORDER BY words LIMIT {NEAR}
            ) begun
        ) AS times
        FROM unnest(%(words)s::text[], %(ends)s::text[], %(parts)s::text[])
            AS each (word, last, part)
    ), rarest AS MATERIALIZED (
        SELECT word, last FROM asked WHERE times > 0 ORDER BY times, length(word) DESC LIMIT 1
    ), near AS MATERIALIZED (
        SELECT id, rank FROM (
            SELECT id, rank FROM topics_suggestion
            WHERE words >= (SELECT word FROM rarest) AND words < (SELECT last FROM rarest)
            ORDER BY words, rank LIMIT {NEAR}
        ) begun WHERE {{among}}
    )
"""
LACKS = "SELECT 1 FROM asked WHERE strpos(concat({}), part) = 0"
# Of that, what has words which the others begin.
IN_ANY_ORDER = f"""
    WITH {ASKED.format(among="true")}
    SELECT {COLUMNS} FROM near JOIN topics_suggestion USING (id)
    WHERE NOT EXISTS ({LACKS.format("' ', words, ' ', about, ' '")})
    ORDER BY topics_suggestion.rank, label, hint LIMIT {READ}
"""
# What the topics answer that a word names, if they or the question have the other words; in the
# order of the page, which is that of the rows.
QUESTIONS_ABOUT = f"""
    WITH {ASKED.format(among=f"rank %% {INNER} < {TERM}")}, named AS MATERIALIZED (
        SELECT topics_suggestion.* FROM (SELECT id FROM near ORDER BY rank LIMIT {READ}) first
        JOIN topics_suggestion USING (id)
    )
    SELECT {", ".join(f"asks.{name}" for name in COLUMNS.split(", "))}
    FROM named JOIN topics_suggestion asks
    ON asks.kind = {Offered.QUESTION} AND asks.entry_id = named.entry_id AND asks.rank < {INNER}
    WHERE NOT EXISTS ({LACKS.format("' ', named.words, ' ', named.about, ' ', asks.words, ' '")})
    ORDER BY named.rank, named.label, asks.id LIMIT {READ}
"""
ANY = f"SELECT 1 FROM topics_suggestion WHERE {IN_RANGE} LIMIT 1"
