"""Statements: reading the Markdown of a section.

A statement is one paragraph or list item. Its citations and attributes stand in the Markdown:

    Cells reach the blood within days. [@duhrsen1988; @petit2002, p. 690]{#days certainty=high}

`parse` is a pure function of the Markdown, so the text alone decides what is a statement and what
it is called; nothing about statements is kept beside it in the draft.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import pairwise

from django.core.exceptions import ValidationError
from markdown_it import MarkdownIt
from markdown_it.token import Token

from references.identifiers import KEY_PATTERN
from topics.choices import Certainty

ANCHOR_PATTERN = r"[a-z][a-z0-9-]{0,63}"
TOPIC_LINK = "topic:"
FIGURE_LINK = "figure:"
FIGURE_KEY_PATTERN = r"[a-z][a-z0-9-]{0,39}"
GRADES = [grade for grade in Certainty.values if grade != Certainty.UNGRADED]

_CITATION_GROUP = re.compile(r"\[(@[^\[\]]+)\]")
_CITATION = re.compile(rf"@({KEY_PATTERN})(?:\s*,\s*(.+))?\Z", re.DOTALL)
_ATTRIBUTES = re.compile(r"\s*\{([^{}]*)\}\s*\Z")
_HIGHEST_HEADING = 3

# A comparison (“<5%”, “x < y”) is no tag.
HTML_TAG = r"</?[a-zA-Z][^>]*>"

# What is left in the words of a statement when its marks were written wrongly, and what to do.
_LEFTOVERS = (
    (r"\{[^{}]*(certainty|check|#)[^{}]*\}?",
     "attributes in braces come last, behind the citations, as {certainty=high}"),
    (r"\[@|\[[a-z]+\d{4}[a-z0-9_-]*\]", "a citation is written [@key], with both brackets"),
    (r"\]\(", "the link cannot be read; write [words](topic:slug) or [words](https://…)"),
    (HTML_TAG, "HTML is not allowed"),
)  # fmt: skip


@dataclass(frozen=True)
class Citation:
    """A reference's key and the place in it, which may be empty."""

    key: str
    locator: str = ""


@dataclass
class Statement:
    """The smallest thing that is cited, graded and linked to."""

    text: str
    anchor: str = ""
    certainty: str = Certainty.UNGRADED
    awaiting_check: bool = False
    citations: list[Citation] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    line: int = 0

    def to_document(self) -> dict:
        """Return the statement as it stands in a Document; empty parts are left out."""
        data = {"anchor": self.anchor, "text": self.text}
        if self.certainty != Certainty.UNGRADED:
            data["certainty"] = str(self.certainty)
        if self.awaiting_check:
            data["awaiting_check"] = True
        if self.citations:
            data["citations"] = [
                {"key": c.key, "locator": c.locator} if c.locator else {"key": c.key}
                for c in self.citations
            ]
        if self.links:
            data["links"] = self.links
        return data


def parse_markdown(body: str) -> tuple[list[Token], list[Statement]]:
    """Return the Markdown tokens of a section body, and its statements in order.

    The inline token of each statement carries it as `meta["statement"]`, that of a figure's place
    the figure's name as `meta["figure"]`. Anchors that the text does not name are still empty
    (`name_statements` fills them, once for the whole topic).
    Raises ValidationError with one message for each fault, naming its line.
    """
    tokens = markdown().parse(body)
    statements, faults = [], []
    for n, (opening, inline) in enumerate(pairwise(tokens)):
        if opening.type == "heading_open" and int(opening.tag[1]) < _HIGHEST_HEADING:
            faults.append(f"Line {opening.map[0] + 1}: a heading inside a section starts with ###.")
        if opening.type == "heading_open":
            faults += [
                f"Line {opening.map[0] + 1}: {fault}" for fault in html_faults(inline.content)
            ]
        if opening.type == "heading_open" and any(map(_leads_elsewhere, inline.children)):
            line = opening.map[0] + 1
            faults.append(f"Line {line}: a heading has no citations or links. Put them below it.")
        if opening.type == "paragraph_open" and any(map(_is_figure, inline.children)):
            inline.meta["figure"] = _read_figure(opening, inline, faults)
            # A figure is no paragraph.
            opening.hidden = tokens[n + 2].hidden = True
        elif opening.type == "paragraph_open":
            statement = _read_statement(inline, faults)
            inline.meta["statement"] = statement
            statements.append(statement)
    if faults:
        raise ValidationError(faults)
    return tokens, statements


def html_faults(words: str) -> list[str]:
    """Return what to say of HTML in words that readers see as they stand."""
    found = re.search(HTML_TAG, words)
    return [f"“{found.group()[:40]}” was not understood: HTML is not allowed."] if found else []


def _leads_elsewhere(token: Token) -> bool:
    return token.type in {"citation", "link_open"} or _is_figure(token)


def _is_figure(token: Token) -> bool:
    return token.type == "image" and str(token.attrs["src"]).startswith(FIGURE_LINK)


def _read_figure(opening: Token, inline: Token, faults: list[str]) -> str:
    """Return the name of the figure that is placed by a line of its own."""
    line = opening.map[0] + 1
    figure = next(filter(_is_figure, inline.children))
    key = str(figure.attrs["src"]).removeprefix(FIGURE_LINK)
    if len(inline.children) > 1 or opening.level:
        faults.append(
            f"Line {line}: the figure “{key}” must stand on a line of its own, with an empty line "
            "before and behind it, and not in a list or quotation."
        )
    elif not re.fullmatch(FIGURE_KEY_PATTERN, key):
        faults.append(f"Line {line}: “{key}” cannot be the name of a figure.")
    return key


def placed_figures(body: str) -> list[str]:
    """Return the names of the figures that have their place in a section body, in order."""
    if FIGURE_LINK not in body:
        return []
    inlines = (token for token in parse_markdown(body)[0] if token.type == "inline")
    return [token.meta["figure"] for token in inlines if "figure" in token.meta]


def parse(body: str) -> list[Statement]:
    """Return the statements of a section body. See `parse_markdown`."""
    return [replace(s, citations=[*s.citations], links=[*s.links]) for s in _parsed(body)]


@lru_cache(maxsize=1000)
def _parsed(body: str) -> tuple[Statement, ...]:
    """A text is read several times on its way to the reader: saved, compared, published."""
    return tuple(parse_markdown(body)[1])


def keys_in(text: str) -> set[str]:
    """Return the keys that a text cites, also one that cannot be read for faults of its own."""
    groups = (group.split(";") for group in _CITATION_GROUP.findall(text))
    found = (_CITATION.match(part.strip()) for group in groups for part in group)
    return {match.group(1) for match in found if match}


def topics_in(text: str) -> set[str]:
    """Return the addresses of the topics that a text links to; see `keys_in`."""
    return set(re.findall(rf"\]\({TOPIC_LINK}([^()\s]+)\)", text))


def default_anchor(text: str) -> str:
    """Return the name that a statement has while no anchor is written: made from its words."""
    words = " ".join(text.lower().split())
    return "s-" + hashlib.sha256(words.encode()).hexdigest()[:8]


def name_statements(statements: list[Statement]) -> None:
    """Give each statement of a topic a name that no other one has.

    Raises ValidationError if two statements were given the same name by hand.
    """
    taken = set()
    for statement in statements:
        if statement.anchor in taken:
            raise ValidationError(
                f"Two statements are named #{statement.anchor}. Rename or remove one of them."
            )
        if statement.anchor:
            taken.add(statement.anchor)
    for statement in statements:
        if not statement.anchor:
            statement.anchor = unused(default_anchor(statement.text), taken)
            taken.add(statement.anchor)


def unused(name: str, taken: set[str]) -> str:
    """Return the name, with -2, -3 … behind it if it is taken already."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}-{count}"
    return candidate


@cache
def markdown() -> MarkdownIt:
    """Return the Markdown reader of the portal: CommonMark and citations, no HTML and no tables.

    What stands in a table would be no statement and escape every rule for one; figures belong to
    the clinical tables. Making a reader takes longer than reading a section with it, and it keeps
    nothing between readings.
    """
    reader = MarkdownIt("commonmark", {"html": False})
    reader.inline.ruler.before("link", "citation", _citation_rule)
    return reader


def _citation_rule(state, silent: bool) -> bool:
    """Read `[@key; @other, p. 3]` as one token. A group with a fault stays in the token."""
    match = _CITATION_GROUP.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content = match.group(1)
    state.pos = match.end()
    return True


def _read_statement(inline: Token, faults: list[str]) -> Statement:
    line = inline.map[0] + 1
    statement = Statement(text="", line=line)
    _take_attributes(inline, statement, faults)
    words = []
    for token in inline.children:
        if token.type == "citation":
            token.meta["citations"] = _read_citations(token.content, line, faults)
            statement.citations += token.meta["citations"]
        elif token.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        else:
            words.append(token.content)
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            if href.startswith(TOPIC_LINK):
                statement.links.append(href.removeprefix(TOPIC_LINK))
    statement.text = " ".join("".join(words).split())
    for pattern, advice in _LEFTOVERS:
        if found := re.search(pattern, statement.text):
            faults.append(f"Line {line}: “{found.group()[:40]}” was not understood: {advice}.")
    return statement


def _read_citations(content: str, line: int, faults: list[str]) -> list[Citation]:
    citations = []
    for part in content.split(";"):
        match = _CITATION.match(part.strip())
        if match:
            citations.append(Citation(match.group(1), " ".join((match.group(2) or "").split())))
        else:
            faults.append(
                f"Line {line}: “{part.strip()}” is not a citation. Write [@key] or [@key, p. 3]."
            )
    return citations


def _take_attributes(inline: Token, statement: Statement, faults: list[str]) -> None:
    """Move `{…}` at the end of a statement from its words into its fields."""
    last = inline.children[-1] if inline.children else None
    match = _ATTRIBUTES.search(last.content) if last and last.type == "text" else None
    if not match:
        return
    last.content = last.content[: match.start()]
    for word in match.group(1).split():
        name, _, value = word.partition("=")
        if re.fullmatch(rf"#{ANCHOR_PATTERN}", word):
            statement.anchor = word[1:]
        elif name == "certainty" and value in GRADES:
            statement.certainty = value
        elif word == "check=awaiting":
            statement.awaiting_check = True
        else:
            faults.append(
                f"Line {statement.line}: “{word}” is not known here. Use #name, check=awaiting or "
                f"certainty= with one of {', '.join(GRADES)}."
            )
