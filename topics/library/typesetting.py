"""What current editions cite, typeset in all styles before readers ask for it.

Readers' pages write nothing: what is missing they set anew, each process for itself, at ten to
fifty milliseconds a publication. So the worker sets it soon after topics were published, and once a
day, for whatever changed meanwhile.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from references import typesetting
from references.models import Reference
from references.styles import STYLES
from topics import documents
from topics.models import Edition

EVERY = timedelta(days=1)
# The worker has other things to do too.
SECONDS = 10


def is_due() -> bool:
    """Return whether something was published since this was begun last, or a day has passed."""
    current = Edition.objects.filter(listing__isnull=False)
    begun = DBTaskResult.objects.filter(task_path=typeset_cited.module_path)
    last = begun.order_by("-enqueued_at").values_list("enqueued_at", flat=True).first()
    if last and last > timezone.now() - EVERY:
        current = current.filter(published_at__gt=last)
    return current.exists()


@task()
def typeset_cited() -> int:
    """Set what is missing, for some seconds, and queue the rest. Return how many were set."""
    count, is_done = typeset(seconds=SECONDS)
    if not is_done:
        typeset_cited.enqueue()
    return count


def typeset(*, seconds: float | None = None) -> tuple[int, bool]:
    """Set what current editions cite in all styles, the default first, until the time is over.

    Return how many were set, and whether nothing is missing any more.
    """
    until = timezone.now() + timedelta(seconds=seconds) if seconds else None
    count = 0
    for style in STYLES:
        for items in _cited_by_edition():
            count += typesetting.fill(items, style)
            # Not before something was set: else a task might never get to what is missing.
            if count and until and timezone.now() > until:
                return count, False
    return count, True


def _cited_by_edition() -> Iterator[list[dict]]:
    """Yield what each edition prints: its own words, and the publications that others became."""
    kept = Reference.objects.filter(merged__isnull=False).distinct()
    yield list(kept.values_list("csl", flat=True))
    current = Edition.objects.filter(listing__isnull=False).select_related("revision")
    for edition in current.order_by("pk").iterator(chunk_size=100):
        yield documents.read(edition.revision.document)["references"]
