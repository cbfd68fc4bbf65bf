"""Bringing together two texts that were made of one: what one side alone changed is kept.

`merge` is a pure function of three Documents. What both sides changed in different ways is a clash,
which a person decides; nothing else is asked. Lists of words (other names, areas, references) are
brought together item by item and never clash.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from topics import matching
from topics.desk import merging_texts
from topics.differences import GRADING

# Of a statement both forms may stay.
MINE, THEIRS, BOTH = "mine", "theirs", "both"

BASICS = ("slug", "title", "areas", "language", "summary", "synonyms", "next_review", "note")
# Values that say something only together: one side's day with the other's would be nobody's.
TOGETHER = (
    ("from_day", "to_day"), ("sha256", "format", "width", "height"), ("match", "verified"),
    ("license", "permission"),
)  # fmt: skip
ORDER, WHOLE = "order", ""
# What is worked out of the Markdown whenever a Document is built.
_DERIVED = {"anchor", "statements"}


@dataclass(frozen=True)
class Place:
    """Where something stands: in which part, in which row of it, in which field.

    The part of the basic fields is "". A row is named by the values of the fields by which it is
    known. The field is `WHOLE` for a row, `ORDER` for the order of all rows.
    """

    part: str
    name: tuple = ()
    field: str = WHOLE


@dataclass(frozen=True)
class Clash:
    """What both sides changed in different ways; None for a row that one side took away.

    `key` stays the same as long as the base and their text do. `chosen` is "" while it is open.
    `may_be_both`: both sides may stand one behind the other.
    """

    key: str
    place: Place
    mine: object
    theirs: object
    chosen: str = ""
    may_be_both: bool = False


@dataclass
class Merged:
    """A Document made of two, without what is worked out of the text; `taken` is theirs alone."""

    document: dict
    clashes: list[Clash] = field(default_factory=list)
    taken: list[Place] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return any(not clash.chosen for clash in self.clashes)


def merge(
    base: dict,
    mine: dict,
    theirs: dict,
    names: Mapping[str, tuple[str, ...]],
    choices: Mapping[str, str],
) -> Merged:
    """Return what becomes of a text that two have changed.

    `names` has for each list of rows the fields by which a row is known; `choices` the side that
    was chosen for a clash, by its key. As long as a clash is open, the Document has one's own side.
    """
    return _Merging(names, choices).of(base, mine, theirs)


class _Merging:
    """The state of one merging."""

    def __init__(self, names, choices):
        self.names, self.choices = names, choices
        self.clashes: list[Clash] = []
        self.taken: list[Place] = []

    def of(self, base: dict, mine: dict, theirs: dict) -> Merged:
        sides = (base, mine, theirs)
        made = {"kind": theirs["kind"], "schema": theirs["schema"], "references": []}
        made |= self._fields("", Place(""), *(_picked(each, BASICS) for each in sides))
        facts = (each.get("facts", {}) for each in sides)
        made["facts"] = self._fields("facts", Place("facts"), *facts)
        flat = [{**each, **each.get("tables", {})} for each in sides]
        rows = {
            part: self._rows(part, *(_plain(each.get(part, [])) for each in flat))
            for part in self.names
        }
        is_table = {part for each in sides for part in each.get("tables", {})}
        made |= {part: found for part, found in rows.items() if found and part not in is_table}
        made["tables"] = {part: rows[part] for part in rows if part in is_table and rows[part]}
        return Merged(made, self.clashes, self.taken)

    def _choose(self, key: str, place: Place, mine, theirs):
        return theirs if self._chosen(key, place, mine, theirs) == THEIRS else mine

    def _chosen(self, key: str, place: Place, mine, theirs, *, may_be_both: bool = False) -> str:
        chosen = self.choices.get(key, "")
        is_known = chosen in (MINE, THEIRS) or (may_be_both and chosen == BOTH)
        self.clashes.append(
            Clash(key, place, mine, theirs, chosen if is_known else "", may_be_both)
        )
        return self.clashes[-1].chosen

    def _text(self, key: str, place: Place, was: str, own: str, other: str) -> str | None:
        """Return the text of a section, put together of what both sides changed in it.

        None if it can only be asked about as a whole.
        """

        def choose(token: str, mine: str | None, theirs: str | None) -> list[str]:
            told = (None if side is None else {place.field: side} for side in (mine, theirs))
            may_be_both = bool(mine and theirs)
            chosen = self._chosen(f"{key}-{token}", place, *told, may_be_both=may_be_both)
            if chosen == BOTH:
                return merging_texts.both(mine, theirs)
            stays = theirs if chosen == THEIRS else mine
            return [stays] if stays else []

        asked = len(self.clashes)
        found = merging_texts.merge(was, own, other, choose)
        if found is None:
            del self.clashes[asked:]
            return None
        self.taken += [place] if found.is_taken else []
        return found.text

    def _fields(self, key: str, place: Place, base: dict, mine: dict, theirs: dict) -> dict:
        made = {}
        for unit in _units((theirs, mine, base)):
            was, own, other = (
                tuple(side.get(name) for name in unit) for side in (base, mine, theirs)
            )
            here = Place(place.part, place.name, unit[0])
            if any(isinstance(value, list) for value in (*was, *own, *other)):
                value = (self._items(here, was[0] or [], own[0] or [], other[0] or []),)
            else:
                value = self._value(f"{key}-{unit[0]}", here, unit, was, own, other)
            made |= dict(zip(unit, value, strict=True))
        return {name: value for name, value in made.items() if value not in (None, [])}

    def _value(self, key: str, place: Place, unit, was: tuple, own: tuple, other: tuple) -> tuple:
        if other != was and own == was:
            self.taken.append(place)
        if own == other or other == was:
            return own
        if own == was:
            return other
        is_text = unit == ("body",) and all((*was, *own, *other))
        if is_text and (text := self._text(key, place, *was, *own, *other)) is not None:
            return (text,)
        told = (dict(zip(unit, side, strict=True)) for side in (own, other))
        chosen = self._choose(key, place, *told)
        return tuple(chosen.get(name) for name in unit)

    def _items(self, place: Place, was: list, own: list, other: list) -> list:
        kept = [item for item in other if item in own or item not in was]
        made = kept + [item for item in own if item not in was and item not in other]
        # In another order it is still the same list.
        if any(item not in own for item in made) or any(item not in made for item in own):
            self.taken.append(place)
        return made

    def _rows(self, part: str, base: list[dict], mine: list[dict], theirs: list[dict]) -> list:
        names = self.names[part]
        pairs = _Pairs(part, names, base, mine, theirs)
        made = {}
        for token, (was, own, other) in pairs.rows.items():
            name = _identity(was or other or own, names)
            row = self._row(f"{part}-{token}", Place(part, name), was, own, other)
            if row is not None:
                made[token] = row
        return [made[token] for token in self._order(part, pairs) if token in made]

    def _row(self, key: str, place: Place, was, own, other) -> dict | None:
        if own and other:
            return self._fields(key, place, was or {}, own, other)
        if was is None:
            self.taken += [] if own else [place]
            return own or other
        if own is None and other is None:
            return None
        if own is None and other == was:
            return None
        if other is None and own == was:
            self.taken.append(place)
            return None
        return self._choose(key, place, own, other)

    def _order(self, part: str, pairs: "_Pairs") -> list[str]:
        """Return all rows in order: that of the side which moved some, with the other's added."""
        in_all = set(pairs.base) & set(pairs.mine) & set(pairs.theirs)
        was, own, other = (
            [token for token in side if token in in_all]
            for side in (pairs.base, pairs.mine, pairs.theirs)
        )
        if own in (was, other):
            if other != own:
                self.taken.append(Place(part, field=ORDER))
            return merging_texts.with_added(pairs.theirs, pairs.mine)
        if other == was:
            return merging_texts.with_added(pairs.mine, pairs.theirs)
        told = (
            [_identity(pairs.any_of(t), self.names[part]) for t in side] for side in (own, other)
        )
        self._choose(f"{part}-{ORDER}", Place(part, field=ORDER), *told)
        is_theirs = self.clashes[-1].chosen == THEIRS
        sides = (pairs.theirs, pairs.mine) if is_theirs else (pairs.mine, pairs.theirs)
        return merging_texts.with_added(*sides)


class _Pairs:
    """Which row of three lists is which. A row has a token: its place in the base, or who added it.

    `base`, `mine` and `theirs` have the tokens of each side in its order.
    """

    def __init__(self, part: str, names: tuple[str, ...], base, mine, theirs):
        self.rows: dict[str, tuple] = {}
        pair = _pairing(part, names)
        base_of_theirs = {m: n for n, m in pair(base, theirs) if None not in (n, m)}
        added = [row for m, row in enumerate(theirs) if m not in base_of_theirs]
        # Rows that the form did not hold stand in mine as they added them.
        own = [row for row in mine if row not in added or row in base]
        base_of_mine = {m: n for n, m in pair(base, own) if None not in (n, m)}
        self.base = [f"b{n}" for n in range(len(base))]
        self.theirs = [
            f"b{base_of_theirs[m]}" if m in base_of_theirs else f"t{m}" for m in range(len(theirs))
        ]
        self.mine = self._tokens_of(own, base_of_mine, theirs, names)
        sides = [
            dict(zip(tokens, rows, strict=True))
            for tokens, rows in ((self.base, base), (self.mine, own), (self.theirs, theirs))
        ]
        for token in dict.fromkeys([*self.base, *self.theirs, *self.mine]):
            self.rows[token] = tuple(side.get(token) for side in sides)

    def _tokens_of(self, own, base_of_mine, theirs, names) -> list[str]:
        """Return the tokens of one's own rows; what both added is known by its name."""
        added = {
            _identity(row, names): token
            for row, token in zip(theirs, self.theirs, strict=True)
            if token[0] == "t"
        }
        return [
            f"b{base_of_mine[m]}"
            if m in base_of_mine
            else added.pop(_identity(row, names), f"m{m}")
            for m, row in enumerate(own)
        ]

    def any_of(self, token: str) -> dict:
        return next(row for row in self.rows[token] if row)


def _units(sides) -> Iterator[tuple[str, ...]]:
    """Yield the names of all values, those that belong together as one."""
    names = dict.fromkeys(name for side in sides for name in side)
    together = {name: unit for unit in TOGETHER for name in unit}
    yield from dict.fromkeys(together.get(name, (name,)) for name in names)


def _pairing(part: str, names: tuple[str, ...]):
    """Return a function that pairs the rows of two lists; see `matching`."""

    def pair(old: list[dict], new: list[dict]) -> matching.Pairs:
        fixed = {_identity(row, names) for row in old} & {_identity(row, names) for row in new}

        def likeness(before: dict, after: dict) -> float:
            known = (_identity(before, names), _identity(after, names))
            if fixed & set(known):
                return float(known[0] == known[1])
            if part == "sections":
                return merging_texts.likeness(before["body"], after["body"])
            return like(before, after)

        fields = dict.fromkeys([*names, *(name for row in [*old, *new] for name in row)])
        like = matching.row_likeness([name for name in fields if name not in GRADING])
        return matching.by_likeness(old, new, likeness)

    return pair


def _plain(rows: list[dict]) -> list[dict]:
    return [{name: value for name, value in row.items() if name not in _DERIVED} for row in rows]


def _picked(side: dict, names) -> dict:
    return {name: side[name] for name in names if name in side}


def _identity(row: dict, names: tuple[str, ...]) -> tuple:
    return tuple(row.get(name) for name in names)
