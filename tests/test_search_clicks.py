"""Counting that a result of a search was followed."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pages_data import section, unreviewed

from topics.models import SearchCount
from topics.search import counting

pytestmark = pytest.mark.django_db

QUERY = "Onset of zebrafinch syndrome"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    """Begin with a process that remembers nobody."""
    monkeypatch.setattr(counting, "asked", counting.Memory(1000))
    monkeypatch.setattr(counting, "amounts", counting.Memory(1000))
    monkeypatch.setattr(counting, "tidied", counting.Memory(1))


def ask(words=QUERY, times=1):
    for n in range(times):
        counting.count(words, f"10.0.0.{n}", found=True)


def kept() -> SearchCount:
    return SearchCount.objects.get()


def choose(client, words=QUERY, address="10.0.0.1", **headers):
    return client.post(
        "/search/chosen/", words, content_type="text/plain;charset=UTF-8", headers=headers,
        REMOTE_ADDR=address,
    )  # fmt: skip


def test_following_a_result_is_counted_without_session_or_token():
    client = Client(enforce_csrf_checks=True)
    ask(times=3)
    answer = choose(client)

    assert (answer.status_code, answer.content) == (204, b"")
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer["Cache-Control"] == "no-store"
    assert kept().chosen == 1


def test_a_flood_of_clicks_counts_no_more_than_was_asked(client):
    ask(times=3)
    for n in range(50):
        choose(client, address=f"10.0.1.{n}")
    assert kept().chosen == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchCount.objects.update(chosen=4)


def test_one_sender_clicks_once(client):
    ask(times=9)
    for _ in range(9):
        choose(client)
    assert kept().chosen == 1


def test_clicks_for_what_nobody_asked_make_no_rows(client):
    for n in range(20):
        assert choose(client, f"made up {n}").status_code == 204
    assert not SearchCount.objects.exists()


def test_other_sites_are_not_heard(client):
    ask()
    assert choose(client, **{"Sec-Fetch-Site": "cross-site"}).status_code == 204
    assert kept().chosen == 0


def test_what_is_too_long_or_no_post_is_refused(client):
    assert choose(client, "x" * 1025).status_code == 413
    assert client.get("/search/chosen/").status_code == 405
    assert choose(client, b"\xff\xfe\0").status_code == 204
    assert choose(client, "").status_code == 204


def test_the_longest_query_fits(client):
    words = "\N{LINEAR B SYLLABLE B008 A}" * 200
    ask(words)
    assert choose(client, words).status_code == 204
    assert kept().chosen == 1


def test_a_browser_tells_of_a_followed_result_and_of_nothing_else(live_server, chromium):
    unreviewed("marrow", sections=[section("Blood forms in the marrow.")])
    page = chromium.new_page()
    told = []
    page.on("request", lambda asked: told.append(asked) if asked.method == "POST" else None)
    page.goto(f"{live_server.url}/search/?q=Blood+forms%3F")
    page.get_by_role("link", name="About").first.click()
    page.go_back()
    assert told == []

    with page.expect_response("**/search/chosen/"):
        page.locator(".found-statements a").first.click()

    assert [asked.post_data for asked in told] == ["Blood forms?"]
    assert page.context.cookies() == []
    assert kept().chosen == 1
    page.close()
