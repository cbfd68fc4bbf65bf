"""Writing in the admin in a real browser: nothing typed is lost, and all goes by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests import browsing
from tests.admin_data import (
    form_url,
    logged_in,
    new_row,
    overview,
    reference,
    save,
    therapy,
)
from topics.models import Presence, Section, Topic

pytestmark = pytest.mark.django_db(transaction=True)

BODY = "#id_sections-0-body"


def opened(chromium, server, role: str, topic, query="", **options):
    """Open the form of a topic as somebody, in a browser of their own."""
    cookie = logged_in(role).cookies["sessionid"].value
    context = chromium.new_context(viewport=browsing.WIDE, **options)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": server.url}])
    page = context.new_page()
    page.told = []
    page.on("console", lambda message: page.told.append(message.text))
    page.on("pageerror", lambda error: page.told.append(str(error)))
    page.goto(server.url + form_url(topic) + query, wait_until="networkidle")
    return page


def at_end(page):
    page.focus(BODY)
    page.keyboard.press("Control+End")


def press_save(page):
    """Press the button that saves and stays."""
    page.click("[name='_continue']")


def saved(page):
    expect(page.get_by_text("was changed successfully").first).to_be_visible(timeout=20_000)


def leave(page):
    """Close a browser once its last words have come: they would wait for the emptied tables."""
    page.goto("about:blank")
    for _ in range(50):
        if not Presence.objects.exists():
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(200)
    page.context.close()


def test_what_is_typed_shows_as_readers_would_see_it(chromium, live_server):
    page = opened(chromium, live_server, "author", overview())
    at_end(page)
    page.keyboard.type("\n\nThey home to the marrow.")
    expect(page.locator(".md-count").first).to_have_text("2 statements · 1 without citation")
    expect(page.locator(".md-page .mark-uncited").first).to_be_visible()
    page.select_option(".md-grade", "high")
    expect(page.locator(BODY)).to_have_value(
        "Cells divide. [@smith2020]\n\nThey home to the marrow.{certainty=high}"
    )
    expect(page.locator(".md-page [data-grade='high']")).to_be_visible()
    page.click("[data-act='check']")
    expect(page.locator("[data-act='check']").first).to_have_attribute("aria-pressed", "true")
    page.focus(BODY)
    page.keyboard.press("Control+z")
    expect(page.locator(BODY)).to_have_value(
        "Cells divide. [@smith2020]\n\nThey home to the marrow.{certainty=high}"
    )
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\n# No")
    expect(page.locator(".md-faults li").first).to_contain_text("starts with ###")
    assert page.told == []
    leave(page)


def test_bold_and_a_list_by_keyboard(chromium, live_server):
    page = opened(chromium, live_server, "author", overview(body="Cells divide."))
    page.focus(BODY)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Control+b")
    expect(page.locator(BODY)).to_have_value("**Cells** divide.")
    page.keyboard.press("Shift+Tab")
    # The toolbar is one stop; arrows lead through it.
    assert page.evaluate("document.activeElement.dataset.act") == "bold"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(BODY)).to_have_value("- **Cells** divide.")
    leave(page)


def test_a_citation_and_a_link_by_keyboard_without_knowing_keys(chromium, live_server):
    petit = reference("petit2002")
    petit.csl |= {"title": "Egress of stem cells", "author": [{"family": "Petit"}]}
    petit.save()
    overview("homing")
    page = opened(chromium, live_server, "author", overview(body="Cells leave."))
    at_end(page)
    page.keyboard.type(" @")
    expect(page.locator("#md-picker-ask")).to_be_focused()
    page.keyboard.type("petit")
    option = page.locator("#md-picker-list [role='option']")
    expect(option).to_have_count(1)
    assert page.locator("#md-picker-ask").get_attribute("aria-activedescendant") == "md-option-0"
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Enter")
    page.keyboard.type("p. 690")
    page.keyboard.press("Enter")
    expect(page.locator(BODY)).to_have_value("Cells leave. [@petit2002, p. 690]")
    expect(page.locator(BODY)).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("smith")
    expect(option).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(BODY)).to_have_value("Cells leave. [@petit2002, p. 690; @smith2020]")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.click("[data-act='link']")
    page.fill("#md-picker-ask", "homing")
    expect(option).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(BODY)).to_have_value(
        "[Cells](topic:homing) leave. [@petit2002, p. 690; @smith2020]"
    )
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator(BODY)).to_be_focused()
    leave(page)


def test_two_at_one_topic_see_each_other_and_both_texts(chromium, live_server):
    topic = overview()
    anna = opened(chromium, live_server, "author", topic)
    expect(anna.locator("#desk-others")).to_be_empty()
    bert = opened(chromium, live_server, "editor", topic)
    expect(bert.locator("#desk-others")).to_contain_text("Dr Author is editing this topic since")
    bert.fill(BODY, "Cells divide slowly. [@smith2020]")
    bert.fill("#id_summary", "The editor’s summary.")
    press_save(bert)
    saved(bert)
    anna.fill(BODY, "Cells divide fast. [@smith2020]")
    anna.fill("#id_title", "Stem cells anew")
    press_save(anna)
    beside = anna.locator(".desk-conflict")
    expect(beside).to_contain_text("Dr Editor saved a newer text")
    # Only what both changed is asked, and nothing is called a fault.
    expect(beside.locator("legend")).to_have_text(["Section “What is it?”: text"])
    expect(beside.locator("[data-side='theirs'] mark")).to_have_text(["slowly"])
    expect(anna.locator(".errornote")).to_have_count(0)
    expect(anna.locator(BODY)).to_have_value("Cells divide fast. [@smith2020]")
    expect(anna.locator(BODY)).to_be_hidden()
    expect(anna.locator("#id_title")).to_have_value("Stem cells anew")
    assert Section.objects.get().body == "Cells divide slowly. [@smith2020]"
    found = Axe().run(anna)
    assert found.violations_count == 0, found.generate_report()
    beside.get_by_label("Keep mine").check()
    beside.get_by_role("button", name="Save with these choices").click()
    saved(anna)
    topic.refresh_from_db()
    assert (topic.title, topic.summary) == ("Stem cells anew", "The editor’s summary.")
    assert Section.objects.get().body == "Cells divide fast. [@smith2020]"
    assert topic.revisions.count() == 3
    assert "Cells divide slowly." in topic.revisions.get(number=2).text
    anna.goto("about:blank")
    leave(bert)
    assert not Presence.objects.exists()
    anna.context.close()


def test_a_newer_text_is_told_before_saving(chromium, live_server):
    topic = overview()
    page = opened(chromium, live_server, "author", topic)
    save(logged_in("editor"), form_url(topic), title="By the editor")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#desk-newer")).to_contain_text("Dr Editor saved revision 2")
    leave(page)


def test_a_lost_network_and_a_closed_window_lose_nothing(chromium, live_server):
    topic = overview()
    page = opened(chromium, live_server, "author", topic)
    page.fill(BODY, "Typed before the network went. [@smith2020]")
    page.context.set_offline(True)
    press_save(page)
    dialog = page.locator(".desk-dialog")
    expect(dialog).to_contain_text("The portal cannot be reached")
    expect(page.locator(BODY)).to_have_value("Typed before the network went. [@smith2020]")
    page.context.set_offline(False)
    again = page.context.new_page()
    page.close()
    again.wait_for_timeout(300)
    again.goto(live_server.url + form_url(topic), wait_until="networkidle")
    expect(again.locator("#desk-draft")).to_contain_text("was not saved")
    # Never put back unasked.
    expect(again.locator(BODY)).to_have_value("Cells divide. [@smith2020]")
    again.click("text=Restore it")
    expect(again.locator(BODY)).to_have_value("Typed before the network went. [@smith2020]")
    expect(again.get_by_text("none of it is saved yet").first).to_be_visible()
    assert Section.objects.get().body == "Cells divide. [@smith2020]"
    press_save(again)
    saved(again)
    assert Section.objects.get().body == "Typed before the network went. [@smith2020]"
    again.reload(wait_until="networkidle")
    expect(again.locator("#desk-draft")).to_be_hidden()
    assert again.evaluate("Object.keys(localStorage).filter(k => k.startsWith('hsc-draft'))") == []
    leave(again)


def test_an_ended_session_loses_nothing(chromium, live_server):
    topic = overview()
    page = opened(chromium, live_server, "author", topic)
    page.fill(BODY, "Typed for hours. [@smith2020]")
    Session.objects.all().delete()
    press_save(page)
    expect(page.locator(".desk-dialog")).to_contain_text("You are no longer logged in")
    assert Axe().run(page).violations_count == 0
    # Logged in again, in another window.
    cookie = logged_in("author").cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.get_by_role("button", name="Save again").click()
    saved(page)
    assert Section.objects.get().body == "Typed for hours. [@smith2020]"
    leave(page)


def test_a_fault_keeps_what_was_typed_and_its_draft(chromium, live_server):
    topic = overview()
    page = opened(chromium, live_server, "author", topic)
    page.fill(BODY, "Mine. [@nobody1999]")
    press_save(page)
    expect(page.get_by_text("Unknown reference nobody1999").first).to_be_visible()
    expect(page.locator(BODY)).to_have_value("Mine. [@nobody1999]")
    page.goto(live_server.url + form_url(topic), wait_until="networkidle")
    expect(page.locator("#desk-draft")).to_contain_text("was not saved")
    page.click("text=Discard it")
    page.reload(wait_until="networkidle")
    expect(page.locator("#desk-draft")).to_be_hidden()
    leave(page)


def test_sections_are_ordered_by_keyboard_and_by_button(chromium, live_server):
    topic = overview()
    client = logged_in("author")
    rows = new_row("sections", 1, kind="risks", heading="Second?", body="Two.", position="4")
    save(client, form_url(topic), **rows)
    rows = new_row("sections", 2, kind="future", heading="Third?", body="Three.", position="9")
    save(client, form_url(topic), **rows)
    page = opened(chromium, live_server, "author", topic)
    page.focus("#id_sections-2-heading")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[role=status]", has_text="Third?: now 2 of 3.")).to_have_count(1)
    expect(page.locator("#id_sections-2-heading")).to_be_focused()
    page.locator(".form-group", has=page.locator("#id_sections-0-heading")).get_by_label(
        "Move down"
    ).click()
    press_save(page)
    saved(page)
    found = Section.objects.filter(topic=topic).values_list("heading", "position")
    assert [heading for heading, _ in found] == ["Third?", "What is it?", "Second?"]
    assert [position for _, position in found] == [0, 4, 9]
    leave(page)


def test_sections_are_ordered_by_drag(chromium, live_server):
    topic = overview()
    rows = new_row("sections", 1, kind="risks", heading="Second?", body="Two.", position="4")
    save(logged_in("author"), form_url(topic), **rows)
    page = opened(chromium, live_server, "author", topic)
    handles = page.locator("#sections-data [x-sort\\:handle]")
    # Previews are drawn once they are seen, and move what stands below them.
    for count in page.locator(".md-count").all():
        count.scroll_into_view_if_needed()
        expect(count).not_to_have_text("…")
    handles.nth(1).scroll_into_view_if_needed()
    box = handles.nth(1).bounding_box()
    x, y = box["x"] + 10, box["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 16):
        page.mouse.move(x, y - 30 * step)
        page.wait_for_timeout(20)
    page.mouse.up()
    expect(page.locator("#id_sections-1-position")).to_have_value("0")
    press_save(page)
    saved(page)
    found = Section.objects.filter(topic=topic).values_list("heading", "position")
    assert list(found) == [("Second?", 0), ("What is it?", 4)]
    leave(page)


def test_a_new_row_that_is_moved_and_taken_away_leaves_the_others(chromium, live_server):
    topic = overview()
    page = opened(chromium, live_server, "author", topic)
    page.locator("#sections-data .add-row").click()
    page.locator("#sections-data .add-row").click()
    page.fill("#id_sections-1-heading", "Gone")
    page.fill("#id_sections-2-heading", "Stays")
    page.fill("#id_sections-2-body", "It stays.")
    page.focus("#id_sections-2-heading")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    page.locator(".form-group", has=page.locator("#id_sections-1-heading")).locator(
        ".delete-template"
    ).click()
    page.wait_for_timeout(200)
    press_save(page)
    saved(page)
    found = Section.objects.filter(topic=topic).values_list("heading", "body")
    assert list(found) == [
        ("Stays", "It stays."), ("What is it?", "Cells divide. [@smith2020]"),
    ]  # fmt: skip
    leave(page)


def test_a_bracket_typed_by_hand_is_part_of_what_asks_for_a_citation(chromium, live_server):
    page = opened(chromium, live_server, "author", overview(body="Cells leave."))
    at_end(page)
    page.keyboard.type(" [@")
    expect(page.locator("#md-picker-ask")).to_be_focused()
    page.keyboard.type("smith")
    expect(page.locator("#md-picker-list [role='option']")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(BODY)).to_have_value("Cells leave. [@smith2020]")
    page.keyboard.type(" See @home")
    expect(page.locator("#md-picker-ask")).to_have_value("home")
    page.keyboard.press("Escape")
    # What went into the dialog was meant for the text.
    expect(page.locator(BODY)).to_have_value("Cells leave. [@smith2020] See @home")
    leave(page)


def test_a_new_row_is_counted_and_gone_to_and_nothing_is_chosen_in_it(chromium, live_server):
    page = opened(chromium, live_server, "author", overview())
    page.locator("#sections-data .add-row").click()
    expect(page.locator("#id_sections-1-kind")).to_be_focused()
    expect(page.locator("#sections-heading")).to_contain_text("Sections (2)")
    page.locator("#figures-data .add-row").click()
    expect(page.locator("#id_figures-0-license")).to_have_value("")
    leave(page)


def test_after_faults_the_first_one_is_gone_to_and_each_has_a_link(chromium, live_server):
    page = opened(chromium, live_server, "author", overview())
    page.fill(BODY, "Mine. [@nobody1999]")
    page.fill("#id_summary", "<b>So</b>")
    expect(page.locator(".md-words .md-faults")).to_contain_text("HTML is not allowed")
    press_save(page)
    links = page.locator(".desk-fault-list a")
    expect(links).to_have_text(["Summary", "Section “What is it?”, Body"])
    expect(page.locator("#id_summary")).to_be_focused()
    page.locator("[data-panel='links']").click()
    links.last.click()
    expect(page.locator(BODY)).to_be_focused()
    expect(page.locator("[data-panel='content']")).to_contain_text("2 faults")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    leave(page)


def test_without_script_the_text_is_written_and_saved(chromium, live_server):
    topic = overview()
    page = opened(chromium, live_server, "author", topic, java_script_enabled=False)
    page.fill(BODY, "Plain. [@smith2020]")
    page.locator("[name='_save']").click()
    assert Topic.objects.get(pk=topic.pk).sections.get().body == "Plain. [@smith2020]"
    leave(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_form(chromium, live_server, scheme):
    for topic, query in ((overview(), ""), (therapy(), "?table=steps")):
        page = opened(chromium, live_server, "author", topic, query, color_scheme=scheme)
        page.wait_for_timeout(600)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.told == []
        page.set_viewport_size(browsing.NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        leave(page)
