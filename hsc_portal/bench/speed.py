"""Measure how fast search is: `make bench-search-speed TOPICS=50000 MEDQUAD=<folder or archive>`.

Topics made of the texts of MedQuAD (`hsc_portal.bench.medquad`) are published into a scratch
database by the portal's own functions, first a few, then the rest; after each step the same
queries are asked. Of each query it is measured how long the database took, from sending a statement
until its rows are there, and how long the whole took. `computing` is what the database's process
was busy with it, which does not depend on what else the machine does (Linux only).
"""

import os
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hsc_portal.bench import medquad

VAR = Path(__file__).resolve().parent.parent.parent / "var" / "bench"
FEW = 5_000
QUERIES = 200
# Tables that grow with the content, so that no search may read one from end to end.
GROWING = (
    "topics_listing", "topics_statement", "topics_posting", "topics_statementposting",
    "topics_lexeme", "topics_word", "topics_name", "topics_suggestion", "topics_publishedslug",
    "topics_listedcode", "topics_statementcitation", "references_reference",
)  # fmt: skip
PUBLISHED = 30
PLANNED = 20
MOST_WORDS = 12


@dataclass
class Times:
    """Milliseconds: one number for each thing that was measured."""

    database: list[float] = field(default_factory=list)
    computing: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        parts = []
        for name in ("database", "computing", "whole"):
            if values := getattr(self, name):
                parts.append(f"{name} {_told(values)}")
        return ", ".join(parts)


def _told(values: list[float]) -> str:
    """Return median and 95th percentile in words."""
    return f"median {statistics.median(values):.1f} ms p95 {_p95(values):.1f} ms"


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main(topics: int, path: Path) -> None:
    answered = medquad.read(path)
    if not answered:
        sys.exit(f"{path} has no questions with answers; it should be the folder of MedQuAD.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hsc_portal.settings")
    os.environ.setdefault("HSC_PORTAL_VAR", str(VAR))
    from hsc_portal import database

    with database.lease():
        import django

        django.setup()
        from hsc_portal.bench.__main__ import empty_database

        with empty_database():
            measure(list(medquad.topics(answered, topics)), queries(answered))


def measure(documents: list[dict], asked: list[str]) -> None:
    few = min(FEW, len(documents) // 2)
    publish(documents[:few])
    before = measure_search(few, asked)
    publish(documents[few:])
    after = measure_search(len(documents), asked)
    ratios = [
        f"{name} {_p95(getattr(after, name)) / _p95(getattr(before, name)):.1f}"
        for name in ("database", "computing", "whole")
        if getattr(after, name)
    ]
    say(f"p95 at {len(documents)} topics to p95 at {few}", ", ".join(ratios))
    report_scans(asked[:: len(asked) // PLANNED])
    measure_publishing()


def say(what: str, value: str) -> None:
    print(f"{what}: {value}", flush=True)


def publish(documents: list[dict]) -> None:
    from django.db import connection

    from hsc_portal.bench.collection import publish

    begin = time.perf_counter()
    publish(documents)
    seconds = time.perf_counter() - begin
    say(f"{len(documents)} topics published",
        f"{seconds:.0f} s, {seconds * 1000 / len(documents):.0f} ms each")  # fmt: skip
    # Autovacuum would do it in time.
    connection.cursor().execute("VACUUM (ANALYZE)")


def measure_search(topics: int, asked: list[str]) -> Times:
    from topics.search import query, results

    def find(words: str) -> None:
        results.find(query.parse(words))

    found = timed(find, asked)
    say(f"search, {topics} topics, {len(asked)} queries", str(found))
    try:
        from topics.search.suggesting import suggest
    except ImportError:
        return found
    say(f"suggestions, {topics} topics", str(timed(suggest, list(beginnings(asked)))))
    return found


def timed(action: Callable[[str], object], asked: list[str]) -> Times:
    """Do something for each query: once to warm up, then once more on the clock."""
    for words in asked:
        action(words)
    times = Times()
    for words in asked:
        with watched() as waited:
            begin, busy = time.perf_counter(), _busy()
            action(words)
            times.whole.append((time.perf_counter() - begin) * 1000)
        times.database.append(sum(waited) * 1000)
        if busy is not None:
            times.computing.append((_busy() - busy) / 1e6)
    return times


def report_scans(asked: list[str]) -> None:
    """Say which tables a search reads as a whole, by the plans of all its statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from topics.search import query, results

    with CaptureQueriesContext(connection) as captured:
        for words in asked:
            results.find(query.parse(words))
    scans = set().union(*(scanned(each["sql"]) for each in captured))
    say(f"tables read as a whole by any of {len(captured)} statements", ", ".join(scans) or "none")


def scanned(sql: str) -> set[str]:
    """Return the growing tables that a statement reads from end to end, or an index of them."""
    from django.db import connection

    if not sql.lstrip().startswith(("SELECT", "WITH")):
        return set()
    with connection.cursor() as cursor:
        # Past Django, which would take a % in it for a place of a value.
        cursor.cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    whole = set(re.findall(r"Seq Scan on (\w+)", plan))
    for node in plan.split("->"):
        by_index = re.search(r"Index (?:Only )?Scan (?:Backward )?using \w+ on (\w+)", node)
        if by_index and "Index Cond:" not in node:
            whole.add(by_index[1])
    return whole & set(GROWING)


@contextmanager
def watched() -> Iterator[list[float]]:
    """Note how long each statement takes until its rows are there, in seconds."""
    from django.db import connection

    waited: list[float] = []

    def watch(execute, *given):
        begin = time.perf_counter()
        try:
            return execute(*given)
        finally:
            waited.append(time.perf_counter() - begin)

    with connection.execute_wrapper(watch):
        yield waited


def _busy() -> int | None:
    """Return how many nanoseconds the process of our connection was busy till now, if known."""
    from django.db import connection

    connection.ensure_connection()
    path = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(path.read_text().split()[0]) if path.exists() else None


def queries(answered: list[medquad.Answered]) -> list[str]:
    """Return queries of 1 to 12 words: questions, words out of texts, and common words."""
    chosen = random.Random(1)
    texts = [" ".join(each.sentences).split() for each in answered]
    counted = Counter(word for words in texts for word in {word.lower() for word in words})
    common = [word for word, _ in counted.most_common(400) if word.isalpha() and len(word) > 3]
    found = []
    for n in range(QUERIES):
        length = n % MOST_WORDS + 1
        words = texts[chosen.randrange(len(texts))]
        start = chosen.randrange(max(len(words) - length, 1))
        kinds = [
            answered[chosen.randrange(len(answered))].question.split()[-length:],
            words[start : start + length],
            chosen.sample(words, min(length, len(words))),
            chosen.sample(common, length),
        ]
        found.append(" ".join(kinds[n // MOST_WORDS % len(kinds)]))
    return found


def beginnings(asked: list[str]) -> Iterator[str]:
    """Yield what is typed on the way to each query: the first letters, a word, or more."""
    for n, words in enumerate(asked):
        yield words[: 2 + n % 12]


def measure_publishing() -> None:
    """Time `publish_unreviewed` of one topic after a change, and the part of it that indexes."""
    from django.contrib.auth import get_user_model

    from topics import publishing
    from topics.models import Topic
    from topics.search import index

    user = get_user_model().objects.get(username="bench")
    whole, part, real = [], [], index.write_topics

    def write_topics(*written) -> None:
        begin = time.perf_counter()
        real(*written)
        part.append((time.perf_counter() - begin) * 1000)

    index.write_topics = write_topics
    try:
        for topic in Topic.objects.order_by("pk")[:PUBLISHED]:
            Topic.objects.filter(pk=topic.pk).update(summary=f"{topic.summary} More.")
            publishing.save_revision(topic, author=user)
            begin = time.perf_counter()
            publishing.publish_unreviewed([topic], publisher=user, change_note="Measured")
            whole.append((time.perf_counter() - begin) * 1000)
    finally:
        index.write_topics = real
    say("publishing one topic", f"index {_told(part)}, whole {_told(whole)}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit() or not sys.argv[2]:
        sys.exit("Say how many topics, and where MedQuAD is: its folder or archive.")
    main(int(sys.argv[1]), Path(sys.argv[2]))
