"""The theme of the admin: its policy, the tabs of a topic, and what browsers make of it."""

import time

import pytest
from admin_data import (
    agent,
    form_url,
    logged_in,
    new_row,
    overview,
    published,
    save,
    step_url,
    therapy,
)
from django.test import Client
from playwright.sync_api import expect

from tests import browsing
from topics.admin.fields import TextLines
from topics.models import Topic


def policy_of(client, path) -> dict[str, list[str]]:
    header = client.get(path).headers["Content-Security-Policy"]
    return {name: rest for name, *rest in (part.split() for part in header.split("; "))}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/admin/topics/topic/"])
def test_the_admin_may_evaluate_but_runs_no_scripts_of_pages_or_others(path):
    client = Client() if "login" in path else logged_in("administrator")
    policy = policy_of(client, path)
    assert policy["script-src"] == ["'self'", "'unsafe-eval'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert (policy["default-src"], policy["frame-ancestors"]) == (["'none'"], ["'none'"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/topics/stem-cells/", "/adminer/", "/report/"])
def test_pages_for_readers_may_not(path):
    published(overview())
    policy = policy_of(logged_in("administrator"), path)
    assert "unsafe" not in " ".join(policy["script-src"] + policy["style-src"])


@pytest.mark.django_db
def test_the_tabs_of_a_topic():
    topic, client = therapy(), logged_in("author")
    step = new_row("steps", 0, phase="infusion", title="First", certainty="ungraded")
    save(client, f"{form_url(topic)}?table=steps", **step)

    def tabs(url: str) -> list[tuple]:
        found = client.get(url).context["tabs"]
        return [(tab["label"], tab.get("rows"), tab["is_current"]) for tab in found]

    form = form_url(topic)
    table, history = f"{form}?table=steps", form.replace("change", "history")
    for url, chosen in ((form, "Content"), (table, "Clinical tables"), (history, "History")):
        found = tabs(url)
        assert [label for label, _, is_current in found if is_current] == [chosen]
        assert ("Clinical tables", 1, chosen == "Clinical tables") in found
        assert [label for label, *_ in found][:3] == [
            "Content",
            "Clinical tables",
            "Codes and links",
        ]
    added = [label for label, *_ in tabs("/admin/therapies/therapy/add/")]
    assert added == ["Content", "Codes and links"]
    assert "Clinical tables" not in [label for label, *_ in tabs(form_url(agent()))]


def test_a_line_end_at_the_start_of_a_text_is_not_lost():
    # A browser leaves out the first one of a field.
    assert ">\n\nWords</textarea>" in TextLines().render("body", "\nWords")


@pytest.fixture
def editor(chromium, live_server, settings):
    """A page of a browser in which an editor is logged in."""
    client = logged_in("editor")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(base_url=live_server.url, viewport=browsing.WIDE)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()
    # What the page still says as it closes is answered before the tables are emptied.
    time.sleep(0.5)


def press_save(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()


def test_the_pages_of_the_desk_are_accessible_and_fit(editor):
    topic = published(therapy())
    step = new_row("steps", 0, phase="infusion", title="First", certainty="ungraded")
    save(logged_in("author"), f"{form_url(topic)}?table=steps", **step)
    paths = [
        "/admin/", "/admin/topics/topic/", "/admin/references/reference/", form_url(topic),
        f"{form_url(topic)}#panel-links", f"{form_url(topic)}?table=steps",
        form_url(topic).replace("change", "history"), step_url(topic, "publish"),
    ]  # fmt: skip
    browsing.assert_each_accessible(editor, paths)


def test_panels_are_switched_and_stay_after_saving(editor):
    topic = overview()
    editor.goto(form_url(topic))
    summary = editor.get_by_label("Summary")
    expect(summary).to_be_visible()
    editor.get_by_role("link", name="Codes and links").click()
    expect(summary).to_be_hidden()
    editor.get_by_text("Add another Code").click()
    editor.locator("#id_codes-0-system").select_option("MeSH")
    editor.locator("#id_codes-0-code").fill("D000001")
    editor.locator("#id_codes-0-match").select_option("exact")
    editor.locator("#id_codes-0-verified").check()
    press_save(editor)
    assert topic.codes.get().code == "D000001"
    expect(editor.locator("#id_codes-0-code")).to_be_visible()


def test_a_fault_is_counted_at_its_tab_which_opens(editor):
    topic = overview()
    editor.goto(form_url(topic))
    editor.get_by_role("link", name="Codes and links").click()
    editor.get_by_text("Add another Code").click()
    editor.locator("#id_codes-0-label").fill("Without a code")
    editor.get_by_role("link", name="Content", exact=True).click()
    press_save(editor)
    expect(editor.locator(".desk-tabs").get_by_text("fault")).to_be_visible()
    expect(editor.locator("#id_codes-0-label")).to_have_value("Without a code")
    expect(editor.locator("#id_codes-0-label")).to_be_visible()


def test_leaving_unsaved_words_warns_and_saving_does_not(editor):
    topic = therapy()
    asked = []

    def answer(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    editor.on("dialog", answer)
    editor.goto(form_url(topic))
    editor.wait_for_function("document.readyState === 'complete'")
    editor.wait_for_timeout(100)
    editor.get_by_role("link", name="Clinical tables").click()
    editor.wait_for_url("**table=**")
    assert asked == []
    editor.goto(form_url(topic))
    editor.wait_for_timeout(100)
    editor.get_by_label("Summary").fill("Typed for an hour.")
    editor.get_by_role("link", name="Clinical tables").click()
    editor.wait_for_timeout(100)
    assert asked == ["beforeunload"]
    expect(editor.get_by_label("Summary")).to_have_value("Typed for an hour.")
    press_save(editor)
    assert asked == ["beforeunload"]
    assert Topic.objects.get(pk=topic.pk).summary == "Typed for an hour."


def test_taking_a_new_row_away_keeps_what_was_typed_in_the_next(editor):
    topic = overview()
    editor.goto(form_url(topic))
    for number, word in ((1, "One"), (2, "Two")):
        editor.get_by_text("Add another Section").click()
        editor.locator(f"#id_sections-{number}-heading").fill(word)
        editor.locator(f"#id_sections-{number}-body").fill(f"{word} is typed.")
    editor.locator("#sections-data .delete-template:visible").first.click()
    expect(editor.locator("#id_sections-1-heading")).to_have_value("Two")
    expect(editor.locator("#id_sections-1-body")).to_have_value("Two is typed.")
