"""From a page of the portal to a page that works without it."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

# What becomes of an address in a page: another address, or "" if there is nothing to lead to.
Resolve = Callable[[str], str]

# The attribute of each element that names something to be fetched or gone to.
ADDRESSES = {
    "a": "href", "area": "href", "audio": "src", "image": "href", "img": "src", "link": "href",
    "source": "src", "use": "href", "video": "src",
}  # fmt: skip
# Links that name the portal itself, or that only make sense there.
KEPT_LINKS = {"canonical"}
DROPPED_LINKS = {"manifest", "modulepreload", "preload"}
# Without the element they stand in, these would do nothing.
DEAD_ATTRIBUTES = {"download", "target", "rel", "ping"}
SCRIPT_PLACES = {"data-star", "data-offline"}


@dataclass(frozen=True)
class Words:
    """What a page says in place of what does not work.

    `live` is its address on the portal, "" if that is not to be named.
    """

    made_on: str
    live: str

    def notice(self) -> str:
        where = f' of <a href="{escape(self.live)}">this page</a>' if self.live else ""
        return (
            '<div class="copy-notice"><p class="notice is-calm" role="note">'
            f"<strong>Static copy{where}, made on {self.made_on}.</strong> What was changed, "
            "withdrawn or retracted since then does not show here.</p></div>"
        )

    def form(self, classes: str, is_search: bool) -> str:
        what = "Searching needs" if is_search else "This form needs"
        portal = (
            f'<a href="{escape(self.live)}">portal itself</a>' if self.live else "portal itself"
        )
        # In one piece, also where the form was laid out as several.
        words = f"<span>{what} the {portal}.</span>"
        return f'<p class="{escape(f"{classes} not-here".strip())}">{words}</p>'


def rewritten(html: str, resolve: Resolve, words: Words, style: str) -> str:
    """Return a page with other addresses, and without scripts and forms.

    Scripts only enhance the pages, and a browser that reads a folder refuses them. `style` is the
    address of a further style sheet.
    """
    rewriter = _Rewriter(resolve, words, style)
    rewriter.feed(html)
    rewriter.close()
    return "".join(rewriter.parts)


class _Rewriter(HTMLParser):
    """Repeats a page piece by piece, word for word but for what must change."""

    def __init__(self, resolve: Resolve, words: Words, style: str):
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._resolve = resolve
        self._words = words
        self._style = style
        self._skipping = ""

    def handle_starttag(self, tag, attrs):
        if self._skipping:
            return
        given = dict(attrs)
        if tag in {"script", "form"}:
            self._skipping = tag
            if tag == "form":
                is_search = given.get("role") == "search"
                self.parts.append(self._words.form(given.get("class") or "", is_search))
        elif tag in ADDRESSES or SCRIPT_PLACES & given.keys():
            self.parts.append(self._start(tag, given))
        elif tag != "noscript":
            self.parts.append(self.get_starttag_text())
        if tag == "main":
            self.parts.append(self._words.notice())

    def handle_startendtag(self, tag, attrs):
        # An empty element of an SVG, or of HTML written in the manner of XML.
        self.handle_starttag(tag, attrs)
        if self._skipping == tag:
            self._skipping = ""

    def handle_endtag(self, tag):
        if self._skipping:
            self._skipping = "" if tag == self._skipping else self._skipping
            return
        if tag == "head":
            self.parts.append(f'<link rel="stylesheet" href="{escape(self._style)}">\n')
        if tag != "noscript":
            self.parts.append(f"</{tag}>")

    def _start(self, tag: str, given: dict[str, str | None]) -> str:
        """Return a start tag with the address that it has here; "" for a link to nothing."""
        name = ADDRESSES.get(tag, "")
        kind = (given.get("rel") or "").split()
        if tag == "link" and DROPPED_LINKS.intersection(kind):
            return ""
        if given.get(name) and not (tag == "link" and KEPT_LINKS.intersection(kind)):
            address = self._resolve(given[name])
            if not address and tag != "a":
                return ""
            # An <a> without an address is text.
            changed = {name: address} if address else dict.fromkeys([name, *DEAD_ATTRIBUTES])
            given = {
                key: changed.get(key, value)
                for key, value in given.items()
                if key not in changed or changed[key]
            }
        attributes = "".join(
            f" {key}" if value is None else f' {key}="{escape(value)}"'
            for key, value in given.items()
            if key not in SCRIPT_PLACES
        )
        # An element of SVG that is closed at once must stay so.
        end = "/>" if self.get_starttag_text().endswith("/>") else ">"
        return f"<{tag}{attributes}{end}"

    def handle_data(self, data):
        self._repeat(data)

    def handle_entityref(self, name):
        self._repeat(f"&{name};")

    def handle_charref(self, name):
        self._repeat(f"&#{name};")

    def handle_comment(self, data):
        self._repeat(f"<!--{data}-->")

    def handle_decl(self, decl):
        self._repeat(f"<!{decl}>")

    def _repeat(self, text: str) -> None:
        if not self._skipping:
            self.parts.append(text)
