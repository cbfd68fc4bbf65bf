"""People and topics of a small clinic, for tests. Everything is made as the portal makes it:
drafts by loading Documents, editions by the publishing functions."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from references.models import Reference
from topics import documents, publishing
from topics.choices import Verdict
from topics.editions import Past

DUHRSEN = {
    "id": "duhrsen1988",
    "type": "article-journal",
    "title": "Effects of recombinant human granulocyte colony-stimulating factor",
    "author": [{"family": "Dührsen", "given": "U"}],
    "container-title": "Blood",
    "issued": {"date-parts": [[1988]]},
    "DOI": "10.1182/blood.v72.6.2074",
}
PETIT = {
    "id": "petit2002",
    "type": "article-journal",
    "title": "G-CSF induces stem cell mobilization by decreasing bone marrow SDF-1",
    "author": [{"family": "Petit", "given": "Isabelle"}],
    "container-title": "Nature Immunology",
    "issued": {"date-parts": [[2002]]},
    "PMID": "12068293",
}


def user(username: str, role: str | None = None, **fields):
    """Return the user of a name, created in a role's group if need be."""
    first, _, last = username.partition(".")
    person, created = get_user_model().objects.get_or_create(
        username=username,
        defaults={"first_name": first.title(), "last_name": last.title(), "is_staff": True}
        | fields,
    )
    if created and role:
        person.groups.add(Group.objects.get(name=role))
    # The permission cache must not outlive a change of groups.
    return get_user_model().objects.get(pk=person.pk)


def author():
    return user("anna.author", "Author")


def reviewer():
    return user("rosa.reviewer", "Clinical reviewer")


def editor():
    return user("emil.editor", "Editor")


def loader():
    return user("lea.loader", "Content loader")


def library() -> None:
    """Put the publications that the sample topics cite into the library."""
    for item in (DUHRSEN, PETIT):
        Reference.objects.get_or_create(key=item["id"], defaults={"csl": item})


def overview(slug: str = "mobilization", **changes) -> dict:
    """Return a small Document of an overview topic, ready to be loaded."""
    return {
        "schema": documents.SCHEMA,
        "kind": "overview",
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "areas": ["mobilization"],
        "summary": "Stem cells are moved from the marrow into the blood.",
        "sections": [
            {
                "kind": "mechanism",
                "heading": "How does it work?",
                "body": "G-CSF moves progenitors into the blood. "
                "[@duhrsen1988; @petit2002, p. 690]{certainty=high}\n\n"
                "- Elastase lowers CXCL12 in the marrow. [@petit2002]\n"
                "- Bone pain is common.",
            }
        ],
    } | changes


def therapy(slug: str = "transplantation", **changes) -> dict:
    facts = {"category": "transplantation", "graft_origin": "allogeneic"}
    return overview(slug, kind="therapy", facts=facts) | changes


def agent(slug: str = "filgrastim", **changes) -> dict:
    return overview(slug, kind="agent", facts={"drug_class": "growth factor"}) | changes


def condition(slug: str = "aplastic-anemia", **changes) -> dict:
    return overview(slug, kind="condition", facts={"category": "marrow-failure"}) | changes


def complication(slug: str = "acute-gvhd", **changes) -> dict:
    return overview(slug, kind="complication", facts={"category": "immunological"}) | changes


def draft(document: dict | None = None, *, by=None):
    """Return a topic whose draft is the Document, saved as a revision by its author."""
    library()
    topic = documents.load(document or overview())
    publishing.save_revision(topic, author=by or author())
    return topic


def edit(topic, *, by=None, **fields):
    """Change fields of a draft and save it, and return the revision."""
    topic = topic.specific
    for name, value in fields.items():
        setattr(topic, name, value)
    topic.save()
    return publishing.save_revision(topic, author=by or author())


def reword(topic, body: str, *, by=None):
    """Replace the body of the first section, and return the revision."""
    section = topic.sections.first()
    section.body = body
    section.save()
    return publishing.save_revision(topic, author=by or author())


def submit(topic) -> None:
    """Submit the draft for review, if it was not."""
    latest = topic.revisions.last()
    if Past.of([topic])[topic.pk].submission(latest.digest) is None:
        publishing.submit(topic, actor=author())


def approve(topic, *, by=None):
    submit(topic)
    return publishing.review(
        topic.revisions.last(),
        reviewer=by or reviewer(),
        verdict=Verdict.APPROVE,
        interests="none",
        whole_text=True,
    )


def published(document: dict | None = None):
    """Return a topic that was written, approved and published by three people."""
    topic = draft(document)
    approve(topic)
    publishing.publish(topic, publisher=editor(), change_note="First edition")
    return topic


def publish_unreviewed(*topics):
    return publishing.publish_unreviewed(
        list(topics), publisher=loader(), change_note="Starter content"
    )
