"""How often somebody may do something: counted in the database, so that all servers count together.

What is kept, for a day at most, is a hash that only the portal's secret can link to whom it counts.
"""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from hsc_portal.senders import sender as sender
from topics.models import ReportSender

LONGEST = timedelta(days=1)


def allow(purpose: str, who: str, *, limit: int, within: timedelta) -> bool:
    """Count one more try of somebody for a purpose, and return whether it is within the limit.

    Of several at the very same moment one too many may pass.
    """
    tries = _tries(purpose, who)
    now = timezone.now()
    if tries.filter(sent_at__gt=now - within).count() >= limit:
        return False
    tries.create(address_hash=_hash(purpose, who), sent_at=now)
    return True


def allow_slowing(purpose: str, who: str, *, free: int, pause: timedelta) -> bool:
    """Count one more try as `allow` does, for what strangers may ask for in somebody's name.

    Of a day's tries the first `free` pass as they come, and each further one only after a pause
    since the last that is longer by `pause` than the one before. So strangers can cause but few,
    and need not keep away for a day who means it. Only what passes is counted.
    """
    tries = _tries(purpose, who)
    now = timezone.now()
    lately = tries.filter(sent_at__gt=now - LONGEST)
    pauses = lately.count() - free + 1
    if pauses > 0 and lately.filter(sent_at__gt=now - pauses * pause).exists():
        return False
    tries.create(address_hash=_hash(purpose, who), sent_at=now)
    return True


def clear(purpose: str, who: str) -> None:
    """Count no longer what somebody did for a purpose: it was meant."""
    _tries(purpose, who).delete()


def forget() -> None:
    """Delete what is too old to count."""
    ReportSender.objects.filter(sent_at__lt=timezone.now() - LONGEST).delete()


def _tries(purpose: str, who: str) -> QuerySet[ReportSender]:
    return ReportSender.objects.filter(address_hash=_hash(purpose, who))


def _hash(purpose: str, who: str) -> str:
    return salted_hmac("topics.throttle", f"{purpose}\0{who}", algorithm="sha256").hexdigest()
