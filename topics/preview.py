"""A section as its page would show it, made of what an editor has typed so far."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from references import csl
from references.models import Reference
from topics import numbering, rendering, statements
from topics.choices import Certainty
from topics.models import Topic

# Reading takes time in proportion to the text; the longest section of the starter content has a
# tenth of this.
MOST_CHARACTERS = 100_000


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

    While the text has faults that keep it from being read, there is no HTML.
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
    try:
        found = statements.parse(text)
        statements.name_statements(found)
    except ValidationError as error:
        return Preview(faults=error.messages)
    publications, flagged = _publications(found)
    marks = [_mark(statement) for statement in found]
    if faults := _unknown(found, publications):
        # A citation that leads nowhere has no number.
        return Preview(faults=faults, marks=marks)
    document = {"heading": "", "body": text, "statements": [s.to_document() for s in found]}
    sources = rendering.Sources(
        numbers=numbering.number(numbering.keys_in_order([document])),
        publications=publications,
        flagged=flagged,
    )
    html = rendering.section_html(document, sources, rendering.TopicLinks(), figures)
    return Preview(html, _missing_topics(found), marks, _listed(sources))


def _publications(found: list[statements.Statement]) -> tuple[dict, dict]:
    """Return the publications that are cited, and those with a notice, both by key."""
    keys = {citation.key for statement in found for citation in statement.citations}
    rows = list(Reference.objects.filter(key__in=keys))
    flagged = {
        row.key: {"status": row.status} for row in rows if row.status != Reference.Status.CURRENT
    }
    return {row.key: row.csl for row in rows}, flagged


def _unknown(found: list[statements.Statement], publications: dict) -> list[str]:
    return [
        f"Line {statement.line}: there is no publication “{citation.key}” in the library."
        for statement in found
        for citation in statement.citations
        if citation.key not in publications
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


def _mark(statement: statements.Statement) -> dict:
    return {
        "line": statement.line,
        "certainty": str(statement.certainty or Certainty.UNGRADED),
        "awaiting": statement.awaiting_check,
        "cited": bool(statement.citations),
    }


def _listed(sources: rendering.Sources) -> list[dict]:
    return [
        {"number": number, "name": csl.short_name(item), "title": item["title"]}
        for number, item in (
            (number, sources.publications[key]) for key, number in sources.numbers.items()
        )
    ]
