"""Partners on topic pages. Readers see them at once: they are no part of the reviewed text."""

from django.db import transaction

from references.models import Partner
from topics import listings
from topics.models import Topic


@transaction.atomic
def partner_changed(partner: Partner) -> None:
    """Bring the name and address of a partner up to date wherever readers see them."""
    listings.refresh_links(_topics_of(partner))


@transaction.atomic
def pair(topic: Topic, partners) -> None:
    """Make these the partners of a topic."""
    topic.partners.set(partners)
    listings.refresh_links({topic.pk})


@transaction.atomic
def remove(partner: Partner) -> None:
    """Delete a partner, and take it from the pages of its topics."""
    topics = _topics_of(partner)
    partner.delete()
    listings.refresh_links(topics)


def _topics_of(partner: Partner) -> set[int]:
    return set(partner.topics.values_list("pk", flat=True))
