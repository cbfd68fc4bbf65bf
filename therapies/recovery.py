"""The page that sets the recovery of cells after all published therapies side by side."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from therapies.charts import recovery
from therapies.charts.milestones import subsets_by_day
from therapies.choices import CellSource, CellSubset
from therapies.days import start
from therapies.tables import when
from therapies.words import Said
from topics import numbering, pages, reading, rendering
from topics.choices import Certainty, Kind
from topics.models import Listing
from topics.reading import Reading, Readings
from topics.tables import Cell, Row, Table

NAME = "milestones"


def find() -> Readings:
    """Return the therapies that give milestones, by title, with two queries.

    Raises reading.Changed if one of them was withdrawn or renamed between the two.
    """
    has_rows = {"edition__revision__text__contains": '"milestones":['}
    therapies = Listing.objects.filter(kind=Kind.THERAPY, **has_rows).order_by("title", "pk")
    try:
        return reading.several(list(therapies.values_list("slug", flat=True)))
    except reading.NotPublished as error:
        raise reading.Changed(str(error)) from error


def key(found: Readings) -> tuple:
    """Return all that decides what the page says."""
    return ("recovery", *((one.edition_id, one.state, one.slug) for one in found))


def context(found: Readings) -> dict:
    """Return what the template is given: chart, table, references and what is to be told of them.

    Reads the editions with one query.
    """
    found.load()
    milestones = _milestones(found)
    table = _table(milestones)
    sources = rendering.Sources(
        numbers=numbering.number(key for row in table.rows for key in row.references),
        publications={item["id"]: item for one in found for item in one.document["references"]},
        flagged={key: flag for one in found for key, flag in one.flagged.items()},
    )
    for row in table.rows:
        pages.write_sources(row, sources)
    references = pages.references(sources, {})
    bars = [(one.document["title"], _address(one), row) for one, row in milestones]
    return {
        "charts": recovery.of_milestones(bars, (pgettext("the table", "below"), table.anchor)),
        "table": table,
        "references": references,
        "notices": [item["notice"] for item in references if item["notice"]],
    }


def _milestones(found: Readings) -> list[tuple[Reading, dict]]:
    """Return all milestones by cells, the earliest first, then by graft, then by day."""
    every = [
        (one, row) for one in found for row in one.document.get("tables", {}).get("milestones", [])
    ]
    cells, grafts = subsets_by_day([row for _, row in every]), [*CellSource, ""]

    def order(pair):
        row = pair[1]
        day = start(row.get("from_day"), row.get("to_day"))
        return cells.index(row["subset"]), grafts.index(row.get("cell_source", "")), day

    return sorted(every, key=order)


def _table(milestones: list[tuple[Reading, dict]]) -> Table:
    columns = [
        _("Cells"), _("Graft"), _("When"), _("In whom"), _("Threshold"), _("Note"), _("Therapy"),
    ]  # fmt: skip
    rows = [_row(*one) for one in milestones]
    for row in rows:
        for label, cell in zip(columns, row.cells, strict=True):
            cell.label = label
    return Table(NAME, _("Windows of recovery in a table"), columns, rows)


def _address(one: Reading) -> str:
    return f"{reverse('topic', args=[one.slug])}#table_milestones"


def _row(one: Reading, row: dict) -> Row:
    source = row.get("cell_source")
    cells = [
        Cell(str(CellSubset(row["subset"]).label)),
        Cell(str(CellSource(source).label) if source else ""),
        when(row),
        Said(row.get("population", "")),
        Said(row.get("threshold", "")),
        Said(row.get("note", "")),
        Said(one.document["title"], address=_address(one)),
    ]
    return Row(
        cells=cells,
        certainty=row.get("certainty", Certainty.UNGRADED),
        awaiting_check=row.get("awaiting_check", False),
        references=row.get("references", []),
    )
