"""When lines of cells recover, graft by graft, after several therapies."""

from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from therapies.charts import drawing, layout, milestones
from therapies.charts.layout import Band, Bar
from therapies.charts.scale import RECOVERY
from therapies.choices import CellSource, CellSubset
from therapies.words import Speech
from topics.charts import Chart

NAME, TITLE = "recovery", gettext_lazy("Windows of recovery")
SUMMARY = gettext_lazy(
    "Days are counted from the infusion, day 0. The first weeks are drawn wider than the rest. A "
    "pointed end goes on beyond what is drawn, or is not known; a diamond is a single day. A range "
    "in some patients and a median of many look alike: read what stands beside the bar."
)
NAMES = {
    CellSource.PERIPHERAL_BLOOD: gettext_lazy("Blood graft"),
    CellSource.BONE_MARROW: gettext_lazy("Marrow graft"),
    CellSource.CORD_BLOOD: gettext_lazy("Cord blood graft"),
}

# Title and address of a therapy, and a milestone of it.
Found = tuple[str, str, dict]


def of_milestones(found: list[Found], table: tuple[str, str]) -> list[Chart]:
    """Return the chart of milestones, none if empty.

    They come in the order in which they are to be drawn; `table` is name and anchor of the table
    that holds the same.
    """
    speech, drawn, missing = Speech(), {}, []
    for one, bar in zip(found, _bars(found, speech), strict=True):
        subset = CellSubset(one[2]["subset"])
        if bar.days:
            drawn.setdefault(subset, []).append(bar)
        else:
            missing.append(format_html("{} ({})", subset.label, milestones.undrawn(bar)))
    if not drawn:
        return []
    bands = [Band(str(subset.label), bars) for subset, bars in drawn.items()]
    svg = drawing.both(NAME, bands, RECOVERY, str(TITLE), wide=layout.LISTED)
    key = milestones.key(NAME, [bar for band in bands for bar in band.bars])
    return [Chart(NAME, str(TITLE), svg, str(SUMMARY), [table], missing, key)]


def _bars(found: list[Found], speech: Speech) -> list[Bar]:
    addresses = {id(row): address for _, address, row in found}
    qualifiers = milestones.qualifiers(
        [row for *_, row in found], lambda row: (addresses[id(row)], row.get("cell_source"))
    )
    return [
        milestones.bar(
            row, title, qualifier, speech,
            address=address, before=_graft(row), is_content=True,
        )
        for (title, address, row), qualifier in zip(found, qualifiers, strict=True)
    ]  # fmt: skip


def _graft(row: dict) -> str:
    source = row.get("cell_source")
    return f"{NAMES[source]}: " if source in NAMES else ""
