"""Changing the Markdown of a section at one place: a citation, a link, the grade of a statement.

All functions are pure: they take the text and a place in it, counted in characters, and return the
text as it shall be. What they write is read again before it is handed out, and refused if it says
anything else than it said before and was asked to say.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from django.core.exceptions import ValidationError

from references.identifiers import KEY_PATTERN
from topics import statements
from topics.choices import Certainty
from topics.statements import Statement

NO_STATEMENT = "Put the cursor into a statement first: a paragraph or an item of a list."
NOT_HERE = "This cannot be written here. Put the cursor into the words of a statement."

_GROUP = re.compile(r"\[(@[^\[\]]+)\]")
_GROUP_NEXT = re.compile(r"[ \t]*\n?[ \t]*(\[@[^\[\]]+\])")
_LINK = re.compile(r"\[[^\[\]]*\]\([^()\n]*\)")
_ATTRIBUTES = re.compile(r"[ \t]*\{([^{}\n]*)\}[ \t]*\Z")


@dataclass(frozen=True)
class Written:
    """A text that was changed, and where the cursor stands in it now."""

    text: str
    position: int


@dataclass(frozen=True)
class _Span:
    """Where a statement stands: from the start of its first line to the end of its last one."""

    start: int
    end: int
    first_line: int


def cite(text: str, position: int, key: str, locator: str = "") -> Written:
    """Cite a publication at a place, in the brackets that stand there already if there are such.

    Raises ValidationError if nothing can be cited there, or for a locator that cannot be written.
    """
    words = " ".join(locator.split())
    if not re.fullmatch(KEY_PATTERN, key):
        raise ValidationError(f"“{key}” is no key of a publication.")
    if re.search(r"[\[\];{}@]", words):
        raise ValidationError("The place in a publication has no brackets, braces, @ or semicolon.")
    citation = f"@{key}, {words}" if words else f"@{key}"
    return _first_that_fits(
        text,
        (_with_citation(text, place, citation) for place in _places(text, position)),
        lambda statement: replace(
            statement, citations=[*statement.citations, statements.Citation(key, words)]
        ),
    )


def link(text: str, start: int, end: int, slug: str, words: str) -> Written:
    """Write a link to a topic in place of what is selected.

    Only the statement of the cursor must be readable, others may have faults. Raises
    ValidationError if a link cannot be read there.
    """
    words = " ".join(words.split())
    if not words or re.search(r"[\[\]\\`]", words):
        raise ValidationError("The words of a link have no brackets, backslash or backquote.")
    made = f"[{words}]({statements.TOPIC_LINK}{slug})"
    rest = ""
    if start == end:
        # Who types a name behind a word has no space yet.
        is_behind = re.search(r"[\w,;:.!?)]\Z", text[:start])
        made = f" {made}" if is_behind else made
        rest = " " if text[end : end + 1].isalnum() else ""
    written = Written(text[:start] + made + rest + text[end:], start + len(made))
    before = _links_at(text, start) if _span_at(text, start) else []
    try:
        after = _links_at(written.text, start + 1)
    except ValidationError as error:
        raise ValidationError(NOT_HERE) from error
    if len(after) <= len(before) or slug not in after:
        raise ValidationError(NOT_HERE)
    return written


def grade(text: str, position: int, certainty: str) -> Written:
    """Set how sure the statement at a place is. Raises ValidationError if there is none."""
    if certainty not in Certainty.values:
        raise ValidationError(f"“{certainty}” is no certainty.")
    word = "" if certainty == Certainty.UNGRADED else f"certainty={certainty}"
    return _with_attribute(
        text, position, "certainty=", word, lambda one: replace(one, certainty=certainty)
    )


def set_check(text: str, position: int, *, is_awaited: bool) -> Written:
    """Set whether the source check of the statement at a place is awaited. See `grade`."""
    word = "check=awaiting" if is_awaited else ""
    return _with_attribute(
        text, position, "check=", word, lambda one: replace(one, awaiting_check=is_awaited)
    )


def without_needless_names(text: str) -> str:
    """Return a text without the names that its statements would have by their words anyway."""
    found = {statement.line: statement for statement in _read(text) or []}
    for span in reversed(list(_spans(text))):
        statement = found.get(span.first_line)
        if statement is None or statement.anchor != statements.default_anchor(statement.text):
            continue
        marks = _ATTRIBUTES.search(text, span.start, span.end)
        kept = [word for word in marks.group(1).split() if word != f"#{statement.anchor}"]
        tail = f"{{{' '.join(kept)}}}" if kept else ""
        text = text[: marks.start()] + tail + text[span.end :]
    return text


def _places(text: str, position: int) -> Iterator[int]:
    """Yield where a citation may stand: at the cursor, or else at the end of the statement."""
    span = _span_at(text, position)
    if span is None:
        yield position
        return
    end = _end_of_words(text, span)
    place = min(max(position, span.start), end)
    for found in _LINK.finditer(text, span.start, span.end):
        if found.start() < place < found.end():
            place = found.end()
    inside = any(g.start() < place < g.end() for g in _GROUP.finditer(text))
    while not inside and place < end and not text[place].isspace() and text[place] not in "[{":
        place += 1
    yield place
    yield end


def _with_citation(text: str, place: int, citation: str) -> Written:
    for group in _GROUP.finditer(text):
        if group.start() < place <= group.end():
            return _into_group(text, group.end() - 1, citation)
    if follows := _GROUP_NEXT.match(text, place):
        return _into_group(text, follows.end() - 1, citation)
    before = text[:place].rstrip(" \t")
    gap = "" if not before or before.endswith("\n") else " "
    made = f"{before}{gap}[{citation}]"
    rest = text[place:]
    apart = " " if rest and (rest[0].isalnum() or rest[0] in "*_[`") else ""
    return Written(made + apart + rest, len(made))


def _into_group(text: str, end: int, citation: str) -> Written:
    """Write a citation before the closing bracket of a group, once."""
    start = text.rindex("[", 0, end)
    if citation in [part.strip() for part in text[start + 1 : end].split(";")]:
        return Written(text, end + 1)
    made = f"{text[:end].rstrip(' ;')}; {citation}"
    return Written(f"{made}{text[end:]}", len(made) + 1)


def _with_attribute(
    text: str, position: int, prefix: str, word: str, change: Callable[[Statement], Statement]
) -> Written:
    span = _span_at(text, position)
    if span is None:
        raise ValidationError(NO_STATEMENT)
    end = _end_of_words(text, span)
    found = _ATTRIBUTES.search(text, end, span.end)
    old = found.group(1).split() if found else []
    kept = [each for each in old if not each.startswith(prefix)]
    # In one order, so that setting a mark and taking it away leaves the text as it was.
    marks = sorted([*kept, *filter(None, [word])], key=_rank)
    tail = f"{{{' '.join(marks)}}}" if marks else ""
    made = text[:end] + tail
    written = Written(made + text[span.end :], min(position, len(made)))
    return _first_that_fits(text, [written], change, span.first_line)


def _rank(word: str) -> int:
    starts = ("#", "certainty=", "check=")
    return next((n for n, start in enumerate(starts) if word.startswith(start)), len(starts))


def _first_that_fits(
    text: str,
    candidates,
    change: Callable[[Statement], Statement],
    line: int | None = None,
) -> Written:
    """Return the first text that is read as before but for one statement, changed as asked."""
    before = _read(text)
    for written in candidates:
        after = _read(written.text)
        if before is None or written.text == text:
            # A text that has faults already cannot be compared; they are shown beside it.
            return written
        if after is not None and _differ_as_asked(before, after, change, line):
            return written
    raise ValidationError(NOT_HERE)


def _differ_as_asked(before, after, change, line) -> bool:
    if len(after) == len(before) + 1:
        # A citation on a line of its own, before the words are written.
        return [s for s in after if s.text] == [s for s in before if s.text]
    if len(after) != len(before):
        return False
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    if not changed:
        return line is not None
    ((old, new), *others) = changed
    return not others and _unordered(new) == _unordered(change(old)) and line in (None, old.line)


def _unordered(statement: Statement) -> Statement:
    cited = sorted(statement.citations, key=lambda citation: (citation.key, citation.locator))
    return replace(statement, citations=cited)


def _read(text: str) -> list[Statement] | None:
    """Return the statements of a text, None if it has faults."""
    try:
        return statements.parse(text)
    except ValidationError:
        return None


def _links_at(text: str, position: int) -> list[str]:
    """Return the topics that the statement at a place links to. Raises ValidationError for none."""
    span = _span_at(text, position)
    if span is None:
        raise ValidationError(NOT_HERE)
    # Alone, an item that stands deep in a list would be code.
    alone = "\n".join(line.strip() for line in text[span.start : span.end].split("\n"))
    try:
        return [slug for statement in statements.parse(alone) for slug in statement.links]
    except ValidationError as error:
        faults = "; ".join(re.sub(r"^Line \d+: ", "", each) for each in error.messages)
        raise ValidationError(f"Mend this statement first: {faults}") from error


def _span_at(text: str, position: int) -> _Span | None:
    """Return where the statement stands that holds a place, None if there is none."""
    line = text.count("\n", 0, position)
    for span in _spans(text):
        if span.first_line - 1 <= line and position <= span.end:
            return span
    return None


def _spans(text: str) -> Iterator[_Span]:
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    tokens = statements.markdown().parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open":
            first, last = inline.map
            end = starts[last] - 1 if last < len(starts) else len(text)
            yield _Span(starts[first], len(text[:end].rstrip()), first + 1)


def _end_of_words(text: str, span: _Span) -> int:
    """Return where the words and citations of a statement end and its attributes begin."""
    found = _ATTRIBUTES.search(text, span.start, span.end)
    return found.start() if found else span.end
