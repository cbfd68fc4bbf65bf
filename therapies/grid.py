"""The indications grid of a condition: diseases and their status down, transplant options across.

One grid for each scheme, edition and population, since the same letter means different things.
"""

from collections import defaultdict

from django.utils.text import slugify

from therapies.choices import CATEGORIES, Confidence, Population, Scheme, TransplantOption
from topics.choices import Certainty
from topics.rendering import marks
from topics.tables import Cell, Row, Table

NOT_SHOWN = "not shown in the copy read"
NO_ENTRY = "no entry"


def of_condition(tables: dict) -> list[Table]:
    """Return a grid for each scheme, edition and population, in the order of the Document."""
    groups = defaultdict(list)
    for row in tables.get("indications", []):
        groups[row["scheme"], row["edition"], row["population"]].append(row)
    return [_grid(*key, rows) for key, rows in groups.items()]


def _grid(scheme: str, edition: str, population: str, rows: list[dict]) -> Table:
    used = {row["option"] for row in rows}
    options = [option for option in TransplantOption if option in used]
    lines = defaultdict(dict)
    for row in rows:
        lines[row["disease"], row.get("status", "")][row["option"]] = row
    named = f"{Scheme(scheme).label} {edition}"
    people = Population(population).label
    return Table(
        name=f"indications_{slugify(f'{scheme}-{edition}-{population}')}",
        title=f"Indications: {named}, {people.lower()}",
        columns=["Disease and status", *(option.label for option in options)],
        rows=[_row(scheme, options, *place, cells) for place, cells in lines.items()],
        caption=f"Categories of {named} for {people.lower()}, as printed",
        note=f"The letters are those of {named}. In another scheme or edition the same letter "
        "can mean something else.",
        legend_title=f"Letters of {named}",
        legend=list(CATEGORIES[scheme].items()),
        is_grid=True,
    )


def _row(scheme: str, options: list, disease: str, status: str, found: dict[str, dict]) -> Row:
    certainties = {cell.get("certainty", Certainty.UNGRADED) for cell in found.values()}
    is_same = len(certainties) == 1
    cells = [Cell(disease, note=status)]
    cells += [_cell(scheme, option, found.get(option), is_same) for option in options]
    return Row(
        cells=cells,
        # Cells that differ each say it themselves.
        certainty=certainties.pop() if is_same else "",
        awaiting_check=any(cell.get("awaiting_check") for cell in found.values()),
        references=sorted({key for cell in found.values() for key in cell.get("references", [])}),
        source="; ".join(dict.fromkeys(cell["source"] for cell in found.values())),
    )


def _cell(scheme: str, option, row: dict | None, is_same: bool) -> Cell:
    if row is None:
        return Cell(NO_ENTRY, label=option.label, is_missing=True)
    doubt = row.get("confidence", Confidence.HIGH) != Confidence.HIGH
    said = [
        f"evidence {row['evidence']}" if "evidence" in row else "",
        f"{row['confidence']} confidence in the reading" if doubt else "",
        row.get("note", ""),
    ]
    category = row.get("category", "")
    return Cell(
        CATEGORIES[scheme][category] if category else NOT_SHOWN,
        badge=category,
        note="; ".join(part for part in said if part),
        is_missing=not category,
        label=option.label,
        marks="" if is_same else _graded(row),
    )


def _graded(row: dict) -> str:
    return marks(row.get("certainty", Certainty.UNGRADED), False, bool(row.get("references")))
