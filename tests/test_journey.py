"""The transplant journey: eight stops, each leading into its topic once that is published."""

import re

import pytest
from django.template.loader import render_to_string

from tests import clinic
from tests.pages_data import draft, publish_unreviewed, unreviewed
from topics import journey, publishing


def test_a_stop_without_a_published_topic_is_plain_text():
    stops = journey.along({"conditioning": ("making-room", "Making room")})
    html = render_to_string("charts/journey.html", {"journey": stops})
    assert re.findall(r'href="([^"]*)"', html) == ["/topics/making-room/"]
    assert '<a href="/topics/making-room/">Conditioning<span class="hidden">: Making room' in html
    assert [stop.name for stop in stops] == [
        "Evaluation", "Mobilization", "Collection", "Conditioning", "Infusion", "Engraftment",
        "Recovery", "Life after",
    ]  # fmt: skip
    assert html.count("<svg") == 8


@pytest.mark.django_db
def test_the_journey_follows_a_topic_to_its_new_address(django_assert_num_queries):
    engraftment = unreviewed("engraftment")
    engraftment.slug = "engraftment-of-the-graft"
    engraftment.save()
    publishing.save_revision(engraftment, author=clinic.author())
    draft("conditioning")
    publish_unreviewed(engraftment, note="Another address")
    with django_assert_num_queries(1):
        published = journey.published(journey.SLUGS)
    found = {stop.slug: stop.address for stop in journey.along(published)}
    assert found["engraftment"] == "/topics/engraftment-of-the-graft/"
    assert found["conditioning"] == ""
