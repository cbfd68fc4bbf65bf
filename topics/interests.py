"""What reviewers declared of their interests, and until when they need not write it anew."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from topics.models import Review

VALID = timedelta(days=365)


@dataclass(frozen=True)
class Declaration:
    text: str
    made_at: datetime

    @property
    def made_on(self) -> date:
        return self.made_at.date()

    @property
    def is_valid(self) -> bool:
        return timezone.now() - self.made_at < VALID


def last_declared(reviewer) -> Declaration | None:
    """Return the last declaration of a reviewer, read from the reviews that they gave.

    The same words in a later review are the old declaration taken over, so they do not prolong it;
    once it is no longer valid they were written anew.
    """
    last = None
    given = Review.objects.filter(reviewer=reviewer).order_by("created_at", "pk")
    for text, at in given.values_list("interests", "created_at"):
        if last is None or text != last.text or at - last.made_at >= VALID:
            last = Declaration(text, at)
    return last


def told(last: Declaration | None) -> str:
    """Return in words what a reviewer has to do about the field of interests."""
    if last is None:
        return "You have not declared any yet."
    on = f"{last.made_on:%d %B %Y}".lstrip("0")
    if last.is_valid:
        return f"Taken over from your declaration of {on}. Mend it if anything changed."
    return f"Your declaration of {on} is older than a year. Write it anew."
