"""/api/v1/codes/, the filters by code, and the grid as CSV and scheme by scheme."""

import csv
import io

import pytest

from tests.api_data import cell, document, myeloma, publish, read
from tests.replicating_data import merge
from therapies.grid_api import COLUMNS
from topics import codesystems
from topics.choices import CodeSystem


@pytest.mark.parametrize(
    "system", ["ICD-10", "icd10", "ICD 10 (WHO)", "2.16.840.1.113883.6.3",
               "urn:oid:2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"],
)  # fmt: skip
def test_a_system_is_known_by_any_of_its_names(client, library, system):
    rows = read(client, f"codes/?system={system}&code=c90.0")["results"]

    assert [row["topic"]["slug"] for row in rows] == ["multiple-myeloma"]
    assert rows[0]["match"] == "exact"
    assert rows[0]["oid"] == "2.16.840.1.113883.6.3"
    assert rows[0]["system_url"] == "http://hl7.org/fhir/sid/icd-10"


def test_a_code_without_its_point_or_prefix_is_understood(client, library):
    assert read(client, "codes/?system=ICD-10&code=C900")["count"] == 1
    assert codesystems.spellings("906", CodeSystem.ORPHA) == ["906", "ORPHA:906"]


def test_an_unknown_system_is_refused_and_an_unknown_code_is_nothing(client, library):
    assert read(client, "codes/?system=KDIGO", 400)["errors"][0]["parameter"] == "system"
    assert read(client, "codes/?system=MeSH&code=D000001")["count"] == 0


def test_what_was_not_verified_comes_on_request_and_says_so(client, db):
    codes = [
        {"system": "MeSH", "code": "D009101", "match": "exact"},
        {"system": "SNOMED CT", "code": "109989006", "match": "related", "verified": False},
    ]
    publish(document("condition", "myeloma", codes=codes, facts={"category": "malignant"}))

    assert [row["system"] for row in read(client, "codes/")["results"]] == ["MeSH"]
    assert [row["system"] for row in read(client, "codes/?unverified=false")["results"]] == ["MeSH"]
    rows = read(client, "codes/?unverified=true")["results"]
    assert {row["system"]: row["verified"] for row in rows} == {"MeSH": True, "SNOMED CT": False}


def test_exact_matches_come_first(client, db):
    def coded(slug, match):
        codes = [{"system": "MeSH", "code": "D009101", "match": match}]
        return document("condition", slug, codes=codes, facts={"category": "malignant"})

    publish(coded("a-narrow", "narrower"), coded("b-broad", "broader"), coded("c-exact", "exact"))

    rows = read(client, "codes/?code=D009101")["results"]
    assert [row["topic"]["slug"] for row in rows] == ["c-exact", "b-broad", "a-narrow"]


def test_statements_by_the_code_of_their_topic(client, library):
    rows = read(client, "statements/?code=ICD-10|C90.0")["results"]

    assert {row["topic"]["slug"] for row in rows} == {"multiple-myeloma"}


def table(client, query: str = "") -> list[dict]:
    response = client.get(f"/api/v1/indications.csv{query}")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_grid_as_a_table(client, library):
    rows = table(client)

    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == read(client, "indications/")["count"] == 3
    assert {row["scheme"] for row in table(client, "?scheme=EBMT")} == {"EBMT"}
    assert rows[0]["references"] == "snowden2022"
    assert client.get("/api/v1/indications.csv?scheme=foo").status_code == 400
    assert client.get("/api/v1/indications.csv?page=2").status_code == 400


def test_the_table_can_be_asked_for_as_such_and_again(client, library):
    path = "/api/v1/indications.csv"
    first = client.get(path, headers={"accept": "text/csv"})
    again = client.get(path, headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert "W/" not in first["ETag"]
    refused = client.get(f"{path}?scheme=foo", headers={"accept": "text/csv"})
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["errors"][0]["parameter"] == "scheme"


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/plain, */*"])
def test_the_table_is_one_whatever_is_accepted(client, library, accept):
    answer = client.get("/api/v1/indications.csv", headers={"accept": accept})

    assert answer["Content-Type"].startswith("text/csv")
    assert answer.content.decode().startswith("condition,condition_title,")


def test_a_cell_that_cites_a_publication_twice_is_one_cell(client, library):
    with_two = [cell("AUTO", references=["snowden2022", "copelan2006"])]
    publish(myeloma() | {"tables": {"indications": with_two}})
    merge("snowden2022", "copelan2006")

    assert read(client, "indications/?reference=snowden2022")["count"] == 1


def test_a_text_is_no_formula_in_a_spreadsheet(client, db):
    rows = [cell("AUTO", disease="=HYPERLINK(1)", note="-1, “quoted”\nsecond line")]
    publish(myeloma() | {"tables": {"indications": rows}})

    (row,) = table(client)
    assert row["disease"] == "'=HYPERLINK(1)"
    assert row["note"] == "'-1, “quoted”\nsecond line"


def test_schemes_stand_side_by_side_and_are_not_mixed(client, library):
    answer = read(client, "indications/compare/?condition=multiple-myeloma")

    auto = next(one for one in answer["options"] if one["option"] == "AUTO")
    assert [(one["scheme"], one["edition"]) for one in auto["schemes"]] == [
        ("ASBMT/ASTCT", "2015"), ("EBMT", "2022"),
    ]  # fmt: skip
    for entry in auto["schemes"]:
        assert {found["scheme"] for found in entry["cells"]} == {entry["scheme"]}
    assert read(client, "indications/compare/", 400)["errors"][0]["parameter"] == "condition"
