"""What is shown of the differences between two Documents, in words for people.

`differences` says what differs; here it gets the names that fields, choices, topics and
publications have on a page, and unchanged parts are folded.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.urls import reverse
from django.utils import dateformat
from django.utils.text import capfirst

from references import csl
from topics import differences, words
from topics.choices import Area, Certainty, CodeSystem, RelationKind, SectionKind
from topics.differences import (
    ADDED,
    CHANGED,
    GRADING,
    MOVED,
    REMOVED,
    SAME,
    Grading,
    Items,
    RowDifference,
    SectionDifference,
    StatementDifference,
    TableDifference,
    TableForm,
    Value,
)
from topics.models import Code, Row, Topic
from topics.rendering import SHORT_WARNINGS, TopicLinks
from topics.words import Piece

LABELS = {
    "title": "Title",
    "summary": "Summary",
    "note": "Editors’ note",
    "slug": "Address",
    "language": "Language",
    "next_review": "Next review due",
    "synonyms": "Other name",
    "areas": "Area",
}
WHAT_HAPPENED = {ADDED: "Added", REMOVED: "Removed", MOVED: "Moved", CHANGED: "Changed"}
# A text of more characters is shown word by word, a shorter one as before and after.
SHORT = 40


@dataclass
class Note:
    """One thing that changed: as `pieces`, as before and after, or only added or only removed."""

    label: str
    before: str = ""
    after: str = ""
    pieces: list[Piece] = field(default_factory=list)
    address: str = ""
    warning: str = ""


@dataclass
class Part:
    """A statement or a row of a table. `given` tells of what is new or gone how it was graded."""

    change: str
    label: str
    pieces: list[Piece]
    notes: list[Note] = field(default_factory=list)
    given: list[Note] = field(default_factory=list)
    anchor: str = ""


@dataclass
class Fold:
    """Parts side by side that did not change, to be opened by who wants them."""

    parts: list


@dataclass
class Group:
    """A section or table: its heading, what is to be said of it as a whole, its parts and folds."""

    heading: list[Piece]
    notes: list[Note]
    parts: list
    count: int = 0
    label: str = ""
    is_layout_only: bool = False


def forms_of(model: type[Topic]) -> dict[str, TableForm]:
    """Return how the rows of a kind's tables are known, by the name of the table."""
    return {name: _form_of(model.row_model(name)) for name in model.TABLES}


def _form_of(row: type[Row]) -> TableForm:
    fields = sorted(row.DOCUMENT_FIELDS, key=lambda name: name != row.NAMED_BY)
    return TableForm(tuple(fields), row.KEY)


def shown(before: dict, after: dict, flagged: dict[str, dict], links: TopicLinks) -> dict:
    """Return what a template is given of the differences between two Documents of one kind.

    `flagged` has, by key, each cited reference that readers must be warned of; `links` knows the
    titles of topics.
    """
    model = Topic.class_for(after["kind"])
    forms = forms_of(model)
    found = differences.between(before, after, forms)
    teller = Teller(model, forms, before, after, flagged, links)
    return {
        "is_same": not found,
        "tally": tally(found),
        "texts": [Note(LABELS[name], pieces=pieces) for name, pieces in found.texts.items()],
        "basics": teller.basics(found),
        "facts": teller.facts(found.facts),
        "sections": folded(found.sections, teller.section),
        "sections_are_reordered": found.sections_are_reordered,
        "tables": [teller.table(table) for table in found.tables],
        "codes": [note for row in found.codes for note in teller.code(row)],
        "relations": teller.relations(found.relations),
        "references": [teller.reference(row) for row in found.references],
    }


def folded(changed: list, tell) -> list:
    """Return what `tell` makes of each, those that did not change in folds."""
    made = []
    for is_same, run in groupby(changed, key=lambda each: each.change == SAME):
        told = [tell(each) for each in run]
        made += [Fold(told)] if is_same else told
    return made


def tally(found: differences.Differences) -> list[str]:
    """Return in words how much changed, the weightiest first."""
    statements = [statement for section in found.sections for statement in section.statements]
    rows = [row for table in found.tables for row in table.rows]
    what = Counter(statement.change for statement in statements)
    of_rows = Counter(row.change for row in rows)
    counts = [
        (what[ADDED], "statement", "added"),
        (what[REMOVED], "statement", "removed"),
        (sum(_is_reworded(each) for each in statements), "statement", "reworded"),
        (sum(bool(each.grading.certainty) for each in statements), "statement", "graded anew"),
        (sum(bool(each.grading.citations) for each in statements), "statement", "with new sources"),
        (sum(each.moved_from is not None for each in statements), "statement", "moved"),
        (of_rows[ADDED], "table row", "added"),
        (of_rows[REMOVED], "table row", "removed"),
        (of_rows[CHANGED], "table row", "changed"),
        (what[SAME], "statement", "unchanged"),
    ]
    return [f"{n} {noun}{'s' * (n != 1)} {verb}" for n, noun, verb in counts if n]


def _is_reworded(statement: StatementDifference) -> bool:
    return statement.change == CHANGED and any(piece.kind != SAME for piece in statement.text)


class Teller:
    """Tells of differences in the words of the portal."""

    def __init__(self, model, forms, before: dict, after: dict, flagged: dict, links: TopicLinks):
        self.model, self.forms = model, forms
        self.publications = {item["id"]: item for item in before["references"]}
        self.publications |= {item["id"]: item for item in after["references"]}
        self.before = {item["id"]: item for item in before["references"]}
        self.flagged, self.links = flagged, links

    def basics(self, found: differences.Differences) -> list[Note]:
        notes = [
            Note(LABELS[value.name], *(_basic(value.name, v) for v in (value.before, value.after)))
            for value in found.values
        ]
        for name, items in found.lists.items():
            notes += _listed(LABELS[name], items, lambda item, name=name: _basic(name, item))
        return notes

    def facts(self, row: RowDifference) -> list[Note]:
        values = sorted(row.values, key=lambda value: self.model.FACTS.index(value.name))
        return [self._value(self.model, value) for value in values] + self._grading(row.grading)

    def section(self, section: SectionDifference) -> Group:
        notes = _listed("Subheading", section.subheadings, str)
        if section.kind:
            kinds = (SectionKind(kind).label for kind in (section.kind.before, section.kind.after))
            notes.append(Note("Kind of section", *kinds))
        return Group(
            heading=section.heading,
            notes=notes,
            parts=folded(section.statements, self.statement),
            count=len(section.statements),
            label=WHAT_HAPPENED[section.change] if section.change in (ADDED, REMOVED) else "",
            is_layout_only=section.has_other_layout,
        )

    def statement(self, found: StatementDifference) -> Part:
        notes = self._grading(found.grading)
        notes += _listed("Link", found.links, self.links.title)
        if found.moved_from is not None:
            place = f"“{found.moved_from}”" if found.moved_from else "elsewhere in this section"
            notes.insert(0, Note(f"Moved here from {place}"))
        return Part(
            change=found.change,
            label=_label(found),
            pieces=found.text,
            notes=notes,
            given=self._given(found.statement) if found.change in (ADDED, REMOVED) else [],
            anchor=found.statement["anchor"] if found.change != REMOVED else "",
        )

    def table(self, table: TableDifference) -> Group:
        form, model = self.forms[table.name], self.model.row_model(table.name)

        def tell(row: RowDifference) -> Part:
            return self._row(row, form, model)

        return Group(
            heading=[Piece(SAME, capfirst(table.name.replace("_", " ")))],
            notes=[Note("The rows are in another order")] if table.is_reordered else [],
            parts=folded(table.rows, tell),
            count=len(table.rows),
        )

    def code(self, row: RowDifference) -> list[Note]:
        name = f"{CodeSystem(row.row['system']).label} {row.row['code']}"
        if row.change == CHANGED:
            values = [self._value(Code, value) for value in row.values]
            return [
                Note(f"{name}, {value.label.lower()}", value.before, value.after, value.pieces)
                for value in values
            ]
        return _listed("Code", _one_sided(row), lambda _: name)

    def relations(self, relations: Items) -> list[Note]:
        def name(relation: dict) -> str:
            return f"{RelationKind(relation['kind']).label} {self.links.title(relation['target'])}"

        return _listed("Relation", relations, name)

    def reference(self, row: RowDifference) -> Note:
        key = row.row["id"]
        if row.change == CHANGED:
            printed = (_printed(items[key]) for items in (self.before, self.publications))
            note = Note("Record mended", pieces=words.differences(*printed))
        else:
            note = _listed("Publication", _one_sided(row), _printed)[0]
        note.address, note.warning = reverse("reference", args=[key]), self._warning(key)
        return note

    def _row(self, row: RowDifference, form: TableForm, model) -> Part:
        naming = form.key or form.fields[:1]
        filled = [name for name in form.fields if name in row.row and name not in GRADING]
        name = [
            _words_of(model, each, row.row[each], self.links) for each in naming if each in filled
        ]
        values = sorted(row.values, key=lambda value: form.fields.index(value.name))
        given = [
            Note(_field_label(model, each), after=_words_of(model, each, row.row[each], self.links))
            for each in filled
            if each not in naming
        ]
        is_whole = row.change in (ADDED, REMOVED)
        return Part(
            change=row.change,
            label=WHAT_HAPPENED.get(row.change, ""),
            pieces=[Piece(row.change if is_whole else SAME, ", ".join(name))],
            notes=[self._value(model, value) for value in values] + self._grading(row.grading),
            given=given + self._given(row.row) if is_whole else [],
        )

    def _value(self, model, value: Value) -> Note:
        before, after = (
            _words_of(model, value.name, each, self.links) for each in (value.before, value.after)
        )
        label = _field_label(model, value.name)
        if before and after and max(len(before), len(after)) > SHORT:
            return Note(label, pieces=words.differences(before, after))
        return Note(label, before, after)

    def _grading(self, grading: Grading) -> list[Note]:
        notes = []
        if grading.certainty:
            notes.append(Note("Certainty", *(_grade(value) for value in grading.certainty)))
        if grading.awaiting_check:
            states = ("awaited" if awaits else "done" for awaits in grading.awaiting_check)
            notes.append(Note("Source check", *states))
        return notes + self._citations(grading.citations)

    def _citations(self, citations: Items) -> list[Note]:
        """Return what was cited anew or no more; another place in one publication as one note."""
        removed, notes = list(citations.removed), []
        for cited in citations.added:
            same = next((each for each in removed if each["key"] == cited["key"]), None)
            if same:
                removed.remove(same)
                places = [each.get("locator", "the whole work") for each in (same, cited)]
                notes.append(self._cited(f"Place in {self._name(cited['key'])}", cited, *places))
            else:
                notes.append(self._cited("Source added", cited, "", self._source(cited)))
        gone = [self._cited("Source removed", each, self._source(each)) for each in removed]
        return notes + gone

    def _cited(self, label: str, cited: dict, before: str = "", after: str = "") -> Note:
        key = cited["key"]
        address = reverse("reference", args=[key])
        return Note(label, before, after, address=address, warning=self._warning(key))

    def _given(self, part: dict) -> list[Note]:
        """Return the grade of a statement or row and what it rests on."""
        notes = [Note("Certainty", after=_grade(part.get("certainty", Certainty.UNGRADED)))]
        if part.get("awaiting_check"):
            notes.append(Note("Source check", after="awaited"))
        cited = differences.citations(part)
        notes += [self._cited("Source", each, "", self._source(each)) for each in cited]
        return notes if cited else [*notes, Note("Source", after="none")]

    def _source(self, cited: dict) -> str:
        return ", ".join(filter(None, [self._name(cited["key"]), cited.get("locator")]))

    def _name(self, key: str) -> str:
        return csl.short_name(self.publications[key])

    def _warning(self, key: str) -> str:
        return SHORT_WARNINGS[self.flagged[key]["status"]] if key in self.flagged else ""


def _label(found: StatementDifference) -> str:
    if found.change != CHANGED:
        return WHAT_HAPPENED.get(found.change, "")
    if _is_reworded(found):
        return "Reworded"
    if found.grading.certainty:
        return "Graded anew"
    return "Same words"


def _listed(label: str, items: Items, name) -> list[Note]:
    added = [Note(f"{label} added", after=name(item)) for item in items.added]
    return added + [Note(f"{label} removed", before=name(item)) for item in items.removed]


def _one_sided(row: RowDifference) -> Items:
    return Items([row.row], []) if row.change == ADDED else Items([], [row.row])


def _grade(certainty: str) -> str:
    return Certainty(certainty).label.lower().removesuffix(" certainty")


def _basic(name: str, value) -> str:
    if name == "areas":
        return Area(value).label
    if name == "next_review" and value:
        return dateformat.format(date.fromisoformat(value), "j F Y")
    return value or ""


def _field_label(model, name: str) -> str:
    return capfirst(str(model._meta.get_field(name).verbose_name))


def _words_of(model, name: str, value, links: TopicLinks) -> str:
    """Return a value of a Document as a page says it."""
    column = model._meta.get_field(name)
    # What a Document leaves out has its default.
    value = column.get_default() if value is None else value
    if value is None or value == "":
        return ""
    if column.is_relation:
        return links.title(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return str(dict(column.flatchoices).get(value, value))


def _printed(item: dict) -> str:
    """Return a publication with all that it is found by, as one line."""
    parts = [csl.authors(item), str(item["title"]).rstrip("."), csl.source(item)]
    parts += [f"{name} {item[name]}" for name in ("DOI", "PMID", "PMCID") if item.get(name)]
    return ". ".join(part.rstrip(".") for part in parts if part)
