"""Sending what is due to the addresses of partners, and again after a growing pause if that fails.

Before a message is sent, the time of its next try is written down. So two workers never send the
same, and a worker that is killed loses nothing; a message may come twice, with the same id.

A batch has one message for each webhook, which are sent at once, each in a thread: an address that
hangs keeps others waiting for `SECONDS` at the most. While a message is on its way its webhook gets
no other, also from another worker.
"""

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
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
# For so long another message waits for one of which no result is written down: that worker is dead.
ON_ITS_WAY = timedelta(seconds=2 * SECONDS)
# After the first failed try, the second, and so on; then, a day later, the message is given up.
PAUSES = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)] + [
    timedelta(hours=hours) for hours in (2, 5, 8, 8)
]
# One message is not tried anew more often than this, whoever asks for it.
RETRY_PAUSE = timedelta(minutes=1)
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
            posted = {threads.submit(post, delivery): delivery for delivery in batch}
            sent += sum(_noted(posted[each], each.result()) for each in as_completed(posted))
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
    ids = [delivery.webhook_id for delivery in taken]
    Webhook.objects.filter(pk__in=ids).update(quiet_until=now + ON_ITS_WAY)
    return taken


def post(delivery: Delivery) -> Result:
    """Send one message, and say what became of it. It raises nothing and asks no database."""
    try:
        return _posted(delivery.webhook, delivery)
    except (asking.Unanswered, asking.NotAsked) as error:
        return Result(None, str(error))
    except Exception as error:
        logger.exception("Webhook %s could not be asked", delivery.webhook_id)
        return Result(None, type(error).__name__)


def _posted(webhook: Webhook, delivery: Delivery) -> Result:
    body = delivery.body
    signed = signing.headers(delivery.message, int(time.time()), body, webhook.secrets)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"HSC-Portal-Webhooks/1 (+{settings.SITE_URL})",
        **signed,
    }
    question = asking.Question(
        "POST", headers, body=body.encode(), longest=SECONDS, ends=time.monotonic() + SECONDS
    )
    # Not followed: what a redirect leads to was not named by the partner.
    answer = asking.request(webhook.url, question)
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
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(rest, timedelta()), LONGEST_REST)


def pause_after(tries: int, at_last: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many failed tries, `at_last` if there are no more."""
    if tries > len(PAUSES):
        return at_last
    return PAUSES[tries - 1] * random.uniform(1, 1 + JITTER)


@transaction.atomic
def retry(deliveries: QuerySet[Delivery]) -> int:
    """Have messages that were not taken tried anew, as often as new ones. Return how many.

    If the server there asked for rest they wait for its end. Those of a webhook that is disabled,
    and those that were tried in the last minute, stay as they are.
    """
    now = timezone.now()
    found = deliveries.filter(sent_at__isnull=True, webhook__disabled_at=None)
    found = found.exclude(tried_at__gt=now - RETRY_PAUSE)
    ids = list(found.values_list("pk", flat=True))
    number = Delivery.objects.filter(pk__in=ids).update(due_at=now, tries=0, fault="")
    deliver.enqueue()
    return number


def wait_for_retry(delivery: Delivery) -> float:
    """Return in how many seconds a message may be tried anew, 0 if now."""
    if delivery.sent_at or delivery.tried_at is None:
        return 0
    return max(0, (delivery.tried_at + RETRY_PAUSE - timezone.now()).total_seconds())


def _due() -> QuerySet[Delivery]:
    now = timezone.now()
    is_quiet = Q(webhook__quiet_until__gt=now)
    return Delivery.objects.filter(due_at__lte=now, webhook__disabled_at=None).exclude(is_quiet)


def _noted(delivery: Delivery, result: Result) -> bool:
    """Write down what became of a try. Return whether the message was taken.

    One that cannot be written down is tried again; the others are not to suffer for it.
    """
    try:
        _note(delivery, result)
    except Exception:
        logger.exception("What became of %s could not be written down", delivery.message)
    return result.is_good


@transaction.atomic
def _note(delivery: Delivery, result: Result) -> None:
    # The webhook first, as whoever disables it does: so that neither waits for the other for ever.
    if Webhook.objects.select_for_update().filter(pk=delivery.webhook_id).first() is None:
        return
    mine, now = Delivery.objects.filter(pk=delivery.pk), timezone.now()
    told = {"status": result.status, "fault": "" if result.is_good else result.words[:200]}
    if result.is_good:
        mine.update(**told, sent_at=now, due_at=None)
    else:
        pause = None if result.status == GONE else pause_after(delivery.tries)
        due_at = now + max(pause, result.rest or pause) if pause else None
        mine.update(**told)
        # If it is due at another time, the webhook was disabled or a retry was asked for meanwhile.
        is_due = mine.filter(due_at=delivery.due_at).update(due_at=due_at)
        if is_due and due_at is None and (why := _why_disable(delivery, result)):
            keeping.disable(delivery.webhook, why, by_itself=True)
    quiet_until = now + result.rest if result.rest and not result.is_good else None
    Webhook.objects.filter(pk=delivery.webhook_id).update(quiet_until=quiet_until)


def _why_disable(delivery: Delivery, result: Result) -> str:
    """Return why a webhook is not to work any more after a message was given up, "" if it is.

    A test that fails is no harm, and if others are taken it is the message that is at fault.
    """
    if delivery.event_id is None:
        return ""
    if result.status == GONE:
        return "It answered 410 Gone."
    others = Delivery.objects.filter(webhook=delivery.webhook, sent_at__gt=delivery.created_at)
    if others.exists():
        return ""
    return f"A message was not taken in {delivery.tries} tries: {result.words}"
