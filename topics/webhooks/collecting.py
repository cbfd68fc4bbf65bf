"""Deliveries: one for each event and each webhook that wants it, made by the worker.

Events come by their ids, which are in the order of their commits, and what a webhook has seen is
written down together with its deliveries. So none is missed, none is made twice, and a worker that
is killed goes on where it was.
"""

import json
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_tasks import task

from topics.models import Delivery, Event, Webhook
from topics.replicating import events as told
from topics.webhooks import keeping, sending

TEST = "webhook.test"
TEST_PAUSE = timedelta(seconds=10)
# Of what is sent, as the specification advises.
MOST_BYTES = 20_000
BATCH = 500


@transaction.atomic
def send_test(webhook: Webhook) -> Delivery:
    """Have a message sent that says nothing. Raises NotActive or TooMany."""
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    if not webhook.is_active:
        raise keeping.NotActive("The webhook is disabled: enable it first.")
    lately = webhook.deliveries.filter(event=None, created_at__gt=timezone.now() - TEST_PAUSE)
    if lately.exists():
        raise keeping.TooMany(f"One test in {TEST_PAUSE.seconds} seconds.")
    delivery = _delivery(webhook, None, TEST, {"webhook": webhook.pk})
    delivery.save(force_insert=True)
    sending.deliver.enqueue()
    return delivery


def notify(events: Iterable[Event]) -> None:
    """Have partners told of events, by one task. Called in the transaction of the events."""
    is_told = any(event.kind in told.TYPES for event in events)
    if is_told and Webhook.objects.filter(disabled_at=None).exists():
        collect.enqueue()


def is_due() -> bool:
    """Return whether there are events of which no deliveries were made."""
    newer = Event.objects.filter(kind__in=told.TYPES, pk__gt=OuterRef("seen"))
    return Webhook.objects.filter(Exists(newer), disabled_at=None).exists()


@task()
def collect() -> int:
    """Make the deliveries of all new events, and return how many. Done twice it makes none."""
    made = 0
    for pk in Webhook.objects.filter(disabled_at=None).order_by("pk").values_list("pk", flat=True):
        while number := _collect_for(pk):
            made += number
    if made:
        sending.deliver.enqueue()
    return made


@transaction.atomic
def _collect_for(pk: int) -> int:
    """Make deliveries of the next events for one webhook. Return how many events were looked at.

    What it has seen is written down together with them.
    """
    webhook = Webhook.objects.select_for_update().filter(pk=pk, disabled_at=None).first()
    if webhook is None:
        return 0
    events = list(told.public_events().filter(pk__gt=webhook.seen)[:BATCH])
    if not events:
        return 0
    types = set(webhook.types)
    wanted = [event for event in events if not types or told.type_of(event) in types]
    Delivery.objects.bulk_create(
        [_of_event(webhook, event) for event in wanted], ignore_conflicts=True
    )
    keeping.set_values(webhook, seen=events[-1].pk)
    return len(events)


def _of_event(webhook: Webhook, event: Event) -> Delivery:
    name, data = told.type_of(event), told.payload(event, settings.SITE_URL)
    delivery = _delivery(webhook, event, name, {"id": event.pk, **data})
    if len(delivery.body.encode()) >= MOST_BYTES:
        # The words can be read where the event is told in full.
        delivery.body = _body(event.created_at, name, {"id": event.pk, "is_shortened": True})
    return delivery


def _delivery(webhook: Webhook, event: Event | None, name: str, data: dict) -> Delivery:
    now = timezone.now()
    body = _body(event.created_at if event else now, name, data)
    message = f"msg_{secrets.token_hex(16)}"
    return Delivery(
        webhook=webhook, event=event, message=message, type=name, body=body, due_at=now
    )  # fmt: skip


def _body(moment, name: str, data: dict) -> str:
    whole = {"type": name, "timestamp": moment.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
