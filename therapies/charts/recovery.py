"""When lines of cells recover, graft by graft, after several therapies."""

import re
from collections import defaultdict

from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from therapies.charts import drawing, layout
from therapies.charts.layout import Band, Bar
from therapies.charts.scale import RECOVERY
from therapies.charts.timeline import GRAFT_LOOKS, certainty_of, milestone_detail, undrawn
from therapies.choices import CellSource, CellSubset
from therapies.words import Speech
from topics.charts import Chart

NAME, TITLE = "recovery", gettext_lazy("Windows of recovery")
SUMMARY = gettext_lazy(
    "Days are counted from the infusion, day 0. The first weeks are drawn wider than the rest. A "
    "pointed end goes on beyond what is drawn, or is not known; a diamond is a single day. Lines "
    "along a bar mean a blood graft, lines across it a marrow graft, dots a cord blood graft."
)
NAMES = {
    CellSource.PERIPHERAL_BLOOD: gettext_lazy("Blood graft"),
    CellSource.BONE_MARROW: gettext_lazy("Marrow graft"),
    CellSource.CORD_BLOOD: gettext_lazy("Cord blood graft"),
}


def of_milestones(found: list[tuple[str, str, dict]], table: tuple[str, str]) -> list[Chart]:
    """Return the chart of milestones, each with title and address of its therapy, none if empty.

    They come in the order in which they are to be drawn; `table` is name and anchor of the table
    that holds the same.
    """
    alike = defaultdict(list)
    for one in found:
        alike[_named(*one)].append(one[2])
    bands, missing, speech = [], [], Speech()
    for subset in CellSubset:
        bars = [
            _bar(*one, _difference(one[2], alike[_named(*one)]), speech)
            for one in found
            if one[2]["subset"] == subset
        ]
        missing += [
            format_html("{} ({})", subset.label, undrawn(bar)) for bar in bars if not bar.days
        ]
        if drawn := [bar for bar in bars if bar.days]:
            bands.append(Band(str(subset.label), drawn))
    if not bands:
        return []
    svg = drawing.both(NAME, bands, RECOVERY, str(TITLE), wide=layout.LISTED)
    return [Chart(NAME, str(TITLE), svg, str(SUMMARY), [table], missing)]


def _named(title: str, address: str, row: dict) -> tuple:
    """Return what the label of a milestone says, beside its days."""
    return address, row["subset"], row.get("cell_source")


def _difference(row: dict, alike: list[dict]) -> str:
    """Return what tells a milestone from others of the same label: threshold or note, in short."""
    if len(alike) == 1:
        return ""
    thresholds = {one.get("threshold", "") for one in alike}
    have_figures = all(re.search(r"\d", threshold) for threshold in thresholds)
    if have_figures and len(thresholds) == len(alike):
        return row["threshold"]
    return re.split(r"; |\. ", row.get("note", ""))[0]


def _bar(title: str, address: str, row: dict, difference: str, speech: Speech) -> Bar:
    source = row.get("cell_source")
    return Bar(
        f"{title} ({difference})" if difference else title,
        row.get("from_day"),
        row.get("to_day"),
        GRAFT_LOOKS.get(source, GRAFT_LOOKS[""]),
        address=address,
        detail=milestone_detail(row),
        opens_at=0,
        before=f"{NAMES[source]}: " if source in NAMES else "",
        grade=speech.label(certainty_of(row)),
        is_content=True,
        speech=speech,
    )
