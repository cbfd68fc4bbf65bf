"""What an edition is chained by, and what the past of its topic says about a new one."""

import hashlib
import json
from dataclasses import dataclass, field

from django.db.models import F, Q

from topics import documents
from topics.choices import EventKind, Verdict
from topics.errors import Invalid, NotApproved, NothingToDo, NotSubmitted
from topics.models import Edition, Event, Review, Revision, Topic


def chain_hash(edition: Edition) -> str:
    """Return the hash of an edition: of the one before it and of all that it says.

    Whoever knows the newest hash can prove that no earlier edition was changed. The hash is the
    sha256 of a JSON array in the order below; times are in UTC with microseconds.
    """

    def moment(value):
        return value and value.isoformat(timespec="microseconds")

    parts = [
        edition.previous_hash,
        edition.topic_id,
        edition.number,
        edition.digest,
        edition.approved_by_name,
        moment(edition.approved_at),
        edition.interests,
        edition.published_by_name,
        moment(edition.published_at),
        edition.change_note,
    ]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Past:
    """All that was saved, submitted, reviewed, published and withdrawn, each the oldest first.

    The revisions come without their texts.
    """

    revisions: list[Revision] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    withdrawals: list[Event] = field(default_factory=list)
    submissions: list[Event] = field(default_factory=list)

    @classmethod
    def of(cls, topics: list[Topic]) -> dict[int, "Past"]:
        """Return the pasts of topics by number, in as many queries for many as for one."""
        found = {topic.pk: cls() for topic in topics}
        revisions = Revision.objects.filter(topic__in=found).defer("text").order_by("number")
        for revision in revisions:
            found[revision.topic_id].revisions.append(revision)
        reviews = Review.objects.filter(revision__topic__in=found).order_by("created_at", "pk")
        for review in reviews.annotate(of=F("revision__topic"), digest=F("revision__digest")):
            found[review.of].reviews.append(review)
        for edition in Edition.objects.filter(topic__in=found).order_by("number"):
            found[edition.topic_id].editions.append(edition)
        asked = Q(kind__in=(EventKind.WITHDRAWN, EventKind.SUBMITTED))
        events = Event.objects.filter(asked, topic__in=found).order_by("pk")
        for event in events.annotate(digest=F("revision__digest")):
            past = found[event.topic_id]
            is_withdrawal = event.kind == EventKind.WITHDRAWN
            (past.withdrawals if is_withdrawal else past.submissions).append(event)
        return found

    @property
    def latest(self) -> Revision | None:
        return self.revisions[-1] if self.revisions else None

    @property
    def last_edition(self) -> Edition | None:
        return self.editions[-1] if self.editions else None

    @property
    def current(self) -> Edition | None:
        """The edition that readers see now."""
        withdrawn = {event.edition_id for event in self.withdrawals}
        last = self.last_edition
        return last if last and last.pk not in withdrawn else None

    @property
    def reviewed(self) -> list[Edition]:
        return [edition for edition in self.editions if edition.is_reviewed]

    @property
    def is_whole_text_new(self) -> bool:
        """Whether a reviewer must have read all of the text, not only what was changed.

        So it is until readers have a reviewed edition: what an unreviewed one says was approved
        by nobody, and the next approval would stand over it as well.
        """
        last = self.last_edition
        return last is None or not last.is_reviewed

    def writers(self, digest: str) -> set[int]:
        """Return the ids of all who may not approve a text: its writers.

        These are the authors of each revision after the newest reviewed edition (one that nobody
        reviewed leaves its writers as they were), and of each revision with this very text, which
        may be an old one that was restored.
        """
        numbers = {revision.pk: revision.number for revision in self.revisions}
        last = numbers[self.reviewed[-1].revision_id] if self.reviewed else 0
        return {
            revision.author_id
            for revision in self.revisions
            if revision.number > last or revision.digest == digest
        }

    @property
    def withdrawal(self) -> Event | None:
        """The last withdrawal, before which no verdict and no submission counts any more."""
        return self.withdrawals[-1] if self.withdrawals else None

    def counted(self, digest: str) -> list[Review]:
        """Return the verdicts on a text that still count.

        Whoever approved it before it was withdrawn did not know why it would be.
        """
        withdrawn = self.withdrawal
        return [
            given
            for given in self.reviews
            if given.digest == digest
            and (withdrawn is None or given.created_at > withdrawn.created_at)
        ]

    def submission(self, digest: str) -> Event | None:
        """Return the submission by which a text lies with reviewers, None if it does not.

        It is the last one: who submits a text takes back those before it. See `standing.AWAITING`.
        """
        last = self.submissions[-1] if self.submissions else None
        withdrawn = self.withdrawal
        is_over = last and withdrawn and last.pk < withdrawn.pk
        return last if last and not is_over and last.digest == digest else None

    def is_open_to_verdicts(self, digest: str) -> bool:
        """Return whether a text was submitted and not changed since.

        What was approved may be approved again, as by a second reviewer, also if it was restored.
        """
        is_approved = any(given.verdict == Verdict.APPROVE for given in self.counted(digest))
        return is_approved or self.submission(digest) is not None

    def refuse_unsubmitted(self, digest: str) -> None:
        """Refuse a verdict on a text that its author may still be writing."""
        if not self.is_open_to_verdicts(digest):
            raise NotSubmitted("This text was not submitted: its author may still be writing.")

    def approval(self, topic: Topic, digest: str) -> Review:
        """Return the approval that fits a text, or say what is missing."""
        withdrawn = self.withdrawal
        verdicts = {given.reviewer_id: given for given in self.counted(digest)}
        for given in verdicts.values():
            if given.verdict == Verdict.REQUEST_CHANGES:
                raise NotApproved(f"{given.reviewer_name} requested changes: {given.comment}")
        wrote = self.writers(digest)
        fitting = [given for given in verdicts.values() if given.reviewer_id not in wrote]
        if fitting:
            return fitting[-1]
        if withdrawn:
            raise NotApproved(f"“{topic}” was withdrawn: {withdrawn.note} Ask for a new review.")
        if any(given.verdict == Verdict.APPROVE for given in self.reviews):
            raise NotApproved(f"“{topic}” was changed since it was approved. Ask for review again.")
        raise NotApproved(f"Nobody has approved “{topic}” yet. Submit it for review.")

    def refuse_unchanged(self, topic: Topic, digest: str, *, reviewed: bool) -> None:
        """Refuse an edition that would say nothing new: neither other words nor a first review."""
        edition = self.current
        is_first_review = edition and reviewed and not edition.is_reviewed
        if edition and edition.digest == digest and not is_first_review:
            raise NothingToDo(f"Nothing was changed in “{topic}” since edition {edition.number}.")

    def refuse_partly_read(self) -> None:
        """Refuse an approval of which nobody says that the whole text was read, if it must be."""
        if self.is_whole_text_new:
            raise Invalid(
                "No clinician ever reviewed this text as a whole. Read all of it before you "
                "approve it, and say that you did."
            )

    def new_edition(self, topic: Topic, text: str, *, reviewed: bool) -> Edition:
        """Return the next edition, of a text, if there may be one. Who publishes it is open."""
        revision, digest = self.latest, documents.digest(text)
        if revision is None or revision.digest != digest:
            raise NotApproved(
                f"“{topic}” was changed since its last saved revision. Save it again."
            )
        self.refuse_unchanged(topic, digest, reviewed=reviewed)
        if not reviewed and self.reviewed:
            raise NotApproved(f"“{topic}” was reviewed before, so a new text needs a review too.")
        approval = self.approval(topic, digest) if reviewed else None
        last = self.last_edition
        # It was read without.
        revision.text = text
        return Edition(
            topic=topic,
            number=last.number + 1 if last else 1,
            revision=revision,
            digest=digest,
            review=approval,
            approved_by_id=approval.reviewer_id if approval else None,
            approved_by_name=approval.reviewer_name if approval else "",
            approved_at=approval.created_at if approval else None,
            interests=approval.interests if approval else "",
            writers=sorted(self.writers(digest)),
            previous_hash=last.hash if last else "",
        )


def writers(topic: Topic, digest: str) -> set[int]:
    """Return the ids of all who may not approve a text of a topic."""
    return Past.of([topic])[topic.pk].writers(digest)
