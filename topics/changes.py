"""What is shown of the differences between two Documents, in words for people.

`differences` says what differs; here it is put into the words that readers know, those that
`naming` has for fields and values among them, and unchanged parts are folded.
"""

from dataclasses import dataclass, field
from itertools import groupby

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from hsc_portal import languages
from topics import differences, naming, picturing, words
from topics.addresses import of_figure
from topics.choices import CodeSystem, RelationKind, SectionKind, relation_words
from topics.desk.tally import FIGURES, is_reworded, row_place, statement_place, tally
from topics.differences import (
    ADDED,
    CHANGED,
    GRADING,
    MOVED,
    REMOVED,
    SAME,
    Items,
    RowDifference,
    SectionDifference,
    StatementDifference,
    TableDifference,
    TableForm,
    Value,
)
from topics.gradings import GradingTeller, Note
from topics.models import Code, Row, Topic
from topics.rendering import TopicLinks
from topics.words import Piece

WHAT_HAPPENED = {
    ADDED: pgettext_lazy("change", "Added"),
    REMOVED: pgettext_lazy("change", "Removed"),
    MOVED: pgettext_lazy("change", "Moved"),
    CHANGED: pgettext_lazy("change", "Changed"),
}
# What came to a list, and what went from it.
LISTED = {
    "synonyms": (_("Other name added"), _("Other name removed")),
    "areas": (_("Area added"), _("Area removed")),
    "subheadings": (_("Subheading added"), _("Subheading removed")),
    "links": (_("Link added"), _("Link removed")),
    "codes": (_("Code added"), _("Code removed")),
    "relations": (_("Relation added"), _("Relation removed")),
    "references": (_("Publication added"), _("Publication removed")),
}
# A text of more characters is shown word by word, a shorter one as before and after.
SHORT = 40


@dataclass
class Part:
    """A statement or a row of a table. `given` tells of what is new or gone how it was graded.

    `place` is its id on the page.
    """

    change: str
    label: str
    pieces: list[Piece]
    notes: list[Note] = field(default_factory=list)
    given: list[Note] = field(default_factory=list)
    anchor: str = ""
    place: str = ""


@dataclass
class Fold:
    """Parts side by side that did not change, to be opened by who wants them."""

    parts: list


@dataclass
class Group:
    """A section or table: its heading, what is to be said of it as a whole, its parts and folds.

    `label` is the name of a table, or what happened to a section.
    """

    heading: list[Piece]
    notes: list[Note]
    parts: list
    count: int = 0
    label: str = ""
    is_layout_only: bool = False
    # What each part of it is: a statement, a row or a figure.
    noun: str = "statement"


def forms_of(model: type[Topic]) -> dict[str, TableForm]:
    """Return how the rows of a kind's tables are known, by the name of the table."""
    return {name: _form_of(model.row_model(name)) for name in ("figures", *model.TABLES)}


def _form_of(row: type[Row]) -> TableForm:
    fields = sorted(row.DOCUMENT_FIELDS, key=lambda name: name != row.NAMED_BY)
    return TableForm(tuple(fields), row.KEY)


def shown(before, after, flagged: dict[str, dict], links: TopicLinks, pictures=of_figure) -> dict:
    """Return what a template is given of the differences between two Documents of one kind.

    `flagged` has, by key, each cited reference that readers must be warned of; `links` knows the
    titles of topics, `pictures` the address of the picture of a sha256 and format.
    """
    model = Topic.class_for(after["kind"])
    forms = forms_of(model)
    found = differences.between(before, after, forms)
    teller = Teller(model, forms, before, after, flagged, links)
    teller.pictures = pictures
    return {
        "is_same": not found,
        "tally": tally(found),
        "texts": [Note(naming.BASICS[name], pieces=told) for name, told in found.texts.items()],
        "basics": teller.basics(found),
        "facts": teller.facts(found.facts),
        "sections": folded(found.sections, teller.section),
        "sections_are_same": all(section.change == SAME for section in found.sections),
        "sections_are_reordered": found.sections_are_reordered,
        "tables": [teller.table(table) for table in found.tables],
        "tables_heading": _heading({table.name for table in found.tables}),
        "codes": [note for row in found.codes for note in teller.code(row)],
        "relations": teller.relations(found.relations),
        "references": [teller.reference(row) for row in found.references],
    }


def _heading(names: set[str]) -> str:
    """Return what stands above changed tables: figures are none for whoever reads."""
    if FIGURES not in names:
        return gettext("Tables")
    return gettext("Figures and tables") if len(names) > 1 else gettext("Figures")


def folded(changed: list, tell) -> list:
    """Return what `tell` makes of each, those that did not change in folds."""
    made = []
    for is_same, run in groupby(changed, key=lambda each: each.change == SAME):
        told = [tell(each) for each in run]
        made += [Fold(told)] if is_same else told
    return made


class Teller(GradingTeller):
    """Tells of differences in the words of the portal."""

    pictures = staticmethod(of_figure)

    def __init__(self, model, forms, before: dict, after: dict, flagged: dict, links: TopicLinks):
        self.model, self.forms = model, forms
        self.publications = {item["id"]: item for item in before["references"]}
        self.publications |= {item["id"]: item for item in after["references"]}
        self.before = {item["id"]: item for item in before["references"]}
        self.flagged, self.links = flagged, links

    def basics(self, found: differences.Differences) -> list[Note]:
        notes = []
        for value in found.values:
            states = (naming.basic(value.name, each) for each in (value.before, value.after))
            notes.append(Note(naming.BASICS[value.name], *states))
        for name, items in found.lists.items():
            notes += _listed(name, items, lambda item, name=name: naming.basic(name, item))
        return notes

    def facts(self, row: RowDifference) -> list[Note]:
        values = sorted(row.values, key=lambda value: self.model.FACTS.index(value.name))
        return [self._value(self.model, value) for value in values] + self.grading(row.grading)

    def section(self, section: SectionDifference) -> Group:
        notes = _listed("subheadings", section.subheadings, languages.content)
        if section.kind:
            kinds = (SectionKind(kind).label for kind in (section.kind.before, section.kind.after))
            notes.append(Note(_("Kind of section"), *kinds))
        return Group(
            heading=section.heading,
            notes=notes,
            parts=folded(section.statements, self.statement),
            count=len(section.statements),
            label=WHAT_HAPPENED[section.change] if section.change in (ADDED, REMOVED) else "",
            is_layout_only=section.has_other_layout,
        )

    def statement(self, found: StatementDifference) -> Part:
        notes = self.grading(found.grading)
        notes += _listed(
            "links", found.links, lambda slug: languages.content(self.links.title(slug))
        )
        if found.moved_from is not None:
            notes.insert(0, Note(_where_from(found.moved_from)))
        return Part(
            change=found.change,
            label=_label(found),
            pieces=found.text,
            notes=notes,
            given=self._graded(found),
            anchor=found.statement["anchor"] if found.change != REMOVED else "",
            place=statement_place(found),
        )

    def _graded(self, found: StatementDifference) -> list[Note]:
        if found.change in (ADDED, REMOVED):
            return self.given(found.statement)
        return self.kept(found.statement, found.grading) if is_reworded(found) else []

    def table(self, table: TableDifference) -> Group:
        form, model = self.forms[table.name], self.model.row_model(table.name)

        parts = [self._row(row, form, model) for row in table.rows]
        for number, part in enumerate(parts):
            part.place = row_place(table.name, number)
        is_figures = table.name == FIGURES
        moved = (
            _("The figures are in another order")
            if is_figures
            else _("The rows are in another order")
        )
        return Group(
            heading=[],
            notes=[Note(moved)] if table.is_reordered else [],
            parts=folded(parts, lambda part: part),
            count=len(table.rows),
            label=naming.TABLES[table.name],
            noun="figure" if is_figures else "row",
        )

    def code(self, row: RowDifference) -> list[Note]:
        name = f"{CodeSystem(row.row['system']).label} {row.row['code']}"
        if row.change == CHANGED:
            notes = [self._value(Code, value) for value in row.values]
            for note in notes:
                # Translators: “MeSH D019650, match”.
                note.label = gettext("{code}, {what}").format(
                    code=name, what=languages.in_sentence(note.label)
                )
            return notes
        return _listed("codes", _one_sided(row), lambda _: name)

    def relations(self, relations: Items) -> list[Note]:
        def name(relation: dict) -> str:
            # Translators: “Part of Transplantation”.
            return format_html(
                gettext("{relation} {topic}"),
                relation=relation_words(RelationKind(relation["kind"]).label),
                topic=languages.content(self.links.title(relation["target"])),
            )

        return _listed("relations", relations, name)

    def reference(self, row: RowDifference) -> Note:
        key = row.row["id"]
        if row.change == CHANGED:
            printed = (naming.printed(items[key]) for items in (self.before, self.publications))
            note = Note(_("Record mended"), pieces=words.differences(*printed))
        else:
            (note,) = _listed(
                "references", _one_sided(row), lambda item: languages.content(naming.printed(item))
            )
        note.address, note.warning = reverse("reference", args=[key]), self._warning(key)
        return note

    def _row(self, row: RowDifference, form: TableForm, model) -> Part:
        names = form.key or form.fields[:1]
        hidden = (*GRADING, *picturing.PARTS) if "sha256" in row.row else GRADING
        filled = [name for name in form.fields if name in row.row and name not in hidden]
        known_by = format_html_join(", ", "{}", (
            (self._named(model, name, row.row[name]),) for name in names if name in filled
        ))  # fmt: skip
        values = sorted(row.values, key=lambda value: form.fields.index(value.name))
        values = [value for value in values if value.name not in hidden]
        seen = [Note(_("Picture"), *each) for each in picturing.sides(row, self.pictures)]
        given = [
            Note(naming.field_label(model, each), after=self._said(model, each, row.row[each]))
            for each in filled
            if each not in names
        ]
        # Figures are not graded.
        graded = self.given(row.row) if "certainty" in form.fields else []
        is_whole = row.change in (ADDED, REMOVED)
        return Part(
            change=row.change,
            label=WHAT_HAPPENED.get(row.change, ""),
            pieces=[Piece(row.change if is_whole else SAME, known_by)],
            notes=seen
            + [self._value(model, value) for value in values]
            + self.grading(row.grading),
            given=given + graded if is_whole else [],
        )

    def _value(self, model, value: Value) -> Note:
        label = naming.field_label(model, value.name)
        before, after = (
            naming.words_of(model, value.name, each, self.links)
            for each in (value.before, value.after)
        )
        if naming.is_content(model, value.name):
            if before and after and max(len(before), len(after)) > SHORT:
                return Note(label, pieces=words.differences(before, after))
            before, after = languages.content(before), languages.content(after)
        return Note(label, before, after)

    def _said(self, model, name: str, value) -> str:
        """Return a value of a row amid words of the portal."""
        said = naming.words_of(model, name, value, self.links)
        return languages.content(said) if naming.is_content(model, name) else said

    def _named(self, model, name: str, value) -> str:
        """Return a value of a row amid words of the content."""
        said = naming.words_of(model, name, value, self.links)
        return said if naming.is_content(model, name) else languages.portal(said)


def _label(found: StatementDifference) -> str:
    if found.change != CHANGED:
        return WHAT_HAPPENED.get(found.change, "")
    if is_reworded(found):
        return gettext("Reworded")
    if found.grading.certainty:
        return gettext("Graded anew")
    return gettext("Same words")


def _where_from(heading: str) -> str:
    """Return where a statement stood: under a heading, or if there is none in the same section."""
    if not heading:
        return gettext("Moved here from elsewhere in this section")
    return format_html(gettext("Moved here from “{heading}”"), heading=languages.content(heading))


def _listed(what: str, items: Items, name) -> list[Note]:
    added, removed = LISTED[what]
    come = [Note(added, after=name(item)) for item in items.added]
    return come + [Note(removed, before=name(item)) for item in items.removed]


def _one_sided(row: RowDifference) -> Items:
    return Items([row.row], []) if row.change == ADDED else Items([], [row.row])
