"""Topics and publications as FHIR R5: valid by model, schema and codes, and true to the edition."""

import copy

import pytest
from api_data import document, publish, publish_reviewed, retract, section, tell, user, withdraw
from fhir_checks import check, faults

from references.models import Reference
from topics import publishing
from topics.library import merging
from topics.models import Listing, Topic

HOST = "http://testserver"
KINDS = ["stem-cell-mobilization", "autologous-transplantation", "busulfan", "multiple-myeloma",
         "graft-failure"]  # fmt: skip


def get(client, path: str, status: int = 200, **headers) -> dict:
    """Return the resource at a path, checked."""
    response = client.get(f"/fhir/{path}", headers=headers)
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == "application/fhir+json; fhirVersion=5.0; charset=utf-8"
    resource = check(response.json())
    assert status == 200 or resource["resourceType"] == "OperationOutcome"
    return resource


def resources(bundle: dict, kind: str) -> list[dict]:
    found = [entry["resource"] for entry in bundle.get("entry", [])]
    return [one for one in found if one["resourceType"] == kind]


@pytest.mark.parametrize("slug", KINDS)
def test_a_topic_of_each_kind_is_valid(client, library, slug):
    bundle = get(client, f"Bundle/{slug}")
    composition = bundle["entry"][0]["resource"]
    for resource in (composition, *resources(bundle, "DocumentReference")):
        assert resource == get(client, f"{resource['resourceType']}/{slug}")
    for kind in ("ArtifactAssessment", "Citation"):
        for resource in resources(bundle, kind):
            assert resource == get(client, f"{kind}/{resource['id']}")
    # What it says about itself as JSON of the portal's own.
    told = client.get(f"/api/v1/topics/{slug}/").json()
    assert composition["title"] == told["title"]
    assert composition["version"] == str(told["edition"]["number"])
    words = [one["text"] for part in told["document"]["sections"] for one in part["statements"]]
    narrative = "".join(part["text"]["div"] for part in composition["section"])
    assert all(one.partition("[")[0].strip() in narrative for one in words)


def test_the_checks_find_what_is_wrong(client, library):
    bundle = get(client, "Bundle/stem-cell-mobilization")

    def spoilt(kind: str, change) -> list[str]:
        resource = copy.deepcopy(resources(bundle, kind)[0])
        change(resource)
        return faults(resource)

    assert spoilt("Citation", lambda one: one.update(status="live"))
    assert spoilt("Citation", lambda one: one.pop("status"))
    assert spoilt("Citation", lambda one: one.update(nonsense=1))
    assert spoilt("Citation", lambda one: one["contained"].append(
        {"resourceType": "Organization", "id": "c99", "name": "Nobody"}
    ))  # fmt: skip
    assert spoilt("Composition", lambda one: one.update(title=""))
    assert spoilt("Composition", lambda one: one["relatesTo"][0].update(type="mentions"))
    assert spoilt("Composition", lambda one: one["section"][0]["text"].update(div="<div/>"))
    rating = ("content", 0, "classifier", 0, "coding", 0)

    def misrate(one):
        for step in rating:
            one = one[step]
        one["code"] = "very_low"

    assert spoilt("ArtifactAssessment", misrate)
    assert spoilt("ArtifactAssessment", lambda one: one.update(id="a_b"))


def test_review_decides_the_status(client, library):
    unreviewed, reviewed = (
        get(client, "Composition/plerixafor"),
        get(client, "Composition/busulfan"),
    )
    assert unreviewed["status"] == "preliminary" and "attester" not in unreviewed
    assert "Not yet reviewed by a clinician." in unreviewed["note"][0]["text"]
    assert reviewed["status"] == "final"
    assert reviewed["attester"][0]["party"]["display"] == "Clinical reviewer"


def test_a_graded_statement_is_assessed(client, library):
    bundle = get(client, "Bundle/stem-cell-mobilization")
    (assessment,) = resources(bundle, "ArtifactAssessment")
    topic = Topic.objects.get(slug="stem-cell-mobilization")
    assert assessment["id"] == f"{topic.pk}.days"
    rating = assessment["content"][0]
    assert rating["classifier"][0]["coding"][0]["code"] == "high"
    assert rating["path"] == [f"{HOST}/topics/stem-cell-mobilization/editions/1/#days"]
    cited = [one["resourceReference"]["reference"] for one in rating["relatedArtifact"]]
    assert set(cited) == {"Citation/copelan2006"}
    get(client, f"ArtifactAssessment/{topic.pk}.unknown", 404)
    get(client, "ArtifactAssessment/nothing", 404)


def test_codes_are_what_the_topic_is_about(client, library):
    contexts = get(client, "Composition/multiple-myeloma")["useContext"]
    found = [one["valueCodeableConcept"]["coding"][0] for one in contexts]
    assert ("https://www.nlm.nih.gov/mesh", "D009101") in {(o["system"], o["code"]) for o in found}
    unverified = {"system": "MeSH", "code": "D000001", "match": "related", "verified": False}
    publish(document("overview", "coded", codes=[unverified]))
    assert "useContext" not in get(client, "Composition/coded")


def test_a_version_is_an_edition(client, library):
    topic = Topic.objects.get(slug="plerixafor")
    text = document("agent", "plerixafor", facts={"drug_class": "x"}, summary="Other words.")
    publish(text)
    first = get(client, "Composition/plerixafor/_history/1")
    now = get(client, "Composition/plerixafor")
    whole = now["meta"]["versionId"]
    assert (first["version"], now["version"], whole.partition("-")[0]) == ("1", "2", "2")
    assert now == get(client, "Composition/plerixafor/_history/2")
    assert now == get(client, f"Composition/plerixafor/_history/{whole}")
    assert any("newer edition" in note["text"] for note in first["note"])
    older = get(client, "DocumentReference/plerixafor/_history/1")
    assert older["status"] == "superseded"
    assert get(client, "Bundle/plerixafor/_history/1")["entry"][0]["resource"] == first
    for version in ("3", "0", "x", "1.0", "99999999999999", "2-0", "1" + whole[1:], "2-"):
        get(client, f"Composition/{topic.slug}/_history/{version}", 404)


def test_a_retraction_is_told_of_everywhere(client, library):
    before = client.get("/fhir/Bundle/stem-cell-mobilization")["ETag"]
    retract("copelan2006")
    bundle = get(client, "Bundle/stem-cell-mobilization", **{"If-None-Match": before})
    (cited,) = [one for one in resources(bundle, "Citation") if one["id"] == "copelan2006"]
    artifact = cited["citedArtifact"]
    assert artifact["currentState"][0]["coding"][0]["code"] == "retracted"
    assert artifact["statusDate"][0]["period"] == {"start": "2026-05-01"}
    assert [one["type"] for one in artifact["relatesTo"]] == ["retracted-by"]
    assert any("retracted" in note["text"] for note in bundle["entry"][0]["resource"]["note"])
    assert (
        bundle["timestamp"]
        > Listing.objects.get(slug="stem-cell-mobilization").published_at.isoformat()
    )


def test_a_reinstated_publication_is_not_retracted(client, library):
    tell("copelan2006", kind="retraction", source="crossref", doi="10.1/r")
    assert get(client, "Citation/copelan2006")["citedArtifact"]["currentState"]
    tell("copelan2006", kind="reinstatement", source="crossref", doi="10.1/s")
    artifact = get(client, "Citation/copelan2006")["citedArtifact"]
    assert "statusDate" not in artifact
    assert [one["type"] for one in artifact["relatesTo"]] == ["comment-in"]


def test_a_correction_is_no_retraction(client, library):
    tell("copelan2006", kind="correction", source="crossref", doi="10.1/c")
    artifact = get(client, "Citation/copelan2006")["citedArtifact"]
    assert artifact["relatesTo"][0]["type"] == "correction-in"
    assert artifact["relatesTo"][0]["document"]["url"] == "https://doi.org/10.1/c"
    assert "retracted" not in str(artifact.get("currentState", ""))


def test_of_merged_publications_the_kept_one_is_told(client, library):
    kept = Reference.objects.get(key="snowden2022")
    merging.merge(kept, Reference.objects.get(key="dipersio2009mm"), actor=user("Editor"))
    bundle = get(client, "Bundle/stem-cell-mobilization")
    assert {one["id"] for one in resources(bundle, "Citation")} == {"copelan2006", "snowden2022"}
    response = client.get("/fhir/Citation/dipersio2009mm")
    assert response.status_code == 301
    assert response["Location"] == f"{HOST}/fhir/Citation/snowden2022"
    values = [one["value"] for one in get(client, "Citation/snowden2022")["identifier"]]
    assert values == ["snowden2022", "dipersio2009mm"]


def test_a_withdrawn_topic_is_gone_with_all_its_versions(client, library):
    withdraw(Topic.objects.get(slug="plerixafor"), "The dose was wrong")
    for path in ("Composition/plerixafor", "Bundle/plerixafor", "DocumentReference/plerixafor",
                 "Composition/plerixafor/_history/1", "Bundle/plerixafor/_history/1"):  # fmt: skip
        told = get(client, path, 410)["issue"][0]
        assert told["code"] == "deleted" and "The dose was wrong" in told["diagnostics"]


def test_a_topic_that_moved_is_led_to(client, library):
    topic = Topic.objects.get(slug="plerixafor").specific
    topic.slug = "plerixafor-injection"
    topic.save()
    publishing.save_revision(topic, author=user("Author"))
    publishing.publish_unreviewed(
        [topic], publisher=user("Content loader"), change_note="Another name"
    )
    response = client.get("/fhir/Composition/plerixafor")
    assert response.status_code == 301
    assert response["Location"] == f"{HOST}/fhir/Composition/plerixafor-injection"
    version = client.get("/fhir/Bundle/plerixafor/_history/1")
    assert version["Location"] == f"{HOST}/fhir/Bundle/plerixafor-injection/_history/1"


def test_ids_have_no_underscore_and_at_most_64_signs(client, library):
    long, anchor = "a" * 75, "x" * 64
    item = {"id": "under_score", "type": "book", "title": "A book"}
    Reference.objects.create(key="under_score", csl=item)
    body = f"A thing. [@under_score]{{#{anchor} certainty=low}}"
    publish(document("overview", long, sections=[section(body)]))
    assert get(client, "Citation/under.score")["identifier"][0]["value"] == "under_score"
    bundle = get(client, f"Bundle/topic.{Topic.objects.get(slug=long).pk}")
    ident = resources(bundle, "ArtifactAssessment")[0]["id"]
    assert get(client, f"ArtifactAssessment/{ident}")["id"] == ident
    page = client.get(f"/topics/{long}/").content.decode()
    assert f'href="/fhir/Bundle/{bundle["id"]}"' in page


def test_no_draft_is_told(client, library):
    topic = publish_reviewed(document("overview", "steady"))
    section_row = topic.sections.first()
    section_row.body = "Secret draft words."
    section_row.save()
    publishing.save_revision(topic, author=user("Author"))
    from api_data import draft

    draft(document("overview", "only-a-draft"))
    for kind in ("Bundle", "Composition", "DocumentReference"):
        assert "Secret" not in str(get(client, f"{kind}/steady"))
        get(client, f"{kind}/only-a-draft", 404)
        get(client, f"{kind}/topic.{Topic.objects.get(slug='only-a-draft').pk}", 404)
    assert get(client, "Composition?title:contains=draft")["total"] == 0
