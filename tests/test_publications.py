"""Relevant publications: what related topics cite, strongest first, with notices of today."""

import re

import pytest

from tests.pages_data import (
    author,
    document,
    draft,
    publication,
    publish_unreviewed,
    retract,
    section,
    withdraw,
)
from topics import documents, listings, publishing
from topics.models import Listing

pytestmark = pytest.mark.django_db


def cite(*keys: str) -> list[dict]:
    return [section("\n\n".join(f"Something of {key}. [@{key}]" for key in keys))]


def study(key: str, study_type: str):
    reference = publication(key)
    reference.study_type = study_type
    reference.save()
    return reference


def pair(own: list[str], near: list[str]):
    """Publish a topic and one that is part of it, with what each of them cites."""
    publish_unreviewed(
        draft("graft", sections=cite(*own)),
        draft("niche", sections=cite(*near), relations=[{"kind": "part_of", "target": "graft"}]),
    )


def shown(client, slug="graft") -> str:
    response = client.get(f"/topics/{slug}/")
    found = re.search(
        r'<section class="not-printed" aria-labelledby="relevant_publications">.*?</section>',
        response.content.decode(), re.S,
    )  # fmt: skip
    return " ".join(re.sub(r"<[^>]*>", " ", found.group()).split()) if found else ""


def keys(slug="graft") -> list[str]:
    return Listing.objects.get(slug=slug).publications


def test_they_are_cited_by_related_topics_and_not_here(client):
    for key in ("own2001", "both2002", "near2003"):
        publication(key)

    pair(own=["own2001", "both2002"], near=["both2002", "near2003"])

    assert "What near2003 found" in shown(client)
    assert "both2002" not in shown(client)
    assert "What own2001 found" in shown(client, "niche")


def test_the_strongest_come_first_then_what_most_cite_then_the_newest(client):
    kinds = {
        "old2001": "rct", "new2010": "rct", "much2000": "rct", "guide1999": "guideline",
        "sum2005": "systematic-review", "case2020": "case-report", "lab2021": "lab",
    }  # fmt: skip
    for key, kind in kinds.items():
        study(key, kind)
    publish_unreviewed(
        draft("graft"),
        *(
            draft(slug, sections=cite(*cited), relations=[{"kind": "related", "target": "graft"}])
            for slug, cited in (("niche", kinds), ("marrow", ["much2000"]))
        ),
    )

    assert keys() == ["guide1999", "sum2005", "much2000", "new2010", "old2001"]


def test_a_retraction_shows_at_once_and_makes_another_page(client):
    publication("own2001")
    near = publication("near2003")
    pair(own=["own2001"], near=["near2003"])
    before = client.get("/topics/graft/")
    assert "Retracted" not in shown(client)

    retract(near)

    assert "Retracted, notice of 4 May 2026" in shown(client)
    assert client.get("/topics/graft/")["ETag"] != before["ETag"]


def test_they_cost_no_further_query(client, django_assert_num_queries):
    publication("own2001")
    publication("near2003")
    pair(own=["own2001"], near=["near2003"])
    with django_assert_num_queries(2):
        assert shown(client)


def test_those_of_a_withdrawn_topic_go(client):
    publication("own2001")
    publication("near2003")
    pair(own=["own2001"], near=["near2003"])

    withdraw(Listing.objects.get(slug="niche").topic, "A figure was wrong")

    assert keys() == []
    assert not shown(client)


def test_they_come_out_the_same_when_listings_are_made_again():
    publication("own2001")
    publication("near2003")
    pair(own=["own2001"], near=["near2003"])
    before = keys()
    listings.rebuild()
    assert keys() == before == ["near2003"]


def test_a_past_edition_offers_none(client):
    publication("own2001")
    publication("near2003")
    pair(own=["own2001"], near=["near2003"])
    topic = Listing.objects.get(slug="graft").topic
    documents.load(document("graft", sections=cite("own2001"), summary="Said anew."))
    publishing.save_revision(topic, author=author())
    publish_unreviewed(topic, note="Said anew")
    path = "/topics/graft/editions/1/"
    assert "Relevant publications" not in client.get(path).content.decode()
