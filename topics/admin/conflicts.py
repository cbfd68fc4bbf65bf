"""Two people who save one topic: what only one of them changed is kept, the rest is asked.

The form carries the number of the revision that it was opened with. If there is a newer one, what
was typed is saved by the very functions that always save it, kept as a Document, and undone. So
three Documents are compared (`topics.desk.merging`): the one that the form was opened with, what
would have been saved, and the newer one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst

from topics import documents, matching, naming, publishing, words
from topics.desk import merging, merging_texts
from topics.desk.merging import ORDER, WHOLE, Clash, Place
from topics.errors import Invalid
from topics.models import Revision, Topic
from topics.rendering import TopicLinks
from topics.words import ADDED, REMOVED, SAME, Piece

# Which newer revision was shown, and before the key of each clash: which side was chosen.
SHOWN, TAKE = "_merge_with", "_take-"

BASICS = naming.BASICS | {"areas": "Areas", "synonyms": "Synonyms"}
PARTS = {"sections": "Section", "codes": "Code", "relations": "Relation"}
OF_SECTIONS = {"body": "text", "heading": "heading", "kind": "kind"}


class Conflicting(Exception):
    """Somebody saved a newer text, and both changed the same things in different ways."""

    def __init__(self, topic: Topic, merged: merging.Merged, theirs: Revision, who: str):
        self.topic, self.merged, self.theirs, self.who = topic, merged, theirs, who
        super().__init__("Nothing is saved yet.")


@dataclass
class Side:
    """How something stands in one of two texts: its lines, or that it is not there any more."""

    name: str
    lines: list[list[Piece]]
    is_gone: bool = False
    is_chosen: bool = False


@dataclass
class Question:
    """A clash as it is asked. `same` is the number of lines that do not differ.

    `may_be_both`: both sides may stay, one behind the other.
    """

    key: str
    label: str
    sides: list[Side]
    same: int = 0
    may_be_both: bool = False
    is_both_chosen: bool = False


def bring_together(topic: Topic, theirs: Revision, *, seen: int, sent, author, note: str) -> str:
    """Save what was typed and what others saved meanwhile as one text, and say what was taken over.

    `topic` has its rows as they were typed; `seen` is the number of the revision that the form was
    opened with. Raises Conflicting if something must be asked, Invalid if the texts do not fit.
    """
    mine = _as_typed(topic, author)
    if mine.digest == theirs.digest:
        return ""
    base = topic.revisions.filter(number=seen).first()
    empty = {"kind": topic.kind}
    merged = merging.merge(
        *(documents.read(each.document) if each else empty for each in (base, mine, theirs)),
        known_by_of(type(topic)),
        choices_of(sent, theirs),
    )
    who = _names(topic.revisions.filter(number__gt=seen))
    if merged.is_open:
        raise Conflicting(topic, merged, theirs, who)
    try:
        documents.load(merged.document, topic)
    except ValidationError as error:
        faults = "; ".join(error.messages)
        raise Invalid(
            f"What you typed does not fit what {who} saved meanwhile: {faults}"
        ) from error
    publishing.save_revision(topic, author=author, note=note)
    taken = labels(topic, merged.taken)
    return f"Changes of {who} to {_listed(taken)} were taken over." if taken else ""


def _as_typed(topic: Topic, author) -> Revision:
    """Return the revision that would be saved, without saving it."""
    with transaction.atomic():
        made = publishing.save_revision(topic, author=author)
        transaction.set_rollback(True)
    return made


def known_by_of(model: type[Topic]) -> dict[str, tuple[str, ...]]:
    """Return the fields by which the rows of a kind are known, by the name of their list."""
    return {name: model.row_model(name).known_by() for name in (*model.ROWS, *model.TABLES)}


def choices_of(sent, theirs: Revision) -> dict[str, str]:
    """Return the sides that a form has chosen; none if they were asked of another text."""
    if sent.get(SHOWN) != str(theirs.number):
        return {}
    return {name.removeprefix(TAKE): sent[name] for name in sent if name.startswith(TAKE)}


def _names(revisions) -> str:
    return _listed(dict.fromkeys(revision.author_name for revision in revisions))


def _listed(names: Iterable[str]) -> str:
    *most, last = [*names]
    return f"{', '.join(most)} and {last}" if most else last


def questions(conflict: Conflicting) -> list[Question]:
    """Return what must be asked, in words."""
    links = _links(conflict)
    return [_question(conflict, clash, links) for clash in conflict.merged.clashes]


def labels(topic: Topic, places: Iterable[Place]) -> list[str]:
    """Return what places are called, each once."""
    places = list(places)
    slugs = {value for place in places for value in place.name if isinstance(value, str)}
    links = TopicLinks(_titles(slugs))
    return list(dict.fromkeys(_label(type(topic), place, links) for place in places))


def _links(conflict: Conflicting) -> TopicLinks:
    found = set()
    for clash in conflict.merged.clashes:
        for side in (clash.mine, clash.theirs):
            values = side.values() if isinstance(side, dict) else [*side] if side else []
            found |= {value for value in [*values, *clash.place.name] if isinstance(value, str)}
    return TopicLinks(_titles(found))


def _titles(slugs: set[str]) -> dict[str, dict]:
    known = Topic.all_at(slugs)
    return {slug: {"slug": slug, "title": topic.title} for slug, topic in known.items()}


def _label(model: type[Topic], place: Place, links: TopicLinks) -> str:
    if place.part == "":
        return str(BASICS[place.field])
    if place.part == "facts":
        return str(naming.field_label(model, place.field))
    part = str(PARTS.get(place.part) or naming.TABLES[place.part])
    if place.field == ORDER:
        return f"{part}: the order"
    row = model.row_model(place.part)
    name = f"{part} “{_row_name(row, place.name, links)}”"
    if place.field == WHOLE:
        return name
    return f"{name}: {_field_label(row, place)}"


def _row_name(row, name: tuple, links: TopicLinks) -> str:
    said = (
        naming.words_of(row, field, value, links)
        for field, value in zip(row.known_by(), name, strict=True)
    )
    return ", ".join(filter(None, said))


def _field_label(row, place: Place) -> str:
    if place.part == "sections":
        return OF_SECTIONS[place.field]
    if place.field == "sha256":
        return "picture"
    return naming.field_label(row, place.field).lower()


def _question(conflict: Conflicting, clash: Clash, links: TopicLinks) -> Question:
    model, place = type(conflict.topic), clash.place
    told = {
        side: None if value is None else _lines(model, place, value, links)
        for side, value in ((merging.THEIRS, clash.theirs), (merging.MINE, clash.mine))
    }
    if None in told.values():
        lines = {
            side: [[Piece(SAME, line)] for line in found or []] for side, found in told.items()
        }
        same = 0
    else:
        lines, same = _compared(told[merging.THEIRS], told[merging.MINE])
    sides = [
        Side(side, found, told[side] is None, clash.chosen == side) for side, found in lines.items()
    ]
    is_both = clash.chosen == merging.BOTH
    label = _label(model, place, links)
    return Question(clash.key, label, sides, same, clash.may_be_both, is_both)


def _lines(model: type[Topic], place: Place, value, links: TopicLinks) -> list[str]:
    """Return the words of one side of a clash, line by line."""
    if place.field == ORDER:
        row = model.row_model(place.part)
        return [f"{n}. {_row_name(row, name, links)}" for n, name in enumerate(value, 1)]
    if place.part == "":
        return [line for line in str(value[place.field] or "").splitlines() if line.strip()]
    owner = model if place.part == "facts" else model.row_model(place.part)
    if place.field != WHOLE and len(value) == 1:
        return _said(owner, place.field, value[place.field], links)
    return [
        f"{capfirst(naming.field_label(owner, name))}: {line}"
        for name in value
        for line in _said(owner, name, value[name], links)
    ]


def _said(owner, name: str, value, links: TopicLinks) -> list[str]:
    if isinstance(value, list):
        return [", ".join(map(str, value))]
    if name == "body":
        # The name that a statement was published under is no word that somebody changed.
        value = merging_texts.without_names(value or "")
    said = naming.words_of(owner, name, value, links)
    return [line for line in said.splitlines() if line.strip()]


def _compared(theirs: list[str], mine: list[str]) -> tuple[dict[str, list[list[Piece]]], int]:
    """Return the lines of both sides that differ, word by word, and how many do not."""
    pairs = matching.by_likeness(theirs, mine, words.likeness)
    lines: dict[str, list] = {merging.THEIRS: [], merging.MINE: []}
    same = 0
    for n, m in pairs:
        before, after = (theirs[n] if n is not None else ""), (mine[m] if m is not None else "")
        if before == after:
            same += 1
            continue
        pieces = words.differences(before, after)
        for side, gone in ((merging.THEIRS, ADDED), (merging.MINE, REMOVED)):
            if found := [piece for piece in pieces if piece.kind != gone]:
                lines[side].append(found)
    if not any(lines.values()):
        # The same lines in another order, or with other empty lines between them.
        whole = ((merging.THEIRS, theirs), (merging.MINE, mine))
        return {side: [[Piece(SAME, line)] for line in told] for side, told in whole}, 0
    return lines, same
