"""What a clinician does, in a real browser on the starter content, from the first page on."""

import io
import re
import time

import pytest
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from hsc_portal import pages
from topics import roles

# The tests ask no database themselves, but without the mark there would be none for tests.
pytestmark = pytest.mark.django_db

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SYNDROME = "sinusoidal obstruction syndrome"
THERAPY = "/topics/haploidentical-transplantation/"
CORD, HAPLOIDENTICAL = "cord-blood-transplantation", "haploidentical-transplantation"
# More places than this before the first source would be no reading by keyboard.
MOST_TABS = 60


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The portal with the starter content, which is loaded once for all journeys."""
    pages.kept.pages.clear()
    # All of it is emptied at the end.
    assert connection.settings_dict["NAME"].startswith("test_")
    with django_db_blocker.unblock():
        try:
            call_command("load_content", verbosity=0)
            server = LiveServer("localhost")
            yield server.url
            server.stop()
        finally:
            # The server answers in threads of its own, so no transaction can be rolled back.
            call_command("flush", verbosity=0, interactive=False)
            roles.install()
    pages.kept.pages.clear()


@pytest.fixture
def reader(chromium: Browser, site: str):
    context = chromium.new_context(base_url=site, viewport=DESK)
    yield context.new_page()
    context.close()


def is_on_the_screen(page: Page, words: re.Pattern) -> bool:
    """Say whether words can be read without scrolling."""
    height = page.viewport_size["height"]
    boxes = [found.bounding_box() for found in page.get_by_text(words).all()]
    return any(box and box["y"] >= 0 and box["y"] + box["height"] <= height for box in boxes)


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_the_timing_of_a_risk_is_found_in_under_three_interactions(reader, screen):
    reader.set_viewport_size(screen)
    reader.goto("/")
    interactions = 0

    reader.locator("main [type=search]").fill(SYNDROME)
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/search/?q=*")
    interactions += 1
    reader.locator("main").get_by_role("link", name=re.compile(SYNDROME, re.I)).first.click()
    reader.wait_for_url(f"**/{SYNDROME.replace(' ', '-')}/")
    interactions += 1

    assert is_on_the_screen(reader, re.compile(r"mostly by day 21"))
    assert interactions < 3


def test_two_therapies_are_compared(reader, chromium, site):
    reader.goto("/")
    reader.get_by_role("link", name="Compare therapies").click()
    reader.locator("#topic_1").select_option(CORD)
    reader.locator("#topic_2").select_option(HAPLOIDENTICAL)
    reader.get_by_role("button", name="Compare").click()

    expect(reader.get_by_role("columnheader", name="Cord blood transplantation")).to_be_visible()
    line = reader.get_by_role("row", name=re.compile("^Cell source"))
    expect(line).to_contain_text("differs")
    expect(line.get_by_role("cell").first).to_contain_text("Cord blood")

    # Whoever gets the address sees the same.
    other = chromium.new_context(base_url=site).new_page()
    other.goto(reader.url)
    assert other.locator(".compare-table").first.inner_text()
    assert other.locator("h1").inner_text() == reader.locator("h1").inner_text()
    other.context.close()


def test_a_citation_is_opened_and_closed_with_the_keyboard_alone(reader):
    reader.goto(THERAPY)
    for _ in range(MOST_TABS):
        reader.keyboard.press("Tab")
        if reader.evaluate("document.activeElement.matches('main .cites a')"):
            break
    citation = reader.evaluate_handle("document.activeElement")
    number = reader.evaluate("document.activeElement.textContent")

    reader.keyboard.press("Enter")
    box = reader.get_by_role("dialog")
    expect(box).to_be_focused()
    expect(box).to_contain_text(re.compile(r"(19|20)\d\d"))
    expect(box.get_by_role("link").first).to_have_attribute("href", re.compile("^(https|/)"))
    entry = reader.locator(f"#ref_{number} > span").first.inner_text()
    expect(box).to_contain_text(entry)

    reader.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert citation.evaluate("link => link === document.activeElement")


def test_a_visited_topic_is_read_offline(reader, monkeypatch):
    # As if some minutes went by: the browser's own copy is no longer fresh.
    monkeypatch.setattr(pages, "CACHE_CONTROL", "no-cache")
    reader.goto(THERAPY)
    title = reader.locator("h1").inner_text()
    statement = reader.locator("main .statement").first.inner_text()
    kept = "async (path) => Boolean(await caches.match(path))"
    deadline = time.monotonic() + 15
    while not reader.evaluate(kept, THERAPY):
        assert time.monotonic() < deadline, "The page was not kept."
        reader.wait_for_timeout(50)

    reader.context.set_offline(True)
    reader.goto("/saved/")
    reader.locator("main").get_by_role("link", name=title).click()

    expect(reader.locator("h1")).to_have_text(title)
    expect(reader.locator("[data-offline]")).to_contain_text("Kept copy of")
    assert reader.locator("main .statement").first.inner_text() == statement


def named_by(address: str) -> str:
    """Return by what an address can be found again on paper: the DOI, the PMID, or all of it."""
    for site in ("https://doi.org/", "https://pubmed.ncbi.nlm.nih.gov/"):
        if address.startswith(site):
            return address.removeprefix(site).strip("/")
    return address


def test_a_topic_is_printed_to_pdf(reader):
    reader.goto(THERAPY, wait_until="networkidle")
    title = reader.locator("h1").inner_text()
    sources = reader.locator(".references a[href^=http]")
    addresses = {link.get_attribute("href") for link in sources.all()}

    printed = PdfReader(io.BytesIO(reader.pdf(format="A4")))
    words = " ".join(" ".join(page.extract_text() for page in printed.pages).split())

    assert printed.metadata.title.startswith(title)
    assert title in words
    for part in ("Edition 1", "Not yet reviewed by a clinician", "moderate certainty",
                 "source check awaited", "References"):  # fmt: skip
        assert part in words
    # An address may be broken over lines.
    unbroken = words.replace(" ", "")
    assert len(addresses) > 3
    assert [address for address in addresses if named_by(address) not in unbroken] == []
    for part in ("On this page", "Search topics", "Menu", "Glossary", "Compare therapies",
                 "Keep for offline reading"):  # fmt: skip
        assert part not in words
