"""A small portal that has a page of each kind, and the addresses of these pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock
from xml.etree import ElementTree

from django.core import mail, signing
from django.http import HttpResponse
from django.test import Client, override_settings
from following_data import ADDRESS, follower, link, sent, yours
from pages_data import (
    GRADED,
    author,
    condition_with_grid,
    partner_with_logo,
    publication,
    publish_unreviewed,
    retract,
    reviewed,
    section,
    therapy_with_tables,
    unreviewed,
    withdraw,
)

from tests import clinic, figures_data
from topics import documents, following, partnering, publishing
from topics.desk import draftlinks
from topics.following import subjects, tokens
from topics.models import GlossaryTerm, Topic
from topics.views import reports

THERAPY, OTHER = "infusion-of-a-graft", "cord-graft"

PAGES = {
    "home": "/",
    "topics": "/topics/",
    "topics from a to z": "/topics/?view=a-z",
    "references from a to z": "/references/?view=a-z",
    "topics found": "/topics/?q=marrow&kind=therapy",
    "topics not found": "/topics/?q=nothingatall",
    "therapies": "/therapies/",
    "agents": "/agents/",
    "conditions": "/conditions/",
    "complications": "/complications/",
    "overview": "/topics/homing/",
    "therapy": f"/topics/{THERAPY}/",
    "agent": "/topics/filgrastim/",
    "condition": "/topics/leukemia/",
    "complication": "/topics/graft-failure/",
    "reviewed topic": "/topics/thawing/",
    "earlier edition": "/topics/graft/editions/1/",
    "current edition": "/topics/graft/editions/2/",
    "as of a day": "/topics/graft/?as_of=2026-04-01",
    "not published then": "/topics/graft/?as_of=2026-01-01",
    "withdrawn then": "/topics/graft/?as_of=2026-05-06",
    "history": "/topics/graft/editions/",
    "changes": "/topics/graft/editions/2/changes/",
    "first changes": "/topics/graft/editions/1/changes/",
    "evidence": "/topics/graft/evidence/",
    "search": "/search/?q=graft+marrow+allograft+petit",
    "search narrowed": "/search/?q=graft+marrow+allograft&kind=overview",
    "search put right": "/search/?q=plerixafro+kind:drug",
    "search without result": "/search/?q=zzzzqqqq",
    "evidence narrowed": f"/topics/{THERAPY}/evidence/?show=uncited",
    "citing": "/topics/graft/editions/2/cite/",
    "map": "/map/",
    "map of a topic": f"/map/?topic={THERAPY}",
    "compare": "/therapies/compare/",
    "compare table": f"/therapies/compare/?t={THERAPY}&t={OTHER}",
    "compare agents": "/agents/compare/?t=filgrastim&t=plerixafor",
    "recovery": "/therapies/recovery/",
    "references": "/references/",
    "references found": "/references/?q=petit&status=retracted",
    "reference": "/references/petit2002/",
    "references narrowed": "/references/?type=article-journal&topic=homing",
    "partners": "/partners/",
    "partner": "/partners/clinic/",
    "glossary": "/glossary/",
    "news": "/whats-new/",
    "news filtered": "/whats-new/?change=withdrawn&since=2026-01-01",
    "about": "/about/",
    "follow": f"/follow/?topic={THERAPY}",
    "follow sent": "/follow/sent/",
    "follow, link too old": "/follow/confirm/made-up/",
    "report": f"/report/?topic={THERAPY}",
    "saved": "/saved/",
    "offline": "/offline/",
    "card": f"/embed/{THERAPY}/",
    "card of a reviewed topic": "/embed/thawing/",
    "card of an edition": "/embed/graft/editions/1/",
    "card of a statement": "/embed/thawing/way/",
    "card withdrawn": "/embed/wrong/",
    "card unknown": "/embed/thawing/nothing/",
    "asked by a record system": "/infobutton/application?mainSearchCriteria.v.c=X99",
    "style": "/style/",
    "error 400": "/topics/?kind=nonsense",
    "error 404": "/nothing/",
    "error 410": "/topics/wrong/",
}
# What speaks another language of the interface; the content keeps its own.
TRANSLATED = ("home", "topics found", "search", "therapy", "condition", "history", "changes",
              "evidence", "citing", "map", "compare table", "recovery", "references", "reference",
              "partners", "partner", "glossary",
              "news", "about", "follow", "report", "saved", "error 400", "error 404")  # fmt: skip

# Around what is shown inside a page of somebody else.
FRAME = '<!doctype html><html lang="en"><title>Feed</title>{}</html>'
BODY = """\
A [graft](topic:infusion-of-a-graft) finds *its* way. [@petit2002, p. 690]{#way certainty=high}

- First into the marrow, then **out** of it; 1 < 2 & 3 > 2. [@snowden2022; @petit2002]
- Nobody cited this.

1. One `code`. [@snowden2022]{certainty=very-low check=awaiting}
2. Two.
"""


@contextmanager
def day(text: str) -> Iterator[None]:
    """Let it be noon of that day while the block runs."""
    noon = datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC)
    with mock.patch("django.utils.timezone.now", return_value=noon):
        yield


def make() -> None:
    """Publish it all. A topic has editions of before; one was withdrawn."""
    clinic.author()  # makes the roles anew, which go with a test with real transactions
    therapy_with_tables(THERAPY)
    _make_graft()
    condition_with_grid()
    _make_cord_graft()
    _make_words()
    unreviewed("plerixafor", "agent", facts={"drug_class": "CXCR4 antagonist"})
    reviewed("thawing", sections=[section(BODY)])
    withdraw(unreviewed("wrong", areas=["risks"]), "A dose was wrong.")
    term = GlossaryTerm(term="Allograft", abbreviation="AG", definition="A graft from another.",
                        variants=["allogeneic graft"])  # fmt: skip
    publishing.save_term(term, actor=clinic.editor())
    partnering.pair(Topic.objects.get(slug="homing"), [partner_with_logo("Clinic")])
    retract(publication("petit2002"))


def _make_graft() -> None:
    """Publish a topic twice, with a withdrawal in between, all in the past."""
    publication("petit2002"), publication("snowden2022")
    with day("2026-03-10"):
        topic = unreviewed(
            "graft", "therapy", sections=[section("It takes days. [@petit2002]{#days}")],
            tables={"risks": [{"complication": "graft-failure", "frequency": "5%"}]},
        )  # fmt: skip
    with day("2026-05-05"):
        withdraw(topic, "A figure was wrong.")
    with day("2026-07-07"):
        new_edition(
            topic, summary="A better summary.", synonyms=["Transplant"],
            sections=[section("It takes *14* days. [@snowden2022]{#days certainty=low}\n\nMore.")],
            tables={"risks": [{"complication": "graft-failure", "frequency": "8%", **GRADED}]},
        )  # fmt: skip


def new_edition(topic: Topic, **different) -> None:
    """Publish a topic anew with some parts of its Document changed."""
    published = topic.editions.last().revision.document
    changed = documents.load({**published, **different}, topic)
    publishing.save_revision(changed, author=author())
    publish_unreviewed(changed, note="Newer figures")


def _make_cord_graft() -> None:
    risks = [{"complication": "graft-failure", "frequency": "10%", "from_day": 42, "to_day": 60,
              "risk_factors": "Few cells", "monitoring": "Counts",
              "awaiting_check": True}]  # fmt: skip
    unreviewed(
        OTHER, "therapy", facts={"category": "transplantation", "cell_source": "cord-blood"},
        tables={"milestones": [{"subset": "neutrophils", "cell_source": "cord-blood",
                                "from_day": 20, "to_day": 28, "threshold": "0.5"}],
                "risks": risks},
    )  # fmt: skip


def _make_words() -> None:
    code = {"system": "MeSH", "code": "D000001", "match": "related", "verified": False}
    unreviewed(
        "homing", synonyms=["Lodging"], codes=[code], next_review="2027-01-31",
        note="Written twice.\nRead once.", areas=["biology", "engraftment"],
        sections=[section(BODY), section("The point. [@petit2002]", "In short", "key_points")],
        relations=[{"kind": "part_of", "target": THERAPY}], figures=[figures_data.figure()],
    )  # fmt: skip


def answers() -> Iterator[tuple[str, HttpResponse]]:
    """Yield each page with its name, those of errors and of forms that were wrong among them."""
    client = Client(raise_request_exception=False)
    for name, address in PAGES.items():
        yield name, client.get(address)
    for name in TRANSLATED:
        yield f"{name} in German", client.get(f"/de{PAGES[name]}")
    yield "error 403", Client(enforce_csrf_checks=True).post("/report/", {})
    with mock.patch("references.views.cited_by", side_effect=RuntimeError("a fault of this test")):
        yield "error 500", client.get(PAGES["reference"])
    yield "asked too often", _asked_too_often()
    yield from _of_forms(client)
    yield from _of_a_follower(client)
    yield from _of_a_draft(client)


def _asked_too_often() -> HttpResponse:
    busy = Client(REMOTE_ADDR="192.0.2.77")
    with override_settings(API_LIMIT_ADDRESS=1):
        return [busy.get("/embed/homing/") for _time in range(2)][-1]


def _of_forms(client: Client) -> Iterator[tuple[str, HttpResponse]]:
    yield "follow, form wrong", client.post("/follow/", {"email": "nobody", "website": ""})
    yield "report, form wrong", client.post("/report/", {"message": "", "email": "nobody"})
    yield "report, in German", client.post("/de/report/", {"message": "", "email": "nobody"})
    with mock.patch("topics.views.following.LIMIT", 0):
        data = {"what": "everything", "frequency": "at-once", "email": ADDRESS}
        yield "follow, too often", client.post("/follow/", data)
    with mock.patch("hsc_portal.mail.can_be_sent", return_value=False):
        yield "follow, not set up", client.get("/follow/")
    yield "report sent", client.get(f"/report/sent/{signing.dumps(1, salt=reports._SALT)}/")


def _of_a_follower(client: Client) -> Iterator[tuple[str, HttpResponse]]:
    subscription = follower(Topic.objects.get(slug=THERAPY))
    key, named = subscription.follower.key, [subscription.pk]
    yield "follow, yours", client.get(yours(subscription))
    for purpose in (tokens.CONFIRM, tokens.STOP):
        address = f"/follow/{purpose}/{tokens.make(purpose, key, named)}/"
        yield f"follow, {purpose}", client.get(address)
        yield f"follow, {purpose} done", client.post(address)


def _of_a_draft(client: Client) -> Iterator[tuple[str, HttpResponse]]:
    made, token = draftlinks.make(
        Topic.objects.get(slug="homing"), actor=clinic.editor(), recipient="Prof. Outside", days=7
    )
    yield "draft", client.get(f"/drafts/{token}/")
    draftlinks.revoke(made, actor=clinic.editor())
    yield "draft, no longer", client.get(f"/drafts/{token}/")


def others() -> Iterator[tuple[str, str]]:
    """Yield what else holds HTML, with its name: an entry of a feed, and each kind of mail."""
    feed = ElementTree.fromstring(Client().get("/whats-new/feed.atom").content)
    entries = feed.iterfind("{*}entry/{*}summary")
    yield "feed", FRAME.format("".join(entry.text for entry in entries))
    topic = Topic.objects.get(slug=OTHER)
    subject = subjects.at(OTHER)
    following.ask(ADDRESS, subject, "at-once")
    yield "mail that asks", _html_of_the_one_sent()
    following.confirm(link(mail.outbox[0], "confirm").split("/")[3])
    with mock.patch("topics.following.ASK_AGAIN", timedelta(0)):
        following.ask(ADDRESS, subject, "at-once")
    yield "mail that says already", _html_of_the_one_sent()
    new_edition(topic, summary="Better.")
    yield "mail that tells", _html_of_the_one_sent()


def _html_of_the_one_sent() -> str:
    (message,) = sent()
    mail.outbox.append(message)
    return next(text for text, kind in message.alternatives if kind == "text/html")
