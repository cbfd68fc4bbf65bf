"""`fields`, `expand` and the header `Link`: an answer in the shape that was asked for."""

import re

import pytest

from references.models import Reference
from tests.api_data import HOST, document, publish, queries, read


def test_a_row_has_only_the_fields_that_were_asked_for(client, library):
    rows = client.get("/api/v1/topics/?fields=slug,title").json()

    assert rows["count"] == 7
    assert {tuple(row) for row in rows["results"]} == {("slug", "title")}


def test_a_point_leads_into_an_object_and_into_each_of_a_list(client, library):
    topic = client.get("/api/v1/topics/stem-cell-mobilization/?fields=edition.number,slug").json()
    assert topic == {"slug": "stem-cell-mobilization", "edition": {"number": 1}}

    rows = client.get("/api/v1/statements/?topic=stem-cell-mobilization&fields=citations.key")
    assert rows.json()["results"][0] == {
        "citations": [{"key": "copelan2006"}, {"key": "copelan2006"}]
    }
    deep = client.get("/api/v1/topics/stem-cell-mobilization/?fields=document.title").json()
    assert deep == {"document": {"title": "Stem cell mobilization"}}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("topics/?fields=slug,beauty", "fields"),
        ("topics/?fields=", "fields"),
        ("topics/?fields=slug,,title", "fields"),
        ("topics/?fields=slug.length", "fields"),
        ("topics/plerixafor/?fields=edition.colour", "fields"),
        ("topics/?expand=everything", "expand"),
        ("topics/?expand=", "expand"),
        ("references/copelan2006/?fields=csl,beauty", "fields"),
    ],
)
def test_what_there_is_not_is_refused_by_name(client, library, path, name):
    problem = read(client, path, 400)

    assert [error["parameter"] for error in problem["errors"]] == [name]
    assert problem["errors"][0]["allowed"]


def test_parts_and_whole_have_etags_of_their_own(client, library):
    path = "/api/v1/topics/plerixafor/"
    whole, part = client.get(path), client.get(f"{path}?fields=slug")

    assert whole["ETag"] != part["ETag"]
    again = client.get(f"{path}?fields=slug", headers={"if-none-match": part["ETag"]})
    assert again.status_code == 304
    assert client.get(path, headers={"if-none-match": part["ETag"]}).status_code == 200


EXPANDED = [
    ("statements/?topic=stem-cell-mobilization", "topic", lambda row: row["topic"]["summary"]),
    ("statements/?reference=copelan2006", "citations", lambda row: row["citations"][0]["authors"]),
    ("indications/", "condition", lambda row: row["condition"]["certainties"]),
    ("indications/?scheme=EBMT", "references", lambda row: row["references"][0]["csl"]["title"]),
    ("codes/", "topic", lambda row: row["topic"]["areas"]),
    ("topics/", "document", lambda row: row["document"]["title"]),
]


@pytest.mark.parametrize(("path", "name", "of"), EXPANDED)
def test_linked_objects_come_in_full(client, library, path, name, of):
    sign = "&" if "?" in path else "?"
    rows = read(client, f"{path}{sign}expand={name}")["results"]

    assert rows
    assert all(of(row) for row in rows)


def test_an_expansion_costs_one_query_for_any_number_of_rows(client, db):
    path = "/api/v1/topics/?expand=document&page_size=100"
    publish(document("overview", "first"))
    one = queries(client, path)
    publish(*(document("overview", f"topic-{n}") for n in range(12)))

    assert queries(client, path) == one == 3
    rows = read(client, path)["results"]
    assert [row["document"]["slug"] for row in rows] == [row["slug"] for row in rows]


def test_a_topic_with_its_references_says_what_is_known_of_them_today(client, library):
    topic = read(client, "topics/stem-cell-mobilization/?expand=references")

    assert {one["key"] for one in topic["references"]} == {"copelan2006", "dipersio2009mm"}
    title = Reference.objects.get(key="copelan2006").title
    assert {one["title"] for one in topic["references"]} >= {title}
    assert "url" in topic["references"][0]


def relations(response) -> dict[str, str]:
    return {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="([^"]+)"', response["Link"])}


def test_pages_of_a_list_are_linked_in_the_header(client, library):
    path = "/api/v1/topics/?page_size=3&fields=slug"
    seen, url = [], f"{HOST}{path}"
    while url:
        response = client.get(url.removeprefix(HOST))
        links = relations(response)
        seen += [row["slug"] for row in response.json()["results"]]
        assert links["first"].endswith("?fields=slug&page_size=3")
        assert "page=3" in links["last"]
        url = links.get("next")

    # The pages, joined, are the list.
    whole = client.get("/api/v1/topics/?page_size=100&fields=slug").json()["results"]
    assert seen == [row["slug"] for row in whole]
    assert "prev" in links


def test_an_edition_links_what_stands_around_it(client, library):
    publish(document("overview", "stem-cell-mobilization", summary="Said anew."))

    links = relations(client.get("/api/v1/topics/stem-cell-mobilization/"))

    api, page = (
        f"{HOST}/api/v1/topics/stem-cell-mobilization/",
        f"{HOST}/topics/stem-cell-mobilization/",
    )
    assert links == {
        "cite-as": f"{page}editions/2/",
        "canonical": page,
        "version-history": f"{api}editions/",
        "predecessor-version": f"{api}editions/1/",
        "latest-version": api,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "service-desc": f"{HOST}/api/v1/schema/",
    }


def test_an_edition_says_how_it_is_cited(client, library):
    topic = read(client, "topics/busulfan/")

    assert topic["permanent_url"] == f"{HOST}/topics/busulfan/editions/1/"
    assert topic["permanent_url"] in topic["citation"]["text"]
    assert topic["citation"]["csl"]["URL"] == topic["permanent_url"]
    assert "Reviewed by" in topic["citation"]["text"]
    assert "CC BY 4.0" in topic["attribution"]
