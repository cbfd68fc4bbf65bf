"""Reading without the network: what the server gives for it. The browser: test_offline_browser."""

import json

import pytest
from django.contrib.staticfiles import finders

from hsc_portal import pages
from tests import clinic
from topics.views import offline

TOPIC = "/topics/mobilization/"


def build(text: str) -> dict:
    return json.loads(text.partition("self.BUILD = ")[2].partition(";\n")[0])


def test_the_worker_may_answer_for_all_pages_and_is_always_asked_for_anew(client):
    answer = client.get("/service-worker.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    told = build(answer.content.decode())
    assert told["most"] == {"visited": 60, "starred": 200}
    assert {"/offline/", "/saved/", "/static/js/saved.js"} <= set(told["frame"])
    assert {"/de/offline/", "/de/saved/", "/es/offline/", "/es/saved/"} <= set(told["frame"])
    assert told["languages"] == ["en", "de", "es"]
    for address in told["frame"]:
        path = address.removeprefix("/static/")
        assert finders.find(path) if path != address else client.get(address).status_code == 200


def test_a_new_version_of_the_portal_is_a_new_worker(client, monkeypatch):
    before = client.get("/service-worker.js").content
    monkeypatch.setattr(pages, "code_version", lambda: "another version")
    offline._script.cache_clear()
    after = client.get("/service-worker.js").content
    offline._script.cache_clear()
    assert build(after.decode())["version"] != build(before.decode())["version"]


@pytest.mark.parametrize("path", ["/saved/", "/offline/", "/de/saved/", "/es/offline/"])
def test_the_pages_about_kept_copies_need_neither_database_nor_reader(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "public" in answer["Cache-Control"]
    html = answer.content.decode()
    assert "data-saved=" in html
    assert json.loads(html.partition('id="words-saved"')[2].partition(">")[2].partition("<")[0])


def test_the_manifest_names_icons_that_are_there(client):
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    told = json.loads(answer.content)
    for icon in told["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon
    for shortcut in told["shortcuts"]:
        assert shortcut["url"].startswith("/")


def test_the_policy_allows_workers_of_our_own_only(client):
    assert "worker-src 'self'" in client.get("/saved/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_pages_have_the_places_that_the_script_fills(client):
    clinic.publish_unreviewed(clinic.draft())
    page = client.get(TOPIC).content.decode()
    for part in ("data-star", 'data-next="/static/js/offline.js"'):
        assert part in page, part
