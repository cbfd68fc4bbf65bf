"""What a list can be narrowed to, and how many rows each choice has."""

from dataclasses import dataclass, field


@dataclass
class Option:
    """One choice of a facet: how many have it, and whether it is chosen."""

    value: str
    label: str
    count: int
    is_chosen: bool = False


@dataclass
class Facet:
    """One thing that a list can be narrowed by. `counts` says in words what is counted."""

    name: str
    label: str
    counts: str
    options: list[Option] = field(default_factory=list)
