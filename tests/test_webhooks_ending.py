"""When a webhook is disabled and when not, and how its partner is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests import clinic
from tests.webhooks_data import (
    CONTACT,
    answer,
    come_due,
    delivery,
    partner,
    send,
    served,
    tell,
    with_event,
    with_test,
)
from topics import working
from topics.models import Delivery
from topics.webhooks import keeping, mails, sending

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(monkeypatch, tmp_path):
    with served(monkeypatch, tmp_path) as made:
        yield made


def test_gone_disables_at_once_and_the_partner_is_told_once(server):
    made = with_event(server)
    server.script = [answer(410)]
    send()
    mails.tell_disabled.enqueue(made.pk)
    send()

    made.refresh_from_db()
    assert made.disabled_why == "It answered 410 Gone."
    assert delivery().due_at is None
    (message,) = mail.outbox
    assert message.to == [CONTACT]
    assert "It answered 410 Gone." in message.body
    assert f"/api/v1/changes/?after={made.seen}" in message.body
    assert made.secret not in message.body


def test_the_last_try_that_fails_disables_and_the_partner_is_told(server):
    made = with_event(server)
    server.script = [answer(500)] * 20
    send()
    for _ in range(12):
        come_due()

    made.refresh_from_db()
    assert len(server.taken) == len(sending.PAUSES) + 1 == 8
    assert made.disabled_why.startswith("A message was not taken in 8 tries: 500")
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("status", [410, 500])
def test_a_test_that_is_not_taken_disables_nothing(server, status):
    made = with_test(server)
    Delivery.objects.update(tries=len(sending.PAUSES))
    server.script = [answer(status)]
    send()

    made.refresh_from_db()
    assert made.is_active
    assert (delivery().due_at, delivery().status) == (None, status)


def test_one_message_that_is_never_taken_does_not_end_the_others(server):
    made = with_event(server)
    server.script = [answer(500)]
    send()
    tell("Niche")
    send()
    Delivery.objects.filter(due_at__isnull=False).update(tries=len(sending.PAUSES))
    server.script = [answer(500)]
    come_due()

    made.refresh_from_db()
    assert made.is_active
    assert [each.due_at for each in Delivery.objects.all()] == [None, None]


def test_mails_that_could_not_be_sent_for_a_while_are_tried_again(server, monkeypatch):
    with_event(server)
    server.script = [answer(410)]
    with monkeypatch.context() as patch:
        patch.setattr(mails.EmailMessage, "send", lambda self: 1 / 0)
        send()
    found = DBTaskResult.objects.filter(task_path=mails.tell_disabled.module_path)
    found.update(worker_ids=["x"] * working.ATTEMPTS)
    working.look_around()
    send()
    assert mail.outbox == []

    found.update(finished_at=timezone.now() - timedelta(hours=1))
    working.look_around()
    send()
    assert len(mail.outbox) == 1


def test_nothing_is_sent_to_a_webhook_that_was_disabled(server):
    made = with_test(server)
    keeping.disable(made, "The partner disabled it.")
    clinic.published()
    send()

    assert server.taken == []
    assert mail.outbox == []
    keeping.enable(made)
    send()
    assert server.taken == []


def test_a_partner_without_contact_keeps_nobody_waiting(server, caplog):
    partner()
    made = with_event(server)
    type(made.partner).objects.update(contact="")
    server.script = [answer(410)]
    send()
    assert "has no contact" in caplog.text
    assert not DBTaskResult.objects.filter(status="FAILED").exists()
