"""What FHIR resources tell beside an edition, and that whoever keeps a copy hears of changes."""

import json
from datetime import UTC, datetime

import pytest
from api_data import document, publish, retract, section, withdraw
from django.db import connection
from django.test.utils import CaptureQueriesContext
from fhir_checks import faults
from test_fhir import HOST, get, resources

from hsc_portal import error_pages
from topics.models import Topic

AUTOLOGOUS = "autologous-transplantation"


def test_a_withdrawal_of_a_topic_that_is_named_reaches_who_has_a_copy(client, library):
    copies = {}
    for kind in ("Composition", "Bundle"):
        response = client.get(f"/fhir/{kind}/{AUTOLOGOUS}")
        assert "Last-Modified" not in response
        copies[kind] = (response["ETag"], response.json()["meta"])
    withdraw(Topic.objects.get(slug="plerixafor"))
    later = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    for kind, (etag, before) in copies.items():
        assert client.get(f"/fhir/{kind}/{AUTOLOGOUS}", headers=later).status_code == 200
        told = get(client, f"{kind}/{AUTOLOGOUS}", **{"If-None-Match": etag})
        assert "Plerixafor (withdrawn)" in json.dumps(told)
        assert told["meta"]["versionId"] != before["versionId"]
        moments = [datetime.fromisoformat(m["lastUpdated"]) for m in (before, told["meta"])]
        assert moments[0] < moments[1] <= datetime.now(UTC)


@pytest.mark.parametrize("kind", ["Composition", "DocumentReference", "Bundle"])
def test_a_version_is_read_by_its_id_or_by_the_number_of_its_edition(client, library, kind):
    path = f"{kind}/stem-cell-mobilization"
    before = client.get(f"/fhir/{path}")
    version = before.json()["meta"]["versionId"]
    assert before["ETag"] == f'W/"{version}"' and version.startswith("1-")
    assert get(client, f"{path}/_history/{version}") == before.json()
    assert get(client, f"{path}/_history/1") == before.json()
    publish(document("overview", "stem-cell-mobilization", summary="Other words."))
    told = get(client, f"{path}/_history/1")
    assert told["meta"]["versionId"] != version
    assert "_history/1" in json.dumps(get(client, f"{path}/_history/{version}", 404))


def test_a_kept_document_is_made_anew_when_a_publication_changes(client, library):
    path = "Bundle/stem-cell-mobilization"
    first = get(client, path)
    with CaptureQueriesContext(connection) as queries:
        assert get(client, path) == first
    assert len(queries) <= 2
    retract("copelan2006")
    told = resources(get(client, path), "Citation")
    assert "retracted" in json.dumps([one for one in told if one["id"] == "copelan2006"])


@pytest.mark.parametrize("query", ["Composition?", "DocumentReference?", "ArtifactAssessment?"])
def test_a_page_of_a_search_costs_the_same_for_one_row_and_for_many(client, library, query):
    for number in range(4):
        body = f"Number {number}. [@snowden2022]{{certainty=low}}"
        publish(document("overview", f"topic-{number}", sections=[section(body)]))
    counts = []
    for count in (1, 100):
        with CaptureQueriesContext(connection) as queries:
            found = client.get(f"/fhir/{query}_count={count}").json()
        counts.append((len(queries), len(found["entry"])))
    assert counts[0][0] == counts[1][0] <= 7
    assert counts[0][1] == 1 < counts[1][1]


@pytest.mark.parametrize("body", ["```\ncode\n```", "#### Only a heading", "***"])
def test_a_section_without_statements_says_where_it_is_read(client, library, body):
    sections = [section(body, heading="Nothing to say?"), section("Some words.", "risks", "Risks?")]
    publish(document("overview", "sparse", sections=sections))
    first = get(client, "Bundle/sparse")["entry"][0]["resource"]["section"][0]
    assert f"{HOST}/topics/sparse/editions/1/#" in first["text"]["div"]


def test_relations_to_published_topics_are_told(client, library):
    relations = [{"kind": "part_of", "target": "stem-cell-mobilization"},
                 {"kind": "treats", "target": "multiple-myeloma"}]  # fmt: skip
    publish(document("overview", "relating", relations=relations))

    def told() -> dict:
        found = get(client, "Composition/relating")["relatesTo"]
        return {one["resource"]: one for one in found if "resource" in one}

    before = told()
    part = before[f"{HOST}/topics/stem-cell-mobilization/"]
    assert (part["type"], part["classifier"]) == ("part-of", [{"text": "Part of"}])
    treats = before[f"{HOST}/topics/multiple-myeloma/"]
    assert (treats["display"], treats["classifier"]) == ("Multiple myeloma", [{"text": "Treats"}])
    assert get(client, "Composition/multiple-myeloma")["url"] in before
    withdraw(Topic.objects.get(slug="multiple-myeloma"))
    assert list(told()) == [f"{HOST}/topics/stem-cell-mobilization/"]


def test_a_statement_says_that_its_source_was_retracted(client, library):
    retract("copelan2006")
    sections = get(client, "Composition/stem-cell-mobilization")["section"]
    assert "(high certainty; cites a retracted publication)" in sections[0]["text"]["div"]


def test_faults_outside_of_the_views_are_outcomes_too(rf, library):
    for status, code in ((400, "invalid"), (401, "login"), (429, "throttled"), (500, "exception")):
        response = error_pages.problem_response(rf.get("/fhir/Bundle/x"), status, "Why.")
        assert response.status_code == status
        assert response["Content-Type"].startswith("application/fhir+json")
        told = json.loads(response.content)
        assert not faults(told)
        assert told["issue"][0]["code"] == code and "Why." in told["issue"][0]["diagnostics"]


def test_a_code_of_another_value_set_is_noticed(client, library):
    bundle = get(client, "Bundle/stem-cell-mobilization")
    cited = resources(bundle, "Citation")[0]
    # Each is a code of the system that it names, which is not the one that is bound there.
    elsewhere = {"system": "http://hl7.org/fhir/certainty-rating", "code": "high"}
    cited["citedArtifact"]["title"][0]["type"] = [{"coding": [elsewhere]}]
    assert any("title.type" in fault for fault in faults(cited))
    composition = resources(bundle, "Composition")[0]
    composition["relatesTo"][0]["type"] = "final"
    assert any("RelatedArtifact.type" in fault for fault in faults(composition))
