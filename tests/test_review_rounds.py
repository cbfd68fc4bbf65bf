"""What a reviewer and an editor are told before they approve or publish, in each round anew."""

import re
from datetime import timedelta

import pytest
from admin_data import (
    approved,
    filled_in,
    form_url,
    knowingly,
    logged_in,
    overview,
    person,
    published,
    said,
    save,
    step_url,
)
from django.utils import timezone

from tests import clinic
from topics import anchors, publishing, scheduling
from topics.desk import discussing, readiness, worklists
from topics.errors import Invalid
from topics.models import Edition, Event, Review, Schedule, Topic

pytestmark = pytest.mark.django_db

VERDICT = {"verdict": "approve", "interests": "none"}
NEVER = "Nothing of this text was ever reviewed by a clinician"


def starter(body: str = "Cells divide. [@smith2020]\n\nThey stay.") -> Topic:
    """Return a topic that readers see and nobody reviewed, with one more sentence in its draft."""
    topic = overview(body=body)
    clinic.publish_unreviewed(topic)
    clinic.reword(topic, f"{body}\n\nOne sentence more.", by=person("author"))
    publishing.submit(topic, actor=person("author"))
    return topic


def review(topic, role: str = "reviewer", **verdict) -> Review:
    values = VERDICT | {"whole_text": True} | verdict
    return publishing.review(topic.revisions.last(), reviewer=person(role), **values)


def asked_for_changes(topic) -> Topic:
    publishing.submit(topic, actor=person("author"))
    review(topic, verdict="request-changes", comment="Cite the trial.")
    return topic


def changes_of(page: str) -> str:
    return page.split('id="changes"')[1].split('id="whole-text"')[0]


# --- The whole text, or the changes since the newest reviewed edition ---


def test_one_sentence_does_not_bring_the_rest_of_a_page_past_the_reviewer():
    topic = starter()
    reviewer = logged_in("reviewer")
    page = said(reviewer.get(step_url(topic, "review")))
    assert NEVER in page
    assert "none of its 3 statements" in page
    assert '<iframe class="whole-page"' in page
    data = VERDICT | {"revision": topic.revisions.last().pk}
    refused = reviewer.post(step_url(topic, "review"), data)
    assert "Read the whole text, then say so here." in said(refused)
    assert not Review.objects.exists()
    reviewer.post(step_url(topic, "review"), data | {"whole_text": "on"})
    assert Event.objects.get(kind="reviewed").data == {"verdict": "approve", "whole_text": True}


def test_the_function_refuses_an_approval_of_a_part():
    topic = starter()
    latest = topic.revisions.last()
    with pytest.raises(Invalid, match="No clinician ever reviewed this text as a whole"):
        publishing.review(latest, reviewer=person("reviewer"), **VERDICT)
    # Changes are requested of what was read.
    asked = {"verdict": "request-changes", "comment": "No.", "interests": "none"}
    publishing.review(latest, reviewer=person("reviewer"), **asked)


def test_after_a_review_only_what_is_new_needs_to_be_read():
    topic = published(overview(body="Cells divide. [@smith2020]\n\nThey stay."))
    body = "Cells divide. [@smith2020]\n\nThey stay.\n\nOne sentence more."
    clinic.reword(topic, body, by=person("author"))
    publishing.submit(topic, actor=person("author"))
    page = said(logged_in("reviewer").get(step_url(topic, "review")))
    assert NEVER not in page
    assert "<iframe" not in page
    assert "1 of 3 statements" in page
    assert "edition 1, which Dr Reviewer approved" in page
    assert "whole_text" not in page
    review(topic, whole_text=False)


def test_the_queue_says_that_nothing_was_reviewed():
    starter()
    page = said(logged_in("reviewer").get("/admin/topics/topic/queue/"))
    assert "First review of what is published, all of it; and 1 statement added" in page


def test_a_withdrawn_edition_is_what_a_new_text_is_compared_with():
    topic = published(overview())
    publishing.withdraw(topic, actor=person("editor"), reason="The dose was wrong.")
    clinic.reword(topic, "Cells divide twice. [@smith2020]", by=person("author"))
    page = said(logged_in("reviewer").get(step_url(topic, "review")))
    assert "What changed since the withdrawn edition 1" in page
    assert "The dose was wrong." in page
    assert "twice" in changes_of(page)


# --- The second round ---


def test_the_second_round_shows_the_first_and_what_changed_since():
    topic = overview(body="Cells divide. [@smith2020]\n\nThey stay.")
    asked_for_changes(topic)
    clinic.reword(topic, "Cells divide. [@smith2020]\n\nThey stay for life.", by=person("author"))
    page = said(logged_in("reviewer").get(step_url(topic, "review")))
    assert "Verdicts on the text before" in page
    assert "Cite the trial." in page
    assert "What changed since your last verdict, on revision 1" in page
    assert "for life" in changes_of(page)


def test_one_chooses_what_to_compare_with():
    topic = published(overview(body="Cells divide. [@smith2020]"))
    clinic.reword(topic, "Cells divide once. [@smith2020]", by=person("author"))
    asked_for_changes(topic)
    clinic.reword(topic, "Cells divide once. [@smith2020]\n\nNew.", by=person("author"))
    client, url = logged_in("reviewer"), step_url(topic, "review")
    # First comes what readers see, since that was reviewed.
    assert "What changed since edition 1" in said(client.get(url))
    assert "once" in changes_of(said(client.get(url)))
    since = said(client.get(f"{url}?since=verdict"))
    assert "since your last verdict, on revision 2" in since
    assert not re.search(r"<ins>(?:(?!</ins>).)*once", changes_of(since))
    assert "since the last verdict" in said(
        logged_in("author").get(f"/admin/topics/topic/{topic.pk}/discussion/?since=verdict")
    )
    assert "What changed since edition 1" in said(client.get(f"{url}?since=wish"))


def test_the_last_reviewer_is_asked_again():
    topic = asked_for_changes(overview())
    client = logged_in("author")
    save(client, form_url(topic), title="Better")
    form = client.get(step_url(topic, "submit")).context["form"]
    assert form["reviewer"].value() == person("reviewer").pk
    # Who wrote part of the text meanwhile cannot be asked.
    person("reviewer").groups.add(*person("author").groups.all())
    clinic.edit(topic, by=person("reviewer"), title="Mine")
    form = client.get(step_url(topic, "submit")).context["form"]
    assert form["reviewer"].value() is None


def test_a_remark_stays_with_its_statement_when_a_citation_is_added():
    topic = overview(body="Fever is frequent on the first days. [@smith2020]")
    discussing.remark(
        topic.revisions.last(), actor=person("reviewer"), text="Who says so?",
        anchor=discussing.statements_of(topic.revisions.last())[0]["anchor"],
    )  # fmt: skip
    clinic.reword(
        topic, "Fever is frequent on the first days [@smith2020; @smith2020, p. 2].",
        by=person("author"),
    )  # fmt: skip
    (thread,) = discussing.threads(topic)
    assert not thread.is_gone
    clinic.reword(topic, "Fever is frequent on the first two days.", by=person("author"))
    (thread,) = discussing.threads(topic)
    assert (thread.is_gone, thread.now) == (False, "Fever is frequent on the first two days.")
    clinic.reword(topic, "Nothing of the kind.", by=person("author"))
    assert discussing.threads(topic)[0].is_gone
    assert anchors.most_alike("Anything", {}) is None


# --- Before publishing ---


def test_what_should_be_mended_is_published_knowingly_or_not_at_all():
    topic = overview()
    discussing.remark(topic.revisions.last(), actor=person("reviewer"), text="Who says so?")
    author, editor, url = logged_in("author"), logged_in("editor"), step_url(topic, "publish")
    page = said(author.get(step_url(topic, "submit")))
    for words in ("It has no section Key points.", "Who says so?"):
        assert words in page
    approved(topic)
    refused = editor.post(url, {"change_note": "Now"})
    assert "Mend each of these, or confirm that it may stay." in said(refused)
    ticks = knowingly(editor, url, change_note="Now")
    assert len(ticks["although"]) == len(readiness.to_be_mended(topic)) == 4
    some = ticks | {"although": ticks["although"][:2]}
    assert "Mend each of these" in said(editor.post(url, some))
    # What came up meanwhile was not confirmed.
    discussing.remark(topic.revisions.last(), actor=person("reviewer"), text="And another one.")
    assert "And another one." in said(editor.post(url, ticks))
    assert not Edition.objects.exists()
    editor.post(url, knowingly(editor, url, change_note="Now"))
    assert Edition.objects.count() == 1


def test_the_form_tells_which_sections_a_kind_needs():
    topic = overview()
    page = said(logged_in("author").get(form_url(topic)))
    assert "<strong>Key points (missing)</strong>" in page
    save(logged_in("author"), form_url(topic), sections__0__kind="key_points")
    page = said(logged_in("author").get(form_url(topic)))
    assert "Key points <span" in page
    assert "<strong>Evidence (missing)</strong>" in page
    new = said(logged_in("author").get("/admin/therapies/complication/add/"))
    assert "<strong>Monitoring (missing)</strong>" in new


def test_publish_is_offered_when_it_can_work():
    topic = overview()
    editor, url = logged_in("editor"), step_url(topic, "publish")

    def offered() -> bool:
        return url in said(editor.get(form_url(topic)))

    assert not offered()
    approved(topic)
    assert offered()
    editor.post(url, knowingly(editor, url, change_note="Now"))
    assert not offered()
    publishing.withdraw(topic, actor=person("editor"), reason="Wrong")
    publishing.restore(topic.revisions.first(), actor=person("editor"))
    assert not offered()
    page = said(editor.get(url))
    assert "was withdrawn: Wrong" in page
    assert "<strong>Approve</strong>" not in page
    assert 'name="change_note"' not in page
    assert "<strong>Approve</strong>" not in said(
        logged_in("reviewer").get(step_url(topic, "review"))
    )


# --- What leaves the queue ---


def test_saving_a_submitted_text_says_that_it_left_the_queue():
    topic = overview()
    publishing.submit(topic, actor=person("author"))
    client = logged_in("author")
    assert "it leaves the review queue until it is submitted" in said(client.get(form_url(topic)))
    same = client.post(form_url(topic), _untouched(client, topic), follow=True)
    assert "left the review queue" not in said(same)
    data = _untouched(client, topic) | {"title": "Another title"}
    done = said(client.post(form_url(topic), data, follow=True))
    assert "The text was changed, so it left the review queue." in done
    assert f'<a class="button" href="{step_url(topic, "submit")}">Submit it again</a>' in done
    # Another change takes nothing more away.
    data = _untouched(client, topic) | {"title": "A third title"}
    assert "left the review queue" not in said(client.post(form_url(topic), data, follow=True))


def test_saving_or_restoring_an_approved_text_says_that_the_approval_is_gone():
    topic = overview()
    clinic.edit(topic, by=person("author"), title="Better")
    approved(topic)
    client = logged_in("author")
    assert "This text is approved." in said(client.get(form_url(topic)))
    url = f"/admin/topics/topic/{topic.pk}/restore/1/"
    assert "its approval no longer counts" in said(client.post(url, {"note": ""}, follow=True))


def _untouched(client, topic) -> dict:
    return filled_in(client.get(form_url(topic)))


# --- The desk ---


def titles(name: str, role: str) -> list[str]:
    user, asked = person(role), worklists.BY_NAME[name]
    found = [topic.title for topic in asked.rows(user)]
    assert worklists.counts(user)[name] == len(found)
    return found


def test_what_is_approved_awaits_an_editor():
    free, opposed, set_already = (approved(overview(slug)) for slug in ("free", "not", "later"))
    second = clinic.user("second.reviewer", "Clinical reviewer")
    no = {"verdict": "request-changes", "interests": "none", "comment": "No."}
    publishing.review(opposed.revisions.last(), reviewer=second, **no)
    review(opposed)
    due = timezone.now() + timedelta(hours=1)
    scheduling.schedule(set_already, actor=person("editor"), change_note="x", due_at=due)
    assert titles("to-publish", "editor") == ["Free"]
    assert "to-publish" not in worklists.counts(person("author"))
    client = logged_in("editor")
    (row,) = client.get("/admin/topics/topic/lists/to-publish/").context["rows"]
    assert row["url"] == step_url(free, "publish")
    publishing.publish(free, publisher=person("editor"), change_note="Now")
    assert titles("to-publish", "editor") == []


def test_a_scheduled_publication_that_failed_is_on_the_desk_of_those_concerned():
    topic = approved(overview())
    made = scheduling.schedule(
        topic, actor=person("editor"), change_note="x", due_at=timezone.now() + timedelta(hours=1)
    )
    clinic.edit(topic, by=person("author"), title="Changed meanwhile")
    Schedule.objects.filter(pk=made.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    scheduling.publish_due.call()
    for role in ("editor", "author"):
        assert titles("failed-schedules", role) == ["Changed meanwhile"]
    stranger = clinic.user("other.author", "Author")
    assert not worklists.BY_NAME["failed-schedules"].rows(stranger)
    page = said(logged_in("author").get("/admin/topics/topic/lists/failed-schedules/"))
    assert "The text was changed since the time was set." in page
    publishing.publish(approved(topic), publisher=person("editor"), change_note="Now")
    assert titles("failed-schedules", "editor") == []


def test_my_drafts_are_what_i_wrote_and_readers_do_not_see():
    overview("new")
    published(overview("seen"))
    clinic.edit(published(overview("handed-on")), by=person("editor"), title="Of another one")
    assert titles("my-drafts", "author") == ["New"]
    assert titles("my-drafts", "editor") == ["Of another one"]
    page = logged_in("author").get("/admin/").context
    assert "/admin/therapies/complication/add/" in [each["url"] for each in page["new"]]
    assert logged_in("reviewer").get("/admin/").context["new"] == []


def test_requested_changes_lead_to_what_was_said():
    topic = asked_for_changes(overview())
    client, talk = logged_in("author"), f"/admin/topics/topic/{topic.pk}/discussion/"
    (row,) = client.get("/admin/topics/topic/lists/my-changes/").context["rows"]
    assert row["url"] == talk
    assert f'href="{talk}"' in said(client.get("/admin/topics/topic/mine/"))


def test_a_statement_leads_to_its_field_and_to_where_it_is_read():
    topic = published(overview(body="Nobody said so."))
    client = logged_in("author")
    (row,) = client.get("/admin/topics/topic/lists/uncited/").context["rows"]
    assert row["url"] == f"{form_url(topic)}#id_sections-0-body"
    assert row["reader_url"].startswith("/topics/stem-cells/#")
    assert 'id="id_sections-0-body"' in said(client.get(form_url(topic)))


# --- An address that is taken ---


def test_a_taken_address_is_named_with_its_topic():
    live, draft = published(overview("live")), overview("draft")
    gone = published(overview("gone"))
    publishing.withdraw(gone, actor=person("editor"), reason="Wrong")
    client, url = logged_in("author"), form_url(overview("mine"))
    for topic, words in (
        (live, "“Live” is published at “live”."),
        (gone, "“Gone” was once published at “gone”, and the address stays with it."),
        (draft, "The draft “Draft” has it."),
    ):
        page = said(save(client, url, slug=topic.slug))
        assert words in page
        assert f'<a href="{form_url(topic)}">edit “{topic}”</a>' in page
        assert "already exists" not in page
