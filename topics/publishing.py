"""The way from a draft to the reader. Every change of state in the portal is a function here.

    save_revision ─▶ submit ─▶ review ─▶ publish ─▶ withdraw
          ▲                                │
          └──────────── restore ◀──────────┘

Each function is one transaction, checks what the person may do, and raises a PublishingError that
an editor can read. Each locks the topic first, so two people never publish at the same moment.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from references.models import Reference
from topics import anchors, documents, following, listings, noticing, telling
from topics.choices import EventKind, Verdict
from topics.editions import Past, chain_hash
from topics.errors import FourEyes, Invalid, Nameless, NotApproved, NothingToDo, NotPermitted
from topics.logbook import event_of, has_name, name_of, record
from topics.models import (
    Citation,
    Edition,
    Event,
    GlossaryTerm,
    PublishedFigure,
    PublishedSlug,
    Review,
    Revision,
    Section,
    Topic,
)
from topics.models.rows import save_checked


def save_revision(topic: Topic, *, author, note: str = "") -> Revision:
    """Keep the draft as it is now, and return its revision: the latest one if nothing changed.

    Statements that were reworded since the last edition keep their published names.
    """
    return save_revisions([topic], author=author, note=note)[0]


@transaction.atomic
def save_revisions(topics: list[Topic], *, author, note: str = "") -> list[Revision]:
    """Keep many drafts as they are now. See `save_revision`."""
    _require(author, "change_topic", "change topics")
    locked = _lock_all(topics)
    pasts = Past.of(locked)
    _tidy_sections(locked, pasts)
    now = timezone.now()
    saved, new = {}, []
    for topic, document in zip(locked, _build_all(locked), strict=True):
        text = documents.canonical(document)
        digest, latest = documents.digest(text), pasts[topic.pk].latest
        if latest and latest.digest == digest:
            saved[topic.pk] = latest
            continue
        saved[topic.pk] = Revision(
            topic_id=topic.pk,
            number=latest.number + 1 if latest else 1,
            text=text,
            digest=digest,
            author=author,
            author_name=name_of(author),
            note=note,
            created_at=now,
        )
        new.append(saved[topic.pk])
    Revision.objects.bulk_create(new)
    return [saved[topic.pk] for topic in topics]


@transaction.atomic
def submit(topic: Topic, *, actor, note: str = "") -> Event:
    """Ask for review of the draft as it is now."""
    _require_named(actor, "submit_topic", "submit topics for review")
    (topic,) = _lock_all([topic])
    revision = save_revision(topic, author=actor)
    Past.of([topic])[topic.pk].refuse_unchanged(topic, revision.digest, reviewed=True)
    return record(EventKind.SUBMITTED, actor, topic=topic, revision=revision, note=note)


@transaction.atomic
def review(
    revision: Revision, *, reviewer, verdict: str, interests: str, comment: str = "",
    whole_text: bool = False,
) -> Review:  # fmt: skip
    """Give a clinician's verdict on one revision that was submitted. It holds for that text alone.

    `interests` are the reviewer's declared interests, or “none”. `whole_text` says that all of it
    was read, without which a text never reviewed before is not approved.
    """
    _require_named(reviewer, "review_topic", "review topics")
    (topic,) = _lock_all([revision.topic])
    past = Past.of([topic])[topic.pk]
    if verdict not in Verdict.values:
        raise Invalid(f"“{verdict}” is no verdict. Choose {' or '.join(Verdict.values)}.")
    if not interests.strip():
        raise Invalid("Declare your interests, or write “none”.")
    if verdict == Verdict.REQUEST_CHANGES and not comment.strip():
        raise Invalid("Say in the comment what should be changed.")
    if revision.pk != past.latest.pk:
        raise NotApproved("The text was changed since this revision. Review the latest one.")
    past.refuse_unchanged(topic, revision.digest, reviewed=True)
    if reviewer.pk in past.writers(revision.digest):
        raise FourEyes("You wrote part of this text, so somebody else must review it.")
    past.refuse_unsubmitted(revision.digest)
    if verdict == Verdict.APPROVE and not whole_text:
        past.refuse_partly_read()
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
        EventKind.REVIEWED, reviewer, topic=topic, revision=revision, note=comment,
        data={"verdict": verdict, "whole_text": whole_text},
    )  # fmt: skip
    return verdict_given


def publish(topic: Topic, *, publisher, change_note: str) -> Edition:
    """Publish the draft, which must be word for word what a clinician approved."""
    return publish_together([topic], publisher=publisher, change_note=change_note)[0]


@transaction.atomic
def publish_together(topics: list[Topic], *, publisher, change_note: str) -> list[Edition]:
    """Publish several approved drafts at once, as is needed when they link to each other."""
    _require_named(publisher, "publish_topic", "publish topics")
    return _publish(topics, publisher, change_note, reviewed=True)


@transaction.atomic
def publish_unreviewed(topics: list[Topic], *, publisher, change_note: str) -> list[Edition]:
    """Publish drafts that no clinician reviewed. Every page and answer says so openly."""
    _require_named(publisher, "publish_unreviewed_topic", "publish topics that were not reviewed")
    return _publish(topics, publisher, change_note, reviewed=False)


@transaction.atomic
def withdraw(topic: Topic, *, actor, reason: str) -> Event:
    """Take a topic from the readers. Its address answers “gone” with the reason and its history."""
    _require_named(actor, "withdraw_topic", "withdraw topics")
    (topic,) = _lock_all([topic])
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
    (topic,) = _lock_all([revision.topic])
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


def record_reference_status(
    reference: Reference, *, actor, status: str, on: date | str | None, notice: str = "",
    source: str = "",
) -> Event | None:  # fmt: skip
    """Record that a publication was retracted, corrected or cleared. Readers see it at once.

    See `record_notice`; but saying the same once more changes nothing.
    """
    if status not in Reference.Status.values:
        raise Invalid(f"“{status}” is no status of a reference.")
    kind = noticing.KINDS[status]
    try:
        return record_notice(reference, actor=actor, kind=kind, on=on, words=notice, address=source)
    except NothingToDo:
        return None


def record_notice(
    reference: Reference, *, actor, kind: str, on: date | str | None, words: str = "",
    address: str = "",
) -> Event | None:  # fmt: skip
    """Record a notice about a publication, and return the event if its status changes by that.

    Raises NothingToDo for one that was recorded before.
    """
    if not actor.has_perm("references.change_reference"):
        raise NotPermitted("You may not change references.")
    found = noticing.by_editor(kind, on, words, address)
    return noticing.note(reference, [found], actor=actor).event


def save_term(term: GlossaryTerm, *, actor) -> Event:
    """Save a glossary term, which readers see at once, and log it."""
    return save_terms([term], actor=actor)[0]


@transaction.atomic
def save_terms(terms: list[GlossaryTerm], *, actor) -> list[Event]:
    """Save many glossary terms. See `save_term`."""
    if not actor.has_perms(f"topics.{'change' if t.pk else 'add'}_glossaryterm" for t in terms):
        raise NotPermitted("You may not change the glossary.")
    known = GlossaryTerm.objects.in_bulk([term.pk for term in terms if term.pk])
    before = {pk: _told(term) for pk, term in known.items()}
    for term in terms:
        save_checked(term)
    listings.index_terms(terms)
    told = [{"term": t.term, "before": before.get(t.pk), "after": _told(t)} for t in terms]
    events = [event_of(EventKind.GLOSSARY, actor, data=data) for data in told]
    telling.follow_up(Event.objects.bulk_create(events))
    return events


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
    return not edition or edition.digest != _digest(_build_all([topic])[0])


def _told(term: GlossaryTerm) -> dict:
    """Return what readers are told of a term."""
    names = ("term", "abbreviation", "variants", "definition")
    return {name: getattr(term, name) for name in names}


def _publish(topics, publisher, change_note: str, *, reviewed: bool) -> list[Edition]:
    if not change_note.strip():
        raise Invalid("Write a change note: readers will see it.")
    topics = _lock_all(topics)
    pasts = Past.of(topics)
    built = _build_all(topics)
    now = timezone.now()
    editions = []
    for topic, document in zip(topics, built, strict=True):
        edition = pasts[topic.pk].new_edition(
            topic, documents.canonical(document), reviewed=reviewed
        )
        edition.published_by, edition.published_by_name = publisher, name_of(publisher)
        edition.published_at, edition.change_note = now, change_note
        edition.hash = chain_hash(edition)
        editions.append(edition)
    Edition.objects.bulk_create(editions)
    _write_citations(editions, built)
    PublishedFigure.write(editions, built)
    _write_addresses(topics, built)
    _refuse_links_to_drafts(topics, built)
    listings.write(editions)
    events = Event.objects.bulk_create(
        event_of(
            EventKind.PUBLISHED,
            publisher,
            topic=edition.topic,
            revision=edition.revision,
            edition=edition,
            note=change_note,
            data={"number": edition.number, "digest": edition.digest},
        )
        for edition in editions
    )
    following.notify(events)
    telling.follow_up(events)
    return editions


def _write_citations(editions: list[Edition], built: list[dict]) -> None:
    cited = [documents.cited_keys(document) for document in built]
    ids = dict(Reference.objects.filter(key__in=set().union(*cited)).values_list("key", "pk"))
    Citation.objects.bulk_create(
        Citation(edition=edition, reference_id=ids[key])
        for edition, keys in zip(editions, cited, strict=True)
        for key in sorted(keys)
    )


def _write_addresses(topics: list[Topic], built: list[dict]) -> None:
    """Write down where the topics are published. An address belongs to one topic for good."""
    wanted = {d["slug"]: topic.pk for topic, d in zip(topics, built, strict=True)}
    owners = dict(PublishedSlug.objects.filter(slug__in=wanted).values_list("slug", "topic_id"))
    if others := sorted(slug for slug, owner in owners.items() if wanted[slug] != owner):
        known = Topic.objects.select_related("listing").in_bulk(owners.values())
        raise Invalid(" ".join(known[owners[slug]].told_at(slug) for slug in others))
    PublishedSlug.objects.bulk_create(
        PublishedSlug(slug=slug, topic_id=topic)
        for slug, topic in wanted.items()
        if slug not in owners
    )


def _refuse_links_to_drafts(topics: list[Topic], built: list[dict]) -> None:
    """Refuse editions that name a topic never published: its name would leak to readers."""
    named = [documents.named_topics(document) for document in built]
    found = PublishedSlug.objects.filter(slug__in=set().union(*named))
    known = set(found.values_list("slug", flat=True))
    for topic, slugs in zip(topics, named, strict=True):
        if unknown := sorted(slugs - known):
            raise Invalid(
                f"“{topic}” links to {', '.join(unknown)}, not yet published. "
                "Publish them first or together with it, or remove the links."
            )


def _tidy_sections(topics: list[Topic], pasts: dict[int, Past]) -> None:
    """Let reworded statements keep their published names. What was never published has none."""
    last = {pk: past.last_edition for pk, past in pasts.items() if past.last_edition}
    texts = Revision.objects.in_bulk(edition.revision_id for edition in last.values())
    sections: dict[int, list[Section]] = {pk: [] for pk in last}
    for section in Section.objects.filter(topic__in=last):
        sections[section.topic_id].append(section)
    changed = []
    for pk, edition in last.items():
        published = documents.read(texts[edition.revision_id].document)
        try:
            changed += anchors.pin(sections[pk], published)
        except ValidationError as error:
            raise Invalid("; ".join(error.messages)) from error
    Section.objects.bulk_update(changed, ["body"])


def _build_all(topics: list[Topic]) -> list[dict]:
    try:
        return documents.build_all(topics)
    except ValidationError as error:
        raise Invalid("; ".join(error.messages)) from error


def _digest(document: dict) -> str:
    return documents.digest(documents.canonical(document))


def _lock_all(topics: list[Topic]) -> list[Topic]:
    """Lock topics, and return them as they are now.

    Always in one order, so that two people who publish the same topics cannot block each other.
    """
    numbers = {topic.pk for topic in topics}
    locked = list(Topic.objects.select_for_update().filter(pk__in=numbers).order_by("pk"))
    if len(locked) < len(numbers):
        raise Topic.DoesNotExist("A topic was deleted meanwhile.")
    return locked


def _require(user, permission: str, what: str) -> None:
    if not user.has_perm(f"topics.{permission}"):
        raise NotPermitted(f"You may not {what}. Ask an administrator for the right.")


def _require_named(user, permission: str, what: str) -> None:
    """Like `_require`, for steps that readers are told of with the name of who took them."""
    _require(user, permission, what)
    if not has_name(user):
        raise Nameless(
            f"Your account has no name, without which you may not {what}: readers see who did it. "
            "Ask an administrator to enter your first and last name under Users."
        )
