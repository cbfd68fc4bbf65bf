"""Topics for the tests of the pages, published as the editorial team publishes them."""

from datetime import date

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from references.models import Partner, Reference
from tests import figures_data
from topics import documents, publishing
from topics.models import Topic

LONG_AGO, FAR_AHEAD = "2020-01-31", "2999-12-31"


def person(name: str, *groups: str):
    """Return the member of the team of that name, with these roles."""
    user, _ = get_user_model().objects.get_or_create(username=name, defaults={"first_name": name})
    user.groups.add(*Group.objects.filter(name__in=groups))
    return get_user_model().objects.get(pk=user.pk)


def author():
    return person("Ada Author", "Author")


def editor():
    return person("Edgar Editor", "Editor", "Content loader")


def clinician():
    return person("Clara Clinician", "Clinical reviewer")


def publication(key: str, **more) -> Reference:
    """Return a publication of the library. The year is the last four characters of its key."""
    csl = {
        "title": f"What {key} found",
        "type": "article-journal",
        "author": [{"family": key[:-4].capitalize(), "given": "Petra"}],
        "container-title": "Blood",
        "issued": {"date-parts": [[int(key[-4:])]]},
        **more,
    }
    return Reference.objects.get_or_create(key=key, defaults={"csl": csl})[0]


def section(body: str, heading="What is known?", kind="overview") -> dict:
    return {"heading": heading, "kind": kind, "body": body}


def document(slug: str, kind="overview", **more) -> dict:
    """Return a small Document: a title made of the slug, one section, one statement."""
    least = {
        "therapy": {"category": "transplantation"},
        "agent": {"drug_class": "Growth factor"},
        "condition": {"category": "malignant"},
        "complication": {"category": "graft"},
    }
    return {
        "schema": 1,
        "kind": kind,
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "areas": ["biology"],
        "summary": f"A summary of {slug}.",
        "sections": [section("Stem cells live in the marrow.")],
        "facts": least.get(kind, {}),
        **more,
    }


def draft(slug: str, kind="overview", **more) -> Topic:
    """Return a topic with a saved draft that nobody has published."""
    return drafts(document(slug, kind, **more))[0]


def drafts(*written: dict) -> list[Topic]:
    """Return the topics of Documents, loaded and saved together."""
    topics = documents.load_all(list(written))
    publishing.save_revisions(topics, author=author())
    return topics


def unreviewed(slug: str, kind="overview", **more) -> Topic:
    """Return a topic published without review, as starter content is."""
    return publish_unreviewed(draft(slug, kind, **more))


def publish_unreviewed(*topics: Topic, note="Starter content") -> Topic:
    publishing.publish_unreviewed(list(topics), publisher=editor(), change_note=note)
    return topics[0]


def new_edition(topic: Topic, note="Second edition", **different) -> Topic:
    """Publish a topic anew with some parts of its Document changed."""
    published = topic.editions.last().revision.document
    changed = documents.load({**published, **different}, topic)
    publishing.save_revision(changed, author=author())
    publish_unreviewed(changed, note=note)
    return changed


def reviewed(slug: str, kind="overview", **more) -> Topic:
    """Return a topic that a clinician approved and an editor published."""
    topic = draft(slug, kind, **more)
    publishing.submit(topic, actor=author())
    publishing.review(
        topic.revisions.last(), reviewer=clinician(), verdict="approve", interests="none",
        whole_text=True,
    )  # fmt: skip
    publishing.publish(topic, publisher=editor(), change_note="First reviewed edition")
    return topic


def withdraw(topic: Topic, reason: str) -> None:
    publishing.withdraw(topic, actor=editor(), reason=reason)


def retract(reference: Reference, notice="The data were made up.") -> None:
    publishing.record_reference_status(
        reference, actor=editor(), status="retracted", on=date(2026, 5, 4), notice=notice
    )


def partner(name: str) -> Partner:
    return Partner.objects.create(name=name, slug=name.lower(), url="https://partner.example/")


def partner_with_logo(name: str) -> Partner:
    """Return a partner with a logo, taken into the store of pictures as the admin does it."""
    found, logo = partner(name), figures_data.kept("blue")
    found.logo_sha256, found.logo_format, found.logo_alt = logo.sha256, str(logo.format), name
    found.logo_width, found.logo_height = logo.width, logo.height
    found.save()
    return found


GRADED = {"certainty": "moderate", "references": ["petit2002"]}


def therapy_with_tables(slug="infusion-of-a-graft") -> Topic:
    """Return a therapy that has a row in each of its tables, with the topics that they name."""
    publication("petit2002")
    publish_unreviewed(draft("filgrastim", "agent"), draft("graft-failure", "complication"))
    return unreviewed(
        slug,
        "therapy",
        facts={"category": "transplantation", "graft_origin": "allogeneic"},
        tables={
            "agents": [{"agent": "filgrastim", "role": "mobilizing", "from_day": -5, "to_day": -1}],
            "steps": [
                {"phase": "engraftment", "title": "Neutrophils return", "from_day": 14},
                {"phase": "conditioning", "title": "Marrow is emptied",
                 "from_day": -8, "to_day": -1, **GRADED},
                {"phase": "infusion", "title": "Cells are infused", "from_day": 0, "to_day": 0},
            ],
            "risks": [{"complication": "graft-failure", "frequency": "5%", "from_day": 28}],
            "benefits": [{"outcome": "Survival", "result": "80% at 5 years", **GRADED}],
            "milestones": [{"subset": "neutrophils", "from_day": 14, "to_day": 20}],
            "engraftment_factors": [{"factor": "CD34+ dose", "effect": "speeds"}],
            "trials": [{"name": "A trial", "registry_id": "NCT03930615", "phase": "3",
                        "status": "completed"}],
        },
    )  # fmt: skip


def condition_with_grid(slug="leukemia") -> Topic:
    """Return a condition with an indications grid in which one cell was not to be read."""
    publication("snowden2022")
    cell = {
        "scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "AML",
        "source": "Table 2", "references": ["snowden2022"],
    }  # fmt: skip
    return unreviewed(
        slug,
        "condition",
        tables={
            "indications": [
                {**cell, "status": "CR1", "option": "MSD", "category": "S", "evidence": "II"},
                {**cell, "status": "CR1", "option": "AUTO"},
                {**cell, "status": "CR2", "option": "MSD", "category": "GNR", "evidence": "I"},
            ]
        },
    )
