"""Asking registries: politely, patiently, never for long, and nothing twice within a day.

`Session().get(url, accept).body` is what an address answers. A session belongs to one piece of
work: a host that was silent is not asked again in it. Nothing is kept before the caller, who
understood the answer, says so by `keep`.
"""

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from hsc_portal import asking
from references.models import RegistryAnswer
from references.registries.faults import Failed, NotFound, NotUnderstood, Unreachable

JSON, XML = "json", "xml"
# What is asked for, by what the type of an answer must contain.
ACCEPTS = {JSON: "application/json", XML: "application/xml, text/xml"}
ATTEMPTS = 3
# For one question with all attempts, and for the wait that a server may ask for.
SECONDS = 20
LONGEST_WAIT = 8
MOST_BYTES = 10_000_000
MOST_KEPT = 2_000_000
KEEP = timedelta(days=1)
BUSY = {429, 500, 502, 503, 504}
ABSENT = {404, 410}


@dataclass(frozen=True)
class Answer:
    """The body of what was answered, and when."""

    url: str
    body: bytes
    read_at: datetime


class _Again(Exception):
    """It is worth another try: why, and after how many seconds if the server says that."""

    def __init__(self, words: str, wait: float | None = None):
        super().__init__(words)
        self.wait = wait


class Session:
    """Asks on behalf of one piece of work, which takes `seconds` at the most if they are given."""

    def __init__(self, seconds: float | None = None, sleep: Callable[[float], None] = time.sleep):
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._sleep = sleep
        self._silent: dict[str, str] = {}

    def get(
        self, url: str, accept: str = JSON, *, is_fresh: bool = False, most_bytes: int = MOST_BYTES
    ) -> Answer:
        """Return what an address answers, from what is kept unless it must be fresh.

        Raises Failed: NotFound, Unreachable or NotUnderstood.
        """
        if not is_fresh and (kept := _kept(url)):
            return kept
        host = urlsplit(url).netloc
        if why := self._silent.get(host):
            raise Unreachable(why)
        try:
            body = self._persistently(url, accept, most_bytes)
        except Unreachable as error:
            self._silent[host] = str(error)
            raise
        return Answer(url, body, timezone.now())

    def _persistently(self, url: str, accept: str, most_bytes: int) -> bytes:
        now = time.monotonic()
        ends = min(now + SECONDS, self._ends or now + SECONDS)
        question = asking.Question("GET", _headers(accept), most_bytes, ends)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _once(url, question, accept)
            except _Again as error:
                wait = _wait(attempt) if error.wait is None else error.wait
                is_too_late = wait > LONGEST_WAIT or time.monotonic() + wait >= ends
                if attempt == ATTEMPTS or is_too_late:
                    raise Unreachable(f"{error}. Try again later.") from error
                self._sleep(wait)
        raise AssertionError


def ask(url: str, accept: str = JSON) -> bytes:
    """Return the body of a fresh answer. Raises Failed."""
    return Session().get(url, accept, is_fresh=True).body


def keep(answer: Answer) -> None:
    """Keep an answer for a day, and let go of older ones."""
    before = timezone.now() - KEEP
    RegistryAnswer.objects.filter(read_at__lt=before).delete()
    if answer.read_at < before or len(answer.body) > MOST_KEPT:
        return
    RegistryAnswer.objects.update_or_create(
        digest=_digest(answer.url),
        defaults={"url": answer.url, "body": answer.body, "read_at": answer.read_at},
    )


def _kept(url: str) -> Answer | None:
    found = RegistryAnswer.objects.filter(
        digest=_digest(url), read_at__gte=timezone.now() - KEEP
    ).first()
    return Answer(url, bytes(found.body), found.read_at) if found else None


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _headers(accept: str) -> dict[str, str]:
    contact = f"; mailto:{settings.CONTACT_EMAIL}" if settings.CONTACT_EMAIL else ""
    agent = f"HSC-Portal/1.0 (+{settings.SITE_URL}{contact})"
    return {"User-Agent": agent, "Accept": ACCEPTS[accept]}


def _once(url: str, question: asking.Question, accept: str) -> bytes:
    """Return what is answered to one try. Raises Failed, or _Again."""
    try:
        response = asking.follow(url, question)
    except (asking.NotAsked, asking.NoSuchHost) as error:
        raise Unreachable(f"{error}.") from error
    except asking.TooLong as error:
        raise NotUnderstood(f"{error}.") from error
    except asking.Unanswered as error:
        raise _Again(str(error)) from error
    if response.status in BUSY:
        raise _Again(f"It answered {response.words}", _asked_wait(response.headers))
    if response.status in ABSENT:
        raise NotFound("It does not know it.")
    if response.status != 200:
        raise Failed(f"It answered {response.words}.")
    kind = response.headers.get_content_type()
    if accept not in kind:
        raise NotUnderstood(f"It answered with {kind} instead of {accept.upper()}.")
    return response.body


def _wait(attempt: int) -> float:
    """Return how long to wait before another try: longer each time, and not with all others."""
    return random.uniform(0.5, 1) * 2 ** (attempt - 1)


def _asked_wait(headers) -> float | None:
    """Return for how many seconds a server asks to be left alone, None if it does not say."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return None
