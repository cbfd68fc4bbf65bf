"""Citing an edition in words and as files, and the formats of those files."""

import json
import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pages_data import FAR_AHEAD, clinician, publication, retract, reviewed, section, unreviewed
from pages_data import withdraw as take_back
from playwright.sync_api import expect

from hsc_portal.pages import html, kept
from references.formats import FORMATS, writing
from tests import browsing, clinic
from topics import citing, pages, reading

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

EDITION = "/topics/graft/editions/1/"
PATHS = [
    f"{EDITION}{name}"
    for name in ("cite/", "cite.ris", "cite.bib", "cite.json", "references.ris", "references.bib",
                 "references.json")
]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


def topic_with_sources(slug="graft", number=2):
    keys = [f"author{n}{2000 + n}" for n in range(1, number + 1)]
    for key in keys:
        publication(key)
    cited = "; ".join(f"@{key}" for key in keys)
    return reviewed(slug, sections=[section(f"Cells home to the marrow. [{cited}]")])


def ris(text: str) -> list[list[tuple[str, str]]]:
    """Return the entries of a RIS file as tags and values, and hold it to the rules of lines."""
    assert text.endswith("ER  - \r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines = text.removesuffix("\r\n").split("\r\n")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)
    entries = [[]]
    for line in lines:
        entries[-1].append((line[:2], line[6:]))
        if line.startswith("ER"):
            entries.append([])
    assert all(entry[0][0] == "TY" for entry in entries[:-1])
    return entries[:-1]


@pytest.mark.django_db
def test_the_page_cites_the_edition_in_each_style(client):
    topic = topic_with_sources()
    edition = topic.editions.get()
    page = client.get(f"{EDITION}cite/").content.decode()

    day = edition.published_at
    url = f"http://testserver{EDITION}"
    us = f"{day:%B} {day.day}, {day.year}"
    assert (
        f"HSC Portal. Graft [Internet]. 1st ed. [place unknown]: HSC Portal; "
        f"{day:%Y %b} {day.day} [cited <span data-read-on>YYYY Mon DD</span>]. "
        f"Available from: {url}"
    ) in page
    assert (
        f"HSC Portal. Graft. 1st ed. Published {us}. "
        f"Accessed <span data-read-on>Month DD, YYYY</span>. {url}"
    ) in page
    assert f"HSC Portal. ({day.year}, {day:%B} {day.day}). <i>Graft</i> (1st ed.). {url}" in page
    assert f"HSC Portal. “Graft.” 1st ed. {us}. {url}." in page
    assert "Reviewed by Clara Clinician" in page
    for path in PATHS[1:]:
        assert f'href="{path}"' in page


@pytest.mark.django_db
def test_the_edition_as_a_file(client):
    topic_with_sources()
    (entry,) = json.loads(client.get(f"{EDITION}cite.json").content)
    assert entry["title"] == "Graft"
    assert entry["edition"] == "1"
    assert entry["author"] == [{"literal": "HSC Portal"}]
    assert entry["URL"] == f"http://testserver{EDITION}"
    assert entry["note"].startswith(f"Reviewed by {clinician().first_name}")

    tags = dict(ris(client.get(f"{EDITION}cite.ris").content.decode())[0])
    assert (tags["TY"], tags["AU"], tags["ET"]) == ("BOOK", "HSC Portal", "1")
    assert tags["UR"] == entry["URL"]

    bibtex = client.get(f"{EDITION}cite.bib").content.decode()
    assert bibtex.startswith("@book{hsc-portal-graft-1,")
    assert "author = {{HSC Portal}}," in bibtex


@pytest.mark.django_db
def test_all_references_of_the_edition_as_a_file(client):
    topic_with_sources(number=3)
    entries = ris(client.get(f"{EDITION}references.ris").content.decode())
    assert [dict(entry)["ID"] for entry in entries] == ["author12001", "author22002", "author32003"]
    assert client.get(f"{EDITION}references.bib").content.decode().count("@article{") == 3
    assert len(json.loads(client.get(f"{EDITION}references.json").content)) == 3


@pytest.mark.django_db
def test_files_have_their_type_and_name(client):
    topic_with_sources()
    for ending, media_type in [
        ("ris", "application/x-research-info-systems; charset=utf-8"),
        ("bib", "application/x-bibtex; charset=utf-8"),
        ("json", "application/vnd.citationstyles.csl+json"),
    ]:
        answer = client.get(f"{EDITION}references.{ending}")
        assert answer["Content-Type"] == media_type
        name = f"hsc-portal-graft-edition-1-references.{ending}"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        # And again from what was kept.
        assert client.get(f"{EDITION}references.{ending}")["Content-Type"] == media_type


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_kept_and_costs_two_queries_whatever_it_cites(client, path):
    topic_with_sources("graft", 1)
    topic_with_sources("donor", 30)
    counts = []
    for slug in ("graft", "donor"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(path.replace("graft", slug))
        counts.append(len(queries))
        assert "public" in answer["Cache-Control"]
        assert "Cookie" not in answer.get("Vary", "")
        with CaptureQueriesContext(connection) as queries:
            again = client.get(
                path.replace("graft", slug), headers={"If-None-Match": answer["ETag"]}
            )
        assert (again.status_code, len(queries)) == (304, 1)
    assert counts == [2, 2]


@pytest.mark.django_db
def test_each_answer_has_an_etag_of_its_own(client):
    topic_with_sources()
    assert len({client.get(path)["ETag"] for path in PATHS}) == len(PATHS)


@pytest.mark.django_db
def test_a_retraction_shows_at_once(client):
    topic_with_sources()
    before = client.get(f"{EDITION}references.ris")
    retract(publication("author12001"))
    answer = client.get(f"{EDITION}references.ris")
    assert answer["ETag"] != before["ETag"]
    notes = [dict(entry).get("N1", "") for entry in ris(answer.content.decode())]
    assert notes == ["Retracted, notice of 4 May 2026.", ""]
    assert "There is a notice about 1 of them" in client.get(f"{EDITION}cite/").content.decode()


@pytest.mark.django_db
def test_an_unreviewed_and_a_withdrawn_edition_say_so(client):
    topic = unreviewed("graft", next_review=FAR_AHEAD)
    take_back(topic, "A dose was wrong.")
    note = json.loads(client.get(f"{EDITION}cite.json").content)[0]["note"]
    assert note.startswith("Not yet reviewed by a clinician. Withdrawn on ")
    page = client.get(f"{EDITION}cite/").content.decode()
    assert "A dose was wrong." in page
    assert client.get(f"{EDITION}cite/").status_code == 200


@pytest.mark.django_db
def test_what_is_not_there_is_not_found_and_what_moved_is_followed(client):
    topic = unreviewed("graft")
    assert client.get("/topics/graft/editions/2/cite/").status_code == 404
    assert client.get("/topics/nothing/editions/1/cite.ris").status_code == 404
    assert client.get(f"{EDITION}cite.docx").status_code == 404
    assert client.post(f"{EDITION}cite.ris").status_code == 405

    clinic.edit(topic, slug="transplant")
    clinic.publish_unreviewed(topic)
    answer = client.get(f"{EDITION}cite.bib")
    assert answer.status_code == 301
    assert answer["Location"] == "/topics/transplant/editions/1/cite.bib"


@pytest.mark.django_db
def test_the_line_for_the_topic_page():
    topic_with_sources()
    context = pages.context(reading.current("graft"), "http://testserver")
    line = html("topics/cite.html", context)
    assert f"http://testserver{EDITION}" in line
    assert f'href="{EDITION}cite/"' in line


@pytest.mark.django_db(transaction=True)
def test_a_citation_is_copied_with_its_italics_and_the_day_of_reading(live_server):
    unreviewed("graft")
    with browsing.browser() as browser:
        context = browser.new_context(
            permissions=["clipboard-read", "clipboard-write"],
            timezone_id=timezone.get_current_timezone_name(),
        )
        page = context.new_page()
        page.goto(f"{live_server.url}{EDITION}cite/")
        page.get_by_role("button", name="Copy: APA").click()
        expect(page.get_by_text("Copied")).to_be_visible()
        copied = """async (type) => {
          const [item] = await navigator.clipboard.read();
          return (await item.getType(type)).text();
        }"""
        assert "Graft (1st ed.)" in page.evaluate(copied, "text/plain")
        assert "<i>Graft</i>" in page.evaluate(copied, "text/html")
        day = timezone.localdate()
        assert page.get_by_text(f"[cited {day:%Y %b} {day.day}]. Available from").is_visible()
        assert page.get_by_text(f"Accessed {day:%B} {day.day}, {day.year}. http").is_visible()
        assert not page.get_by_text("put that day in place").is_visible()
        assert Axe().run(page).violations_count == 0


def test_ordinals():
    numbers = [1, 2, 3, 4, 11, 12, 13, 21, 22, 111, 112]
    assert " ".join(map(citing.ordinal, numbers)) == (
        "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 111th 112th"
    )


PAPER = {
    "id": "duhrsen1988",
    "type": "article-journal",
    "title": "Effects of G-CSF on 50% of mice & men\nin a trial_1",
    "author": [
        {"family": "Dührsen", "given": "Ulrich"},
        {"family": "Berg", "given": "A.", "non-dropping-particle": "van den", "suffix": "Jr"},
        {"literal": "Agency for Health, Quality and Safety"},
    ],
    "container-title": "Blood",
    "issued": {"date-parts": [[1988, 12, 1]]},
    "volume": "72",
    "issue": "6",
    "page": "2074-81",
    "DOI": "10.1182/blood.v72_6.2074",
    "PMID": "2461765",
    "PMCID": "PMC123456",
    "URL": "https://example.org/a?b={c}&d=%20",
    "custom": {"authors_truncated": True},
}


def test_a_paper_in_ris():
    (entry,) = ris(FORMATS["ris"].write([PAPER]))
    assert [value for tag, value in entry if tag == "AU"] == [
        "Dührsen, Ulrich", "van den Berg, A., Jr", "Agency for Health Quality and Safety"
    ]  # fmt: skip
    tags = dict(entry)
    assert tags["TI"] == "Effects of G-CSF on 50% of mice & men in a trial_1"
    assert (tags["SP"], tags["EP"], tags["DA"], tags["PY"]) == (
        "2074",
        "2081",
        "1988/12/01/",
        "1988",
    )
    assert (tags["DO"], tags["AN"], tags["DB"]) == (PAPER["DOI"], "2461765", "PubMed")
    assert tags["N1"] == writing.CUT_AUTHORS


def test_a_paper_in_bibtex():
    text = FORMATS["bib"].write([PAPER])
    assert text.startswith("@article{duhrsen1988,\n") and text.endswith("}\n")
    assert (
        "author = {Dührsen, Ulrich and van den Berg, Jr, A. and "
        "{Agency for Health, Quality and Safety} and others},"
    ) in text
    assert r"title = {Effects of {G-CSF} on 50\% of mice \& men in a trial\_1}," in text
    assert "doi = {10.1182/blood.v72_6.2074}," in text
    assert "url = {https://example.org/a?b=%7Bc%7D&d=%20}," in text
    assert "pages = {2074--2081}," in text
    assert "month = dec," in text


@pytest.mark.parametrize("words", ["{", "}", "\\", "a } b { c", "~^", "ends in \\"])
def test_no_words_can_break_a_bibtex_entry(words):
    hostile = {"id": "x1", "type": "book", "title": words, "author": [{"literal": words}],
               "note": words, "URL": f"https://example.org/{words}"}  # fmt: skip
    text = FORMATS["bib"].write([hostile])
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert text.count("@") == 1


def test_no_words_can_break_a_ris_entry():
    words = "one\r\nER  - \r\nTY  - JOUR*"
    hostile = {"id": "x1", "title": words, "author": [{"literal": words}], "note": words}
    (entry,) = ris(FORMATS["ris"].write([hostile]))
    assert dict(entry)["TY"] == "GEN"
    assert "*" not in dict(entry)["AU"]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("48-55", ("48", "55")), ("690-4", ("690", "694")), ("S53-7", ("S53", "S57")),
        ("e194–203", ("e194", "e203")), ("483.e1-483.e6", ("483.e1", "483.e6")),
        ("1233151", ("1233151", "")), ("", ("", "")), ("1-2-3", ("1-2-3", "")),
    ],
)  # fmt: skip
def test_pages(page, found):
    assert writing.first_and_last_page({"page": page}) == found


@pytest.mark.parametrize(
    ("parts", "year", "day"),
    [([2024], "2024", ""), ([2024, 2], "2024", "2024/02//"), ([2024, 2, 30], "2024", "2024/02//"),
     (["2024", "2", "3"], "2024", "2024/02/03/"), ([], "", ""), ([2024, 13], "2024", "")],
)  # fmt: skip
def test_dates(parts, year, day):
    item = {"id": "x", "title": "x", "issued": {"date-parts": [parts]}}
    tags = dict(ris(FORMATS["ris"].write([item]))[0])
    assert (tags.get("PY", ""), tags.get("DA", "")) == (year, day)
