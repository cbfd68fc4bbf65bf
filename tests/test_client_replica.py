"""A partner's copy: loaded from the export, it follows the changes and ends as an identical one."""

import json
import sqlite3
import threading

import pytest
from django.db import connection, connections

from tests import clinic
from tests import replicating_data as portal
from tests.client_package import hsc_portal_client as package
from topics.models import Event, Topic
from topics.replicating import making

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(live_server, settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path / "export"
    return live_server.url


@pytest.fixture
def replica(server, tmp_path):
    with package.Replica(tmp_path / "copy.sqlite3", package.Client(server)) as found:
        yield found


def fresh_copy(server, tmp_path) -> list[tuple]:
    """Return what a copy says that is loaded now."""
    making.make(server)
    with package.Replica(tmp_path / "fresh.sqlite3", package.Client(server)) as found:
        found.load()
        return list(found.content())


def some_of_everything() -> list[Topic]:
    topics = [clinic.draft(clinic.overview(f"topic-{n}")) for n in range(5)]
    clinic.publish_unreviewed(*topics[:4])
    clinic.approve(topics[4])
    clinic.loader(), clinic.editor(), clinic.author()
    for key in ("twin2001", "triplet2001", "paper2010", "unused1999"):
        portal.add_reference(key)
    portal.save_term("Blast", "An immature cell.")
    return topics


def rewrite(topics: list[Topic]) -> None:
    """Publish anew, withdraw, publish again, and move to another address."""
    for number in range(3):
        portal.publish_again(topics[0], number)
        portal.withdraw(topics[1])
        portal.publish_again(topics[1], number)
    clinic.edit(Topic.objects.get(pk=topics[2].pk), slug="moved-topic")
    portal.publish_again(topics[2], 9)
    portal.withdraw(topics[3])


def publish_reviewed(topic: Topic) -> None:
    portal.publishing.publish(topic, publisher=clinic.editor(), change_note="Read by a clinician")


def tend_library() -> None:
    """Retract, clear, merge, part, correct, add, and take out."""
    portal.retract("petit2002")
    portal.merge("petit2002", "twin2001", take=["author"])
    portal.merge("triplet2001", "petit2002")
    portal.part("petit2002")
    portal.retract("paper2010", kind="correction")
    portal.retitle("paper2010", "A better title")
    portal.retract("petit2002", kind="reinstatement")
    portal.add_reference("late2026", DOI="10.1000/late")
    portal.Reference.objects.get(key="unused1999").delete()


def tend_glossary() -> None:
    pk = portal.save_term("Niche", "Where stem cells live.")
    portal.save_term("Stem cell niche", "Where stem cells live in the marrow.", pk)
    portal.remove_term(portal.save_term("Homing", "Finding the way."))


def test_a_copy_that_follows_is_identical_to_one_that_is_loaded(server, replica, tmp_path):
    """Also if everything happens at once while the copy is loaded and follows."""
    topics = some_of_everything()
    done = threading.Event()

    def copy():
        replica_here = package.Replica(tmp_path / "live.sqlite3", package.Client(server))
        while not done.is_set():
            replica_here.sync()
        replica_here.sync()
        replica_here.close()

    replica.load()
    reader = threading.Thread(target=copy)
    reader.start()
    try:
        portal.in_threads(
            lambda: rewrite(topics), lambda: publish_reviewed(topics[4]), tend_library,
            tend_glossary,
        )  # fmt: skip
    finally:
        done.set()
        reader.join()
    assert replica.sync() > 20
    expected = fresh_copy(server, tmp_path)
    assert list(replica.content()) == expected
    with package.Replica(tmp_path / "live.sqlite3", package.Client(server)) as live:
        assert list(live.content()) == expected
        assert live.sequence == replica.sequence == Event.objects.latest("pk").pk
        assert live.verify() == 4
    connections.close_all()


def test_what_a_copy_says(server, replica):
    topics = some_of_everything()
    replica.sync()
    portal.withdraw(topics[0])
    portal.merge("petit2002", "twin2001")
    portal.retract("petit2002")
    assert replica.sync() > 0
    assert replica.sync() == 0
    ask = replica.database.execute
    assert ask("SELECT slug FROM topics ORDER BY slug").fetchall() == [
        ("topic-1",), ("topic-2",), ("topic-3",),
    ]  # fmt: skip
    assert ask("SELECT slug, reason FROM withdrawn").fetchall() == [
        ("topic-0", "A trial was found to be made up")
    ]
    assert ask("SELECT kept FROM aliases WHERE key = 'twin2001'").fetchall() == [("petit2002",)]
    (status, record), = ask(
        """SELECT status, record FROM "references" WHERE key = 'petit2002'"""
    ).fetchall()  # fmt: skip
    assert status == "retracted" and json.loads(record)["notices"]


def test_an_interrupted_copy_goes_on(server, replica, monkeypatch):
    """Whatever breaks off in the middle, nothing is written by halves, and nothing is missed."""
    topics = some_of_everything()
    replica.load()
    before = list(replica.content())
    portal.publish_again(topics[0], 1)
    portal.save_term("Niche", "Where stem cells live.")
    monkeypatch.setattr(replica, "_take_term", lambda term: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        replica.sync()
    assert list(replica.content()) == before
    monkeypatch.undo()
    assert replica.sync() == 2
    assert replica.verify() == 4


def test_what_cannot_be_proven_is_not_taken(server, replica):
    topics = some_of_everything()
    replica.load()
    before = list(replica.content())
    portal.publish_again(topics[0], 1)
    plain = replica.client.transport.get

    def lie(url, **options):
        answer = plain(url, **options)
        if "document" in answer:
            answer["document"]["summary"] = "Take twice the dose."
        return answer

    replica.client.transport.get = lie
    with pytest.raises(package.NotProven, match="does not have the digest"):
        replica.sync()
    assert list(replica.content()) == before


def test_a_changed_copy_is_found_out(server, replica):
    some_of_everything()
    replica.sync()
    assert replica.verify() == 4
    replica.database.execute("UPDATE topics SET document = replace(document, 'marrow', 'liver')")
    with pytest.raises(package.NotProven):
        replica.verify()


def test_a_portal_that_was_set_back_is_noticed(server, replica, tmp_path):
    some_of_everything()
    replica.sync()
    replica.database.execute("UPDATE meta SET value = '99999999' WHERE name = 'sequence'")
    with pytest.raises(package.LogIsShorter, match="Delete the file"):
        replica.sync()
    with pytest.raises(package.ClientError, match="is a copy of"):
        package.Replica(tmp_path / "copy.sqlite3", package.Client("https://elsewhere.example"))


def test_a_portal_whose_log_went_on_otherwise_is_noticed(server, replica):
    """After a backup was restored, the ids that the copy has come anew for other events."""
    some_of_everything()
    replica.sync()
    known = replica.client.get("changes/", after=replica.sequence)["after_at"]
    assert replica.sync() == 0
    replica.database.execute(
        "UPDATE meta SET value = '2020-01-01T00:00:00Z' WHERE name = 'sequence_at' AND value = ?",
        [known],
    )
    with pytest.raises(package.LogIsShorter, match="was set back"):
        replica.sync()


def test_a_damaged_download_is_refused(server, replica, tmp_path):
    some_of_everything()
    making.newest(server)
    for path in (tmp_path / "export").rglob("topics.ndjson"):
        path.write_bytes(path.read_bytes().replace(b"marrow", b"mallow"))
    with pytest.raises(package.NotProven, match="not as promised"):
        replica.sync()
    assert replica.sequence is None
    connection.close()


def test_the_tables_are_plain_sqlite(server, replica, tmp_path):
    """Any program can read them, without this client."""
    some_of_everything()
    replica.sync()
    with sqlite3.connect(tmp_path / "copy.sqlite3") as database:
        rows = database.execute(
            "SELECT json_extract(document, '$.summary') FROM topics ORDER BY slug"
        ).fetchall()
    assert len(rows) == 4 and rows[0][0].startswith("Stem cells")
