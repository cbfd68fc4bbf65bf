"""The list of pages for search engines, what they are to leave alone, and feeds of each kind."""

from datetime import timedelta
from unittest import mock
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pages_data import draft, new_edition, publication, retract, section, unreviewed, withdraw

from hsc_portal.pages import kept
from topics import sitemap
from topics.models import Topic

pytestmark = pytest.mark.django_db

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
    "a": "http://www.w3.org/2005/Atom",
}
ORIGIN = "http://testserver"


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


def read(client, path: str) -> ElementTree.Element:
    response = client.get(path)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def pages_of(client, path="/sitemap.xml") -> dict[str, str]:
    """Return when each page was changed by its address."""
    return {
        one.findtext("s:loc", namespaces=NAMES): one.findtext("s:lastmod", "", NAMES)
        for one in read(client, path).iterfind("s:url", NAMES)
    }


def test_all_that_is_published_is_there_once_and_answers(client):
    unreviewed("graft", "therapy"), publication("petit2002"), draft("hidden")
    withdraw(unreviewed("wrong"), "A dose was wrong.")

    found = pages_of(client)
    assert f"{ORIGIN}/topics/graft/" in found
    assert f"{ORIGIN}/references/petit2002/" in found
    assert f"{ORIGIN}/es/about/" in found
    assert not [page for page in found if "hidden" in page or "wrong" in page]
    # The content is there in one language, at one address.
    assert f"{ORIGIN}/de/topics/graft/" not in found
    for page in found:
        assert client.get(page.removeprefix(ORIGIN)).status_code == 200, page


def test_a_topic_is_as_old_as_its_edition(client):
    topic = unreviewed("graft")
    first = pages_of(client)[f"{ORIGIN}/topics/graft/"]
    assert parse_datetime(first) == topic.editions.get().published_at.replace(microsecond=0)

    published_at = timezone.now() + timedelta(days=3)
    with mock.patch("django.utils.timezone.now", return_value=published_at):
        new_edition(topic, summary="Another summary.")

    later = pages_of(client)[f"{ORIGIN}/topics/graft/"]
    assert parse_datetime(later) == published_at.replace(microsecond=0)


def test_a_topic_changes_when_what_it_cites_is_retracted(client):
    petit = publication("petit2002")
    unreviewed("graft", sections=[section("It works. [@petit2002]")]), unreviewed("marrow")
    marrow = pages_of(client)[f"{ORIGIN}/topics/marrow/"]
    later = timezone.now() + timedelta(days=3)
    with mock.patch("django.utils.timezone.now", return_value=later):
        retract(petit)

    found = pages_of(client)
    noticed = parse_datetime(found[f"{ORIGIN}/topics/graft/"])
    assert noticed == later.replace(microsecond=0)
    assert found[f"{ORIGIN}/topics/marrow/"] == marrow


def test_lists_change_when_a_topic_of_theirs_is_withdrawn(client):
    topic = unreviewed("plerixafor", "agent")
    unreviewed("graft", "therapy")
    therapies = pages_of(client)[f"{ORIGIN}/therapies/"]
    later = timezone.now() + timedelta(days=3)
    with mock.patch("django.utils.timezone.now", return_value=later):
        withdraw(topic, "A dose was wrong.")

    found = pages_of(client)
    for place in ("topics", "agents", "de/agents"):
        assert parse_datetime(found[f"{ORIGIN}/{place}/"]) == later.replace(microsecond=0)
    assert found[f"{ORIGIN}/therapies/"] == therapies


def test_the_list_is_made_once_for_all_until_something_happens(client, django_assert_num_queries):
    topic = unreviewed("graft")
    client.get("/sitemap.xml")
    with django_assert_num_queries(1):
        client.get("/sitemap.xml")
    with django_assert_num_queries(1):
        client.get("/sitemap.xml?nonsense=1")

    withdraw(topic, "A dose was wrong.")
    assert f"{ORIGIN}/topics/graft/" not in pages_of(client)


def test_a_publication_changes_when_something_is_noticed(client):
    reference = publication("petit2002")
    page = f"{ORIGIN}/references/petit2002/"
    assert pages_of(client)[page] == ""

    retract(reference)
    assert pages_of(client)[page].startswith(f"{timezone.localdate():%Y-%m-%d}T")


def test_pages_of_the_portal_name_each_other_in_all_languages(client):
    about = [
        one
        for one in read(client, "/sitemap.xml").iterfind("s:url", NAMES)
        if one.findtext("s:loc", namespaces=NAMES).endswith("/about/")
    ]

    assert len(about) == 3
    for one in about:
        links = {each.get("hreflang"): each.get("href") for each in one.iterfind("x:link", NAMES)}
        assert links == {
            "en": f"{ORIGIN}/about/",
            "de": f"{ORIGIN}/de/about/",
            "es": f"{ORIGIN}/es/about/",
        }


def test_more_pages_than_one_file_may_have_are_parted(client, monkeypatch):
    unreviewed("graft")
    whole = pages_of(client)
    monkeypatch.setattr(sitemap, "MOST", 20)
    kept.pages.clear()

    index = read(client, "/sitemap.xml")
    files = [one.text for one in index.iterfind("s:sitemap/s:loc", NAMES)]
    assert index.tag.endswith("sitemapindex")
    assert len(files) == -(-len(whole) // 20)
    parts = [pages_of(client, file.removeprefix(ORIGIN)) for file in files]
    assert max(map(len, parts)) == 20
    assert [page for part in parts for page in part] == list(whole)
    for beyond in ("0", str(len(files) + 1), "x"):
        assert client.get("/sitemap.xml", {"page": beyond}).status_code == 404


def test_who_has_the_list_already_is_told_so(client):
    first = client.get("/sitemap.xml")
    again = client.get("/sitemap.xml", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304


def test_the_list_takes_as_many_queries_for_many_as_for_one(client, django_assert_num_queries):
    for n in range(4):
        unreviewed(f"topic-{n}")
        publication(f"author{2000 + n}")
    with django_assert_num_queries(5):
        client.get("/sitemap.xml")


def test_robots_are_told_of_the_list_and_of_what_is_not_for_them(client):
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert f"Sitemap: {ORIGIN}/sitemap.xml" in lines
    for place in ("/admin/", "/drafts/", "/de/drafts/", "/follow/stop/", "/es/report/sent/"):
        assert f"Disallow: {place}" in lines
    assert "Disallow: /" not in lines


def entries(client, path: str) -> list[tuple[str, str]]:
    response = client.get(path)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)
    for needed in ("id", "title", "updated"):
        assert feed.findtext(f"a:{needed}", namespaces=NAMES)
    return [
        (one.findtext("a:title", namespaces=NAMES), one.findtext("a:id", namespaces=NAMES))
        for one in feed.iterfind("a:entry", NAMES)
    ]


KINDS = {
    "therapy": "therapies", "agent": "agents", "condition": "conditions",
    "complication": "complications", "overview": "overviews",
}  # fmt: skip


def test_each_kind_has_a_feed_of_its_own(client):
    for kind in KINDS:
        unreviewed(f"some-{kind}", kind)
    withdraw(Topic.objects.get(slug="some-agent"), "A dose was wrong.")

    for kind, place in KINDS.items():
        titles = [title for title, _ in entries(client, f"/{place}/feed.atom")]
        gone = ["Withdrawn: Some agent"] if kind == "agent" else []
        assert titles == [*gone, f"New topic: Some {kind}"]


def test_entries_keep_their_names(client):
    topic = unreviewed("graft", "therapy")
    (first,) = entries(client, "/therapies/feed.atom")
    new_edition(topic, title="Another title", slug="other")

    *_, last = entries(client, "/therapies/feed.atom")
    assert last[1] == first[1]
    assert last[1] in [name for _, name in entries(client, "/whats-new/feed.atom")]


def test_a_feed_names_what_its_kind_cites(client):
    publication("petit2002"), publication("snowden2022")
    unreviewed("graft", "therapy", sections=[section("It works. [@petit2002]")])
    retract(publication("petit2002")), retract(publication("snowden2022"))

    titles = [title for title, _ in entries(client, "/therapies/feed.atom")]
    assert titles[0].startswith("Retracted: ")
    assert len(titles) == 2
    assert len(entries(client, "/agents/feed.atom")) == 0


@pytest.mark.parametrize("place", ["therapies", "agents", "conditions", "complications"])
def test_lists_name_their_feed(client, place):
    page = client.get(f"/de/{place}/").content.decode()

    assert f'type="application/atom+xml" href="/{place}/feed.atom"' in page
