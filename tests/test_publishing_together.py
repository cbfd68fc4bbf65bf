"""Many topics at once: the same as one by one, in hardly more statements."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import clinic
from topics import documents, publishing
from topics.models import Event, Listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return get_user_model().objects.create(username="bulk", first_name="Bulk", is_superuser=True)


def test_many_topics_cost_hardly_more_queries_than_few(user):
    """All that is written together is written in a few statements."""

    def cost(slugs) -> int:
        topics = [clinic.draft(clinic.overview(slug)) for slug in slugs]
        with CaptureQueriesContext(connection) as captured:
            publishing.publish_unreviewed(topics, publisher=user, change_note="Together")
        return len(captured)

    few = cost(["one", "two"])
    assert cost([f"more-{n}" for n in range(30)]) <= few


def test_published_together_is_published_as_one_by_one(user):
    clinic.library()
    made = [clinic.overview(f"topic-{n}", relations=[]) for n in range(4)]
    made[0]["relations"] = [{"kind": "related", "target": "topic-3"}]
    topics = documents.load_all(made)
    revisions = publishing.save_revisions(topics, author=user)
    editions = publishing.publish_unreviewed(topics, publisher=user, change_note="Together")

    assert [revision.topic_id for revision in revisions] == [topic.pk for topic in topics]
    assert [edition.revision_id for edition in editions] == [each.pk for each in revisions]
    told = Event.objects.filter(kind="published").values_list("edition", flat=True)
    assert list(told) == [edition.pk for edition in editions]
    assert Listing.objects.get(slug="topic-3").related[0]["topics"][0]["slug"] == "topic-0"
    # Nothing was changed, and nothing is saved again.
    assert publishing.save_revisions(topics[::-1], author=user) == revisions[::-1]


def test_one_fault_names_its_topic_and_publishes_nothing(user):
    topics = [clinic.draft(clinic.overview(slug)) for slug in ("good", "bad")]
    type(topics[1]).objects.filter(pk=topics[1].pk).update(title="Changed since")
    with pytest.raises(publishing.NotApproved, match="Changed since"):
        publishing.publish_unreviewed(topics, publisher=user, change_note="Together")
    assert not Listing.objects.exists()


def test_who_wrote_part_of_one_may_publish_none_as_reviewed():
    """Four eyes hold for each topic of many."""
    topics = [clinic.draft(clinic.overview(slug)) for slug in ("one", "two")]
    clinic.approve(topics[0])
    with pytest.raises(publishing.NotApproved, match="Nobody has approved “Two” yet"):
        publishing.publish_together(topics, publisher=clinic.editor(), change_note="Both")
    clinic.approve(topics[1])
    editions = publishing.publish_together(topics, publisher=clinic.editor(), change_note="Both")
    assert [edition.approved_by for edition in editions] == [clinic.reviewer()] * 2


def test_an_address_stays_with_its_topic(user):
    first = clinic.draft(clinic.overview("first"))
    publishing.publish_unreviewed([first], publisher=user, change_note="x")
    type(first).objects.filter(pk=first.pk).update(slug="moved")
    other = clinic.draft(clinic.overview("other"))
    # Past the check of the form.
    type(other).objects.filter(pk=other.pk).update(slug="first")
    publishing.save_revision(other, author=user)
    with pytest.raises(publishing.Invalid, match="“First” is published at “first”"):
        publishing.publish_unreviewed([other], publisher=user, change_note="x")
