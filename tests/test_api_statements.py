"""/api/v1/statements/ and /api/v1/statements/<topic>/<anchor>/"""

from tests.api_data import (
    HOST,
    PUBLICATIONS,
    document,
    publish,
    read,
    retract,
    withdraw,
)


def test_a_statement_has_this_shape(client, library):
    statement = read(client, "statements/stem-cell-mobilization/days/")

    reference = {
        "url": f"{HOST}/api/v1/references/copelan2006/",
        "key": "copelan2006",
        "title": "Hematopoietic stem-cell transplantation",
        "year": 2006,
        "status": "current",
        "csl": PUBLICATIONS[0],
    }
    assert statement == {
        "url": f"{HOST}/api/v1/statements/stem-cell-mobilization/days/",
        "html_url": f"{HOST}/topics/stem-cell-mobilization/#days",
        "permanent_url": f"{HOST}/topics/stem-cell-mobilization/editions/1/#days",
        "anchor": "days",
        "text": "G-CSF moves cells into the blood.",
        "section": "mechanism",
        "section_heading": "How does it work?",
        "certainty": "high",
        "awaiting_check": False,
        "citations": [{**reference, "locator": ""}, {**reference, "locator": "p. 2"}],
        "topic": {
            "url": f"{HOST}/api/v1/topics/stem-cell-mobilization/",
            "slug": "stem-cell-mobilization",
            "title": "Stem cell mobilization",
            "kind": "overview",
        },
        "edition": f"{HOST}/api/v1/topics/stem-cell-mobilization/editions/1/",
        "review_status": "not yet reviewed by a clinician",
    }


def test_the_list_has_the_same_rows_in_reading_order(client, library):
    rows = read(client, "statements/?topic=stem-cell-mobilization")["results"]

    assert [row["text"] for row in rows] == [
        "G-CSF moves cells into the blood.",
        "See plerixafor.",
        "Bone pain is common.",
    ]
    assert rows[0] == read(client, "statements/stem-cell-mobilization/days/")


def test_a_retraction_shows_at_once(client, library):
    retract("copelan2006")

    statement = read(client, "statements/stem-cell-mobilization/days/")

    assert {cited["status"] for cited in statement["citations"]} == {"retracted"}


def test_what_is_not_there_is_said_as_it_is(client, library):
    topic = publish(document("overview", "old-advice"))[0]
    anchor = read(client, "statements/?topic=old-advice")["results"][0]["anchor"]
    withdraw(topic)

    read(client, f"statements/old-advice/{anchor}/", 410)
    read(client, "statements/stem-cell-mobilization/nothing/", 404)
    read(client, "statements/nothing/days/", 404)
