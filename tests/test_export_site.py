"""The portal as static files: all of it, with links that lead somewhere, readable from a folder."""

import json
import os
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from pages_data import condition_with_grid, section, therapy_with_tables, unreviewed, withdraw
from playwright.sync_api import expect

from hsc_portal import pages
from hsc_portal.export.folder import ExportError
from hsc_portal.export.rewriting import Words, rewritten
from hsc_portal.export.site import file_of, origin_of
from tests import browsing, clinic
from topics.management.commands.export_site import one_moment
from topics.views import topics as topic_views

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytestmark = pytest.mark.django_db
LIVE = "https://portal.example.org"
SERVED = ("/topics/infusion-of-a-graft/", "/topics/leukemia/", "/glossary/", "/about/")


class Links(HTMLParser):
    """The addresses and the names in a page."""

    def __init__(self, text: str):
        super().__init__()
        self.addresses: list[str] = []
        self.names: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.names.add(given.get("id"))
        if given.get("rel") != "canonical":
            self.addresses += [given[key] for key in ("href", "src", "action") if given.get(key)]


def dead_links(folder: Path) -> list[str]:
    """Return each link inside an export that leads to no file, or to no place in a page."""
    read = {path: Links(path.read_text()) for path in folder.rglob("*.html")}
    dead = []
    for path, links in read.items():
        for address in links.addresses:
            parts = urlsplit(address)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            is_there = not address.startswith("/") and not parts.query and target.is_file()
            name = unquote(parts.fragment)
            if is_there and name and target in read:
                is_there = name in read[target].names or name.startswith(":~:")
            if not is_there or not target.is_relative_to(folder):
                dead.append(f"{path.relative_to(folder)}: {address}")
    return dead


def export(folder: Path, **options) -> str:
    said = StringIO()
    call_command("export_site", folder, stdout=said, **options)
    return said.getvalue()


def make_portal() -> None:
    """A portal with a page of each kind, lists of two pages, a withdrawn and a moved topic."""
    therapy_with_tables()
    condition_with_grid()
    body = "It needs [a graft](topic:infusion-of-a-graft). [@petit2002, p. 690]"
    unreviewed("homing", sections=[section(body)])
    wrong = unreviewed("wrong", areas=["risks"])
    withdraw(wrong, "A dose was wrong.")
    moved = unreviewed("old-name")
    clinic.edit(moved, slug="new-name", title="New name")
    clinic.publish_unreviewed(moved)


@dataclass
class Exported:
    """An export with a portal that it names, what was said meanwhile, and pages as served.

    `alone` is one without a portal, but with German pages.
    """

    folder: Path
    alone: Path
    said: list[str]
    served: dict[str, str]


@pytest.fixture(scope="module")
def exported(tmp_path_factory, django_db_setup, django_db_blocker):
    """The exports that the tests read, made once; the portal they are of is gone then."""
    base = tmp_path_factory.mktemp("exports")
    patch = pytest.MonkeyPatch()
    patch.setattr(pages, "ROWS_ON_A_PAGE", 3)
    patch.setattr("hsc_portal.export.site.REPORT_EACH", 10)
    pages.kept.pages.clear()
    with django_db_blocker.unblock(), transaction.atomic(), patch.context():
        make_portal()
        said = export(base / "site", base_url=LIVE)
        export(base / "alone", languages=["de"])
        served = {path: Client().get(path).content.decode() for path in SERVED}
        transaction.set_rollback(True)
    patch.undo()
    return Exported(base / "site", base / "alone", said.splitlines(), served)


@pytest.fixture
def folder(exported):
    return exported.folder


def test_all_pages_for_readers_are_there(folder):
    for file in ("index.html", "topics/index.html", "topics/page-2.html",
                 "topics/area-biology.html", "topics/view-a-z.html", "references/view-a-z.html",
                 "therapies/index.html", "conditions/index.html",
                 "agents/index.html", "topics/homing/index.html",
                 "topics/homing/editions/index.html",
                 "topics/homing/editions/1/index.html", "topics/homing/editions/1/cite/index.html",
                 "topics/homing/editions/1/cite.ris", "topics/homing/editions/1/references.bib",
                 "topics/new-name/editions/2/index.html", "references/index.html",
                 "references/petit2002/index.html", "glossary/index.html", "about/index.html",
                 "static/css/export.css", "static/favicon.svg"):  # fmt: skip
        assert (folder / file).is_file(), file
    assert "A dose was wrong." in (folder / "topics/wrong/index.html").read_text()
    assert "../new-name/index.html" in (folder / "topics/old-name/index.html").read_text()
    assert not (folder / "admin").exists()
    assert not (folder / "api").exists()
    told = json.loads((folder / "export.json").read_text())
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert told["portal"] == LIVE
    assert told["files"] == len(files) - 1


def test_lists_from_a_to_z_lead_to_the_long_ones_and_back(folder):
    long, short = (folder / "topics" / name for name in ("index.html", "view-a-z.html"))

    assert 'href="view-a-z.html"' in long.read_text()
    assert 'href="index.html"' in short.read_text()
    assert 'id="letter_H"' in short.read_text()
    assert 'href="homing/index.html"' in short.read_text()


def test_no_link_leads_to_the_form_that_is_not_there(folder):
    assert 'href="#main"' in (folder / "index.html").read_text()
    assert "#find" not in (folder / "index.html").read_text()


def test_no_link_leads_nowhere(folder):
    assert dead_links(folder) == []


def test_no_link_leads_nowhere_without_a_portal_either(exported):
    assert dead_links(exported.alone) == []
    page = (exported.alone / "topics/homing/index.html").read_text()
    assert 'href="http://127.0.0.1:8000/api' not in page


def test_only_the_languages_that_were_asked_for_are_there(exported):
    assert not (exported.folder / "de").exists()
    assert not (exported.alone / "es").exists()
    assert json.loads((exported.folder / "export.json").read_text())["languages"] == ["en"]
    assert json.loads((exported.alone / "export.json").read_text())["languages"] == ["de", "en"]
    for file in ("index.html", "topics/homing/index.html", "topics/homing/editions/1/index.html"):
        page = (exported.folder / file).read_text()
        # Nor are there words that lead nowhere.
        for words in ("hreflang", "Deutsch", "Español", f"{LIVE}/de/"):
            assert words not in page, file
        page = (exported.alone / file).read_text()
        assert "Español" not in page
        (there,) = re.findall(r'<li><a href="([^"]+)" lang="de" hreflang="de">', page)
        assert (exported.alone / file).parent.joinpath(there).resolve() == (
            exported.alone / "de" / file
        )
        back = (exported.alone / "de" / file).read_text()
        assert '<html lang="de">' in back
        assert re.search(r'<li><a href="[^"]+" lang="en" hreflang="en">', back)


def test_nothing_that_needs_a_server_is_exported_in_any_language(exported):
    for name in ("follow", "report", "saved", "offline"):
        assert not list(exported.alone.glob(f"**/{name}/index.html"))
    moved = (exported.alone / "de/topics/old-name/index.html").read_text()
    assert '<html lang="de">' in moved
    assert 'href="../new-name/index.html"' in moved


def test_pages_have_neither_scripts_nor_forms_and_say_so(folder):
    for path in folder.rglob("*.html"):
        links = Links(path.read_text())
        assert not links.tags & {"script", "form", "input", "noscript"}, path
    page = (folder / "topics/index.html").read_text()
    assert f'Searching needs the <a href="{LIVE}/topics/">portal itself</a>.' in page
    assert "Static copy" in page
    assert "<!doctype html>" in page.lower()


def test_pages_name_the_portal_as_their_origin(folder):
    page = (folder / "topics/homing/index.html").read_text()
    assert f'<link rel="canonical" href="{LIVE}/topics/homing/">' in page
    assert f"{LIVE}/topics/homing/editions/1/" in page
    assert f'href="{LIVE}/api/v1/topics/homing/"' in page
    assert (
        f"UR  - {LIVE}/topics/homing/editions/1/"
        in (folder / "topics/homing/editions/1/cite.ris").read_text()
    )
    for path in folder.rglob("*.html"):
        assert "testserver" not in path.read_text()


def test_the_words_of_a_page_are_unchanged(exported):
    def words(html: str) -> list[str]:
        main = re.search(r"<main.*</main>", html, re.S)[0]
        main = re.sub(r"<form.*?</form>|<p class=\"[^\"]*not-here.*?</p>", "", main, flags=re.S)
        main = re.sub(r'<div class="copy-notice">.*?</div>', "", main, flags=re.S)
        # The portal's own address is in the citation.
        return re.sub(r"<[^>]+>", " ", main).replace("http://testserver", LIVE).split()

    for path, served in exported.served.items():
        copy = (exported.folder / path.strip("/") / "index.html").read_text()
        assert words(copy) == words(served), path


def test_an_export_replaces_an_earlier_one_and_nothing_else(tmp_path, monkeypatch):
    unreviewed("homing")
    folder = tmp_path / "site"
    assert "Citations name http://127.0.0.1:8000" in export(folder)
    (folder / "old.html").write_text("of an earlier export")
    export(folder)
    assert not (folder / "old.html").exists()

    # What goes wrong leaves the earlier one as it was.
    monkeypatch.setattr(topic_views, "_page", lambda *_, **__: 1 / 0)
    with pytest.raises(CommandError, match=r"failed to answer /topics/.*status 500"):
        export(folder)
    assert (folder / "topics/homing/index.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("two years of work")
    with pytest.raises(CommandError, match="holds other files"):
        export(tmp_path)
    with pytest.raises(CommandError, match="is a file"):
        export(tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "two years of work"


def test_progress_is_told(exported):
    assert exported.said[0].startswith("10 addresses asked for, ")
    assert exported.said[-1] == (
        f"The portal is in {exported.folder}: open {exported.folder / 'index.html'}."
    )


@pytest.mark.django_db(transaction=True)
def test_an_export_is_of_one_moment():
    with one_moment(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)


def test_a_browser_reads_the_folder(folder):
    with browsing.browser() as browser:
        page = browser.new_page(viewport={"width": 320, "height": 640})
        told = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("requestfailed", lambda request: told.append((request.url, request.failure)))
        page.goto((folder / "topics/index.html").as_uri())
        # By the keyboard: what is laid out late may move beneath a pointer.
        page.get_by_role("link", name="Homing", exact=True).first.press("Enter")
        expect(page.locator("h1")).to_have_text("Homing")
        page.get_by_role("link", name="a graft").click()
        expect(page.locator("h1")).to_have_text("Infusion of a graft")
        for file in ("index.html", "topics/index.html", "topics/leukemia/index.html",
                     "topics/wrong/index.html", "references/petit2002/index.html",
                     "topics/homing/editions/1/cite/index.html"):  # fmt: skip
            page.goto((folder / file).as_uri())
            assert page.evaluate("document.styleSheets.length") >= 2, file
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, file
            # It would fetch the style sheets, which nobody may from a folder.
            assert Axe().run(page, options={"preload": False}).violations_count == 0, file
    # A picture that is still on its way is given up when the next page is asked for.
    assert [each for each in told if each[1:] != ("net::ERR_ABORTED",)] == []


def rewrite(html: str, resolve=lambda link: f"to/{link}", live=LIVE) -> str:
    return rewritten(html, resolve, Words("22 November 2026", live), "own.css")


@pytest.mark.parametrize(
    "html",
    [
        "<!doctype html>\n<p class='a'>one &amp; two &#x27;three&#39; <br> <b>four</b></p>",
        '<svg viewBox="0 0 9 9"><linearGradient id="a"/><path d="m1 1"/></svg>',
        "<!-- said -->",
    ],
)
def test_what_needs_no_change_is_repeated_word_for_word(html):
    assert rewrite(html) == html


def test_links_scripts_and_forms_are_changed():
    assert rewrite('<a class="b" href="x?a=1&amp;b=2">x</a>') == (
        '<a class="b" href="to/x?a=1&amp;b=2">x</a>'
    )
    assert rewrite('<a href="x" rel="next">x</a>', lambda _: "") == "<a>x</a>"
    gone = '<p><a href="x">x</a></p><ul><li><a href="x">x <b>y</b></a></li><li>z</li></ul>'
    assert rewrite(gone, lambda _: None) == "<p></p><ul><li>z</li></ul>"
    assert rewrite('<use href="#a"/>', lambda link: link) == '<use href="#a"/>'
    assert rewrite('<script type="module" src="x.js"></script><p>y</p>') == "<p>y</p>"
    assert rewrite('<link rel="manifest" href="m"><p data-star></p>') == "<p></p>"
    assert rewrite('<link rel="canonical" href="x">') == '<link rel="canonical" href="x">'
    assert rewrite("<noscript><p>y</p></noscript>") == "<p>y</p>"
    form = '<form class="find" role="search"><label>&amp;</label><input name="q"></form>'
    assert rewrite(form, live="") == (
        '<p class="find not-here"><span>Searching needs the portal itself.</span></p>'
    )
    assert "This form needs" in rewrite('<form method="post"></form>')


@pytest.mark.parametrize(
    ("address", "media_type", "file"),
    [
        ("/", "text/html", "index.html"),
        ("/?page=2", "text/html", "page-2.html"),
        ("/topics/x/", "text/html", "topics/x/index.html"),
        ("/topics/?page=2&area=risks", "text/html", "topics/area-risks.page-2.html"),
        ("/topics/x/cite.ris", "application/x-research-info-systems", "topics/x/cite.ris"),
        ("/whats-new/atom/", "application/atom+xml", "whats-new/atom/index.xml"),
    ],
)
def test_files_are_named_after_their_addresses(address, media_type, file):
    assert file_of(address, media_type) == file


def test_no_address_leads_out_of_the_folder_or_into_the_file_of_another():
    with pytest.raises(ExportError):
        file_of("/topics/%2e%2e/%2e%2e/etc/", "text/html")
    names = {file_of(f"/topics/?area={area}", "text/html") for area in ("a.b", "a b", "ab", "A/B")}
    assert len(names) == 4
    assert all(name.count("/") == 1 for name in names)


@pytest.mark.parametrize("url", ["portal.example.org", "ftp://x", f"{LIVE}/topics/", ""])
def test_an_address_of_the_portal_is_checked(url):
    with pytest.raises(ExportError):
        origin_of(url)
    assert origin_of(f"{LIVE}/") == LIVE
