"""The course of one therapy from day −30 to day +365: steps, windows of risk, recovery of cells."""

from therapies.charts import drawing
from therapies.charts.layout import Band, Bar
from therapies.charts.scale import COURSE
from therapies.choices import CellSource, CellSubset, Phase
from therapies.days import start
from topics.charts import Chart
from topics.choices import Certainty

NAME, TITLE = "course", "The course in one picture"
SUMMARY = (
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
    CellSource.PERIPHERAL_BLOOD: "blood graft",
    CellSource.BONE_MARROW: "marrow graft",
    CellSource.CORD_BLOOD: "cord blood graft",
}


def of_therapy(document: dict, links) -> list[Chart]:
    """Return the timeline of a therapy, none if too few of its rows have days.

    `links` (`topics.rendering.TopicLinks`) knows title and address of the complications.
    """
    tables = document.get("tables", {})
    bands = [
        Band("Steps", _steps(tables.get("steps", [])), "#table_steps"),
        Band("Risks", _risks(tables.get("risks", []), links), "#table_risks"),
        Band("Recovery of cells", _milestones(tables.get("milestones", [])), "#table_milestones"),
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
        title=TITLE,
        svg=drawing.both(NAME, drawn, COURSE, TITLE),
        summary=SUMMARY,
        tables=[(band.title, band.address.removeprefix("#")) for band in drawn],
        undrawn=[bar.title for band in bands for bar in band.bars if not bar.days],
    )]  # fmt: skip


def _steps(rows: list[dict]) -> list[Bar]:
    order = list(Phase)
    # Of steps that begin together, the earlier phase comes first.
    ranked = sorted(rows, key=lambda row: (_start(row), order.index(row["phase"])))
    return [Bar(row["title"], *_window(row), "step") for row in ranked]


def _risks(rows: list[dict], links) -> list[Bar]:
    return [
        Bar(
            links.title(row["complication"]),
            *_window(row),
            "risk",
            address=links.address(row["complication"]),
            detail=row.get("frequency", ""),
        )
        for row in sorted(rows, key=_start)
    ]


def _milestones(rows: list[dict]) -> list[Bar]:
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
    return [_milestone(row, names_graft=len(grafts) > 1) for row in ranked]


def _milestone(row: dict, *, names_graft: bool) -> Bar:
    cells = CellSubset(row["subset"]).label
    graft = row.get("cell_source") if names_graft else None
    return Bar(
        f"{cells}, {GRAFT_NAMES[graft]}" if graft in GRAFT_NAMES else cells,
        *_window(row),
        GRAFT_LOOKS.get(graft, GRAFT_LOOKS[""]),
        detail=milestone_detail(row),
        # Nothing recovers before there is a graft.
        opens_at=0,
    )


def milestone_detail(row: dict) -> str:
    """Return what is known of a milestone beside its days."""
    certainty = Certainty(row.get("certainty", Certainty.UNGRADED)).label
    return ". ".join(part for part in (row.get("threshold"), row.get("note"), certainty) if part)


def _window(row: dict) -> tuple[int | None, int | None]:
    return row.get("from_day"), row.get("to_day")


def _start(row: dict) -> int:
    return start(*_window(row))
