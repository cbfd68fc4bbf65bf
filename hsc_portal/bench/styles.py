"""Printing a bibliography of 100 references: with nothing kept, from the table, and from memory.

Each is quoted beside the portal's own form, which needs no style. Asked are less than 300 ms with
nothing kept by the process, and less than 5 ms once it has them.
"""

import json
import os
import statistics
import time
from collections.abc import Callable

from hsc_portal.bench.speed import VAR

NUMBER, TIMES = 100, 5


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
    from django.conf import settings

    from references.shown import shown
    from references.styles import STYLES

    library = json.loads((settings.BASE_DIR / "references/content/references.json").read_text())
    items = library[:NUMBER]
    plain = _milliseconds(lambda: [shown(item) for item in items])
    print(f"{NUMBER} references in the portal's own form: {plain:.2f} ms", flush=True)
    for style in STYLES:
        _measure_style(items, style)


def _measure_style(items: list[dict], style: str) -> None:
    from django.db import connection

    from references import typesetting

    def cold() -> None:
        typesetting.forget()
        # A process that was just started has no connection either.
        connection.close()
        typesetting.typeset(items, style)

    began = time.perf_counter()
    typesetting.typeset(items, style)
    empty = (time.perf_counter() - began) * 1000
    filled = _milliseconds(cold)
    kept = _milliseconds(lambda: typesetting.typeset(items, style))
    print(
        f"{style}: {empty:.0f} ms with an empty table, {filled:.1f} ms with a filled one, "
        f"{kept:.2f} ms kept by the process",
        flush=True,
    )


def _milliseconds(work: Callable[[], object]) -> float:
    """Return the median of some runs."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
