"""What pages of the portal tell search engines: read by types and the properties these need."""

import json
import re

import pytest
from pages_data import editor, partner, publication, unreviewed

from hsc_portal.pages import kept
from topics import publishing
from topics.models import GlossaryTerm

pytestmark = pytest.mark.django_db

ORIGIN = "http://testserver"
DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
# By schema.org, and what search engines ask for beside.
NEEDED = {
    "WebSite": {"name", "url"},
    "SearchAction": {"target", "query-input"},
    "EntryPoint": {"urlTemplate"},
    "Organization": {"name"},
    "AboutPage": {"name", "url", "inLanguage", "isPartOf", "publisher"},
    "CollectionPage": {"name", "url", "inLanguage", "isPartOf", "publisher"},
    "WebPage": {"name", "url", "inLanguage", "isPartOf", "publisher", "mainEntity"},
    "MedicalWebPage": {"name", "url", "datePublished", "publisher", "about", "license"},
    "MedicalTherapy": {"name"},
    "ScholarlyArticle": {"name", "author", "datePublished"},
    "Person": {"name"},
    "Periodical": {"name"},
    "ItemList": {"numberOfItems", "itemListElement"},
    "ListItem": {"position", "url"},
    "DefinedTermSet": {"name", "url", "hasDefinedTerm"},
    "DefinedTerm": {"name", "@id"},
}


@pytest.fixture(autouse=True)
def shown():
    kept.pages.clear()
    publication("petit2002"), unreviewed("graft", "therapy"), unreviewed("marrow")
    publishing.save_term(GlossaryTerm(term="Stem cell", definition="It renews."), actor=editor())
    partner("Net")


def data_of(client, path: str) -> dict:
    (text,) = DATA.findall(client.get(path).content.decode())
    found = json.loads(text)
    assert found["@context"] == "https://schema.org"
    check(found)
    return found


def check(found) -> None:
    """Fail if something has an unknown type, lacks what that needs, or has an empty value."""
    if isinstance(found, list):
        for each in found:
            check(each)
    if not isinstance(found, dict):
        return
    assert NEEDED[found["@type"]] <= found.keys(), found
    for name, value in found.items():
        assert value not in ("", None, {}), name
        if name in ("url", "urlTemplate"):
            assert value.startswith(ORIGIN) or found["@type"] == "Organization"
        check(value)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "WebSite"),
        ("/de/", "WebSite"),
        ("/about/", "AboutPage"),
        ("/glossary/", "DefinedTermSet"),
        ("/topics/", "CollectionPage"),
        ("/es/therapies/", "CollectionPage"),
        ("/agents/", "CollectionPage"),
        ("/references/", "CollectionPage"),
        ("/whats-new/", "CollectionPage"),
        ("/partners/", "CollectionPage"),
        ("/partners/net/", "WebPage"),
        ("/topics/graft/", "MedicalWebPage"),
        ("/topics/graft/editions/1/", "MedicalWebPage"),
        ("/references/petit2002/", "ScholarlyArticle"),
    ],
)
def test_each_page_says_what_it_is(client, path, kind):
    found = data_of(client, path)

    assert found["@type"] == kind
    if path not in ("/topics/graft/", "/references/petit2002/"):
        assert client.get(found.get("url", "/").removeprefix(ORIGIN)).status_code == 200


def test_the_start_page_says_how_the_portal_is_searched(client):
    action = data_of(client, "/de/")["potentialAction"]

    address = action["target"]["urlTemplate"].replace("{search_term_string}", "graft")
    assert address == f"{ORIGIN}/de/search/?q=graft"
    assert "Graft" in client.get(address.removeprefix(ORIGIN)).content.decode()


def test_by_which_principles_is_said(client):
    for path in ("/about/", "/topics/", "/topics/graft/"):
        assert data_of(client, path)["publisher"]["publishingPrinciples"] == f"{ORIGIN}/about/"


def test_a_list_names_what_stands_on_it(client):
    found = data_of(client, "/topics/")["mainEntity"]

    assert found["numberOfItems"] == 2
    urls = [(item["position"], item["url"]) for item in found["itemListElement"]]
    assert urls == [(1, f"{ORIGIN}/topics/graft/"), (2, f"{ORIGIN}/topics/marrow/")]
    (one,) = data_of(client, "/de/references/")["mainEntity"]["itemListElement"]
    assert one["url"] == f"{ORIGIN}/de/references/petit2002/"
    # Another view of the same list is no page of its own.
    assert not DATA.findall(client.get("/topics/?kind=therapy").content.decode())


def test_terms_are_found_in_the_glossary(client):
    (term,) = data_of(client, "/glossary/")["hasDefinedTerm"]

    assert term == {"@type": "DefinedTerm", "@id": "#term_stem-cell", "name": "Stem cell"}
    page = client.get("/glossary/").content.decode()
    assert 'id="term_stem-cell"' in page
