"""Cards for pages of others, the script that shows them, and oEmbed."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.test import Client
from pages_data import (
    draft,
    new_edition,
    publication,
    retract,
    reviewed,
    section,
    unreviewed,
    withdraw,
)

from hsc_portal.pages import kept
from topics.embedding import cards

pytestmark = pytest.mark.django_db

BODY = """\
Cells find [their way](topic:marrow). [@petit2002, p. 690]{#way certainty=high}

Some stay in the blood. [@snowden2022]{#stay certainty=low}
"""
ORIGIN = "http://testserver"


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


@pytest.fixture
def homing():
    publication("petit2002"), publication("snowden2022")
    unreviewed("marrow")
    return unreviewed(
        "homing",
        sections=[section("Cells go home.", "Key points", "key_points"),
                  section(BODY, "How do they know?", "mechanism")],
    )  # fmt: skip


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.partition("<main>")[2]).split())


def card(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def told(client, url: str, **more) -> dict:
    response = client.get("/oembed", {"url": url, **more})
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    return response.json()


def test_a_topic_in_short(client, homing):
    html = card(client, "/embed/homing/")

    shown = words(html)
    assert shown.startswith("Overview Homing Not yet reviewed by a clinician. Edition 1 published ")
    assert "A summary of homing." in shown
    assert "Cells go home." in shown
    assert "Cells find" not in shown
    assert "CC BY 4.0" in shown
    assert f'<link rel="canonical" href="{ORIGIN}/topics/homing/">' in html
    assert '<meta name="robots" content="noindex">' in html


def test_who_reviewed_it_and_when(client):
    reviewed("thawing")

    assert "Reviewed by Clara Clinician on " in words(card(client, "/embed/thawing/"))


def test_a_section_and_a_statement_of_it(client, homing):
    of_section = words(card(client, "/embed/homing/how-do-they-know/"))
    of_statement = words(card(client, "/embed/homing/way/"))

    assert "Overview · Homing How do they know?" in of_section
    assert "Cells find their way" in of_section
    assert "Some stay" in of_section
    assert "Cells find their way . [ 1 ]" in of_statement
    assert "high certainty" in of_statement
    assert "Some stay" not in of_statement
    for text in (of_section, of_statement):
        assert "Not yet reviewed by a clinician." in text


def test_all_links_of_a_card_are_whole_addresses(client, homing):
    html = card(client, "/de/embed/homing/how-do-they-know/").partition("<main>")[2]

    links = re.findall(r'href="([^"]*)"', html)
    assert f"{ORIGIN}/de/topics/homing/#way" in links
    assert f"{ORIGIN}/de/topics/homing/#ref_1" in links
    assert f"{ORIGIN}/de/topics/marrow/" in links
    assert all(link.startswith(("http://", "https://")) for link in links)


def test_a_card_speaks_the_language_of_its_address(client, homing):
    html = card(client, "/de/embed/homing/")

    assert '<article class="hsc-card" lang="de"' in html
    assert "Noch nicht ärztlich geprüft." in words(html)
    assert '<p class="hsc-text" lang="en">A summary of homing.' in html


def test_only_what_a_part_cites_is_warned_of(client, homing):
    retract(publication("petit2002"))

    warning = "Retracted (notice of 4 May 2026)"
    assert warning in words(card(client, "/embed/homing/"))
    assert warning in words(card(client, "/embed/homing/way/"))
    assert "cites a retracted publication" in words(card(client, "/embed/homing/way/"))
    assert warning not in words(card(client, "/embed/homing/stay/"))


def test_an_edition_stays_and_says_that_it_is_old(client, homing):
    new_edition(homing, summary="Another summary.")

    now, then = card(client, "/embed/homing/"), card(client, "/embed/homing/editions/1/")
    assert "Another summary." in now
    assert "An earlier edition." not in now
    assert "A summary of homing." in then
    assert "An earlier edition. The current one is edition 2 ." in words(then)
    assert f'<link rel="canonical" href="{ORIGIN}/topics/homing/editions/1/">' in then
    assert "Cells find" in card(client, "/embed/homing/editions/1/way/")


@pytest.mark.parametrize("path", ["/embed/homing/", "/embed/homing/way/",
                                  "/embed/homing/editions/1/"])  # fmt: skip
def test_what_was_withdrawn_is_never_shown(client, homing, path):
    withdraw(homing, "A dose was wrong.")

    html = card(client, path, 410)
    assert "Reason: A dose was wrong." in words(html)
    assert "Cells" not in html
    assert f'href="{ORIGIN}/topics/homing/editions/"' in html


def test_what_is_not_there(client, homing):
    draft("hidden")

    assert "Whole page" in words(card(client, "/embed/homing/nothing/", 404))
    card(client, "/embed/homing/editions/7/", 404)
    card(client, "/embed/homing/editions/0/", 404)
    card(client, "/embed/nowhere/", 404)
    assert "Hidden" not in card(client, "/embed/hidden/", 404)


def test_a_topic_that_moved_leads_on(client, homing):
    new_edition(homing, slug="finding-home")

    response = client.get("/embed/homing/way/")
    assert response.status_code == 301
    assert response["Location"] == "/embed/finding-home/way/"
    # Without it a script of another place may not follow.
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("path", "status"), [("/embed/homing/", 200), ("/embed/homing/no/", 404)])
def test_cards_may_be_framed_and_nothing_else(client, homing, path, status):
    response = client.get(path)

    assert response.status_code == status
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "script-src 'none'" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies
    for page in ("/topics/homing/", "/", "/search/?q=x"):
        other = client.get(page)
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
        assert other["X-Frame-Options"] == "DENY"


def test_who_has_a_card_already_is_told_so(client, homing):
    first = client.get("/embed/homing/")
    again = client.get("/embed/homing/", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert again["Access-Control-Allow-Origin"] == "*"
    retract(publication("petit2002"))
    assert client.get("/embed/homing/")["ETag"] != first["ETag"]


def test_the_script_is_whole_and_asked_for_again(client):
    response = client.get("/embed.js")
    text = response.content.decode()

    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert "{STYLE}" not in text
    assert ".hsc-card" in text
    assert '["de", "es"]' in text
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=3600" in response["Cache-Control"]
    assert client.get("/embed.js", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_oembed_of_a_topic(client, homing):
    found = told(client, f"{ORIGIN}/topics/homing/")

    assert found["type"] == "rich"
    assert found["version"] == "1.0"
    assert found["title"] == "Homing"
    assert f'<iframe src="{ORIGIN}/embed/homing/" width="640" height="400"' in found["html"]
    assert (found["width"], found["height"]) == (640, 400)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/topics/homing", "/embed/homing/"),
        ("/topics/homing/?style=nature", "/embed/homing/"),
        ("/therapies/homing/", "/embed/homing/"),
        ("/de/topics/homing/", "/de/embed/homing/"),
        ("/es/topics/homing/#way", "/es/embed/homing/way/"),
        ("/topics/homing/#how-do-they-know", "/embed/homing/how-do-they-know/"),
        # A place in the page that is no part of the text.
        ("/topics/homing/#ref_1", "/embed/homing/"),
        ("/topics/homing/editions/1/", "/embed/homing/editions/1/"),
        ("/topics/homing/editions/1/#way", "/embed/homing/editions/1/way/"),
        ("/embed/homing/way/", "/embed/homing/way/"),
    ],
)
def test_oembed_of_all_addresses_of_a_topic(client, homing, path, shown):
    html = told(client, f"{ORIGIN}{path}")["html"]

    assert f'src="{ORIGIN}{shown}"' in html
    assert client.get(shown).status_code == 200


def test_oembed_fits_the_room_and_overlooks_what_it_does_not_know(client, homing):
    found = told(client, f"{ORIGIN}/topics/homing/", maxwidth=300, maxheight=9000, dnt=1)

    assert (found["width"], found["height"]) == (300, 400)
    assert 'width="300" height="400"' in found["html"]


def test_oembed_as_xml(client):
    unreviewed("graft", title="Graft & “host”")
    response = client.get("/oembed", {"url": f"{ORIGIN}/topics/graft/", "format": "xml"})

    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == "oembed"
    assert root.findtext("title") == "Graft & “host”"
    assert 'title="Graft &amp; “host” · HSC Portal"' in root.findtext("html")


def test_oembed_as_xml_holds_whatever_was_pasted(client, monkeypatch):
    # As in an edition from before such signs were refused.
    monkeypatch.setattr("topics.models.rows.html_faults", lambda words: [])
    unreviewed("graft", title="Graft\x0b versus\x02 host")
    response = client.get("/oembed", {"url": f"{ORIGIN}/topics/graft/", "format": "xml"})

    assert ElementTree.fromstring(response.content).findtext("title") == "Graft versus host"


PROGRAMS = ["/oembed", "/embed.js", "/embed/homing/", "/de/embed/homing/editions/1/way/",
            "/whats-new/feed.atom", "/topics/homing/feed.atom", "/agents/feed.atom",
            "/sitemap.xml"]  # fmt: skip


@pytest.mark.parametrize("path", PROGRAMS)
def test_programs_are_told_that_they_can_only_read(homing, path):
    strict = Client(enforce_csrf_checks=True)
    for method in ("POST", "DELETE"):
        response = strict.generic(method, path)
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, OPTIONS"
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == 405
    for asks in ({}, {"Access-Control-Request-Method": "GET", "Origin": "https://a.example"}):
        response = strict.options(path, headers=asks)
        assert (response.status_code, response.content) == (204, b"")
        assert "GET" in response["Access-Control-Allow-Methods"]
        assert response["Access-Control-Allow-Origin"] == "*"


def test_a_card_that_fails_says_so_where_it_stands(client, homing, monkeypatch, caplog):
    def fails(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(cards, "page", fails)
    response = client.get("/embed/homing/")

    assert response.status_code == 500
    assert response["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in response
    assert "secret" not in response.content.decode()
    assert response.json()["id"] in caplog.text


@pytest.mark.parametrize("path", ["css/card.css", "css/embed.css", "favicon.svg"])
def test_files_of_a_card_may_be_loaded_from_anywhere(client, path):
    response = client.get(f"/static/{path}")

    assert response.status_code == 200
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"url": f"{ORIGIN}/topics/homing/", "maxwidth": "wide"}, 400),
        ({"url": f"{ORIGIN}/topics/nowhere/"}, 404),
        ({"url": f"{ORIGIN}/topics/hidden/"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/editions/9/"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/evidence/here/"}, 404),
        ({"url": f"{ORIGIN}/glossary/"}, 404),
        ({"url": "https://elsewhere.example/topics/homing/"}, 404),
        ({"url": "javascript:alert(1)"}, 404),
        ({"url": "http://[/topics/homing/"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/?as_of=2020-01-01"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/?as_of=9999-12-31"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/?as_of=2999-12-31"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/?as_of=20261122"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/?as_of="}, 404),
        ({"url": f"{ORIGIN}/topics/homing/editions/0/"}, 404),
        ({"url": f"{ORIGIN}/topics/homing/", "format": "yaml"}, 501),
    ],
)
def test_oembed_refuses(client, homing, asked, status):
    draft("hidden")
    response = client.get("/oembed", asked)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["status"] == status


def test_oembed_of_what_was_withdrawn_or_has_moved(client, homing):
    new_edition(homing, slug="finding-home")
    assert "/embed/finding-home/way/" in told(client, f"{ORIGIN}/topics/homing/#way")["html"]

    withdraw(homing, "A dose was wrong.")
    response = client.get("/oembed", {"url": f"{ORIGIN}/topics/finding-home/"})
    assert response.status_code == 410
    assert "A dose was wrong." in response.json()["detail"]


def test_a_page_says_how_it_is_embedded(homing):
    for path in ("/topics/homing/", "/topics/homing/editions/1/"):
        page = Client().get(path).content.decode()
        link = re.search(r'type="application/json\+oembed" href="([^"]*)"', page)[1]
        found = Client().get(link.removeprefix(ORIGIN)).json()
        assert found["title"] == "Homing"
