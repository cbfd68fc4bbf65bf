"""What one saved text of a topic changed in the one before it, in words for the editorial desk."""

from collections.abc import Iterator

from topics import changes, differences, documents, naming
from topics.desk.tally import FIGURES, is_reworded
from topics.differences import (
    ADDED,
    CHANGED,
    REMOVED,
    SAME,
    Differences,
    SectionDifference,
    TableDifference,
)
from topics.models import Revision, Topic

# So many sections and tables are told of one by one.
TOLD = 8
LISTS = {"synonyms": ("other name", "other names"), "areas": ("area", "areas")}


def told(before: Revision | None, after: Revision) -> list[str]:
    """Return what a revision changed, the weightiest first."""
    later = documents.read(after.document)
    if before is None:
        return [_first(later)]
    earlier = documents.read(before.document)
    if earlier["kind"] != later["kind"]:
        return ["The kind of the topic changed"]
    forms = changes.forms_of(Topic.class_for(later["kind"]))
    found = list(_words(differences.between(earlier, later, forms), later["kind"]))
    return found or ["Only the way in which the text is kept changed, no word of it"]


def _first(document: dict) -> str:
    statements = sum(len(section["statements"]) for section in document.get("sections", []))
    rows = sum(len(rows) for rows in document.get("tables", {}).values())
    sections = len(document.get("sections", []))
    parts = [_number(sections, "section"), _number(statements, "statement")]
    parts += [_number(rows, "table row")] if rows else []
    figures = len(document.get("figures", []))
    parts += [_number(figures, "figure")] if figures else []
    return f"The first text, with {_listed(parts)}"


def _words(found: Differences, kind: str) -> Iterator[str]:
    model = Topic.class_for(kind)
    yield from (f"{naming.BASICS[name]} changed" for name in found.texts)
    for value in found.values:
        yield f"{naming.BASICS[value.name]}: {value.before or 'none'} → {value.after or 'none'}"
    parts = [_section(section) for section in found.sections if section.change != SAME]
    parts += [_table(table) for table in found.tables]
    yield from parts[:TOLD]
    if len(parts) > TOLD:
        yield f"{_number(len(parts) - TOLD, 'more section or table', 'more sections or tables')}"
    if found.sections_are_reordered:
        yield "The order of the sections changed"
    if found.facts.change != SAME:
        names = [str(naming.field_label(model, value.name)) for value in found.facts.values]
        what = f"changed: {_listed(names)}" if names else "rest on another grade or sources"
        yield f"Facts {what}"
    yield from _beside(found)


def _section(section: SectionDifference) -> str:
    name = f"“{section.section['heading']}”"
    if section.change in (ADDED, REMOVED):
        number = _number(len(section.statements), "statement")
        return f"Section {name} {section.change}, with {number}"
    counts = [
        (sum(each.change == ADDED for each in section.statements), "added"),
        (sum(each.change == REMOVED for each in section.statements), "removed"),
        (sum(map(is_reworded, section.statements)), "reworded"),
        (sum(bool(each.grading.certainty) for each in section.statements), "graded anew"),
        (sum(bool(each.grading.citations) for each in section.statements), "with other sources"),
        (sum(_is_checked(each) for each in section.statements), "with another source check"),
        (sum(each.moved_from is not None for each in section.statements), "moved"),
    ]
    words = [(number, what) for number, what in counts if number]
    if not words:
        return f"Heading or layout changed in {name}"
    (number, what), *rest = words
    parts = [f"{_number(number, 'statement')} {what}", *(f"{n} {what}" for n, what in rest)]
    return f"{_listed(parts)} in {name}"


def _is_checked(statement) -> bool:
    is_old = statement.change not in (ADDED, REMOVED)
    return is_old and statement.grading.awaiting_check is not None


def _table(table: TableDifference) -> str:
    counts = [(change, sum(row.change == change for row in table.rows))
              for change in (ADDED, REMOVED, CHANGED)]  # fmt: skip
    words = [(number, change) for change, number in counts if number]
    name, is_figures = naming.TABLES[table.name], table.name == FIGURES
    if not words:
        return f"The {'figures' if is_figures else f'rows of {name}'} are in another order"
    (number, change), *rest = words
    noun = "figure" if is_figures else "row"
    parts = [f"{_number(number, noun)} {change}", *(f"{n} {change}" for n, change in rest)]
    return _listed(parts) if is_figures else f"{_listed(parts)} in {name}"


def _beside(found: Differences) -> Iterator[str]:
    for name, items in found.lists.items():
        yield from _came_and_went(len(items.added), len(items.removed), *LISTS[name])
    for rows, one, many in (
        (found.codes, "code", "codes"),
        (found.references, "publication", "publications"),
    ):
        came, went, changed = (
            sum(row.change == change for row in rows) for change in (ADDED, REMOVED, CHANGED)
        )
        yield from _came_and_went(came, went, one, many)
        if changed:
            yield f"{_number(changed, one, many)} changed".capitalize()
    relations = found.relations
    yield from _came_and_went(len(relations.added), len(relations.removed), "relation", "relations")


def _came_and_went(came: int, went: int, one: str, many: str) -> Iterator[str]:
    if came:
        yield f"{_number(came, one, many)} added"
    if went:
        yield f"{_number(went, one, many)} removed"


def _number(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _listed(parts: list[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
