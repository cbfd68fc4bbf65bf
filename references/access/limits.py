"""How many requests somebody may make in a minute: counted by the database, for all processes.

Each request is one upsert of one row, which says at once how many there were. The alternative, to
count in each process and to add up now and then, would be wrong by as many requests as the
processes have not told each other, and `RateLimit` could not say what is left. The table is
unlogged: nothing waits for the disk, and after a crash counting begins anew. Who is over the limit
is remembered by the process that found it, and refused without asking the database again.

A minute begins with the first request in it, so not all clients start anew at one moment.
"""

import logging
import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from references.access import keys
from references.access.models import ApiKey, RequestWindow, Scope

logger = logging.getLogger(__name__)

SECONDS = 60
KEEP = timedelta(minutes=10)
REMEMBERED = 10_000


@dataclass(frozen=True)
class Policy:
    """So many requests in SECONDS. The name stands in the headers, `who` in the database."""

    name: str
    quota: int
    who: str


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a policy after a request."""

    policy: Policy
    number: int
    seconds: int

    @property
    def is_over(self) -> bool:
        return self.number > self.policy.quota

    @property
    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers-11."""
        name, left = self.policy.name, max(0, self.policy.quota - self.number)
        return {
            "RateLimit-Policy": f'"{name}";q={self.policy.quota};w={SECONDS}',
            "RateLimit": f'"{name}";r={left};t={self.seconds}',
        }


class Refused:
    """Who is over a limit, and until when, as far as this process knows."""

    def __init__(self):
        self.until: OrderedDict[str, float] = OrderedDict()
        self.lock = Lock()

    def add(self, who: str, seconds: int) -> None:
        with self.lock:
            self.until[who] = time.monotonic() + seconds
            while len(self.until) > REMEMBERED:
                self.until.popitem(last=False)

    def seconds(self, who: str) -> int:
        """Return how long somebody is still refused, 0 if not at all."""
        with self.lock:
            left = self.until.get(who, 0) - time.monotonic()
            if left <= 0:
                self.until.pop(who, None)
        return max(0, math.ceil(left))


refused = Refused()


def policy_for(key: ApiKey | None, sender: str) -> Policy:
    """Return what limits somebody: a key that reads counts by itself, others by their network."""
    if keys.may(key, Scope.READ):
        return Policy("key", key.per_minute or settings.API_LIMIT_KEY, _hash(f"key {key.pk}"))
    return Policy("address", settings.API_LIMIT_ADDRESS, _hash(f"address {sender}"))


def count(policy: Policy) -> Standing | None:
    """Count one request. None if nothing is limited, or it could not be counted."""
    if not policy.quota:
        return None
    if seconds := refused.seconds(policy.who):
        return Standing(policy, policy.quota + 1, seconds)
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"who": policy.who, "seconds": SECONDS})
            number, left = cursor.fetchone()
    except DatabaseError as error:
        # Who only reads must not be refused for it.
        logger.warning("A request could not be counted: %s", type(error).__name__)
        return None
    standing = Standing(policy, number, min(SECONDS, max(1, math.ceil(left))))
    if standing.is_over:
        refused.add(policy.who, standing.seconds)
    return standing


def forget() -> None:
    """Delete who did not ask lately."""
    RequestWindow.objects.filter(begun_at__lt=timezone.now() - KEEP).delete()


def _hash(who: str) -> str:
    """Return what stands for a key or network: only the portal's secret can link it to either."""
    return salted_hmac("references.access.limits", who, algorithm="sha256").hexdigest()


COUNT = """
    INSERT INTO references_requestwindow AS w (who, begun_at, number)
    VALUES (%(who)s, statement_timestamp(), 1)
    ON CONFLICT (who) DO UPDATE SET
        number = CASE WHEN w.begun_at > EXCLUDED.begun_at - make_interval(secs => %(seconds)s)
            THEN w.number + 1 ELSE 1 END,
        begun_at = CASE WHEN w.begun_at > EXCLUDED.begun_at - make_interval(secs => %(seconds)s)
            THEN w.begun_at ELSE EXCLUDED.begun_at END
    RETURNING number, %(seconds)s - extract(epoch FROM statement_timestamp() - begun_at)
"""
