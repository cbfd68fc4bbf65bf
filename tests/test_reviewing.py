"""The review desk: the queue, who is asked, the review screen, the discussion, and emails."""

from datetime import timedelta

import pytest
from admin_data import (
    approved,
    form_url,
    logged_in,
    overview,
    person,
    published,
    reference,
    said,
    save,
    step_url,
    therapy,
)
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from following_data import sent, work

from tests import clinic
from topics import publishing, telling, working
from topics.desk import assigning, discussing
from topics.errors import FourEyes, Invalid, NothingToDo, NotPermitted
from topics.models import Assignment, Comment, DeskMail, MailPreference

pytestmark = pytest.mark.django_db

DESK = "/admin/topics/topic/"
QUEUE, MINE, FAILURES = f"{DESK}queue/", f"{DESK}mine/", f"{DESK}failures/"


@pytest.fixture(autouse=True)
def addresses(db):
    for role in ("author", "reviewer", "editor"):
        user = person(role)
        user.email = f"{role}@hospital.example"
        user.save()


def reviewed(topic, **verdict):
    values = {"verdict": "approve", "interests": "none", "whole_text": True} | verdict
    return publishing.review(topic.revisions.last(), reviewer=person("reviewer"), **values)


def told() -> set[tuple[str, str]]:
    """Return who is told what now: role and subject."""
    return {(one.to[0].partition("@")[0], one.subject) for one in sent()}


# --- The queue ---


def test_the_queue_says_who_waits_for_what():
    new = overview()
    changed = published(overview("homing"))
    clinic.reword(changed, "Cells divide twice. [@smith2020]\n\nThey stay.", by=person("author"))
    first = overview("niche")
    clinic.publish_unreviewed(first)
    author = person("author")
    publishing.submit(new, actor=author)
    assigning.submit(changed, actor=author, note="Only a word", reviewer=person("reviewer"))
    publishing.submit(first, actor=author)
    page = said(logged_in("reviewer").get(QUEUE))
    for words in ("All of it is new", "1 statement added, 1 statement reworded",
                  "First review of what is published", "“Only a word”"):  # fmt: skip
        assert words in page
    assert page.index("Stem cells") < page.index("Homing") < page.index("Niche")
    mine = said(logged_in("reviewer").get(f"{QUEUE}?mine=on"))
    assert "Homing" in mine
    assert "Niche" not in mine
    assert "No topic awaits review that fits" in said(
        logged_in("editor").get(f"{QUEUE}?kind=agent")
    )
    # What is no choice is as if it were not said.
    assert "Niche" in said(logged_in("editor").get(f"{QUEUE}?kind=wish&page=99"))


def test_the_queue_takes_as_many_queries_for_many_as_for_one():
    client = logged_in("reviewer")
    publishing.submit(overview(), actor=person("author"))
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as one:
        client.get(QUEUE)
    for n in range(5):
        publishing.submit(overview(f"topic-{n}"), actor=person("author"))
    with CaptureQueriesContext(connection) as many:
        client.get(QUEUE)
    assert len(many) == len(one)


# --- Who is asked ---


def test_a_task_is_done_by_doing_it():
    topic = overview()
    author, reviewer = logged_in("author"), logged_in("reviewer")
    author.post(step_url(topic, "submit"), {"note": "", "reviewer": person("reviewer").pk})
    assert "Stem cells" in said(reviewer.get(MINE))
    reviewed(topic, verdict="request-changes", comment="Cite it.")
    assert "Nobody has asked you" in said(reviewer.get(MINE))
    assert "Make the requested changes" in said(author.get(MINE))
    assert "“Cite it.”" in said(author.get(MINE))
    save(author, form_url(topic), title="Cited")
    author.post(step_url(topic, "submit"), {"note": ""})
    assert "Nobody has asked you" in said(author.get(MINE))
    assert Assignment.objects.filter(done_at__isnull=False).count() == 2


def test_an_editor_asks_for_an_update_and_it_can_be_taken_off():
    topic = published(overview())
    editor, author = logged_in("editor"), logged_in("author")
    asked = {"task": "update", "assignee": person("author").pk, "note": "A new guideline"}
    assert "Dr Author was asked." in said(
        editor.post(step_url(topic, "assign"), asked, follow=True)
    )
    editor.post(step_url(topic, "assign"), asked)
    open_one = Assignment.objects.get(done_at=None)
    assert "“A new guideline”" in said(author.get(MINE))
    finish = f"{MINE}{open_one.pk}/finish/"
    assert "Only who was asked" in said(logged_in("reviewer").post(finish, follow=True))
    author.post(finish)
    assert not Assignment.objects.filter(done_at=None).exists()


def test_whom_one_cannot_ask():
    topic = overview()
    with pytest.raises(FourEyes):
        assigning.assign(
            _saved_by(topic, "all-rounder"), assignee=person("all-rounder"), task="review",
            actor=person("editor"),
        )  # fmt: skip
    with pytest.raises(Invalid, match="no right"):
        assigning.assign(topic, assignee=person("author"), task="review", actor=person("editor"))
    with pytest.raises(NotPermitted):
        assigning.assign(
            topic, assignee=person("reviewer"), task="review", actor=clinic.user("nobody")
        )
    refused = {"note": "", "reviewer": person("all-rounder").pk}
    page = logged_in("author").post(step_url(topic, "submit"), refused)
    assert "somebody else must review it" in said(page)
    assert not topic.events.exists()


def _saved_by(topic, role: str):
    clinic.edit(topic, by=person(role), title="Mine")
    return topic


# --- The review screen ---


def test_the_screen_shows_changes_word_by_word_and_what_is_open():
    cited = published(overview(body="Cells divide. [@smith2020]"))
    body = "Cells divide [often](topic:gone). [@smith2020]\n\nThis has no source."
    other = published(overview("gone"))
    clinic.reword(cited, body, by=person("author"))
    publishing.withdraw(other, actor=person("editor"), reason="Wrong")
    publishing.record_reference_status(
        reference(), actor=person("editor"), status="retracted", on=timezone.localdate(),
        notice="Made up.",
    )  # fmt: skip
    page = said(logged_in("reviewer").get(step_url(cited, "review")))
    assert "often</ins>" in page or "often" in page.split("<ins>", 1)[1]
    for words in ("Retracted publication", "Made up.", "Broken link", "Uncited",
                  "This has no source."):  # fmt: skip
        assert words in page
    # Authors read the same, without a verdict.
    page = said(logged_in("author").get(f"{DESK}{cited.pk}/discussion/"))
    assert "Broken link" in page
    assert "Your verdict" not in page


def test_any_two_revisions_are_compared():
    topic = overview(body="One. [@smith2020]")
    for words in ("Two. [@smith2020]", "Three. [@smith2020]"):
        clinic.reword(topic, words, by=person("author"))
    client = logged_in("reviewer")
    page = said(client.get(f"{DESK}{topic.pk}/compare/?from=1&to=3"))
    assert "One." in page
    assert "Three." in page
    assert "Two." not in page
    assert "say the same" in said(client.get(f"{DESK}{topic.pk}/compare/?from=2&to=2"))
    for wrong in ("from=9", "to=x", "from=99999999999"):
        assert client.get(f"{DESK}{topic.pk}/compare/?{wrong}").status_code == 404
    assert "Compare revision" in said(client.get(form_url(topic).replace("change", "history")))


def test_the_preview_is_the_page_of_readers():
    topic = therapy(body="It cures nobody yet.")
    answer = logged_in("reviewer").get(f"{DESK}{topic.pk}/preview/1/")
    assert "It cures nobody yet." in said(answer)
    assert "Draft, not published." in said(answer)
    assert "no-store" in answer["Cache-Control"]
    assert logged_in("reviewer").get(f"{DESK}{topic.pk}/preview/9/").status_code == 404


def test_pages_of_the_desk_are_for_the_team(client):
    topic = overview()
    outsider = clinic.user("no.rights")
    for path in (QUEUE, MINE, f"{DESK}{topic.pk}/discussion/", f"{DESK}{topic.pk}/preview/1/",
                 f"{DESK}{topic.pk}/compare/", f"{DESK}{topic.pk}/links/", FAILURES):  # fmt: skip
        client.logout()
        assert client.get(path).status_code == 302, path
        client.force_login(outsider)
        assert client.get(path).status_code == 403, path


# --- The discussion ---


def test_remarks_are_made_answered_resolved_and_kept():
    topic = overview(body="Cells divide. [@smith2020]{#divide}")
    revision = topic.revisions.last()
    address = f"{DESK}{topic.pk}/discussion/"
    reviewer, author = logged_in("reviewer"), logged_in("author")
    remark = {"remark-revision": revision.pk, "remark-about": "divide", "remark-text": "All?"}
    done = reviewer.post(address, remark | {"back": "step"})
    assert done.url == f"{step_url(topic, 'review')}#discussion"
    comment = Comment.objects.get()
    assert (comment.quote, comment.author_name) == ("Cells divide.", "Dr Reviewer")
    author.post(f"{address}{comment.pk}/reply/", {"text": "Most."})
    author.post(f"{address}{comment.pk}/resolve/")
    page = said(reviewer.get(address))
    for words in ("All?", "Most.", "Resolved</strong> by Dr Author"):
        assert words in page
    # Once more is refused in words; it can be opened again.
    assert "a moment ago" in said(author.post(f"{address}{comment.pk}/resolve/"))
    reviewer.post(f"{address}{comment.pk}/reopen/")
    clinic.reword(topic, "They rest. [@smith2020]", by=person("author"))
    assert "no longer in the text" in said(reviewer.get(address))
    assert discussing.threads(topic)[0].remark.resolved_at is None


def test_a_remark_that_is_refused_is_not_lost():
    topic = overview()
    address = f"{DESK}{topic.pk}/discussion/"
    reviewer = logged_in("reviewer")
    long = "word " * 2000
    data = {"remark-revision": topic.revisions.last().pk, "remark-about": "", "remark-text": long}
    page = said(reviewer.post(address, data))
    assert "at most 5000 characters" in page
    assert long.strip() in page
    comment = discussing.remark(topic.revisions.last(), actor=person("reviewer"), text="Hm.")
    page = said(reviewer.post(f"{address}{comment.pk}/reply/", {"text": long}))
    assert "at most 5000 characters" in page
    assert long.strip() in page
    assert reviewer.post(f"{address}{comment.pk}/wish/").status_code == 404
    with pytest.raises(Invalid):
        discussing.remark(topic.revisions.last(), actor=person("reviewer"), text="x", anchor="no")
    with pytest.raises(NotPermitted):
        discussing.reply(comment, actor=clinic.user("nobody"), text="x")
    with pytest.raises(NothingToDo):
        discussing.reopen(comment, actor=person("author"))


# --- Emails ---


def test_each_step_is_told_to_whom_it_concerns():
    clinic.user("second.reviewer", "Clinical reviewer", email="second@hospital.example")
    topic = overview()
    publishing.submit(topic, actor=person("author"))
    subject = "HSC Portal: Awaiting review: Stem cells"
    assert told() == {("reviewer", subject), ("second", subject)}
    reviewed(topic, verdict="request-changes", comment="Cite it.")
    assert told() == {("author", "HSC Portal: Changes requested: Stem cells")}
    assert "Cite it." in mail.outbox[0].body
    clinic.edit(topic, by=person("author"), title="Cells")
    assigning.submit(topic, actor=person("author"), reviewer=person("reviewer"))
    assert told() == {("reviewer", "HSC Portal: Awaiting review: Cells")}
    reviewed(topic)
    assert told() == {("author", "HSC Portal: Approved: Cells")}
    publishing.publish(topic, publisher=person("editor"), change_note="First")
    subject = "HSC Portal: Published: Cells"
    assert told() == {("author", subject), ("editor", subject)}
    assigning.assign(topic, assignee=person("author"), task="update", actor=person("editor"))
    assert told() == {("author", "HSC Portal: Please bring up to date: Cells")}
    assert "http://127.0.0.1:8000/admin/topics/topic/" in mail.outbox[0].body


def test_a_task_that_runs_twice_sends_once():
    topic = overview()
    event = publishing.submit(topic, actor=person("author"))
    assert len(told()) == 1
    telling.tell.call([event.pk])
    telling.tell.enqueue([event.pk])
    working.look_around()
    assert told() == set()
    assert DeskMail.objects.count() == 1


def test_who_switched_mails_off_gets_none():
    client = logged_in("reviewer")
    assert "reviewer@hospital.example" in said(client.get(f"{DESK}mails/"))
    assert "was saved" in said(client.post(f"{DESK}mails/", {}, follow=True))
    topic = overview()
    publishing.submit(topic, actor=person("author"))
    assert told() == set()
    client.post(f"{DESK}mails/", {"wants_mails": "on"})
    assert MailPreference.objects.get().wants_mails
    assigning.assign(topic, assignee=person("reviewer"), task="review", actor=person("editor"))
    assert {who for who, _ in told()} == {"reviewer"}


def test_who_left_meanwhile_gets_no_mail():
    topic = overview()
    assigning.assign(topic, assignee=person("reviewer"), task="review", actor=person("editor"))
    reviewer = person("reviewer")
    reviewer.is_active = False
    reviewer.save()
    assert told() == set()
    kept = DeskMail.objects.get(recipient=reviewer)
    assert (kept.due_at, kept.sent_at, kept.fault) == (None, None, "No longer wanted")


def test_starter_content_is_told_to_nobody():
    clinic.publish_unreviewed(overview())
    assert told() == set()


def test_while_the_server_is_gone_mails_wait(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    publishing.submit(overview(), actor=person("author"))
    work()
    waiting = DeskMail.objects.get()
    assert waiting.fault == "The mail server cannot be used (ConnectionRefusedError)."
    assert waiting.due_at > timezone.now()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    DeskMail.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    working.look_around()
    assert len(told()) == 1
    assert DeskMail.objects.get().sent_at


# --- Failures ---


def test_failures_are_told_in_words_and_tried_again(monkeypatch):
    def fail(event):
        raise ValueError("The moon was in the way.")

    monkeypatch.setattr(telling, "_concerned", fail)
    publishing.submit(overview(), actor=person("author"))
    work()
    editor = logged_in("editor")
    page = said(editor.get(FAILURES))
    assert "Writing down who of the team is told of a step" in page
    assert "The moon was in the way." in page
    assert logged_in("author").get(FAILURES).status_code == 403
    monkeypatch.undo()
    failed = DBTaskResult.objects.get(status="FAILED")
    assert "1 will be tried again" in said(editor.post(FAILURES, {"task": failed.pk}, follow=True))
    assert {who for who, _ in told()} == {"reviewer"}
    assert "Nothing was tried again" in said(
        editor.post(FAILURES, {"task": failed.pk}, follow=True)
    )


def test_lists_of_the_desk_open_for_an_administrator():
    topic = approved(overview())
    discussing.remark(topic.revisions.last(), actor=person("reviewer"), text="Hm.")
    assigning.assign(topic, assignee=person("author"), task="update", actor=person("editor"))
    work()
    client = logged_in("administrator")
    for name in ("assignment", "comment", "schedule", "draftlink", "deskmail", "mailpreference"):
        assert client.get(f"/admin/topics/{name}/").status_code == 200, name
    mails = DeskMail.objects.values_list("pk", flat=True)
    sent_again = {"action": "send_again", "_selected_action": list(mails)}
    assert client.post("/admin/topics/deskmail/", sent_again).status_code == 302
