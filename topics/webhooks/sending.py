"""Sending what is due to the addresses of partners, and again after a growing pause if that fails.

Before a message is sent, the time of its next try is written down. So two workers never send the
same, and a worker that is killed loses nothing; a message may come twice, with the same id.

A batch has one message for each address, which are sent at once, each in a thread: an address that
hangs keeps others waiting for `SECONDS` at the most, and none is sent two at a moment.
"""

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django_tasks import task

from hsc_portal import asking
from topics.models import Delivery, Webhook
from topics.webhooks import keeping, signing

logger = logging.getLogger(__name__)

# How long a server may take to answer, and for how long a task goes on to send.
SECONDS, TASK_SECONDS = 15, 5
AT_ONCE = 8
# After the first failed try, the second, and so on, as the specification has them; then the
# message is given up and the webhook disabled, some three days later.
PAUSES = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)] + [
    timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)
]
# So much longer at random, so that not all come back at one moment.
JITTER = 0.2
# What a server asks for with Retry-After is done, up to this; without it, BUSY ones get a rest.
LONGEST_REST, REST = timedelta(hours=24), timedelta(minutes=1)
BUSY = {429, 502, 503, 504}
GONE = 410


@dataclass(frozen=True)
class Result:
    """What became of a try. `status` is None if there was no answer."""

    status: int | None
    words: str
    rest: timedelta | None = None

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@task()
def deliver() -> int:
    """Send what is due, and return how many messages were taken."""
    begun, sent = time.monotonic(), 0
    while batch := claim():
        with ThreadPoolExecutor(AT_ONCE) as threads:
            results = list(threads.map(post, batch))
        sent += sum(_note(*each) for each in zip(batch, results, strict=True))
        if time.monotonic() - begun > TASK_SECONDS:
            deliver.enqueue()
            break
    return sent


def is_due() -> bool:
    return _due().exists()


@transaction.atomic
def claim() -> list[Delivery]:
    """Take the oldest message that is due for each of some addresses, for nobody else to send."""
    first = Delivery.objects.filter(webhook=OuterRef("webhook"), due_at__lte=timezone.now())
    oldest = _due().filter(pk=Subquery(first.order_by("pk").values("pk")[:1]))
    locked = oldest.select_for_update(skip_locked=True, of=("self", "webhook"), no_key=True)
    taken = list(locked.select_related("webhook").order_by("due_at", "pk")[:AT_ONCE])
    now = timezone.now()
    for delivery in taken:
        delivery.tries += 1
        # If it is given up, that is only known once the last try failed.
        delivery.due_at = now + pause_after(delivery.tries, PAUSES[-1])
        delivery.tried_at = now
    Delivery.objects.bulk_update(taken, ["tries", "due_at", "tried_at"])
    return taken


def post(delivery: Delivery) -> Result:
    """Send one message, and say what became of it. It asks the database nothing."""
    webhook, body = delivery.webhook, delivery.body
    signed = signing.headers(delivery.message, int(time.time()), body, webhook.secrets)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"HSC-Portal-Webhooks/1 (+{settings.SITE_URL})",
        **signed,
    }
    question = asking.Question(
        "POST", headers, body=body.encode(), longest=SECONDS, ends=time.monotonic() + SECONDS
    )
    try:
        # Not followed: what a redirect leads to was not named by the partner.
        answer = asking.request(webhook.url, question)
    except (asking.Unanswered, asking.NotAsked) as error:
        return Result(None, str(error))
    except Exception as error:
        logger.exception("Webhook %s could not be asked", webhook.pk)
        return Result(None, type(error).__name__)
    rest = rest_after(answer.headers.get("Retry-After", "")) if answer.status >= 400 else None
    if rest is None and answer.status in BUSY:
        rest = REST
    return Result(answer.status, answer.words, rest)


def rest_after(value: str) -> timedelta | None:
    """Return what a Retry-After asks for, in seconds or as a date; None if it says neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_REST)
    try:
        rest = parsedate_to_datetime(value) - timezone.now()
    except (TypeError, ValueError):
        return None
    return min(max(rest, timedelta()), LONGEST_REST)


def pause_after(tries: int, at_last: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many failed tries, `at_last` if there are no more."""
    if tries > len(PAUSES):
        return at_last
    return PAUSES[tries - 1] * random.uniform(1, 1 + JITTER)


@transaction.atomic
def retry(deliveries: QuerySet[Delivery]) -> int:
    """Have messages that were not taken tried anew at once, as often as new ones. Return how many.

    Those of a webhook that is disabled stay as they are.
    """
    found = deliveries.filter(sent_at__isnull=True, webhook__disabled_at=None)
    ids = list(found.values_list("pk", flat=True))
    values = {"due_at": timezone.now(), "tries": 0, "fault": ""}
    number = Delivery.objects.filter(pk__in=ids).update(**values)
    Webhook.objects.filter(deliveries__in=ids).update(quiet_until=None)
    deliver.enqueue()
    return number


def _due() -> QuerySet[Delivery]:
    now = timezone.now()
    is_quiet = Q(webhook__quiet_until__gt=now)
    return Delivery.objects.filter(due_at__lte=now, webhook__disabled_at=None).exclude(is_quiet)


@transaction.atomic
def _note(delivery: Delivery, result: Result) -> bool:
    """Write down what became of a try. Return whether the message was taken."""
    webhook, now = delivery.webhook, timezone.now()
    values = {"status": result.status, "fault": "" if result.is_good else result.words[:200]}
    if result.is_good:
        values |= {"sent_at": now, "due_at": None}
    elif result.status == GONE:
        keeping.disable(webhook, "It answered 410 Gone.", by_itself=True)
        values |= {"due_at": None}
    elif (pause := pause_after(delivery.tries)) is None:
        why = f"A message was not taken in {delivery.tries} tries: {result.words}"
        keeping.disable(webhook, why, by_itself=True)
        values |= {"due_at": None}
    else:
        values |= {"due_at": now + max(pause, result.rest or pause)}
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    if result.rest and not result.is_good:
        Webhook.objects.filter(pk=webhook.pk).update(quiet_until=now + result.rest)
    return result.is_good
