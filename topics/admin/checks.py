"""What can be wrong with the sections of a draft as a whole, said for each section.

A section by itself is checked by its model; here are the faults that show only beside the other
sections and the library.
"""

from django.core.exceptions import ValidationError

from references.models import Reference
from topics import documents, statements
from topics.models import Topic


def section_faults(sections: list[dict]) -> dict[int, list[str]]:
    """Return, by place in the list, what must be mended. Each section has a heading and a body.

    Of a body that cannot be read, which is told of elsewhere, the rest is told all the same: who
    mends a text wants to know of all its faults at once.
    """
    bodies = [section["body"] for section in sections]
    read = [_read(body) for body in bodies]
    faults = _unknown_citations(bodies, read)
    for place, messages in _unknown_topics(bodies, read).items():
        faults.setdefault(place, []).extend(messages)
    readable = [place for place, found in enumerate(read) if found is not None]
    place, messages = _name_used_twice([sections[place] for place in readable])
    if messages:
        faults.setdefault(readable[place], []).extend(messages)
    return faults


def _read(body: str) -> list[statements.Statement] | None:
    try:
        return statements.parse(body)
    except ValidationError:
        return None


def _unknown_topics(bodies: list[str], read: list) -> dict[int, list[str]]:
    linked = [
        statements.topics_in(body) if found is None else {s for one in found for s in one.links}
        for body, found in zip(bodies, read, strict=True)
    ]
    known = Topic.all_at(set().union(*linked)).keys()
    return {
        place: [f"There is no topic “{slug}”. Mend the link." for slug in sorted(slugs - known)]
        for place, slugs in enumerate(linked)
        if slugs - known
    }


def _unknown_citations(bodies: list[str], read: list) -> dict[int, list[str]]:
    cited = [
        statements.keys_in(body)
        if found is None
        else {citation.key for one in found for citation in one.citations}
        for body, found in zip(bodies, read, strict=True)
    ]
    every = set().union(*cited)
    known = set(Reference.objects.filter(key__in=every).values_list("key", flat=True))
    return {
        place: [
            f"Unknown reference {', '.join(sorted(keys - known))}. "
            "Add it to the library first, or mend the citation."
        ]
        for place, keys in enumerate(cited)
        if keys - known
    }


def _name_used_twice(sections: list[dict]) -> tuple[int, list[str]]:
    """Return the first section at which the names of the statements clash, and what to do."""
    if not _clash(sections):
        return 0, []
    for place in range(len(sections)):
        if messages := _clash(sections[: place + 1]):
            return place, messages
    return 0, []


def _clash(sections: list[dict]) -> list[str]:
    try:
        documents.add_statements({"sections": [dict(section) for section in sections]})
    except ValidationError as error:
        return error.messages
    return []
