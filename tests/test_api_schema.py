"""The description of the API: committed, true, and readable without any foreign server."""

import re

import pytest
import yaml
from django.core.management import call_command
from jsonschema import Draft202012Validator

from tests.api_data import OPENAPI

WITH_KEY = tuple(f"/api/v1/{name}/" for name in ("keys", "webhooks", "usage"))


def test_the_committed_description_is_up_to_date(tmp_path):
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(fresh))

    assert fresh.read_text() == OPENAPI.read_text(), (
        "The API changed. If that is meant, run: manage.py spectacular --file docs/openapi.yaml"
    )


@pytest.mark.parametrize("name", ["", "openapi.yaml", "openapi.json"])
def test_it_is_served_as_it_is_committed(client, db, name):
    response = client.get(f"/api/v1/schema/{name}")

    assert response.status_code == 200
    served = yaml.safe_load(response.content)  # JSON is YAML too
    assert served == yaml.safe_load(OPENAPI.read_text())
    assert served["openapi"] == "3.1.0"


def test_json_can_be_asked_for(client, db):
    response = client.get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"})

    assert response.json()["info"]["title"] == "HSC Portal API"


def test_each_clinical_table_is_described_by_its_own_fields():
    schemas = yaml.safe_load(OPENAPI.read_text())["components"]["schemas"]

    assert set(schemas["TherapyTables"]["properties"]) == {
        "agents", "steps", "risks", "benefits", "milestones", "engraftment_factors", "trials",
    }  # fmt: skip
    assert schemas["RiskRow"]["required"] == ["complication"]
    assert schemas["IndicationRow"]["required"] == [
        "disease", "edition", "option", "population", "scheme", "source",
    ]  # fmt: skip
    assert schemas["MilestoneRow"]["properties"]["from_day"]["type"] == "integer"


def test_the_docs_load_only_what_is_ours(client, db):
    response = client.get("/api/docs/")
    page = response.content.decode()
    policy = response["Content-Security-Policy"]

    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(sources) >= 4
    assert all(source.startswith("/") for source in sources)
    assert not re.search(r"<script(?![^>]*src=)", page), "no inline script"
    assert "script-src 'self';" in f"{policy};"
    assert client.get("/api/docs/?script=")["Content-Type"] == "application/javascript"
    for source in sources:
        assert client.get(source).status_code == 200, source


def test_other_answers_keep_the_strict_policy(client, db):
    assert "unsafe-inline" not in client.get("/api/v1/")["Content-Security-Policy"]


def test_each_answer_to_a_get_has_an_example_that_fits_its_schema():
    spec = yaml.safe_load(OPENAPI.read_text())
    without, wrong = [], []
    for path, methods in spec["paths"].items():
        operation = methods.get("get", {})
        # What needs a key, and what is no JSON, is shown in the docs.
        media = operation.get("responses", {}).get("200", {}).get("content", {})
        if "application/json" not in media or path.startswith(WITH_KEY):
            continue
        if "example" not in media["application/json"]:
            without.append(path)
            continue
        told = media["application/json"]
        check = Draft202012Validator({**told["schema"], "components": spec["components"]})
        wrong += [f"{path}: {fault.message[:200]}" for fault in check.iter_errors(told["example"])]

    assert not without
    assert not wrong
