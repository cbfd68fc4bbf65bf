"""Finding the addresses outside the portal that readers are led to by what is published now."""

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urldefrag

from django.core.exceptions import ValidationError
from django.db import transaction
from markdown_it.token import Token

from references import shown
from topics import documents, statements
from topics.models import LinkCheck, Listing

LONGEST = 1000
ROWS = 50


@transaction.atomic
def collect() -> int:
    """Write down which addresses there are, and which topics lead there. Return how many."""
    found = _addresses()
    LinkCheck.objects.exclude(url__in=found).delete()
    LinkCheck.objects.bulk_create((LinkCheck(url=url) for url in found), ignore_conflicts=True)
    numbers = dict(LinkCheck.objects.values_list("url", "pk"))
    through = LinkCheck.topics.through
    through.objects.all().delete()
    through.objects.bulk_create(
        (
            through(linkcheck_id=numbers[url], topic_id=topic)
            for url, topics in found.items()
            for topic in sorted(topics)
        ),
        batch_size=5000,
    )
    return len(found)


def of_document(document: dict) -> Iterator[str]:
    """Yield the addresses in the text of a Document and of the publications that it cites."""
    for section in document.get("sections", []):
        yield from _of_markdown(section["body"])
    for item in document["references"]:
        yield from (link["address"] for link in shown.links(item))


def _addresses() -> dict[str, set[int]]:
    """Return the numbers of the published topics that lead to each address."""
    found = defaultdict(set)
    listings = Listing.objects.select_related("edition__revision").only("edition__revision__text")
    for listing in listings.order_by("pk").iterator(ROWS):
        for url in of_document(documents.read(listing.edition.revision.document)):
            # PostgreSQL cannot keep a zero byte; nothing is at such an address.
            if (address := _address(url)) and len(address) <= LONGEST and "\0" not in address:
                found[address].add(listing.pk)
    return found


def _address(url: str) -> str:
    """Return an address without the place in its page, "" for what is no address."""
    try:
        return urldefrag(url).url
    except ValueError:
        return ""


def _of_markdown(body: str) -> Iterator[str]:
    try:
        tokens, _ = statements.parse_markdown(body)
    except ValidationError:
        # Written for an older reader of Markdown; the page shows it without links.
        return
    for token in tokens:
        yield from (href for each in token.children or [] if (href := _href(each)))


def _href(token: Token) -> str:
    href = str(token.attrs.get("href", "")) if token.type == "link_open" else ""
    return href if href.lower().startswith(("http://", "https://")) else ""
