"""What a reader gets if somebody publishes between the two queries that a page is made of."""

import pytest
from pages_data import document, partner, publish_unreviewed, unreviewed, withdraw

from hsc_portal.pages import kept
from topics import partnering, reading

pytestmark = pytest.mark.django_db

PATHS = ["/topics/graft/", "/topics/graft/editions/1/", "/api/v1/topics/graft/",
         "/api/v1/topics/graft/editions/1/"]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


def after_finding(monkeypatch, act, times=1) -> list:
    """Do something after a Reading was found, as often as said. Return what was found."""
    find, found = reading._find, []

    def finding(*args):
        found.append(find(*args))
        if len(found) <= times:
            act()
        return found[-1]

    monkeypatch.setattr(reading, "_find", finding)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_a_topic_withdrawn_meanwhile_is_withdrawn(client, monkeypatch, path):
    topic = unreviewed("graft")
    found = after_finding(monkeypatch, lambda: withdraw(topic, "A dose was wrong."))

    response = client.get(path)

    assert response.status_code == (200 if "editions" in path else 410)
    assert "A dose was wrong." in response.content.decode()
    assert len(found) == 2


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_now_is_not_kept_as_that_of_before(client, monkeypatch, path):
    topic, other = unreviewed("graft"), partner("Networkia")
    after_finding(monkeypatch, lambda: partnering.pair(topic, [other]))

    paired = client.get(path)
    assert "Networkia" in paired.content.decode()
    assert client.get(path)["ETag"] == paired["ETag"]

    partnering.pair(topic, [])
    alone = client.get(path)
    assert "Networkia" not in alone.content.decode()
    assert alone["ETag"] != paired["ETag"]


@pytest.mark.parametrize("path", PATHS)
def test_what_never_rests_is_answered_but_not_kept(client, monkeypatch, path):
    topic, other = unreviewed("graft"), partner("Networkia")

    def change():
        partnering.pair(topic, [] if topic.partners.exists() else [other])

    found = after_finding(monkeypatch, change, times=99)
    response = client.get(path)

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert len(found) == reading.ATTEMPTS + 1
    assert not kept.pages


@pytest.mark.parametrize("path", PATHS)
def test_even_a_topic_that_comes_and_goes_is_answered(client, monkeypatch, path):
    topic = unreviewed("graft")
    # As the last attempt finds it, there are no more changes to wait for.
    monkeypatch.setattr(reading, "ATTEMPTS", 0)
    after_finding(monkeypatch, lambda: withdraw(topic, "A dose was wrong."))

    response = client.get(path)

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert document("graft")["summary"] in response.content.decode()


def test_publishing_meanwhile_shows_the_new_edition(client, monkeypatch):
    topic = unreviewed("graft")

    def publish_again():
        withdraw(topic, "To be published again.")
        publish_unreviewed(topic, note="Once more")

    after_finding(monkeypatch, publish_again)

    assert "Edition 2" in client.get("/topics/graft/").content.decode()
