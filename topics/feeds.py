"""What is new as Atom feeds: of everything that filters let through, and of one topic."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.feedgenerator import Atom1Feed

from hsc_portal import mail
from hsc_portal.pages import html, origin
from hsc_portal.xml_text import writable
from topics.models import Event
from topics.news import News, tell

ENTRIES = 50
# A tag names things for ever in the space of whoever had the host at that time (RFC 4151).
TAGGED_IN = 2026


class NewsFeed(Feed):
    """The newest of some events, in English. `address` is the page that shows the same.

    It has one address, which names no other language; those in it are the same for everybody.
    """

    feed_type = Atom1Feed
    language = "en"
    author_name = "HSC Portal"
    feed_copyright = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

    def __init__(self, events: QuerySet[Event], title: str, subtitle: str, address: str):
        self.events = events
        self.title, self.subtitle, self.address = writable(title), subtitle, address

    def atom(self, request: HttpRequest, own_address: str) -> str:
        """Return the feed as the XML of Atom 1.0, read with two queries.

        `own_address` is its path with what it understands of the query: what else somebody put
        behind it makes no other feed.
        """
        self.origin = origin(request)
        self.own_address = own_address
        return self.get_feed(None, request).writeString("utf-8")

    def link(self) -> str:
        return self.address

    def feed_url(self) -> str:
        return self.own_address

    def feed_guid(self) -> str:
        return tag(self.origin, self.own_address)

    def items(self) -> list[News]:
        return tell(self.events[:ENTRIES])

    def item_title(self, item: News) -> str:
        return writable(f"{item.label}: {item.title}")

    def item_description(self, item: News) -> str:
        return writable(html("topics/news/entry.html", {"item": item}))

    def item_link(self, item: News) -> str:
        return item.permanent

    def item_guid(self, item: News) -> str:
        return tag(self.origin, f"events/{item.id}")

    def item_pubdate(self, item: News):
        return item.at

    # An event never changes.
    item_updateddate = item_pubdate

    def item_categories(self, item: News) -> list[str]:
        return [str(item.change.label), *item.topics]


def tag(origin: str, name: str) -> str:
    """Return the name of a thing for ever (RFC 4151), the same whichever host was asked.

    It is in the space of the portal's own address; `origin`, as it was asked for, counts only
    where nobody set one.
    """
    host = urlsplit(settings.SITE_URL).hostname
    if settings.SITE_URL == mail.UNSET:
        host = urlsplit(origin).hostname
    return f"tag:{_authority(host)},{TAGGED_IN}:{name.lstrip('/')}"


def _authority(host: str) -> str:
    """Return a host as a tag can name it, which holds no colons."""
    try:
        return ipaddress.ip_address(host).exploded.replace(":", "-")
    except ValueError:
        return host
