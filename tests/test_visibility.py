"""No draft is ever shown: a sentinel in every part of drafts of every kind is nowhere in public."""

import pytest

from tests import clinic, figures_data
from topics import documents, publishing
from topics.choices import Kind
from topics.models import Topic

pytestmark = pytest.mark.django_db

SECRET = "zebrafinch"
MAKERS = {
    Kind.OVERVIEW: clinic.overview,
    Kind.THERAPY: clinic.therapy,
    Kind.AGENT: clinic.agent,
    Kind.CONDITION: clinic.condition,
    Kind.COMPLICATION: clinic.complication,
}
FACTS = {Kind.AGENT: {"drug_class": SECRET, "mechanism": SECRET, "route": SECRET}}
CELL = {"scheme": "EBMT", "edition": "2022", "population": "adult", "disease": SECRET,
        "status": SECRET, "option": "MSD", "source": SECRET, "note": SECRET}  # fmt: skip
TABLES = {
    Kind.THERAPY: {
        "agents": [{"agent": "agent", "role": "mobilizing", "timing": SECRET, "note": SECRET}],
        "steps": [{"phase": "infusion", "title": SECRET, "description": SECRET}],
        "risks": [{"complication": "complication", "frequency": SECRET, "monitoring": SECRET}],
        "benefits": [{"outcome": SECRET, "population": SECRET, "result": SECRET}],
        "milestones": [{"subset": "neutrophils", "threshold": SECRET, "note": SECRET}],
        "engraftment_factors": [{"factor": SECRET, "effect": "speeds", "note": SECRET}],
        "trials": [{"name": SECRET, "result": SECRET}],
    },
    Kind.CONDITION: {"indications": [CELL]},
}


def secret_document(kind: str, slug: str) -> dict:
    """Return a Document of a kind with the sentinel wherever a person can write."""
    made = MAKERS[kind](slug, title=f"{SECRET} title", summary=SECRET, synonyms=[SECRET])
    made |= {
        "note": SECRET,
        "codes": [{"system": "MeSH", "code": "D999999", "label": SECRET, "match": "exact"}],
    }
    body = f"It is {SECRET}. {{#{SECRET}}}"
    made["sections"] = [{"kind": "risks", "heading": f"Is it {SECRET}?", "body": body}]
    made["relations"] = [{"kind": "related", "target": "relative"}]
    words = dict.fromkeys(("key", "alt", "caption", "credit", "permission"), SECRET)
    made["figures"] = [figures_data.figure(**words)]
    made["facts"] = FACTS.get(kind, made.get("facts", {}))
    made["tables"] = TABLES.get(kind, {})
    return made


def test_drafts_of_every_kind_are_nowhere(client):
    published = [clinic.draft(MAKERS[kind](str(kind))) for kind in Kind.values]
    published.append(clinic.draft(clinic.overview("relative")))
    clinic.publish_unreviewed(*published)
    for kind in Kind.values:
        # One topic that was never published, and new words for one that is.
        clinic.draft(secret_document(kind, f"{SECRET}-{kind}"))
        changed = documents.load(secret_document(kind, str(kind)), Topic.objects.get(slug=kind))
        publishing.save_revision(changed, author=clinic.author())
        publishing.submit(changed, actor=clinic.author(), note=SECRET)

    therapy = Topic.objects.get(slug=Kind.THERAPY)
    for path in public_paths():
        answer = client.get(path)
        assert SECRET not in answer.content.decode(), path
        assert answer.status_code == 200, path

    # The sentinel would be seen: once it is published, it is.
    clinic.publish_unreviewed(therapy)
    assert SECRET in client.get("/topics/therapy/").content.decode()


def public_paths() -> list[str]:
    lists = ["topics", "therapies", "agents", "conditions", "complications", "references"]
    paths = ["/", "/glossary/", "/glossary/names.json", "/glossary/terms.json", "/about/",
             "/style/", "/map/", "/search/?q=relative+therapy+agent",
             "/whats-new/", "/whats-new/feed.atom", "/therapies/recovery/", "/follow/",
             "/api/v1/statements/", "/api/v1/indications/"]  # fmt: skip
    paths += [f"/{name}/compare/" for name in ("therapies", "agents", "conditions")]
    for name in lists:
        paths += [f"/{name}/", f"/api/v1/{name}/"]
    for slug in [*Kind.values, "relative"]:
        paths += [
            f"/topics/{slug}/evidence/",
            f"/topics/{slug}/editions/1/changes/",
            f"/topics/{slug}/editions/1/cite/",
            f"/topics/{slug}/feed.atom",
            f"/map/?topic={slug}",
            f"/report/?topic={slug}",
            f"/follow/?topic={slug}",
        ]
        paths += [f"/topics/{slug}/", f"/topics/{slug}/editions/", f"/api/v1/topics/{slug}/",
                  f"/topics/{slug}/editions/1/", f"/api/v1/topics/{slug}/editions/1/",
                  f"/api/v1/topics/{slug}/editions/"]  # fmt: skip
    paths += ["/therapies/compare/?t=therapy", "/agents/compare/?t=agent"]
    return [*paths, "/references/petit2002/", "/api/v1/references/petit2002/"]


@pytest.mark.parametrize("kind", Kind.values)
def test_the_address_of_a_draft_answers_as_if_there_were_nothing(client, kind):
    clinic.draft(secret_document_without_links(kind))
    for path in ("/topics/secret/", "/topics/secret/editions/", "/api/v1/topics/secret/"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert SECRET not in answer.content.decode()


def secret_document_without_links(kind: str) -> dict:
    return MAKERS[kind]("secret", title=f"{SECRET} title", summary=SECRET)
