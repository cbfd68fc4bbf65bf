"""Asking the addresses whose time has come: each once a week at the most, one after the other.

An address counts as broken once its server says that nothing is there, or once it failed twice, a
week apart: a server may be down for a day, and so may our own way to the Internet.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from topics.choices import LinkState
from topics.links import asking, collecting
from topics.models import LinkCheck

EVERY = timedelta(days=7)
COLLECT_EVERY = timedelta(days=1)
FAILURES = 2
# A task does not keep the worker from others for longer, but for the last address.
SECONDS = 10
# Between two addresses, since many are of one server.
PAUSE_SECONDS = 0.5


def is_due() -> bool:
    return settings.CHECK_LINKS and _due().exists()


def is_collecting_due() -> bool:
    if not settings.CHECK_LINKS:
        return False
    lately = DBTaskResult.objects.filter(
        task_path=collect.module_path, enqueued_at__gt=timezone.now() - COLLECT_EVERY
    )
    return not lately.exists()


@task()
def collect() -> int:
    """Find out which addresses there are, and return how many."""
    return collecting.collect()


@task()
def check_due() -> int:
    """Ask addresses whose time has come, for some seconds. Return how many were asked."""
    return check(seconds=SECONDS)


def check(*, seconds: float | None = None, limit: int | None = None) -> int:
    """Ask what is due, until the time is over or so many were asked. Return how many were."""
    begun, number = time.monotonic(), 0
    while limit is None or number < limit:
        link = _claim()
        if link is None:
            break
        note(link, asking.ask(link.url))
        number += 1
        if seconds is not None and time.monotonic() - begun > seconds:
            break
        time.sleep(PAUSE_SECONDS)
    return number


def note(link: LinkCheck, answer: asking.Answer) -> None:
    """Write down what an address answered."""
    failures = link.failures + 1 if answer.is_there is False else 0
    is_broken = answer.is_gone or failures >= FAILURES
    state = LinkState.FINE if answer.is_there else LinkState.UNCLEAR
    now = timezone.now()
    LinkCheck.objects.filter(pk=link.pk).update(
        state=LinkState.BROKEN if is_broken else state,
        answer=answer.words[:200],
        failures=failures,
        checked_at=now,
        broken_since=(link.broken_since or now) if is_broken else None,
    )


def _due():
    before = timezone.now() - EVERY
    return LinkCheck.objects.filter(Q(checked_at__isnull=True) | Q(checked_at__lt=before))


def _claim() -> LinkCheck | None:
    """Take the address that waits longest, so that no other worker asks it, too."""
    for link in _due().order_by(F("checked_at").asc(nulls_first=True), "pk")[:20]:
        now = timezone.now()
        # A worker that is killed now leaves it for next week.
        state = LinkState.UNCLEAR if link.state == LinkState.UNCHECKED else link.state
        mine = _due().filter(pk=link.pk).update(checked_at=now, state=state)
        if mine:
            return link
    return None
