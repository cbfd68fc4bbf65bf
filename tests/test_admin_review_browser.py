"""From author to reader in a real browser: submitting, discussing, reviewing, a set time."""

import os
import re
from datetime import timedelta

import pytest
from admin_data import form_url, overview, person, published, step_url
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from following_data import work
from playwright.sync_api import Page, expect

from tests import browsing, clinic
from topics import publishing, working
from topics.desk import discussing
from topics.models import Comment, Schedule, Topic

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sit_down(chromium, live_server):
    """Return a function that gives somebody of the team a browser in which they are logged in."""
    contexts = []

    def sit(role: str, **options) -> Page:
        context = chromium.new_context(base_url=live_server.url, viewport=browsing.WIDE, **options)
        contexts.append(context)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "url": live_server.url}
        context.add_cookies([cookie | {"value": _session(role)}])
        return context.new_page()

    yield sit
    for context in contexts:
        context.close()


def _session(role: str) -> str:
    user = person(role)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


def tick_all(editor: Page) -> None:
    """Confirm each thing that should be mended first."""
    for box in editor.get_by_role("group", name="Publish although").get_by_role("checkbox").all():
        box.check()


def submit(author, topic) -> None:
    author.goto(form_url(topic))
    author.get_by_label("Title").fill("Stem cells anew")
    author.locator("[name=_continue]").click()
    author.get_by_role("link", name="Submit for review").click()
    author.get_by_label("Note for the reviewer").fill("Is it short enough?")
    author.get_by_label("Who shall review it").select_option(label="Dr Reviewer")
    author.get_by_role("button", name="Submit for review").click()
    expect(author.get_by_text("was submitted for review")).to_be_visible()


def approve(reviewer) -> None:
    """Approve the text that was assigned, with a remark in between."""
    reviewer.goto("/admin/topics/topic/queue/")
    reviewer.get_by_role("link", name="Assigned to me").click()
    reviewer.locator("#content-main").get_by_role("link", name="Stem cells anew").click()
    expect(reviewer.get_by_text("Is it short enough?").first).to_be_visible()
    reviewer.get_by_role("radio", name="Approve").check()
    expect(reviewer.get_by_text("Nothing of this text was ever reviewed")).to_be_visible()
    framed = reviewer.frame_locator("#whole-text iframe")
    expect(framed.get_by_role("heading", name="Stem cells anew", level=1)).to_be_visible()
    reviewer.get_by_label("Declared interests").fill("none")
    # A remark loads the page anew; the verdict that is being written stays.
    reviewer.get_by_label("About").select_option(label="Cells divide.")
    reviewer.get_by_label("Your remark").fill("All of them?")
    reviewer.get_by_role("button", name="Add the remark").click()
    expect(reviewer.locator("blockquote")).to_have_text("Cells divide.")
    expect(reviewer.get_by_role("radio", name="Approve")).to_be_checked()
    expect(reviewer.get_by_label("Declared interests")).to_have_value("none")
    reviewer.get_by_role("button", name="Review", exact=True).click()
    expect(reviewer.locator("#desk-faults")).to_contain_text("Read the whole text, then say so")
    reviewer.get_by_label("I have read the whole text").check()
    reviewer.get_by_role("button", name="Review", exact=True).click()
    expect(reviewer.get_by_text("You approved revision 2")).to_be_visible()


def test_from_author_to_reader(sit_down, chromium, live_server):
    topic = overview(body="Cells divide. [@smith2020]")
    author, reviewer, editor = (sit_down(role) for role in ("author", "reviewer", "editor"))
    submit(author, topic)
    approve(reviewer)

    editor.goto(form_url(topic))
    editor.get_by_role("link", name="Publish", exact=True).click()
    editor.get_by_label("Change note").fill("The first text.")
    tick_all(editor)
    editor.get_by_role("button", name="Publish").click()
    expect(editor.get_by_text("Edition 1 of “Stem cells anew” is published.")).to_be_visible()

    reader = chromium.new_page()
    reader.goto(f"{live_server.url}/topics/stem-cells/")
    expect(reader.get_by_role("heading", name="Stem cells anew", level=1)).to_be_visible()
    expect(reader.get_by_text("Reviewed by Dr Reviewer")).to_be_visible()
    assert "All of them?" not in reader.content()
    reader.close()


def test_a_discussion_goes_to_and_fro(sit_down):
    topic = published(overview())
    clinic.reword(topic, "Cells divide twice. [@smith2020]", by=person("author"))
    publishing.submit(topic, actor=person("author"))
    reviewer, author = sit_down("reviewer"), sit_down("author")
    reviewer.goto(step_url(topic, "review"))
    # The link beside a statement chooses it.
    reviewer.locator(".changes").get_by_role("link", name="Remark").click()
    expect(reviewer.get_by_label("About")).to_have_value(re.compile(r".+"))
    reviewer.get_by_label("Your remark").fill("Twice?")
    reviewer.get_by_role("button", name="Add the remark").click()

    author.goto(form_url(topic))
    author.get_by_role("link", name="Review", exact=True).click()
    author.locator(".thread summary").click()
    author.get_by_label("Reply to Dr Reviewer").fill("Yes.")
    author.get_by_role("button", name="Send the reply").click()
    author.get_by_role("button", name="Resolve").click()
    expect(author.locator(".thread.is-resolved")).to_contain_text("by Dr Author")
    comment = Comment.objects.get(parent=None)
    assert (comment.resolved_by_name, comment.replies.get().text) == ("Dr Author", "Yes.")


def test_a_time_is_set_and_the_worker_keeps_it(sit_down, chromium, live_server):
    topic = overview()
    publishing.submit(topic, actor=person("author"))
    latest = topic.revisions.last()
    publishing.review(
        latest, reviewer=person("reviewer"), verdict="approve", interests="none", whole_text=True
    )
    editor = sit_down("editor", timezone_id="Asia/Tokyo")
    editor.goto(step_url(topic, "publish"))
    at = timezone.now() + timedelta(days=1)
    editor.get_by_label("Change note").fill("In time.")
    tick_all(editor)
    editor.get_by_label("Publish at a set time").fill(f"{at:%Y-%m-%dT%H:%M}")
    own = f"{at + timedelta(hours=9):%H:%M} in your own time (Asia/Tokyo)"
    expect(editor.get_by_text(own)).to_be_visible()
    editor.get_by_role("button", name="Publish").click()
    expect(editor.get_by_text("Revision 1 will be published on")).to_be_visible()
    expect(editor.get_by_text(f"{at:%H:%M} UTC").first).to_be_visible()
    expect(editor.get_by_text(own)).to_be_visible()
    reader = chromium.new_page()
    assert reader.goto(f"{live_server.url}/topics/stem-cells/").status == 404

    Schedule.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    working.look_around()
    work()
    assert reader.goto(f"{live_server.url}/topics/stem-cells/").status == 200
    expect(reader.get_by_text("In time.")).to_be_visible()
    reader.close()


def test_an_earlier_text_is_restored(sit_down):
    topic = overview(body="The first words. [@smith2020]")
    clinic.reword(topic, "Other words. [@smith2020]", by=person("author"))
    author = sit_down("author")
    author.goto(form_url(topic))
    author.get_by_role("link", name="History", exact=True).first.click()
    author.get_by_label("Compare revision").select_option("1")
    author.get_by_label("with revision").select_option("2")
    author.get_by_role("button", name="Compare").click()
    expect(author.locator(".changes")).to_contain_text("Other")
    author.get_by_role("link", name="Restore revision 1").click()
    author.get_by_role("button", name="Restore revision 1").click()
    expect(author.get_by_text("kept as revision 3")).to_be_visible()
    assert Topic.objects.get().sections.get().body == "The first words. [@smith2020]"


def test_a_link_for_an_outside_reader_works_until_it_is_revoked(sit_down, chromium):
    topic = overview()
    author = sit_down("author", permissions=["clipboard-read", "clipboard-write"])
    author.goto(form_url(topic))
    author.get_by_role("link", name="Links for outside readers").click()
    author.get_by_label("For whom").fill("Prof. Outside")
    author.get_by_role("button", name="Make the link").click()
    address = author.get_by_label("The link", exact=True).input_value()
    author.get_by_role("button", name="Copy the link").click()
    expect(author.get_by_text("Copied.")).to_be_visible()
    assert author.evaluate("navigator.clipboard.readText()") == address
    outsider = chromium.new_page()
    outsider.goto(address)
    expect(outsider.get_by_text("Draft, not published.")).to_be_visible()
    browsing.assert_accessible(outsider)
    # Nothing is made a second time by loading the page again, and the address is told once.
    author.reload()
    expect(author.get_by_label("The link", exact=True)).to_have_count(0)
    author.get_by_role("button", name="Revoke").click()
    assert outsider.goto(address).status == 410
    expect(outsider.get_by_role("heading", name="This link works no longer")).to_be_visible()
    outsider.close()


@pytest.mark.parametrize("sight", browsing.SIGHTS, ids=["light", "dark"])
def test_axe_finds_nothing_on_the_desk(sit_down, sight):
    topic = published(overview())
    clinic.reword(topic, "Cells divide twice. [@smith2020]\n\nNew.", by=person("author"))
    publishing.submit(topic, actor=person("author"))
    latest = topic.revisions.last()
    said = discussing.remark(latest, actor=person("reviewer"), text="Twice?")
    discussing.reply(said, actor=person("author"), text="Yes.")
    page = sit_down("all-rounder")
    desk = f"/admin/topics/topic/{topic.pk}"
    told = []
    page.on("console", lambda message: told.append(message.text))
    paths = ["/admin/topics/topic/queue/", f"{desk}/step/review/", f"{desk}/discussion/",
             f"{desk}/compare/?from=1&to=2", f"{desk}/links/", f"{desk}/step/publish/",
             "/admin/topics/topic/mine/", "/admin/topics/topic/mails/",
             "/admin/topics/topic/failures/", f"{desk}/preview/2/"]  # fmt: skip
    browsing.assert_each_accessible(page, paths, [sight])
    assert told == []
