"""No draft is ever shown: a sentinel in every part of drafts of every kind is nowhere in public."""

import json
import re

import pytest
from django.urls import get_resolver, resolve
from django.utils import timezone

from references.models import Partner
from tests import clinic, figures_data, following_data, report_data
from topics import addresses, documents, partnering, publishing
from topics.assistants.answers import Answers
from topics.choices import Kind
from topics.fhir import capability
from topics.models import ErrorReport, Statement, Topic

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


def test_no_draft_and_no_mail_address_is_anywhere(client, settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    people_with_mail(client)
    clinic.published(clinic.overview("relative"))
    clinic.publish_unreviewed(*(clinic.draft(MAKERS[kind](str(kind))) for kind in Kind.values))
    partnering.pair(Topic.objects.get(slug="relative"), Partner.objects.all())
    for kind in Kind.values:
        # One topic that was never published, and new words for one that is.
        clinic.draft(secret_document(kind, f"{SECRET}-{kind}"))
        changed = documents.load(secret_document(kind, str(kind)), Topic.objects.get(slug=kind))
        publishing.save_revision(changed, author=clinic.author())
        publishing.submit(changed, actor=clinic.author(), note=SECRET)

    therapy = Topic.objects.get(slug=Kind.THERAPY)
    paths = [*of_portal(), *of_topics(), *told_of(client)]
    for path in paths:
        answer = client.get(path)
        assert SECRET not in answer.getvalue().decode(errors="replace"), path
        # One topic alone is what a record system asked for.
        assert answer.status_code == 200 or "/infobutton/application" in path, path
    asked = client.get(f"/infobutton/service?mainSearchCriteria.v.ot={SECRET}")
    assert b"<entry" not in asked.content
    for answer in assistants():
        assert SECRET not in json.dumps(answer, default=str)
    assert not {route_of(path) for path in paths} ^ (routes(get_resolver().url_patterns) - LEFT_OUT)

    # The sentinel would be seen: once it is published, it is.
    clinic.publish_unreviewed(therapy)
    assert SECRET in client.get("/topics/therapy/").content.decode()


def people_with_mail(client) -> None:
    """Have somebody of each sort, whose address holds the sentinel."""
    for person in (clinic.author(), clinic.reviewer(), clinic.editor(), clinic.loader()):
        person.email = f"{person.username}@{SECRET}.example"
        person.save()
    contact = f"it@{SECRET}.example"
    Partner.objects.create(slug="clinic", name="Clinic", url="https://c.example/", contact=contact)
    following_data.follower(email=f"follower@{SECRET}.example")
    form = report_data.opened(client)
    report_data.send(client, form, email=f"reporter@{SECRET}.example", message=SECRET)
    assert ErrorReport.objects.get().email == f"reporter@{SECRET}.example"


# Where nothing of the content is, what needs a secret of its own, and what has tests of its own.
LEFT_OUT = {
    "key-list", "key-detail", "key-rotate", "usage", "webhook-list", "webhook-detail",
    "webhook-rotate", "webhook-test", "webhook-deliveries", "delivery-retry", "problem", "docs",
    "api/", "api/v1/schema/openapi.json", "api/v1/schema/openapi.yaml", "figure", "draft_figure",
    "search_chosen", "fhir", "fhir_search_by_form", "report_sent", "follow_confirm", "follow_stop",
    "follow_yours", "draft", "favicon", "indication-detail",
    *(f"{place}/<slug:slug>/" for place in ("therapies", "agents", "conditions", "complications")),
}  # fmt: skip


def routes(patterns, above: str = "") -> set[str]:
    """Return the name of each address outside the admin, or its route if it has none."""
    found = set()
    for one in patterns:
        route = f"{above}{one.pattern}"
        if hasattr(one, "url_patterns"):
            found |= routes(one.url_patterns, route) if route != "admin/" else set()
        else:
            found.add(one.name or route)
    return found


def route_of(path: str) -> str:
    match = resolve(path.partition("?")[0])
    return match.url_name or match.route


def of_portal() -> list[str]:
    """Return what is asked about all content at once."""
    words = "q=relative+therapy+agent"
    then = f"as_of={timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    places = ["topics", "therapies", "agents", "conditions", "complications", "references"]
    lists = [f"/api/v1/{name}/" for name in (*places, "statements", "indications", "codes")]
    api = [*lists, *(f"{path}?page_size=100&expand={name}" for path, name in EXPANDED),
           *(f"/api/v1/{name}/?{then}" for name in places[:-1]), f"/api/v1/search/?{words}",
           "/api/v1/search/suggestions/?q=rel", "/api/v1/indications.csv", "/api/v1/",
           "/api/v1/indications/compare/?condition=condition", "/api/v1/changes/",
           "/api/v1/export/", "/api/v1/schema/", "/api/v1/codes/?unverified=true",
           "/api/v1/references/petit2002/"]  # fmt: skip
    feeds = [f"/{name}/feed.atom" for name in ("overviews", "whats-new", *places[1:-1])]
    pages = [f"/{place}/" for place in places] + [f"/{place}/compare/" for place in places[1:-1]]
    pages += ["/", f"/search/?{words}", "/search/suggestions/?q=rel", "/therapies/recovery/",
              "/therapies/compare/?t=therapy", "/agents/compare/?t=agent", "/glossary/",
              "/glossary/names.json", "/glossary/terms.json", "/about/", "/style/", "/map/",
              "/whats-new/", "/follow/", "/follow/sent/", "/saved/", "/offline/", "/partners/",
              "/partners/clinic/", "/report/", "/references/petit2002/", "/references/all.bib",
              "/references/petit2002/cite.ris", "/sitemap.xml", "/robots.txt",
              "/embed.js", "/service-worker.js", "/manifest.webmanifest"]  # fmt: skip
    plugs = [f"/infobutton/{form}?mainSearchCriteria.v.ot=transplantation+relative"
             for form in ("service", "application")]  # fmt: skip
    fhir = [f"/fhir/{kind}" for kind in FHIR_SEARCHED]
    return [*api, *feeds, *pages, *plugs, "/fhir/metadata", *fhir]


EXPANDED = [("/api/v1/topics/", "document"), ("/api/v1/statements/", "topic,citations"),
            ("/api/v1/codes/", "topic")]  # fmt: skip
FHIR_SEARCHED = [kind for kind, (_, searched) in capability.RESOURCES.items() if searched]


def of_topics() -> list[str]:
    """Return what is asked about each published topic."""
    paths, then = [], f"as_of={timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    for slug in [*Kind.values, "relative"]:
        page, api = f"/topics/{slug}/", f"/api/v1/topics/{slug}/"
        paths += [page, *(f"{page}{part}" for part in (
            "evidence/", "editions/", "editions/1/", "editions/1/changes/", "editions/1/cite/",
            "editions/1/cite.bib", "editions/1/references.bib", "feed.atom",
        ))]  # fmt: skip
        paths += [f"/{name}/?topic={slug}" for name in ("map", "report", "follow")]
        paths += [api, f"{api}?{then}", f"{api}?expand=references", f"{api}editions/",
                  f"{api}editions/1/", f"/api/v1/statements/?topic={slug}&{then}"]  # fmt: skip
        paths += [f"/embed/{slug}/", f"/embed/{slug}/editions/1/",
                  f"/oembed?url=http://testserver/topics/{slug}/"]  # fmt: skip
    for slug, anchor in Statement.objects.values_list("listing__slug", "anchor"):
        paths += [f"/api/v1/statements/{slug}/{anchor}/", f"/embed/{slug}/{anchor}/",
                  f"/embed/{slug}/editions/1/{anchor}/"]  # fmt: skip
    paths += [f"/api/v1/{place}/{kind}/" for kind, place in addresses.INDEXES.items()]
    return paths


def told_of(client) -> set[str]:
    """Return the addresses of files and resources that answers name."""
    asked = ["/api/v1/export/", *(f"/fhir/{kind}" for kind in FHIR_SEARCHED)]
    text = "".join(client.get(path).content.decode() for path in asked)
    named = re.findall(r'"http://testserver(/(?:fhir|api/v1/export)/[^"?|#]+/[^"?|#]+)"', text)
    newest = {f"/api/v1/export/{name}.ndjson" for name in ("topics", "references", "glossary")}
    wholes = (f"/fhir/Bundle/{slug}" for slug in Kind.values)
    return {*named, *newest, *wholes, "/fhir/Composition/relative/_history/1"}


def assistants() -> list[dict]:
    """Return what each tool tells assistants."""
    told = Answers("http://testserver")
    answers = [told.search("relative therapy agent"), told.reference("petit2002")]
    for slug in [*Kind.values, "relative"]:
        answers += [told.topic(slug), told.statements(topic=slug)]
    return answers


@pytest.mark.parametrize("kind", Kind.values)
def test_the_address_of_a_draft_answers_as_if_there_were_nothing(client, kind):
    clinic.draft(secret_document_without_links(kind))
    for path in ("/topics/secret/", "/topics/secret/editions/", "/api/v1/topics/secret/"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert SECRET not in answer.content.decode()


def secret_document_without_links(kind: str) -> dict:
    return MAKERS[kind]("secret", title=f"{SECRET} title", summary=SECRET)
