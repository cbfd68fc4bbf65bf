"""Webhooks: a delivery for each event and in order, and what a partner does with its own."""

import contextlib
import json
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from references.models import Reference
from tests import clinic
from tests.following_data import retract
from tests.webhooks_data import api_client, partner, send, webhook
from topics import publishing, working
from topics.models import Delivery, Event, GlossaryTerm, Webhook
from topics.replicating.events import MEANINGS, TYPES
from topics.webhooks import collecting, keeping, sending

pytestmark = pytest.mark.django_db
LIST = "/api/v1/webhooks/"


@pytest.fixture(autouse=True)
def unsent(monkeypatch):
    """Leave all that is due unsent: what sending does has tests of its own."""
    monkeypatch.setattr(sending, "claim", list)


def told() -> list[dict]:
    bodies = Delivery.objects.order_by("pk").values_list("body", flat=True)
    return [json.loads(body) for body in bodies]


def withdraw(topic) -> None:
    publishing.withdraw(topic, actor=clinic.editor(), reason="Superseded")


def test_each_public_event_is_told_once_in_the_order_of_the_log():
    webhook()
    topic = clinic.published()
    retract("petit2002")
    withdraw(topic)
    send()
    collecting.collect.call()

    ids = [one["data"]["id"] for one in told()]
    public = Event.objects.filter(kind__in=TYPES).order_by("pk")
    assert ids == list(public.values_list("pk", flat=True))
    types = [one["type"] for one in told()]
    wanted = ["topic.published", "reference.status", "topic.withdrawn"]
    assert [name for name in types if name in wanted] == wanted


def test_what_editors_do_among_themselves_is_not_told():
    webhook()
    topic = clinic.draft(clinic.overview(summary="zebrafinch"))
    clinic.approve(topic)
    collecting.collect.call()

    assert not Delivery.objects.filter(type__startswith="topic.").exists()
    assert "zebrafinch" not in "".join(Delivery.objects.values_list("body", flat=True))


def test_the_address_told_is_that_of_the_edition_and_not_of_the_draft():
    webhook()
    topic = clinic.published()
    clinic.edit(topic, slug="secret-address")
    send()

    (published,) = [one for one in told() if one["type"] == "topic.published"]
    assert published["data"]["topic"]["slug"] == "mobilization"
    assert "secret-address" not in json.dumps(told())


def test_only_the_types_that_were_asked_for_are_told():
    webhook("https://some.example/", "topic.withdrawn")
    withdraw(clinic.published())
    send()
    assert [one["type"] for one in told()] == ["topic.withdrawn"]


def test_a_webhook_begins_with_what_comes_after_it():
    clinic.published()
    webhook()
    collecting.collect.call()
    assert told() == []


def test_who_enables_a_webhook_again_gets_what_comes_from_then_on():
    made = webhook("https://some.example/", "topic.published", "topic.withdrawn")
    keeping.disable(made, "The partner disabled it.")
    topic = clinic.published()
    keeping.enable(made)
    withdraw(topic)
    send()
    assert [one["type"] for one in told()] == ["topic.withdrawn"]


def test_many_events_come_in_several_goes(monkeypatch):
    monkeypatch.setattr(collecting, "BATCH", 2)
    webhook()
    for number in range(5):
        term = GlossaryTerm(term=f"Term {number}", definition="A word.")
        publishing.save_terms([term], actor=clinic.editor())
    send()
    assert [one["data"]["term"]["term"] for one in told()] == [f"Term {n}" for n in range(5)]


def test_what_is_too_long_is_shortened():
    webhook()
    term = GlossaryTerm(term="Long", definition="é" * 12_000)
    publishing.save_terms([term], actor=clinic.editor())
    send()

    (body,) = Delivery.objects.values_list("body", flat=True)
    assert len(body.encode()) < 20_000
    assert json.loads(body)["data"] == {"id": Event.objects.latest("pk").pk, "is_shortened": True}


def test_an_event_that_no_task_was_queued_for_is_found():
    webhook()
    clinic.published()
    DBTaskResult.objects.all().delete()
    working.look_around()
    send()
    assert "topic.published" in [one["type"] for one in told()]
    assert not collecting.is_due()


def test_without_webhooks_nothing_is_queued():
    clinic.published()
    path = collecting.collect.module_path
    assert not DBTaskResult.objects.filter(task_path=path).exists()


@pytest.mark.django_db(transaction=True)
def test_while_many_publish_none_is_missed_and_none_told_twice():
    made = webhook()
    clinic.library()
    topics = [clinic.draft(clinic.overview(f"topic-{number}")) for number in range(6)]
    loader = clinic.loader()
    done = threading.Event()

    def publish(mine):
        with contextlib.closing(connections["default"]):
            for topic in mine:
                publishing.publish_unreviewed([topic], publisher=loader, change_note="First")

    def collect():
        with contextlib.closing(connections["default"]):
            while not done.is_set():
                collecting.collect.call()

    collectors = [threading.Thread(target=collect) for _ in range(2)]
    publishers = [threading.Thread(target=publish, args=(topics[n::3],)) for n in range(3)]
    for thread in (*collectors, *publishers):
        thread.start()
    for thread in publishers:
        thread.join()
    done.set()
    for thread in collectors:
        thread.join()
    collecting.collect.call()

    public = Event.objects.filter(kind__in=TYPES, pk__gt=0).order_by("pk")
    events = list(made.deliveries.order_by("pk").values_list("event", flat=True))
    assert events == list(public.values_list("pk", flat=True))
    assert len(topics) == Event.objects.filter(kind="published").count()


def send_json(client, method: str, path: str, **body):
    return getattr(client, method)(path, body, content_type="application/json")


def test_a_partner_makes_a_webhook_and_is_told_its_secret_once():
    client = api_client()
    made = send_json(client, "post", LIST, url="https://hooks.example/", types=["topic.published"])

    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    secret = made.json()["secret"]
    assert secret == Webhook.objects.get().secret
    for path in (LIST, made["Location"]):
        assert secret not in client.get(path).text
    assert client.get(LIST).json()["results"][0]["types"] == ["topic.published"]


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({}, "url"),
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://user:word@hooks.example/"}, "url"),
        ({"url": "https://hooks.example:8443/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "ftp://hooks.example/"}, "url"),
        ({"url": "https://hooks.example/", "types": ["all"]}, "types.0"),
        ({"url": "https://hooks.example/", "secret": "mine"}, "secret"),
    ],
)
def test_what_cannot_be_a_webhook_is_named(body, parameter):
    answer = send_json(api_client(), "post", LIST, **body)
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_no_webhook_is_moved_to_an_internal_network(host):
    client, made = api_client(), webhook()
    answer = send_json(client, "patch", f"{LIST}{made.pk}/", url=f"https://{host}/")

    assert answer.status_code == 400
    assert "not on the public Internet" in answer.json()["errors"][0]["detail"]
    made.refresh_from_db()
    assert made.url == "https://hooks.marrow.example/in"


@pytest.mark.parametrize("host", ["9.9.9.9", "[2620:fe::fe]"])
def test_a_public_address_may_be_a_number(host):
    assert webhook(f"https://{host}/in").url == f"https://{host}/in"


def test_a_partner_changes_disables_enables_and_deletes_its_webhook():
    client, made = api_client(), webhook()
    path = f"{LIST}{made.pk}/"

    changed = send_json(client, "patch", path, types=["glossary.changed"], description="new")
    assert (changed.json()["types"], changed.json()["description"]) == (["glossary.changed"], "new")
    assert changed.json()["url"] == made.url
    off = send_json(client, "patch", path, active=False).json()
    assert (off["active"], off["disabled_why"]) == (False, "The partner disabled it.")
    assert client.post(f"{path}test/").status_code == 409
    assert send_json(client, "patch", path, active=True).json()["active"]
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_partner_rotates_tests_and_reads_the_log():
    client, made = api_client(), webhook()
    path = f"{LIST}{made.pk}/"

    new = send_json(client, "post", f"{path}rotate/", overlap_hours=1).json()
    assert new["secret"] != made.secret and new["old_secret_until"]
    test = client.post(f"{path}test/")
    assert (test.status_code, test.json()["type"]) == (202, "webhook.test")
    again = client.post(f"{path}test/")
    assert (again.status_code, again["Retry-After"]) == (429, "10")
    log = client.get(f"{path}deliveries/").json()
    assert [row["state"] for row in log["results"]] == ["waiting"]


def test_a_message_that_was_given_up_is_tried_anew_if_the_partner_asks():
    client, made = api_client(), webhook()
    delivery = collecting.send_test(made)
    Delivery.objects.update(due_at=None, tries=10, fault="500")
    path = f"{LIST}{made.pk}/deliveries/{delivery.pk}/retry/"

    answer = client.post(path)

    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    Delivery.objects.update(tried_at=timezone.now())
    again = client.post(path)
    assert (again.status_code, again["Retry-After"]) == (429, "60")
    Delivery.objects.update(due_at=None, sent_at=timezone.now())
    assert client.post(path).status_code == 409


def test_webhooks_of_others_are_not_there():
    made, client = webhook(), api_client("other")
    path = f"{LIST}{made.pk}/"

    assert client.get(LIST).json()["count"] == 0
    found = [client.get(path), client.delete(path), client.post(f"{path}test/"),
             client.get(f"{path}deliveries/"), send_json(client, "patch", path, active=False),
             send_json(client, "post", f"{path}rotate/")]  # fmt: skip
    assert {answer.status_code for answer in found} == {404}
    assert Webhook.objects.get().is_active


def test_the_scope_is_needed():
    client = api_client(scopes=("read", "keys", "usage"))
    assert client.get(LIST).status_code == 403
    assert send_json(client, "post", LIST, url="https://hooks.example/").status_code == 403


def test_a_partner_has_not_too_many(monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 1)
    webhook()
    assert send_json(api_client(), "post", LIST, url="https://b.example/").status_code == 409


def test_a_partner_that_is_deleted_takes_all_that_is_its_own():
    collecting.send_test(webhook())
    api_client()
    clinic.library()
    partner().delete()
    assert not Webhook.objects.exists() and not Delivery.objects.exists()
    assert Reference.objects.exists()


def test_the_log_of_what_was_sent_is_kept_for_a_month():
    made = webhook()
    old = collecting.send_test(made)
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=31), due_at=None)
    new = collecting.send_test(made)
    keeping.forget()
    assert list(Delivery.objects.values_list("pk", flat=True)) == [new.pk] != [old.pk]


def test_all_types_fit_their_column():
    longest = Webhook._meta.get_field("types").base_field.max_length
    assert all(len(name) <= longest for name in MEANINGS)
