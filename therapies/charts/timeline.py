"""The course of one therapy from day −30 to day +365: steps, windows of risk, recovery of cells."""

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hsc_portal.languages import content
from therapies.charts import drawing
from therapies.charts.layout import Band, Bar
from therapies.charts.scale import COURSE
from therapies.choices import CellSource, CellSubset, Phase
from therapies.days import start
from therapies.words import Speech
from topics.charts import Chart
from topics.choices import Certainty

NAME, TITLE = "course", gettext_lazy("The course in one picture")
SUMMARY = gettext_lazy(
    "Days are counted from the infusion, day 0. The first 100 days are drawn wider than the rest. "
    "A pointed end goes on beyond what is drawn, or is not known; a diamond is a single day."
)
# Fewer bars say no more than their table.
LEAST_BARS = 2

# How the bars of each graft are drawn; "" are several, or one that is not named.
GRAFT_LOOKS = {
    CellSource.PERIPHERAL_BLOOD: "blood",
    CellSource.BONE_MARROW: "marrow",
    CellSource.CORD_BLOOD: "cord",
    "": "any",
}
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
    milestones = _milestones(tables.get("milestones", []), speech)
    bands = [
        # Translators: the steps of a treatment, day by day.
        Band(_("Steps"), steps, "#table_steps"),
        Band(_("Risks"), risks, "#table_risks"),
        Band(_("Recovery of cells"), milestones, "#table_milestones"),
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
        undrawn=[undrawn(bar) for band in bands for bar in band.bars if not bar.days],
    )]  # fmt: skip


def undrawn(bar: Bar) -> str:
    """Return the name of a bar that has no days, as HTML that stands beside the chart."""
    title = content(bar.title) if bar.is_content else bar.title
    return format_html("{}{}", bar.before, title)


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
    earliest: dict[str, int] = {}
    for row in rows:
        earliest[row["subset"]] = min(earliest.get(row["subset"], _start(row)), _start(row))
    order = list(CellSubset)
    ranked = sorted(
        rows,
        key=lambda row: (earliest[row["subset"]], order.index(row["subset"]), _start(row)),
    )
    grafts = {row.get("cell_source") for row in rows} & GRAFT_NAMES.keys()
    named = {graft: str(GRAFT_NAMES[graft]) for graft in grafts} if len(grafts) > 1 else {}
    return [_milestone(row, named, speech) for row in ranked]


def _milestone(row: dict, named: dict[str, str], speech: Speech) -> Bar:
    """Return the recovery of a line of cells. `named` has the names of the grafts to be told."""
    cells = speech.label(CellSubset(row["subset"]))
    graft = row.get("cell_source") if named else None
    return Bar(
        f"{cells}, {named[graft]}" if graft in named else cells,
        *_window(row),
        GRAFT_LOOKS.get(graft, GRAFT_LOOKS[""]),
        detail=milestone_detail(row),
        grade=speech.label(certainty_of(row)),
        # Nothing recovers before there is a graft.
        opens_at=0,
        speech=speech,
    )


def milestone_detail(row: dict) -> str:
    """Return what is known of a milestone beside its days."""
    return ". ".join(part for part in (row.get("threshold"), row.get("note")) if part)


def certainty_of(row: dict) -> Certainty:
    return Certainty(row.get("certainty", Certainty.UNGRADED))


def _window(row: dict) -> tuple[int | None, int | None]:
    return row.get("from_day"), row.get("to_day")


def _start(row: dict) -> int:
    return start(*_window(row))
