"""Where a topic stands on the way to the reader, in words, for lists and for the editor's bar."""

from django.contrib import admin
from django.db.models import Q

from topics.choices import Area, Verdict
from topics.standing import AWAITING, CHANGED, CHANGES_REQUESTED, REVIEWABLE, UNREVIEWED
from topics.standing import with_state as with_state

CHANGES_WANTED = "Changes requested"


def is_unpublished(topic) -> bool:
    return topic.latest_digest != topic.published_digest


def is_reviewable(topic) -> bool:
    """Return whether a review is of use: see REVIEWABLE."""
    return is_unpublished(topic) or not topic.reviewed_at


def needs_no_submission(topic) -> bool:
    """Return whether the latest text lies with a reviewer, or was approved by one."""
    return review_progress(topic) not in {"", CHANGES_WANTED}


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
    if topic.verdict == Verdict.APPROVE:
        return "Approved, not yet published"
    return CHANGES_WANTED if topic.verdict or _is_unanswered(topic) else ""


def _is_unanswered(topic) -> bool:
    """Return whether changes were requested of an earlier text, as CHANGES_REQUESTED has it."""
    is_refused = topic.last_verdict == Verdict.REQUEST_CHANGES
    return is_refused and not (topic.submitted_at and topic.submitted_at > topic.last_verdict_at)


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
            CHANGES_WANTED,
            CHANGES_REQUESTED,
        ),
    }


class AreaFilter(admin.SimpleListFilter):
    title = "area"
    parameter_name = "area"

    def lookups(self, request, model_admin):
        return Area.choices

    def queryset(self, request, queryset):
        return queryset.filter(areas__contains=[self.value()]) if self.value() else queryset
