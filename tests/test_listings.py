"""Listings: derived from the editions, and the same whenever they are made again."""

import pytest
from django.core.management import call_command
from pages_data import author, publish_unreviewed, unreviewed

from references.models import Partner
from tests import clinic
from therapies.models import ListedIndication
from topics import listings, publishing
from topics.models import ListedCode, Listing, Statement, StatementCitation

pytestmark = pytest.mark.django_db
DERIVED = (Listing, ListedCode, Statement, StatementCitation, ListedIndication)


def all_rows():
    """Return every derived row, with statements and citations named by what they say."""

    def told(model):
        rows = model.objects.values()
        if model is StatementCitation:
            rows = model.objects.values("statement__anchor", "statement__listing", "reference",
                                        "position", "locator")  # fmt: skip
        return sorted(
            ({name: value for name, value in row.items() if name != "id"} for row in rows), key=str
        )

    return {model.__name__: told(model) for model in DERIVED}


@pytest.fixture
def clinic_of_five():
    cell = {"scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "SAA",
            "status": "new", "option": "MSD", "category": "S", "source": "Table 2",
            "references": ["petit2002"]}  # fmt: skip
    agent = clinic.draft(clinic.agent())
    complication = clinic.draft(clinic.complication())
    condition = clinic.draft(clinic.condition(tables={"indications": [cell]}))
    therapy = clinic.draft(
        clinic.therapy(
            relations=[{"kind": "treats", "target": "aplastic-anemia"}],
            codes=[{"system": "MeSH", "code": "D014184", "match": "exact"}],
            tables={
                "agents": [{"agent": "filgrastim", "role": "growth-factor"}],
                "risks": [{"complication": "acute-gvhd"}],
            },
        )
    )
    overview = clinic.draft()
    topics = [agent, complication, condition, therapy, overview]
    clinic.publish_unreviewed(*topics)
    return topics


def test_rebuilding_gives_exactly_the_same_rows(clinic_of_five):
    before = all_rows()
    assert all(before.values())
    call_command("rebuild_listings", verbosity=0)
    assert all_rows() == before


def test_rebuilding_mends_what_was_damaged(clinic_of_five):
    before = all_rows()
    Statement.objects.all().delete()
    Listing.objects.update(title="damaged", links={}, related=[])
    listings.rebuild()
    assert all_rows() == before


def test_rebuilding_leaves_withdrawn_topics_and_drafts_out(clinic_of_five):
    clinic.draft(clinic.overview("never-published"))
    publishing.withdraw(clinic_of_five[4], actor=clinic.editor(), reason="x")
    assert listings.rebuild() == 4
    assert not Listing.objects.filter(slug__in=["mobilization", "never-published"]).exists()


def test_facets_come_from_the_published_document(clinic_of_five):
    listing = Listing.objects.get(slug="transplantation")
    assert listing.facets == {
        "category": ["transplantation"],
        "graft_origin": ["allogeneic"],
        "agent": ["filgrastim"],
        "condition": ["aplastic-anemia"],
        "complication": ["acute-gvhd"],
        "reference": ["duhrsen1988", "petit2002"],
        # For editors; the API leaves it out.
        "uncited_rows": ["agents, row 1: filgrastim, growth-factor", "risks, row 1: acute-gvhd"],
    }
    assert listing.certainties == {"high": 1, "ungraded": 2}
    assert (listing.statement_count, listing.uncited_count) == (3, 1)
    assert Listing.objects.get(slug="aplastic-anemia").facets["scheme"] == ["EBMT 2022"]


def test_relations_are_shown_from_both_ends(clinic_of_five):
    therapy = {"slug": "transplantation", "title": "Transplantation", "kind": "therapy"}
    condition = {"slug": "aplastic-anemia", "title": "Aplastic anemia", "kind": "condition"}
    assert Listing.objects.get(slug="transplantation").related == [
        {"label": "Treats", "topics": [condition]}
    ]
    assert Listing.objects.get(slug="aplastic-anemia").related == [
        {"label": "Treated by", "topics": [therapy]}
    ]


def test_a_new_title_reaches_the_neighbours_with_its_publication(clinic_of_five):
    stamp = Listing.objects.get(slug="transplantation").stamp
    condition = clinic_of_five[2]
    clinic.edit(condition, title="Severe aplastic anemia")
    neighbour = Listing.objects.get(slug="transplantation")
    assert neighbour.links["aplastic-anemia"]["title"] == "Aplastic anemia"
    clinic.approve(condition)
    publishing.publish(condition, publisher=clinic.editor(), change_note="Title")
    neighbour = Listing.objects.get(slug="transplantation")
    assert neighbour.links["aplastic-anemia"]["title"] == "Severe aplastic anemia"
    assert neighbour.stamp != stamp


def test_a_withdrawn_topic_disappears_from_its_neighbours_and_comes_back(clinic_of_five):
    condition = clinic_of_five[2]
    publishing.withdraw(condition, actor=clinic.editor(), reason="x")
    neighbour = Listing.objects.get(slug="transplantation")
    assert neighbour.links["aplastic-anemia"] is None
    assert neighbour.related == []
    clinic.approve(condition)
    publishing.publish(condition, publisher=clinic.editor(), change_note="Back")
    assert Listing.objects.get(slug="transplantation").related


def test_partners_are_shown_once_the_links_are_refreshed(clinic_of_five):
    topic = clinic_of_five[4]
    partner = Partner.objects.create(name="A network", slug="network", url="https://example.org/")
    topic.partners.add(partner)
    listings.refresh_links({topic.pk})
    listing = Listing.objects.get(slug="mobilization")
    assert listing.partners == [
        {"name": "A network", "url": "https://example.org/", "slug": "network"}
    ]


def test_publishing_costs_the_same_queries_with_few_and_many_topics(django_assert_num_queries):
    """The listing of one topic must not depend on how many others there are."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(slug):
        topic = clinic.draft(clinic.overview(slug))
        clinic.loader()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            clinic.publish_unreviewed(topic)
        return len(queries)

    first = cost("first")
    clinic.publish_unreviewed(*(clinic.draft(clinic.overview(f"t-{n}")) for n in range(30)))
    assert cost("last") == first


def test_a_relation_that_is_dropped_goes_from_the_other_end_too():
    far = unreviewed("far", title="Far")
    near = unreviewed("near", title="Near", relations=[{"kind": "related", "target": "far"}])
    assert "near" in str(Listing.objects.get(topic=far).related)

    near.relations.all().delete()
    publishing.save_revision(near, author=author())
    publish_unreviewed(near)
    assert Listing.objects.get(topic=far).related == []
