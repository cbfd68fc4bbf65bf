"""The review screen in a real browser: what was typed is kept, and what is wrong is gone to."""

import pytest
from admin_data import logged_in, overview, person, step_url, submitted
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests import browsing, clinic
from topics import publishing
from topics.models import Comment, Review

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def screen(chromium, live_server):
    """Return a function that opens the review of a topic as a reviewer."""
    contexts = []

    def log_in(context):
        cookie = logged_in("reviewer").cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    def show(topic, end: str = ""):
        context = chromium.new_context(viewport=browsing.WIDE, base_url=live_server.url)
        contexts.append(context)
        log_in(context)
        page = context.new_page()
        page.told = []
        page.on("console", lambda message: page.told.append(message.text))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        page.log_in = lambda: log_in(context)
        page.goto(step_url(topic, "review") + end, wait_until="networkidle")
        return page

    yield show
    for context in contexts:
        context.close()


def fill_in(page):
    page.get_by_role("radio", name="Request changes").check()
    page.get_by_label("Comment").fill("Cite the trial of 2020.")
    page.get_by_label("Declared interests").fill("none")


def send(page):
    page.get_by_role("button", name="Review", exact=True).click()


def test_an_ended_session_loses_no_verdict(screen):
    page = screen(submitted(overview()))
    fill_in(page)
    page.get_by_label("Your remark").fill("And a remark.")
    Session.objects.all().delete()
    send(page)
    expect(page.locator(".desk-dialog")).to_contain_text("You are no longer logged in")
    page.log_in()
    page.get_by_role("button", name="Save again").click()
    expect(page.get_by_text("You requested changes to revision 1")).to_be_visible()
    assert Review.objects.get().comment == "Cite the trial of 2020."
    assert Comment.objects.get().text == "And a remark."
    # What was saved is kept no longer.
    kept = "Object.keys(localStorage).filter(k => k.startsWith('hsc-draft'))"
    page.wait_for_load_state("networkidle")
    assert page.evaluate(kept) == []


def test_a_verdict_is_offered_again_after_the_window_was_closed(screen):
    topic = submitted(overview())
    page = screen(topic)
    fill_in(page)
    page.get_by_label("Your remark").fill("And a remark.")
    page.wait_for_timeout(800)
    again = page.context.new_page()
    page.close()
    again.goto(step_url(topic, "review"), wait_until="networkidle")
    again.get_by_role("button", name="Restore it").click()
    expect(again.get_by_text("your verdict is not given yet")).to_be_visible()
    expect(again.get_by_label("Comment")).to_have_value("Cite the trial of 2020.")
    expect(again.get_by_label("Your remark")).to_have_value("And a remark.")
    expect(again.get_by_role("radio", name="Request changes")).to_be_checked()
    assert not Review.objects.exists()


def test_a_refused_verdict_is_told_at_the_head(screen):
    page = screen(submitted(overview()), "#discussion")
    page.get_by_role("radio", name="Request changes").check()
    send(page)
    head = page.locator("#desk-faults")
    expect(head).to_be_focused()
    expect(head).to_be_in_viewport()
    assert not page.url.endswith("#discussion")
    head.get_by_role("link", name="Comment").click()
    expect(page.get_by_label("Comment")).to_be_in_viewport()


def test_a_text_that_changed_meanwhile_is_told_and_the_comment_stays(screen):
    topic = submitted(overview())
    page = screen(topic)
    fill_in(page)
    clinic.edit(topic, by=person("author"), title="Changed meanwhile")
    submitted(topic)
    # Loading the page anew tells it as sending the verdict does.
    page.reload(wait_until="networkidle")
    expect(page.locator("#review-newer")).to_be_focused()
    expect(page.get_by_role("radio", name="Request changes")).not_to_be_checked()
    expect(page.get_by_label("Comment")).to_have_value("Cite the trial of 2020.")
    assert not Review.objects.exists()


def test_the_whole_text_is_read_as_readers_would_see_it(screen):
    page = screen(submitted(overview()))
    framed = page.frame_locator("iframe.whole-page")
    expect(framed.get_by_role("heading", level=1)).to_have_text("Stem cells")
    expect(framed.get_by_role("navigation", name="Main")).to_have_count(0)
    framed.get_by_role("link", name="Remark on").first.click()
    expect(page.get_by_label("Your remark")).to_be_focused()
    expect(page.get_by_label("About")).not_to_have_value("")
    page.get_by_text("As it was written, in Markdown").click()
    expect(page.locator("pre.whole-text")).to_contain_text("@smith2020")
    assert page.told == []


def test_only_the_framed_preview_may_be_framed_and_only_by_the_portal(client):
    topic = submitted(overview())
    address = f"/admin/topics/topic/{topic.pk}/preview/1/"
    reviewer = logged_in("reviewer")
    framed, plain = reviewer.get(f"{address}?framed=1"), reviewer.get(address)
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert plain["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    screen = reviewer.get(step_url(topic, "review"))["Content-Security-Policy"]
    assert "frame-src 'self'" in screen
    assert "frame-src" not in reviewer.get("/admin/")["Content-Security-Policy"]


@pytest.mark.parametrize("sight", browsing.SIGHTS, ids=["light", "dark"])
def test_axe_finds_nothing_on_the_screen(screen, sight):
    page = screen(submitted(overview()))
    send(page)
    expect(page.locator("#desk-faults")).to_be_visible()
    browsing.assert_accessible(page)


def test_a_comment_of_a_review_that_was_answered_is_never_offered_again(screen):
    topic = submitted(overview())
    page = screen(topic)
    fill_in(page)
    # Typed, and kept by the browser, though a verdict was given elsewhere after all.
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('hsc-draft:'))")
    again = page.context.new_page()
    again.goto(step_url(topic, "review"))
    expect(again.locator("#desk-draft")).to_contain_text("was not saved")
    publishing.review(
        topic.revisions.last(), reviewer=person("reviewer"), verdict="request-changes",
        comment="No.", interests="none",
    )  # fmt: skip
    for tab in (again, page):
        tab.reload(wait_until="networkidle")
        expect(tab.locator("#desk-draft")).to_be_hidden()
        expect(tab.get_by_label("Comment")).to_have_value("")
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('hsc-draft:'))")
