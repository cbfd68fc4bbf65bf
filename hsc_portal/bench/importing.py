"""Bringing publications into the library: seconds and memory, beside saving them one by one."""

import io
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator

from hsc_portal.bench.speed import VAR

WORDS = (  # noqa: SIM905
    "cells graft host disease transplantation donor marrow blood outcome survival trial cohort "
    "risk factors after conditioning children adults of in with and the"
).split()
NAMES = ("Smith", "Wang", "Müller", "García", "Tanaka", "Kovács", "Rossi")
NAIVE = 500


def records(start: int, count: int) -> Iterator[str]:
    """Return records of RIS with what articles have: authors, identifiers and an abstract."""
    pick = random.Random(start)
    for n in range(start, start + count):
        authors = "".join(
            f"AU  - {pick.choice(NAMES)}, {chr(65 + n % 26)}\r\n" for _ in range(pick.randint(1, 9))
        )
        yield (
            f"TY  - JOUR\r\n{authors}TI  - {' '.join(pick.choices(WORDS, k=14))} {n}\r\n"
            f"T2  - Blood\r\nPY  - {1990 + n % 35}\r\nVL  - {n % 200}\r\nSP  - {n}\r\n"
            f"EP  - {n + 9}\r\nDO  - 10.1000/bench.{n}\r\nAN  - {30_000_000 + n}\r\n"
            f"DB  - PubMed\r\nAB  - {' '.join(pick.choices(WORDS, k=180))}\r\nER  - \r\n\r\n"
        )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hsc_portal.settings")
    os.environ.setdefault("HSC_PORTAL_VAR", str(VAR))
    from hsc_portal import database

    with database.lease():
        import django

        django.setup()
        from hsc_portal.bench.__main__ import empty_database

        with empty_database():
            measure()


def measure() -> None:
    from topics.content import loader_account
    from topics.library import importing

    actor = loader_account()
    for start, count in ((0, 1_000), (1_000, 10_000)):
        with tempfile.TemporaryFile() as file:
            file.writelines(record.encode() for record in records(start, count))
            file.seek(0)
            began = time.perf_counter()
            report = importing.run(file, actor=actor, source="bench")
            _tell(f"{report.new:,} records", report.new, began)
    began = time.perf_counter()
    _save_one_by_one(20_000)
    _tell(f"{NAIVE} saved one by one, not indexed", NAIVE, began)


def _tell(words: str, count: int, began: float) -> None:
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    each = seconds * 1000 / count
    print(f"{words}: {seconds:.1f} s, {each:.1f} ms each, at most {peak} MB", flush=True)


def _save_one_by_one(start: int) -> None:
    from references import formats
    from references.models import Reference

    text = "".join(records(start, NAIVE)).encode()
    for number, record in enumerate(formats.read(io.BytesIO(text))[1]):
        reference = Reference(key=f"naive{number}", csl=record.item)
        reference.full_clean()
        reference.save()


if __name__ == "__main__":
    main()
