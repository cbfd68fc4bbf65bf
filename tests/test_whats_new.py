"""What is new: the page, its filters, and the feeds of everything and of one topic."""

import re
from datetime import UTC, datetime
from unittest import mock
from xml.etree import ElementTree

import pytest
from django.db import connection
from pages_data import (
    author,
    document,
    draft,
    drafts,
    editor,
    publication,
    publish_unreviewed,
    retract,
    reviewed,
    section,
    unreviewed,
    withdraw,
)

from hsc_portal.pages import kept
from topics import documents, feeds, publishing
from topics.library import merging
from topics.models import Event, GlossaryTerm, Topic

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


def words_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def feed_of(client, path: str) -> ElementTree.Element:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def titles(feed: ElementTree.Element) -> list[str]:
    return [entry.findtext("a:title", namespaces=ATOM) for entry in feed.iterfind("a:entry", ATOM)]


def new_edition(topic: Topic, note="Second edition", **different) -> Topic:
    published = topic.editions.last().revision.document
    changed = documents.load({**published, **different}, topic)
    publishing.save_revision(changed, author=author())
    publish_unreviewed(changed, note=note)
    return changed


def term(definition="A graft of stem cells.", **fields) -> GlossaryTerm:
    made = GlossaryTerm(term="Allograft", definition=definition, **fields)
    publishing.save_term(made, actor=editor())
    return made


def test_an_empty_portal_says_so(client):
    assert "Nothing has been published yet." in words_of(client, "/whats-new/")
    assert titles(feed_of(client, "/whats-new/feed.atom")) == []


def test_everything_that_readers_care_about_is_told_newest_first(client):
    petit = publication("petit2002")
    topic = unreviewed("graft", sections=[section("Cells move. [@petit2002]")])
    new_edition(topic, "Better figures", summary="Another summary.")
    retract(petit)
    allograft = term()
    allograft.definition = "A graft of donor stem cells."
    publishing.save_term(allograft, actor=editor())
    reviewed("marrow")
    withdraw(topic, "A dose was wrong.")

    read = words_of(client, "/whats-new/")

    told = [
        "Graft Withdrawn Edition 2 A dose was wrong.",
        "Marrow New topic Edition 1 · reviewed by Clara Clinician First reviewed edition",
        "Allograft Term changed A graft of [added: donor ] stem cells.",
        "Allograft New term A graft of stem cells.",
        "Petit 2002: What petit2002 found Retracted The data were made up.",
        "Graft New edition Edition 2 · not yet reviewed by a clinician · withdrawn since "
        "Better figures What changed, word by word",
        "Graft New topic Edition 1",
    ]
    places = [read.index(words) for words in told]
    assert places == sorted(places)
    html = client.get("/whats-new/").content.decode()
    assert html.count("<h1") == 1
    assert 'href="/topics/graft/editions/2/changes/"' in html


def test_a_notice_names_the_topics_that_cite_the_publication_now(client):
    petit = publication("petit2002")
    for n in range(7):
        unreviewed(f"graft-{n}", sections=[section("Cells move. [@petit2002]")])
    withdraw(Topic.objects.get(slug="graft-0"), "Wrong.")
    retract(petit)

    read = words_of(client, "/whats-new/?change=notice")

    assert "Cited in Graft 1 ; Graft 2 ; Graft 3 ; Graft 4 ; Graft 5 and 1 more" in read


def test_what_editors_do_among_themselves_is_not_told(client):
    topic = draft("graft")
    publishing.submit(topic, actor=author(), note="Please look")
    publishing.restore(topic.revisions.last(), actor=author())

    assert "0 in all" in words_of(client, "/whats-new/")
    assert "Please look" not in client.get("/whats-new/feed.atom").content.decode()


def test_filters_narrow_the_page_and_the_feed(client):
    petit = publication("petit2002")
    graft = unreviewed("graft", "therapy", areas=["conditioning"],
                       sections=[section("Cells move. [@petit2002]")])  # fmt: skip
    new_edition(graft, summary="Another summary.")
    unreviewed("marrow", areas=["biology"])
    gone = unreviewed("niche", areas=["biology"])
    withdraw(gone, "Wrong.")
    retract(petit)
    term()

    notice = "Retracted: Petit 2002: What petit2002 found"
    for query, expected in {
        "change=new-topic": ["New topic: Niche", "New topic: Marrow", "New topic: Graft"],
        "change=new-edition&change=glossary": ["New term: Allograft", "New edition: Graft"],
        "change=withdrawn": ["Withdrawn: Niche"],
        "change=notice": [notice],
        "area=biology": ["Withdrawn: Niche", "New topic: Niche", "New topic: Marrow"],
        "area=conditioning": [notice, "New edition: Graft", "New topic: Graft"],
        "kind=therapy": [notice, "New edition: Graft", "New topic: Graft"],
        "kind=agent": [],
        "area=biology&change=withdrawn": ["Withdrawn: Niche"],
    }.items():
        assert titles(feed_of(client, f"/whats-new/feed.atom?{query}")) == expected
        assert f"{len(expected)} found" in words_of(client, f"/whats-new/?{query}")
    assert "Nothing fits these filters." in words_of(client, "/whats-new/?kind=agent")


def test_since_means_from_the_beginning_of_that_day(client):
    for day in ("2026-03-01", "2026-05-01"):
        moment = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=UTC)
        with mock.patch("django.utils.timezone.now", return_value=moment):
            unreviewed(f"graft-{day[5:7]}")

    assert "1 found" in words_of(client, "/whats-new/?since=2026-05-01")
    assert "2 found" in words_of(client, "/whats-new/?since=2026-02-28")
    assert "0 found" in words_of(client, "/whats-new/?since=2026-05-02")


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("change=zebra", "What happened Select a valid choice."),
        ("area=zebra", "Area of the topic Select a valid choice."),
        ("kind=zebra", "Kind of topic Select a valid choice."),
        ("since=yesterday", "Since Enter a day as year, month and day, like 2026-11-22."),
    ],
)
def test_values_that_cannot_be_meant_are_refused(client, query, fault):
    assert fault in words_of(client, f"/whats-new/?{query}", 400)
    assert fault in words_of(client, f"/whats-new/feed.atom?{query}", 400)


def test_the_feed_is_atom_with_names_that_stay(client):
    reviewed("graft", "therapy", areas=["conditioning"])
    new = Event.objects.get(kind="published")

    feed = feed_of(client, "/whats-new/feed.atom")
    (entry,) = feed.iterfind("a:entry", ATOM)

    def text(name: str, node=entry) -> str:
        return node.findtext(f"a:{name}", namespaces=ATOM)

    assert text("id", feed) == "tag:testserver,2026:whats-new/feed.atom"
    assert text("id") == f"tag:testserver,2026:events/{new.pk}"
    assert text("title") == "New topic: Graft"
    link = entry.find("a:link", ATOM).get("href")
    assert link == "http://testserver/topics/graft/editions/1/"
    assert text("updated") == text("published") == new.created_at.isoformat()
    assert text("updated", feed) == text("updated")
    assert "reviewed by Clara Clinician" in text("summary")
    categories = [node.get("term") for node in entry.iterfind("a:category", ATOM)]
    assert categories == ["New topic", "Therapy", "Conditioning"]
    links = {node.get("rel"): node.get("href") for node in feed.iterfind("a:link", ATOM)}
    assert links["self"] == "http://testserver/whats-new/feed.atom"
    assert links["alternate"] == "http://testserver/whats-new/"


@pytest.mark.parametrize("host", ["a.example", "b.example:8000", "[::1]:8000"])
def test_names_are_the_same_whichever_host_was_asked(client, settings, host):
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["*"], "https://hsc.example.org"
    unreviewed("graft")

    feed = ElementTree.fromstring(
        client.get("/whats-new/feed.atom", headers={"Host": host}).content
    )
    ids = [node.text for node in feed.iterfind(".//a:id", ATOM)]
    assert ids[0] == "tag:hsc.example.org,2026:whats-new/feed.atom"
    assert all(each.startswith("tag:hsc.example.org,2026:") for each in ids)


@pytest.mark.parametrize(
    ("origin", "authority"),
    [
        ("http://testserver", "testserver"),
        ("http://10.0.0.1:8000", "10.0.0.1"),
        ("http://[::1]:8000", "0000-0000-0000-0000-0000-0000-0000-0001"),
    ],
)
def test_without_an_address_of_its_own_the_host_that_was_asked_gives_names(origin, authority):
    assert feeds.tag(origin, "events/1") == f"tag:{authority},2026:events/1"


def test_a_retraction_is_told_once_under_the_key_that_is_kept(client):
    petit, other = publication("petit2002"), publication("gallipoli2003")
    unreviewed("graft", "therapy", sections=[section("Cells move. [@petit2002]")])
    unreviewed("marrow", "agent", sections=[section("Cells rest. [@gallipoli2003]")])
    merging.merge(other, petit, actor=editor())
    retract(other)

    told = ["Retracted: Gallipoli 2003: What gallipoli2003 found"]
    assert Event.objects.filter(kind="reference-status").count() == 2
    assert titles(feed_of(client, "/whats-new/feed.atom?change=notice")) == told
    for path in ("/therapies/feed.atom", "/agents/feed.atom", "/topics/graft/feed.atom",
                 "/topics/marrow/feed.atom"):  # fmt: skip
        assert titles(feed_of(client, path))[:-1] == told
    assert "Cited in Graft ; Marrow" in words_of(client, "/whats-new/?change=notice")


def test_what_was_told_before_a_merge_is_still_told(client):
    petit, other = publication("petit2002"), publication("gallipoli2003")
    unreviewed("graft", "therapy", sections=[section("Cells move. [@petit2002]")])
    retract(petit)
    merging.merge(other, petit, actor=editor())

    found = titles(feed_of(client, "/whats-new/feed.atom?change=notice"))
    assert found == ["Retracted: Gallipoli 2003: What gallipoli2003 found"]
    assert len(titles(feed_of(client, "/topics/graft/feed.atom"))) == 2


def test_a_corrected_title_is_in_the_feed_at_once(client):
    petit = publication("petit2002")
    unreviewed("graft", sections=[section("Cells move. [@petit2002]")])
    retract(petit)
    for path in ("/whats-new/feed.atom", "/topics/graft/feed.atom", "/overviews/feed.atom"):
        assert "What petit2002 found" in titles(feed_of(client, path))[0]

    petit.refresh_from_db()
    petit.csl["title"] = "What was found"
    petit.save()
    with connection.cursor() as cursor:
        # As the end of the transaction would, of which the database makes an event.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for path in ("/whats-new/feed.atom", "/topics/graft/feed.atom", "/overviews/feed.atom"):
        assert "What was found" in titles(feed_of(client, path))[0]


def test_a_feed_is_sent_once(client):
    topic = unreviewed("graft")
    for path in ("/whats-new/feed.atom", "/topics/graft/feed.atom"):
        first = client.get(path)
        assert first["Last-Modified"]
        assert first["Cache-Control"].startswith("public")
        assert "Cookie" not in first.get("Vary", "")
        again = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        later = client.get(path, headers={"If-Modified-Since": first["Last-Modified"]})
        assert later.status_code == 304
        new_edition(topic, summary=f"Better than {path}.")
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_feed_of_a_topic_tells_of_its_sources_and_its_end(client):
    petit = publication("petit2002")
    topic = unreviewed("graft", sections=[section("Cells move. [@petit2002]")])
    unreviewed("marrow")
    retract(petit)

    feed = feed_of(client, "/topics/graft/feed.atom")
    assert titles(feed) == ["Retracted: Petit 2002: What petit2002 found", "New topic: Graft"]
    assert feed.findtext("a:title", namespaces=ATOM) == "Graft: what is new"

    withdraw(topic, "A dose was wrong.")
    gone = feed_of(client, "/topics/graft/feed.atom")
    assert titles(gone) == ["Withdrawn: Graft", "New topic: Graft"]
    assert gone.findtext("a:title", namespaces=ATOM) == "Graft: what is new"
    assert client.get("/topics/none/feed.atom").status_code == 404


def test_the_feed_of_a_topic_follows_a_new_address(client):
    new_edition(unreviewed("graft"), slug="grafts")

    moved = client.get("/topics/graft/feed.atom")

    assert (moved.status_code, moved["Location"]) == (301, "/topics/grafts/feed.atom")


def test_feeds_hold_whatever_was_pasted(client, monkeypatch):
    # As in an edition from before HTML was refused.
    monkeypatch.setattr("topics.models.rows.html_faults", lambda words: [])
    hostile = "Faster\x0b<script>alert(1)</script> & \x02cheaper"
    new_edition(unreviewed("graft"), hostile, title=hostile, summary="Other.")

    for path in ("/whats-new/feed.atom", "/topics/graft/feed.atom"):
        entry = feed_of(client, path).find("a:entry", ATOM)
        assert "<script>" not in entry.findtext("a:summary", namespaces=ATOM)
        assert "<script>" in entry.findtext("a:title", namespaces=ATOM)
    assert "<script>alert" not in client.get("/whats-new/").content.decode()


def test_pages_name_their_feeds(client):
    unreviewed("graft")

    page = client.get("/whats-new/?area=biology").content.decode()
    assert 'type="application/atom+xml" href="/whats-new/feed.atom?area=biology"' in page
    history = client.get("/topics/graft/editions/").content.decode()
    assert 'type="application/atom+xml" href="/topics/graft/feed.atom"' in history


def test_no_draft_is_told(client):
    topic = unreviewed("graft")
    hidden = {"title": "UNSPEAKABLE", "summary": "UNSPEAKABLE", "areas": ["risks"]}
    changed = documents.load({**topic.editions.last().revision.document, **hidden}, topic)
    publishing.save_revision(changed, author=author())
    withdraw(topic, "Wrong.")

    for path in ("/whats-new/", "/whats-new/feed.atom", "/topics/graft/feed.atom"):
        assert "UNSPEAKABLE" not in client.get(path).content.decode()
    assert "0 found" in words_of(client, "/whats-new/?area=risks")


@pytest.mark.parametrize("number", [1, 30])
def test_the_queries_do_not_grow(client, django_assert_num_queries, number):
    term()
    cited = [publication(f"author{1950 + n}") for n in range(number)]
    topics = drafts(*(
        document(f"graft-{n}", sections=[section(f"Cells move. [@author{1950 + n}]")])
        for n in range(number)
    ))  # fmt: skip
    publish_unreviewed(*topics)
    for n, topic in enumerate(topics):
        retract(cited[n])
        if n % 2:
            withdraw(topic, "Wrong.")

    for path in ("/whats-new/", "/whats-new/?area=biology&kind=overview&since=2026-01-01",
                 "/whats-new/feed.atom", "/topics/graft-0/feed.atom"):  # fmt: skip
        with django_assert_num_queries(3):
            assert client.get(path).status_code == 200


def test_long_lists_have_pages_that_keep_the_filters(client):
    for n in range(51):
        made = GlossaryTerm(term=f"Term {n}", definition="Meant.")
        publishing.save_term(made, actor=editor())

    html = client.get("/whats-new/?change=glossary").content.decode()

    assert "51 found, 1 to 50 shown" in " ".join(html.split())
    assert 'href="?change=glossary&amp;page=2"' in html
    assert (
        "/whats-new/feed.atom?change=glossary"
        in client.get("/whats-new/?change=glossary&page=2").content.decode()
    )
