"""What readers report as wrong: taking a report, and what editors do with it.

Nothing of it becomes an event or stands in a log. The address to answer to is kept until the
report is closed; of who sent it only a hash is kept, for a day (`throttle`).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.core import signing
from django.db import transaction
from django.utils import timezone

from topics import documents, reading, throttle
from topics.choices import ReportStatus
from topics.errors import Invalid, NotPermitted
from topics.models import Edition, ErrorReport
from topics.publishing import name_of

LONGEST_MESSAGE = 4000
# A person needs longer to read the form; programs answer at once.
FASTEST = timedelta(seconds=3)
# Whoever goes to the ward meanwhile comes back within a working day.
SLOWEST = timedelta(hours=12)
# So many from one network within that time. A whole hospital may share one address.
LIMIT, WITHIN = 10, timedelta(hours=1)

_SALT = "topics.reporting"


class TooFast(Exception):
    """The form was sent sooner than a person could fill it in."""


class TooOld(Exception):
    """The form was opened too long ago, or is not one of ours."""


class TooMany(Exception):
    """Too many reports came from one network."""


@dataclass(frozen=True)
class Place:
    """What a report is about: an edition, and perhaps one statement of it."""

    edition: Edition
    slug: str
    title: str
    anchor: str = ""
    text: str = ""


def place(slug: str, number: int | None = None, anchor: str = "") -> Place:
    """Return the place that an address names: in an edition, or in the current or last one.

    A statement that is not in it is left out. Raises reading.NotPublished.
    """
    if not re.fullmatch(r"[a-z0-9-]{1,80}", slug):
        raise reading.NotPublished(slug)
    editions = Edition.objects.filter(topic__published_slugs__slug=slug).select_related("revision")
    if number is not None:
        editions = editions.filter(number=number)
    edition = editions.order_by("-number").first()
    if edition is None:
        raise reading.NotPublished(slug)
    document = documents.read(edition.revision.document)
    texts = {each["anchor"]: each["text"] for each in documents.all_statements(document)}
    known = anchor if anchor in texts else ""
    return Place(edition, slug, document["title"], known, texts.get(known, ""))


def new_form() -> str:
    """Return what a form carries hidden: when it was opened, and its name, both signed."""
    return signing.TimestampSigner(salt=_SALT).sign(uuid4().hex)


def read_form(carried: str) -> UUID:
    """Return the name of a form that was sent. Raises TooFast or TooOld."""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        name = signer.unsign(carried, max_age=SLOWEST)
    except signing.BadSignature as error:
        raise TooOld from error
    try:
        signer.unsign(carried, max_age=FASTEST)
    except signing.SignatureExpired:
        return UUID(name)
    raise TooFast


@transaction.atomic
def send(
    *, form: UUID, sender: str, message: str, email: str = "", where: str = "",
    about: Place | None = None,
) -> ErrorReport:  # fmt: skip
    """Keep a report for the editors, and return it: the same one if the form was sent before.

    `sender` is the network address that it came from. Raises TooMany.
    """
    if known := ErrorReport.objects.filter(form=form).first():
        return known
    throttle.forget()
    if not throttle.allow("report", sender, limit=LIMIT, within=WITHIN):
        raise TooMany
    report, _ = ErrorReport.objects.get_or_create(
        form=form,
        defaults={
            "topic_id": about and about.edition.topic_id,
            "edition": about and about.edition,
            "anchor": about.anchor if about else "",
            "place": where,
            "message": message,
            "email": email,
            "sent_at": timezone.now(),
        },
    )
    return report


@transaction.atomic
def settle(report: ErrorReport, *, actor, status: str, answer: str = "") -> ErrorReport:
    """Answer, dismiss or reopen a report. Closing it deletes the address to answer to.

    `answer` says what was done, for the other editors.
    """
    if not actor.has_perm("topics.change_errorreport"):
        raise NotPermitted("You may not answer reports. Ask an administrator for the right.")
    if status not in ReportStatus.values:
        raise Invalid(f"“{status}” is no status of a report.")
    report = ErrorReport.objects.select_for_update().get(pk=report.pk)
    is_open = status == ReportStatus.OPEN
    report.status, report.answer = status, answer
    report.closed_at = None if is_open else timezone.now()
    report.closed_by_name = "" if is_open else name_of(actor)
    report.email = report.email if is_open else ""
    report.save()
    return report
