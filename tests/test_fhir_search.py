"""FHIR over HTTP: search and its pages, conditional requests, and what is refused."""

import json

import pytest
from api_data import document, publish, section
from django.db import connection
from django.test.utils import CaptureQueriesContext
from fhir_checks import check
from test_fhir import HOST, get, resources

from hsc_portal.pages import CACHE_CONTROL
from references.models import Reference


def ids(bundle: dict) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle.get("entry", [])]


def test_the_capability_statement_tells_what_there_is(client, library):
    told = get(client, "metadata")
    assert told["fhirVersion"] == "5.0.0"
    for resource in told["rest"][0]["resource"]:
        kind, codes = resource["type"], [one["code"] for one in resource["interaction"]]
        assert codes[:2] == ["read", "vread"]
        if "search-type" in codes:
            assert get(client, f"{kind}?_count=1")["total"] > 0
            for parameter in resource["searchParam"]:
                assert get(client, f"{kind}?{parameter['name']}=nothing-like-it")["total"] == 0
        else:
            get(client, kind, 404)


@pytest.mark.parametrize(("query", "found"), [
    ("_id=plerixafor", ["plerixafor"]),
    ("_id=plerixafor,busulfan", ["busulfan", "plerixafor"]),
    ("title=busulf", ["busulfan", "busulfan-conditioning"]),
    ("title:exact=Busulfan", ["busulfan"]),
    ("title:contains=CONDITION", ["busulfan-conditioning"]),
    ("identifier=plerixafor", ["plerixafor"]),
    (f"identifier={HOST}/topics|plerixafor", ["plerixafor"]),
    ("identifier=http://other|plerixafor", []),
    ("code=D009101", ["multiple-myeloma"]),
    ("code=https://www.nlm.nih.gov/mesh|D009101", ["multiple-myeloma"]),
    ("code=urn:oid:2.16.840.1.113883.6.3|c90.0", ["multiple-myeloma"]),
    ("code=http://other|D009101", []),
    ("code=D009101&title=x", []),
    ("_id=a_b", []), ("_id=topic.999999", []), ("title=%00", None),
])  # fmt: skip
def test_topics_are_found(client, library, query, found):
    for kind in ("Composition", "DocumentReference"):
        if found is None:
            get(client, f"{kind}?{query}", 400)
        else:
            assert ids(get(client, f"{kind}?{query}")) == found


@pytest.mark.parametrize(("query", "found"), [
    ("_id=copelan2006", ["copelan2006"]),
    ("identifier=https://doi.org|10.1056/NEJMra052638", ["copelan2006"]),
    ("identifier=https://pubmed.ncbi.nlm.nih.gov|16641398", ["copelan2006"]),
    ("identifier=16641398", ["copelan2006"]),
    ("identifier=https://doi.org|16641398", []),
    (f"identifier={HOST}/references|snowden2022", ["snowden2022"]),
    ("title=indications", ["snowden2022"]),
])  # fmt: skip
def test_publications_are_found(client, library, query, found):
    assert ids(get(client, f"Citation?{query}")) == found


def test_assessments_of_a_topic_are_found(client, library):
    found = get(client, "ArtifactAssessment?artifact=Composition/stem-cell-mobilization")
    assert found["total"] == 1
    ident = ids(found)[0]
    assert ids(get(client, f"ArtifactAssessment?_id={ident}")) == [ident]
    assert get(client, "ArtifactAssessment?artifact=plerixafor")["total"] == 0


def test_pages_joined_are_the_whole(client, library):
    whole = ids(get(client, "Composition?_count=100"))
    assert len(whole) == 7
    joined, address = [], "Composition?_count=3"
    while address:
        page = get(client, address)
        assert page["total"] == 7
        joined += ids(page)
        links = {one["relation"]: one["url"] for one in page["link"]}
        assert links["self"].startswith(f"{HOST}/fhir/Composition?")
        address = links.get("next", "").removeprefix(f"{HOST}/fhir/")
    assert joined == whole == sorted(whole)
    nothing = get(client, "Composition?_count=0")
    assert nothing["total"] == 7 and "entry" not in nothing
    assert ids(get(client, "Composition?_count=3&_page=9")) == []


def test_unknown_parameters_are_passed_over_unless_handling_is_strict(client, library):
    found = get(client, "Composition?colour=blue&_id=busulfan")
    assert ids(found) == ["busulfan"]
    assert "colour" not in found["link"][0]["url"]
    told = get(client, "Composition?colour=blue", 400, Prefer="handling=strict")["issue"][0]
    assert told["expression"] == ["colour"] and "title" in told["diagnostics"]
    get(client, "Composition?_id=busulfan&_format=json", Prefer="handling=strict")


@pytest.mark.parametrize("query", [
    "_count=x", "_count=-1", "_page=0", "_count=1&_count=2", "title=", "title=a,,b", "title:not=a",
    "code:below=D1",
])  # fmt: skip
def test_bad_values_are_refused_by_name(client, library, query):
    told = get(client, f"Composition?{query}", 400)["issue"][0]
    assert told["code"] == "invalid"
    assert told["expression"] == [query.partition("=")[0]]


@pytest.mark.parametrize("path", [
    "", "Composition/nothing", "Composition/%00", "Citation/nothing", "Citation/a_b", "Patient/1",
    "Patient", "Composition/busulfan/extra", "Composition/busulfan/_history/2", "x/y/z/a/b",
    "Citation/copelan2006/_history/1", "Composition/" + "a" * 200, "ArtifactAssessment/9.",
])  # fmt: skip
def test_what_is_not_there_is_an_outcome(client, library, path):
    get(client, path, 404)


def test_a_copy_is_asked_for_again(client, library):
    for path in ("Composition/busulfan", "DocumentReference/busulfan", "Bundle/busulfan",
                 "Citation/copelan2006", "metadata", "Composition?_id=busulfan"):  # fmt: skip
        response = client.get(f"/fhir/{path}")
        etag = response["ETag"]
        assert etag.startswith('W/"')
        version = response.json().get("meta", {}).get("versionId")
        assert version is None or etag == f'W/"{version}"'
        again = client.get(f"/fhir/{path}", headers={"If-None-Match": etag})
        assert (again.status_code, again["ETag"], again.content) == (304, etag, b"")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cache-Control"].startswith("public")
        assert not response.cookies


def test_a_version_of_a_publication_is_the_newest_only(client, library):
    version = get(client, "Citation/copelan2006")["meta"]["versionId"]
    get(client, f"Citation/copelan2006/_history/{version}")
    found = Reference.objects.get(key="copelan2006")
    found.csl = found.csl | {"title": "Another title"}
    found.save()
    get(client, f"Citation/copelan2006/_history/{version}", 404)


def test_methods(client, library):
    path = "/fhir/Composition/busulfan"
    for method in ("post", "put", "patch", "delete"):
        response = getattr(client, method)(path)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
        check(response.json())
    assert client.head(path).status_code == 200
    assert client.options(path)["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(("accepted", "status"), [
    ("application/fhir+json", 200), ("*/*", 200), ("text/html,*/*", 200), ("", 200),
    ("application/json; q=1", 200), ("application/fhir+json; fhirVersion=5.0", 200),
    ("application/fhir+xml", 406), ("application/json;q=0", 406), ("*/*;q=0", 406),
    ("application/fhir+json; fhirVersion=4.0", 406), ("application/fhir+json;q=0, */*", 406),
    ("application/fhir+json; fhirVersion=4.0, application/fhir+json; fhirVersion=5.0", 200),
    ("application/fhir+json;fhirVersion=4.0;q=0.9, */*;q=0.1", 200), ("xjsonx/y", 406),
])  # fmt: skip
def test_accept_decides_whether_there_is_an_answer(client, library, accepted, status):
    get(client, "Composition/busulfan", status, Accept=accepted)


@pytest.mark.parametrize(("wanted", "status"), [
    ("json", 200), ("application/fhir+json", 200), ("application/fhir%2Bjson", 200),
    ("application/json", 200), ("text/json", 200), ("xml", 406), ("application/fhir+xml", 406),
    ("application/fhir%2Bjson;%20fhirVersion%3D5.0", 200),
    ("application/fhir%2Bjson;%20fhirVersion%3D4.0", 406), ("%00", 406),
])  # fmt: skip
def test_a_format_in_the_address_counts_before_accept(client, library, wanted, status):
    path = f"Composition/busulfan?_format={wanted}"
    get(client, path, status, Accept="application/fhir+xml")
    get(client, path, status)


def test_a_search_may_be_a_form(client, library):
    form = "application/x-www-form-urlencoded"
    path = "/fhir/Composition/_search"

    def found(body: str, query: str = "", status: int = 200) -> dict:
        response = client.generic("POST", f"{path}{query}", body, form)
        assert response.status_code == status
        assert response["Cache-Control"] == ("no-store" if status == 200 else CACHE_CONTROL)
        return check(response.json())

    client.handler.enforce_csrf_checks = True
    whole = found("_id=plerixafor,busulfan&_count=1")
    assert ids(whole) == ["busulfan"] and whole["total"] == 2
    (following,) = [one["url"] for one in whole["link"] if one["relation"] == "next"]
    assert ids(get(client, following.removeprefix(f"{HOST}/fhir/"))) == ["plerixafor"]
    assert ids(found("_id=busulfan", "?title=x")) == []
    assert found("title=", status=400)["issue"][0]["expression"] == ["title"]
    assert client.generic("POST", path, "{}", "application/json").status_code == 415
    response = client.get(path)
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")


def test_too_many_values_or_parameters_are_refused(client, library):
    names = {"Composition": ["_id", "identifier", "code", "title"], "Citation": ["identifier"],
             "ArtifactAssessment": ["_id", "artifact"]}  # fmt: skip
    for kind, parameters in names.items():
        for name in parameters:
            with CaptureQueriesContext(connection) as queries:
                get(client, f"{kind}?{name}={','.join(f'topic.{n}' for n in range(50))}")
            assert len(queries) <= 6
            told = get(client, f"{kind}?{name}={','.join(str(n) for n in range(51))}", 400)
            assert told["issue"][0]["expression"] == [name]
            repeated = "&".join(f"{name}={n}" for n in range(51))
            assert get(client, f"{kind}?{repeated}", 400)["issue"][0]["expression"] == [name]
    get(client, f"Composition?{'a=1&' * 1_001}", 400)
    get(client, f"Composition/busulfan?{'a=1&' * 1_001}", 400)


def test_a_fault_is_told_by_an_id_and_nothing_else(client, library, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError("secret words")

    monkeypatch.setattr("topics.fhir.bundles.composition", fail)
    client.raise_request_exception = False
    response = client.get("/fhir/Bundle/busulfan")
    assert response.status_code == 500 and "secret" not in response.content.decode()
    told = check(response.json())["issue"][0]["diagnostics"]
    assert told.split()[-1].rstrip(".") in caplog.text
    assert response["Cache-Control"] == "no-store"


def test_odd_publications_are_valid(client, library):
    items = [
        {"type": "webpage", "title": "Label", "URL": "https://a.b/c d", "issued": {},
         "accessed": {"date-parts": [[2026, 1, 2]]}, "language": "en-US"},
        {"type": "book", "title": "Book", "ISBN": "978-3", "publisher": "P",
         "publisher-place": "Q",
         "editor": [{"family": "E"}, {"literal": "A board"}],
         "issued": {"date-parts": [[2020, 13]]}},
        {"type": "dataset", "title": "Set?", "author": [{"literal": "A group"}],
         "issued": {"date-parts": [["2021", "2"]]}, "language": "not a language"},
        {"type": "article-journal", "title": "<i>x</i> & y", "page": "e12", "volume": 3,
         "author": [{"family": "van Dam", "given": "J. K.", "non-dropping-particle": "van",
                     "suffix": "Jr"}], "custom": {"authors_truncated": True}},
        {"type": "chapter", "title": "Year one", "issued": {"date-parts": [[1]]},
         "abstract": "Open words.", "custom": {"abstract_license": "CC-BY-4.0"}},
    ]  # fmt: skip
    keys = [f"odd{n}" for n in range(len(items))]
    for key, item in zip(keys, items, strict=True):
        Reference.objects.create(key=key, csl=item)
    body = f"Odd things. [{'; '.join(f'@{key}' for key in keys)}]{{certainty=very-low}}"
    publish(document("overview", "odd", sections=[section(body)]))
    bundle = get(client, "Bundle/odd")
    cited = {one["id"]: one["citedArtifact"] for one in resources(bundle, "Citation")}
    assert cited["odd2"]["publicationForm"][0]["articleDate"] == "2021-02"
    assert cited["odd1"]["publicationForm"][0]["articleDate"] == "2020"
    assert "articleDate" not in cited["odd4"]["publicationForm"][0]
    assert cited["odd4"]["abstract"][0]["text"] == "Open words."
    assert cited["odd3"]["contributorship"]["complete"] is False
    assert "copelan" not in json.dumps(bundle)
