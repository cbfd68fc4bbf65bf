"""`as_of` with what an answer leads to: nothing in it may be of another time."""

import csv

import pytest
from django.utils import timezone

from tests.api_data import cell, document, myeloma, publish, read, section, user
from topics import publishing
from topics.models import Topic

CODE = {"system": "MeSH", "code": "D018380", "match": "exact"}


def words(text: str) -> dict:
    return {"sections": [section(f"{text} [@copelan2006]{{#a}}")]}


@pytest.fixture
def then(db) -> str:
    """Return the moment between two states of a topic that was renamed and a grid that changed."""
    old = cell("AUTO", category="S", awaiting_check=True)
    publish(
        document("overview", "niche", title="Niche", codes=[CODE], **words("Old words.")),
        myeloma() | {"tables": {"indications": [old]}},
    )
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    publish(
        document("overview", "niche", title="Niche anew", **words("New words.")),
        myeloma() | {"tables": {"indications": [cell("AUTO", category="D")]}},
    )
    topic = Topic.objects.get(slug="niche")
    topic.slug = "corner"
    topic.save()
    publishing.save_revision(topic, author=user("Author"))
    publishing.publish_unreviewed([topic], publisher=user("Content loader"), change_note="Moved")
    return f"as_of={moment}"


def rows(client, path: str) -> list[dict]:
    return read(client, path)["results"]


def test_a_document_that_is_asked_for_with_a_list_is_of_then(client, then):
    row = rows(client, f"topics/?kind=overview&expand=document&{then}")[0]

    assert (row["title"], row["document"]["title"]) == ("Niche", "Niche")
    assert row["html_url"].endswith("/topics/niche/editions/1/")


def test_a_topic_that_is_asked_for_with_its_statements_is_of_then(client, then):
    (row,) = rows(client, f"statements/?topic=niche&expand=topic&{then}")

    assert row["text"] == "Old words."
    assert (row["topic"]["title"], row["topic"]["edition"]) == ("Niche", 1)
    assert row["topic"]["url"] == row["edition"]


def follow(client, url: str) -> tuple[str, dict]:
    """Return what an address answers that has moved once, with the new one."""
    moved = client.get(url)
    assert moved.status_code == 301
    answer = client.get(moved["Location"])
    assert answer.status_code == 200, answer.content
    return moved["Location"], answer.json()


def test_an_old_address_leads_to_the_same_moment_at_the_new_one(client, then):
    there, whole = follow(client, f"/api/v1/topics/niche/?{then}&fields=title")

    assert there.endswith(f"/topics/corner/?{then}&fields=title")
    assert whole == {"title": "Niche"}


def test_the_address_of_a_statement_of_then_answers_as_then(client, then):
    (row,) = rows(client, f"statements/?topic=corner&{then}")

    assert follow(client, row["url"])[1]["text"] == "Old words."


def test_a_cell_of_then_leads_to_itself(client, then):
    (row,) = rows(client, f"indications/?condition=multiple-myeloma&expand=condition&{then}")

    assert (row["category"], row["awaiting_check"]) == ("S", True)
    assert row["condition"]["edition"] == 1
    assert client.get(row["url"]).json()["category"] == "S"
    now = row["url"].split("?")[0]
    assert client.get(now).json()["category"] == "D"


def test_the_table_and_the_comparison_are_of_then(client, then):
    query = f"condition=multiple-myeloma&{then}"
    (line,) = csv.DictReader(
        client.get(f"/api/v1/indications.csv?{query}").content.decode().splitlines()
    )
    compared = read(client, f"indications/compare/?{query}")["options"][0]["schemes"][0]["cells"]

    assert (line["category"], line["awaiting_check"]) == ("S", "true")
    assert [each["category"] for each in compared] == ["S"]


def test_a_code_leads_to_the_topics_that_had_it(client, then):
    (row,) = rows(client, f"codes/?code=d018380&{then}")

    assert (row["topic"]["title"], row["verified"]) == ("Niche", True)
    assert row["topic"]["url"].endswith("/topics/niche/editions/1/")
    assert rows(client, "codes/?code=d018380") == []
    assert rows(client, f"codes/?code=d018380&system=atc&{then}") == []


def test_simple_filters_hold_of_then(client, then):
    cells = f"indications/?condition=multiple-myeloma&{then}"

    assert len(rows(client, f"{cells}&category=S&awaiting_check=true")) == 1
    assert rows(client, f"{cells}&category=D") == []
    assert rows(client, f"statements/?topic=niche&cited=false&{then}") == []


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("statements/?topic=niche&topic=corner", "topic"),
        ("statements/?topic=%00", "topic"),
        ("indications/?condition=%00", "condition"),
        ("indications/?condition=niche", "condition"),
        ("indications/?condition=multiple-myeloma&disease=x", "disease"),
        ("indications.csv?scheme=EBMT", "condition"),
        ("codes/?system=mesh", "code"),
    ],
)
def test_what_cannot_be_asked_of_then_is_named(client, then, path, parameter):
    errors = read(client, f"{path}&{then}", 400)["errors"]

    assert [error["parameter"] for error in errors] == [parameter]


def test_a_moment_is_given_once(client, then):
    errors = read(client, f"topics/?{then}&{then}", 400)["errors"]

    assert errors == [{"parameter": "as_of", "detail": "Given more than once."}]


def test_a_topic_of_another_kind_was_not_there_either(client, then):
    read(client, f"agents/niche/?{then}", 404)
