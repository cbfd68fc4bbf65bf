"""What the charts say alike of a milestone: its look, in whom it was seen, what its days are."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from hsc_portal.languages import content
from therapies.charts import drawing
from therapies.charts.layout import Bar
from therapies.choices import CellSource, CellSubset, Measure
from therapies.days import order
from therapies.words import Speech, amid
from topics.choices import Certainty

# How the bars of each graft are drawn; "any" are several, or one that is not named.
ANY = "any"
LOOKS = {
    CellSource.PERIPHERAL_BLOOD: "blood",
    CellSource.BONE_MARROW: "marrow",
    CellSource.CORD_BLOOD: "cord",
}
KEY = {
    "blood": gettext_lazy("Blood graft: lines along the bar"),
    "marrow": gettext_lazy("Marrow graft: lines across the bar"),
    "cord": gettext_lazy("Cord blood graft: dots"),
    ANY: gettext_lazy("Any graft, or not stated which: plain bar"),
}


def look(row: dict) -> str:
    return LOOKS.get(row.get("cell_source"), ANY)


def key(name: str, bars: Iterable[Bar]) -> list[tuple[SafeString, str]]:
    """Return the key of a chart: a picture of each look of a graft that it has, and words."""
    used = {bar.look for bar in bars}
    return [(drawing.swatch(name, look), str(words)) for look, words in KEY.items() if look in used]


def subsets_by_day(rows: Iterable[dict]) -> list[CellSubset]:
    """Return the lines of cells by the day on which one of their windows begins.

    Of those that begin together the one whose window closes first comes first.
    """
    first: dict[CellSubset, tuple[float, float]] = {}
    for row in rows:
        subset = CellSubset(row["subset"])
        window = order(row.get("from_day"), row.get("to_day"))
        first[subset] = min(first.get(subset, window), window)
    named = list(CellSubset)
    return sorted(first, key=lambda subset: (first[subset], named.index(subset)))


def qualifiers(rows: list[dict], named: Callable[[dict], Hashable]) -> list[str]:
    """Return for each milestone in whom it was seen, and what tells it from others.

    `named` gives what else the label of a milestone says. Words of the content.
    """
    alike = defaultdict(list)
    for row in rows:
        alike[_told(row, named)].append(row)
    return [
        "; ".join(
            words
            for words in (row.get("population"), _difference(row, alike[_told(row, named)]))
            if words
        )
        for row in rows
    ]


def _told(row: dict, named: Callable[[dict], Hashable]) -> tuple:
    return named(row), row["subset"], row.get("population"), row.get("measure")


def _difference(row: dict, alike: list[dict]) -> str:
    """Return what tells a milestone from others of the same label: threshold or note, in short.

    A window that is open at its beginning says nothing without its threshold.
    """
    threshold = row.get("threshold", "")
    if len(alike) == 1:
        return threshold if row.get("from_day") is None else ""
    thresholds = {one.get("threshold", "") for one in alike}
    have_figures = all(re.search(r"\d", threshold) for threshold in thresholds)
    if have_figures and len(thresholds) == len(alike):
        return threshold
    return re.split(r"; |\. ", row.get("note", ""))[0]


def bar(row: dict, title: str, qualifier: str, speech: Speech, **more) -> Bar:
    """Return the bar of a milestone under a title. `more` are further fields of the bar."""
    measure = row.get("measure")
    return Bar(
        title,
        row.get("from_day"),
        row.get("to_day"),
        look(row),
        detail=". ".join(part for part in (row.get("threshold"), row.get("note")) if part),
        grade=speech.label(Certainty(row.get("certainty", Certainty.UNGRADED))),
        qualifier=qualifier,
        measure=amid(speech.label(Measure(measure))) if measure else "",
        # Nothing recovers before there is a graft.
        opens_at=0,
        speech=speech,
        **more,
    )


def undrawn(bar: Bar) -> str:
    """Return the name of a bar that has no days, as HTML that stands beside the chart."""
    parts = ((content(words) if is_content else words,) for words, is_content in bar.parts)
    return format_html_join("", "{}", parts)
