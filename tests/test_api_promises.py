"""Nothing that the API has promised is taken away, and what will go is said long before."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest
import yaml

from hsc_portal import deprecating
from hsc_portal.deprecating import Deprecated
from tests.api_promises import OPENAPI, described, promised


def test_all_that_was_promised_is_there():
    broken = sorted(promised() - described())

    assert not broken, (
        "Partners rely on this for years; see docs/api.md on what may change, and how: "
        f"{broken[:20]}"
    )


def test_all_that_is_there_is_promised():
    fresh = sorted(described() - promised())

    assert not fresh, f"New: run `python -m tests.api_promises` to promise it. {fresh[:10]}"


def test_a_field_that_was_taken_away_would_be_found():
    spec = yaml.safe_load(OPENAPI.read_text())
    poorer = deepcopy(spec)
    del poorer["components"]["schemas"]["Statement"]["properties"]["certainty"]
    poorer["paths"]["/api/v1/topics/"]["get"]["parameters"] = []

    missing = described(spec) - described(poorer)
    assert "GET /api/v1/statements/ 200 application/json results[].certainty" in missing
    assert "GET /api/v1/topics/ ?kind" in missing


def test_what_will_go_says_so_in_its_headers(client, library, monkeypatch):
    gone = Deprecated(
        datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 31, tzinfo=UTC),
        "https://hsc.example/api/docs/",
    )  # fmt: skip
    monkeypatch.setitem(deprecating.DEPRECATED, "topic-list", gone)

    response = client.get("/api/v1/topics/")

    assert response["Deprecation"] == "@1798761600"
    assert response["Sunset"] == "Mon, 31 Jan 2028 00:00:00 GMT"
    assert '<https://hsc.example/api/docs/>; rel="deprecation"' in response["Link"]
    assert not client.get("/api/v1/agents/").has_header("Deprecation")


def test_it_goes_on_for_a_year_at_least():
    with pytest.raises(ValueError, match="a year"):
        Deprecated(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC), "")
