"""The emails to the editorial team, as plain text, from templates/mail/desk.txt. They are English,
as the admin is."""

import hashlib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from hsc_portal import languages
from topics.choices import EventKind, TaskKind, Verdict
from topics.models import Assignment, DeskMail, Event, Schedule, Topic

SUBJECT_LENGTH = 120
ASKED = {
    TaskKind.REVIEW: "Please review",
    TaskKind.CHANGES: "Changes requested",
    TaskKind.UPDATE: "Please bring up to date",
}


def compose(mail: DeskMail) -> EmailMessage:
    """Return the email that tells its recipient of one thing."""
    told = _told(mail)
    title = " ".join(f"HSC Portal: {told['title']}".split())
    context = told | {
        "name": mail.recipient.get_full_name() or mail.recipient.get_username(),
        "settings_url": _admin("topics_topic_mails"),
        "home_url": settings.SITE_URL + languages.permanent("home"),
    }
    return EmailMessage(
        subject=title if len(title) <= SUBJECT_LENGTH else f"{title[: SUBJECT_LENGTH - 1]}…",
        body=render_to_string("mail/desk.txt", context),
        to=[mail.recipient.email],
        headers={"Message-ID": _message_id(mail), "Auto-Submitted": "auto-generated"},
    )


def _told(mail: DeskMail) -> dict:
    """Return title, sentences, words of a person and links of an email."""
    if mail.assignment:
        return _of_assignment(mail.assignment)
    if mail.schedule:
        return _of_schedule(mail.schedule)
    return _EVENTS[mail.event.kind](mail.event)


def _of_assignment(assignment: Assignment) -> dict:
    topic = assignment.topic
    said = f"{assignment.assigned_by_name} asks you: {assignment.get_task_display().lower()}."
    is_review = assignment.task == TaskKind.REVIEW
    return {
        "title": f"{ASKED[assignment.task]}: {topic}",
        "said": said,
        "note": assignment.note,
        "links": [_review(topic) if is_review else _draft(topic), _yours()],
    }


def _of_schedule(schedule: Schedule) -> dict:
    return {
        "title": f"Not published: {schedule.topic}",
        "said": f"Revision {schedule.revision.number} of “{schedule.topic}” was to be published "
        f"at {schedule.due_at:%Y-%m-%d %H:%M} UTC, as {schedule.scheduled_by_name} had asked. "
        "It was not. Readers see what they saw before.",
        "note": schedule.error,
        "links": [_draft(schedule.topic)],
    }


def _of_submission(event: Event) -> dict:
    return {
        "title": f"Awaiting review: {event.topic}",
        "said": f"{event.actor_name} submitted “{event.topic}” for review.",
        "note": event.note,
        "links": [_review(event.topic)],
    }


def _of_review(event: Event) -> dict:
    is_approved = event.data["verdict"] == Verdict.APPROVE
    what = "approved" if is_approved else "requested changes to"
    return {
        "title": f"{'Approved' if is_approved else 'Changes requested'}: {event.topic}",
        "said": f"{event.actor_name} {what} revision {event.revision.number} of “{event.topic}”.",
        "note": event.note,
        "links": [
            ("What was said about it", _admin("topics_topic_discussion", event.topic_id)),
            _draft(event.topic),
        ],
    }


def _of_publication(event: Event) -> dict:
    document = event.revision.document
    return {
        "title": f"Published: {event.topic}",
        "said": f"Edition {event.edition.number} of “{event.topic}” was published by "
        f"{event.actor_name}. It is there for readers now.",
        "note": event.note,
        "links": [("The page", settings.SITE_URL + languages.permanent("topic", document["slug"]))],
    }


_EVENTS = {
    EventKind.SUBMITTED: _of_submission,
    EventKind.REVIEWED: _of_review,
    EventKind.PUBLISHED: _of_publication,
}


def _review(topic: Topic) -> tuple[str, str]:
    return "Review it", _admin("topics_topic_step", topic.pk, "review")


def _draft(topic: Topic) -> tuple[str, str]:
    return "The draft", _admin("topics_topic_change", topic.pk)


def _yours() -> tuple[str, str]:
    return "All that is assigned to you", _admin("topics_topic_mine")


def _admin(name: str, *args) -> str:
    return settings.SITE_URL + reverse(f"admin:{name}", args=args)


def _message_id(mail: DeskMail) -> str:
    """Return an id that is the same for the same email, so that a copy is known as one."""
    name = f"desk:{mail.pk}@{mail.created_at.isoformat()}"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:32]}@{domain}>"
