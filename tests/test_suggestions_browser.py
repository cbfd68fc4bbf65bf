"""Suggestions in a real browser: a combobox by keyboard, mouse and touch, and for listeners."""

import os
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests import clinic
from topics import publishing
from topics.models import GlossaryTerm

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server):
    sections = [
        {"kind": "overview", "heading": "How is marrow given?", "body": "By a vein."},
        {"kind": "risks", "heading": "Which risks are known?", "body": "Few."},
    ]
    clinic.published(
        clinic.overview("marrow", title="Marrow infusion", synonyms=["BMT"], sections=sections)
    )
    clinic.published(clinic.overview("marrow-failure", title="Marrow failure", sections=sections))
    term = GlossaryTerm(term="marrow", definition="What is inside bones.")
    publishing.save_term(term, actor=clinic.editor())
    return live_server.url


OFFERS = ["Marrow failure", "Marrow infusion", "marrow"]


@pytest.fixture
def page(chromium, site):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(site + "/")
    yield page
    page.close()


def options(page: Page):
    return page.locator('[role="listbox"]:visible [role="option"]')


def typed(page: Page, words: str, field: str = "#find"):
    """Return the field after something was typed and is answered."""
    found = page.locator(field)
    # The answer to all of it: one to its beginning may come before.
    with page.expect_response(lambda answer: answer.url.endswith(f"?q={quote(words)}")):
        found.press_sequentially(words)
    expect(options(page).first).to_be_visible()
    return found


def active(page: Page) -> str:
    """Return the words of the option that the field points at."""
    return page.evaluate(
        """() => {
            const name = document.activeElement.getAttribute("aria-activedescendant");
            const option = name && document.getElementById(name);
            return option ? option.querySelector(".offer").textContent : "";
        }"""
    )


@pytest.mark.parametrize("field", ["#find", "#site_search"])
def test_it_is_a_combobox(page, field):
    found = page.locator(field)
    expect(found).to_have_role("combobox")
    expect(found).to_have_attribute("aria-expanded", "false")

    typed(page, "marr", field)

    expect(found).to_have_attribute("aria-expanded", "true")
    assert found.get_attribute("aria-controls") == page.locator("ul.offers:visible").get_attribute(
        "id"
    )
    expect(page.locator(".hidden[role=status]")).to_have_text("7 suggestions")
    assert options(page).locator(".offer").all_inner_texts()[:3] == OFFERS
    assert active(page) == ""


def test_the_keyboard_goes_through_the_options(page):
    field = typed(page, "marr")

    for key, there in [
        ("ArrowDown", OFFERS[0]), ("ArrowDown", OFFERS[1]), ("ArrowUp", OFFERS[0]),
        ("Home", ""), ("ArrowDown", OFFERS[0]), ("End", ""),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert active(page) == there, key
    assert options(page).locator("[aria-selected=true]").count() == 0
    page.keyboard.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    assert active(page) == OFFERS[0]
    assert field.input_value() == "marr"


def test_escape_closes_then_empties_and_arrows_open_again(page):
    field = typed(page, "marr")
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "marr"

    page.keyboard.press("Alt+ArrowDown")
    expect(options(page).first).to_be_visible()
    assert active(page) == ""
    page.keyboard.press("Alt+ArrowUp")
    expect(options(page)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_have_attribute("aria-selected", "true")


def test_tab_goes_on_and_closes(page):
    typed(page, "marr")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(options(page)).to_have_count(0)
    assert page.evaluate("document.activeElement.textContent") == "Find"
    assert page.url.endswith("/")


def test_enter_without_a_choice_searches(page):
    typed(page, "marrow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=marrow")


def test_enter_with_a_choice_goes_there(page):
    typed(page, "bmt")
    page.keyboard.press("ArrowDown")
    assert active(page) == "BMT"
    page.keyboard.press("Enter")
    page.wait_for_url("**/topics/marrow/")


def test_a_question_is_gone_to_by_mouse(page, site):
    typed(page, "how is")
    expect(options(page).first).to_contain_text("How is marrow given?")
    expect(options(page).first).to_contain_text("Question")
    options(page).first.click()
    page.wait_for_url("**/topics/marrow*/#how-is-marrow-given")


def test_a_finger_chooses_on_a_small_phone_in_german(chromium, site):
    context = chromium.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 320, "height": 640}, color_scheme="dark"
    )
    page = context.new_page()
    page.goto(f"{site}/de/search/")
    typed(page, "marrow inf")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert options(page).first.locator(".offer").get_attribute("lang") == "en"
    assert options(page).first.bounding_box()["height"] >= 44
    options(page).first.tap()
    page.wait_for_url("**/de/topics/marrow/")
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing_while_it_is_open(chromium, site, scheme, width):
    page = chromium.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(f"{site}/search/")
    typed(page, "marr")
    page.keyboard.press("ArrowDown")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert told == []
    page.close()


def test_what_is_marked_is_seen_without_colours(chromium, site):
    page = chromium.new_context(forced_colors="active").new_page()
    page.goto(site + "/")
    typed(page, "marr")
    page.keyboard.press("ArrowDown")
    marked = options(page).first.evaluate("option => getComputedStyle(option).outlineStyle")
    other = options(page).last.evaluate("option => getComputedStyle(option).outlineStyle")
    assert (marked, other) == ("solid", "none")
    page.context.close()


def test_only_the_last_answer_shows(page):
    """An answer that comes late is for what is no longer in the field."""
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.continue_()

    page.route("**/search/suggestions/**", answer)
    field = page.locator("#find")
    field.press_sequentially("marrow f", delay=5)
    expect(options(page).first).to_contain_text("Marrow failure")
    field.press_sequentially("zz", delay=5)
    expect(options(page)).to_have_count(0)
    expect(page.locator(".hidden[role=status]")).to_have_text("No suggestions")
    # Not one for each letter.
    assert len(asked) < 9


def test_nothing_breaks_when_the_portal_does_not_answer(page):
    page.route("**/search/suggestions/**", lambda route: route.abort())
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.locator("#find").press_sequentially("marr")
    page.wait_for_timeout(300)
    expect(options(page)).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=marr")
    assert faults == []


def test_without_script_it_is_a_plain_form(chromium, site):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(site + "/")
    page.locator("#find").fill("marrow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=marrow")
    assert page.locator("[role=combobox], [role=listbox]").count() == 0
    page.context.close()


def test_the_style_is_fetched_when_it_is_wanted(page):
    assert page.locator("link[href*='suggest']").count() == 0
    typed(page, "marr")
    assert page.locator("link[href*='suggest']").count() == 1
    place = page.locator("ul.offers:visible").evaluate("list => getComputedStyle(list).position")
    assert place == "absolute"
