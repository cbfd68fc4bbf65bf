"""One of everything that the database keeps, for those who attack its constraints."""

import uuid
from datetime import date, timedelta

from django.utils import timezone

from references import typesetting
from references.access import keys
from references.access.models import Usage
from references.models import Partner, Reference
from references.notices.kinds import Found
from tests import clinic, figures_data
from topics import following, noticing, scheduling, telling
from topics.desk import assigning, discussing, draftlinks
from topics.following import subjects
from topics.library import merging
from topics.models import (
    Delivery,
    ErrorReport,
    Event,
    GlossaryTerm,
    LinkCheck,
    Notice,
    Opening,
    Pin,
    Presence,
    SearchCount,
    Subscription,
    Synonym,
    Topic,
)
from topics.webhooks import keeping as webhooks

MOMENT = timezone.now()
TABLES = {
    "agents": [{"agent": "filgrastim", "role": "growth-factor"},
               {"agent": "filgrastim", "role": "mobilizing"}],
    "steps": [{"phase": "infusion", "title": "Day 0"}],
    "risks": [{"complication": "acute-gvhd", "from_day": 1},
              {"complication": "acute-gvhd", "from_day": 2}],
    "benefits": [{"outcome": "Survival", "result": "53%"}],
    "milestones": [{"subset": "neutrophils"}],
    "engraftment_factors": [{"factor": "Dose", "effect": "speeds"}],
    "trials": [{"name": "GENESIS"}],
}  # fmt: skip


def make_world() -> None:
    """Write one of everything, by the portal itself."""
    clinic.library()
    shown = [figures_data.figure(), figures_data.figure("other")]
    agent = clinic.draft(clinic.agent(schema=2, figures=shown))
    complication = clinic.draft(clinic.complication())
    cell = {"scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "SAA",
            "option": "MSD", "category": "S", "source": "Table 2"}  # fmt: skip
    condition = clinic.draft(
        clinic.condition(tables={"indications": [cell, cell | {"option": "MUD"}]})
    )
    therapy = clinic.draft(
        clinic.therapy(
            codes=[{"system": "MeSH", "code": "D000001", "match": "exact"},
                   {"system": "MeSH", "code": "D000002", "match": "exact"}],
            relations=[{"kind": "treats", "target": "aplastic-anemia"},
                       {"kind": "related", "target": "aplastic-anemia"}],
            tables=TABLES,
        )
    )  # fmt: skip
    for topic in (agent, complication, condition, therapy):
        clinic.approve(topic)
    GlossaryTerm.objects.create(term="Niche", definition="A home.")
    GlossaryTerm.objects.create(term="Graft", definition="Cells.")
    clinic.publish_unreviewed(agent, complication, condition, therapy)
    for address in ("ada@hospital.example", "bea@hospital.example"):
        for subject in (subjects.EVERYTHING, subjects.of_area("risks")):
            following.ask(address, subject, "at-once")
    make_searches()
    make_desk()
    make_library()
    for topic in (agent, therapy):
        Opening.objects.create(topic_id=topic.pk, day=MOMENT.date(), times=1)
        LinkCheck.objects.create(url=f"https://{topic.pk}.example/")
    ErrorReport.objects.create(message="Wrong", form=uuid.UUID(int=2), sent_at=MOMENT)
    Notice.objects.create(subscription=Subscription.objects.first(), event=Event.objects.first())


def make_library() -> None:
    """Write what the library knows of its publications, beside themselves."""
    typesetting.typeset([reference.csl for reference in Reference.objects.all()[:2]], "apa")
    noticing.note(Reference.objects.first(), [Found("correction", "crossref")], by="Crossref")
    make_access()
    one, two = Reference.objects.order_by("pk")
    three = Reference.objects.create(key="third", csl={"title": "A third one"})
    for other in (two, three):
        merging.say_distinct(one, other, actor=clinic.editor())


def make_access() -> None:
    """Write what a partner has of the API."""
    partner = Partner.objects.create(
        name="A network", slug="network", url="https://network.example/"
    )
    webhook = webhooks.make(partner, "https://hooks.network.example/")
    for number in range(2):
        keys.make(partner, "replica", ["read"])
        Usage.objects.create(endpoint=f"route-{number}", day=MOMENT.date(), number=1)
        Delivery.objects.create(webhook=webhook, message=f"msg_{number}")


def make_desk() -> None:
    """Write what the team does among itself."""
    editor = clinic.user("emil.editor", "Editor", email="emil@hospital.example")
    for slug in ("second", "third"):
        topic = clinic.draft(clinic.overview(slug))
        clinic.approve(topic)
        due = MOMENT + timedelta(days=1)
        made = scheduling.schedule(topic, actor=editor, change_note="x", due_at=due)
        telling.tell_of_failure(made)
        said = discussing.remark(topic.revisions.last(), actor=editor, text="Hm.")
        discussing.reply(said, actor=editor, text="Yes.")
        draftlinks.make(topic, actor=editor, recipient="Somebody", days=5)
    for task in ("update", "changes"):
        assigning.assign(topic, assignee=clinic.author(), task=task, actor=editor)
    for user in (editor, clinic.author()):
        Presence.objects.create(topic=topic, user=user, since=MOMENT, seen=MOMENT)


def make_searches() -> None:
    """Write what search and its editors keep."""
    Synonym.objects.create(names=["aciclovir", "acyclovir"])
    for digest in ("one", "two"):
        SearchCount.objects.create(digest=digest, week=date(2026, 1, 5), asked=1)
    for query in ("graft", "donor"):
        Pin.objects.create(query=query, key=query, topic=Topic.objects.first())
