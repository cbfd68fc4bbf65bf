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
        found = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return address
    # What listens for both kinds of address sees those of IPv4 like this, all in one network.
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.version == 6:
        return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False))
    return str(found)


def _without_port(address: str) -> str:
    """Return an address as some web servers do not write it: without a port, without brackets."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
