"""How sure one can be of what is told: who reviewed it, and what happened to its sources since."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from references.models import Reference
from topics.api.serializers import REVIEWED, UNREVIEWED


def review(at: datetime | None, by: str, due: date | None) -> dict:
    """Return who reviewed an edition and when, and by when it is to be reviewed again."""
    return {
        "status": REVIEWED if at else UNREVIEWED,
        "by": by or None,
        "on": day(at),
        "next_due": day(due),
        "is_overdue": due is not None and due < timezone.localdate(),
    }


def warning(flag: dict) -> dict:
    """Return what is wrong with a publication now, from its columns."""
    return {
        "key": flag["key"],
        "status": flag["status"],
        "label": str(Reference.Status(flag["status"]).label),
        "on": day(flag["status_on"]),
        "notice": flag["status_notice"],
    }


def warnings(keys: Iterable[str]) -> dict[str, dict]:
    """Return warnings by key, of those publications of which there are some. One query."""
    found = Reference.objects.filter(key__in=set(keys)).exclude(status=Reference.Status.CURRENT)
    rows = found.order_by("key").values("key", "status", "status_on", "status_notice")
    return {row["key"]: warning(row) for row in rows}


def day(value: date | datetime | None) -> str | None:
    found = timezone.localdate(value) if isinstance(value, datetime) else value
    return found.isoformat() if found else None
