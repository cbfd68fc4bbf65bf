"""Where topics stand on the way to the reader, as the database sees it: drafts, reviews, editions.

Read with the topics themselves, so that a list of any length takes one query.
"""

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value

from topics.choices import EventKind, Verdict
from topics.models import Edition, Event, Review, Revision

CHANGED = Q(listing__isnull=False) & ~Q(latest_digest=F("listing__edition__digest"))
UNREVIEWED = Q(listing__isnull=False, listing__reviewed_at__isnull=True)
# A review is of use: readers do not see this text yet, or see it as not reviewed.
REVIEWABLE = Q(listing__isnull=True) | CHANGED | UNREVIEWED
AWAITING = (
    REVIEWABLE
    & Q(submitted_digest=F("latest_digest"))
    & (Q(verdict_at__isnull=True) | Q(submitted_at__gt=F("verdict_at")))
)
# Saving does not answer a reviewer; submitting does.
_UNANSWERED = Q(verdict__isnull=True, last_verdict=Verdict.REQUEST_CHANGES) & (
    Q(submitted_at__isnull=True) | Q(submitted_at__lt=F("last_verdict_at"))
)
CHANGES_REQUESTED = REVIEWABLE & ~AWAITING & (Q(verdict=Verdict.REQUEST_CHANGES) | _UNANSWERED)


def with_state(topics: QuerySet, digest: str = "") -> QuerySet:
    """Add to each topic what `progress` and `review_progress` tell of it.

    With a `digest` they tell it of that text, as if it were still the latest one.
    """
    # What was asked and answered before a withdrawal no longer counts.
    since = Event.objects.filter(kind=EventKind.WITHDRAWN, created_at__gte=OuterRef("created_at"))
    saved = Revision.objects.filter(topic=OuterRef("pk")).order_by("-number")
    asked = Event.objects.filter(
        ~Exists(since.filter(topic=OuterRef("topic"))),
        topic=OuterRef("pk"),
        kind=EventKind.SUBMITTED,
    ).order_by("-pk")
    given = Review.objects.filter(
        ~Exists(since.filter(topic=OuterRef("revision__topic"))), revision__topic=OuterRef("pk")
    ).order_by("-created_at", "-pk")
    on_latest = given.filter(revision__digest=OuterRef("latest_digest"))
    published = Edition.objects.filter(
        topic=OuterRef("revision__topic"), published_at__gte=OuterRef("created_at")
    )
    unpublished = given.filter(~Exists(published))
    return topics.annotate(
        latest_digest=Value(digest) if digest else Subquery(saved.values("digest")[:1]),
        saved_by=Subquery(saved.values("author_name")[:1]),
        saved_at=Subquery(saved.values("created_at")[:1]),
        submitted_digest=Subquery(asked.values("revision__digest")[:1]),
        submitted_at=Subquery(asked.values("created_at")[:1]),
        was_published=Exists(Edition.objects.filter(topic=OuterRef("pk"))),
        published_number=F("listing__edition__number"),
        published_digest=F("listing__edition__digest"),
        reviewed_at=F("listing__reviewed_at"),
    ).annotate(
        verdict=Subquery(on_latest.values("verdict")[:1]),
        verdict_at=Subquery(on_latest.values("created_at")[:1]),
        # On the latest text or on one before it, of which readers saw nothing since.
        last_verdict=Subquery(unpublished.values("verdict")[:1]),
        last_verdict_at=Subquery(unpublished.values("created_at")[:1]),
    )
