"""Answers in the shape that was asked for: with some fields only, or with linked objects in full.

`fields=slug,title,edition.number` leaves out everything else; `expand=topic` puts the whole object
where an answer has only its name and address. Both are checked before anything is read.
"""

from collections.abc import Callable, Iterable

from rest_framework import serializers

FIELDS, EXPAND = "fields", "expand"
# An expansion completes rows of an answer in place, with one query for all of them.
Expansion = Callable[[list[dict], object], None]
Path = tuple[str, ...]


class Shape:
    """What of an answer was asked for. `faults` says what of that was not understood."""

    def __init__(
        self, query, serializer: type[serializers.Serializer], expansions: dict[str, Expansion]
    ):
        self.faults: list[dict] = []
        self.expansions = expansions
        names = [*_names_of(serializer()), *expansions]
        self.expanded = self._read(query, EXPAND, lambda path: path[0] in expansions, expansions)
        self.paths = self._read(
            query, FIELDS, lambda path: _is_known(serializer(), path, expansions), names
        )

    def _read(self, query, name: str, is_known: Callable, allowed: Iterable[str]) -> list[Path]:
        given = query.getlist(name)
        if not given:
            return []
        asked = [tuple(each.split(".")) for text in given for each in text.split(",")]
        unknown = [".".join(path) for path in asked if not is_known(path)]
        if unknown:
            detail = f"Unknown: {', '.join(unknown)}." if any(unknown) else "The value is empty."
            fault = {"parameter": name, "detail": detail, "allowed": sorted(set(allowed))}
            self.faults.append(fault)
        return asked

    @property
    def is_whole(self) -> bool:
        return not self.paths and not self.expanded

    def of(self, rows: list[dict], request) -> list[dict]:
        """Return rows of an answer in this shape. What is not shown is not expanded either."""
        heads = {path[0] for path in self.paths}
        for (name,) in dict.fromkeys(path[:1] for path in self.expanded):
            if not heads or name in heads:
                self.expansions[name](rows, request)
        return [only(row, self.paths) for row in rows] if self.paths else rows


def only(row: dict, paths: list[Path]) -> dict:
    """Return the parts of a row at some paths, in the row's own order."""
    kept = {}
    for name, value in row.items():
        inner = [path[1:] for path in paths if path[0] == name]
        if not inner:
            continue
        deeper = [path for path in inner if path]
        if len(deeper) < len(inner):
            kept[name] = value
        elif isinstance(value, list):
            kept[name] = [only(one, deeper) if isinstance(one, dict) else one for one in value]
        else:
            kept[name] = only(value, deeper) if isinstance(value, dict) else value
    return kept


def _names_of(field) -> dict:
    """Return the fields that the value of a field has, if they are known."""
    field = _one_of(field)
    return field.fields if isinstance(field, serializers.Serializer) else {}


def _one_of(field):
    """Return what describes one of several, if the field has several."""
    is_many = isinstance(field, (serializers.ListField, serializers.ListSerializer))
    return field.child if is_many else field


def _is_known(field, path: Path, expansions: Iterable[str]) -> bool:
    """Return whether a field has something at a path, as far as its fields are known."""
    head, *rest = path
    known = _names_of(field)
    if head in expansions and head not in known:
        return bool(head)
    if not known:
        # What a field of another form holds is not known beforehand.
        open_ones = (
            serializers.DictField, serializers.JSONField, serializers.SerializerMethodField
        )  # fmt: skip
        return bool(head) and isinstance(_one_of(field), open_ones)
    if head not in known:
        return False
    return not rest or _is_known(known[head], tuple(rest), ())
