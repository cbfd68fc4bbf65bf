"""Two people who save one topic: the second one sees both texts and chooses; nothing is lost.

The form carries the number of the revision that it was opened with. If there is a newer one, what
was typed is saved by the very functions that always save it, kept as a Document, and the
transaction undone. So what is compared is what would have been saved.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from topics import changes, matching, words
from topics.differences import SAME
from topics.models import Revision, Section
from topics.rendering import TopicLinks
from topics.words import ADDED, REMOVED, Piece

KEEP_MINE = "_keep_mine"

WHERE_IT_IS = {ADDED: "Only in yours", REMOVED: "Only in theirs", "moved": "In another place"}


class Conflicting(Exception):
    """Somebody saved a newer text than the one that a form was opened with."""

    def __init__(self, mine: dict, theirs: Revision):
        self.mine, self.theirs = mine, theirs
        super().__init__(
            f"Nothing is saved yet. Somebody else saved this topic while you were editing it: "
            f"{theirs.author_name}, revision {theirs.number}. Compare both texts, then choose."
        )


@dataclass
class Line:
    """One thing that differs: what it is, and how it stands in their text and in one's own."""

    label: str
    theirs: list[Piece] = field(default_factory=list)
    mine: list[Piece] = field(default_factory=list)


@dataclass
class Block:
    """What differs in one part of a topic."""

    heading: str
    lines: list[Line]


def compared(conflict: Conflicting) -> list[Block]:
    """Return both texts side by side, only where they differ."""
    told = changes.shown(conflict.theirs.document, conflict.mine, {}, TopicLinks())
    head = [*told["texts"], *told["basics"], *told["facts"]]
    around = [*told["relations"], *told["codes"], *told["references"]]
    blocks = [Block("Head of the topic", _lines_of(head))]
    blocks += [_section(group) for group in _unfolded(told["sections"])]
    blocks += [Block(str(table.label), _of_group(table)) for table in told["tables"]]
    blocks.append(Block("Relations, codes and references", _lines_of(around)))
    if told["sections_are_reordered"]:
        blocks.append(Block("Sections", [Line("The order of the sections differs")]))
    return [block for block in blocks if block.lines]


def _section(group: changes.Group) -> Block:
    heading = " ".join(piece.text for piece in group.heading if piece.kind != REMOVED)
    heading = heading or " ".join(piece.text for piece in group.heading)
    lines = _of_group(group)
    if len(group.heading) > 1:
        lines.insert(0, _line("Heading", group.heading))
    return Block(f"Section “{heading}”", lines)


def _of_group(group: changes.Group) -> list[Line]:
    lines = _lines_of(group.notes)
    for before, after in _paired(_unfolded(group.parts)):
        if before and after and before is not after:
            lines += _of_reworded(before, after)
        else:
            lines += _of_part(after or before)
    if group.is_layout_only and not lines:
        lines.append(Line("The same words, laid out in another way"))
    return lines


def _paired(parts: list[changes.Part]) -> Iterator[tuple]:
    """Yield each part as theirs and mine.

    A statement that was never published is called after its words, so one that both have reworded
    seems to be two: they are brought together if they are alike.
    """
    mine = [part for part in parts if part.change == ADDED]
    theirs = [part for part in parts if part.change == REMOVED]
    pairs = matching.by_likeness(
        theirs, mine, lambda one, other: words.likeness(_words(one), _words(other))
    )
    other = {id(theirs[n]): mine[m] for n, m in pairs if n is not None and m is not None}
    taken = {id(part) for part in other.values()}
    for part in parts:
        if id(part) in other:
            yield part, other[id(part)]
        elif id(part) not in taken:
            yield (part, None) if part.change == REMOVED else (None, part)


def _words(part: changes.Part) -> str:
    return " ".join(piece.text for piece in part.pieces)


def _of_part(part: changes.Part) -> list[Line]:
    notes = _lines_of(part.notes)
    if notes and all(piece.kind == SAME for piece in part.pieces):
        # The row of a table or a statement of the same words: its name says which one.
        return [replace(note, label=f"{note.label}: {_words(part)}") for note in notes]
    return [_line(WHERE_IT_IS.get(part.change, "Different"), part.pieces), *notes]


def _of_reworded(before: changes.Part, after: changes.Part) -> list[Line]:
    lines = [_line("Different", words.differences(_words(before), _words(after)))]
    old, new = ({str(note.label): note.after for note in part.given} for part in (before, after))
    for label in dict.fromkeys([*old, *new]):
        if old.get(label) != new.get(label):
            sides = changes.Note(label, old.get(label, ""), new.get(label, ""))
            lines.append(_line(label, _whole(sides)))
    return lines


def _unfolded(parts: list) -> list:
    """Return what changed; what did not is folded."""
    return [part for part in parts if not isinstance(part, changes.Fold)]


def _lines_of(notes: list[changes.Note]) -> list[Line]:
    return [_line(note.label, note.pieces or _whole(note)) for note in notes]


def _whole(note: changes.Note) -> list[Piece]:
    sides = ((REMOVED, note.before), (ADDED, note.after))
    return [Piece(kind, said) for kind, said in sides if said]


def _line(label, pieces: list[Piece]) -> Line:
    return Line(
        label=str(label),
        theirs=[piece for piece in pieces if piece.kind in (SAME, REMOVED)],
        mine=[piece for piece in pieces if piece.kind in (SAME, ADDED)],
    )


def reconciled(options: dict, form_class) -> dict:
    """Return the arguments of a formset, its rows brought together with those that there are now.

    A row that the other person deleted becomes a new one again; one that they replaced by its like
    takes its place; and one that they added is added to what was sent, so that it stays unless it
    is marked for deletion.
    """
    data, prefix = options["data"], options["prefix"]
    model = options["queryset"].model
    now = options["queryset"].filter(**{model.OWNER: options["instance"].pk})
    rows = {str(row.pk): row for row in now}
    sent = _sent_rows(data, prefix)
    files = _sent_rows(options["files"], prefix)
    posted = {_first(row, "id") for row in sent.values()}
    added = [row for key, row in rows.items() if key not in posted]
    kept, new = [], []
    for number, row in sent.items():
        like = None if _first(row, "id") in rows else _take_like(model, row, added)
        if like or _first(row, "id") in rows:
            kept.append((row | ({"id": [str(like.pk)]} if like else {}), files.get(number, {})))
        elif not (_first(row, "id") and "DELETE" in row):
            new.append((row | {"id": [""]}, files.get(number, {})))
    kept += [(_as_sent(row, form_class), {}) for row in added]
    return options | {
        "data": _with_rows(data, prefix, [row for row, _ in kept + new], len(kept)),
        "files": _files_with_rows(options["files"], prefix, [row for _, row in kept + new]),
    }


def _sent_rows(data, prefix: str) -> dict[int, dict[str, list]]:
    """Return the fields of each row that was sent, by its number."""
    form = re.compile(rf"{re.escape(prefix)}-(\d{{1,6}})-(.+)", re.DOTALL)
    rows: dict[int, dict[str, list]] = {}
    for name, values in data.lists():
        if found := form.fullmatch(name):
            rows.setdefault(int(found.group(1)), {})[found.group(2)] = values
    return dict(sorted(rows.items()))


def _first(row: dict[str, list], name: str) -> str:
    return (row.get(name) or [""])[0]


def _take_like(model, sent: dict[str, list], added: list):
    """Take from the rows that were added one that stands for the same thing as a row sent."""
    if not _first(sent, "id"):
        return None
    names = _known_by(model)
    wanted = [_first(sent, name) for name in names]
    for row in added:
        attributes = (model._meta.get_field(name).attname for name in names)
        values = [getattr(row, attribute) for attribute in attributes]
        if ["" if value is None else str(value) for value in values] == wanted:
            added.remove(row)
            return row
    return None


def _known_by(model) -> tuple[str, ...]:
    if model is Section:
        return ("heading",)
    return model.KEY or ((model.NAMED_BY,) if model.NAMED_BY else model.DOCUMENT_FIELDS[:2])


def _as_sent(row, form_class) -> dict[str, list]:
    """Return a row as a browser would send it if nobody touched it."""
    sent = {"id": [str(row.pk)]}
    for bound in form_class(instance=row):
        value = bound.value()
        if isinstance(value, bool):
            sent |= {bound.name: ["on"]} if value else {}
        elif isinstance(value, (list, tuple)):
            sent[bound.name] = [str(getattr(each, "pk", each)) for each in value]
        elif value is not None:
            sent[bound.name] = [str(value)]
    return sent


def _with_rows(data, prefix: str, rows: list[dict], kept: int) -> QueryDict:
    made = QueryDict(mutable=True)
    others = re.compile(rf"{re.escape(prefix)}-\d{{1,6}}-.+", re.DOTALL)
    for name, values in data.lists():
        if not others.fullmatch(name):
            made.setlist(name, values)
    for number, row in enumerate(rows):
        for name, values in row.items():
            made.setlist(f"{prefix}-{number}-{name}", values)
    made[f"{prefix}-INITIAL_FORMS"], made[f"{prefix}-TOTAL_FORMS"] = str(kept), str(len(rows))
    return made


def _files_with_rows(files, prefix: str, rows: list[dict]) -> MultiValueDict:
    made = MultiValueDict()
    for name, values in files.lists():
        if not name.startswith(f"{prefix}-"):
            made.setlist(name, values)
    for number, row in enumerate(rows):
        for name, values in row.items():
            made.setlist(f"{prefix}-{number}-{name}", values)
    return made
