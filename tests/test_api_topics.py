"""/api/v1/topics/ and /api/v1/topics/<slug>/"""

from tests.api_data import (
    HOST,
    document,
    draft,
    publish,
    publish_reviewed,
    read,
    retract,
    slugs,
    user,
    withdraw,
)
from topics import documents, publishing

UNREVIEWED = "not yet reviewed by a clinician"


def test_a_list_row_has_this_shape(client, library):
    row = read(client, "topics/?q=busulfan&kind=agent")["results"][0]

    assert row.pop("published_at") and row.pop("reviewed_at") and row.pop("digest")
    assert row == {
        "url": f"{HOST}/api/v1/topics/busulfan/",
        "html_url": f"{HOST}/topics/busulfan/",
        "slug": "busulfan",
        "kind": "agent",
        "title": "Busulfan",
        "summary": "What a clinician should know about busulfan.",
        "synonyms": [],
        "areas": ["transplantation"],
        "facets": {"drug_class": ["alkylating agent"]},
        "codes": [],
        "edition": 1,
        "review_status": "reviewed by a clinician",
        "next_review": None,
        "statement_count": 1,
        "uncited_count": 0,
        "certainties": {"ungraded": 1},
    }


def test_a_list_row_has_the_codes(client, library):
    row = read(client, "topics/?code=D009101")["results"][0]

    assert row["codes"] == [
        {"system": "MeSH", "code": "D009101", "match": "exact", "verified": True},
        {"system": "ICD-10", "code": "C90.0", "match": "exact", "verified": True},
    ]


def test_a_list_has_pages_that_do_not_overlap(client, library):
    everything = slugs(client, "topics/")
    first = read(client, "topics/?page_size=4")
    second = read(client, first["next"].removeprefix(HOST))

    assert first["count"] == len(everything) == 7
    assert first["previous"] is None and second["next"] is None
    assert [row["slug"] for row in first["results"] + second["results"]] == everything


def test_a_topic_has_this_shape(client, library):
    topic = read(client, "topics/stem-cell-mobilization/")

    assert list(topic) == [
        "url", "html_url", "permanent_url", "slug", "title", "kind", "edition", "review",
        "withdrawal", "next_review", "license", "attribution", "citation", "partners",
        "warnings", "links", "document",
    ]  # fmt: skip
    assert topic["url"] == f"{HOST}/api/v1/topics/stem-cell-mobilization/"
    assert topic["html_url"] == f"{HOST}/topics/stem-cell-mobilization/"
    assert topic["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert topic["edition"]["number"] == 1
    assert topic["edition"]["status"] == "current"
    assert topic["edition"]["published_by"] == "Content loader"
    assert topic["edition"]["change_note"] == "Starter content"
    assert topic["links"]["topics"] == {"plerixafor": f"{HOST}/api/v1/topics/plerixafor/"}
    assert topic["links"]["references"] == {
        key: f"{HOST}/api/v1/references/{key}/" for key in ("copelan2006", "dipersio2009mm")
    }
    assert topic["links"]["as_kind"] is None
    assert topic["document"]["sections"][0]["statements"][0] == {
        "anchor": "days",
        "text": "G-CSF moves cells into the blood.",
        "certainty": "high",
        "citations": [{"key": "copelan2006"}, {"key": "copelan2006", "locator": "p. 2"}],
    }


def test_the_document_proves_its_digest(client, library):
    topic = read(client, "topics/autologous-transplantation/")

    text = documents.canonical(topic["document"])
    assert documents.digest(text) == topic["edition"]["digest"]


def test_it_says_plainly_whether_a_clinician_reviewed_it(client, library):
    unreviewed = read(client, "topics/plerixafor/")["review"]
    reviewed = read(client, "topics/busulfan/")["review"]

    assert unreviewed == {
        "status": UNREVIEWED, "reviewed": False, "by": None, "at": None, "interests": None,
    }  # fmt: skip
    assert reviewed.pop("at")
    assert reviewed == {
        "status": "reviewed by a clinician", "reviewed": True, "by": "Clinical reviewer",
        "interests": "Speaker fees",
    }  # fmt: skip


def test_related_topics_are_seen_from_both_ends(client, library):
    condition = read(client, "topics/multiple-myeloma/")

    assert [(r["label"], r["slug"]) for r in condition["links"]["related"]] == [
        ("Treated by", "autologous-transplantation"),
        ("Treated by", "plerixafor"),
    ]


def test_a_retraction_shows_at_once(client, library):
    assert read(client, "topics/stem-cell-mobilization/")["warnings"] == []

    retract("dipersio2009mm")

    assert read(client, "topics/stem-cell-mobilization/")["warnings"] == [
        {
            "url": f"{HOST}/api/v1/references/dipersio2009mm/",
            "key": "dipersio2009mm",
            "status": "retracted",
            "label": "Retracted",
            "on": "2026-05-01",
            "notice": "Data could not be verified",
        }
    ]


def test_an_old_address_leads_to_the_new_one(client, db):
    topic = publish(document("agent", "mozobil", facts={"drug_class": "CXCR4 antagonist"}))[0]
    topic.slug = "plerixafor"
    topic.save()
    publishing.save_revision(topic, author=user("Author"))
    publishing.publish_unreviewed(
        [topic], publisher=user("Content loader"), change_note="Generic name"
    )

    for path in (
        "topics/{}/", "agents/{}/", "topics/{}/editions/", "topics/{}/editions/1/",
        "statements/{}/s-0/",
    ):  # fmt: skip
        moved = client.get(f"/api/v1/{path.format('mozobil')}")
        assert moved.status_code == 301
        assert moved["Location"] == f"{HOST}/api/v1/{path.format('plerixafor')}"
        assert "max-age=60" in moved["Cache-Control"]
    assert slugs(client, "topics/") == ["plerixafor"]


def test_a_withdrawn_topic_is_gone_with_its_reason(client, library):
    topic = publish(document("overview", "old-advice"))[0]
    withdraw(topic, "A trial showed harm")

    gone = read(client, "topics/old-advice/", 410)

    assert gone.pop("withdrawn_at")
    assert gone == {
        "type": f"{HOST}/api/v1/problems/withdrawn/",
        "title": "Withdrawn",
        "status": 410,
        "detail": "“Old advice” was withdrawn: A trial showed harm",
        "instance": "/api/v1/topics/old-advice/",
        "reason": "A trial showed harm",
        "history": f"{HOST}/api/v1/topics/old-advice/editions/",
    }
    assert "old-advice" not in slugs(client, "topics/")


def test_a_link_to_a_withdrawn_topic_is_null(client, library):
    topic = draft(document("agent", "plerixafor", facts={"drug_class": "CXCR4 antagonist"}))
    withdraw(topic)

    links = read(client, "topics/stem-cell-mobilization/")["links"]

    assert links["topics"] == {"plerixafor": None}


def test_what_was_never_published_is_not_found(client, db):
    draft(document("overview", "secret-draft"))

    assert read(client, "topics/secret-draft/", 404)["detail"] == "No topic was published here."
    assert read(client, "topics/nothing/", 404)["type"] == f"{HOST}/api/v1/problems/not-found/"
    assert slugs(client, "topics/") == []


def test_a_reviewed_edition_replaces_the_unreviewed_one(client, library):
    publish_reviewed(mobilization_with("Cells move within days. [@copelan2006]"))

    topic = read(client, "topics/stem-cell-mobilization/")

    assert topic["edition"]["number"] == 2
    assert topic["review"]["reviewed"] is True


def mobilization_with(body: str) -> dict:
    sections = [{"kind": "overview", "heading": "What is it?", "body": body}]
    return document("overview", "stem-cell-mobilization", sections=sections)
