"""What differs between two Documents of a topic: sections, statements, tables and all beside them.

Everything here is a pure function of the two Documents. A value is given as it stands in them;
what it is called on a page is said where it is shown (`topics.changes`). Statements are known by
their anchors, rows of a table by its key if it has one, and otherwise by how alike they are.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from topics import matching, words
from topics.choices import Certainty
from topics.matching import Pairs
from topics.words import ADDED, REMOVED, SAME, Piece

CHANGED, MOVED = "changed", "moved"

TEXTS = ("title", "summary", "note")
VALUES = ("slug", "language", "next_review")
LISTS = ("synonyms", "areas")
GRADING = ("certainty", "awaiting_check", "references", "citations")

_SUBHEADING = re.compile(r"^#{3,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


@dataclass(frozen=True)
class TableForm:
    """How the rows of a table are known: by its key, or by its fields; the first names a row."""

    fields: tuple[str, ...]
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Value:
    """A value that was changed; None stands for one that is not there."""

    name: str
    before: object
    after: object


@dataclass(frozen=True)
class Items:
    """What was added to a list and what was taken from it, whatever its order."""

    added: list = field(default_factory=list)
    removed: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.added or self.removed)


@dataclass(frozen=True)
class Grading:
    """What became of the grade of a statement or row and of what it rests on.

    `certainty` and `awaiting_check` are pairs of before and after, None if they stayed.
    `citations` has dicts with `key` and perhaps `locator`.
    """

    certainty: tuple[str, str] | None = None
    awaiting_check: tuple[bool, bool] | None = None
    citations: Items = field(default_factory=Items)

    def __bool__(self):
        return bool(self.certainty or self.awaiting_check or self.citations)


@dataclass(frozen=True)
class StatementDifference:
    """A statement that is `same`, `added`, `removed`, `changed` or only `moved`.

    `statement` is the one of the later Document, or of the earlier one if it was removed.
    `moved_from` is the heading under which it stood; "" if it moved within its section, None if
    it stayed where it was.
    """

    change: str
    statement: dict
    text: list[Piece]
    grading: Grading = field(default_factory=Grading)
    links: Items = field(default_factory=Items)
    moved_from: str | None = None


@dataclass(frozen=True)
class SectionDifference:
    """A section with all its statements in reading order, also those that were removed.

    `has_other_layout`: the Markdown differs although all its words and marks are the same.
    """

    change: str
    section: dict
    heading: list[Piece]
    statements: list[StatementDifference]
    kind: Value | None = None
    subheadings: Items = field(default_factory=Items)
    has_other_layout: bool = False


@dataclass(frozen=True)
class RowDifference:
    """A row that is `same`, `added`, `removed` or `changed`; `row` as in StatementDifference."""

    change: str
    row: dict
    values: list[Value] = field(default_factory=list)
    grading: Grading = field(default_factory=Grading)


@dataclass(frozen=True)
class TableDifference:
    """All rows of a table that is not the same, in the order of the later Document."""

    name: str
    rows: list[RowDifference]
    is_reordered: bool = False


@dataclass(frozen=True)
class Differences:
    """All that differs between two Documents; `sections` has those that are the same as well."""

    texts: dict[str, list[Piece]]
    values: list[Value]
    lists: dict[str, Items]
    facts: RowDifference
    sections: list[SectionDifference]
    sections_are_reordered: bool
    tables: list[TableDifference]
    codes: list[RowDifference]
    relations: Items
    references: list[RowDifference]

    def __bool__(self):
        beside = (self.texts, self.values, self.lists, self.tables, self.codes, self.references)
        return (
            any(map(bool, beside))
            or bool(self.relations)
            or self.sections_are_reordered
            or self.facts.change != SAME
            or any(section.change != SAME for section in self.sections)
        )


def between(before: dict, after: dict, forms: Mapping[str, TableForm]) -> Differences:
    """Return what differs between two Documents of one kind and of the present schema.

    `forms` has the form of each clinical table by its name.
    """
    old, new = before.get("sections", []), after.get("sections", [])
    pairs = _paired_sections(old, new)
    lists = {name: _items(before.get(name, []), after.get(name, [])) for name in LISTS}
    return Differences(
        texts={
            name: words.differences(before.get(name, ""), after.get(name, ""))
            for name in TEXTS
            if before.get(name) != after.get(name)
        },
        values=_values(before, after, VALUES),
        lists={name: items for name, items in lists.items() if items},
        facts=_row(before.get("facts", {}), after.get("facts", {})),
        sections=_sections(pairs, old, new),
        sections_are_reordered=_is_reordered(pairs),
        tables=_tables(_with_figures(before), _with_figures(after), forms),
        codes=_changed_rows(before.get("codes", []), after.get("codes", []), "system", "code"),
        relations=_items(before.get("relations", []), after.get("relations", [])),
        references=_changed_rows(before["references"], after["references"], "id"),
    )


def _paired_sections(old: list[dict], new: list[dict]) -> Pairs:
    """Pair sections by their anchors, and those with a new heading by the statements they share."""
    fixed = {section["anchor"] for section in old} & {section["anchor"] for section in new}

    def likeness(before: dict, after: dict) -> float:
        if {before["anchor"], after["anchor"]} & fixed:
            return float(before["anchor"] == after["anchor"])
        mine, others = _anchors(before), _anchors(after)
        return len(mine & others) / max(1, min(len(mine), len(others)))

    return matching.by_likeness(old, new, likeness)


def _anchors(section: dict) -> set[str]:
    return {statement["anchor"] for statement in section["statements"]}


def _is_reordered(pairs: Pairs) -> bool:
    places = [n for n, m in pairs if n is not None and m is not None]
    return places != sorted(places)


def _sections(pairs: Pairs, old: list[dict], new: list[dict]) -> list[SectionDifference]:
    homes = {
        statement["anchor"]: (section, statement)
        for section in old
        for statement in section["statements"]
    }
    kept = {statement["anchor"] for section in new for statement in section["statements"]}
    return [
        _section(old[n] if n is not None else None, new[m] if m is not None else None, homes, kept)
        for n, m in pairs
    ]


def _section(before: dict | None, after: dict | None, homes: dict, kept: set) -> SectionDifference:
    """Return what became of a section. `homes` has each earlier statement with its section."""
    found = _statements(before, after, homes, kept)
    section = after or before
    if before is None or after is None:
        heading = [Piece(ADDED if after else REMOVED, section["heading"])]
        return SectionDifference(heading[0].kind, section, heading, found)
    kinds = _values(before, after, ("kind",))
    subheadings = _items(*(_SUBHEADING.findall(each["body"]) for each in (before, after)))
    says_same = not (kinds or subheadings or before["heading"] != after["heading"]) and all(
        statement.change == SAME for statement in found
    )
    return SectionDifference(
        change=SAME if says_same and before["body"] == after["body"] else CHANGED,
        section=section,
        heading=words.differences(before["heading"], after["heading"]),
        statements=found,
        kind=kinds[0] if kinds else None,
        subheadings=subheadings,
        # A statement that left the section is told of where it is now.
        has_other_layout=says_same
        and before["body"] != after["body"]
        and _anchors(before) == _anchors(after),
    )


def _statements(
    before: dict | None, after: dict | None, homes: dict, kept: set
) -> list[StatementDifference]:
    old = before["statements"] if before else []
    new = after["statements"] if after else []
    pairs = matching.by_key(old, new, lambda statement: statement["anchor"])
    staying = matching.in_place(n for n, m in pairs if m is not None)
    found = []
    for n, m in pairs:
        if m is None:
            if old[n]["anchor"] not in kept:
                found.append(_one_sided(REMOVED, old[n]))
        elif new[m]["anchor"] not in homes:
            found.append(_one_sided(ADDED, new[m]))
        else:
            home, statement = homes[new[m]["anchor"]]
            moved_from = home["heading"] if n is None else None if n in staying else ""
            found.append(_statement(statement, new[m], moved_from))
    return found


def _one_sided(change: str, statement: dict) -> StatementDifference:
    return StatementDifference(change, statement, [Piece(change, statement["text"])])


def _statement(before: dict, after: dict, moved_from: str | None) -> StatementDifference:
    grading = _grading(before, after)
    links = _items(before.get("links", []), after.get("links", []))
    is_changed = before["text"] != after["text"] or grading or links
    return StatementDifference(
        change=CHANGED if is_changed else SAME if moved_from is None else MOVED,
        statement=after,
        text=words.differences(before["text"], after["text"]),
        grading=grading,
        links=links,
        moved_from=moved_from,
    )


def _with_figures(document: dict) -> dict:
    """Return the tables of a Document, its figures as one of them: they are known by a key, too."""
    return {"figures": document.get("figures", []), **document.get("tables", {})}


def _tables(before: dict, after: dict, forms: Mapping[str, TableForm]) -> list[TableDifference]:
    found = []
    for name in (name for name in forms if before.get(name) != after.get(name)):
        old, new = before.get(name, []), after.get(name, [])
        pairs = _paired_rows(old, new, forms[name])
        found.append(TableDifference(name, _rows(pairs, old, new), _is_reordered(pairs)))
    return found


def _paired_rows(old: list[dict], new: list[dict], form: TableForm) -> Pairs:
    if form.key:
        return matching.by_key(old, new, _picked(*form.key))
    names = [name for name in form.fields if name not in GRADING]
    return matching.by_likeness(old, new, matching.row_likeness(names))


def _changed_rows(old: list[dict], new: list[dict], *key: str) -> list[RowDifference]:
    pairs = matching.by_key(old, new, _picked(*key))
    return [row for row in _rows(pairs, old, new) if row.change != SAME]


def _rows(pairs: Pairs, old: list[dict], new: list[dict]) -> list[RowDifference]:
    return [
        RowDifference(ADDED, new[m])
        if n is None
        else RowDifference(REMOVED, old[n])
        if m is None
        else _row(old[n], new[m])
        for n, m in pairs
    ]


def _row(before: dict, after: dict) -> RowDifference:
    grading = _grading(before, after)
    values = _values(before, after, dict.fromkeys([*after, *before]))
    return RowDifference(CHANGED if values or grading else SAME, after, values, grading)


def _values(before: dict, after: dict, names: Iterable[str]) -> list[Value]:
    return [
        Value(name, before.get(name), after.get(name))
        for name in names
        if name not in GRADING and before.get(name) != after.get(name)
    ]


def _grading(before: dict, after: dict) -> Grading:
    grades = tuple(each.get("certainty", str(Certainty.UNGRADED)) for each in (before, after))
    checks = tuple(each.get("awaiting_check", False) for each in (before, after))
    return Grading(
        certainty=grades if grades[0] != grades[1] else None,
        awaiting_check=checks if checks[0] != checks[1] else None,
        citations=_items(citations(before), citations(after)),
    )


def citations(part: dict) -> list[dict]:
    """Return what a statement or row cites, as dicts with `key` and perhaps `locator`."""
    return part.get("citations") or [{"key": key} for key in part.get("references", [])]


def _items(before: list, after: list) -> Items:
    return Items(
        added=[item for item in after if item not in before],
        removed=[item for item in before if item not in after],
    )


def _picked(*names: str) -> Callable[[dict], tuple]:
    return lambda part: tuple(part.get(name, "") for name in names)
