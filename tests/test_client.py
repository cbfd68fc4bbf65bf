"""The Python client against the running server: reading, errors in words, patience."""

import json
import os
import subprocess
import sys
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connections

from tests import clinic
from tests import replicating_data as portal
from tests.client_package import FOLDER, command
from tests.client_package import hsc_portal_client as package
from topics.models import Topic


@pytest.fixture
def client(live_server, settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path / "export"
    yield package.Client(live_server.url)
    connections.close_all()


class Moody(BaseHTTPRequestHandler):
    """Answers as the test tells, one after the other, and notes what it was asked."""

    answers: list[tuple[int, dict, bytes]] = []
    asked: list = []

    def do_GET(self):
        self.asked.append(self.headers)
        status, headers, body = self.answers.pop(0)
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told):
        pass


@pytest.fixture
def moody():
    Moody.answers, Moody.asked = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def patient(address: str, waited: list, **options) -> package.Client:
    return package.Client(address, wait=waited.append, timeout=5, **options)


def test_reading(client):
    topic = clinic.published()
    clinic.publish_unreviewed(*[clinic.draft(clinic.overview(f"topic-{n}")) for n in range(22)])
    portal.save_term("Blast", "An immature cell.")
    assert client.topic("mobilization")["document"]["summary"].startswith("Stem cells")
    assert client.edition("mobilization", 1)["edition"]["topic_id"] == topic.pk
    assert len(list(client.topics())) == 23
    high = list(client.statements(topic="mobilization", certainty=["high", "low"]))
    assert [each["certainty"] for each in high] == ["high"]
    assert client.search("bone pain")["statements"]
    assert client.reference("petit2002")["pmid"] == "12068293"
    assert len(list(client.references(page_size=1))) == 2
    assert [each["type"] for each in client.changes(types=["glossary.changed"])] == [
        "glossary.changed"
    ]
    assert list(client.indications()) == []


def test_as_of(client):
    topic = clinic.published()
    portal.withdraw(topic)
    with pytest.raises(package.Gone) as gone:
        client.topic("mobilization")
    assert gone.value.reason == "A trial was found to be made up"
    assert client.editions("mobilization")[0]["number"] == 1
    now = Topic.objects.get(pk=topic.pk).editions.get().published_at
    assert client.as_of("mobilization", now.isoformat())["edition"]["number"] == 1


def test_errors_are_told_in_words(client):
    with pytest.raises(package.NotFound):
        client.topic("never-published")
    with pytest.raises(package.Problem) as refused:
        next(client.topics(kind="surgery"))
    words = str(refused.value)
    assert words.startswith("400 ") and "kind:" in words and "therapy" in words


def test_the_chain_of_editions_is_proven(client):
    topic = clinic.draft()
    clinic.publish_unreviewed(topic)
    for number in range(2):
        portal.publish_again(topic, number)
    found = client.editions("mobilization")
    assert [each["number"] for each in found] == [3, 2, 1]
    for field, value in (("change_note", "Nothing to see here"), ("hash", "0" * 64)):
        changed = [dict(each) for each in found]
        changed[1][field] = value
        with pytest.raises(package.NotProven):
            package.client.prove_chain(changed)


def test_the_command_line(client, tmp_path):
    clinic.published()
    file = tmp_path / "copy.sqlite3"

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "hsc_portal_client", *arguments, "--base-url", client.base_url],
            env=os.environ | {"PYTHONPATH": str(FOLDER)},
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    assert "loaded the export, followed 0 events" in run("sync", str(file)).stdout
    portal.save_term("Blast", "An immature cell.")
    assert "followed 1 events" in run("sync", str(file)).stdout
    assert "1 editions are proven" in run("verify", str(file)).stdout
    assert json.loads(run("show", "mobilization", "--edition", "1").stdout)["kind"] == "overview"
    assert "First edition" in run("history", "mobilization").stdout
    assert "Mobilization" in run("search", "mobilization").stdout
    failed = run("show", "never-published")
    assert failed.returncode == 1 and failed.stderr.startswith("404 Not found")
    assert "Traceback" not in failed.stderr


def test_what_did_not_change_is_not_sent_again(moody):
    Moody.answers = [(200, {"ETag": 'W/"one"'}, b'{"a": 1}'), (304, {"ETag": 'W/"one"'}, b"")]
    client = patient(moody, [])
    assert client.get("x/") == client.get("x/") == {"a": 1}
    assert [headers["If-None-Match"] for headers in Moody.asked] == [None, 'W/"one"']
    assert Moody.asked[0]["Accept-Encoding"] == "gzip"


def test_the_portal_says_how_long_to_wait(moody):
    soon = formatdate(0, usegmt=True)
    Moody.answers = [
        (429, {"Retry-After": "7"}, b'{"status": 429}'), (503, {"Retry-After": soon}, b"<p>"),
        (0, {}, b""), (200, {}, b"{}"),
    ]  # fmt: skip
    waited = []
    assert patient(moody, waited).get("x/") == {}
    assert waited[:2] == [7.0, 0.0] and 0 < waited[2] <= 30


@pytest.mark.parametrize(
    ("answers", "options", "tried"),
    [
        ([(429, {"Retry-After": "3600"}, b"{}")], {}, 1),
        ([(503, {}, b"{}")] * 3, {"tries": 3}, 3),
        ([(500, {}, b'{"title": "Internal error", "status": 500, "id": "f00"}')], {}, 1),
    ],
)
def test_patience_has_an_end(moody, answers, options, tried):
    Moody.answers = list(answers)
    with pytest.raises(package.Problem):
        patient(moody, [], **options).get("x/")
    assert len(Moody.asked) == tried


def test_nobody_there_is_told_in_words():
    with pytest.raises(package.Unreachable, match="could not be asked"):
        patient("http://127.0.0.1:9", [], tries=2).get("x/")
    with pytest.raises(package.Unreachable, match="no address of the web"):
        package.Client("file:///etc").get("passwd")


def test_a_key_is_sent_to_the_portal_and_to_nobody_else(moody):
    client = patient(moody, [], key="hscp_abc_def")
    elsewhere = moody.replace("127.0.0.1", "localhost")
    Moody.answers = [
        (200, {}, b"{}"), (301, {"Location": f"{moody}/y"}, b""), (200, {}, b"{}"),
        (301, {"Location": elsewhere}, b""), (200, {}, b"{}"), (200, {}, b"{}"),
    ]  # fmt: skip
    for address in (f"{moody}/x", f"{moody}/old", f"{moody}/gone", elsewhere):
        client.transport.get(address)
    sent = [headers["Authorization"] for headers in Moody.asked]
    assert sent == ["Bearer hscp_abc_def"] * 4 + [None, None]


def test_an_empty_page_is_not_the_end_of_the_log(moody):
    def page(results: list, after: int):
        told = {"results": results, "next": f"{moody}/?after={after}&limit=500", "last": 9}
        return 200, {}, json.dumps(told).encode()

    Moody.answers = [page([], 5), page([{"id": 9}], 9), page([], 9)]
    assert list(patient(moody, []).changes(types=["topic.restored"])) == [{"id": 9}]


def test_who_follows_outlives_a_portal_that_is_away(moody, tmp_path, monkeypatch, capsys):
    waited, tries = [], []

    def sync(replica):
        tries.append(True)
        if len(tries) < 4:
            raise package.Unreachable("It is away.")
        raise package.LogIsShorter("Delete the file.")

    monkeypatch.setattr(package.Replica, "sync", sync)
    monkeypatch.setattr(command.time, "sleep", waited.append)
    file = str(tmp_path / "copy.sqlite3")
    assert command.main(["sync", file, "--base-url", moody, "--follow", "20"]) == 1
    assert waited == [20, 40, 80]
    assert "It is away." in capsys.readouterr().err
