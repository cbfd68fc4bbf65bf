"""/api/v1/topics/<slug>/editions/ and /api/v1/topics/<slug>/editions/<n>/"""

import hashlib
import json

from tests.api_data import HOST, document, publish, publish_reviewed, read, withdraw
from topics import documents


def edition(text: str) -> dict:
    sections = [{"kind": "overview", "heading": "What is it?", "body": text}]
    return document("overview", "stem-cell-niche", sections=sections)


def test_the_history_lists_each_edition_newest_first(client, db):
    publish(edition("First."))
    publish_reviewed(edition("Second."))

    rows = read(client, "topics/stem-cell-niche/editions/")["results"]

    assert [row["number"] for row in rows] == [2, 1]
    assert [row["status"] for row in rows] == ["current", "superseded"]
    assert [row["review"]["reviewed"] for row in rows] == [True, False]
    assert [row["withdrawal"] for row in rows] == [None, None]
    assert list(rows[0]) == [
        "url", "number", "status", "digest", "hash", "previous_hash", "topic_id",
        "published_at", "published_by", "change_note", "review", "withdrawal",
    ]  # fmt: skip


def test_an_edition_keeps_its_document_for_ever(client, db):
    publish(edition("First."))
    before = read(client, "topics/stem-cell-niche/editions/1/")
    publish_reviewed(edition("Second."))
    after = read(client, "topics/stem-cell-niche/editions/1/")

    assert after["document"] == before["document"]
    assert after["document"]["sections"][0]["body"] == "First."
    assert before["edition"]["status"] == "current"
    assert after["edition"]["status"] == "superseded"
    assert after["url"] == f"{HOST}/api/v1/topics/stem-cell-niche/editions/1/"
    assert after["html_url"] == f"{HOST}/topics/stem-cell-niche/editions/1/"


def test_the_current_edition_is_the_topic(client, db):
    publish(edition("First."))

    assert read(client, "topics/stem-cell-niche/editions/1/") == read(
        client, "topics/stem-cell-niche/"
    )


def test_the_hash_can_be_proved_from_the_answer_alone(client, db):
    publish(edition("First."))
    publish_reviewed(edition("Second."))
    rows = read(client, "topics/stem-cell-niche/editions/")["results"]

    for row in rows:
        review = row["review"]
        parts = [
            row["previous_hash"], row["topic_id"], row["number"], row["digest"],
            review["by"] or "", in_utc(review["at"]), review["interests"] or "",
            row["published_by"], in_utc(row["published_at"]), row["change_note"],
        ]  # fmt: skip
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == row["hash"]
    assert rows[0]["previous_hash"] == rows[1]["hash"]


def in_utc(moment: str | None) -> str | None:
    return moment and moment.replace("Z", "+00:00")


def test_a_withdrawn_topic_keeps_its_history_and_says_so(client, db):
    topic = publish(edition("First."))[0]
    withdraw(topic, "A trial showed harm")

    row = read(client, "topics/stem-cell-niche/editions/")["results"][0]
    kept = read(client, "topics/stem-cell-niche/editions/1/")

    assert row["status"] == "withdrawn"
    assert row["withdrawal"]["reason"] == "A trial showed harm"
    assert kept["edition"]["status"] == "withdrawn"


def standing(client, number: int) -> tuple[str, str | None]:
    """Return status and reason of an edition, in which its own answer and the history agree."""
    detail = read(client, f"topics/stem-cell-niche/editions/{number}/")
    rows = read(client, "topics/stem-cell-niche/editions/")["results"]
    row = next(row for row in rows if row["number"] == number)
    assert row["status"] == detail["edition"]["status"]
    assert row["withdrawal"] == detail["withdrawal"]
    return row["status"], row["withdrawal"] and row["withdrawal"]["reason"]


def test_list_and_detail_say_the_same_of_each_edition(client, db):
    topic = publish(edition("First."))[0]
    withdraw(topic, "The first was wrong")
    assert standing(client, 1) == ("withdrawn", "The first was wrong")

    publish(edition("Second."))
    assert standing(client, 1) == ("withdrawn", "The first was wrong")
    assert standing(client, 2) == ("current", None)

    publish(edition("Third."))
    assert standing(client, 2) == ("superseded", None)

    # A topic takes all its editions with it, while it is withdrawn.
    withdraw(topic, "The third was wrong")
    assert standing(client, 1) == ("withdrawn", "The first was wrong")
    assert standing(client, 2) == ("withdrawn", "The third was wrong")
    assert standing(client, 3) == ("withdrawn", "The third was wrong")

    publish(edition("Fourth."))
    assert standing(client, 2) == ("superseded", None)
    assert standing(client, 3) == ("withdrawn", "The third was wrong")
    assert read(client, "topics/stem-cell-niche/")["withdrawal"] is None


def test_a_withdrawal_changes_the_etag_of_every_edition(client, db):
    topic = publish(edition("First."))[0]
    publish(edition("Second."))
    paths = [f"/api/v1/topics/stem-cell-niche/editions/{number}/" for number in (1, 2)]
    etags = [client.get(path)["ETag"] for path in paths]

    withdraw(topic)

    for path, etag in zip(paths, etags, strict=True):
        assert client.get(path, headers={"if-none-match": etag}).status_code == 200


def test_a_document_of_an_older_schema_still_has_its_digest(client, db, monkeypatch):
    publish(edition("First."))
    upgraded = {"title": "A title of the new schema", "schema": 2}
    monkeypatch.setattr(documents, "SCHEMA", 2)
    monkeypatch.setitem(documents.UPGRADES, 1, lambda document: {**document, **upgraded})

    answer = read(client, "topics/stem-cell-niche/")

    text = documents.canonical(answer["document"])
    assert documents.digest(text) == answer["edition"]["digest"]
    assert answer["document"]["schema"] == 1
    assert answer["title"] == "A title of the new schema"


def test_an_unknown_edition_is_not_found(client, db):
    publish(edition("First."))

    read(client, "topics/stem-cell-niche/editions/2/", 404)
    read(client, "topics/stem-cell-niche/editions/99999999999999999999/", 404)
    read(client, "topics/nothing/editions/", 404)
    read(client, "topics/nothing/editions/1/", 404)
    read(client, "topics/stem-cell-niche/editions/?page=2", 404)
