"""Following the changes: all that is public, in the order of the commits, and nothing else."""

import threading

import pytest
from django.db import connection, connections
from django.test import Client

from references.models import Reference
from tests import clinic
from tests import replicating_data as portal
from tests.replicating_data import CHANGES, follow
from topics import publishing
from topics.choices import EventKind
from topics.models import Event
from topics.replicating import api
from topics.replicating.events import MEANINGS, TYPES

pytestmark = pytest.mark.django_db
SECRET = "Nobody outside may read this"


@pytest.fixture(autouse=True)
def noted_at_once(db):
    """Note records of references at once: the transaction of a test has no end of its own."""
    portal.note_at_once()


def types(rows: list[dict]) -> list[str]:
    return [row["type"] for row in rows]


def of_topics(rows: list[dict]) -> list[dict]:
    return [row for row in rows if "topic" in row]


def test_what_happens_to_a_topic_is_told_in_order(client):
    topic = clinic.published()
    portal.withdraw(topic)
    clinic.edit(topic, title="Mobilization anew")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Without that trial")
    rows = of_topics(follow()[0])
    assert types(rows) == ["topic.published", "topic.withdrawn", "topic.restored"]
    first, gone, again = rows
    edition = topic.editions.get(number=2)
    assert again["edition"] == {
        "number": 2, "digest": edition.digest, "hash": edition.hash,
        "url": "http://testserver/api/v1/topics/mobilization/editions/2/",
    }  # fmt: skip
    assert [row["topic"]["title"] for row in rows] == ["Mobilization"] * 2 + ["Mobilization anew"]
    assert gone["edition"] == first["edition"]
    assert gone["note"] == "A trial was found to be made up"
    assert client.get(again["edition"]["url"]).json()["edition"]["digest"] == edition.digest


def test_what_happens_to_references_is_told(client):
    clinic.library()
    portal.add_reference("twin2001")
    portal.retract("petit2002")
    portal.retitle("petit2002", "Another title")
    portal.merge("petit2002", "twin2001")
    portal.part("twin2001")
    portal.add_reference("unused1999").delete()
    rows, _ = follow()
    told = [(row["type"], row["reference"]["key"], row.get("action")) for row in rows]
    assert told[:3] == [
        ("reference.changed", key, "added") for key in ("duhrsen1988", "petit2002", "twin2001")
    ]
    assert ("reference.status", "petit2002", None) in told
    assert told.count(("reference.changed", "petit2002", "changed")) == 2  # notice and title
    assert ("reference.merged", "twin2001", None) in told
    assert ("reference.parted", "twin2001", None) in told
    assert told[-2:] == [
        ("reference.changed", "unused1999", "added"),
        ("reference.removed", "unused1999", "removed"),
    ]
    status = next(row for row in rows if row["type"] == "reference.status")
    assert (status["reference"]["before"], status["reference"]["status"]) == (
        "current",
        "retracted",
    )
    merged = next(row for row in rows if row["type"] == "reference.merged")
    assert merged["into"]["key"] == "petit2002"


def test_what_changes_no_record_is_not_told():
    clinic.library()
    _, address = follow()
    Reference.objects.update(checked_on="2026-11-01")
    assert follow(address)[0] == []


def test_the_glossary_is_told_with_its_terms():
    pk = portal.save_term("Blast", "An immature cell.")
    portal.save_term("Blast cell", "An immature blood cell.", pk)
    portal.remove_term(pk)
    rows, _ = follow()
    assert [row["action"] for row in rows] == ["added", "changed", "removed"]
    assert [row["term"] and row["term"]["term"] for row in rows] == ["Blast", "Blast cell", None]
    assert rows[1]["before"]["definition"] == "An immature cell."


def test_nothing_of_the_editors_is_told(client):
    """Neither what they do among themselves, nor their names, nor a word of a draft."""
    topic = clinic.published()
    clinic.edit(topic, title=SECRET, summary=SECRET)
    publishing.submit(topic, actor=clinic.author(), note=SECRET)
    publishing.review(
        topic.revisions.last(), reviewer=clinic.reviewer(), verdict="request-changes",
        comment=SECRET, interests=SECRET,
    )  # fmt: skip
    publishing.restore(topic.revisions.first(), actor=clinic.author(), note=SECRET)
    clinic.draft(clinic.overview("unpublished-topic"))
    assert Event.objects.filter(kind=EventKind.RESTORED).exists()
    answer = client.get(CHANGES)
    assert {row["type"] for row in answer.json()["results"]} <= MEANINGS.keys()
    assert len(of_topics(answer.json()["results"])) == 1
    for word in (SECRET, "unpublished-topic", "Author", "Reviewer", "Editor", "actor", "@"):
        assert word not in answer.content.decode()


def test_each_public_kind_has_a_type_with_a_meaning():
    assert set(TYPES.values()) <= MEANINGS.keys()
    assert {EventKind.SUBMITTED, EventKind.REVIEWED, EventKind.RESTORED}.isdisjoint(TYPES)


def test_pages_joined_are_the_log(client):
    topic = clinic.published()
    for number in range(5):
        portal.save_term(f"Term {number}", "Something.")
    portal.withdraw(topic)
    whole, _ = follow()
    for limit in (1, 2, 3, 7):
        assert follow(f"{CHANGES}?limit={limit}")[0] == whole
    # Resumable from any id, also one that is not public.
    for start in range(whole[0]["id"] - 1, whole[-1]["id"]):
        rows, _ = follow(f"{CHANGES}?after={start}&limit=3")
        assert rows == [row for row in whole if row["id"] > start]


@pytest.mark.parametrize("wanted", [["topic.published"], ["topic.restored", "glossary.changed"]])
def test_only_some_types_are_the_log_without_the_others(wanted):
    topic = clinic.draft()
    clinic.publish_unreviewed(topic)
    for number in range(3):
        portal.save_term(f"Term {number}", "Something.")
        portal.withdraw(topic)
        portal.publish_again(topic, number)
    chosen = "&".join(f"type={each}" for each in wanted)
    expected = [row for row in follow()[0] if row["type"] in wanted]
    for limit in (1, 2, 100):
        rows, address = follow(f"{CHANGES}?limit={limit}&{chosen}")
        assert rows == expected
    # What is not asked for is not gone through again and again.
    assert f"after={Event.objects.latest('pk').pk}&" in address.replace("?", "&") + "&"


def test_the_end_of_the_log_is_asked_again(client):
    topic = clinic.published()
    answer = client.get(f"{CHANGES}?after={Event.objects.latest('pk').pk}")
    assert answer.json()["results"] == [] and answer["Cache-Control"] == "no-cache"
    again = {"HTTP_IF_NONE_MATCH": answer["ETag"]}
    address = answer.json()["next"]
    assert client.get(address, **again).status_code == 304
    portal.withdraw(topic)
    assert types(client.get(address, **again).json()["results"]) == ["topic.withdrawn"]


def test_a_page_without_what_is_wanted_says_that_there_is_more(client, monkeypatch):
    monkeypatch.setattr(api, "MOST", 2)
    topic = clinic.draft()
    clinic.publish_unreviewed(topic)
    for number in range(4):
        portal.publish_again(topic, number)
    portal.withdraw(topic)
    portal.publish_again(topic, 5)
    wanted = f"{CHANGES}?type=topic.restored"
    first = client.get(wanted).json()
    assert first["results"] == [] and f"after={first['last']}&" not in first["next"]
    assert types(follow(wanted)[0]) == ["topic.restored"]


def test_a_follower_is_told_when_its_last_event_was(client):
    """Ids come anew after a backup was restored and the log has grown again; times do not."""
    clinic.published()
    rows, _ = follow()
    answer = client.get(f"{CHANGES}?after={rows[-1]['id']}").json()
    assert answer["after_at"] == rows[-1]["at"] != rows[0]["at"]
    hidden = Event.objects.exclude(kind__in=TYPES).latest("pk")
    assert client.get(f"{CHANGES}?after={hidden.pk}").json()["after_at"] is None
    assert client.get(CHANGES).json()["after_at"] is None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("after=-1", "after"), ("after=x", "after"), ("after=1&after=2", "after"),
        ("after=99999999", "after"), ("after=9999999999999999999", "after"), ("limit=0", "limit"),
        ("limit=501", "limit"), ("type=reviewed", "type"), ("since=1", "since"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(client, query, name):
    answer = client.get(f"{CHANGES}?{query}")
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == [name]


def test_a_page_takes_two_queries(client, django_assert_num_queries):
    topic = clinic.draft()
    clinic.publish_unreviewed(topic)
    for number in range(4):
        portal.publish_again(topic, number)
    portal.retract("petit2002")
    with django_assert_num_queries(2):
        client.get(CHANGES)


@pytest.mark.django_db(transaction=True)
def test_a_follower_misses_nothing_while_many_publish():
    """Six write at once; a follower asks meanwhile, and gets exactly the log."""
    topics = [clinic.draft(clinic.overview(f"topic-{n}")) for n in range(4)]
    clinic.publish_unreviewed(*topics)
    clinic.loader(), clinic.editor(), clinic.author()
    done, seen = threading.Event(), []

    def read():
        address, client = f"{CHANGES}?limit=2", Client()
        while True:
            finished = done.is_set()
            rows, address = follow(address, client)
            seen.extend(rows)
            if finished:
                connections.close_all()
                return

    def publish(topic):
        return lambda: [portal.publish_again(topic, number) for number in range(4)]

    def write_terms():
        for number in range(10):
            portal.save_term(f"Term {number}", "Something.")

    def write_references():
        for number in range(10):
            portal.add_reference(f"paper{number}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        portal.in_threads(*map(publish, topics), write_terms, write_references)
    finally:
        done.set()
        reader.join()
    assert seen == follow()[0]
    assert [row["id"] for row in seen] == list(
        Event.objects.filter(kind__in=TYPES).order_by("pk").values_list("pk", flat=True)
    )
    assert len(of_topics(seen)) == 4 * 5


def test_a_record_is_noted_whoever_writes_it():
    """Also by a statement that passes by all of the portal's own code."""
    clinic.library()
    _, address = follow()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE references_reference SET study_type = 'trial'")
    assert [row["reference"]["key"] for row in follow(address)[0]] == ["duhrsen1988", "petit2002"]
