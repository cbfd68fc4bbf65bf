"""How often topics are opened, counted by day, so that editors see what nobody reads.

Nobody is counted, only pages. A process keeps the sums of a minute in its memory and writes them
after an answer was sent, so no reader waits and no page costs a query more. What a browser or a
cache on the way shows again without asking is not seen, and what a process that is killed had in
its memory is lost; all that editors ask is whether it is nothing at all.

Only a web server counts (`hsc_portal/wsgi.py`): neither commands nor tests.
"""

import logging
import re
import time
from collections import Counter
from datetime import date, timedelta
from threading import Lock

from django.conf import settings
from django.core.signals import request_finished
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from topics.models import Opening

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60
KEEP = timedelta(days=400)
PROGRAMS = re.compile(r"bot\b|crawl|spider|slurp|link-check|python|curl|wget", re.IGNORECASE)


class Counts:
    """The sums of this process that are not written yet, by day and address."""

    def __init__(self):
        self.is_on = False
        self.found: Counter[tuple[date, str]] = Counter()
        self.write_at = 0.0
        self.lock = Lock()

    def add(self, slug: str) -> None:
        with self.lock:
            self.found[timezone.localdate(), slug] += 1

    def take(self) -> Counter:
        """Return what is to be written, nothing if that was done a moment ago."""
        with self.lock:
            if not self.found or time.monotonic() < self.write_at:
                return Counter()
            self.write_at = time.monotonic() + PAUSE_SECONDS
            taken, self.found = self.found, Counter()
        return taken


counts = Counts()


def start() -> None:
    """Count from now on, in this process."""
    counts.is_on = True
    counts.write_at = time.monotonic() + PAUSE_SECONDS
    request_finished.connect(write, dispatch_uid="topics.openings")


def note(request: HttpRequest, slug: str) -> None:
    """Count that the page of a topic was opened by a reader: no program, and none of the team."""
    if counts.is_on and _is_read(request):
        counts.add(slug)


def write(**_) -> None:
    """Write down what was counted, if it is time."""
    taken = counts.take()
    if not taken:
        return
    days, slugs = zip(*taken, strict=True)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(WRITE, [list(days), list(slugs), list(taken.values())])
    except DatabaseError as error:
        logger.warning("Openings could not be counted: %s", type(error).__name__)


def forget() -> None:
    """Delete what is too old to tell anything."""
    Opening.objects.filter(day__lt=timezone.localdate() - KEEP).delete()


def _is_read(request: HttpRequest) -> bool:
    headers = request.headers
    return (
        request.method == "GET"
        # Not fetched beforehand, nor to bring kept copies up to date.
        and headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and not headers.get("Sec-Purpose")
        # Only the team has it; whose it is is not asked.
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not PROGRAMS.search(headers.get("User-Agent", ""))
    )


# In one order, so that two processes that write at once cannot block each other.
WRITE = """
    INSERT INTO topics_opening AS o (topic_id, day, times)
    SELECT listing.topic_id, counted.day, sum(counted.times)
    FROM unnest(%s::date[], %s::text[], %s::int[]) AS counted (day, slug, times)
    JOIN topics_listing listing ON listing.slug = counted.slug
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (topic_id, day) DO UPDATE SET times = o.times + EXCLUDED.times
"""
