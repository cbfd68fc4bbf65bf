"""Which therapies there are for a condition, and how well they are supported.

Made of what is published: the therapies that name the condition as treated, and the cells of its
indications tables. Nothing is graded here; the entries of each scheme are counted as printed.
"""

from collections import Counter, defaultdict

from django.utils.translation import pgettext

from therapies import grid
from therapies.choices import CATEGORIES, EvidenceGrade, TransplantOption
from therapies.words import joined
from topics.choices import INVERSE_LABELS, Certainty, Kind, RelationKind
from topics.tables import Overview, Row, Share, Support


def of_condition(tables: dict, related: list[dict]) -> Overview | None:
    """Return the overview of a condition, None if nothing is known.

    `related` is that of its `Listing`.
    """
    treating = [
        topic
        for group in related
        if group["label"] == INVERSE_LABELS[RelationKind.TREATS]
        for topic in group["topics"]
        if topic["kind"] == Kind.THERAPY
    ]
    options = _options(tables)
    return Overview(treating, options) if treating or options else None


def _options(tables: dict) -> list[tuple[str, list[Support]]]:
    """Return each transplant option that a table grades, with what each scheme says of it."""
    found = defaultdict(list)
    for place, rows in grid.by_place(tables).items():
        for option in TransplantOption:
            if cells := [row for row in rows if row["option"] == option]:
                found[option].append(_support(place, cells))
    return [(str(option.label), found[option]) for option in TransplantOption if option in found]


def _support(place: grid.Place, cells: list[dict]) -> Support:
    scheme = place[0]
    alike = defaultdict(list)
    for cell in cells:
        alike[cell.get("category", "")].append(cell)
    # In the order of the scheme; what the copy at hand did not show comes last.
    order = [letter for letter in [*CATEGORIES[scheme], ""] if letter in alike]
    certainties = {cell.get("certainty", Certainty.UNGRADED) for cell in cells}
    return Support(
        scheme=grid.short_title(*place),
        anchor=f"table_{grid.name_of_table(*place)}",
        shares=[_share(scheme, letter, alike[letter], len(cells)) for letter in order],
        row=Row(
            cells=[],
            certainty=certainties.pop() if len(certainties) == 1 else "",
            awaiting_check=any(cell.get("awaiting_check") for cell in cells),
            references=sorted({key for cell in cells for key in cell.get("references", [])}),
        ),
    )


def _share(scheme: str, letter: str, cells: list[dict], total: int) -> Share:
    grades = {cell["evidence"] for cell in cells if "evidence" in cell}
    graded = grid.evidence([grade for grade in EvidenceGrade.values if grade in grades])
    return Share(
        letter,
        str(CATEGORIES[scheme][letter] if letter else grid.NOT_SHOWN),
        len(cells),
        total,
        joined("; ", [graded, *_doubts(cells, total)]),
    )


def _doubts(cells: list[dict], total: int) -> list[str]:
    """Return in words how many of the cells were read with how much doubt, among all."""
    found = Counter(cell.get("confidence") for cell in cells)
    return [
        f"{words}: {_counted(found[confidence], total)}" if total > 1 else str(words)
        for confidence, words in grid.DOUBTS.items()
        if found[confidence]
    ]


def _counted(number: int, total: int) -> str:
    # As the template counts the entries themselves.
    words = pgettext("entries of a table", "%(number)s of %(total)s")
    return words % {"number": number, "total": total}
