"""Reads the API of HSC Portal, and keeps a proven copy of its content in SQLite.

    from hsc_portal_client import Client

    portal = Client("https://portal.example.org")
    for hit in portal.search("when does SOS appear")["statements"]:
        print(hit["statement"]["text"], hit["statement"]["html_url"])

Everything here needs the standard library only.
"""

from hsc_portal_client.client import Client
from hsc_portal_client.errors import (
    ClientError,
    Gone,
    LogIsShorter,
    NotFound,
    NotProven,
    Problem,
    Unreachable,
)
from hsc_portal_client.replica import Replica

__version__ = "1.0.0"
__all__ = [
    "Client", "ClientError", "Gone", "LogIsShorter", "NotFound", "NotProven", "Problem", "Replica",
    "Unreachable",
]  # fmt: skip
