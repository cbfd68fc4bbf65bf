"""Followers by mail, for tests, made as they are made by people: by asking and confirming."""

import re
from datetime import date
from unittest import mock

from django.core import mail
from django.db import connection

from references.models import Reference
from tests import clinic
from topics import following, publishing, working
from topics.following import subjects, tokens
from topics.models import Event, Subscription

ADDRESS = "fiona.follower@hospital.example"


# The worker would close the connection, in whose transaction a test is.
CLOSING = "django_tasks_db.management.commands.db_worker.close_old_connections"


def work() -> None:
    """Do what is queued, as the worker does."""
    with mock.patch(CLOSING):
        working.new_worker().run()


def sent() -> list:
    """Return the mails that the worker sends now."""
    mail.outbox.clear()
    work()
    return list(mail.outbox)


def link(message, purpose: str) -> str:
    """Return the path of the link for a purpose that a mail holds."""
    return re.search(rf"http://127\.0\.0\.1:8000((?:/\w+)?/follow/{purpose}/\S+)", message.body)[1]


def follower(topic=None, *, area="", frequency="at-once", email=ADDRESS) -> Subscription:
    """Return the subscription of somebody who asked and confirmed."""
    subject = subjects.of_area(area) if area else subjects.EVERYTHING
    if topic:
        subject = subjects.at(topic.slug)
    following.ask(email, subject, frequency)
    (message,) = sent()
    return following.confirm(link(message, "confirm").split("/")[3])


def retract(key: str, status="retracted") -> Event:
    on = None if status == "current" else date(2026, 5, 4)
    editor = clinic.editor()
    reference = Reference.objects.get(key=key)
    return publishing.record_reference_status(
        reference, actor=editor, status=status, on=on, notice="The data were made up."
    )


def republish(topic, note="A dose was corrected."):
    clinic.edit(topic, summary=f"{topic.summary} Anew: {note}")
    clinic.approve(topic)
    return publishing.publish(topic, publisher=clinic.editor(), change_note=note)


def yours(subscription: Subscription) -> str:
    """Return the page of all that a follower follows."""
    return f"/follow/yours/{tokens.make(tokens.YOURS, subscription.follower.key, [])}/"


def tables_that_hold(words: str) -> set[str]:
    """Return the tables of the database in which the words stand anywhere."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{words}%"]
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found
