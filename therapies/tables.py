"""What the pages of therapies, agents, conditions and complications show beside their text.

Each function takes rows as they stand in a Document and returns `topics.tables.Table`s in the
order of the page. The indications grid has its own module, `grid`.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from hsc_portal.languages import content
from therapies.choices import (
    AgentRole,
    CellSource,
    CellSubset,
    ComplicationCategory,
    ConditionCategory,
    DonorType,
    EngraftmentEffect,
    GraftOrigin,
    Measure,
    Phase,
    TherapyCategory,
    TrialPhase,
    TrialStatus,
)
from therapies.days import order, start, window
from therapies.words import Said, amid, joined
from topics.choices import Certainty
from topics.tables import Cell, Row, Scale, ScaleItem, Table

REGISTRY = "https://clinicaltrials.gov/study/"


class Column(NamedTuple):
    """A column: the field that it shows, its heading, and how a cell is made of a row."""

    name: str
    label: str
    make: Callable[[dict], Cell]


FACT_LABELS = {
    "category": gettext_lazy("Category"),
    "graft_origin": gettext_lazy("Graft origin"),
    "donor_type": gettext_lazy("Donor"),
    "cell_source": gettext_lazy("Cell source"),
    "drug_class": pgettext_lazy("of medicines", "Class"),
    "mechanism": gettext_lazy("Mechanism"),
    "route": pgettext_lazy("of a medicine into the body", "Route"),
}
THERAPY_WORDS = {
    "category": TherapyCategory,
    "graft_origin": GraftOrigin,
    "donor_type": DonorType,
    "cell_source": CellSource,
}
CONDITION_WORDS = {"category": ConditionCategory}
COMPLICATION_WORDS = {"category": ComplicationCategory}


def facts(document: dict, words: dict | None = None) -> list[tuple[str, str]]:
    """Return label and words of each fact. `words` has the choices of those with a fixed choice."""
    given = document.get("facts", {})
    words = words or {}
    return [
        (str(label), str(words[name](given[name]).label) if name in words else given[name])
        for name, label in FACT_LABELS.items()
        if name in given
    ]


def of_therapy(tables: dict, links) -> list[Table]:
    """Return the tables of a therapy that have rows."""
    made = [*_what_is_done(tables, links), *_what_comes_of_it(tables, links)]
    return [table for table in made if table.rows]


def scales(made: list[Table]) -> list[Scale]:
    """Return benefits and risks to be weighed side by side; nothing if one of them is missing."""
    by_name = {table.name: table for table in made}
    if not {"benefits", "risks"} <= by_name.keys():
        return []
    benefits, risks = by_name["benefits"], by_name["risks"]
    return [
        Scale(_("Benefits"), [_benefit(row) for row in benefits.rows], benefits.anchor),
        Scale(_("Risks"), [_risk(row) for row in risks.rows], risks.anchor, is_risk=True),
    ]


def _benefit(row: Row) -> ScaleItem:
    words = _by_field(row)
    against = words.get("comparator", "")
    if against:
        # Translators: the other treatment in a comparison.
        against = format_html(_("compared with: {words}"), words=against)
    detail = joined("; ", [words.get("population", ""), against])
    return ScaleItem(row.cells[0], words.get("result", ""), detail, row)


def _risk(row: Row) -> ScaleItem:
    words = _by_field(row)
    return ScaleItem(row.cells[0], words.get("frequency", ""), words.get("when", ""), row)


def _by_field(row: Row) -> dict[str, str]:
    """Return the words of the cells by the field that each shows."""
    return {
        cell.name: content(cell.text) if isinstance(cell, Said) else cell.text for cell in row.cells
    }


def _what_is_done(tables: dict, links) -> list[Table]:
    return [
        _table("agents", _("Agents"), by_day(tables.get("agents", [])), [
            _topic("agent", _("Agent"), links), _choice("role", _("Role"), AgentRole),
            _when(), _text("timing", _("Timing")), _text("note", _("Note")),
        ]),
        _table("steps", _("Course, day by day"), in_course(tables.get("steps", [])), [
            _text("title", _("Step")), _when(), _choice("phase", _("Phase"), Phase),
            _text("description", _("What happens")),
        ]),
    ]  # fmt: skip


def _what_comes_of_it(tables: dict, links) -> list[Table]:
    return [
        _table("risks", _("Risks"), by_day(tables.get("risks", [])), [
            _topic("complication", _("Complication"), links), _when(),
            _text("frequency", _("Frequency")), _text("risk_factors", _("Risk factors")),
            _text("monitoring", _("Monitoring")), _text("prevention", _("Prevention")),
        ]),
        _table("benefits", _("Benefits"), tables.get("benefits", []), [
            _text("outcome", _("Outcome")), _text("population", _("In whom")),
            _text("result", _("Result")), _text("comparator", _("Compared with")),
        ]),
        _table("milestones", _("Recovery milestones"), by_day(tables.get("milestones", [])), [
            _choice("subset", _("Cells"), CellSubset), _when(), _text("population", _("In whom")),
            _text("threshold", _("Threshold")), _choice("cell_source", _("Graft"), CellSource),
            _text("note", _("Note")),
        ]),
        _table("factors", _("What changes engraftment"), tables.get("engraftment_factors", []), [
            _text("factor", _("Factor")), _choice("effect", _("Effect"), EngraftmentEffect),
            _text("note", _("Note")),
        ]),
        _table("trials", _("Trials"), tables.get("trials", []), [
            _text("name", _("Trial")),
            _registry(),
            _choice("phase", _("Phase"), TrialPhase),
            _choice("status", _("Status"), TrialStatus), _text("result", _("Result")),
        ]),
    ]  # fmt: skip


def _table(name: str, title: str, rows: list[dict], columns: list[Column]) -> Table:
    """Return a table without the columns in which no row says anything."""
    cells = [[column.make(row) for column in columns] for row in rows]
    used = [n for n in range(len(columns)) if any(row[n] for row in cells)]
    for row in cells:
        for column, cell in zip(columns, row, strict=True):
            cell.name, cell.label = column.name, column.label
    shown = [
        Row(
            cells=[made[n] for n in used],
            certainty=row.get("certainty", Certainty.UNGRADED),
            awaiting_check=row.get("awaiting_check", False),
            references=row.get("references", []),
        )
        for row, made in zip(rows, cells, strict=True)
    ]
    return Table(name, title, [columns[n].label for n in used], shown)


def by_day(rows: list[dict]) -> list[dict]:
    """Return rows by their first day, then by their last, those without days at the end.

    Otherwise they stay in the editor's order.
    """

    def key(row):
        days = row.get("from_day"), row.get("to_day")
        return days == (None, None), *order(*days)

    return sorted(rows, key=key)


def in_course(rows: list[dict]) -> list[dict]:
    """Return steps by day; one without days stands with its phase, before or after the infusion."""
    phases = list(Phase)
    infusion = phases.index(Phase.INFUSION)

    def key(row):
        phase = phases.index(row["phase"])
        if "from_day" in row or "to_day" in row:
            return 0, start(row.get("from_day"), row.get("to_day")), phase
        return (-1 if phase < infusion else 1 if phase > infusion else 0), 0, phase

    return sorted(rows, key=key)


def _text(name: str, label: str) -> Column:
    return Column(name, label, lambda row: Said(row.get(name, "")))


def _choice(name: str, label: str, choices) -> Column:
    def make(row: dict) -> Cell:
        return Cell(str(choices(row[name]).label) if row.get(name) else "")

    return Column(name, label, make)


def _topic(name: str, label: str, links) -> Column:
    def make(row: dict) -> Cell:
        return Said(links.title(row[name]), address=links.address(row[name]))

    return Column(name, label, make)


def _when() -> Column:
    return Column("when", _("When"), when)


def when(row: dict) -> Cell:
    """Return the days of a row, and below them what they are."""
    return Cell(window(row.get("from_day"), row.get("to_day")), note=measure(row))


def measure(row: dict) -> str:
    """Return what the days of a row are, as “range”, “” if nobody said."""
    return amid(str(Measure(row["measure"]).label)) if "measure" in row else ""


def _registry() -> Column:
    def make(row: dict) -> Cell:
        number = row.get("registry_id", "")
        return Cell(number, address=f"{REGISTRY}{number}" if number else "")

    return Column("registry_id", pgettext("of a trial in a registry", "Number"), make)
