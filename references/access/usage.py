"""How much is asked of the API: counts by partner, endpoint and day, of nobody in particular.

A process keeps its counts in memory and writes them `PAUSE_SECONDS` after the first of them, in a
thread of its own: no answer waits for it. A process that ends in peace writes what it has; one
that is killed loses the counts of the last seconds.

Only a web server counts (`hsc_portal/wsgi.py`): neither commands nor tests.
"""

import atexit
import logging
from collections import Counter
from datetime import date, timedelta
from threading import Lock, Timer

from django.db import Error, connection
from django.utils import timezone

from references.access.models import Usage

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5
KEEP = timedelta(days=400)
# What stands for the endpoint of requests that were refused before one was looked for.
REFUSED = "too-many-requests"
NOWHERE = "unknown"


class Counts:
    """The counts of this process that are not written yet, by partner, endpoint and day."""

    def __init__(self):
        self.is_on = False
        self.found: Counter[tuple[int | None, str, date]] = Counter()
        self.timer: Timer | None = None
        self.lock = Lock()

    def add(self, partner: int | None, endpoint: str) -> None:
        with self.lock:
            self.found[partner, endpoint, timezone.localdate()] += 1
            if self.timer is None:
                self.timer = Timer(PAUSE_SECONDS, write_and_leave)
                self.timer.daemon = True
                self.timer.start()

    def take(self) -> Counter:
        with self.lock:
            taken, self.found, self.timer = self.found, Counter(), None
        return taken


counts = Counts()


def start() -> None:
    """Count from now on, in this process."""
    if not counts.is_on:
        counts.is_on = True
        atexit.register(write_and_leave)


def note(partner: int | None, endpoint: str) -> None:
    """Count a request to an endpoint, by the id of a partner or of somebody without key."""
    if counts.is_on:
        counts.add(partner, endpoint)


def write_and_leave() -> None:
    """Write down what was counted, and close the connection that this thread has for it."""
    try:
        write()
    finally:
        connection.close()


def write() -> None:
    """Write down what was counted."""
    taken = counts.take()
    if not taken:
        return
    partners, endpoints, days = zip(*taken, strict=True)
    try:
        with connection.cursor() as cursor:
            given = [list(partners), list(endpoints), list(days), list(taken.values())]
            cursor.execute(WRITE, given)
    except Error as error:
        logger.warning("Usage could not be counted: %s", type(error).__name__)


def forget() -> None:
    """Delete what is too old to tell anything."""
    Usage.objects.filter(day__lt=timezone.localdate() - KEEP).delete()


# In one order, so that two processes that write at once cannot block each other. A partner may
# have been deleted meanwhile.
WRITE = """
    INSERT INTO references_usage AS u (partner_id, endpoint, day, number)
    SELECT counted.partner, counted.endpoint, counted.day, counted.number
    FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::bigint[])
        AS counted (partner, endpoint, day, number)
    WHERE counted.partner IS NULL
        OR EXISTS (SELECT FROM references_partner p WHERE p.id = counted.partner)
    ORDER BY 1 NULLS FIRST, 2, 3
    ON CONFLICT (partner_id, endpoint, day) DO UPDATE SET number = u.number + EXCLUDED.number
"""
