"""Where a topic stands on the way to the reader, for lists and for the editor's bar.

Read with the list itself, so that a list of any length takes one query.
"""

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from topics.choices import Area, EventKind, Verdict
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


def with_state(topics: QuerySet) -> QuerySet:
    """Add to each topic what `progress` and `review_progress` tell of it."""
    # What was asked and answered before a withdrawal no longer counts.
    since = Event.objects.filter(kind=EventKind.WITHDRAWN, created_at__gte=OuterRef("created_at"))
    saved = Revision.objects.filter(topic=OuterRef("pk")).order_by("-number")
    asked = Event.objects.filter(
        ~Exists(since.filter(topic=OuterRef("topic"))),
        topic=OuterRef("pk"),
        kind=EventKind.SUBMITTED,
    ).order_by("-pk")
    given = Review.objects.filter(
        ~Exists(since.filter(topic=OuterRef("revision__topic"))),
        revision__topic=OuterRef("pk"),
        revision__digest=OuterRef("latest_digest"),
    ).order_by("-created_at", "-pk")
    return topics.annotate(
        latest_digest=Subquery(saved.values("digest")[:1]),
        saved_by=Subquery(saved.values("author_name")[:1]),
        saved_at=Subquery(saved.values("created_at")[:1]),
        submitted_digest=Subquery(asked.values("revision__digest")[:1]),
        submitted_at=Subquery(asked.values("created_at")[:1]),
        was_published=Exists(Edition.objects.filter(topic=OuterRef("pk"))),
        published_number=F("listing__edition__number"),
        published_digest=F("listing__edition__digest"),
        reviewed_at=F("listing__reviewed_at"),
    ).annotate(
        verdict=Subquery(given.values("verdict")[:1]),
        verdict_at=Subquery(given.values("created_at")[:1]),
    )


def is_unpublished(topic) -> bool:
    return topic.latest_digest != topic.published_digest


def is_reviewable(topic) -> bool:
    """Return whether a review is of use: see REVIEWABLE."""
    return is_unpublished(topic) or not topic.reviewed_at


def needs_no_submission(topic) -> bool:
    """Return whether the latest text lies with a reviewer, or was approved by one."""
    return review_progress(topic) not in {"", "Changes requested"}


def progress(topic) -> str:
    """Return in words what readers see of a topic that `with_state` has read."""
    if topic.published_number is None:
        return "Withdrawn" if topic.was_published else "Draft only"
    words = f"Edition {topic.published_number}"
    if not topic.reviewed_at:
        words += ", not reviewed"
    return f"{words}; unpublished changes" if is_unpublished(topic) else words


def review_progress(topic) -> str:
    """Return in words how far the review of the latest text is."""
    if not is_reviewable(topic):
        return ""
    asked = topic.submitted_digest == topic.latest_digest and topic.submitted_at
    if asked and (not topic.verdict_at or asked > topic.verdict_at):
        return "Awaiting review"
    words = {Verdict.APPROVE: "Approved, not yet published"}
    return words.get(topic.verdict, "Changes requested") if topic.verdict else ""


class _WordsFilter(admin.SimpleListFilter):
    """A filter whose choices are words, each with a condition."""

    choices_made: dict[str, tuple[str, Q]] = {}

    def lookups(self, request, model_admin):
        return [(value, label) for value, (label, _) in self.choices_made.items()]

    def queryset(self, request, queryset):
        _, condition = self.choices_made.get(self.value(), ("", Q()))
        return queryset.filter(condition)


class StateFilter(_WordsFilter):
    title = "state"
    parameter_name = "state"
    choices_made = {
        "draft": ("Draft only", Q(listing__isnull=True, was_published=False)),
        "published": ("Published", Q(listing__isnull=False)),
        "changed": ("Published, with unpublished changes", CHANGED),
        "unreviewed": ("Published, not reviewed", UNREVIEWED),
        "withdrawn": ("Withdrawn", Q(listing__isnull=True, was_published=True)),
    }


class ReviewFilter(_WordsFilter):
    title = "review"
    parameter_name = "review"
    choices_made = {
        "awaiting": ("Awaiting review", AWAITING),
        "approved": (
            "Approved, not yet published",
            REVIEWABLE & ~AWAITING & Q(verdict=Verdict.APPROVE),
        ),
        "changes": (
            "Changes requested",
            REVIEWABLE & ~AWAITING & Q(verdict=Verdict.REQUEST_CHANGES),
        ),
    }


class AreaFilter(admin.SimpleListFilter):
    title = "area"
    parameter_name = "area"

    def lookups(self, request, model_admin):
        return Area.choices

    def queryset(self, request, queryset):
        return queryset.filter(areas__contains=[self.value()]) if self.value() else queryset
