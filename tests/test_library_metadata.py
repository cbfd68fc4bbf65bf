"""What reference managers and search engines find in our pages.

Two small readers do what Zotero does: its translators “Embedded Metadata” for `citation_*`, and
“COinS” for context objects.
"""

import html as html_module
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.conf import settings

from references import metadata
from references.formats import writing
from references.models import Reference
from tests.pages_data import publication, reviewed, section, unreviewed
from topics import metadata as topic_metadata

LIBRARY = json.loads((Path(settings.BASE_DIR) / "references/content/references.json").read_text())
# Of its translator: the field of Zotero that each `citation_*` fills.
FIELDS = {
    "citation_title": "title", "citation_publication_date": "date",
    "citation_journal_title": "publicationTitle", "citation_inbook_title": "publicationTitle",
    "citation_book_title": "bookTitle", "citation_volume": "volume", "citation_issue": "issue",
    "citation_series_title": "series", "citation_technical_report_institution": "institution",
    "citation_publisher": "publisher", "citation_isbn": "ISBN", "citation_doi": "DOI",
    "citation_public_url": "url", "citation_language": "language", "citation_issn": "ISSN",
    "citation_pmid": "PMID",
}  # fmt: skip
TYPES = {
    "citation_journal_title": "journalArticle", "citation_book_title": "bookSection",
    "citation_technical_report_institution": "report",
}  # fmt: skip


@dataclass
class Found(HTMLParser):
    """What programs see of a page: meta elements, context objects, linked data."""

    meta: list[tuple[str, str]] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    data: list[dict] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._text = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "meta" and given.get("name", "").startswith("citation_"):
            self.meta.append((given["name"], given["content"]))
        if tag == "span" and "Z3988" in (given.get("class") or "").split() and "title" in given:
            self.spans.append(given["title"])
        if tag == "script" and given.get("type") == "application/ld+json":
            self._text = ""

    def handle_data(self, data):
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "script" and self._text is not None:
            self.data.append(json.loads(self._text))
            self._text = None


def read(page: str) -> Found:
    found = Found()
    found.feed(page)
    return found


def embedded(meta: list[tuple[str, str]]) -> dict:
    """Return an item as the translator “Embedded Metadata” makes it of `citation_*`."""
    item = {"creators": []}
    for name, content in meta:
        if name in FIELDS:
            item[FIELDS[name]] = content.strip()
        if name in TYPES:
            item["type"] = TYPES[name]
        if name == "citation_author":
            item["creators"] += people(content)
    named = dict(meta)
    first, last = named.get("citation_firstpage"), named.get("citation_lastpage")
    item["pages"] = "-".join(filter(None, [first, last]))
    return item


def people(content: str) -> list[tuple[str, str]]:
    authors = re.split(r"\s*;\s*", content)
    if len(authors) == 1:
        by_comma = re.split(r"\s*,\s*", authors[0])
        if len(by_comma) > 1 and " " in by_comma[0] and " " in by_comma[1]:
            authors = by_comma
    return [tuple(part.strip() for part in author.partition(",")[::2]) for author in authors]


def coins(span: str) -> dict:
    """Return an item as the translator “COinS” makes it of a context object."""
    found = parse_qs(span, strict_parsing=True)
    assert found.pop("ctx_ver") == ["Z39.88-2004"]
    ids = dict(one.removeprefix("info:").split("/", 1) for one in found.pop("rft_id", [])
               if one.startswith("info:"))  # fmt: skip
    one = {name.removeprefix("rft."): values for name, values in found.items()}
    first = {name: values[0] for name, values in one.items()}
    pages = "-".join(filter(None, [first.get("spage"), first.get("epage")])) or first.get("pages")
    return {
        "format": first["rft_val_fmt"].rpartition(":")[2], "genre": first.get("genre"),
        "title": first.get("atitle") or first.get("btitle") or first.get("title"),
        "people": one.get("au", []) + one.get("aucorp", []) + one.get("creator", []),
        "DOI": ids.get("doi"), "PMID": ids.get("pmid"), "pages": pages or "", **first,
    }  # fmt: skip


def names(item: dict) -> list[tuple[str, str]]:
    return [
        (person.get("literal") or writing.family(person), person.get("given", ""))
        for person in item.get("author", [])
    ]


def pages_of(item: dict) -> str:
    return "-".join(filter(None, writing.first_and_last_page(item)))


@pytest.mark.parametrize("item", LIBRARY, ids=lambda item: item["id"])
def test_each_reference_comes_back_from_its_page(item):
    meta = [(name, html_module.unescape(html_module.escape(content)))
            for name, content in metadata.highwire(item)]  # fmt: skip
    found, span = embedded(meta), coins(metadata.coins(item))

    assert found["title"] == span["title"] == item["title"]
    plain = [(family, given.replace(metadata.NO_BREAK, " ")) for family, given in found["creators"]]
    assert plain == names(item)
    if span["format"] != "dc" and item.get("author"):
        whole = [", ".join(filter(None, name)) for name in names(item)]
        assert sorted(span["people"]) == sorted(whole)
    assert found.get("DOI") == span["DOI"] == item.get("DOI")
    assert found.get("PMID") == span["PMID"] == item.get("PMID")
    year = str(item["issued"]["date-parts"][0][0]) if item.get("issued") else ""
    assert found.get("date", "")[:4] == span.get("date", "")[:4] == year
    assert found["pages"] == pages_of(item)
    if item["type"] == "article-journal":
        assert (found["type"], span["format"]) == ("journalArticle", "journal")
        assert found["publicationTitle"] == span["jtitle"] == item["container-title"]
        assert span["pages"] == pages_of(item)
        for name in ("volume", "issue"):
            assert found.get(name) == span.get(name) == item.get(name)
    if item["type"] == "chapter":
        assert (found["type"], span["genre"]) == ("bookSection", "bookitem")
        assert found["bookTitle"] == span["btitle"] == item["container-title"]


def test_a_name_of_many_words_stays_one_person():
    item = {"title": "x", "author": [
        {"family": "Berg", "given": "Jan Peter", "non-dropping-particle": "van der"},
        {"literal": "European Society for Blood and Marrow Transplantation"},
    ]}  # fmt: skip

    found = embedded(metadata.highwire(item))["creators"]

    assert found == [
        ("van der Berg", f"Jan{metadata.NO_BREAK}Peter"),
        ("European Society for Blood and Marrow Transplantation", ""),
    ]


def test_reports_books_and_pages_are_told_apart():
    report = {"title": "x", "type": "report", "publisher": "WHO", "ISBN": "978-3-16-148410-0"}
    book = {"title": "x", "type": "book", "editor": [{"family": "Sureda", "given": "Anna"}]}
    page = {"title": "x", "type": "webpage", "URL": "https://example.org/a?b=1&c=2",
            "author": [{"literal": "FDA"}], "issued": {"date-parts": [[2024, 3]]}}  # fmt: skip

    assert embedded(metadata.highwire(report))["institution"] == "WHO"
    assert coins(metadata.coins(report))["genre"] == "report"
    assert coins(metadata.coins(book))["people"] == ["Sureda, Anna"]
    found = coins(metadata.coins(page))
    assert (found["format"], found["type"], found["date"]) == ("dc", "webpage", "2024-03")
    assert found["identifier"] == "https://example.org/a?b=1&c=2"


@pytest.mark.django_db
def test_a_reference_page_tells_its_publication(client):
    item = next(item for item in LIBRARY if item.get("PMID") and item.get("DOI"))
    Reference(key=item["id"], csl=item).save()

    found = read(client.get(f"/references/{item['id']}/?style=apa").content.decode())

    assert embedded(found.meta)["title"] == item["title"]
    assert [coins(span)["DOI"] for span in found.spans] == [item["DOI"]]
    (data,) = found.data
    assert data["@type"] == "ScholarlyArticle"
    assert data["name"] == item["title"]
    assert data["sameAs"][0] == f"https://doi.org/{item['DOI']}"
    assert data["mainEntityOfPage"] == f"http://testserver/references/{item['id']}/"
    issue = data["isPartOf"]
    assert issue["isPartOf"]["isPartOf"] == {
        "@type": "Periodical", "name": item["container-title"],
    }  # fmt: skip


def make_graft(make=unreviewed, **more):
    publication("petit2002", DOI="10.1000/petit"), publication("snowden2022")
    return make("graft", sections=[section("One. [@petit2002] Two. [@snowden2022]")], **more)


@pytest.mark.django_db
def test_a_topic_page_is_a_work_and_lists_its_references(client):
    make_graft()

    found = read(client.get("/topics/graft/").content.decode())

    item = embedded(found.meta)
    assert item["title"] == "Graft"
    assert item["publisher"] == "HSC Portal"
    assert item["creators"] == [("HSC Portal", "")]
    assert item["url"] == "http://testserver/topics/graft/editions/1/"
    assert re.fullmatch(r"\d{4}/\d{2}/\d{2}", item["date"])
    assert item["language"] == "en"
    assert sorted(coins(span)["title"] for span in found.spans) == [
        "Graft", "What petit2002 found", "What snowden2022 found",
    ]  # fmt: skip
    (data,) = found.data
    assert data["@type"] == "MedicalWebPage"
    assert data["citation"] == ["https://doi.org/10.1000/petit"]
    assert "lastReviewed" not in data


@pytest.mark.django_db
def test_a_page_that_cites_very_much_leaves_that_to_the_page_about_citing(client, monkeypatch):
    monkeypatch.setattr(topic_metadata, "MOST", 1)
    make_graft()

    on_topic = read(client.get("/topics/graft/").content.decode()).spans
    on_cite = read(client.get("/topics/graft/editions/1/cite/").content.decode()).spans

    assert [coins(span)["title"] for span in on_topic] == ["Graft"]
    assert sorted(coins(span)["title"] for span in on_cite) == [
        "Graft", "What petit2002 found", "What snowden2022 found",
    ]  # fmt: skip


@pytest.mark.django_db
def test_who_reviewed_a_topic_is_told_to_search_engines(client):
    make_graft(reviewed)

    (data,) = read(client.get("/topics/graft/").content.decode()).data
    assert data["reviewedBy"]["name"] == "Clara Clinician"
    assert data["lastReviewed"] == data["datePublished"]


@pytest.mark.django_db
def test_hostile_words_stay_words_in_linked_data(client):
    hostile = '</script><script>alert("1")</script><!-- & "\u2028'
    publication("petit2002", title=hostile, **{"container-title": hostile})

    page = client.get("/references/petit2002/").content.decode()

    found = read(page)
    assert found.data[0]["name"] == hostile
    assert dict(found.meta)["citation_title"] == hostile
    assert coins(found.spans[0])["title"] == hostile
    assert "<script>alert" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["Cells & <5% of “grafts”; more=yes", "100 % + 1 = 2 #3"])
def test_signs_of_addresses_stay_words_in_context_objects(client, title):
    publication("petit2002", title=title)

    assert coins(read(client.get("/references/petit2002/").content.decode()).spans[0])["title"] == (
        title
    )


@pytest.mark.django_db
def test_what_a_topic_is_about_is_told_with_the_codes_that_mean_just_that(client):
    codes = [
        {"system": "MeSH", "code": "D007938", "label": "Leukemia", "match": "exact"},
        {"system": "ICD-10", "code": "C95", "label": "Leukaemia", "match": "broader"},
    ]
    unreviewed("leukemia", "condition", synonyms=["leukaemia"], codes=codes)
    unreviewed("plerixafor", "agent")

    (data,) = read(client.get("/topics/leukemia/").content.decode()).data
    assert data["about"] == {
        "@type": "MedicalCondition",
        "name": "Leukemia",
        "alternateName": ["leukaemia"],
        "code": [{"@type": "MedicalCode", "codeValue": "D007938", "codingSystem": "MeSH"}],
    }
    (data,) = read(client.get("/topics/plerixafor/").content.decode()).data
    assert data["about"] == {"@type": "Drug", "name": "Plerixafor"}
