"""How often somebody may do something: counted in the database, so that all servers count together.

What is kept, for a day at most, is a hash that only the portal's secret can link to whom it counts.
"""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from topics.models import ReportSender

LONGEST = timedelta(days=1)
# Who has one address of this network has them all.
IPV6_NETWORK = 64


def allow(purpose: str, who: str, *, limit: int, within: timedelta) -> bool:
    """Count one more try of somebody for a purpose, and return whether it is within the limit.

    Of several at the very same moment one too many may pass.
    """
    secret = salted_hmac("topics.throttle", f"{purpose}\0{who}", algorithm="sha256")
    now = timezone.now()
    tries = ReportSender.objects.filter(address_hash=secret.hexdigest())
    if tries.filter(sent_at__gt=now - within).count() >= limit:
        return False
    tries.create(address_hash=secret.hexdigest(), sent_at=now)
    return True


def forget() -> None:
    """Delete what is too old to count."""
    ReportSender.objects.filter(sent_at__lt=timezone.now() - LONGEST).delete()


def sender(request: HttpRequest) -> str:
    """Return the network address that a request came from.

    Behind a web server of our own that is the last one in X-Forwarded-For; those before it can be
    made up.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_HTTPS:
        address = request.headers.get("X-Forwarded-For", address).rpartition(",")[2].strip()
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False))
    return str(found)
