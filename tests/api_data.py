"""A small published library for the tests of the API, and a reader that checks each answer.

Everything is made by the publishing functions, so no test sees a state that readers could not.
"""

import re
from functools import cache
from pathlib import Path

import yaml
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from hsc_portal.pages import kept
from references.models import Reference
from references.notices.kinds import Found
from topics import documents, noticing, publishing, roles
from topics.models import Topic

OPENAPI = Path(__file__).resolve().parent.parent / "docs" / "openapi.yaml"
HOST = "http://testserver"

PUBLICATIONS = [
    {
        "id": "copelan2006", "type": "article-journal", "DOI": "10.1056/NEJMra052638",
        "title": "Hematopoietic stem-cell transplantation", "PMID": "16641398",
        "author": [{"family": "Copelan", "given": "Edward A"}],
        "container-title": "New England Journal of Medicine",
        "issued": {"date-parts": [[2006]]},
    },
    {
        "id": "dipersio2009mm", "type": "article-journal",
        "title": "Plerixafor and G-CSF versus placebo and G-CSF in multiple myeloma",
        "author": [{"family": "DiPersio", "given": "John F"}],
        "issued": {"date-parts": [[2009]]},
    },
    {
        "id": "snowden2022", "type": "article-journal",
        "title": "Indications for haematopoietic cell transplantation in Europe, 2022",
        "author": [{"family": "Snowden", "given": "John A"}],
        "issued": {"date-parts": [[2022]]},
    },
]  # fmt: skip


def user(role: str):
    """Return the one user of a role."""
    if not Group.objects.exists():
        roles.install()
    person, created = get_user_model().objects.get_or_create(
        username=role.lower().replace(" ", "-"), defaults={"first_name": role}
    )
    if created:
        person.groups.add(Group.objects.get(name=role))
    return person


def document(kind: str, slug: str, **changes) -> dict:
    """Return a Document with one statement, ready to be loaded."""
    title = slug.replace("-", " ").capitalize()
    return {
        "schema": documents.SCHEMA,
        "kind": kind,
        "slug": slug,
        "title": title,
        "areas": ["transplantation"],
        "summary": f"What a clinician should know about {title.lower()}.",
        "sections": [section(f"{title} is taught to every fellow. [@copelan2006]")],
    } | changes


def section(body: str, kind: str = "overview", heading: str = "What is it?") -> dict:
    return {"kind": kind, "heading": heading, "body": body}


def draft(data: dict) -> Topic:
    """Return the topic whose draft is the Document, saved by its author."""
    return drafts([data])[0]


def drafts(data: list[dict]) -> list[Topic]:
    for item in PUBLICATIONS:
        Reference.objects.get_or_create(key=item["id"], defaults={"csl": item})
    topics = documents.load_all(data)
    publishing.save_revisions(topics, author=user("Author"))
    return topics


def publish(*data: dict) -> list[Topic]:
    """Publish Documents together, as not reviewed."""
    topics = drafts(list(data))
    publishing.publish_unreviewed(
        topics, publisher=user("Content loader"), change_note="Starter content"
    )
    return topics


def publish_reviewed(data: dict) -> Topic:
    """Publish one Document that a clinician approved."""
    topic = draft(data)
    publishing.submit(topic, actor=user("Author"))
    publishing.review(
        topic.revisions.last(), reviewer=user("Clinical reviewer"), verdict="approve",
        interests="Speaker fees", whole_text=True,
    )  # fmt: skip
    publishing.publish(topic, publisher=user("Editor"), change_note="Reviewed text")
    return topic


def withdraw(topic: Topic, reason: str = "Superseded by new trial results") -> None:
    publishing.withdraw(topic, actor=user("Editor"), reason=reason)


def retract(key: str) -> None:
    publishing.record_reference_status(
        Reference.objects.get(key=key), actor=user("Editor"), status="retracted",
        on="2026-05-01", notice="Data could not be verified",
    )  # fmt: skip


def tell(key: str, **notice) -> None:
    """Have a registry tell of a publication."""
    noticing.note(Reference.objects.get(key=key), [Found(**notice)], by="Crossref")


def cell(option: str, **changes) -> dict:
    """Return a cell of the indications grid as it stands in a Document."""
    return {
        "scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "Myeloma",
        "status": "First remission", "option": option, "category": "S", "evidence": "I",
        "source": "Table 2", "references": ["snowden2022"],
    } | changes  # fmt: skip


def myeloma() -> dict:
    cells = [
        cell("AUTO"),
        cell("MSD", category="CO", evidence="II", confidence="low", certainty="low"),
        cell("AUTO", scheme="ASBMT/ASTCT", edition="2015", category="R", references=[],
             population="pediatric", status="Relapse", disease="Plasma cell leukemia"),
    ]  # fmt: skip
    for one in cells[2:]:
        del one["evidence"], one["references"]
    codes = [
        {"system": "MeSH", "code": "D009101", "label": "Multiple Myeloma", "match": "exact"},
        {"system": "ICD-10", "code": "C90.0", "match": "exact"},
    ]
    return document(
        "condition", "multiple-myeloma", areas=["conditions"], codes=codes,
        facts={"category": "malignant"}, tables={"indications": cells},
    )  # fmt: skip


def autologous() -> dict:
    tables = {
        "agents": [{"agent": "plerixafor", "role": "mobilizing", "from_day": -5, "to_day": -1}],
        "steps": [{"phase": "infusion", "title": "Infusion of the cells", "from_day": 0}],
        "risks": [{"complication": "graft-failure", "frequency": "below 5%"}],
        "benefits": [{"outcome": "Survival", "result": "57 against 44 months"}],
        "milestones": [{"subset": "neutrophils", "from_day": 10, "to_day": 12}],
        "engraftment_factors": [{"factor": "Cell dose", "effect": "speeds"}],
        "trials": [{"name": "IFM 2009", "registry_id": "NCT01191060", "status": "completed"}],
    }
    facts = {
        "category": "transplantation", "graft_origin": "autologous", "donor_type": "self",
        "cell_source": "peripheral-blood",
    }  # fmt: skip
    relations = [{"kind": "treats", "target": "multiple-myeloma"}]
    return document(
        "therapy", "autologous-transplantation", facts=facts, tables=tables, relations=relations,
        next_review="2027-01-31",
    )  # fmt: skip


def mobilization() -> dict:
    body = (
        "G-CSF moves cells into the blood. [@copelan2006; @copelan2006, p. 2]{#days certainty=high}"
        "\n\n- See [plerixafor](topic:plerixafor). [@dipersio2009mm]{check=awaiting}\n"
        "- Bone pain is common."
    )
    return document(
        "overview", "stem-cell-mobilization", areas=["mobilization", "biology"],
        synonyms=["Priming"], sections=[section(body, "mechanism", "How does it work?")],
    )  # fmt: skip


def make_library() -> None:
    """Publish seven topics of all kinds; only busulfan was reviewed by a clinician."""
    treats = [{"kind": "treats", "target": "multiple-myeloma"}]
    plerixafor = document(
        "agent", "plerixafor", facts={"drug_class": "CXCR4 antagonist"}, relations=treats
    )
    complication = document("complication", "graft-failure", facts={"category": "graft"})
    publish(myeloma(), complication, plerixafor)
    publish(mobilization(), autologous())
    publish(document("therapy", "busulfan-conditioning", facts={"category": "conditioning"}))
    publish_reviewed(document("agent", "busulfan", facts={"drug_class": "alkylating agent"}))


@cache
def _operations() -> list[tuple[re.Pattern, dict]]:
    spec = yaml.safe_load(OPENAPI.read_text())
    found = []
    for template, methods in spec["paths"].items():
        if "get" not in methods:
            continue
        pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", template))
        answers = {
            status: Draft202012Validator({**media["schema"], "components": spec["components"]})
            for status, answer in methods["get"]["responses"].items()
            for media in answer.get("content", {}).values()
        }
        found.append((pattern, answers))
    return found


def check_schema(path: str, status: int, data) -> None:
    """Fail if an answer is not what the committed OpenAPI description promises."""
    answers = next((answers for pattern, answers in _operations() if pattern.fullmatch(path)), None)
    assert answers, f"{path} is not in docs/openapi.yaml"
    faults = [
        f"{list(fault.absolute_path)}: {fault.message[:300]}"
        for fault in answers[str(status)].iter_errors(data)
    ]
    assert not faults, f"{path}: {faults[:3]}"


def read(client, path: str, status: int = 200) -> dict:
    """Return what the API answers at a path, checked against its own description."""
    response = client.get(path if path.startswith("/") else f"/api/v1/{path}")
    assert response.status_code == status, response.content[:500]
    kind = "application/json" if status == 200 else "application/problem+json"
    assert response["Content-Type"] == kind
    data = response.json()
    check_schema(response.wsgi_request.path, status, data)
    return data


def slugs(client, path: str) -> list[str]:
    return [row["slug"] for row in read(client, path)["results"]]


def queries(client, path: str) -> int:
    """Return how many queries an answer takes that was not given before."""
    kept.pages.clear()
    with CaptureQueriesContext(connection) as captured:
        read(client, path)
    return len(captured)
