"""A script that knows only the root finds everything; drafts it never finds."""

from tests.api_data import (
    HOST,
    cell,
    check_schema,
    document,
    draft,
    mobilization,
    myeloma,
    publish,
    section,
    withdraw,
)
from topics.models import Listing

SENTINEL = "zebrafish"
# What is quoted inside is no link of the API; the description has a test of its own.
QUOTED = {"document", "csl"}
# What needs a partner's key; test_access_keys.py and test_webhooks.py walk there.
WITH_KEY = ("/keys/", "/webhooks/", "/usage/")


def walk(client) -> dict[str, str]:
    """Return the text at each address of the API that can be reached from its root."""
    texts, waiting = {}, ["/api/v1/"]
    while waiting:
        path = waiting.pop()
        if path in texts or "/schema/" in path or path.endswith((".ndjson", *WITH_KEY)):
            continue
        response = client.get(path)
        assert response.status_code == 200, path
        texts[path] = response.content.decode()
        if response["Content-Type"] == "application/json":
            check_schema(response.wsgi_request.path, 200, response.json())
            # What happened once may be of a topic that is withdrawn now.
            data = response.json()
            waiting += links(data["next"] if "/changes/" in path else data)
    return texts


def links(data) -> list[str]:
    """Return the paths of all addresses of the API in an answer."""
    if isinstance(data, dict):
        return [url for name, value in data.items() if name not in QUOTED for url in links(value)]
    if isinstance(data, list):
        return [url for value in data for url in links(value)]
    if isinstance(data, str) and data.startswith(f"{HOST}/api/"):
        return [data.removeprefix(HOST)]
    return []


def test_everything_can_be_reached_from_the_root(client, library):
    found = walk(client)

    for slug in Listing.objects.values_list("slug", flat=True):
        assert f"/api/v1/topics/{slug}/" in found
        assert f"/api/v1/topics/{slug}/editions/1/" in found
    for path in (
        "/api/docs/",
        "/api/v1/therapies/autologous-transplantation/",
        "/api/v1/agents/plerixafor/",
        "/api/v1/conditions/multiple-myeloma/",
        "/api/v1/complications/graft-failure/",
        "/api/v1/references/snowden2022/",
        "/api/v1/statements/stem-cell-mobilization/days/",
        "/api/v1/statements/?topic=stem-cell-mobilization",
        "/api/v1/topics/?reference=copelan2006",
    ):
        assert path in found
    assert sum("/indications/multiple-myeloma/" in path for path in found) == 3


def test_withdrawing_a_topic_leaves_no_dead_link(client, library):
    topic = publish(document("overview", "old-advice"))[0]
    withdraw(topic)

    assert not any("old-advice" in path for path in walk(client))


def test_drafts_are_nowhere(client, library):
    # Given a published topic whose draft was changed in every part, and one never published
    changed = mobilization() | {
        "title": f"Mobilization {SENTINEL}", "summary": f"About {SENTINEL}.",
        "synonyms": [SENTINEL], "note": SENTINEL,
        "codes": [{"system": "MeSH", "code": "D999999", "label": SENTINEL, "match": "exact"}],
        "sections": [section(f"The {SENTINEL} has stem cells. [@copelan2006]", heading=SENTINEL)],
        "relations": [{"kind": "related", "target": "busulfan"}],
    }  # fmt: skip
    draft(changed)
    draft(document("agent", f"{SENTINEL}-serum", facts={"drug_class": SENTINEL}))
    condition_with_sentinel()

    # When a script reads all there is, and asks for the drafts by name
    found = walk(client)
    asked = [
        f"/api/v1/topics/{SENTINEL}-serum/", f"/api/v1/agents/{SENTINEL}-serum/",
        f"/api/v1/topics/{SENTINEL}-serum/editions/",
        "/api/v1/topics/stem-cell-mobilization/editions/2/",
    ]  # fmt: skip
    lists = [
        f"/api/v1/{name}/?q={SENTINEL}" for name in ("topics", "agents", "statements", "references")
    ]

    # Then the sentinel is nowhere
    assert not [path for path, text in found.items() if SENTINEL in text]
    assert [client.get(path).status_code for path in asked] == [404] * 4
    assert [client.get(path).json()["count"] for path in lists] == [0] * 4
    assert client.get(f"/api/v1/statements/?topic={SENTINEL}-serum").status_code == 400
    assert client.get(f"/api/v1/topics/?code={SENTINEL}").json()["count"] == 0
    assert client.get(f"/api/v1/indications/?disease={SENTINEL}").json()["count"] == 0


def condition_with_sentinel() -> None:
    """Change the draft of a published condition, its table too."""
    changed = myeloma()
    changed["tables"]["indications"].append(cell("MUD", disease=SENTINEL))
    draft(changed)
