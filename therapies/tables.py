"""What the pages of therapies, agents, conditions and complications show beside their text.

Each function takes rows as they stand in a Document and returns `topics.tables.Table`s in the
order of the page. The indications grid has its own module, `grid`.
"""

from collections.abc import Callable

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
    Phase,
    TherapyCategory,
    TrialPhase,
    TrialStatus,
)
from therapies.days import start, window
from therapies.words import Said, joined
from topics.choices import Certainty
from topics.tables import Cell, Row, Scale, ScaleItem, Table

REGISTRY = "https://clinicaltrials.gov/study/"

# A column: its heading, and how its cell is made of a row of the Document.
Column = tuple[str, Callable[[dict], Cell]]

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
    words = _by_label(row)
    against = words.get(_("Compared with"), "")
    if against:
        # Translators: the other treatment in a comparison.
        against = format_html(_("compared with: {words}"), words=against)
    detail = joined("; ", [words.get(_("In whom"), ""), against])
    return ScaleItem(row.cells[0], words.get(_("Result"), ""), detail, row)


def _risk(row: Row) -> ScaleItem:
    words = _by_label(row)
    return ScaleItem(row.cells[0], words.get(_("Frequency"), ""), words.get(_("When"), ""), row)


def _by_label(row: Row) -> dict[str, str]:
    """Return the words of the cells by the heading of their column."""
    return {
        cell.label: content(cell.text) if isinstance(cell, Said) else cell.text
        for cell in row.cells
    }


def _what_is_done(tables: dict, links) -> list[Table]:
    return [
        _table("agents", _("Agents"), by_day(tables.get("agents", [])), [
            (_("Agent"), _topic("agent", links)), (_("Role"), _choice("role", AgentRole)),
            (_("When"), _when), (_("Timing"), _text("timing")), (_("Note"), _text("note")),
        ]),
        _table("steps", _("Course, day by day"), in_course(tables.get("steps", [])), [
            (_("Step"), _text("title")), (_("When"), _when), (_("Phase"), _choice("phase", Phase)),
            (_("What happens"), _text("description")),
        ]),
    ]  # fmt: skip


def _what_comes_of_it(tables: dict, links) -> list[Table]:
    return [
        _table("risks", _("Risks"), by_day(tables.get("risks", [])), [
            (_("Complication"), _topic("complication", links)), (_("When"), _when),
            (_("Frequency"), _text("frequency")), (_("Risk factors"), _text("risk_factors")),
            (_("Monitoring"), _text("monitoring")), (_("Prevention"), _text("prevention")),
        ]),
        _table("benefits", _("Benefits"), tables.get("benefits", []), [
            (_("Outcome"), _text("outcome")), (_("In whom"), _text("population")),
            (_("Result"), _text("result")), (_("Compared with"), _text("comparator")),
        ]),
        _table("milestones", _("Recovery milestones"), by_day(tables.get("milestones", [])), [
            (_("Cells"), _choice("subset", CellSubset)), (_("When"), _when),
            (_("Threshold"), _text("threshold")), (_("Graft"), _choice("cell_source", CellSource)),
            (_("Note"), _text("note")),
        ]),
        _table("factors", _("What changes engraftment"), tables.get("engraftment_factors", []), [
            (_("Factor"), _text("factor")), (_("Effect"), _choice("effect", EngraftmentEffect)),
            (_("Note"), _text("note")),
        ]),
        _table("trials", _("Trials"), tables.get("trials", []), [
            (_("Trial"), _text("name")),
            (pgettext("of a trial in a registry", "Number"), _registry),
            (_("Phase"), _choice("phase", TrialPhase)),
            (_("Status"), _choice("status", TrialStatus)), (_("Result"), _text("result")),
        ]),
    ]  # fmt: skip


def _table(name: str, title: str, rows: list[dict], columns: list[Column]) -> Table:
    """Return a table without the columns in which no row says anything."""
    cells = [[make(row) for label, make in columns] for row in rows]
    used = [n for n in range(len(columns)) if any(row[n] for row in cells)]
    for row in cells:
        for column, cell in zip(columns, row, strict=True):
            cell.label = column[0]
    shown = [
        Row(
            cells=[made[n] for n in used],
            certainty=row.get("certainty", Certainty.UNGRADED),
            awaiting_check=row.get("awaiting_check", False),
            references=row.get("references", []),
        )
        for row, made in zip(rows, cells, strict=True)
    ]
    return Table(name, title, [columns[n][0] for n in used], shown)


def by_day(rows: list[dict]) -> list[dict]:
    """Return rows by their first day, those without days last, otherwise in the editor's order."""

    def key(row):
        days = row.get("from_day"), row.get("to_day")
        return days == (None, None), start(*days)

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


def _text(name: str) -> Callable[[dict], Cell]:
    return lambda row: Said(row.get(name, ""))


def _choice(name: str, choices) -> Callable[[dict], Cell]:
    return lambda row: Cell(str(choices(row[name]).label) if row.get(name) else "")


def _topic(name: str, links) -> Callable[[dict], Cell]:
    return lambda row: Said(links.title(row[name]), address=links.address(row[name]))


def _when(row: dict) -> Cell:
    return Cell(window(row.get("from_day"), row.get("to_day")))


def _registry(row: dict) -> Cell:
    number = row.get("registry_id", "")
    return Cell(number, address=f"{REGISTRY}{number}" if number else "")
