"""The languages of the interface: addresses, marks in the pages, caches, and what has none."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from unittest import mock

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation

from hsc_portal import error_pages
from tests.pages_data import (
    FAR_AHEAD,
    condition_with_grid,
    editor,
    publication,
    publish_unreviewed,
    retract,
    reviewed,
    section,
    therapy_with_tables,
    unreviewed,
    withdraw,
)
from topics import listings, publishing
from topics.models import GlossaryTerm, Listing

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _ in settings.LANGUAGES]
OTHERS = [code for code in LANGUAGES if code != settings.LANGUAGE_CODE]
TOPIC = "/topics/graft/"


def html_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict]]:
    """Return tag and attributes of each element of a page."""
    parser = _Elements()
    parser.feed(html)
    return parser.found


def tags_of(html: str, tag: str) -> list[dict]:
    return [attributes for name, attributes in elements(html) if name == tag]


def one(found: list[dict], **wanted) -> dict:
    """Return the one of the elements that has these attributes."""
    fitting = [each for each in found if wanted.items() <= each.items()]
    assert len(fitting) == 1, (wanted, fitting)
    return fitting[0]


def graft(**more):
    publication("petit2002")
    body = "Cells move, see [the niche](topic:niche). [@petit2002]{#cells certainty=high}"
    parts = [section(body, kind="key_points"), section("Nobody knows.", heading="And?")]
    relations = [{"kind": "part_of", "target": "niche"}]
    unreviewed("niche")
    return unreviewed("graft", sections=parts, relations=relations, next_review=FAR_AHEAD, **more)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_address_says_the_language_and_nothing_else_does(client, language):
    unreviewed("graft")
    prefix = "" if language == "en" else f"/{language}"
    wish = {"Accept-Language": "fr, de;q=0.9, es;q=0.8"}
    for path in ("/", "/topics/", TOPIC, "/about/"):
        client.cookies["django_language"] = "de"
        plain, wished = client.get(prefix + path), client.get(prefix + path, headers=wish)
        assert plain.status_code == 200
        assert plain.content == wished.content
        assert plain["Content-Language"] == language
        assert f'<html lang="{language}">' in plain.content.decode()
        assert "Accept-Language" not in plain.get("Vary", "")
        assert "Cookie" not in plain.get("Vary", "")


@pytest.mark.parametrize("path", ["/en/", "/en/topics/", "/fr/", "/de/api/", "/de/api/v1/topics/",
                                  "/de/admin/", "/de/robots.txt", "/es/whats-new/feed.atom",
                                  "/de/glossary/terms.json"])  # fmt: skip
def test_what_has_one_address_has_no_other(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/topics/?q=marrow+cells&kind=overview", "/topics/?q=marrow+cells&kind=overview"),
        ("/", "/"),
        ("/references/?page=1", "/references/?page=1"),
        # A page that is kept depends on no other part of its query.
        (f"{TOPIC}?utm_source=mail", TOPIC),
    ],
)
def test_links_to_other_languages_keep_path_and_query(client, path, shown):
    unreviewed("graft")
    places = {code: shown if code == "en" else f"/{code}{shown}" for code in LANGUAGES}
    for language in LANGUAGES:
        html = html_of(client, path if language == "en" else f"/{language}{path}")
        links = [each for each in tags_of(html, "a") if "hreflang" in each]
        assert {each["hreflang"]: each["href"] for each in links} == places
        assert one(links, hreflang=language)["aria-current"] == "true"


@pytest.mark.parametrize("path", ["/de//evil.example/x/", "/es//evil.example/", "//evil.example/"])
def test_no_address_leads_to_another_site(client, path):
    links = tags_of(client.get(path).content.decode(), "a")
    assert not [each for each in links if (each.get("href") or "").startswith("//")]


def test_a_page_for_builders_has_one_language(client):
    assert "hreflang" not in client.get("/style/").content.decode()
    assert client.get("/de/style/").status_code == 404


def test_each_language_of_a_page_is_kept_by_itself(client):
    unreviewed("graft")
    tags = {code: client.get(place)["ETag"] for code, place in _places(TOPIC).items()}
    assert len(set(tags.values())) == len(LANGUAGES)
    for code, place in _places(TOPIC).items():
        for known, tag in tags.items():
            answer = client.get(place, headers={"If-None-Match": tag})
            assert answer.status_code == (304 if known == code else 200)


def _places(path: str) -> dict[str, str]:
    return {code: path if code == "en" else f"/{code}{path}" for code in LANGUAGES}


def test_a_topic_has_one_address_for_citations_and_cards(client):
    topic = graft()
    edition = f"{TOPIC}editions/1/"
    for place in _places(TOPIC).values():
        html = html_of(client, place)
        assert one(tags_of(html, "link"), rel="canonical")["href"] == f"http://testserver{TOPIC}"
        cards = {each["property"]: each["content"] for each in tags_of(html, "meta")
                 if "property" in each}  # fmt: skip
        assert cards["og:url"] == f"http://testserver{TOPIC}"
        assert cards["og:locale"] == "en_US"
        assert cards["og:title"] == "Graft"
        assert cards["og:image"].startswith("http://testserver/static/icons/")
        assert f"http://testserver{edition}" in html
    withdraw(topic, "A dose was wrong.")
    for place in _places(edition).values():
        canonical = one(tags_of(html_of(client, place), "link"), rel="canonical")
        assert canonical["href"] == f"http://testserver{edition}"


def test_every_page_has_a_card(client):
    cards = {each["property"]: each["content"]
             for each in tags_of(html_of(client, "/es/about/"), "meta")
             if "property" in each}  # fmt: skip
    assert cards["og:locale"] == "es_ES"
    assert cards["og:site_name"] == "HSC Portal"


def test_an_edition_is_cited_in_one_way_whoever_reads(client):
    graft()
    pages = [html_of(client, place) for place in _places(f"{TOPIC}editions/1/cite/").values()]
    cited = [re.findall(r"<dd[^>]*data-copy[^>]*>(.*?)</dd>", page) for page in pages]
    assert cited[0] and all(each == cited[0] for each in cited)
    assert f"http://testserver{TOPIC}editions/1/" in cited[0][0]
    lines = [
        re.search(r"HSC Portal\. Graft\..*?<br>", html_of(client, place)).group()
        for place in _places(TOPIC).values()
    ]
    assert len(set(lines)) == 1


@pytest.mark.parametrize("language", OTHERS)
def test_words_of_the_content_are_marked_and_words_of_the_portal_amid_them(client, language):
    retract(publication("petit2002"))
    graft()

    html = html_of(client, f"/{language}{TOPIC}")

    assert '<h1 lang="en">Graft</h1>' in html
    assert '<p class="summary" lang="en">A summary of graft.</p>' in html
    for kind, heading in (("key-points", "What is known?"), ("", "And?")):
        opening = r'<section class="key-points"[^>]* lang="en">' if kind else (
            r'<section aria-labelledby="[^"]*" lang="en">')  # fmt: skip
        assert re.search(rf"{opening}\s*<h2 [^>]*>{re.escape(heading)}</h2>", html)
    statement = re.search(r'<span class="statement" id="cells">.*?#</a></span>', html).group()
    assert f'<span class="marks" lang="{language}">' in statement
    assert re.search(rf'<a class="permalink"[^>]* lang="{language}"', statement)
    assert f'<strong class="flag" lang="{language}">' in statement
    assert re.search(r'<a href="#and" lang="en">And\?</a>', html)
    assert f'<a href="/{language}/topics/niche/" lang="en">Niche</a>' in html
    assert re.search(r'<li id="ref_\d+"><span lang="en">Petit P. What petit2002 found', html)
    assert not any("lang" in each for each in tags_of(html, "article"))


def test_in_the_language_of_the_content_nothing_is_marked(client):
    graft()
    marked = [
        attributes
        for tag, attributes in elements(html_of(client, TOPIC))
        if "lang" in attributes and tag != "html" and "hreflang" not in attributes
    ]
    assert marked == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_topic_says_which_language_its_content_has(client, language):
    graft()
    assert '<p class="hint">' in _head(html_of(client, f"/{language}{TOPIC}"))
    assert '<p class="hint">' not in _head(html_of(client, TOPIC))


def test_content_of_another_language_is_marked_as_such(client):
    graft(language="de")
    german, english = html_of(client, f"/de{TOPIC}"), html_of(client, TOPIC)
    assert "<h1>Graft</h1>" in german
    assert '<p class="hint">' not in _head(german)
    assert "The content of this page is in German." in _head(english)
    for html in (english, html_of(client, f"/es{TOPIC}")):
        assert '<h1 lang="de">Graft</h1>' in html
        assert one(tags_of(html, "meta"), property="og:locale")["content"] == "de_DE"


def _head(html: str) -> str:
    return html.partition('<header class="topic-head">')[2].partition('<p class="kicker">')[0]


def test_dates_are_written_as_the_language_writes_them(client):
    graft()
    for place, words in (("", "31 December 2999"), ("/de", "31. Dezember 2999"),
                         ("/es", "31 de diciembre de 2999")):  # fmt: skip
        html = html_of(client, place + TOPIC)
        assert f'<time datetime="2999-12-31">{words}</time>' in html


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("", "22 November 2026, 09:05 UTC"),
        ("/de", "22. November 2026, 09:05 Uhr (UTC)"),
        ("/es", "22 de noviembre de 2026 a las 09:05 UTC"),
    ],
)
def test_times_are_written_as_the_language_writes_them(client, place, words):
    moment = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    with mock.patch("django.utils.timezone.now", return_value=moment):
        unreviewed("graft")
    assert words in html_of(client, f"{place}/topics/graft/editions/")


@pytest.mark.parametrize("language", OTHERS)
def test_a_moved_topic_is_found_in_the_same_language(client, language):
    topic = unreviewed("marrow")
    topic.slug = "bone-marrow"
    topic.save()
    publishing.save_revision(topic, author=editor())
    publish_unreviewed(topic, note="Another address")
    for old, new in (("/topics/marrow/", "/topics/bone-marrow/"),
                     ("/topics/marrow/editions/1/", "/topics/bone-marrow/editions/1/"),
                     ("/agents/bone-marrow/", "/topics/bone-marrow/"),
                     ("/about", "/about/")):  # fmt: skip
        answer = client.get(f"/{language}{old}")
        assert (answer.status_code, answer["Location"]) == (301, f"/{language}{new}")


@pytest.mark.parametrize("language", OTHERS)
def test_scripts_are_told_words_and_addresses(client, language):
    graft()
    html = html_of(client, f"/{language}{TOPIC}")
    data = re.search(r'<script id="words-topic" type="application/json">(.*?)</script>', html)
    told = json.loads(data.group(1))
    assert told["glossary"] == f"/{language}/glossary/"
    assert told["home"] == f"/{language}/"
    assert told["terms"] == "/glossary/terms.json"
    assert told["close"] and "{number}" in told["reference"]


def test_what_is_listed_is_the_same_whoever_publishes():
    graft()

    def listed() -> list[dict]:
        return list(Listing.objects.order_by("slug").values("related", "facets", "stamp"))

    before = listed()
    assert [group["label"] for group in before[0]["related"]] == ["Part of"]
    with translation.override("de"):
        listings.rebuild()
    assert listed() == before


def test_the_api_speaks_english_whoever_asks(client):
    graft()
    answer = client.get("/api/v1/topics/graft/", headers={"Accept-Language": "de"})
    assert answer["Content-Language"] == "en"
    assert "/de/" not in answer.content.decode()
    assert answer.json()["links"]["related"][0]["label"] == "Part of"


def test_the_page_of_a_fault_speaks_the_language_and_needs_nothing(django_assert_num_queries):
    for language in LANGUAGES:
        with translation.override(language), django_assert_num_queries(0):
            html = error_pages.failed(RequestFactory().get("/")).content.decode()
        assert html.startswith("<!doctype html>")
        assert tags_of(html, "html")[0]["lang"] == language
        home = "/" if language == "en" else f"/{language}/"
        assert {each["href"] for each in tags_of(html, "a")} == {home}


# Everything else must be in the language of the page.
OF_ALL_LANGUAGES = re.compile(
    r"/static/|/api/|/fhir/|/oembed|/style/|/service-worker\.js|/manifest\.webmanifest|/favicon\.ico"
    r"|.*\.(atom|ris|bib|nbib|json|txt)(\?|$)"
)
PAGES = [
    "/", "/topics/", "/topics/?q=nothing", "/therapies/", "/agents/", "/conditions/",
    "/complications/", TOPIC, f"{TOPIC}editions/1/", f"{TOPIC}editions/", f"{TOPIC}evidence/",
    f"{TOPIC}editions/1/cite/", f"{TOPIC}editions/1/changes/", f"{TOPIC}?as_of=2020-01-01",
    "/topics/wrong/", "/topics/reviewed/", "/topics/infusion-of-a-graft/", "/topics/leukemia/",
    "/topics/infusion-of-a-graft/evidence/", "/therapies/compare/",
    "/therapies/compare/?t=infusion-of-a-graft", "/therapies/recovery/", "/map/",
    "/map/?topic=graft", "/references/", "/references/petit2002/", "/whats-new/", "/glossary/",
    "/about/", "/follow/", f"/follow/?topic={TOPIC.split('/')[2]}", "/report/",
    "/report/?topic=graft", "/saved/", "/offline/", "/nothing/", "/topics/?kind=zebra",
]  # fmt: skip


def _make_all() -> None:
    topic = graft()
    therapy_with_tables()
    condition_with_grid()
    reviewed("reviewed", "complication")
    term = GlossaryTerm(term="graft", definition="Cells given.", topic=topic)
    publishing.save_term(term, actor=editor())
    withdraw(unreviewed("wrong"), "A dose was wrong.")
    retract(publication("petit2002"))


def test_a_page_leads_into_no_other_language(client):
    _make_all()
    for path in PAGES:
        for language, place in _places(path).items():
            answer = client.get(place)
            assert answer.status_code < 500, place
            for tag, attributes in elements(answer.content.decode()):
                if "hreflang" in attributes or attributes.get("rel") == "canonical":
                    continue
                for name in ("href", "action"):
                    target = attributes.get(name) or ""
                    if target.startswith("/") and not OF_ALL_LANGUAGES.match(target):
                        assert _language_of(target) == language, (place, tag, target)


def _language_of(path: str) -> str:
    return next((code for code in OTHERS if path.startswith(f"/{code}/")), "en")
