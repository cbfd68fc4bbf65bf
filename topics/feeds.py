"""What is new as Atom feeds: of everything that filters let through, and of one topic."""

import re

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.feedgenerator import Atom1Feed

from hsc_portal.pages import html
from topics.models import Event
from topics.news import News, tell

ENTRIES = 50
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
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
        self.title, self.subtitle, self.address = _xml_safe(title), subtitle, address

    def atom(self, request: HttpRequest, own_address: str) -> str:
        """Return the feed as the XML of Atom 1.0, read with two queries.

        `own_address` is its path with what it understands of the query: what else somebody put
        behind it makes no other feed.
        """
        self.host = request.get_host().partition(":")[0]
        self.own_address = own_address
        return self.get_feed(None, request).writeString("utf-8")

    def link(self) -> str:
        return self.address

    def feed_url(self) -> str:
        return self.own_address

    def feed_guid(self) -> str:
        return self._tag(self.own_address)

    def items(self) -> list[News]:
        return tell(self.events[:ENTRIES])

    def item_title(self, item: News) -> str:
        return _xml_safe(f"{item.label}: {item.title}")

    def item_description(self, item: News) -> str:
        return _xml_safe(html("topics/news/entry.html", {"item": item}))

    def item_link(self, item: News) -> str:
        return item.permanent

    def item_guid(self, item: News) -> str:
        return self._tag(f"events/{item.id}")

    def item_pubdate(self, item: News):
        return item.at

    # An event never changes.
    item_updateddate = item_pubdate

    def item_categories(self, item: News) -> list[str]:
        return [str(item.change.label), *item.topics]

    def _tag(self, name: str) -> str:
        return f"tag:{self.host},{TAGGED_IN}:{name.lstrip('/')}"


def _xml_safe(text: str) -> str:
    """Return a text without the control characters that XML cannot hold; pasted texts have some."""
    return _NOT_IN_XML.sub(" ", text)
