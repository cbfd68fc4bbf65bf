"""Cards on a partner's page in a real browser: another origin, whose own policy is strict."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browsing import assert_accessible
from django.test.testcases import LiveServerThread
from pages_data import publication, section, unreviewed, withdraw

from hsc_portal.pages import kept

STYLE = """
:root { color-scheme: light dark; }
body { margin: 1rem; background: white; color: rgb(60 20 0); }
@media (prefers-color-scheme: dark) { body { background: black; color: rgb(240 220 200); } }
a { color: inherit; }
"""
# Moving of what was painted already, without anybody having touched the page.
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
ALL_SHOWN = "wanted => document.querySelectorAll('hsc-topic').length && window.shown >= wanted"
HIDDEN_ROOM = "(one => one.scrollHeight - one.clientHeight)(document.querySelector('hsc-topic'))"
COUNT = "window.shown = 0; addEventListener('hsc-shown', () => window.shown++);"


class Partner:
    """A site of somebody else. What it allows is the least that the documentation names."""

    def __init__(self):
        self.body, self.portal, self.policy = "", "", ""
        partner = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self):
                is_style = self.path == "/style.css"
                self.send_response(200)
                self.send_header("Content-Type", "text/css" if is_style else "text/html")
                self.send_header("Content-Security-Policy", partner.policy)
                self.end_headers()
                self.wfile.write((STYLE if is_style else partner.page()).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def shows(self, body: str, portal: str, asks: str = "") -> None:
        """Let its page have a body. `asks` is where cards are asked for, if not the portal."""
        self.body, self.portal = body, portal
        self.policy = (
            f"default-src 'none'; style-src 'self'; script-src {portal}; "
            f"connect-src {asks or portal}; frame-src {portal}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )

    def page(self) -> str:
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Partner</title>'
            '<link rel="stylesheet" href="/style.css">'
            f'<script src="{self.portal}/embed.js"></script></head>'
            f"<body><main><h1>Partner</h1><h2>Cells</h2>{self.body}<p>Behind</p></main></body></html>"
        )


@pytest.fixture
def partner() -> Iterator[Partner]:
    made = Partner()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def page(chromium, transactional_db):
    kept.pages.clear()
    found = chromium.new_page(viewport={"width": 820, "height": 1600})
    found.told = []
    found.on("console", lambda message: found.told.append(message.text))
    found.add_init_script(WATCH + COUNT)
    yield found
    found.close()


def make_homing():
    publication("petit2002")
    body = "Cells find their way. [@petit2002]{#way certainty=high}\n\nOthers stay."
    return unreviewed("homing", sections=[section(body, "How?", "mechanism")])


def card(page, selector="hsc-topic") -> str:
    """Return the words that a card shows."""
    return page.evaluate(
        "found => document.querySelector(found).shadowRoot.textContent.replace(/\\s+/g, ' ')",
        selector,
    )


def assert_unmoved(page) -> None:
    page.wait_for_timeout(100)
    assert page.evaluate("window.shift") == 0


def test_cards_on_a_page_with_a_strict_policy(page, partner, live_server):
    make_homing()
    portal = live_server.url
    partner.shows(
        f'<hsc-topic slug="homing"><a href="{portal}/topics/homing/">Homing</a></hsc-topic>'
        f'<p>Amid <a data-hsc-topic="homing" data-hsc-section="way" data-hsc-height="240" '
        f'id="way" href="{portal}/topics/homing/#way">the way</a></p>'
        '<div lang="de-CH"><hsc-topic slug="homing" section="how" level="4"></hsc-topic></div>'
        f'<iframe src="{portal}/embed/homing/" width="300" height="300" title="Homing"></iframe>',
        portal,
    )
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(partner.address)
        page.wait_for_function(ALL_SHOWN, arg=3)

        assert_unmoved(page)
        assert "Not yet reviewed by a clinician. Edition 1 published" in card(page)
        statement = card(page, "hsc-topic[section=way]")
        assert "Cells find their way" in statement
        assert "Others stay" not in statement
        assert "Noch nicht ärztlich geprüft." in card(page, "hsc-topic[section=how]")
        heights = page.eval_on_selector_all("hsc-topic", "all => all.map(one => one.offsetHeight)")
        assert heights == [400, 240, 400]
        same = "found => getComputedStyle(found).color === getComputedStyle(document.body).color"
        for part in (".hsc-title a", ".hsc-text"):
            assert page.locator(f"hsc-topic {part}").first.evaluate(same)
        assert "Homing" in page.frames[1].title()
        assert page.frames[1].locator("h1").inner_text() == "Homing"
    assert page.told == []
    for scheme in ("light", "dark"):
        # What axe does to judge, the policy of the page forbids; it is told so.
        page.emulate_media(color_scheme=scheme)
        assert_accessible(page, scheme)
    assert page.context.cookies() == []
    titles = page.locator("hsc-topic .hsc-title")
    assert titles.evaluate_all("all => all.map(one => one.ariaLevel)") == ["3", "3", "4"]


def test_a_card_fits_narrow_pages(page, partner, live_server):
    make_homing()
    partner.shows('<hsc-topic slug="homing"></hsc-topic>', live_server.url)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(partner.address)
    page.wait_for_function(ALL_SHOWN, arg=1)

    assert_accessible(page)
    page.goto(f"{live_server.url}/embed/homing/")
    assert_accessible(page)


def test_what_was_withdrawn_is_a_link_and_says_why(page, partner, live_server):
    withdraw(make_homing(), "A dose was wrong.")
    link = f'<a href="{live_server.url}/topics/homing/">About homing</a>'
    partner.shows(f'<hsc-topic slug="homing">{link}</hsc-topic>', live_server.url)
    page.goto(partner.address)
    page.wait_for_function(ALL_SHOWN, arg=1)

    assert page.get_by_role("link", name="About homing").is_visible()
    assert "Reason: A dose was wrong." in card(page)
    assert "Cells find" not in card(page)


def test_a_withdrawal_is_seen_first_and_without_scrolling(page, partner, live_server):
    withdraw(make_homing(), "A dose was wrong.")
    words = f"<p class='own'>Give it, as ever. {'And so on. ' * 9}</p>" * 3
    partner.shows(f'<hsc-topic slug="homing" height="180">{words}</hsc-topic>', live_server.url)
    # The rule of a page that loads the script late.
    page.add_init_script(
        """const late = new CSSStyleSheet();
        late.replaceSync("hsc-topic { display: block; block-size: 180px; }");
        document.adoptedStyleSheets = [late];"""
    )
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(partner.address)
    page.wait_for_function(ALL_SHOWN, arg=1)

    notice = page.locator("hsc-topic .hsc-note").bounding_box()
    own = page.locator(".own").first.bounding_box()
    assert notice["y"] > 0
    assert notice["y"] + notice["height"] <= own["y"]
    assert page.evaluate(HIDDEN_ROOM) == 0
    last = page.locator(".own").last.bounding_box()
    assert last["y"] + last["height"] <= page.get_by_text("Behind").bounding_box()["y"]
    assert_accessible(page)


@pytest.mark.parametrize("slug", ["homing", "nowhere"])
def test_the_plain_link_stays_if_the_card_does_not_come(page, partner, live_server, slug):
    make_homing()
    # For one card nobody answers, for the other the portal has nothing.
    is_offline = slug == "homing"
    link = f'<a href="{live_server.url}/topics/{slug}/">More</a>'
    cards = f'<hsc-topic slug="{slug}">{link}</hsc-topic><hsc-topic slug="{slug}"></hsc-topic>'
    partner.shows(cards, live_server.url)
    if is_offline:
        page.route("**/embed/**", lambda route: route.abort("connectionrefused"))
    page.goto(partner.address)
    page.get_by_role("link", name=f"HSC Portal: {slug}").wait_for()
    page.wait_for_timeout(200)

    heights = page.eval_on_selector_all("hsc-topic", "all => all.map(one => one.offsetHeight)")
    assert max(heights) < 60
    assert page.get_by_role("link", name="More", exact=True).is_visible()
    assert page.evaluate("window.shown") == 0
    assert_accessible(page)


def test_links_that_are_added_later_become_cards(page, partner, live_server):
    make_homing()
    partner.shows("<div id='later'></div>", live_server.url)
    page.goto(partner.address)
    page.evaluate(
        """() => {
          const link = document.createElement("a");
          link.href = "/";
          link.dataset.hscTopic = "homing";
          document.getElementById("later").append(link);
        }"""
    )
    page.wait_for_function(ALL_SHOWN, arg=1)
    assert "Not yet reviewed" in card(page)


def test_a_page_that_allows_nothing_of_it_keeps_its_link(page, partner, live_server):
    make_homing()
    link = f'<a href="{live_server.url}/topics/homing/">More</a>'
    partner.shows(f'<hsc-topic slug="homing">{link}</hsc-topic>', live_server.url, asks="'none'")
    page.goto(partner.address)
    page.wait_for_timeout(200)

    assert page.get_by_role("link", name="More").is_visible()


@pytest.fixture
def whole_server(transactional_db):
    """The portal as it is served, static files with their own headers: its address."""
    server = LiveServerThread("127.0.0.1", static_handler=lambda application: application)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.mark.parametrize("sandbox", ["", "allow-popups allow-popups-to-escape-sandbox"])
def test_a_card_in_a_frame_with_a_sandbox_has_its_styles(page, partner, whole_server, sandbox):
    make_homing()
    portal = whole_server
    partner.shows(
        f'<iframe src="{portal}/embed/homing/" sandbox="{sandbox}" title="Homing"></iframe>', portal
    )
    page.goto(partner.address)
    frame = page.frames[1]

    frame.wait_for_load_state("load")
    assert page.told == []
    assert frame.locator(".hsc-card").evaluate("found => getComputedStyle(found).display") == "flex"
    paper = "() => getComputedStyle(document.documentElement).getPropertyValue('--hsc-paper')"
    assert frame.evaluate(paper).strip() == "#ffffff"
