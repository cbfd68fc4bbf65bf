"""What the pages of therapies, agents, conditions and complications show beside their text.

Each function takes rows as they stand in a Document and returns `topics.tables.Table`s in the
order of the page. The indications grid has its own module, `grid`.
"""

from collections.abc import Callable

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
from topics.choices import Certainty
from topics.tables import Cell, Row, Scale, ScaleItem, Table

REGISTRY = "https://clinicaltrials.gov/study/"

# A column: its heading, and how its cell is made of a row of the Document.
Column = tuple[str, Callable[[dict], Cell]]

FACT_LABELS = {
    "category": "Category",
    "graft_origin": "Graft origin",
    "donor_type": "Donor",
    "cell_source": "Cell source",
    "drug_class": "Class",
    "mechanism": "Mechanism",
    "route": "Route",
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
        (label, words[name](given[name]).label if name in words else given[name])
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
        Scale("Benefits", [_weighed(row, "Result", "In whom", "Compared with")
                           for row in benefits.rows], benefits.anchor),
        Scale("Risks", [_weighed(row, "Frequency", "When") for row in risks.rows],
              risks.anchor, is_risk=True),
    ]  # fmt: skip


def _weighed(row: Row, figure: str, *details: str) -> ScaleItem:
    words = {cell.label: cell.text for cell in row.cells}
    said = [
        f"{'compared with: ' if label == 'Compared with' else ''}{words[label]}"
        for label in details
        if words.get(label)
    ]
    return ScaleItem(row.cells[0], words.get(figure, ""), "; ".join(said), row)


def _what_is_done(tables: dict, links) -> list[Table]:
    return [
        _table("agents", "Agents", by_day(tables.get("agents", [])), [
            ("Agent", _topic("agent", links)), ("Role", _choice("role", AgentRole)),
            ("When", _when), ("Timing", _text("timing")), ("Note", _text("note")),
        ]),
        _table("steps", "Course, day by day", in_course(tables.get("steps", [])), [
            ("Step", _text("title")), ("When", _when), ("Phase", _choice("phase", Phase)),
            ("What happens", _text("description")),
        ]),
    ]  # fmt: skip


def _what_comes_of_it(tables: dict, links) -> list[Table]:
    return [
        _table("risks", "Risks", by_day(tables.get("risks", [])), [
            ("Complication", _topic("complication", links)), ("When", _when),
            ("Frequency", _text("frequency")), ("Risk factors", _text("risk_factors")),
            ("Monitoring", _text("monitoring")), ("Prevention", _text("prevention")),
        ]),
        _table("benefits", "Benefits", tables.get("benefits", []), [
            ("Outcome", _text("outcome")), ("In whom", _text("population")),
            ("Result", _text("result")), ("Compared with", _text("comparator")),
        ]),
        _table("milestones", "Recovery milestones", by_day(tables.get("milestones", [])), [
            ("Cells", _choice("subset", CellSubset)), ("When", _when),
            ("Threshold", _text("threshold")), ("Graft", _choice("cell_source", CellSource)),
            ("Note", _text("note")),
        ]),
        _table("factors", "What changes engraftment", tables.get("engraftment_factors", []), [
            ("Factor", _text("factor")), ("Effect", _choice("effect", EngraftmentEffect)),
            ("Note", _text("note")),
        ]),
        _table("trials", "Trials", tables.get("trials", []), [
            ("Trial", _text("name")), ("Number", _registry),
            ("Phase", _choice("phase", TrialPhase)), ("Status", _choice("status", TrialStatus)),
            ("Result", _text("result")),
        ]),
    ]  # fmt: skip


def _table(name: str, title: str, rows: list[dict], columns: list[Column]) -> Table:
    """Return a table without the columns in which no row says anything."""
    cells = [[make(row) for _, make in columns] for row in rows]
    used = [n for n in range(len(columns)) if any(row[n] for row in cells)]
    for row in cells:
        for (label, _), cell in zip(columns, row, strict=True):
            cell.label = label
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
    return lambda row: Cell(row.get(name, ""))


def _choice(name: str, choices) -> Callable[[dict], Cell]:
    return lambda row: Cell(choices(row[name]).label if row.get(name) else "")


def _topic(name: str, links) -> Callable[[dict], Cell]:
    return lambda row: Cell(links.title(row[name]), address=links.address(row[name]))


def _when(row: dict) -> Cell:
    return Cell(window(row.get("from_day"), row.get("to_day")))


def _registry(row: dict) -> Cell:
    number = row.get("registry_id", "")
    return Cell(number, address=f"{REGISTRY}{number}" if number else "")
