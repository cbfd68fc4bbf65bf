"""The course of one therapy from day −30 to day +365: steps, windows of risk, recovery of cells."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from therapies.charts import drawing, milestones
from therapies.charts.layout import Band, Bar
from therapies.charts.scale import COURSE
from therapies.choices import CellSource, CellSubset, Phase
from therapies.days import start
from therapies.words import Speech
from topics.charts import Chart

NAME, TITLE = "course", gettext_lazy("The course in one picture")
SUMMARY = gettext_lazy(
    "Days are counted from the infusion, day 0. The first 100 days are drawn wider than the rest. "
    "A pointed end goes on beyond what is drawn, or is not known; a diamond is a single day."
)
# Fewer bars say no more than their table.
LEAST_BARS = 2

GRAFT_NAMES = {
    # Translators: behind the name of cells in a chart: “Neutrophils, blood graft”.
    CellSource.PERIPHERAL_BLOOD: gettext_lazy("blood graft"),
    CellSource.BONE_MARROW: gettext_lazy("marrow graft"),
    CellSource.CORD_BLOOD: gettext_lazy("cord blood graft"),
}


def of_therapy(document: dict, links) -> list[Chart]:
    """Return the timeline of a therapy, none if too few of its rows have days.

    `links` (`topics.rendering.TopicLinks`) knows title and address of the complications.
    """
    tables, speech = document.get("tables", {}), Speech()
    steps = _steps(tables.get("steps", []), speech)
    risks = _risks(tables.get("risks", []), links, speech)
    recovery = _milestones(tables.get("milestones", []), speech)
    bands = [
        # Translators: the steps of a treatment, day by day.
        Band(_("Steps"), steps, "#table_steps"),
        Band(_("Risks"), risks, "#table_risks"),
        Band(_("Recovery of cells"), recovery, "#table_milestones"),
    ]
    drawn = [
        Band(band.title, bars, band.address)
        for band in bands
        if (bars := [bar for bar in band.bars if bar.days])
    ]
    if sum(len(band.bars) for band in drawn) < LEAST_BARS:
        return []
    return [Chart(
        name=NAME,
        title=str(TITLE),
        svg=drawing.both(NAME, drawn, COURSE, str(TITLE)),
        summary=str(SUMMARY),
        tables=[(band.title, band.address.removeprefix("#")) for band in drawn],
        undrawn=[milestones.undrawn(bar) for band in bands for bar in band.bars if not bar.days],
        key=milestones.key(NAME, [bar for bar in recovery if bar.days]),
    )]  # fmt: skip


def _steps(rows: list[dict], speech: Speech) -> list[Bar]:
    order = list(Phase)
    # Of steps that begin together, the earlier phase comes first.
    ranked = sorted(rows, key=lambda row: (_start(row), order.index(row["phase"])))
    return [
        Bar(row["title"], *_window(row), "step", is_content=True, speech=speech) for row in ranked
    ]


def _risks(rows: list[dict], links, speech: Speech) -> list[Bar]:
    return [
        Bar(
            links.title(row["complication"]),
            *_window(row),
            "risk",
            address=links.address(row["complication"]),
            detail=row.get("frequency", ""),
            is_content=True,
            speech=speech,
        )
        for row in sorted(rows, key=_start)
    ]


def _milestones(rows: list[dict], speech: Speech) -> list[Bar]:
    """Return the recovery of each line of cells by day, grafts of one line together."""
    cells = milestones.subsets_by_day(rows)
    ranked = sorted(rows, key=lambda row: (cells.index(row["subset"]), _start(row)))
    grafts = {row.get("cell_source") for row in rows} & GRAFT_NAMES.keys()
    named = {graft: str(GRAFT_NAMES[graft]) for graft in grafts} if len(grafts) > 1 else {}

    def title(row: dict) -> str:
        subset, graft = speech.label(CellSubset(row["subset"])), row.get("cell_source")
        return f"{subset}, {named[graft]}" if graft in named else subset

    return [
        milestones.bar(row, title(row), qualifier, speech)
        for row, qualifier in zip(ranked, milestones.qualifiers(ranked, title), strict=True)
    ]


def _window(row: dict) -> tuple[int | None, int | None]:
    return row.get("from_day"), row.get("to_day")


def _start(row: dict) -> int:
    return start(*_window(row))
