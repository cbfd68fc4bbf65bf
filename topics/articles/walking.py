"""From HTML to the blocks of an article. What is no text is left out and counted."""

import re

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from topics.articles.blocks import HEADING, ITEM, PARAGRAPH, Source, escaped

# What is left out with all that is in it, and what it is called in the report.
LEFT_OUT = {
    "table": "tables", "img": "pictures", "picture": "pictures", "svg": "pictures",
    "figure": "pictures", "canvas": "pictures", "script": "scripts", "noscript": "scripts",
    "style": "styles", "template": "scripts", "iframe": "embedded pages",
    "object": "embedded pages", "embed": "embedded pages",
    "video": "videos and sounds", "audio": "videos and sounds",
    "form": "forms", "button": "forms", "input": "forms", "select": "forms", "textarea": "forms",
    "nav": "menus", "footer": "page footers", "aside": "boxes beside the text",
    "math": "formulas",
}  # fmt: skip
SILENT = {"head", "link", "meta", "br", "hr", "wbr"}
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
LISTS = {"ul", "ol", "menu"}
BLOCKS = {
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "header", "html", "li", "main", "p", "pre", "section", "summary",
    *HEADINGS, *LISTS,
}  # fmt: skip
EMPHASIS = {"b": "**", "strong": "**", "em": "*", "i": "*"}
NOTE_MARKS, LINKS = "marks of notes", "links, whose words were kept"
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_LOWERED = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_NUMBER = re.compile(r"[\d+−-]{1,4}")
_MARK = re.compile(r"[\s\[(]*[\d,;–\s*†‡§a-z-]{1,12}[\s\])]*")
# A longer text is no mark, and would take the pattern very long.
_LONGEST_MARK = 40


def _is_mark(text: str) -> bool:
    """Return whether a small text is the mark of a note: it has a number, and little else."""
    is_short = len(text) <= _LONGEST_MARK
    return is_short and any(map(str.isdigit, text)) and bool(_MARK.fullmatch(text))


def read(html: str) -> Source:
    """Return what an HTML page says."""
    soup = BeautifulSoup(html, "html.parser")
    source = Source(title=_title(soup))
    _Walk(source).through(_text_of(soup))
    return source


def _title(soup: BeautifulSoup) -> str:
    marked = soup.select_one("h1.title") or soup.title
    return " ".join(marked.get_text(" ").split()) if marked else ""


def _text_of(soup: BeautifulSoup) -> Tag:
    """Return the element that holds the text: the one article or main part, else the page."""
    for name in ("article", "main", "body"):
        found = soup.find_all(name, limit=2)
        if len(found) == 1:
            return found[0]
    return soup


class _Walk:
    """A walk through the elements of a page, which may be nested as deeply as they like."""

    def __init__(self, source: Source):
        self.source = source
        self.plain: list[str] = []
        self.marked: list[str] = []
        self.lists = 0
        self.heading = 0

    def through(self, root: Tag) -> None:
        waiting = [(root, False)]
        while waiting:
            node, is_left = waiting.pop()
            if is_left:
                self._leave(node)
            elif isinstance(node, NavigableString):
                self._say(node)
            elif not self._is_left_out(node):
                self._enter(node)
                waiting.append((node, True))
                waiting += [(child, False) for child in reversed(node.contents)]
        self._flush()

    def _say(self, text: NavigableString) -> None:
        # Comments and the like are strings, too.
        if not isinstance(text, PreformattedString):
            self._write(str(text))

    def _write(self, plain: str, marked: str | None = None) -> None:
        self.plain.append(plain)
        self.marked.append(escaped(plain) if marked is None else marked)

    def _is_left_out(self, node: Tag) -> bool:
        """Return whether an element is not walked through; what stands for it is written."""
        if node.name in LEFT_OUT:
            self.source.left_out[LEFT_OUT[node.name]] += 1
            self._write(" ")
            return True
        if node.name in SILENT:
            self._write(" ")
            return True
        if node.name in {"sup", "sub"}:
            self._write_small(node)
            return True
        return False

    def _write_small(self, node: Tag) -> None:
        """Write what is raised or lowered, but for the number of a note."""
        text = node.get_text()
        before = next((part[-1] for part in reversed(self.plain) if part), "")
        is_number = _NUMBER.fullmatch(text.strip())
        if node.name == "sub":
            self._write(text.translate(_LOWERED) if is_number else text)
        elif is_number and before.isdigit() and not node.find("a"):
            self._write(text.translate(_RAISED))
        elif text.strip() in {"+", "-", "−"}:
            self._write(text)
        elif node.find("a") or _is_mark(text.strip()):
            self.source.left_out[NOTE_MARKS] += 1
        else:
            self._write(text)

    def _enter(self, node: Tag) -> None:
        if node.name in BLOCKS:
            self._flush()
        self.lists += node.name in LISTS
        self.heading = HEADINGS.get(node.name, self.heading)
        if node.name in EMPHASIS:
            self.marked.append(f"\0{EMPHASIS[node.name]}")
        if node.name == "a" and node.get("href"):
            self.source.addresses.append(str(node["href"]))
            self.source.left_out[LINKS] += not str(node["href"]).startswith("#")

    def _leave(self, node: Tag) -> None:
        if node.name in EMPHASIS:
            self._emphasise(EMPHASIS[node.name])
        if node.name in BLOCKS:
            self._flush()
        self.lists -= node.name in LISTS
        if node.name in HEADINGS:
            self.heading = 0

    def _emphasise(self, mark: str) -> None:
        """Close an emphasis, if anything stands in it. Markdown wants no space at its edges."""
        for place in range(len(self.marked) - 1, -1, -1):
            if self.marked[place] == f"\0{mark}":
                break
        else:
            # A block ended meanwhile.
            return
        inside = "".join(self.marked[place + 1 :])
        core = inside.strip()
        before, after = (
            (" " if inside[:1].isspace() else ""),
            (" " if inside[-1:].isspace() else ""),
        )
        is_plain = not core or "*" in core.replace("\\*", "")
        self.marked[place:] = [inside if is_plain else f"{before}{mark}{core}{mark}{after}"]

    def _flush(self) -> None:
        """End a block: add what was said since the last one."""
        plain = "".join(self.plain)
        marked = "".join(part for part in self.marked if not part.startswith("\0"))
        self.plain, self.marked = [], []
        if self.heading:
            self.source.add(HEADING, plain, level=self.heading)
        else:
            self.source.add(ITEM if self.lists else PARAGRAPH, plain, marked)
