"""`as_of`: what the API said at a moment, exactly."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.api_data import cell, document, myeloma, publish, read, section, user, withdraw
from topics import publishing
from topics.models import Edition


@pytest.fixture
def history(db):
    """Return moments: before anything, after the first edition, after the second."""
    before = timezone.now()
    publish(
        myeloma(),
        document(
            "overview", "niche", sections=[section("Old words. [@copelan2006]{#a}\n\nStays.{#b}")]
        ),
    )
    first = timezone.now()
    rows = [cell("AUTO", category="D")]
    publish(
        myeloma() | {"tables": {"indications": rows}},
        document(
            "overview",
            "niche",
            title="Niche anew",
            sections=[section("New words. [@copelan2006]{#a}\n\nStays.{#b}")],
        ),
        document("agent", "plerixafor", facts={"drug_class": "CXCR4 antagonist"}),
    )
    return {"before": before, "first": first, "second": timezone.now()}


def at(moment) -> str:
    return f"as_of={moment.isoformat().replace('+00:00', 'Z')}"


def test_a_topic_is_answered_with_the_edition_of_that_moment(client, history):
    then = read(client, f"topics/niche/?{at(history['first'])}")
    now = read(client, f"topics/niche/?{at(history['second'])}")

    assert (then["edition"]["number"], then["edition"]["status"]) == (1, "superseded")
    assert then["document"]["sections"][0]["statements"][0]["text"] == "Old words."
    assert (now["edition"]["number"], now["title"]) == (2, "Niche anew")
    assert (
        read(client, f"conditions/multiple-myeloma/?{at(history['first'])}")["edition"]["number"]
        == 1
    )


def test_before_it_was_published_it_is_not_there(client, history):
    problem = read(client, f"topics/niche/?{at(history['before'])}", 404)

    assert problem["first_published_at"]
    assert problem["history"].endswith("/topics/niche/editions/")


def test_while_it_was_withdrawn_it_is_gone_and_before_it_is_there(client, history):
    withdraw(Edition.objects.filter(revision__topic__slug="niche").last().topic, "Wrong dose")
    problem = read(client, f"topics/niche/?{at(timezone.now())}", 410)

    assert problem["reason"] == "Wrong dose"
    assert read(client, f"topics/niche/?{at(history['second'])}")["edition"]["number"] == 2


def test_the_list_is_that_of_the_moment(client, history):
    then = read(client, f"topics/?{at(history['first'])}")
    now = read(client, f"topics/?{at(history['second'])}")
    never = read(client, f"topics/?{at(history['before'])}")

    assert {row["title"] for row in then["results"]} == {"Multiple myeloma", "Niche"}
    assert {row["title"] for row in now["results"]} == {
        "Multiple myeloma",
        "Niche anew",
        "Plerixafor",
    }
    assert never["count"] == 0
    assert all("/editions/1/" in row["url"] for row in then["results"])
    assert [
        row["kind"]
        for row in read(client, f"topics/?kind=agent&{at(history['second'])}")["results"]
    ] == ["agent"]
    assert read(client, f"agents/?{at(history['first'])}")["count"] == 0


def test_statements_and_cells_are_those_of_the_moment(client, history):
    then, now = at(history["first"]), at(history["second"])

    texts = [row["text"] for row in read(client, f"statements/?topic=niche&{then}")["results"]]
    assert texts == ["Old words.", "Stays."]
    one = read(client, f"statements/niche/a/?{then}")
    assert one["text"] == "Old words."
    assert one["html_url"].endswith("/topics/niche/editions/1/#a")
    assert read(client, f"statements/niche/a/?{now}")["text"] == "New words."
    cells = read(client, f"indications/?condition=multiple-myeloma&{then}")
    assert cells["count"] == 3
    assert [
        row["category"]
        for row in read(client, f"indications/?condition=multiple-myeloma&{now}")["results"]
    ] == ["D"]


def test_what_is_new_since_a_moment(client, history):
    def texts(moment) -> set[str]:
        rows = read(client, f"statements/?changed_since={at(moment).removeprefix('as_of=')}")
        return {row["text"] for row in rows["results"]}

    assert texts(history["second"]) == set()
    assert texts(history["first"]) == {"New words.", "Plerixafor is taught to every fellow."}
    assert "Stays." in texts(history["before"])


def test_an_old_address_still_leads_to_the_past(client, history):
    topic = Edition.objects.filter(revision__topic__slug="niche").last().topic
    topic.slug = "corner"
    topic.save()
    publishing.save_revision(topic, author=user("Author"))
    publishing.publish_unreviewed([topic], publisher=user("Content loader"), change_note="Renamed")

    rows = read(client, f"statements/?topic=niche&{at(history['first'])}")["results"]
    assert rows[0]["text"] == "Old words."


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("topics/?as_of=yesterday", "as_of"),
        ("topics/?as_of=2026-13-01", "as_of"),
        ("topics/?as_of=9999-12-31", "as_of"),
        ("topics/?as_of=2020-01-01&q=x", "q"),
        ("topics/?as_of=2020-01-01&kind=drug", "kind"),
        ("statements/?as_of=2020-01-01", "topic"),
        ("indications/?as_of=2020-01-01", "condition"),
        ("statements/?as_of=2020-01-01&topic=nothing", "topic"),
        ("statements/?changed_since=soon", "changed_since"),
        ("topics/niche/?as_of=2020", "as_of"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(client, history, query, parameter):
    assert [error["parameter"] for error in read(client, query, 400)["errors"]] == [parameter]


def test_a_day_counts_to_its_end(client, history):
    today = timezone.now().date()

    assert read(client, f"topics/niche/?as_of={today}")["edition"]["number"] == 2
    yesterday = today - timedelta(days=1)
    read(client, f"topics/niche/?as_of={yesterday}", 404)
