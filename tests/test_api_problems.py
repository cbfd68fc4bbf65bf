"""Errors: each is a problem in the sense of RFC 9457, and a bad parameter is named."""

import pytest

from hsc_portal.rest import PROBLEM_TYPES
from tests.api_data import HOST, read
from topics.api import TopicDetail


def refused(client, path: str) -> dict:
    """Return the one error of a refused query."""
    errors = read(client, path, 400)["errors"]
    assert len(errors) == 1
    return errors[0]


def test_an_unknown_parameter_is_named_with_those_that_exist(client, db):
    error = refused(client, "statements/?certainity=high")

    assert error["parameter"] == "certainity"
    assert {"certainty", "page", "page_size", "ordering"} <= set(error["allowed"])


def test_an_unknown_value_is_named_with_those_that_exist(client, db):
    problem = read(client, "topics/?kind=drug", 400)

    assert problem["title"] == "A parameter was not understood"
    assert problem["instance"] == "/api/v1/topics/?kind=drug"
    assert problem["errors"][0]["allowed"] == [
        "overview", "therapy", "agent", "condition", "complication",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("topics/?reviewed=ture", "reviewed"),
        ("topics/?code=Foo|1", "code"),
        ("topics/?reference=nobody1999", "reference"),
        ("topics/?related=nothing", "related"),
        ("topics/?ordering=beauty", "ordering"),
        ("topics/?q=", "q"),
        ("topics/?q=a&q=b", "q"),
        ("topics/?q=%00", "q"),
        ("topics/?page=0", "page"),
        ("topics/?page=last", "page"),
        ("topics/?page=1&page=2", "page"),
        ("topics/?page_size=101", "page_size"),
        ("topics/?page_size=x", "page_size"),
        ("therapies/?kind=agent", "kind"),
        ("therapies/?agent=nothing", "agent"),
        ("therapies/?agent=graft-failure", "agent"),
        ("conditions/?scheme=ebmt", "scheme"),
        ("statements/?topic=nothing", "topic"),
        ("statements/?topic=copelan2006", "topic"),
        ("statements/?cited=1", "cited"),
        ("indications/?category=Z", "category"),
        ("indications/?condition=plerixafor", "condition"),
        ("references/?year=MMIX", "year"),
        ("references/?year_min=99999999999999999999", "year_min"),
        ("references/?doi=nonsense", "doi"),
        ("references/?pmid=nonsense", "pmid"),
        ("references/?topic=nothing", "topic"),
        ("topics/plerixafor/editions/?page_size=0", "page_size"),
        ("topics/plerixafor/editions/?foo=1", "foo"),
        ("topics/plerixafor/editions/1/?page=1", "page"),
        ("topics/plerixafor/?foo=1", "foo"),
        ("agents/plerixafor/?foo=", "foo"),
        ("statements/stem-cell-mobilization/days/?foo=1", "foo"),
        ("indications/multiple-myeloma/a/?foo=1", "foo"),
        ("references/copelan2006/?foo=1", "foo"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(client, library, path, parameter):
    assert refused(client, path)["parameter"] == parameter


def test_what_may_be_given_is_named(client, library):
    assert refused(client, "topics/plerixafor/?foo=1")["allowed"] == [
        "as_of", "expand", "fields",
    ]  # fmt: skip
    allowed = refused(client, "topics/plerixafor/editions/?foo=1")["allowed"]
    assert allowed == ["fields", "page", "page_size"]
    read(client, "topics/plerixafor/editions/?page=1&page_size=5")


def test_all_that_is_wrong_is_named_at_once(client, db):
    problem = read(client, "topics/?kind=drug&reviewed=perhaps", 400)

    assert {error["parameter"] for error in problem["errors"]} == {"kind", "reviewed"}


def test_a_page_past_the_end_is_not_found(client, library):
    read(client, "topics/?page=1&page_size=7")
    read(client, "topics/?page=2&page_size=7", 404)


@pytest.mark.parametrize(
    "path", ["/api/nothing/", "/api/v1/nothing/", "/api/v2/topics/", "/api/v1/topics/a.b/"]
)
def test_an_address_without_anything_is_a_problem_too(client, db, path):
    response = client.get(path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["instance"] == path


def test_a_missing_slash_is_added(client, db):
    response = client.get("/api/v1/topics?kind=agent")

    assert response.status_code == 301
    assert response["Location"] == "/api/v1/topics/?kind=agent"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_is_read_only(client, library, method):
    for path in ("topics/", "topics/plerixafor/", "references/copelan2006/"):
        response = getattr(client, method)(f"/api/v1/{path}")
        assert response.status_code == 405
        assert response["Content-Type"] == "application/problem+json"
        assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_what_cannot_be_accepted_is_a_problem(client, db):
    response = client.get("/api/v1/topics/", headers={"accept": "application/fhir+xml"})

    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "Not acceptable"


def test_a_fault_of_ours_is_logged_and_keeps_its_secrets(client, db, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(TopicDetail, "get", fail)
    client.raise_request_exception = False
    response = client.get("/api/v1/topics/plerixafor/")

    problem = response.json()
    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert "hunter2" not in response.content.decode()
    assert problem["id"] in caplog.text and "hunter2" in caplog.text


@pytest.mark.parametrize("name", PROBLEM_TYPES)
def test_each_type_of_problem_explains_itself(client, db, name):
    explained = read(client, f"problems/{name}/")

    assert explained["status"] == PROBLEM_TYPES[name][0]
    assert explained["description"]


def test_an_unknown_type_of_problem_is_not_found(client, db):
    assert read(client, "problems/nothing/", 404)["type"] == f"{HOST}/api/v1/problems/not-found/"
