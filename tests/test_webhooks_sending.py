"""Messages reach a partner's server signed, or are tried again, and end in the right way."""

import base64
import contextlib
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from standardwebhooks import Webhook as Standard
from standardwebhooks import WebhookVerificationError

from hsc_portal import asking
from tests import clinic
from tests.webhooks_data import (
    answer,
    come_due,
    cut_off,
    delivery,
    end_rest,
    send,
    served,
    silent,
    tell,
    verified,
    webhook,
    with_event,
    with_test,
)
from topics import working
from topics.models import Delivery, Webhook
from topics.webhooks import collecting, keeping, sending, signing

pytestmark = pytest.mark.django_db

VECTOR = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "message": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": 1614265330, "body": '{"test": 2432232314}',
}  # fmt: skip


@pytest.fixture
def server(monkeypatch, tmp_path):
    with served(monkeypatch, tmp_path) as made:
        yield made


def test_the_known_vector_is_signed_as_the_specification_says():
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.sign(**VECTOR) == expected
    told = signing.headers(VECTOR["message"], 1614265330, VECTOR["body"], [VECTOR["secret"]])
    assert told == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
        "webhook-signature": expected,
    }  # fmt: skip


def test_the_sample_of_the_documentation_is_signed_rightly():
    text = (settings.BASE_DIR / "docs/keys-and-webhooks.md").read_text()
    sample = re.search(
        r"secret: (\S+)\s+webhook-id: (\S+)\s+webhook-timestamp: (\d+)\s+"
        r"webhook-signature: (\S+)\s+(\{.*\})\n",
        text,
    )
    secret, message, timestamp, signature, body = sample.groups()

    moment = datetime.fromtimestamp(int(timestamp), UTC)
    assert Standard(secret).sign(message, moment, body) == signature
    assert signing.sign(message, int(timestamp), body, secret) == signature
    assert json.loads(body)["type"] == collecting.TEST


@pytest.mark.parametrize("body", ["", '{"é":"–"}', "x" * 19_999])
def test_any_body_is_signed_as_the_library_signs_it(body):
    secret = keeping.new_secret()
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    signed = signing.sign("msg_1", int(moment.timestamp()), body, secret)
    assert signed == Standard(secret).sign("msg_1", moment, body)


def test_a_secret_has_as_many_random_bytes_as_the_specification_wants():
    secret = keeping.new_secret()
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64


def test_an_edition_reaches_the_partner_signed(server):
    made = webhook(server.url)
    topic = clinic.published()
    send()

    (taken,) = server.taken
    told = verified(taken, made.secret)
    edition = topic.editions.get()
    assert told["type"] == "topic.published"
    assert told["timestamp"].endswith("Z")
    assert told["data"]["id"] == topic.events.get(kind="published").pk
    assert told["data"]["topic"]["slug"] == "mobilization"
    assert told["data"]["edition"]["digest"] == edition.digest
    address = "http://127.0.0.1:8000/api/v1/topics/mobilization/editions/1/"
    assert told["data"]["edition"]["url"] == address
    headers = taken[0]
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("HSC-Portal-Webhooks/1")
    assert (delivery().status, delivery().due_at, delivery().tries) == (204, None, 1)
    assert delivery().sent_at


def test_who_has_another_secret_does_not_take_it(server):
    with_test(server)
    send()
    with pytest.raises(WebhookVerificationError):
        verified(server.taken[0], keeping.new_secret())


def test_while_a_secret_is_rotated_both_sign_and_then_one(server):
    made = with_test(server)
    old = made.secret
    new = keeping.rotate(made)
    send()
    for secret in (old, new):
        assert verified(server.taken[0], secret)
    Webhook.objects.update(old_until=timezone.now())
    Delivery.objects.all().delete()
    collecting.send_test(made)
    send()

    assert verified(server.taken[1], new)
    with pytest.raises(WebhookVerificationError):
        verified(server.taken[1], old)


def test_each_try_says_the_same_under_the_same_id(server):
    made = with_test(server)
    server.script = [answer(500)]
    send()
    assert delivery().fault == "500 Internal Server Error"
    come_due()

    (first, body), (second, again) = server.taken
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert verified(server.taken[1], made.secret)
    assert (delivery().tries, delivery().fault) == (2, "")


@pytest.mark.parametrize(
    ("act", "status", "words"),
    [
        (answer(500), 500, "500"),
        (answer(404), 404, "404"),
        (answer(302, Location="https://127.0.0.1/elsewhere"), 302, "302"),
        (cut_off, None, "broke off"),
        (silent, None, "No answer in"),
    ],
)
def test_what_is_not_taken_is_tried_again(server, monkeypatch, act, status, words):
    if act is silent:
        monkeypatch.setattr(sending, "SECONDS", 0.15)
    with_test(server)
    server.script = [act]
    send()

    found = delivery()
    assert found.status == status
    assert words in found.fault
    pause = (found.due_at - found.tried_at).total_seconds()
    assert 5 <= pause < 7
    assert len(server.taken) == 1
    assert found.webhook.is_active


def test_the_pauses_are_about_a_day_and_a_little_longer():
    seconds = [pause.total_seconds() for pause in sending.PAUSES]
    assert seconds == [5, 300, 1800, *(3600 * hours for hours in (2, 5, 8, 8))]
    assert 23 < sum(seconds) / 3600 < 24
    for tries, pause in enumerate(sending.PAUSES, 1):
        waits = {sending.pause_after(tries) for _ in range(20)}
        assert len(waits) > 1
        assert all(pause <= wait <= pause * 1.2 for wait in waits)
    assert sending.pause_after(len(seconds) + 1) is None


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_rest_gets_it(server, status):
    made = with_test(server)
    server.script = [answer(status, Retry_After="120")]
    send()
    Delivery.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    collecting.send_test(made)
    send()

    found = Delivery.objects.earliest("pk")
    assert 119 < (found.due_at - found.tried_at).total_seconds() < 130
    # The new one waits, too.
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("999999999999", 86400), ("", None), ("soon", None), ("-3", None), ("１", None)],
)
def test_what_is_asked_for_is_read_and_has_an_end(value, seconds):
    rest = sending.rest_after(value)
    assert (rest and rest.total_seconds()) == seconds


def test_a_date_may_be_asked_for():
    later = format_datetime(timezone.now() + timedelta(minutes=5), usegmt=True)
    earlier = format_datetime(timezone.now() - timedelta(minutes=5), usegmt=True)
    assert 290 < sending.rest_after(later).total_seconds() <= 300
    assert sending.rest_after(earlier) == timedelta()


@pytest.mark.parametrize("year", ["99999999999", "9" * 40])
def test_a_date_beyond_the_calendar_asks_for_nothing(year):
    assert sending.rest_after(f"Fri, 31 Dec {year} 23:59:59 GMT") is None


def test_one_answer_that_cannot_be_read_harms_no_other_message(server, monkeypatch):
    def hide(handler):
        handler.wfile.write(b"HTTP/1.1 500 a\0b\r\nContent-Length: 0\r\n\r\n")

    plain = sending._note

    def note(found, result):
        if result.status == 404:
            raise ValueError
        plain(found, result)

    monkeypatch.setattr(sending, "_note", note)
    for act in (hide, answer(404), answer(204, Retry_After="x")):
        server.script.append(act)
        collecting.send_test(webhook(server.url))
    send()

    found = dict(Delivery.objects.values_list("status", "fault"))
    assert found == {500: "500 ab", None: "", 204: ""}


def test_while_a_message_is_on_its_way_no_other_worker_sends_there(server):
    with_event(server)
    tell("Niche")
    (first,) = sending.claim()
    assert sending.claim() == []
    sending._note(first, sending.Result(204, "204"))
    assert [each.pk > first.pk for each in sending.claim()] == [True]


def test_a_message_on_its_way_is_not_sent_again_once_its_webhook_was_disabled(server):
    made = with_event(server)
    (claimed,) = sending.claim()
    keeping.disable(made, "The partner disabled it.")
    keeping.enable(made)
    sending._note(claimed, sending.Result(500, "500 Internal Server Error"))

    assert (delivery().due_at, delivery().status) == (None, 500)


def test_a_retry_leaves_a_server_the_rest_it_asked_for(server):
    made = with_event(server)
    server.script = [answer(503, Retry_After="3600")]
    send()
    for _ in range(3):
        assert sending.retry(made.deliveries) == 0
    Delivery.objects.update(tried_at=timezone.now() - timedelta(minutes=2))
    assert sending.retry(made.deliveries) == 1
    send()
    assert len(server.taken) == 1
    end_rest()
    working.look_around()
    send()
    assert len(server.taken) == 2


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"])
def test_no_internal_address_is_asked_whatever_the_name_says(server, monkeypatch, address):
    monkeypatch.undo()
    monkeypatch.setattr(
        asking.socket, "getaddrinfo", lambda host, port, type: [(0, 0, 0, "", (address, port))]
    )
    reached = []
    monkeypatch.setattr(asking.socket, "create_connection", lambda *a, **k: reached.append(a))
    collecting.send_test(webhook("https://innocent.example/"))
    send()

    assert delivery().fault == "It leads into an internal network"
    assert reached == []


def test_a_certificate_that_is_not_valid_is_not_trusted(server, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with_test(server)
    send()
    assert delivery().fault.startswith("Its certificate is not valid")
    assert server.taken == []


def test_one_that_hangs_keeps_no_other_waiting(server):
    others, waited = threading.Semaphore(0), []

    def hang(handler):
        waited.append(all(others.acquire(timeout=5) for _ in range(2)))
        answer(204)(handler)

    def take(handler):
        answer(204)(handler)
        others.release()

    server.script = [hang, take, take]
    for _ in range(3):
        collecting.send_test(webhook(server.url))
    send()
    assert waited == [True]


def test_a_worker_that_was_killed_loses_nothing(server):
    with_test(server)
    assert len(sending.claim()) == 1
    DBTaskResult.objects.all().delete()
    working.look_around()
    send()
    assert server.taken == []

    Delivery.objects.update(due_at=timezone.now())
    end_rest()
    working.look_around()
    send()
    assert len(server.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_each_message_once():
    for number in range(12):
        collecting.send_test(webhook(f"https://hooks{number}.example/"))
    barrier, claimed = threading.Barrier(3), []

    def claim_all():
        with contextlib.closing(connections["default"]):
            barrier.wait()
            while batch := sending.claim():
                claimed.extend(each.pk for each in batch)

    threads = [threading.Thread(target=claim_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert len(claimed) == 12
