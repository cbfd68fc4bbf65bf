"""Which parts of an edition are told, and which publications they cite."""

from collections.abc import Iterable

from topics import reading
from topics.assistants.asking import Refused
from topics.embedding.naming import Named


def places(found: reading.Reading, asked: Named, named: Iterable[str]) -> list[str]:
    """Return which sections are asked for: by name, else the one that the address leads to."""
    if chosen := list(named):
        return chosen
    return [
        section["anchor"]
        for section in found.document.get("sections", [])
        if asked.anchor in {section["anchor"], *(one["anchor"] for one in section["statements"])}
    ]


def sections(document: dict, asked: list[str]) -> list[dict]:
    """Return the sections that are named by heading, kind or anchor; all if none is named."""
    every = document.get("sections", [])
    if not asked:
        return every
    names = ("heading", "kind", "anchor")
    known = [{one[name].lower() for name in names} for one in every]
    wanted = {name.strip().lower(): name for name in asked}
    if missing := [name for low, name in wanted.items() if not any(low in one for one in known)]:
        there = ", ".join(f"“{one['heading']}” ({one['kind']})" for one in every)
        named = ", ".join(f"“{name}”" for name in missing)
        raise Refused(f"There is no such section: {named}. The topic has: {there or 'none'}.")
    return [one for one, of in zip(every, known, strict=True) if wanted.keys() & of]


def cited_in(part) -> set[str]:
    """Return the keys of publications that a part of a Document cites, however deep."""
    if isinstance(part, list):
        return set().union(*map(cited_in, part))
    if not isinstance(part, dict):
        return set()
    own = {cited["key"] for cited in part.get("citations", [])} | {*part.get("references", [])}
    return own.union(*map(cited_in, part.values()))
