"""The way from draft to reader through the pages of the admin."""

import re

import pytest
from admin_data import (
    approved,
    form_url,
    knowingly,
    logged_in,
    overview,
    person,
    published,
    said,
    save,
    step_url,
    submitted,
    therapy,
)

from tests import clinic
from topics import publishing, reading
from topics.models import Edition, Event, Listing, Review, Topic

pytestmark = pytest.mark.django_db

GOOD = {"verdict": "approve", "interests": "none", "whole_text": "on"}


def verdict(topic, **changes) -> dict:
    return {"revision": topic.revisions.last().pk, **GOOD, **changes}


def test_the_whole_way():
    author, reviewer, editor = (logged_in(role) for role in ("author", "reviewer", "editor"))
    topic = therapy()
    save(author, form_url(topic), title="Transplantation")
    assert author.post(step_url(topic, "submit"), {"note": "Please"}).url == form_url(topic)
    assert "Awaiting review" in said(reviewer.get(form_url(topic)))
    assert "Transplantation" in said(reviewer.get(step_url(topic, "review")))
    assert reviewer.post(step_url(topic, "review"), verdict(topic)).status_code == 302
    assert "Approved, not yet published" in said(editor.get(form_url(topic)))
    publish = step_url(topic, "publish")
    done = editor.post(publish, knowingly(editor, publish, change_note="First text"), follow=True)
    assert "Edition 1 of “Transplantation” is published." in said(done)
    edition = reading.current("transplant").edition
    assert edition.approved_by == person("reviewer")
    assert edition.published_by == person("editor")
    assert edition.revision.document["title"] == "Transplantation"


def test_starter_content_that_nobody_changed_can_be_reviewed_and_published():
    topic = overview()
    clinic.publish_unreviewed(topic)
    author, reviewer, editor = (logged_in(role) for role in ("author", "reviewer", "editor"))
    assert "Submit for review" in said(author.get(form_url(topic)))
    author.post(step_url(topic, "submit"), {"note": ""})
    assert "Awaiting review" in said(reviewer.get(form_url(topic)))
    reviewer.post(step_url(topic, "review"), verdict(topic))
    publish = step_url(topic, "publish")
    editor.post(publish, knowingly(editor, publish, change_note="Reviewed"))
    assert reading.current("stem-cells").edition.approved_by_name == "Dr Reviewer"
    assert "Submit for review" not in said(author.get(form_url(topic)))


def test_what_one_wrote_one_cannot_approve():
    topic = overview()
    client = logged_in("all-rounder")
    save(client, form_url(topic), title="Mine")
    assert "You wrote part of this text" in said(client.get(step_url(topic, "review")))
    response = client.post(step_url(topic, "review"), verdict(topic))
    assert "somebody else must review it" in said(response)
    assert not Review.objects.exists()


def test_an_approval_of_an_older_text_is_refused_when_given():
    topic = submitted(overview())
    seen = verdict(topic)
    save(logged_in("author"), form_url(topic), title="Changed meanwhile")
    response = logged_in("reviewer").post(step_url(topic, "review"), seen)
    assert "The text was changed while you read it" in said(response)
    assert not Review.objects.exists()


def test_an_approval_of_an_older_text_does_not_publish_a_newer_one():
    topic = approved(overview())
    save(logged_in("author"), form_url(topic), title="Changed after approval")
    response = logged_in("editor").post(step_url(topic, "publish"), {"change_note": "Now"})
    assert "was changed since it was approved" in said(response)
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"interests": " "}, "required"),
        ({"verdict": "request-changes"}, "Say what should be changed"),
        ({"verdict": "perhaps"}, "valid choice"),
        ({"revision": 0}, "not one of the topic"),
    ],
)
def test_a_verdict_that_lacks_something(changes, words):
    topic = submitted(overview())
    response = logged_in("reviewer").post(step_url(topic, "review"), verdict(topic, **changes))
    assert words in said(response)
    assert not Review.objects.exists()


def test_requested_changes_stop_publishing():
    topic = submitted(overview())
    data = verdict(topic, verdict="request-changes", comment="Cite the trial")
    logged_in("reviewer").post(step_url(topic, "review"), data)
    editor = logged_in("editor")
    assert "Changes requested" in said(editor.get(form_url(topic)))
    response = editor.post(step_url(topic, "publish"), {"change_note": "Now"})
    assert "Cite the trial" in said(response)
    assert not Edition.objects.exists()


def test_the_review_page_shows_what_changed_since_the_edition():
    topic = published(overview())
    save(
        logged_in("author"),
        form_url(topic),
        sections__0__body="Cells rest & wait < long. [@smith2020]",
    )
    page = said(logged_in("reviewer").get(step_url(topic, "review")))
    assert re.search(r"<del>(?:(?!</del>).)*divide\.", page)
    assert re.search(r"<ins>(?:(?!</ins>).)*rest &amp; wait &lt; long\.", page)
    assert "@smith2020" in page


def test_withdrawing():
    topic = published(overview())
    client = logged_in("editor")
    assert "Give the reason" not in said(client.get(step_url(topic, "withdraw")))
    assert "required" in said(client.post(step_url(topic, "withdraw"), {"reason": " "}))
    assert Listing.objects.exists()
    client.post(step_url(topic, "withdraw"), {"reason": "Dangerous"})
    assert not Listing.objects.exists()
    assert "Withdrawn" in said(client.get(form_url(topic)))
    assert "Dangerous" in said(client.get(form_url(topic).replace("change/", "history/")))


def test_restoring():
    topic = published(overview())
    client = logged_in("author")
    save(client, form_url(topic), title="Worse")
    history = said(client.get(form_url(topic).replace("change/", "history/")))
    url = f"/admin/topics/topic/{topic.pk}/restore/1/"
    assert url in history
    assert "Restore revision 1" in said(client.get(url))
    assert Topic.objects.get(pk=topic.pk).title == "Worse"
    client.post(url, {"note": "It was better"})
    assert Topic.objects.get(pk=topic.pk).title == "Stem cells"
    assert topic.revisions.last().note == "It was better"


def test_publishing_together_all_or_none():
    editor = logged_in("editor")
    first, second = approved(overview("first")), overview("second")
    chosen = {"action": "publish_together", "_selected_action": [first.pk, second.pk]}
    assert "change note" in said(editor.post("/admin/topics/topic/", chosen)).lower()
    sent = chosen | {"confirmed": "yes", "change_note": "Both"}
    sent = knowingly(editor, "/admin/topics/topic/", **sent)
    assert "Nobody has approved" in said(editor.post("/admin/topics/topic/", sent))
    assert not Edition.objects.exists()
    approved(second)
    assert editor.post("/admin/topics/topic/", sent).status_code == 302
    assert Edition.objects.filter(change_note="Both").count() == 2


STEPS = {
    "submit": {"author", "editor"},
    "review": {"reviewer"},
    "publish": {"editor"},
    "withdraw": {"editor"},
}
WORDS = {"submit": {}, "publish": {"change_note": "Now"}, "withdraw": {"reason": "Wrong"}}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", ["author", "reviewer", "editor"])
def test_who_may_take_which_step(step, role):
    topic = published(overview()) if step == "withdraw" else overview()
    if step == "publish":
        approved(topic)
    if step == "review":
        submitted(topic)
    before = Event.objects.count()
    client, allowed = logged_in(role), role in STEPS[step]
    has_button = step_url(topic, step) in said(client.get(form_url(topic)))
    assert has_button == allowed
    assert client.get(step_url(topic, step)).status_code == (200 if allowed else 403)
    words = verdict(topic) if step == "review" else WORDS[step]
    if step == "publish" and allowed:
        words = knowingly(client, step_url(topic, step), **words)
    response = client.post(step_url(topic, step), words)
    assert response.status_code == (302 if allowed else 403)
    assert Event.objects.count() == before + allowed


@pytest.mark.parametrize(("role", "status"), [("author", 200), ("editor", 200), ("reviewer", 403)])
def test_who_may_restore(role, status):
    topic = overview()
    assert logged_in(role).get(f"/admin/topics/topic/{topic.pk}/restore/1/").status_code == status


@pytest.mark.parametrize(("role", "offered"), [("author", False), ("editor", True)])
def test_who_may_publish_together(role, offered):
    topic = approved(overview())
    client = logged_in(role)
    assert ("publish_together" in said(client.get("/admin/topics/topic/"))) == offered
    data = {"action": "publish_together", "_selected_action": [topic.pk], "confirmed": "yes"}
    sent = data | {"change_note": "Now"}
    client.post(
        "/admin/topics/topic/",
        knowingly(client, "/admin/topics/topic/", **sent) if offered else sent,
    )
    assert Edition.objects.exists() == offered


def test_strangers_are_asked_to_log_in(client):
    topic = overview()
    assert client.get(step_url(topic, "publish")).status_code == 302
    assert client.post(step_url(topic, "publish"), {"change_note": "x"}).status_code == 302
    assert not Edition.objects.exists()


def test_unknown_steps_and_topics():
    client = logged_in("administrator")
    assert client.get(step_url(overview(), "explode")).status_code == 404
    assert client.get("/admin/topics/topic/999999/step/publish/").status_code == 404


def test_a_published_topic_without_changes_offers_no_step_but_withdrawal():
    topic = published(overview())
    page = said(logged_in("administrator").get(form_url(topic)))
    assert step_url(topic, "withdraw") in page
    for name in ("submit", "review", "publish"):
        assert step_url(topic, name) not in page
    response = logged_in("editor").post(step_url(topic, "publish"), {"change_note": "Again"})
    assert "Nothing was changed" in said(response)


def test_a_change_in_the_library_is_told():
    topic = published(overview())
    found = topic.editions.get().references.get()
    found.csl = found.csl | {"title": "Paper, corrected"}
    found.save()
    page = said(logged_in("author").get(form_url(topic)))
    assert "was changed in the library" in page
    publishing.save_revision(topic, author=person("author"))
    assert "was changed in the library" not in said(logged_in("author").get(form_url(topic)))
