"""What an answer costs: the same few queries for one row and for fifty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from references.models import Reference
from tests.api_data import HOST, cell, document, publish, queries, read, section
from topics.models import Edition, Listing

MANY = 50


# Each makes the state with `count` rows out of the one with a single row, or out of nothing.


def agents(count: int) -> None:
    codes = [{"system": "ATC", "code": "L04AA", "match": "exact"}]
    facts = {"drug_class": "antibody"}
    numbers = range(Listing.objects.count(), count)
    publish(*(document("agent", f"antibody-{n}", facts=facts, codes=codes) for n in numbers))


def statements(count: int) -> None:
    body = "\n\n".join(f"Finding {n}. [@copelan2006; @snowden2022, p. {n}]" for n in range(count))
    publish(document("overview", "findings", sections=[section(body)]))


def cells(count: int) -> None:
    rows = [cell("MSD", status=f"Remission {n}") for n in range(count)]
    facts = {"category": "malignant"}
    publish(document("condition", "lymphoma", facts=facts, tables={"indications": rows}))


def references(count: int) -> None:
    for n in range(Reference.objects.count(), count):
        Reference.objects.create(key=f"trial{n}", csl={"title": f"Trial {n}"})


def editions(count: int) -> None:
    for n in range(Edition.objects.count(), count):
        publish(document("overview", "niche", summary=f"Summary {n}"))


LISTS = [
    ("topics/?page_size=100", agents, 2),
    ("agents/?page_size=100&q=antibody&code_system=ATC&reviewed=false", agents, 2),
    # Names in the query are looked up, all of them with one query more.
    ("topics/?page_size=100&reference=copelan2006&certainty=ungraded", agents, 3),
    ("statements/?page_size=100", statements, 2),
    ("statements/?page_size=100&topic=findings&reference=copelan2006", statements, 3),
    ("indications/?page_size=100", cells, 2),
    ("indications/?page_size=100&condition=lymphoma&reference=snowden2022", cells, 3),
    ("references/?page_size=100", references, 2),
    ("topics/niche/editions/?page_size=100", editions, 2),
]


@pytest.mark.parametrize(("path", "make", "expected"), LISTS)
def test_a_list_costs_the_same_for_one_row_and_for_fifty(client, db, path, make, expected):
    make(1)
    assert queries(client, path) == expected

    make(MANY)
    assert queries(client, path) == expected
    assert client.get(f"/api/v1/{path}").json()["count"] >= MANY


def test_a_detail_costs_the_same_however_much_is_linked_with_it(client, db):
    costs = {
        "topics/antibody-0/": 2,
        "agents/antibody-0/": 2,
        "topics/antibody-0/editions/1/": 2,
        "references/copelan2006/": 2,
    }
    agents(1)
    assert {path: queries(client, path) for path in costs} == costs

    relations = [{"kind": "related", "target": "antibody-0"}]
    names = [f"relative-{n}" for n in range(MANY)]
    publish(*(document("overview", name, relations=relations) for name in names))

    assert len(read(client, "topics/antibody-0/")["links"]["related"]) == MANY
    assert len(read(client, "references/copelan2006/")["cited_by"]) == MANY + 1
    assert {path: queries(client, path) for path in costs} == costs


def test_an_answer_given_before_costs_one_query(client, db, django_assert_num_queries):
    agents(1)
    read(client, "topics/antibody-0/")
    with django_assert_num_queries(1):
        read(client, "topics/antibody-0/")


def test_a_condition_costs_the_same_for_one_cell_and_for_fifty(client, db):
    for count in (1, MANY):
        cells(count)
        assert queries(client, "conditions/lymphoma/") == 2
        url = client.get("/api/v1/indications/").json()["results"][-1]["url"]
        assert queries(client, url.removeprefix(HOST)) == 1


def test_a_statement_costs_one_query(client, db):
    for count in (1, MANY):
        statements(count)
        url = client.get("/api/v1/statements/").json()["results"][-1]["url"]
        assert queries(client, url.removeprefix(HOST)) == 1


def test_what_is_not_there_costs_no_more(client, db):
    with CaptureQueriesContext(connection) as captured:
        client.get("/api/v1/topics/nothing/")
    assert len(captured) == 1


def test_the_root_and_the_problems_ask_nothing(client, db):
    assert queries(client, "") == 0
    assert queries(client, "problems/withdrawn/") == 0
