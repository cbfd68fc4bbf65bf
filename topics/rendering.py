"""From a Document to HTML: statements with their marks, numbered citations and links.

All HTML that is made of an editor's words is made here. Markdown may hold no HTML of its own, what
is made of it is escaped piece by piece, and nh3 has the last word on what reaches a page. What the
portal says amid those words is in the language of the interface, and marked as such.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import nh3
from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from hsc_portal import languages
from hsc_portal.typography import NO_BREAK, held, typeset
from references import csl
from references.models import Reference
from topics import addresses, numbering, statements
from topics.choices import LICENSE_ADDRESSES, Certainty, License

logger = logging.getLogger(__name__)

TAGS = {
    "a", "blockquote", "br", "code", "em", "figcaption", "figure", "h3", "h4", "h5", "h6", "hr",
    "img", "li", "ol", "p", "pre", "small", "span", "strong", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"class", "id"},
    "a": {"href", "title", "aria-label", "lang"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "ol": {"start"},
    "span": {"data-grade", "lang"},
    "strong": {"lang"},
}
SCHEMES = {"http", "https", "mailto"}

# How a statement or row says that a publication it cites has a notice.
WARNINGS = {
    Reference.Status.RETRACTED: gettext_lazy("cites a retracted publication"),
    Reference.Status.CONCERN: gettext_lazy("cites a publication under an expression of concern"),
    Reference.Status.CORRECTED: gettext_lazy("cites a corrected publication"),
}
SHORT_WARNINGS = {
    # Translators: of a publication, right after its number.
    Reference.Status.RETRACTED: pgettext_lazy("publication", "retracted"),
    # Translators: short for: it is under an expression of concern.
    Reference.Status.CONCERN: pgettext_lazy("publication", "concern"),
    Reference.Status.CORRECTED: pgettext_lazy("publication", "corrected"),
}


@dataclass
class TopicLinks:
    """Where the topics that a Document names are found now.

    `found` has address and title by slug, None for one that is no longer published. A slug that it
    lacks (an old edition names topics that the current one does not) was published once, so its
    address answers: with the topic, its new address, or why it was withdrawn.
    """

    found: dict[str, dict | None] = field(default_factory=dict)

    def address(self, slug: str) -> str:
        """Return the path of a topic's page, "" if the topic is not published now."""
        target = self.found.get(slug, {"slug": slug})
        # Words of an editor, which may be anything, have led here.
        is_known = target is not None and slug_re.match(target["slug"])
        return addresses.of_topic(target["slug"]) if is_known else ""

    def title(self, slug: str) -> str:
        """Return the title of a topic; words made of its slug if the title is not known here.

        A reader who relies on a topic that was withdrawn must be told.
        """
        target = self.found.get(slug, {})
        words = slug.replace("-", " ").capitalize()
        if target is None:
            # Translators: a topic that is no longer published.
            return _("{title} (withdrawn)").format(title=words)
        return target.get("title") or words


@dataclass
class Sources:
    """The publications of one page: their numbers, and what readers must be warned of."""

    numbers: dict[str, int]
    publications: dict[str, dict]
    flagged: dict[str, dict]

    def citations(self, cited: Iterable[statements.Citation]) -> SafeString:
        """Return citations as `[1, 3–5]`, each number a link to the list of references."""
        places: dict[int, list[str]] = {}
        for citation in cited:
            found = places.setdefault(self.numbers[citation.key], [])
            found += [citation.locator] if citation.locator else []
        if not places:
            return mark_safe("")
        apart = {n for n, locators in places.items() if locators or self._key(n) in self.flagged}
        parts = [
            "–".join(self._link(n, places[n]) for n in dict.fromkeys(run))
            for run in numbering.ranges(places, apart)
        ]
        return mark_safe(f'<span class="cites">[{", ".join(parts)}]</span>')

    def warnings(self, keys: Iterable[str]) -> list[str]:
        """Return what must be said of the publications that are cited, the gravest first."""
        found = {self.flagged[key]["status"] for key in keys if key in self.flagged}
        return [words for status, words in WARNINGS.items() if status in found]

    def _key(self, n: int) -> str:
        return list(self.numbers)[n - 1]

    def _link(self, n: int, locators: list[str]) -> str:
        key = self._key(n)
        title = ", ".join([csl.short_name(self.publications[key]), *dict.fromkeys(locators)])
        notice = ""
        if key in self.flagged:
            words = SHORT_WARNINGS[self.flagged[key]["status"]]
            notice = f' <strong class="flag"{languages.interface_lang()}>{words}</strong>'
        return f'<a href="#ref_{n}" title="{escape(title)}">{n}{notice}</a>'


@dataclass
class Figures:
    """The figures of a Document: each is shown once, where the text places it or behind all text.

    `known` has them by name. `address` says where the picture of a sha256 and format is found;
    readers get published ones only, editors find those of drafts elsewhere.
    """

    known: dict[str, dict] = field(default_factory=dict)
    address: Callable[[str, str], str] = addresses.of_figure
    _shown: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, document: dict, **options) -> "Figures":
        return cls({figure["key"]: figure for figure in document.get("figures", [])}, **options)

    def html(self, key: str) -> str:
        """Return a figure with all that must be said of it. "" for one that is not there."""
        figure = self.known.get(key)
        if figure is None:
            return ""
        self._shown.add(key)
        # With its size, so that nothing moves when the picture comes.
        picture = (
            f'<img src="{escape(self.address(figure["sha256"], figure["format"]))}" '
            f'alt="{escape(figure.get("alt", ""))}" width="{int(figure["width"])}" '
            f'height="{int(figure["height"])}" loading="lazy" decoding="async">'
        )
        caption = "".join(
            f"<p>{held(typeset(line))}</p>"
            for line in figure.get("caption", "").splitlines()
            if line.strip()
        )
        return (
            f'<figure class="picture" id="figure_{escape(key)}">{picture}'
            f"<figcaption>{caption}<p><small>{_origin_of(figure)}</small></p></figcaption></figure>"
        )

    def rest(self) -> list[SafeString]:
        """Return the figures that the text has no place for, in their order."""
        return [clean(self.html(key)) for key in self.known if key not in self._shown]


def _origin_of(figure: dict) -> str:
    """Return who made a figure and under what it may be used."""
    name = License(figure["license"])
    address = LICENSE_ADDRESSES.get(name)
    label = escape(name.label)
    words = f'<a href="{escape(address)}">{label}</a>' if address else label
    parts = [f"<span{languages.interface_lang()}>{words}</span>"]
    parts += [escape(figure["permission"])] if figure.get("permission") else []
    return f"{escape(figure['credit']).rstrip('.')}. {': '.join(parts)}"


def marks(
    certainty: str, awaiting_check: bool, is_cited: bool, warnings: Iterable[str] = ()
) -> SafeString:
    """Return how sure something is and what is open about it, in words.

    Without `certainty` nothing is said of it.
    """
    parts = []
    if certainty:
        words = languages.in_sentence(Certainty(certainty).label)
        parts.append(f'<span class="grade" data-grade="{certainty}">{words}</span>')
    if not is_cited:
        # Of a grade without a source a reader must know whose it is.
        is_graded = certainty not in ("", Certainty.UNGRADED)
        words = _("uncited: the editors’ own grade") if is_graded else _("uncited")
        parts.append(f'<span class="mark mark-uncited">{words}</span>')
    if awaiting_check:
        words = _("source check awaited")
        parts.append(f'<span class="mark mark-awaiting">{words}</span>')
    parts += [f'<strong class="mark mark-warning">{warning}</strong>' for warning in warnings]
    return mark_safe(f'<span class="marks"{languages.interface_lang()}>{" ".join(parts)}</span>')


def section_html(
    section: dict, sources: Sources, links: TopicLinks, figures: Figures | None = None
) -> SafeString:
    """Return the body of a section, each statement with its name, citations and marks.

    An edition is permanent, but the reader of Markdown is not. If it reads anything else today
    than what was approved, the statements are shown as they stand in the Document.
    """
    try:
        tokens = _read_as_published(section)
    except ValidationError as error:
        logger.warning("Section %r is shown without markup: %s", section["heading"], error)
        return clean(_plain_html(section, sources))
    renderer = StatementRenderer(sources, links, figures or Figures())
    made = renderer.render(tokens, statements.markdown().options, {})
    return clean(made)


def _read_as_published(section: dict) -> list[Token]:
    """Return the tokens of a section whose statements are those of its Document.

    Raises ValidationError if they are others, or if the Markdown cannot be read any more.
    """
    tokens, found = statements.parse_markdown(section["body"])
    published = section["statements"]
    # The names stand in the Document: one made of the words alone may be taken by another section.
    for statement, kept in zip(found, published, strict=False):
        statement.anchor = kept["anchor"]
    if [statement.to_document() for statement in found] != published:
        raise ValidationError("The Markdown is read as other statements than were published.")
    return tokens


def _plain_html(section: dict, sources: Sources) -> str:
    """Return the statements of a section's Document as plain paragraphs."""
    paragraphs = []
    for published in section["statements"]:
        cited = [statements.Citation(**cited) for cited in published.get("citations", [])]
        statement = statements.Statement(
            text=published["text"],
            anchor=published["anchor"],
            certainty=published.get("certainty", Certainty.UNGRADED),
            awaiting_check=published.get("awaiting_check", False),
            citations=cited,
        )
        words = f"{escape(statement.text)} {sources.citations(cited)}"
        paragraphs.append(f"<p>{statement_html(statement, words, sources)}</p>")
    return "\n".join(paragraphs)


def statement_html(statement: statements.Statement, words: str, sources: Sources) -> str:
    """Return the words of a statement, which are HTML, with its name, its marks and its link.

    Citations and marks stay with the word that they follow: a lone ring in a line says nothing.
    """
    keys = [citation.key for citation in statement.citations]
    after = marks(statement.certainty, statement.awaiting_check, bool(keys), sources.warnings(keys))
    label = escape(_("Link to this statement"))
    return (
        f'<span class="statement" id="{escape(statement.anchor)}">{_with_citations(words)}'
        f"{NO_BREAK}{after}"
        f'<a class="permalink" href="#{escape(statement.anchor)}"{languages.interface_lang()} '
        f'aria-label="{label}">#</a></span>'
    )


def _with_citations(words: str) -> str:
    """Return the words of a statement, in which citations stay with the word before them."""
    return words.replace(' <span class="cites">', f'{NO_BREAK}<span class="cites">')


def clean(html: str) -> SafeString:
    return mark_safe(
        nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
    )


class StatementRenderer(RendererHTML):
    """Renders the tokens of `statements.parse_markdown`. Public methods are rules by token type."""

    def __init__(self, sources: Sources, links: TopicLinks, figures: Figures):
        super().__init__()
        self._figures = figures
        self._sources = sources
        self._links = links

    def render(self, tokens, options, env):
        parts = []
        for n, token in enumerate(tokens):
            if token.type == "inline" and "figure" in token.meta:
                parts.append(self._figures.html(token.meta["figure"]))
            elif token.type == "inline":
                words = self.renderInline(token.children, options, env)
                statement = token.meta.get("statement")
                if statement:
                    words = statement_html(statement, words, self._sources)
                parts.append(words)
            elif token.type in self.rules:
                parts.append(self.rules[token.type](tokens, n, options, env))
            else:
                parts.append(self.renderToken(tokens, n, options, env))
        return "".join(parts)

    def text(self, tokens, idx, options, env):
        return held(typeset(tokens[idx].content))

    def citation(self, tokens, idx, options, env):
        # Outside a statement (in a heading, a table cell) a citation is plain text.
        token = tokens[idx]
        if "citations" not in token.meta:
            return escape(f"[{token.content}]")
        return self._sources.citations(token.meta["citations"])

    def link_open(self, tokens, idx, options, env):
        address = self._address(str(tokens[idx].attrGet("href")))
        env.setdefault("links", []).append(address)
        return f'<a href="{escape(address)}">' if address else ""

    def link_close(self, tokens, idx, options, env):
        if env["links"].pop():
            return "</a>"
        lang, words = languages.interface_lang(), pgettext("topic", "withdrawn")
        return f' <strong class="mark mark-warning"{lang}>{words}</strong>'

    def image(self, tokens, idx, options, env):
        # Only a figure has a license and a description; of any other picture just the words show.
        return escape(tokens[idx].content)

    def _address(self, href: str) -> str:
        if href.startswith(statements.TOPIC_LINK):
            return self._links.address(href.removeprefix(statements.TOPIC_LINK))
        scheme, colon, _ = href.partition(":")
        return href if not colon or scheme.lower() in SCHEMES else ""
