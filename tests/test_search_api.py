"""Search in the API, and what a search can be narrowed to."""

import pytest
from pages_data import section, unreviewed
from search_data import publish_clinic

from topics.search import query as queries
from topics.search import results

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    publish_clinic()


def search(client, **asked) -> dict:
    response = client.get("/api/v1/search/", asked)
    assert response.status_code == 200, response.content
    return response.json()


def counts(found: dict, name: str) -> dict[str, int]:
    (facet,) = (facet for facet in found["facets"] if facet["name"] == name)
    return {option["value"]: option["count"] for option in facet["options"]}


def test_the_answer_has_all_kinds_of_results(clinic, client):
    found = search(client, q="mozobil dose")

    assert found["topics"][0]["name"] == "plerixafor"
    assert found["topics"][0]["is_named"]
    first = found["statements"][0]
    assert first["statement"]["text"] == "Give 0.24 mg/kg once a day."
    assert first["statement"]["topic"]["slug"] == "plerixafor"
    assert found["query"]["narrowed"] == {}


def test_marks_are_offsets_and_safe_html(client):
    unreviewed("b", title="B", sections=[section("Give β-blockers if 2 < 3 mg & more.")])
    (found,) = search(client, q="blockers mg")["statements"]
    text, marks = found["statement"]["text"], found["highlight"]["offsets"]

    assert [text[start:end] for start, end in marks] == ["blockers", "mg"]
    assert "<mark>blockers</mark>" in found["highlight"]["html"]
    assert "2 &lt; 3 <mark>mg</mark> &amp; more" in found["highlight"]["html"]


def test_a_slip_is_put_right_and_said(clinic, client):
    found = search(client, q="plerixafro")
    assert found["query"]["words"] == "plerixafor"
    assert found["query"]["corrections"] == {"plerixafro": "plerixafor"}
    assert search(client, q="plerixafro", as_typed="1")["topics"] == []


def test_only_whole_words_are_put_right():
    corrections = {"cel": "cell"}
    assert queries.put_right("stem cel, cel-free, cellular", corrections) == (
        "stem cell, cell-free, cellular"
    )


def test_the_root_leads_to_search_and_suggestions(clinic, client):
    root = client.get("/api/v1/").json()
    for name in ("search", "suggestions"):
        assert client.get(root[name]).status_code == 200, name


def test_an_identifier_has_a_destination(clinic, client):
    found = search(client, q="10.1000/petit2002")
    assert found["destination"]["url"].endswith("/api/v1/references/petit2002/")


def test_facets_count_what_choosing_them_would_give(clinic, client):
    everything = search(client, q="plerixafor marrow graft failure")
    kinds = counts(everything, "kind")

    assert set(kinds) == {"agent", "complication", "overview"}
    for kind, count in kinds.items():
        narrowed = search(client, q="plerixafor marrow graft failure", kind=kind)
        assert len(narrowed["topics"]) == count
        # Its own facet still offers the others.
        assert counts(narrowed, "kind") == kinds
        assert {each["statement"]["topic"]["kind"] for each in narrowed["statements"]} <= {kind}


def test_facets_count_only_what_has_the_phrase_and_not_the_excluded_word(client):
    body = "Graft failure is rare. {certainty=high}\n\nFailure of the graft. {certainty=low}"
    unreviewed("a", title="A", sections=[section(body)])
    unreviewed("b", title="B", kind="condition", sections=[section("A failure, no graft.")])

    whole = search(client, q='"graft failure"')
    assert counts(whole, "certainty") == {"high": 1}
    assert counts(whole, "kind") == {"overview": 1}
    without = search(client, q="graft failure -rare")
    assert counts(without, "certainty") == {"low": 1, "ungraded": 1}


def test_certainty_narrows_statements_before_they_are_cut_off(client):
    graded = "\n\n".join(f"Marrow fact number {n}." for n in range(100))
    unreviewed("m", title="M", sections=[section(f"{graded}\n\nRare marrow. {{certainty=high}}")])
    found = search(client, q="marrow fact", certainty="high")

    assert [each["statement"]["certainty"] for each in found["statements"]] == ["high"]
    assert counts(found, "certainty")["high"] == 1


def test_years_narrow_publications_and_the_statements_that_cite_them(clinic, client):
    found = search(client, q="plerixafor petit2002 CXCR4", year="2000-2004")
    assert [each["name"] for each in found["references"]] == ["petit2002"]
    assert [each["statement"]["text"] for each in found["statements"]] == ["It blocks CXCR4."]
    assert search(client, q="plerixafor petit2002", year="1990")["references"] == []


def test_an_explanation_adds_up(clinic, client):
    found = search(client, q="how much mozobil should be given", explain="1")
    for each in (*found["topics"], *found["statements"]):
        parts = each["explanation"]["parts"]
        assert sum(parts.values()) == pytest.approx(each["score"])
    first = found["statements"][0]["explanation"]
    assert sum(part["value"] for part in first["concepts"]) == pytest.approx(
        first["parts"]["words"]
    )
    words = found["topics"][0]["explanation"]["words"]
    assert sum(word["value"] for word in words) == pytest.approx(
        found["topics"][0]["explanation"]["parts"]["words"]
    )
    assert "explanation" not in search(client, q="mozobil")["topics"][0]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({}, "q"),
        ({"q": " "}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "-gvhd"}, "q"),
        ({"q": "kind:agent"}, "q"),
        ({"q": "x", "kind": "drug"}, "kind"),
        ({"q": "x", "year": "soon"}, "year"),
        ({"q": "x", "limit": "0"}, "limit"),
        ({"q": "x", "limit": "51"}, "limit"),
        ({"q": "x", "limit": "²"}, "limit"),
        ({"q": "x", "explain": "yes"}, "explain"),
        ({"q": ["x", "y"]}, "q"),
        ({"q": "kind:drug x"}, "kind"),
        ({"q": "x", "page": "2"}, "page"),
    ],
)
def test_what_is_not_understood_is_refused(client, asked, name):
    response = client.get("/api/v1/search/", asked)
    assert response.status_code == 400
    assert [error["parameter"] for error in response.json()["errors"]] == [name]


def test_the_cost_does_not_depend_on_how_much_is_found(client, django_assert_max_num_queries):
    for n in range(12):
        unreviewed(f"t{n}", title=f"Topic {n}", sections=[section("Marrow is here.\n\nMarrow.")])
    with django_assert_max_num_queries(24):
        search(client, q="marrow here", explain="1")


def test_the_page_offers_facets_as_links(clinic, client):
    page = client.get("/search/", {"q": "plerixafor marrow"}).content.decode()
    assert 'href="?q=plerixafor+marrow&amp;kind=agent"' in page
    narrowed = client.get("/search/", {"q": "plerixafor marrow", "kind": "agent"}).content.decode()
    assert 'href="?q=plerixafor+marrow" rel="nofollow" aria-current="true"' in narrowed
    assert "Graft failure" not in narrowed


def test_a_choice_that_leaves_nothing_offers_the_way_back(clinic, client):
    page = client.get("/search/", {"q": "mozobil", "kind": "condition"}).content.decode()
    assert "Nothing that was chosen fits." in page
    assert 'href="?q=mozobil"' in page


def test_phrases_are_marked_only_where_a_name_is_whole(clinic):
    found = results.find(queries.parse("graft failure"))
    marked = [piece for piece, is_hit in found.statements[0].pieces if is_hit]
    assert marked == []  # it is feared after cord blood: named by its topic alone
