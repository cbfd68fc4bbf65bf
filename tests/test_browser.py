"""The portal in a real browser: accessible, narrow enough, within its policy, by keyboard."""

import os

import pytest
from playwright.sync_api import expect

from tests import browsing, clinic, pages_data
from topics import partnering, publishing
from topics.models import GlossaryTerm, Topic

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/",
    "/topics/",
    "/topics/transplantation/",
    "/topics/aplastic-anemia/",
    "/topics/filgrastim/",
    "/topics/acute-gvhd/",
    "/topics/transplantation/editions/",
    "/topics/transplantation/editions/1/",
    "/topics/mobilization/",
    "/references/",
    "/references/?view=a-z",
    "/topics/?view=a-z&kind=therapy",
    "/references/petit2002/",
    "/topics/transplantation/?style=ama",
    "/partners/",
    "/partners/network/",
    "/glossary/",
    "/about/",
    "/style/",
    "/no-such-page/",
    "/search/?q=transplantation+marrow",
    "/de/",
    "/de/topics/transplantation/",
    "/es/about/",
]


@pytest.fixture
def site(live_server):
    """A small portal with a page of each kind; one topic of it was withdrawn."""
    cell = {"scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "SAA",
            "status": "new", "option": "MSD", "category": "S", "evidence": "II",
            "source": "Table 2", "references": ["petit2002"]}  # fmt: skip
    tables = {
        "agents": [{"agent": "filgrastim", "role": "growth-factor", "timing": "After infusion"}],
        "steps": [{"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0}],
        "risks": [{"complication": "acute-gvhd", "from_day": 14, "to_day": 100,
                   "frequency": "3 of 10", "certainty": "low", "awaiting_check": True}],
        "benefits": [{"outcome": "Survival", "result": "53% versus 35%", "certainty": "high",
                      "references": ["duhrsen1988"]}],
        "milestones": [{"subset": "neutrophils", "from_day": 14, "to_day": 21}],
        "trials": [{"name": "GENESIS", "phase": "3", "status": "completed"}],
    }  # fmt: skip
    topics = [
        clinic.draft(clinic.agent()),
        clinic.draft(clinic.complication()),
        clinic.draft(clinic.condition(tables={"indications": [cell, cell | {"option": "MUD"}]})),
        clinic.draft(clinic.therapy(tables=tables)),
        clinic.draft(clinic.overview()),
    ]
    clinic.publish_unreviewed(*topics)
    partnering.pair(topics[3], [pages_data.partner_with_logo("Network")])
    publishing.withdraw(topics[-1], actor=clinic.editor(), reason="A figure was wrong")
    return live_server.url


@pytest.mark.parametrize("sight", browsing.SIGHTS, ids=["light", "dark"])
def test_axe_finds_nothing_and_the_policy_is_kept(chromium, site, sight):
    """Also that nothing is wider than a small phone."""
    page = chromium.new_page()
    told = []
    page.on("console", lambda message: told.append(f"{page.url}: {message.text}"))
    browsing.assert_each_accessible(page, [site + path for path in PAGES], [sight])
    # Chromium tells of each page that answers 404 or 410; anything else is a fault of ours.
    assert [text for text in told if "404" not in text and "410" not in text] == []
    page.close()


def test_the_keyboard_leads_to_the_content_and_to_a_source(chromium, site):
    page = chromium.new_page()
    page.goto(f"{site}/topics/transplantation/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.close()


def test_a_citation_opens_in_place_and_gives_the_focus_back(chromium, site):
    page = chromium.new_page()
    page.goto(f"{site}/topics/transplantation/")
    citation = page.locator("main .cites a").first
    citation.focus()
    page.keyboard.press("Enter")
    box = page.locator(".in-place")
    assert box.is_visible()
    assert "granulocyte colony-stimulating factor" in box.inner_text()
    assert page.evaluate("document.activeElement.className") == "in-place"
    page.keyboard.press("Escape")
    assert not box.is_visible()
    assert citation.evaluate("link => link === document.activeElement")
    page.close()


@pytest.fixture
def cited_at_places(site):
    """The address of a topic that cites two places of one publication, and has a code."""
    body = "Cells rise. [@petit2002, Table 1]\n\nAnd fall again. [@petit2002, Table 9]"
    section = {"kind": "mechanism", "heading": "What then?", "body": body}
    codes = [{"system": "MeSH", "code": "D018380"}]
    clinic.published(clinic.overview("places", sections=[section], codes=codes))
    return f"{site}/topics/places/"


def test_a_citation_shows_only_the_place_that_was_asked_for(chromium, cited_at_places):
    page = chromium.new_page()
    page.goto(cited_at_places)
    assert "Cited here: Table 1; Table 9" in page.locator(".references").inner_text()
    page.locator("main .cites a").first.click()
    box = page.locator(".in-place")
    expect(box).to_contain_text("Table 1")
    expect(box).to_contain_text("stem cell mobilization")
    expect(box).not_to_contain_text("Cited here")
    page.close()


def test_what_serves_machines_is_not_printed(chromium, cited_at_places):
    page = chromium.new_page()
    page.goto(cited_at_places)
    parts = ["#names_and_codes", ".codes", "text=For machines"]
    assert all(page.locator(part).is_visible() for part in parts)
    page.emulate_media(media="print")
    assert not any(page.locator(part).is_visible() for part in parts)
    page.close()


def test_an_address_is_printed_where_the_words_of_a_link_do_not_name_it(chromium, site):
    page = chromium.new_page()
    label = "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=3f3c3c53"
    record = "https://api.fda.gov/drug/label.json?search=set_id"
    page.goto(f"{site}/topics/transplantation/")
    page.emulate_media(media="print")
    page.locator(".references").evaluate(
        "(list, typeset) => list.insertAdjacentHTML('beforeend', typeset)",
        f'<li><span><a href="{record}">{record}</a></span> <a href="{label}">DailyMed</a></li>',
    )
    links = page.locator(".references a")
    added = "link => getComputedStyle(link, '::after').content"
    assert links.first.evaluate(added) == links.filter(has_text=record).evaluate(added) == "none"
    assert label in links.filter(has_text="DailyMed").evaluate(added)
    page.close()


def test_without_script_a_citation_leads_to_the_list(chromium, site):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/topics/transplantation/")
    page.locator("main .cites a").first.click()
    assert page.url.endswith("#ref_1")
    page.close()


def test_the_contents_follow_the_scroll(chromium, site):
    page = chromium.new_page(viewport={"width": 1280, "height": 500})
    page.goto(f"{site}/topics/transplantation/")
    page.locator("#about_this_page").scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_selector("[data-contents] [aria-current]")
    assert page.locator("[data-contents] [aria-current]").count() == 1
    page.close()


def test_contents_are_folded_on_a_phone_and_open_beside_the_text(chromium, site):
    for script in (True, False):
        context = chromium.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto(f"{site}/topics/transplantation/")
        link = page.locator("[data-contents] a").first
        page.set_viewport_size({"width": 390, "height": 800})
        assert not link.is_visible()
        page.locator(".contents summary").click()
        assert link.is_visible()
        page.reload()
        page.set_viewport_size({"width": 1280, "height": 800})
        assert link.is_visible()
        assert not page.locator(".contents summary").is_visible()
        context.close()


def test_filters_are_folded_on_a_phone_and_open_beside_the_list(chromium, site):
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{site}/topics/?kind=therapy")
    box = page.get_by_role("checkbox", name="Therapy", exact=True)
    assert not box.is_visible()
    assert page.locator(".chosen").is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert box.is_visible()
    page.close()


def test_a_term_goes_on_behind_a_name_that_is_held_together(chromium, site):
    term = GlossaryTerm(term="T-cell depletion", definition="Their removal from a graft.")
    publishing.save_term(term, actor=clinic.editor())
    body = "After **early** T-cell depletion and G-CSF more relapse. [@duhrsen1988]"
    sections = [{"kind": "mechanism", "heading": "What then?", "body": body}]
    clinic.published(clinic.overview("depletion", sections=sections))
    page = chromium.new_page()
    page.goto(f"{site}/topics/depletion/")
    link = page.locator("a.term")
    link.click()
    assert link.inner_text() == "T-cell depletion"
    assert "After early T-cell depletion and G-CSF more" in page.inner_text("main")
    expect(page.locator(".in-place")).to_contain_text("Their removal from a graft.")
    page.close()


def test_a_page_can_be_printed_where_scripts_run(chromium, site):
    page = chromium.new_page()
    page.goto(f"{site}/topics/transplantation/")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").click()
    assert page.title() == "printed"
    page.close()


def test_a_term_is_explained_in_place(chromium, site):
    term = GlossaryTerm(term="granulocytes", definition="White blood cells with granules.")
    publishing.save_term(term, actor=clinic.editor())
    body = "Granulocytes come first. [@duhrsen1988]"
    sections = [{"kind": "mechanism", "heading": "What comes first?", "body": body}]
    clinic.published(clinic.overview("recovery", sections=sections))
    page = chromium.new_page()
    page.goto(f"{site}/topics/recovery/")
    page.locator("a.term", has_text="Granulocytes").click()
    expect(page.locator(".in-place")).to_contain_text("White blood cells with granules.")
    page.close()


def test_what_opens_in_place_speaks_both_languages(chromium, site):
    about = Topic.objects.get(slug="filgrastim")
    term = GlossaryTerm(term="granulocytes", definition="White blood cells.", topic=about)
    publishing.save_term(term, actor=clinic.editor())
    body = "Granulocytes come first. [@duhrsen1988]"
    sections = [{"kind": "mechanism", "heading": "What comes first?", "body": body}]
    clinic.published(clinic.overview("recovery", sections=sections))
    page = chromium.new_page()
    page.goto(f"{site}/de/topics/recovery/")
    word = page.locator("a.term", has_text="Granulocytes")
    assert word.get_attribute("href").startswith("/de/glossary/#")
    word.click()
    box = page.locator(".in-place")
    meaning = box.get_by_text("White blood cells.")
    assert meaning.evaluate("words => words.closest('[lang]').lang") == "en"
    button = box.locator("button")
    assert button.evaluate("words => words.closest('[lang]').lang") == "de"
    assert box.locator("a").get_attribute("href") == "/de/topics/filgrastim/"
    page.close()
