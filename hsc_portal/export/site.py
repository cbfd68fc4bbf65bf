"""Writing the whole portal: follow every link from the home page, then make the links relative."""

import hashlib
import mimetypes
import posixpath
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urldefrag, urljoin, urlsplit

from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hsc_portal.export.asking import Answer, Portal
from hsc_portal.export.folder import ExportError, mark
from hsc_portal.export.rewriting import Words, rewritten

# What needs a server, or is about this very browser: nothing below these is exported, in whatever
# language, and no file with such an ending.
LIVE_ONLY = (
    "/admin/",
    "/api/",
    "/fhir/",
    "/follow/",
    "/report/",
    "/saved/",
    "/search/",
    "/offline/",
)
SCRIPTS = (".js", ".webmanifest")
# The parts of a query that make a further page of a list, or show it from A to Z. Other queries are
# answered on the portal.
LIST_PARTS = {"page", "area", "kind", "view"}
LINK = re.compile(r'(?:href|src)="([^"]*)"')
HTML = "text/html"
# Beside what Python knows by itself.
ENDINGS = {"application/atom+xml": ".xml", "application/rss+xml": ".xml"}
STYLE = "css/export.css"
REPORT_EACH = 100
# What leads on from an address that the portal redirects.
MOVED = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={address}">
<title>{title}</title>
</head>
<body>
<p>{words}</p>
</body>
</html>
"""


@dataclass
class Page:
    """An answer of the portal. A redirect leads to `target`; what is not there has no `file`."""

    address: str
    file: str = ""
    target: str = ""
    is_html: bool = False


class Site:
    """One export of the portal into a folder.

    `origin` is the address that the pages name as the portal's own. With `live` what cannot be
    exported is linked to there, else it is not linked to at all. Pages are exported in the
    `languages` named; to those in others there is no link.
    """

    def __init__(
        self,
        folder: Path,
        origin: str,
        live: str,
        say: Callable[[str], None],
        languages: Iterable[str] = (settings.LANGUAGE_CODE,),
    ):
        self.folder = folder
        self.origin = origin
        self.live = live
        self.say = say
        self.languages = sorted(languages)
        self.portal = Portal(origin)
        self.pages: dict[str, Page] = {}
        self.today = timezone.localdate()

    def write(self, starts: Iterable[str]) -> None:
        """Write all that can be reached from some addresses. Raises ExportError."""
        style = static(STYLE)
        self._collect([style, *starts])
        self.say(f"{len(self.pages)} addresses asked for. Making the links relative …")
        for page in self.pages.values():
            if page.is_html:
                self._rewrite(page, style)
            elif page.target:
                self._lead_on(page)
        files = sum(bool(page.file) for page in self.pages.values())
        made_at = timezone.now().isoformat(timespec="seconds")
        told = {"portal": self.live or None, "languages": self.languages}
        mark(self.folder, told | {"made_at": made_at, "files": files})

    def _collect(self, starts: list[str]) -> None:
        """Ask for every address that is linked to, and write the answers as they are."""
        waiting, seen = deque(starts), set(starts)
        while waiting:
            address = waiting.popleft()
            answer = self.portal.ask(address)
            self.pages[address] = self._keep(address, answer)
            for link in self._links(address, answer):
                if link not in seen and self._is_exported(link):
                    seen.add(link)
                    waiting.append(link)
            if len(self.pages) % REPORT_EACH == 0:
                self.say(f"{len(self.pages)} addresses asked for, {len(waiting)} known to follow …")

    def _keep(self, address: str, answer: Answer) -> Page:
        if answer.status >= 500:
            raise ExportError(f"The portal failed to answer {address} (status {answer.status}).")
        if answer.location:
            return Page(address, target=self._local(address, answer.location)[0])
        # A topic that was withdrawn has a page that says so.
        if answer.status not in {200, 410}:
            return Page(address)
        page = Page(address, file_of(address, answer.media_type))
        page.is_html = answer.media_type == HTML
        path = self.folder / page.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer.body)
        return page

    def _links(self, address: str, answer: Answer) -> list[str]:
        """Return the addresses on the portal that an answer names, without fragments."""
        if answer.location:
            found = [answer.location]
        elif answer.media_type == HTML:
            found = [unescape(link) for link in LINK.findall(answer.body.decode())]
        else:
            return []
        return [local for local, _ in (self._local(address, link) for link in found) if local]

    def _local(self, address: str, link: str) -> tuple[str, str]:
        """Return address and fragment of a link on a page, the address "" if it leads elsewhere."""
        if link.partition("#")[0] == "?":
            # The page without its query, which urljoin would leave where it is.
            link = urlsplit(address).path + link[1:]
        whole, fragment = urldefrag(urljoin(self.origin + address, link))
        if whole != self.origin and not whole.startswith(f"{self.origin}/"):
            return "", fragment
        return whole.removeprefix(self.origin) or "/", fragment

    def _rewrite(self, page: Page, style: str) -> None:
        path = self.folder / page.file
        with translation.override(language_of(page.address)):
            words = Words(
                made_on=date_format(self.today, "DATE_FORMAT"),
                live=self.live and self.live + page.address,
            )
            html = rewritten(
                path.read_text(),
                lambda link: self._resolve(page, link),
                words,
                self._resolve(page, style),
            )
        path.write_text(html)

    def _resolve(self, page: Page, link: str) -> str | None:
        """Return where a link of a page leads in the export, "" if nowhere.

        None if it leads to a language that is not exported.
        """
        address, fragment = self._local(page.address, link)
        if not address:
            return link
        if language_of(address) not in self.languages:
            return None
        after = f"#{fragment}" if fragment else ""
        target = self._found(address)
        if target is None:
            return self.live and f"{self.live}{address}{after}"
        if target is page:
            return after or quote(posixpath.basename(page.file))
        return quote(posixpath.relpath(target.file, posixpath.dirname(page.file) or ".")) + after

    def _found(self, address: str) -> Page | None:
        """Return the page at an address or where it redirects to, None if it was not exported."""
        page = self.pages.get(address)
        for _step in range(10):
            if page is None or not page.target:
                break
            page = self.pages.get(page.target)
        return page if page and page.file else None

    def _lead_on(self, page: Page) -> None:
        """Write a page that leads on from an address that the portal redirects."""
        target = self._found(page.address)
        if target is None or not page.address.endswith("/"):
            return
        page.file = file_of(page.address, HTML)
        link = self._resolve(page, target.address)
        path = self.folder / page.file
        path.parent.mkdir(parents=True, exist_ok=True)
        language = language_of(page.address)
        with translation.override(language):
            path.write_text(
                format_html(
                    MOVED,
                    language=language,
                    address=link,
                    # Translators: the title of a page that leads on to another address.
                    title=_("Moved"),
                    words=format_html(
                        _('Moved to <a href="{address}">its new address</a>.'), address=link
                    ),
                )
            )

    def _is_exported(self, address: str) -> bool:
        parts, language = urlsplit(address), language_of(address)
        is_prefixed = language != settings.LANGUAGE_CODE
        path = parts.path.removeprefix(f"/{language}") if is_prefixed else parts.path
        if language not in self.languages or path.startswith(LIVE_ONLY) or path.endswith(SCRIPTS):
            return False
        asked = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
        return asked <= LIST_PARTS and bool(asked) == bool(parts.query)


def language_of(address: str) -> str:
    """Return the language that an address on the portal names."""
    found = translation.get_language_from_path(urlsplit(address).path)
    return found or settings.LANGUAGE_CODE


def file_of(address: str, media_type: str) -> str:
    """Return the file for an address, below the folder of the export.

        >>> file_of("/topics/?page=2&area=risks", "text/html")
        'topics/area-risks.page-2.html'

    Raises ExportError for a path that leads out of the folder.
    """
    parts = urlsplit(address)
    path = unquote(parts.path).lstrip("/")
    if ".." in path.split("/"):
        raise ExportError(f"{address} has no place in a folder.")
    ending = ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ".html"
    if parts.query:
        names = [_word(f"{name}-{value}") for name, value in sorted(parse_qsl(parts.query))]
        return f"{posixpath.dirname(path + '_')}/{'.'.join(names)}{ending}".lstrip("/")
    if not path or path.endswith("/"):
        return f"{path}index{ending}"
    return path if "." in posixpath.basename(path) else path + ending


def _word(text: str) -> str:
    """Return a text as part of a file name; two texts never become the same."""
    plain = slugify(text)
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def origin_of(url: str) -> str:
    """Return the address of a portal without a slash at its end. Raises ExportError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ExportError(f"“{url}” is no address; write it as https://portal.example.org.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ExportError(f"“{url}” names a page; give the address of the portal alone.")
    return f"{parts.scheme}://{parts.netloc}"


def own_address() -> str:
    """Return the address that the settings give to the portal."""
    return origin_of(settings.SITE_URL)
