"""Reading an article, whatever form it has, as a row of blocks."""

import io
import re
import zipfile

import mammoth
from bs4 import UnicodeDammit
from django.core.exceptions import ValidationError
from django.db import models
from markdown_it import MarkdownIt

from topics.articles import walking
from topics.articles.blocks import HEADING, ITEM, PARAGRAPH, Source

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
TOO_LARGE = "The article has more than 5 MB. Import it in parts, or without its pictures."


class Form(models.TextChoices):
    TEXT = "text", "Plain text"
    MARKDOWN = "markdown", "Markdown"
    HTML = "html", "HTML"
    DOCX = "docx", "DOCX (Word)"


ENDINGS = {
    "txt": Form.TEXT, "text": Form.TEXT, "md": Form.MARKDOWN, "markdown": Form.MARKDOWN,
    "htm": Form.HTML, "html": Form.HTML, "xhtml": Form.HTML, "docx": Form.DOCX,
}  # fmt: skip
# What is often tried, by how it begins, and what to do instead.
STRANGERS = {
    b"%PDF": "A PDF has no headings or paragraphs that could be read. Paste its text instead.",
    b"\xd0\xcf\x11\xe0": "This is an old Word file (.doc). Save it as DOCX.",
    b"{\\rtf": "This is an RTF file. Save it as DOCX.",
}
_HTML = re.compile(r"<(?:!doctype html|html|body|p|div|h[1-6]|article|section)\b", re.IGNORECASE)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|[-*] \S|\s*\[.+\]: )|\*\*\S", re.MULTILINE)

_BULLET = re.compile(r"^\s*(?:[-*•·‣▪–—]|\d{1,2}[.)]|\([a-z\d]{1,2}\))\s+(?=\S)")
_UNDERLINE = re.compile(r"^\s*([=\-_*~])\1{2,}\s*$")
_ENDS = (".", ";", ",", "!", "…")
LONGEST_HEADING, MOST_WORDS = 120, 16
_WRAPPED = 100


def read_file(name: str, content: bytes) -> Source:
    """Return what an uploaded file says. Raises ValidationError, in words for the editor."""
    if len(content) > MAX_BYTES:
        raise ValidationError(TOO_LARGE)
    for begin, advice in STRANGERS.items():
        if content.startswith(begin):
            raise ValidationError(advice)
    ending = ENDINGS.get(name.rpartition(".")[2].lower())
    if content.startswith(b"PK") or ending == Form.DOCX:
        return _read_docx(content)
    text = UnicodeDammit(content, ["utf-8"]).unicode_markup
    if text is None or "\0" in text:
        raise ValidationError("This file holds no text. Text, Markdown, HTML and DOCX can be read.")
    return read_text(text, ending or "")


def read_text(text: str, form: str = "") -> Source:
    """Return what a text says. Without `form` it is found out what it is."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ValidationError(TOO_LARGE)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\ufeff", "")
    form = form or _guessed(text)
    if form == Form.HTML:
        return walking.read(text)
    if form == Form.MARKDOWN:
        return _read_markdown(text)
    return _read_plain(text)


def _guessed(text: str) -> str:
    if len(_HTML.findall(text[:20000])) > 1:
        return Form.HTML
    return Form.MARKDOWN if len(_MARKDOWN.findall(text[:20000])) > 1 else Form.TEXT


def _read_docx(content: bytes) -> Source:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if "word/document.xml" not in parts.namelist():
                raise ValidationError("This is no Word file. Save it as DOCX.")
            # A few bytes can be packed so that they become thousands of millions.
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise ValidationError("Unpacked, the file is too large. Take its pictures out.")
        html = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map="p[style-name='Title'] => h1.title:fresh",
            # They are only counted, so that none need be read.
            convert_image=mammoth.images.img_element(lambda image: {}),
        ).value
    except ValidationError:
        raise
    # A damaged file comes to light in many ways: as XML, as a missing part, as a wrong number.
    except Exception as error:
        raise ValidationError("The Word file is damaged. Save it again as DOCX.") from error
    return walking.read(html)


def _read_markdown(text: str) -> Source:
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    # With its HTML, so that what stands in it is told of rather than shown as text.
    return walking.read(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def _read_plain(text: str) -> Source:
    source = Source()
    for lines in _parted(text):
        for kind, words in _kinds(lines, is_first=not source.blocks):
            source.add(kind, words, level=1 if kind == HEADING and not source.blocks else 2)
    return source


def _parted(text: str) -> list[list[str]]:
    """Return the lines of a text, those without an empty line between them together."""
    parts = re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.strip("\n"))
    lines = ([line for line in part.split("\n") if line.strip()] for part in parts)
    return [_unwrapped(part) for part in lines if part]


def _unwrapped(lines: list[str]) -> list[str]:
    """Join lines that were only broken because they reached the margin."""
    full = [len(line) for line in lines[:-1]]
    is_wrapped = (
        len(lines) > 1
        and max(map(len, lines)) <= _WRAPPED
        and min(full) >= 40
        and not any(map(_BULLET.match, lines))
    )
    if is_wrapped:
        return [" ".join(line.strip() for line in lines)]
    joined: list[str] = []
    for line in lines:
        # The further lines of an item are indented.
        if joined and _BULLET.match(joined[-1]) and re.match(r"\s+[^\s]", line):
            is_new = _BULLET.match(line)
            joined[-1:] = [joined[-1], line] if is_new else [f"{joined[-1]} {line.strip()}"]
        else:
            joined.append(line)
    return joined


def _kinds(lines: list[str], *, is_first: bool):
    """Yield what each line of a part is, with its words."""
    follows_colon = False
    for place, line in enumerate(lines):
        words, after = line.strip(), lines[place + 1 :]
        if _UNDERLINE.match(line):
            continue
        is_underlined = bool(after) and bool(_UNDERLINE.match(after[0]))
        begins = place == 0 and (is_first or not after or len(after[0]) > len(words))
        bullet = _BULLET.match(line)
        if is_underlined or (not bullet and _is_heading(words, begins, is_first and place == 0)):
            yield HEADING, words
        elif bullet or follows_colon:
            yield ITEM, line[bullet.end() :] if bullet else words
        else:
            yield PARAGRAPH, words
        follows_colon = words.endswith(":") or (follows_colon and not bullet)


def _is_heading(words: str, begins: bool, is_title: bool) -> bool:
    """Return whether a line looks like a heading: short, without an end, where one may stand."""
    if len(words) > LONGEST_HEADING or len(words.split()) > MOST_WORDS:
        return False
    if words.endswith("?"):
        return begins
    may_be = not words.endswith((*_ENDS, ":")) and not words[:1].islower()
    return may_be and (begins or is_title)
