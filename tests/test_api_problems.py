"""Errors: each is a problem in the sense of RFC 9457, and a bad parameter is named."""

import re

import pytest
from django.db import OperationalError
from django.test import Client

from hsc_portal.api import Schema
from hsc_portal.languages import AddressLanguage
from hsc_portal.rest import PROBLEM_TYPES
from tests import webhooks_data
from tests.api_data import HOST, read
from topics.api.topics import TopicDetail


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
    assert "max-age=60" in response["Cache-Control"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_what_is_sent_without_the_slash_is_sent_again_and_not_asked(client, db):
    response = client.post("/api/v1/webhooks", {}, content_type="application/json")

    assert response.status_code == 308
    assert response["Location"] == "/api/v1/webhooks/"


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


@pytest.mark.parametrize("path", ["schema/", "schema/openapi.json", "schema/openapi.yaml"])
def test_the_description_answers_errors_like_everything_else(client, db, monkeypatch, path):
    made = []
    monkeypatch.setattr(Schema, "get", lambda *args: made.append(1))

    unknown = client.get(f"/api/v1/{path}?whatever=2")
    assert unknown.status_code == 400
    assert unknown.json()["errors"][0]["parameter"] == "whatever"
    response = client.get(f"/api/v1/{path}", headers={"accept": "image/png"})
    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert isinstance(response.json()["detail"], str)
    assert not made, "what takes a second is not even begun"


OF_PROGRAMS = ["/api/v1/topics/", "/fhir/Citation", "/infobutton/service", "/oembed", "/embed.js",
               "/whats-new/feed.atom", "/sitemap.xml", "/glossary/names.json"]  # fmt: skip


@pytest.mark.parametrize("path", OF_PROGRAMS)
def test_a_host_that_is_not_ours_is_a_problem(client, db, path):
    response = client.get(path, headers={"host": "evil.example"})

    assert response.status_code == 400
    assert response["Content-Type"].startswith(
        ("application/problem+json", "application/fhir+json")
    )
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "evil" not in response.content.decode()


@pytest.mark.parametrize("path", OF_PROGRAMS)
def test_what_fails_before_a_view_has_an_id_too(client, db, monkeypatch, caplog, path):
    def fail(*args):
        raise OperationalError("password=hunter2")

    monkeypatch.setattr(AddressLanguage, "__call__", fail)
    client.raise_request_exception = False
    for headers in ({}, {"host": "evil.example"}):
        response = client.get(path, headers=headers)

        text = response.content.decode()
        assert response.status_code == 500
        assert "hunter2" not in text and "hunter2" in caplog.text
        assert response["Cache-Control"] == "no-store"
        assert any(ident in caplog.text for ident in re.findall(r"[0-9a-f]{32}", text))


def test_people_get_pages_when_something_is_wrong(client, db):
    wrong = client.get("/topics/", headers={"host": "evil.example"})

    assert wrong.status_code == 400
    for response in (wrong, client.get("/nothing/"), client.get("/embed/nothing/")):
        assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/nothing.json", "/oembed/nothing", "/feed.atom"])
def test_a_wrong_address_of_a_program_is_a_problem(client, db, path):
    response = client.get(path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["instance"] == path


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


def test_what_was_sent_and_is_no_json_is_a_problem_like_any_other(db):
    webhooks = webhooks_data.api_client()
    response = webhooks.post("/api/v1/webhooks/", "PK", content_type="application/json")

    assert response.status_code == 400
    assert response.json()["errors"][0]["detail"].startswith("This is no JSON: ")


def test_no_page_may_read_what_needs_a_key(db):
    for client in (Client(), webhooks_data.api_client()):
        assert "Access-Control-Allow-Origin" not in client.get("/api/v1/webhooks/")
