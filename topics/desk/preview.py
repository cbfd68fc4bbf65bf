"""A section as its page would show it, made of what an editor has typed so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hsc_portal.typography import held, typeset
from references import csl
from references.models import Reference
from topics import numbering, rendering, statements
from topics.choices import Certainty
from topics.models import Topic

# Reading takes time in proportion to the text; the longest section of the starter content has a
# tenth of this.
MOST_CHARACTERS = 100_000
# Longer than any that an editor would type.
FENCE = "~" * 30


def too_long(text: str) -> str:
    """Return what to say of a text that is too long for one section, "" if it is not."""
    if len(text) <= MOST_CHARACTERS:
        return ""
    return (
        f"A section has at most {MOST_CHARACTERS:,} characters, and this one has {len(text):,}. "
        "Part it into several."
    )


@dataclass
class Preview:
    """The HTML of a section and what is to be said of it. `marks` tells of each statement.

    What has faults that keep it from being read stands in the HTML as it was typed.
    """

    html: SafeString | str = ""
    faults: list[str] = field(default_factory=list)
    marks: list[dict] = field(default_factory=list)
    references: list[dict] = field(default_factory=list)

    def to_json(self) -> dict:
        return {
            "html": self.html,
            "faults": self.faults,
            "statements": self.marks,
            "references": self.references,
        }


def of_section(text: str, figures: rendering.Figures) -> Preview:
    """Return a section's text as readers would see it, with all that keeps it from being saved."""
    if fault := too_long(text):
        return Preview(faults=[fault])
    faults, bad = _unreadable(text), _unreadable_lines(text)
    bad_blocks = _blocks_at(text, bad)
    try:
        found = statements.parse(_without(text, bad))
        publications, flagged = _publications(found)
        marks = [_mark(statement, publications) for statement in found]
        statements.name_statements(found)
        # A citation that leads nowhere has no number.
        bad += [statement.line for statement in _uncitable(found, publications)]
        faults += _unknown(found, publications) + _unknown_in(text, bad_blocks)
        text = _as_typed(text, bad)
        found = statements.parse(text)
        statements.name_statements(found)
    except ValidationError as error:
        return Preview(faults=list(dict.fromkeys([*faults, *error.messages])))
    document = {"heading": "", "body": text, "statements": [s.to_document() for s in found]}
    sources = rendering.Sources(
        numbers=numbering.number(numbering.keys_in_order([document])),
        publications=publications,
        flagged=flagged,
    )
    html = rendering.section_html(document, sources, rendering.TopicLinks(), figures)
    return Preview(html, faults + _missing_topics(found), marks, _listed(sources))


def of_words(text: str) -> Preview:
    """Return words that are no Markdown, as a summary, as readers would see them."""
    if fault := too_long(text):
        return Preview(faults=[fault])
    html = format_html("<p>{}</p>", held(typeset(text))) if text.strip() else ""
    return Preview(html, statements.html_faults(text))


def _unreadable(text: str) -> list[str]:
    try:
        statements.parse(text)
    except ValidationError as error:
        return error.messages
    return []


def _unreadable_lines(text: str) -> list[int]:
    """Return the first line of each block that cannot be read."""
    lines = text.split("\n")
    return [start + 1 for start, end in _blocks(text) if _unreadable("\n".join(lines[start:end]))]


def _without(text: str, bad: list[int]) -> str:
    """Return a text without the blocks that hold the given lines, all others at their lines."""
    lines = text.split("\n")
    for start, end in _blocks_at(text, bad):
        lines[start:end] = [""] * (end - start)
    return "\n".join(lines)


def _as_typed(text: str, bad: list[int]) -> str:
    """Return a text in which the blocks that hold the given lines are code."""
    lines = text.split("\n")
    for start, end in reversed(_blocks_at(text, bad)):
        lines[start:end] = ["", f"{FENCE}fault", *lines[start:end], FENCE, ""]
    return "\n".join(lines)


def _blocks_at(text: str, places: list[int]) -> list[tuple[int, int]]:
    found = _blocks(text)
    return [(start, end) for start, end in found if any(start < n <= end for n in places)]


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the first line of each paragraph, list and the like, and the line behind its last."""
    for token in statements.markdown().parse(text):
        if token.level == 0 and token.map and token.nesting >= 0:
            yield token.map[0], token.map[1]


def _publications(found: list[statements.Statement]) -> tuple[dict, dict]:
    """Return the publications that are cited, and those with a notice, both by key."""
    keys = {citation.key for statement in found for citation in statement.citations}
    rows = list(Reference.objects.filter(key__in=keys))
    flagged = {
        row.key: {"status": row.status} for row in rows if row.status != Reference.Status.CURRENT
    }
    return {row.key: row.csl for row in rows}, flagged


def _uncitable(found: list[statements.Statement], publications: dict) -> list:
    """Return the statements that cite what the library lacks."""
    return [
        statement
        for statement in found
        if any(citation.key not in publications for citation in statement.citations)
    ]


def _unknown(found: list[statements.Statement], publications: dict) -> list[str]:
    return [
        f"Line {statement.line}: there is no publication “{citation.key}” in the library."
        for statement in _uncitable(found, publications)
        for citation in statement.citations
        if citation.key not in publications
    ]


def _unknown_in(text: str, bad: list[tuple[int, int]]) -> list[str]:
    """Return what to say of citations in blocks that cannot be read: all faults at once."""
    lines = text.split("\n")
    cited = {start + 1: statements.keys_in("\n".join(lines[start:end])) for start, end in bad}
    every = set().union(*cited.values())
    known = set(Reference.objects.filter(key__in=every).values_list("key", flat=True))
    return [
        f"Line {line}: there is no publication “{key}” in the library."
        for line, keys in cited.items()
        for key in sorted(keys - known)
    ]


def _missing_topics(found: list[statements.Statement]) -> list[str]:
    slugs = {slug for statement in found for slug in statement.links}
    known = Topic.all_at(slugs) if slugs else {}
    return [
        f"Line {statement.line}: there is no topic “{slug}”."
        for statement in found
        for slug in statement.links
        if slug not in known
    ]


def _mark(statement: statements.Statement, publications: dict) -> dict:
    return {
        "line": statement.line,
        "certainty": str(statement.certainty or Certainty.UNGRADED),
        "awaiting": statement.awaiting_check,
        "cited": any(citation.key in publications for citation in statement.citations),
    }


def _listed(sources: rendering.Sources) -> list[dict]:
    return [
        {"number": number, "name": csl.short_name(item), "title": item["title"]}
        for number, item in (
            (number, sources.publications[key]) for key, number in sources.numbers.items()
        )
    ]
