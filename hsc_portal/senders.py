"""Where a request comes from. It is only ever counted by, as a hash, and never shown."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# Who has one address of this network has them all.
IPV6_NETWORK = 64


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
