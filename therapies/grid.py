"""The indications grid of a condition: diseases and their status down, transplant options across.

One grid for each scheme, edition and population, since the same letter means different things.
"""

from collections import defaultdict
from itertools import groupby
from string import ascii_lowercase

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hsc_portal import languages
from hsc_portal.languages import content
from hsc_portal.typography import typeset
from therapies.choices import CATEGORIES, Confidence, Population, Scheme, TransplantOption
from therapies.words import Said, joined
from topics.choices import Certainty
from topics.rendering import marks
from topics.tables import Cell, Footnote, Row, Table

# Translators: stands in a cell of a table that somebody read for the portal.
NOT_SHOWN = gettext_lazy("not shown in the copy read")
# Translators: stands in a cell that the table as printed does not have.
NO_ENTRY = gettext_lazy("no entry")
# How sure the reading of a cell is, where it is in doubt.
DOUBTS = {
    Confidence.MEDIUM: gettext_lazy("medium confidence in the reading"),
    Confidence.LOW: gettext_lazy("low confidence in the reading"),
}


Place = tuple[str, str, str]


def of_condition(tables: dict) -> list[Table]:
    """Return a grid for each scheme, edition and population, in the order of the Document."""
    return [_grid(*place, rows) for place, rows in by_place(tables).items()]


def by_place(tables: dict) -> dict[Place, list[dict]]:
    """Return the cells of a condition by scheme, edition and population."""
    groups = defaultdict(list)
    for row in tables.get("indications", []):
        groups[row["scheme"], row["edition"], row["population"]].append(row)
    return groups


class _Notes:
    """The notes of one grid. What is said of several cells becomes a footnote."""

    def __init__(self, table: str, rows: list[dict]):
        self._table = table
        self._cells = defaultdict(set)
        for n, row in enumerate(rows):
            for clause in _clauses(row):
                self._cells[_capital(clause)].add(n)
        self._found: dict[str, Footnote] = {}

    @property
    def found(self) -> list[Footnote]:
        return list(self._found.values())

    def of(self, row: dict) -> tuple[str, list[Footnote]]:
        """Return what is said of this cell alone, and the footnotes that are about it too."""
        own, shared = [], []
        # What always stands together is one footnote.
        runs = groupby(_clauses(row), key=lambda clause: self._cells[_capital(clause)])
        for cells, run in runs:
            words = "; ".join(run)
            if len(cells) > 1:
                shared.append(self._footnote(_capital(words)))
            else:
                own.append(words)
        return "; ".join(own), shared

    def _footnote(self, words: str) -> Footnote:
        if words not in self._found:
            turns, n = divmod(len(self._found), len(ascii_lowercase))
            letter = ascii_lowercase[n] * (turns + 1)
            self._found[words] = Footnote(letter, words, f"{self._table}_note_{letter}")
        return self._found[words]


def _clauses(row: dict) -> list[str]:
    return [clause for clause in row.get("note", "").split("; ") if clause]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _grid(scheme: str, edition: str, population: str, rows: list[dict]) -> Table:
    used = {row["option"] for row in rows}
    options = [option for option in TransplantOption if option in used]
    lines = defaultdict(dict)
    for row in rows:
        lines[row["disease"], row.get("status", "")][row["option"]] = row
    named, name = name_of(scheme, edition), name_of_table(scheme, edition, population)
    notes = _Notes(name, rows)
    words = {"scheme": named, "people": languages.in_sentence(Population(population).label)}
    return Table(
        name=name,
        title=title_of(scheme, edition, population),
        columns=[_("Disease and status"), *(str(option.label) for option in options)],
        rows=[_row(scheme, options, notes, *place, cells) for place, cells in lines.items()],
        # Translators: “Categories of EBMT 2022 for adults, as printed”.
        caption=_("Categories of %(scheme)s for %(people)s, as printed") % words,
        note=note_of(scheme, edition),
        legend_title=_("Letters of %(scheme)s") % words,
        legend=list(CATEGORIES[scheme].items()),
        is_grid=True,
        footnotes=notes.found,
    )


def name_of_table(scheme: str, edition: str, population: str) -> str:
    return f"indications_{slugify(f'{scheme}-{edition}-{population}')}"


def name_of(scheme: str, edition: str) -> str:
    return f"{Scheme(scheme).label} {edition}"


def title_of(scheme: str, edition: str, population: str) -> str:
    people = languages.in_sentence(Population(population).label)
    # Translators: “Indications: EBMT 2022, adults”.
    words = _("Indications: %(scheme)s, %(people)s")
    return words % {"scheme": name_of(scheme, edition), "people": people}


def short_title(scheme: str, edition: str, population: str) -> str:
    people = languages.in_sentence(Population(population).label)
    # Translators: “EBMT 2022, adults”.
    return _("%(scheme)s, %(people)s") % {"scheme": name_of(scheme, edition), "people": people}


def evidence(grades: list[str]) -> str:
    """Return grades of evidence in words, “” if there are none."""
    # Translators: a grade, I to III: “evidence II”; or several: “evidence I, II”.
    return _("evidence %(grade)s") % {"grade": ", ".join(grades)} if grades else ""


def note_of(scheme: str, edition: str) -> str:
    """Return what must be known to read the letters of a scheme."""
    words = _(
        "The letters are those of %(scheme)s. In another scheme or edition the same letter can "
        "mean something else."
    )
    return words % {"scheme": name_of(scheme, edition)}


def _row(
    scheme: str, options: list, notes: _Notes, disease: str, status: str, found: dict[str, dict]
) -> Row:
    certainties = {cell.get("certainty", Certainty.UNGRADED) for cell in found.values()}
    is_same = len(certainties) == 1
    cells: list[Cell] = [Said(disease, note=status)]
    cells += [_cell(scheme, option, notes, found.get(option), is_same) for option in options]
    return Row(
        cells=cells,
        # Cells that differ each say it themselves.
        certainty=certainties.pop() if is_same else "",
        awaiting_check=any(cell.get("awaiting_check") for cell in found.values()),
        references=sorted({key for cell in found.values() for key in cell.get("references", [])}),
        source=content("; ".join(dict.fromkeys(cell["source"] for cell in found.values()))),
    )


def _cell(scheme: str, option, notes: _Notes, row: dict | None, is_same: bool) -> Cell:
    label = str(option.label)
    if row is None:
        return Cell(str(NO_ENTRY), label=label, is_missing=True)
    note, footnotes = notes.of(row)
    said = [
        evidence([row["evidence"]] if "evidence" in row else []),
        DOUBTS.get(row.get("confidence"), ""),
        content(typeset(note)),
    ]
    category = row.get("category", "")
    return Cell(
        str(CATEGORIES[scheme][category] if category else NOT_SHOWN),
        badge=category,
        note=joined("; ", said),
        is_missing=not category,
        label=label,
        marks="" if is_same else _graded(row),
        footnotes=footnotes,
    )


def _graded(row: dict) -> str:
    return marks(row.get("certainty", Certainty.UNGRADED), False, bool(row.get("references")))
