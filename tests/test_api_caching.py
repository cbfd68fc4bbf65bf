"""ETags and 304: who asks again gets only what is new, and no cache keeps what is not for all."""

import pytest

from tests.api_data import document, publish, read, retract, user
from topics import documents, publishing
from topics.models import Topic

PATHS = [
    "/api/v1/",
    "/api/v1/topics/",
    "/api/v1/topics/plerixafor/",
    "/api/v1/topics/plerixafor/editions/",
    "/api/v1/topics/plerixafor/editions/1/",
    "/api/v1/agents/plerixafor/",
    "/api/v1/statements/stem-cell-mobilization/days/",
    "/api/v1/indications/",
    "/api/v1/references/copelan2006/",
    "/api/v1/schema/",
]


@pytest.mark.parametrize("path", PATHS)
def test_who_has_it_gets_a_304(client, library, path):
    first = client.get(path)
    etag = first["ETag"]
    assert etag.startswith('"'), "a strong ETag"

    for known in (etag, f'"something-else", {etag}', f"W/{etag}", "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again["ETag"] == etag
        assert "max-age=60" in again["Cache-Control"]
        assert again["Access-Control-Allow-Origin"] == "*"
    assert client.get(path, headers={"if-none-match": '"something-else"'}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_any_cache_may_keep_it(client, library, path):
    response = client.get(path)

    assert response["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60"
    assert set(response["Vary"].split(", ")) <= {"Accept", "Accept-Encoding"}
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.cookies


@pytest.mark.parametrize("path", ["/topics/plerixafor/", *PATHS])
@pytest.mark.parametrize("accepted", ["gzip", "identity", ""])
def test_a_304_has_the_etag_and_vary_of_its_200(client, library, path, accepted):
    got = client.get(path, headers={"accept-encoding": accepted})
    asked = {"accept-encoding": accepted, "if-none-match": got["ETag"]}
    again = client.get(path, headers=asked)

    assert again.status_code == 304
    assert again["ETag"] == got["ETag"]
    assert got["ETag"].startswith("W/") == (accepted == "gzip")
    assert again["Vary"] == got["Vary"]
    assert "Accept-Encoding" in again["Vary"]


def test_a_renamed_topic_may_get_its_name_back(client, library):
    topic = Topic.objects.get(slug="plerixafor")
    changed = document("agent", "mozobil", facts={"drug_class": "CXCR4 antagonist"})
    publishing.save_revision(documents.load(changed, topic), author=user("Author"))
    publishing.publish_unreviewed([topic], publisher=user("Content loader"), change_note="Renamed")

    for path in ("/api/v1/topics/plerixafor/", "/api/v1/agents/plerixafor/",
                 "/topics/plerixafor/", "/topics/plerixafor/editions/"):  # fmt: skip
        moved = client.get(path)
        assert moved.status_code == 301
        assert "max-age=60" in moved["Cache-Control"]


def test_head_has_the_same_etag_and_no_body(client, library):
    path = "/api/v1/topics/plerixafor/"
    got, head = client.get(path), client.head(path)

    assert head["ETag"] == got["ETag"]
    assert head.content == b""
    assert client.head(path, headers={"if-none-match": got["ETag"]}).status_code == 304


def test_the_etag_starts_with_the_digest_of_the_edition(client, library):
    response = client.get("/api/v1/topics/plerixafor/")

    assert response["ETag"].startswith(f'"{response.json()["edition"]["digest"][:16]}-')


def test_a_new_edition_changes_the_etag(client, library):
    paths = ["/api/v1/topics/plerixafor/", "/api/v1/topics/", "/api/v1/statements/"]
    before = [client.get(path)["ETag"] for path in paths]

    publish(document("agent", "plerixafor", facts={"drug_class": "Mobilizing agent"},
                     summary="A new summary."))  # fmt: skip

    after = [client.get(path)["ETag"] for path in paths]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_retraction_changes_the_etag_of_what_cites_it(client, library):
    paths = [
        "/api/v1/topics/stem-cell-mobilization/",
        "/api/v1/topics/stem-cell-mobilization/editions/1/",
        "/api/v1/statements/?topic=stem-cell-mobilization",
        "/api/v1/references/dipersio2009mm/",
    ]
    etags = {path: client.get(path)["ETag"] for path in paths}

    retract("dipersio2009mm")

    for path, etag in etags.items():
        assert client.get(path, headers={"if-none-match": etag}).status_code == 200


def test_a_new_title_of_a_neighbour_changes_the_etag(client, library):
    etag = client.get("/api/v1/topics/multiple-myeloma/")["ETag"]

    changed = document(
        "agent", "plerixafor", title="Mozobil", facts={"drug_class": "CXCR4 antagonist"},
        relations=[{"kind": "treats", "target": "multiple-myeloma"}],
    )  # fmt: skip
    publish(changed)

    fresh = client.get("/api/v1/topics/multiple-myeloma/", headers={"if-none-match": etag})
    assert fresh.status_code == 200
    assert "Mozobil" in fresh.content.decode()


def test_a_browser_may_read_a_304_of_changes(client, library):
    etag = client.get("/api/v1/changes/")["ETag"]
    again = client.get("/api/v1/changes/", headers={"if-none-match": etag})

    assert again.status_code == 304
    assert again["Access-Control-Allow-Origin"] == "*"


def test_errors_are_not_answered_with_304(client, db):
    assert client.get("/api/v1/topics/nothing/", headers={"if-none-match": "*"}).status_code == 404
    read(client, "topics/?kind=drug", 400)
