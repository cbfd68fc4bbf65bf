"""Sending what is due: each mail once, again after a growing pause if the mail server fails.

Before a mail is tried, the time of the next try is written down. So two workers never send the
same, and a worker that is killed loses nothing. Only if it is killed in the moment between the
server's “taken” and our own note of it will the mail go out once more, with the same Message-ID.
"""

import contextlib
import logging
import smtplib
import time
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_tasks import task

from hsc_portal.mail import can_be_sent
from topics.following import mails
from topics.models import Follower, Notice

logger = logging.getLogger(__name__)

# After the first failed try, the second, and so on; then it is given up, some five days later.
# Meanwhile the mails are taken, so the shortest is longer than a slow server needs for all of them.
PAUSES = [timedelta(minutes=minutes) for minutes in (10, 15, 30)] + [
    timedelta(hours=hours) for hours in (2, 6, 12, 24, 24, 48)
]
# From this many failed tries on administrators should know.
TROUBLE = 3
# A task does not keep the worker from others, or from stopping, for longer.
SECONDS = 5


class ServerFailed(Exception):
    """The mail server cannot be used at all now; other mails would fare no better."""


class Refused(Exception):
    """One mail was not sent. `is_final`: no later try would fare better."""

    def __init__(self, words: str, *, is_final: bool = False):
        super().__init__(words)
        self.is_final = is_final


@task()
def deliver() -> int:
    """Send what is due, and return how many mails were sent."""
    if not can_be_sent():
        return 0
    begun = time.monotonic()
    sent = 0
    connection = get_connection()
    try:
        while notices := claim():
            sent += sum(_send(group, connection) for group in _mails(notices))
            if time.monotonic() - begun > SECONDS:
                deliver.enqueue()
                break
    except ServerFailed:
        # What was not tried stays due, and the worker asks for it again soon.
        pass
    finally:
        close(connection)
    return sent


def is_due() -> bool:
    return can_be_sent() and Notice.objects.filter(due_at__lte=timezone.now()).exists()


@transaction.atomic
def claim() -> list[Notice]:
    """Take all that is due for one follower, for nobody else to send before the next try."""
    now = timezone.now()
    due = Notice.objects.filter(due_at__lte=now)
    waiting = Follower.objects.filter(Exists(due.filter(subscription__follower=OuterRef("pk"))))
    notices = []
    while not notices:
        follower = waiting.select_for_update(skip_locked=True, no_key=True).order_by("pk").first()
        if follower is None:
            return []
        # None if another worker took them just before the follower was locked here.
        notices = list(
            due.filter(subscription__follower=follower)
            .select_related("subscription__follower")
            .order_by("pk")
        )
    for notice in notices:
        pause = pause_after(notice.tries)
        notice.due_at = pause and now + pause
        notice.tries += 1
    Notice.objects.bulk_update(notices, ["due_at", "tries"])
    return notices


@transaction.atomic
def retry(notices: QuerySet[Notice]) -> int:
    """Have mails that failed tried anew at once, as often as new ones. Return how many."""
    found = notices.filter(sent_at__isnull=True)
    number = found.update(due_at=timezone.now(), tries=0, fault="")
    deliver.enqueue()
    return number


def _mails(notices: list[Notice]) -> list[list[Notice]]:
    """Return the notices of one follower by mail: each confirmation, and all events together."""
    events = [notice for notice in notices if notice.event_id]
    return [[notice] for notice in notices if not notice.event_id] + ([events] if events else [])


def _send(notices: list[Notice], connection) -> bool:
    """Send one mail, and return whether it was sent. Raises ServerFailed."""
    mail = _compose(notices)
    if mail is None:
        return False
    try:
        post(mail, connection)
    except Refused as error:
        _note(notices, str(error), is_final=error.is_final)
        return False
    except ServerFailed as error:
        _note(notices, str(error))
        raise
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
        sent_at=timezone.now(), due_at=None, fault=""
    )
    return True


def post(mail: EmailMessage, connection) -> None:
    """Hand one mail to the mail server. Raises Refused or ServerFailed, in words without address.

    They are not chained: what a mail server answers may hold the address.
    """
    try:
        connection.open()
        mail.connection = connection
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        words = f"The mail server refused the address ({code})."
        raise Refused(words, is_final=code >= 500) from None
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise Refused(f"The mail server refused the email ({error.smtp_code}).") from None
    except (smtplib.SMTPException, OSError) as error:
        words = f"The mail server cannot be used ({type(error).__name__})."
        raise ServerFailed(words) from None
    except Exception as error:
        # Others must not wait for a mail that cannot be put into bytes.
        raise Refused(f"The email could not be sent ({type(error).__name__}).") from None


def pause_after(tries: int) -> timedelta | None:
    """Return how long to wait after so many tries and one more; None if it is given up."""
    return PAUSES[tries] if tries < len(PAUSES) else None


def _compose(notices: list[Notice]) -> EmailMessage | None:
    """Return the mail that tells of notices, None if that fails: others must not wait for it."""
    try:
        return mails.update(notices) if notices[0].event_id else mails.confirmation(notices[0])
    except Exception as error:
        logger.exception("Mail %s could not be written", notices[0].pk)
        _note(notices, f"The email could not be written ({type(error).__name__}).")
        return None


def _note(notices: list[Notice], fault: str, *, is_final: bool = False) -> None:
    """Write down why a try failed, in words that hold no address."""
    values = {"fault": fault} | ({"due_at": None} if is_final else {})
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(**values)
    for notice in notices:
        if is_final or notice.due_at is None:
            logger.error("Mail %s was given up. %s", notice.pk, fault)
        elif notice.tries == TROUBLE:
            logger.warning("Mail %s has failed %s times. %s", notice.pk, TROUBLE, fault)


def close(connection) -> None:
    # If it is broken already, nothing is lost.
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.close()
