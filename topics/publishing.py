"""The way from a draft to the reader. Every change of state in the portal is a function here.

    save_revision ─▶ submit ─▶ review ─▶ publish ─▶ withdraw
          ▲                                │
          └──────────── restore ◀──────────┘

Each function is one transaction, checks what the person may do, and raises a PublishingError that
an editor can read. Each locks the topic first, so two people never publish at the same moment.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from references.models import Reference
from topics import anchors, documents, following, listings
from topics.choices import EventKind, Verdict
from topics.editions import chain_hash, writers
from topics.errors import FourEyes, Invalid, NotApproved, NothingToDo, NotPermitted
from topics.models import (
    Citation,
    Edition,
    Event,
    GlossaryTerm,
    PublishedSlug,
    Review,
    Revision,
    Section,
    Topic,
)
from topics.models.rows import save_checked


@transaction.atomic
def save_revision(topic: Topic, *, author, note: str = "") -> Revision:
    """Keep the draft as it is now, and return its revision: the latest one if nothing changed.

    Statements that were reworded since the last edition keep their published names.
    """
    _require(author, "change_topic", "change topics")
    topic = _lock(topic)
    _tidy_sections(topic)
    text = documents.canonical(_build(topic))
    digest = documents.digest(text)
    latest = topic.revisions.last()
    if latest and latest.digest == digest:
        return latest
    return Revision.objects.create(
        topic_id=topic.pk,
        number=latest.number + 1 if latest else 1,
        text=text,
        digest=digest,
        author=author,
        author_name=name_of(author),
        note=note,
        created_at=timezone.now(),
    )


@transaction.atomic
def submit(topic: Topic, *, actor, note: str = "") -> Event:
    """Ask for review of the draft as it is now."""
    _require(actor, "submit_topic", "submit topics for review")
    topic = _lock(topic)
    revision = save_revision(topic, author=actor)
    _refuse_unchanged(topic, revision.digest, reviewed=True)
    return record(EventKind.SUBMITTED, actor, topic=topic, revision=revision, note=note)


@transaction.atomic
def review(
    revision: Revision, *, reviewer, verdict: str, interests: str, comment: str = ""
) -> Review:
    """Give a clinician's verdict on one revision. It holds for that text and no other.

    `interests` are the reviewer's declared interests, or “none”.
    """
    _require(reviewer, "review_topic", "review topics")
    topic = _lock(revision.topic)
    if verdict not in Verdict.values:
        raise Invalid(f"“{verdict}” is no verdict. Choose {' or '.join(Verdict.values)}.")
    if not interests.strip():
        raise Invalid("Declare your interests, or write “none”.")
    if verdict == Verdict.REQUEST_CHANGES and not comment.strip():
        raise Invalid("Say in the comment what should be changed.")
    if revision.pk != topic.revisions.last().pk:
        raise NotApproved("The text was changed since this revision. Review the latest one.")
    _refuse_unchanged(topic, revision.digest, reviewed=True)
    if reviewer.pk in writers(topic, revision.digest):
        raise FourEyes("You wrote part of this text, so somebody else must review it.")
    verdict_given = Review.objects.create(
        revision=revision,
        reviewer=reviewer,
        reviewer_name=name_of(reviewer),
        verdict=verdict,
        comment=comment,
        interests=interests,
        created_at=timezone.now(),
    )
    record(
        EventKind.REVIEWED,
        reviewer,
        topic=topic,
        revision=revision,
        note=comment,
        data={"verdict": verdict},
    )
    return verdict_given


def publish(topic: Topic, *, publisher, change_note: str) -> Edition:
    """Publish the draft, which must be word for word what a clinician approved."""
    return publish_together([topic], publisher=publisher, change_note=change_note)[0]


@transaction.atomic
def publish_together(topics: list[Topic], *, publisher, change_note: str) -> list[Edition]:
    """Publish several approved drafts at once, as is needed when they link to each other."""
    _require(publisher, "publish_topic", "publish topics")
    return _publish(topics, publisher, change_note, reviewed=True)


@transaction.atomic
def publish_unreviewed(topics: list[Topic], *, publisher, change_note: str) -> list[Edition]:
    """Publish drafts that no clinician reviewed. Every page and answer says so openly."""
    _require(publisher, "publish_unreviewed_topic", "publish topics that were not reviewed")
    return _publish(topics, publisher, change_note, reviewed=False)


@transaction.atomic
def withdraw(topic: Topic, *, actor, reason: str) -> Event:
    """Take a topic from the readers. Its address answers “gone” with the reason and its history."""
    _require(actor, "withdraw_topic", "withdraw topics")
    topic = _lock(topic)
    if not reason.strip():
        raise Invalid("Give the reason: readers will see it.")
    edition = listings.current_editions().filter(topic=topic).first()
    if edition is None:
        raise NothingToDo(f"“{topic}” is not published.")
    listings.remove(topic)
    event = record(EventKind.WITHDRAWN, actor, topic=topic, edition=edition, note=reason)
    following.notify([event])
    return event


@transaction.atomic
def restore(revision: Revision, *, actor, note: str = "") -> Revision:
    """Make an earlier text the draft again, and return the revision that keeps it."""
    _require(actor, "change_topic", "change topics")
    topic = _lock(revision.topic)
    try:
        documents.load(revision.document, topic)
    except ValidationError as error:
        raise Invalid("; ".join(error.messages)) from error
    note = note or f"Restored from revision {revision.number}"
    saved = save_revision(topic, author=actor, note=note)
    record(
        EventKind.RESTORED,
        actor,
        topic=topic,
        revision=saved,
        note=note,
        data={"from_revision": revision.number},
    )
    return saved


@transaction.atomic
def record_reference_status(
    reference: Reference, *, actor, status: str, on: date | None, notice: str = "", source: str = ""
) -> Event:
    """Record that a publication was retracted, corrected or cleared. Readers see it at once."""
    if not actor.has_perm("references.change_reference"):
        raise NotPermitted("You may not change references.")
    if status not in Reference.Status.values:
        raise Invalid(f"“{status}” is no status of a reference.")
    if status != Reference.Status.CURRENT and on is None:
        raise Invalid("Give the date of the notice.")
    reference = Reference.objects.select_for_update().get(pk=reference.pk)
    before = reference.status
    reference.status, reference.status_on = status, on
    reference.status_notice, reference.status_source = notice, source
    reference.save()
    event = record(
        EventKind.REFERENCE_STATUS,
        actor,
        reference=reference,
        note=notice,
        data={"key": reference.key, "before": before, "status": status},
    )
    if status != before:
        following.notify([event])
    return event


@transaction.atomic
def save_term(term: GlossaryTerm, *, actor) -> Event:
    """Save a glossary term, which readers see at once, and log it."""
    adding = term.pk is None
    before = None if adding else _told(GlossaryTerm.objects.get(pk=term.pk))
    if not actor.has_perm(f"topics.{'add' if adding else 'change'}_glossaryterm"):
        raise NotPermitted("You may not change the glossary.")
    save_checked(term)
    listings.index_terms([term])
    data = {"term": term.term, "before": before, "after": _told(term)}
    return record(EventKind.GLOSSARY, actor, data=data)


@transaction.atomic
def delete_term(term: GlossaryTerm, *, actor) -> Event:
    """Take a term out of the glossary, and log it."""
    if not actor.has_perm("topics.delete_glossaryterm"):
        raise NotPermitted("You may not change the glossary.")
    data = {"term": term.term, "before": _told(term), "after": None}
    listings.unindex_term(term.pk)
    term.delete()
    return record(EventKind.GLOSSARY, actor, data=data)


def current_edition(topic: Topic) -> Edition | None:
    """Return the edition that readers see now, None for a topic unpublished or withdrawn."""
    return listings.current_editions().filter(topic=topic).select_related("revision").first()


def has_unpublished_changes(topic: Topic) -> bool:
    """Return whether the draft says anything else than the current edition."""
    edition = current_edition(topic)
    return not edition or edition.digest != documents.digest(documents.canonical(_build(topic)))


def record(kind: str, actor, *, note: str = "", data: dict | None = None, **about) -> Event:
    """Write one line of the log."""
    return Event.objects.create(
        kind=kind, actor=actor, actor_name=name_of(actor), note=note, data=data or {},
        created_at=timezone.now(), **about,
    )  # fmt: skip


def name_of(user) -> str:
    """Return the name that is copied into history."""
    return user.get_full_name() or user.get_username()


def _told(term: GlossaryTerm) -> dict:
    """Return what readers are told of a term."""
    names = ("term", "abbreviation", "variants", "definition")
    return {name: getattr(term, name) for name in names}


def _publish(topics, publisher, change_note: str, *, reviewed: bool) -> list[Edition]:
    if not change_note.strip():
        raise Invalid("Write a change note: readers will see it.")
    # Always in one order, so that two people who publish the same topics cannot block each other.
    topics = [_lock(topic) for topic in sorted(topics, key=lambda topic: topic.pk)]
    now = timezone.now()
    editions = [_make_edition(topic, publisher, change_note, now, reviewed) for topic in topics]
    _refuse_links_to_drafts(editions)
    listings.write(editions)
    events = [
        record(
            EventKind.PUBLISHED,
            publisher,
            topic=edition.topic,
            revision=edition.revision,
            edition=edition,
            note=change_note,
            data={"number": edition.number, "digest": edition.digest},
        )
        for edition in editions
    ]
    following.notify(events)
    return editions


def _make_edition(
    topic: Topic, publisher, change_note: str, now: datetime, reviewed: bool
) -> Edition:
    document = _build(topic)
    digest = documents.digest(documents.canonical(document))
    revision = topic.revisions.last()
    if revision is None or revision.digest != digest:
        raise NotApproved(f"“{topic}” was changed since its last saved revision. Save it again.")
    _refuse_unchanged(topic, digest, reviewed=reviewed)
    if not reviewed and topic.editions.filter(review__isnull=False).exists():
        raise NotApproved(f"“{topic}” was reviewed before, so a new text needs a review too.")
    wrote = writers(topic, digest)
    approval = _approval(topic, revision, wrote) if reviewed else None
    last = topic.editions.last()
    edition = Edition(
        topic_id=topic.pk,
        number=last.number + 1 if last else 1,
        revision=revision,
        digest=digest,
        review=approval,
        approved_by=approval.reviewer if approval else None,
        approved_by_name=approval.reviewer_name if approval else "",
        approved_at=approval.created_at if approval else None,
        interests=approval.interests if approval else "",
        writers=sorted(wrote),
        published_by=publisher,
        published_by_name=name_of(publisher),
        published_at=now,
        change_note=change_note,
        previous_hash=last.hash if last else "",
    )
    edition.hash = chain_hash(edition)
    edition.save(force_insert=True)
    cited = Reference.objects.filter(key__in=documents.cited_keys(document))
    Citation.objects.bulk_create(Citation(edition=edition, reference=r) for r in cited)
    PublishedSlug.objects.get_or_create(slug=document["slug"], topic_id=topic.pk)
    return edition


def _approval(topic: Topic, revision: Revision, wrote: set[int]) -> Review:
    """Return the approval that fits a revision's text, or say what is missing."""
    reviews = Review.objects.filter(
        revision__topic=topic, revision__digest=revision.digest
    ).order_by("created_at", "pk")
    withdrawn = topic.events.filter(kind=EventKind.WITHDRAWN).last()
    if withdrawn:
        # Whoever approved before did not know why it would be withdrawn.
        reviews = reviews.filter(created_at__gt=withdrawn.created_at)
    verdicts = {given.reviewer_id: given for given in reviews}
    for given in verdicts.values():
        if given.verdict == Verdict.REQUEST_CHANGES:
            raise NotApproved(f"{given.reviewer_name} requested changes: {given.comment}")
    fitting = [given for given in verdicts.values() if given.reviewer_id not in wrote]
    if fitting:
        return fitting[-1]
    if withdrawn:
        raise NotApproved(f"“{topic}” was withdrawn: {withdrawn.note} Ask for a new review.")
    if Review.objects.filter(revision__topic=topic, verdict=Verdict.APPROVE).exists():
        raise NotApproved(f"“{topic}” was changed since it was approved. Ask for review again.")
    raise NotApproved(f"Nobody has approved “{topic}” yet. Submit it for review.")


def _refuse_unchanged(topic: Topic, digest: str, *, reviewed: bool) -> None:
    """Refuse an edition that would say nothing new: neither other words nor a first review."""
    edition = listings.current_editions().filter(topic=topic).first()
    is_first_review = edition and reviewed and not edition.is_reviewed
    if edition and edition.digest == digest and not is_first_review:
        raise NothingToDo(f"Nothing was changed in “{topic}” since edition {edition.number}.")


def _refuse_links_to_drafts(editions: list[Edition]) -> None:
    """Refuse editions that name a topic never published: its name would leak to readers."""
    for edition in editions:
        named = documents.named_topics(edition.revision.document)
        known = PublishedSlug.objects.filter(slug__in=named).values_list("slug", flat=True)
        if unknown := sorted(named - set(known)):
            raise Invalid(
                f"“{edition.topic}” links to {', '.join(unknown)}, not yet published. "
                "Publish them first or together with it, or remove the links."
            )


def _tidy_sections(topic: Topic) -> None:
    sections = list(Section.objects.filter(topic_id=topic.pk))
    last = topic.editions.select_related("revision").last()
    published = documents.read(last.revision.document) if last else {}
    try:
        changed = anchors.pin(sections, published)
    except ValidationError as error:
        raise Invalid("; ".join(error.messages)) from error
    Section.objects.bulk_update(changed, ["body"])


def _build(topic: Topic) -> dict:
    try:
        return documents.build(topic)
    except ValidationError as error:
        raise Invalid(f"“{topic}”: {'; '.join(error.messages)}") from error


def _lock(topic: Topic) -> Topic:
    return Topic.objects.select_for_update().get(pk=topic.pk)


def _require(user, permission: str, what: str) -> None:
    if not user.has_perm(f"topics.{permission}"):
        raise NotPermitted(f"You may not {what}. Ask an administrator for the right.")
