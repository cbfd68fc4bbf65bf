"""Changes, news, evidence and the map in other languages: whose words are whose, and where to."""

import re
from xml.etree import ElementTree

import pytest
from django.utils import translation
from pages_data import (
    author,
    draft,
    publication,
    publish_unreviewed,
    retract,
    section,
    therapy_with_tables,
    unreviewed,
)

from hsc_portal.pages import kept
from tests import sharing
from topics import changes, documents, naming, publishing
from topics.differences import GRADING
from topics.knowledge_map import graph
from topics.models import Code, Topic

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
CHANGES = "/topics/graft/editions/2/changes/"


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


@pytest.fixture(scope="module")
def made_graft(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        yield make_graft().pk


@pytest.fixture
def graft(db, made_graft):
    return Topic.objects.get(pk=made_graft).specific


def make_graft():
    """Return a therapy with two editions, of which the second differs in text and tables."""
    publication("gale2020")
    topic = therapy_with_tables("graft")
    published = topic.editions.last().revision.document
    tables = {
        "steps": published["tables"]["steps"],
        "milestones": [{"subset": "platelets", "from_day": 20}],
        "benefits": [{"outcome": "Survival", "result": "85% at 5 years", "certainty": "low"}],
    }
    different = {
        "summary": "A better summary of graft.",
        "sections": [section("Stem cells live there. [@gale2020, p. 9]{#live check=awaiting}")],
        "relations": [{"kind": "uses", "target": "filgrastim"}],
        "next_review": "2028-01-31",
        "tables": tables,
    }
    changed = documents.load({**published, **different}, topic)
    publishing.save_revision(changed, author=author())
    return publish_unreviewed(changed, note="Newer figures")


def main_of(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0]


PATHS = [
    "/topics/graft/editions/",
    CHANGES,
    "/topics/graft/evidence/",
    "/map/",
    "/map/?topic=graft",
    "/whats-new/",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["de", "es"])
def test_a_page_leads_to_pages_of_its_language(client, graft, path, language):
    html = main_of(client, f"/{language}{path}")

    leading = set(re.findall(r'(?:href|action)="(/[^"]*)"', html))
    assert leading
    assert {href for href in leading if not href.startswith(f"/{language}/")} <= {
        "/whats-new/feed.atom",
        "/topics/graft/feed.atom",
    }


@pytest.mark.parametrize("path", PATHS)
def test_only_other_languages_are_marked(client, graft, path):
    assert ' lang="' not in main_of(client, path)
    assert ' lang="en"' in main_of(client, f"/de{path}")


def test_changes_mark_the_words_of_the_content(client, graft):
    html = main_of(client, f"/de{CHANGES}")

    assert '<p class="summary" lang="en">Newer figures</p>' in html
    assert '<ins><span class="hidden" lang="de">' in html
    assert re.search(r': <span lang="en">A <ins>', html)
    # A value that an editor wrote, and one of a fixed choice.
    assert '<ins><span lang="en">85% at 5 years</span></ins>' in html
    assert re.search(r'<ins>[^<]*<span class="hidden" lang="de">[^<]*</span>'
                     r'<span lang="de">[^<]+</span>', html)  # fmt: skip
    assert "31. Januar 2028" in html
    page = client.get(f"/de{CHANGES}").content.decode()
    assert f'<link rel="canonical" href="http://testserver{CHANGES}">' in page


def test_each_field_and_table_of_a_document_has_its_words():
    for model in (Topic, *Topic.__subclasses__()):
        forms = changes.forms_of(model)
        assert forms.keys() <= naming.TABLES.keys()
        fields = [(model, name) for name in model.FACTS]
        fields += [(Code, name) for name in Code.DOCUMENT_FIELDS]
        fields += [(model.row_model(name), each) for name in forms for each in forms[name].fields]
        for owner, name in fields:
            if name not in GRADING:
                assert str(owner._meta.get_field(name).verbose_name) in naming.FIELDS


def test_evidence_marks_the_words_of_the_content(client, graft):
    html = main_of(client, "/de/topics/graft/evidence/")

    assert '<p class="evidence-words" lang="en">Stem cells live there. <span class="marks"' in html
    assert '„<span lang="en">What is known?</span>“' in html
    assert '<p class="evidence-words"><span lang="en">Survival</span>' in html
    assert '<dd lang="en">85% at 5 years' in html
    # What a cell chooses among is a word of the portal.
    assert not re.search(r'<p class="evidence-words"><span lang="en">(Platelets|Thrombo)', html)


def test_the_map_marks_titles_and_is_the_same_graph(client, graft):
    html = main_of(client, "/de/map/")
    assert '<option value="graft" lang="en">Graft</option>' in html
    picture = ElementTree.fromstring(re.search(r'<svg class="map-picture".*?</svg>', html, re.S)[0])
    links = {link.get("href"): link.get("lang") for link in picture.iter("a")}
    assert links["/de/topics/graft/"] == "en"
    assert 'id="words-map"' in client.get("/de/map/").content.decode()

    english = graph.read()
    with translation.override("de"):
        german = graph.read()
        assert (german.edges, german.digest) == (english.edges, english.digest)


def test_news_are_in_the_language_of_the_page_and_feeds_in_their_own(client, graft):
    retract(publication("petit2002"))

    for path in ("/de/whats-new/", "/whats-new/"):
        assert "/editions/2/" in main_of(client, path)
    feeds = [client.get(f"{path}feed.atom").content for path in ("/whats-new/", "/topics/graft/")]
    for feed in feeds:
        assert b"/de/" not in feed
        assert b"lang=" not in feed.replace(b'xml:lang="en"', b"")
    assert client.get("/de/whats-new/feed.atom").status_code == 404
    german = main_of(client, "/de/whats-new/")
    assert re.search(r'<h3><a href="/de/topics/graft/" lang="en">Graft</a></h3>', german)
    assert '<p lang="en">Newer figures</p>' in german


def test_what_a_feed_does_not_know_makes_no_other_feed(client):
    unreviewed("graft", areas=["biology"])
    plain = client.get("/whats-new/feed.atom?area=biology&kind=overview")
    held = len(kept.pages)

    odd = client.get("/whats-new/feed.atom?kind=overview&utm_source=a&area=biology&page=7")

    assert (odd.content, odd["ETag"]) == (plain.content, plain["ETag"])
    feed = ElementTree.fromstring(odd.content)
    links = {node.get("rel"): node.get("href") for node in feed.iterfind("a:link", ATOM)}
    assert links == {
        "self": "http://testserver/whats-new/feed.atom?area=biology&kind=overview",
        "alternate": "http://testserver/whats-new/?area=biology&kind=overview",
    }
    for n in range(3):
        client.get(f"/whats-new/feed.atom?area=biology&kind=overview&x={n}")
        client.get(f"/topics/graft/feed.atom?x={n}")
    assert len(kept.pages) == held + 1
    page = main_of(client, "/whats-new/?area=biology&utm_source=a")
    assert 'href="/whats-new/feed.atom?area=biology"' in page


def test_a_refusal_is_read_in_the_language_of_the_page(client, graft):
    draft("hidden")
    for path in ("/map/?topic=hidden", "/topics/graft/evidence/?show=best", f"{CHANGES}?from=9"):
        response = client.get(f"/es{path}")
        assert response.status_code == 400
        assert '<html lang="es"' in response.content.decode()
