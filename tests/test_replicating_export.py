"""The export: files of one moment that fit their manifest, and lines as the API answers them."""

import hashlib
import json
import threading

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django_tasks_db.models import DBTaskResult

from tests import api_data, clinic
from tests import replicating_data as portal
from tests.following_data import work
from topics.models import Event, Listing
from topics.replicating import making

pytestmark = pytest.mark.django_db
EXPORT = "/api/v1/export/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path / "export"
    return settings.EXPORT_ROOT


def lines(client, told: dict) -> list[dict]:
    """Return the objects of a file, which must be what its manifest says."""
    answer = client.get(told["url"])
    assert answer.status_code == 200, answer.content
    data = answer.getvalue()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (told["bytes"], told["sha256"])
    rows = [json.loads(line) for line in data.splitlines()]
    assert len(rows) == told["count"] and data.endswith(b"\n" if rows else b"")
    return rows


def export(client) -> tuple[dict, dict[str, list[dict]]]:
    told = client.get(EXPORT).json()
    return told, {file["name"]: lines(client, file) for file in told["files"]}


def test_each_line_is_what_the_api_answers_by_itself(client, library):
    api_data.tell("copelan2006", kind="correction", source="crossref", date=None)
    portal.save_term("Blast", "An immature cell.")
    told, rows = export(client)
    assert [row["slug"] for row in rows["topics"]] == sorted(
        Listing.objects.values_list("slug", flat=True)
    )
    for row in (*rows["topics"], *rows["references"]):
        assert row == client.get(row["url"]).json()
    assert next(row for row in rows["references"] if row["key"] == "copelan2006")["notices"]
    assert [row["term"] for row in rows["glossary"]] == ["Blast"]
    assert told["sequence"] == Event.objects.latest("pk").pk
    assert client.get(told["changes"]).json()["results"] == []


def test_neither_drafts_nor_what_was_withdrawn_or_merged_is_in_it(client):
    clinic.draft(clinic.overview("secret-draft"))
    portal.withdraw(clinic.published(clinic.overview("withdrawn-topic")))
    portal.add_reference("twin2001")
    portal.merge("petit2002", "twin2001")
    _, rows = export(client)
    assert rows["topics"] == []
    assert [row["key"] for row in rows["references"]] == ["duhrsen1988", "petit2002"]
    assert rows["references"][1]["also_known_as"] == ["twin2001"]
    assert "secret-draft" not in json.dumps(rows)


def test_a_set_stays_what_it_is(client):
    """Its files are there to be fetched after a newer one was made, and never change."""
    topic = clinic.published()
    old = client.get(EXPORT).json()
    portal.withdraw(topic)
    new = client.get(EXPORT).json()
    assert new["sequence"] > old["sequence"]
    assert client.get(EXPORT).json()["id"] == new["id"]
    assert [row["slug"] for row in lines(client, old["files"][0])] == ["mobilization"]
    answer = client.get(old["files"][0]["url"])
    assert "immutable" in answer["Cache-Control"]
    assert client.get(old["files"][0]["url"], HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_the_worker_makes_a_new_set_when_one_is_old(client, monkeypatch):
    clinic.published()
    first = client.get(EXPORT).json()
    portal.save_term("Blast", "An immature cell.")
    queued = DBTaskResult.objects.filter(task_path=making.refresh.module_path)
    # The changes lead on from it.
    assert client.get(EXPORT).json() == first and not queued.exists()
    monkeypatch.setattr(making, "FRESH_FOR", making.timedelta(0))
    for _ in range(2):
        assert client.get(EXPORT).json() == first
    assert queued.get().args_kwargs["args"] == ["http://testserver"]
    making.refresh.call("http://testserver")
    second = client.get(EXPORT).json()
    assert second["sequence"] > first["sequence"]
    making.refresh.call("http://testserver")
    assert client.get(EXPORT).json() == second
    monkeypatch.setattr(making, "MADE_ANEW_AFTER", making.timedelta(0))
    making.refresh.call("http://testserver")
    assert client.get(EXPORT).json()["id"] != second["id"]


def test_old_sets_are_put_away(client, folder, monkeypatch):
    clinic.published()
    first = client.get(EXPORT).json()
    monkeypatch.setattr(making, "KEPT_FOR", making.timedelta(seconds=-60))
    (next(folder.glob("*/")) / ".left-by-a-kill").mkdir()
    making.make("http://testserver")
    assert client.get(first["files"][0]["url"]).status_code == 404
    assert not list(folder.glob("*/.*"))


def test_what_was_withdrawn_or_retracted_is_in_no_newest_set(client):
    """Nobody has to wait for a worker: who follows no changes would rely on it for ever."""
    topic = clinic.published()
    assert client.get(f"{EXPORT}topics.ndjson").getvalue()
    portal.withdraw(topic)
    assert client.get(f"{EXPORT}topics.ndjson").getvalue() == b""
    portal.retract("petit2002")
    answer = client.get(f"{EXPORT}references.ndjson")
    rows = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert [row["retraction"]["status"] for row in rows] == ["current", "retracted"]
    assert answer["Content-Sequence"] == str(making.end_of_log().pk)


def test_a_set_of_another_log_is_not_given_out(client, folder):
    """So it is after a backup was restored and the log grew beyond what the set has."""
    clinic.published()
    first = client.get(EXPORT).json()
    assert client.get(first["changes"]).json()["after_at"] == first["sequence_at"]
    (path,) = folder.glob("*/*/manifest.json")
    path.write_text(json.dumps(first | {"sequence_at": "2020-01-01T00:00:00Z"}))
    assert client.get(EXPORT).json()["id"] != first["id"]


def test_the_newest_file_has_a_short_address(client):
    clinic.published()
    answer = client.get(f"{EXPORT}topics.ndjson", HTTP_ACCEPT="application/x-ndjson")
    assert answer["Content-Type"] == "application/x-ndjson"
    assert client.get(answer["Content-Location"]).getvalue() == answer.getvalue()
    assert answer["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["people.ndjson", "manifest.json", "1-2/topics.ndjson", "%2e%2e/topics.ndjson"]
)
def test_there_are_no_other_files(client, path):
    answer = client.get(f"{EXPORT}{path}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_addresses_are_those_by_which_the_portal_was_asked(client, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    clinic.published()
    for host in settings.ALLOWED_HOSTS:
        told = client.get(EXPORT, HTTP_HOST=host).json()
        assert told["files"][0]["url"].startswith(f"http://{host}/")
        data = client.get(told["files"][0]["url"], HTTP_HOST=host).getvalue()
        assert json.loads(data)["url"].startswith(f"http://{host}/")


def test_whoever_asks_by_many_addresses_does_not_fill_the_disk(client, folder):
    clinic.published()
    for port in range(8000, 8010):
        client.get(EXPORT, SERVER_PORT=str(port))
    assert len(list(folder.glob("*/"))) <= making.MOST_ADDRESSES + 1


def test_the_address_of_the_portal_stands_in_the_files_if_it_is_known(client, folder, settings):
    settings.SITE_URL = "https://hsc.example"
    clinic.published()
    for port in (80, 8001):
        told = client.get(EXPORT, SERVER_PORT=str(port)).json()
    assert len(list(folder.glob("*/*/"))) == 1
    assert lines(client, told["files"][0])[0]["url"].startswith("https://hsc.example/api/")


def test_the_worker_makes_the_first_set(settings, folder):
    making.begin()
    assert not DBTaskResult.objects.filter(task_path=making.refresh.module_path).exists()
    settings.SITE_URL = "https://hsc.example"
    for _ in range(2):
        making.begin()
    work()
    assert len(list(folder.glob("*/*/topics.ndjson"))) == 1
    making.begin()
    assert not DBTaskResult.objects.ready().exists()


def test_an_administrator_makes_a_set(folder, capsys):
    clinic.published()
    call_command("make_export")
    assert "1 topics, 2 references, 0 glossary" in capsys.readouterr().out
    assert len(list(folder.glob("*/*/topics.ndjson"))) == 1


def test_a_failure_leaves_nothing_behind(client, folder, monkeypatch):
    clinic.published()
    monkeypatch.setattr(making, "_glossary", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        making.make("http://testserver")
    assert not [path for path in folder.rglob("*") if path.suffix == ".ndjson"]


@pytest.mark.django_db(transaction=True)
def test_an_export_is_of_one_moment_whatever_is_published_meanwhile(client, monkeypatch):
    """Something is withdrawn, retracted and published between two lines: no file knows of it."""
    topics = [clinic.draft(clinic.overview(f"topic-{n}")) for n in range(3)]
    clinic.publish_unreviewed(*topics)
    clinic.loader(), clinic.editor(), clinic.author()
    before = Event.objects.latest("pk").pk
    monkeypatch.setattr(making, "TOPICS_AT_ONCE", 1)
    plain, happened = making.envelope, []

    def disturb():
        portal.withdraw(topics[1])
        portal.publish_again(topics[2], 2)
        portal.retract("petit2002")
        portal.save_term("Blast", "An immature cell.")
        connections.close_all()

    def envelope(*args):
        if not happened:
            happened.append(True)
            thread = threading.Thread(target=disturb)
            thread.start()
            thread.join()
        return plain(*args)

    monkeypatch.setattr(making, "envelope", envelope)
    told, rows = export(client)
    assert happened and told["sequence"] == before
    assert [row["edition"]["number"] for row in rows["topics"]] == [1, 1, 1]
    assert {row["retraction"]["status"] for row in rows["references"]} == {"current"}
    assert rows["glossary"] == []
    missed = [row["type"] for row in client.get(told["changes"]).json()["results"]]
    assert {"topic.withdrawn", "topic.published", "reference.status", "glossary.changed"} <= set(
        missed
    )


@pytest.mark.django_db(transaction=True)
def test_who_asks_while_one_is_made_gets_the_one_before(monkeypatch):
    clinic.published()
    first = making.newest("http://testserver")
    portal.save_term("Blast", "An immature cell.")
    monkeypatch.setattr(making, "FRESH_FOR", making.timedelta(0))
    plain, others = making.make, []

    def make(base_url):
        others.append(Client().get(EXPORT).json()["id"])
        return plain(base_url)

    monkeypatch.setattr(making, "make", make)
    making.refresh.call("http://testserver")
    assert Client().get(EXPORT).json()["id"] != first["id"]
    assert others == [first["id"]]
    connection.close()
