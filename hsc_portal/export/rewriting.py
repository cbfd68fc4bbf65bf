"""From a page of the portal to a page that works without it."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from django.utils.html import format_html
from django.utils.translation import gettext as _

# What becomes of an address in a page: another address, "" if there is nothing to lead to, or None
# if the link is to go with its words.
Resolve = Callable[[str], str | None]

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
# The class of the navigation that leads to a page in other languages.
LANGUAGES = "languages"
SCRIPT_PLACES = {"data-star", "data-offline"}
# Marks a link to a field of a form, which goes with the forms.
TO_FORM = "data-to-form"


@dataclass(frozen=True)
class Words:
    """What a page says in place of what does not work.

    `live` is its address on the portal, "" if that is not to be named.
    """

    made_on: str
    live: str

    def notice(self) -> str:
        made = (
            _('Static copy of <a href="{address}">this page</a>, made on {date}.')
            if self.live
            else _("Static copy, made on {date}.")
        )
        return format_html(
            '<div class="copy-notice"><p class="notice is-calm" role="note">'
            "<strong>{}</strong> {}</p></div>",
            format_html(made, address=self.live, date=self.made_on),
            _("What was changed, withdrawn or retracted since then does not show here."),
        )

    def form(self, classes: str, is_search: bool) -> str:
        if is_search:
            linked = _('Searching needs the <a href="{address}">portal itself</a>.')
            words = linked if self.live else _("Searching needs the portal itself.")
        else:
            linked = _('This form needs the <a href="{address}">portal itself</a>.')
            words = linked if self.live else _("This form needs the portal itself.")
        # In one piece, also where the form was laid out as several.
        return format_html(
            '<p class="{}"><span>{}</span></p>',
            f"{classes} not-here".strip(),
            format_html(words, address=self.live),
        )


def rewritten(html: str, resolve: Resolve, words: Words, style: str) -> str:
    """Return a page with other addresses, and without scripts and forms.

    What is said in place of a form is in the language that is spoken. Scripts only enhance the
    pages, and a browser that reads a folder refuses them. `style` is the address of a further style
    sheet.
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
        # Where the choice of languages begins.
        self._choice = 0

    def handle_starttag(self, tag, attrs):
        if self._skipping:
            return
        given = dict(attrs)
        if tag == "nav" and given.get("class") == LANGUAGES:
            self._choice = len(self.parts)
        if tag in {"script", "form"}:
            self._skipping = tag
            if tag == "form":
                is_search = given.get("role") == "search"
                self.parts.append(self._words.form(given.get("class") or "", is_search))
        elif tag == "a" and self._is_left_out(given):
            self._skip_link()
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
        if tag == "nav" and self._choice:
            self._end_choice()

    def _is_left_out(self, given: dict[str, str | None]) -> bool:
        address = given.get("href")
        return TO_FORM in given or (bool(address) and self._resolve(address) is None)

    def _skip_link(self) -> None:
        """Leave out a link with its words, and the item of a list that it begins."""
        self._skipping = "a"
        if self.parts and self.parts[-1] == "<li>":
            self.parts.pop()
            self._skipping = "li"

    def _end_choice(self) -> None:
        """Leave out the choice of languages if there is but one to choose."""
        if sum(part.startswith("<a ") for part in self.parts[self._choice :]) < 2:
            del self.parts[self._choice :]
        self._choice = 0

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
