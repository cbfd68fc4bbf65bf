"""What readers search for, counted by week, so that editors see where search does not help.

Nobody is counted, only queries. A query is kept as a digest that only the portal's secret can link
to words. The words are written down once `THRESHOLD` different networks asked for them within
`WEEKS`, and only if they cannot name a person (`_tellable`); they go when that is no longer so.

That a network asked is kept for `WEEKS` as well, as a mark: a hash of it together with the query,
which only the secret can link to either. So it counts once towards the threshold for all processes,
however often they begin anew. How often one asks in a day is known in the memory of this process
alone, by hashes with a salt that dies with it.
"""

import datetime
import hashlib
import logging
import re
import secrets
import unicodedata
from collections import OrderedDict
from threading import Lock

from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from topics.models import SearchCount, SearchSender
from topics.search import text

logger = logging.getLogger(__name__)

THRESHOLD = 5
WEEKS = 12
# What one network may add in a day, to keep programs out. A whole hospital may share one address.
MOST_FROM_ONE = 500
# Queries that were not asked before in this week, for each process and day: what programs make up
# must not fill the table.
MOST_NEW = 5_000
REMEMBERED = 50_000
LONGEST = 200

# What has digits and names a publication or trial or years, no person.
IDENTIFIER = re.compile(
    r"\b(?:nct\d{8}|pmc\d{4,10}|pmid:?\s?\d{5,9}|10\.\d{4,9}/\S+|"
    r"(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d)(?!\w)"
)
# Six digits or more, whatever stands between them: a telephone, a record, a date of birth.
LONG_NUMBER = re.compile(r"\d(?:[\W_]*\d){5}")
# Mail addresses and addresses of pages.
ADDRESS = re.compile(r"\w\s?@\s?\w|\w://|\bwww\.")


class Memory:
    """Who asked for what, for as long as this process lives: the last `size` at the most."""

    def __init__(self, size: int):
        self.size = size
        self.salt = secrets.token_bytes(32)
        self.days: OrderedDict[bytes, tuple[int, int]] = OrderedDict()
        self.lock = Lock()

    def add(self, *what: str) -> tuple[bool, int]:
        """Note something; return whether it was never noted, and how often it was on this day."""
        name = self._name(what)
        today = timezone.localdate().toordinal()
        with self.lock:
            day, times = self.days.pop(name, (0, 0))
            times = times + 1 if day == today else 1
            self.days[name] = today, times
            while len(self.days) > self.size:
                self.days.popitem(last=False)
        return not day, times

    def times(self, *what: str) -> int:
        """Return how often something was noted on this day."""
        day, times = self.days.get(self._name(what), (0, 0))
        return times if day == timezone.localdate().toordinal() else 0

    def _name(self, what: tuple[str, ...]) -> bytes:
        return hashlib.blake2b("\0".join(what).encode(), key=self.salt, digest_size=16).digest()


asked = Memory(REMEMBERED)
# Kept apart, so that who asks for very much does not push out what others asked for.
amounts = Memory(REMEMBERED)
tidied = Memory(1)


def count(words: str, sender: str, *, found: bool) -> None:
    """Count that somebody searched. A sender counts once a day for the same words, as far as this
    process knows, and once in `WEEKS` towards the threshold, whatever process it asks.

    `sender` is the network address (`throttle.sender`), `found` whether there was any result.
    Whatever goes wrong here is logged, without the words, and never stops a search.
    """
    try:
        _count(words, sender, found)
    except Exception as error:
        # All kinds: the reader has an answer, and must get it.
        _log(error)


def chose(words: str, sender: str) -> None:
    """Count that somebody followed a result of a search; no more often than it was asked."""
    try:
        _chose(words, sender)
    except Exception as error:
        _log(error)


def digest(key: str) -> str:
    """Return what stands for the lexemes of a query."""
    return salted_hmac("topics.search.counting", key, algorithm="sha256").hexdigest()


def mark(one: str, sender: str) -> str:
    """Return what stands for a sender that asked for the query of a digest, and for no other."""
    told = f"{one}\0{sender}"
    return salted_hmac("topics.search.counting.sender", told, algorithm="sha256").hexdigest()


def this_week() -> datetime.date:
    """Return the Monday that this week begins with."""
    today = timezone.localdate()
    return today - datetime.timedelta(days=today.weekday())


def since(weeks: int) -> datetime.date:
    """Return the Monday that the last so many weeks begin with, this one included."""
    return this_week() - datetime.timedelta(weeks=weeks - 1)


@transaction.atomic
def forget() -> None:
    """Delete what is older than `WEEKS`, and words that were asked too rarely since then."""
    SearchCount.objects.filter(week__lt=since(WEEKS)).delete()
    SearchSender.objects.filter(week__lt=since(WEEKS)).delete()
    told = SearchCount.objects.exclude(words="").order_by().values("digest")
    by_digest = SearchCount.objects.filter(digest__in=told).order_by().values("digest")
    rare = by_digest.annotate(n=Sum("senders")).filter(n__lt=THRESHOLD).values("digest")
    SearchCount.objects.filter(digest__in=rare).update(words="")


def _count(words: str, sender: str, found: bool) -> None:
    key = text.key(words[:LONGEST])
    if not key or amounts.add("asked", sender)[1] > MOST_FROM_ONE:
        return
    one = digest(key)
    if asked.add("asked", sender, one)[1] > 1:
        return
    if tidied.add("day")[1] == 1:
        forget()
    given = {"digest": one, "week": this_week(), "since": since(WEEKS), "mark": mark(one, sender),
             "without_result": int(not found), "threshold": THRESHOLD,
             "may_be_new": amounts.times("new") < MOST_NEW}  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HURRY + WRITE, given)
        if row := cursor.fetchone():
            _tell(cursor, words, *row)


def _chose(words: str, sender: str) -> None:
    key = text.key(words[:LONGEST])
    if not key or amounts.add("chosen", sender)[1] > MOST_FROM_ONE:
        return
    one = digest(key)
    if asked.add("chosen", sender, one)[1] > 1:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HURRY + CHOSE, [one, this_week()])


def _tell(cursor, words: str, number: int, is_told: bool, senders: int, is_first: bool) -> None:
    """Write down the words of a query that was counted, if enough asked for it."""
    if is_first:
        amounts.add("new")
    # Only now do the words leave this process.
    if senders >= THRESHOLD and not is_told and (tellable := _tellable(words)):
        cursor.execute(TELL, [tellable, number])


def _tellable(words: str) -> str:
    """Return words as editors may see them, "" if they could name a person.

    In small letters, without signs: those who asked the same typed the same but for these.
    """
    plain = unicodedata.normalize("NFKC", words).lower()
    if ADDRESS.search(plain) or LONG_NUMBER.search(IDENTIFIER.sub(" x ", plain)):
        return ""
    if any(len(found) > text.LONGEST for found in re.findall(r"\w+", plain)):
        return ""
    told = " ".join(re.findall(r"[^\W_]+(?:[-‐‑–'’.,][^\W_]+)*", plain))
    return told if len(told) <= LONGEST else ""


def _log(error: Exception) -> None:
    """Say that something was not counted. The words of an error may hold those of the query."""
    code = getattr(error.__cause__, "pgcode", None) if isinstance(error, DatabaseError) else None
    logger.warning("A search could not be counted: %s %s", type(error).__name__, code or "")


# A count is worth neither waiting for another one of the same query, nor for the disk.
HURRY = "SET LOCAL lock_timeout = '100ms'; SET LOCAL synchronous_commit = off; "
# A sender is marked only as long as its week needs more of them for the threshold: so there are at
# most `THRESHOLD` marks for each count, and no more is kept than is needed. A mark that nobody
# deleted in time counts anew.
WRITE = """
    WITH counted AS (
        SELECT senders FROM topics_searchcount WHERE digest = %(digest)s AND week = %(week)s
    ),
    marked AS (
        INSERT INTO topics_searchsender AS s (mark, week)
        SELECT %(mark)s, %(week)s
        WHERE coalesce((SELECT senders FROM counted) < %(threshold)s, %(may_be_new)s)
        ON CONFLICT (mark) DO UPDATE SET week = EXCLUDED.week WHERE s.week < %(since)s
        RETURNING 1
    )
    INSERT INTO topics_searchcount AS t
        (digest, week, words, asked, senders, without_result, chosen)
    SELECT %(digest)s, %(week)s, '', 1, (SELECT count(*) FROM marked), %(without_result)s, 0
    WHERE %(may_be_new)s OR EXISTS (SELECT FROM counted)
    ON CONFLICT (digest, week) DO UPDATE SET
        asked = t.asked + 1,
        senders = t.senders + EXCLUDED.senders,
        without_result = t.without_result + EXCLUDED.without_result
    RETURNING t.id, t.words <> '', t.senders + (
        SELECT coalesce(sum(e.senders), 0) FROM topics_searchcount e
        WHERE e.digest = t.digest AND e.week >= %(since)s AND e.week < t.week
    ), xmax = 0
"""
CHOSE = """
    UPDATE topics_searchcount SET chosen = chosen + 1
    WHERE digest = %s AND week = %s AND chosen < asked
"""
TELL = "UPDATE topics_searchcount SET words = %s WHERE id = %s"
