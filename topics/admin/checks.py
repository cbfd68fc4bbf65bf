"""What can be wrong with the sections of a draft as a whole, said for each section.

A section by itself is checked by its model; here are the faults that show only beside the other
sections and the library.
"""

from django.core.exceptions import ValidationError

from references.models import Reference
from topics import documents, statements


def section_faults(sections: list[dict]) -> dict[int, list[str]]:
    """Return, by place in the list, what must be mended. Each section has a heading and a body.

    The Markdown of each body must be readable.
    """
    faults = _unknown_citations([section["body"] for section in sections])
    place, messages = _name_used_twice(sections)
    if messages:
        faults.setdefault(place, []).extend(messages)
    return faults


def _unknown_citations(bodies: list[str]) -> dict[int, list[str]]:
    cited = [
        {citation.key for found in statements.parse(body) for citation in found.citations}
        for body in bodies
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
