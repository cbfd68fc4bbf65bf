"""Each filter of each resource, where it finds something and where it must not."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from hsc_portal.filters import Ordering
from references.filters import ReferenceFilter
from tests.api_data import document, publish, read, user
from therapies.filters import (
    AgentFilter,
    ComplicationFilter,
    ConditionFilter,
    IndicationFilter,
    TherapyFilter,
)
from topics import publishing
from topics.filters import StatementFilter, TopicFilter

AUTO, BU = "autologous-transplantation", "busulfan-conditioning"
CELLS = ["EBMT AUTO", "EBMT MSD", "ASBMT/ASTCT AUTO"]
DAYS, SEE, PAIN = "days", "see", "pain"

# For each resource, what a filter finds: {filter: [(value, what is found), …]}. A filter that is
# missing here fails test_each_filter_is_tried.
TOPICS = {
    "q": [("fellow busulfan", ["busulfan", BU]), ("bone pain", ["stem-cell-mobilization"]),
          ("priming", ["stem-cell-mobilization"]), ("obilizatio", ["stem-cell-mobilization"]),
          ("kidney", [])],
    "kind": [("overview", ["stem-cell-mobilization"]), ("complication", ["graft-failure"])],
    "area": [("biology", ["stem-cell-mobilization"]), ("conditions", ["multiple-myeloma"]),
             ("infection", [])],
    "certainty": [("high", ["stem-cell-mobilization"]), ("low", [])],
    "code": [("D009101", ["multiple-myeloma"]), ("MeSH|D009101", ["multiple-myeloma"]),
             ("MeSH|d009101", ["multiple-myeloma"]), ("ICD-10|D009101", []), ("C90.1", [])],
    "code_system": [("ICD-10", ["multiple-myeloma"]), ("ATC", [])],
    "reference": [("dipersio2009mm", ["stem-cell-mobilization"]),
                  ("snowden2022", ["multiple-myeloma"])],
    "related": [("plerixafor", ["multiple-myeloma"]), ("graft-failure", [])],
    "reviewed": [("true", ["busulfan"])],
    # It narrows nothing by itself: see the test of codes that were not verified.
    "unverified": [],
}  # fmt: skip
THERAPIES = {
    "category": [("conditioning", [BU]), ("gene-therapy", [])],
    "graft_origin": [("autologous", [AUTO]), ("allogeneic", [])],
    "donor_type": [("self", [AUTO]), ("various", [])],
    "cell_source": [("peripheral-blood", [AUTO]), ("cord-blood", [])],
    "agent": [("plerixafor", [AUTO]), ("busulfan", [])],
    "condition": [("multiple-myeloma", [AUTO])],
    "complication": [("graft-failure", [AUTO])],
    "reviewed": [("false", [AUTO, BU]), ("true", [])],
}
AGENTS = {
    "drug_class": [("cxcr4", ["plerixafor"]), ("antibody", [])],
    "condition": [("multiple-myeloma", ["plerixafor"])],
    "reviewed": [("true", ["busulfan"]), ("false", ["plerixafor"])],
}
CONDITIONS = {
    "category": [("malignant", ["multiple-myeloma"]), ("autoimmune", [])],
    "scheme": [("EBMT", ["multiple-myeloma"])],
    "treated_by": [(AUTO, ["multiple-myeloma"]), ("plerixafor", ["multiple-myeloma"]),
                   ("busulfan", [])],
}  # fmt: skip
COMPLICATIONS = {"category": [("graft", ["graft-failure"]), ("relapse", [])]}
STATEMENTS = {
    "q": [("bone pains", [PAIN]), ("ONE PAI", [PAIN]), ("kidney", [])],
    "topic": [("stem-cell-mobilization", [DAYS, SEE, PAIN])],
    "kind": [("overview", [DAYS, SEE, PAIN])],
    "area": [("biology", [DAYS, SEE, PAIN]), ("infection", [])],
    "section": [("mechanism", [DAYS, SEE, PAIN]), ("risks", [])],
    "certainty": [("high", [DAYS]), ("low", [])],
    "reference": [("dipersio2009mm", [SEE]), ("snowden2022", [])],
    "awaiting_check": [("true", [SEE])],
    "cited": [("false", [PAIN])],
    "code": [("L04AX01", [])],
    "unverified": [],
    # To the end of today: nothing changed since. test_api_past.py has what did.
    "changed_since": [(f"{datetime.now(UTC).date()}", [])],
}
INDICATIONS = {
    "condition": [("multiple-myeloma", CELLS)],
    "scheme": [("EBMT", CELLS[:2]), ("ASBMT/ASTCT", CELLS[2:])],
    "edition": [("2022", CELLS[:2]), ("2015", CELLS[2:]), ("20", [])],
    "population": [("adult", CELLS[:2]), ("pediatric", CELLS[2:])],
    "disease": [("myelo", CELLS[:2]), ("LEUKEMIA", CELLS[2:]), ("lymphoma", [])],
    "status": [("remission", CELLS[:2]), ("relapse", CELLS[2:])],
    "option": [("MSD", CELLS[1:2]), ("MUD", [])],
    "category": [("S", CELLS[:1]), ("R", CELLS[2:]), ("GNR", [])],
    "evidence": [("I", CELLS[:1]), ("III", [])],
    "confidence": [("low", CELLS[1:2]), ("medium", [])],
    "certainty": [("low", CELLS[1:2]), ("high", [])],
    "reference": [("snowden2022", CELLS[:2]), ("copelan2006", [])],
    "awaiting_check": [("true", []), ("false", CELLS)],
}
REFERENCES = {
    "q": [("dipersio 2009", ["dipersio2009mm"]), ("plerixofor", ["dipersio2009mm"]),
          ("england journal", ["copelan2006"]), ("kidney", [])],
    "year": [("2009", ["dipersio2009mm"]), ("2010", [])],
    "year_min": [("2009", ["dipersio2009mm", "snowden2022"]), ("2023", [])],
    "year_max": [("2008", ["copelan2006"]), ("1999", [])],
    "study_type": [("other", ["copelan2006", "dipersio2009mm", "snowden2022"]), ("rct", [])],
    "type": [("article-journal", ["copelan2006", "dipersio2009mm", "snowden2022"]), ("thesis", [])],
    "journal": [("New England Journal of Medicine", ["copelan2006"]), ("Blood", [])],
    "status": [("retracted", []), ("current", ["copelan2006", "dipersio2009mm", "snowden2022"])],
    "doi": [("10.1056/nejmra052638", ["copelan2006"]),
            ("https://doi.org/10.1056/NEJMra052638", ["copelan2006"]), ("10.1000/none", [])],
    "pmid": [("16641398", ["copelan2006"]), ("1", [])],
    "topic": [("stem-cell-mobilization", ["copelan2006", "dipersio2009mm"]),
              ("multiple-myeloma", ["copelan2006", "snowden2022"])],
    "cited": [("true", ["copelan2006", "dipersio2009mm", "snowden2022"]), ("false", [])],
}  # fmt: skip


def slug_of(row) -> str:
    return row["slug"]


def first_word(row) -> str:
    return {"G-CSF": DAYS, "See": SEE, "Bone": PAIN}.get(row["text"].split()[0], "")


def cell_name(row) -> str:
    return f"{row['scheme']} {row['option']}"


def key_of(row) -> str:
    return row["key"]


RESOURCES = {
    "topics": (TopicFilter, TOPICS, slug_of),
    "therapies": (TherapyFilter, THERAPIES, slug_of),
    "agents": (AgentFilter, AGENTS, slug_of),
    "conditions": (ConditionFilter, CONDITIONS, slug_of),
    "complications": (ComplicationFilter, COMPLICATIONS, slug_of),
    "statements": (StatementFilter, STATEMENTS, first_word),
    "indications": (IndicationFilter, INDICATIONS, cell_name),
    "references": (ReferenceFilter, REFERENCES, key_of),
}


@pytest.mark.parametrize("resource", RESOURCES)
def test_each_filter_finds_what_it_should_and_no_more(client, library, resource):
    _, table, name_of = RESOURCES[resource]

    wrong = {}
    for name, cases in table.items():
        for value, expected in cases:
            query = urlencode({name: value})
            found = [name_of(row) for row in read(client, f"{resource}/?{query}")["results"]]
            if sorted(found) != sorted(expected):
                wrong[query] = found

    assert not wrong


def test_each_filter_is_tried():
    for resource, (filters, table, _) in RESOURCES.items():
        inherited = set(TOPICS) if issubclass(filters, TopicFilter) else set()
        assert set(filters.base_filters) - {"ordering"} <= set(table) | inherited, resource


def test_values_of_one_filter_widen_and_filters_narrow(client, library):
    def slugs(query):
        return [row["slug"] for row in read(client, f"topics/?{query}")["results"]]

    assert slugs("kind=overview&kind=complication") == ["graft-failure", "stem-cell-mobilization"]
    assert slugs("kind=overview&kind=complication&area=biology") == ["stem-cell-mobilization"]
    assert slugs("kind=complication&area=biology") == []


def test_code_and_system_must_be_of_one_code(client, library):
    # Myeloma has a code in each system, but D009101 is that of MeSH.
    assert read(client, "topics/?code=D009101&code_system=MeSH")["count"] == 1
    assert read(client, "topics/?code=D009101&code_system=ICD-10")["count"] == 0


@pytest.mark.parametrize(
    "query",
    ["topics/?code=D123456", "topics/?code=MeSH|D123456", "topics/?code_system=MeSH",
     "conditions/?code=D123456", "statements/?code=D123456", "codes/?code=D123456"],
)  # fmt: skip
def test_a_code_that_was_not_verified_finds_only_if_asked_to(client, db, query):
    code = {"system": "MeSH", "code": "D123456", "match": "related", "verified": False}
    publish(document("condition", "lymphoma", codes=[code], facts={"category": "malignant"}))

    assert read(client, query)["count"] == 0
    assert read(client, f"{query}&unverified=false")["count"] == 0
    assert read(client, f"{query}&unverified=true")["count"] == 1


def test_an_old_slug_finds_the_same_rows(client, library):
    topic = publish(document("agent", "plerixafor", facts={"drug_class": "Mobilizing agent"}))[0]
    topic.slug = "mozobil"
    topic.save()
    publishing.save_revision(topic, author=user("Author"))
    publishing.publish_unreviewed([topic], publisher=user("Content loader"), change_note="Renamed")

    for slug in ("plerixafor", "mozobil"):
        rows = read(client, f"statements/?topic={slug}")["results"]
        assert [row["topic"]["slug"] for row in rows] == ["mozobil"]


def test_statements_that_cite_twice_are_listed_once(client, library):
    rows = read(client, "statements/?reference=copelan2006&topic=stem-cell-mobilization")

    assert rows["count"] == 1


@pytest.mark.parametrize("resource", RESOURCES)
def test_each_ordering_and_its_reverse(client, library, resource):
    filters, _, name_of = RESOURCES[resource]
    ordering = filters.base_filters["ordering"]
    assert isinstance(ordering, Ordering)

    for word in ordering.param_map:
        up = read(client, f"{resource}/?ordering={word}")["results"]
        down = read(client, f"{resource}/?ordering=-{word}")["results"]
        assert sorted(map(name_of, up)) == sorted(map(name_of, down))


def test_what_is_ordered_is_in_order(client, library):
    years = [row["year"] for row in read(client, "references/?ordering=-year")["results"]]
    titles = [row["title"] for row in read(client, "topics/?ordering=-title")["results"]]
    due = [row["next_review"] for row in read(client, "topics/?ordering=-next_review")["results"]]

    assert years == [2022, 2009, 2006]
    assert titles == sorted(titles, reverse=True)
    assert due == ["2027-01-31", *[None] * 6], "what has no date comes last, either way"
