"""What of the API will go, told to those who use it long before (RFC 9745 and RFC 8594).

The policy is in docs/api.md: within /api/v1/ nothing is taken away or changes its meaning, but for
a fault that could harm a patient. What a later version has no more answers for at least a year with
the headers `Deprecation` and `Sunset`, and a link that tells what to use in its place.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.http import http_date


@dataclass(frozen=True)
class Deprecated:
    """Since when an address is not to be used anew, when it will go at the earliest, and why."""

    since: datetime
    sunset: datetime
    explained_at: str

    def __post_init__(self):
        if (self.sunset - self.since).days < 365:
            raise ValueError("What is deprecated goes on for a year at least.")

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.sunset.timestamp()),
        }


# By the name of the route. There is none yet.
DEPRECATED: dict[str, Deprecated] = {}


def told(view_name: str) -> Deprecated | None:
    return DEPRECATED.get(view_name.removeprefix("api:"))
