"""The steps that an editor can take with a topic: one page with a form for each.

The pages only ask and show; whether a step may be taken is decided in publishing.py.
"""

from typing import ClassVar

from topics import documents, editions, publishing
from topics.admin import forms, reading
from topics.choices import EventKind, Verdict
from topics.errors import Invalid
from topics.models import Revision, Topic


class Step:
    """A step with one topic. `act` takes it and returns what to tell the editor."""

    name: ClassVar[str]
    label: ClassVar[str]
    permission: ClassVar[str]
    form_class: ClassVar[type]
    intro: ClassVar[str]
    template: ClassVar[str] = "admin/topics/step.html"
    is_danger: ClassVar[bool] = False

    def __init__(self, topic: Topic):
        self.topic = topic

    def initial(self) -> dict:
        return {}

    def context(self, user) -> dict:
        return {}

    def act(self, user, data: dict) -> str:
        raise NotImplementedError


class Submit(Step):
    name = "submit"
    label = "Submit for review"
    permission = "topics.submit_topic"
    form_class = forms.SubmitForm
    intro = "The draft as it is now goes to a clinical reviewer. A change after this starts anew."

    def act(self, user, data):
        publishing.submit(self.topic, actor=user, note=data["note"])
        return f"“{self.topic}” was submitted for review."


class Review(Step):
    name = "review"
    label = "Review"
    permission = "topics.review_topic"
    form_class = forms.ReviewForm
    template = "admin/topics/review.html"
    intro = "Your verdict holds for exactly this text: one more change, and it is asked for again."

    def initial(self):
        latest = self.topic.revisions.last()
        return {"revision": latest.pk if latest else None}

    def context(self, user):
        latest = self.topic.revisions.last()
        if latest is None:
            return {}
        document = documents.read(latest.document)
        published = publishing.current_edition(self.topic)
        before = documents.read(published.revision.document) if published else None
        return {
            "revision": latest,
            "published": published,
            "is_writer": user.pk in editions.writers(self.topic, latest.digest),
            "text": reading.text_of(document),
            "changes": reading.changes(before, document) if before else [],
            "publications": reading.publications(document),
            "reviews": reading.verdicts_on(latest),
            "request_for_review": self.topic.events.filter(kind=EventKind.SUBMITTED).last(),
        }

    def act(self, user, data):
        revision = Revision.objects.filter(topic=self.topic, pk=data.pop("revision")).first()
        if revision is None:
            raise Invalid("This revision is not one of the topic. Load the page again.")
        given = publishing.review(revision, reviewer=user, **data)
        if given.verdict == Verdict.APPROVE:
            return f"You approved revision {revision.number} of “{self.topic}”."
        return f"You requested changes to revision {revision.number} of “{self.topic}”."


class Publish(Step):
    name = "publish"
    label = "Publish"
    permission = "topics.publish_topic"
    form_class = forms.PublishForm
    template = "admin/topics/publish.html"
    intro = "Readers, partners and search engines get this text as a new, permanent edition."

    def context(self, user):
        latest = self.topic.revisions.last()
        return {
            "revision": latest,
            "published": publishing.current_edition(self.topic),
            "reviews": reading.verdicts_on(latest) if latest else [],
        }

    def act(self, user, data):
        edition = publishing.publish(self.topic, publisher=user, change_note=data["change_note"])
        return f"Edition {edition.number} of “{self.topic}” is published."


class Withdraw(Step):
    name = "withdraw"
    label = "Withdraw"
    permission = "topics.withdraw_topic"
    form_class = forms.WithdrawForm
    intro = "The topic's address will answer “gone” with your reason. The draft stays as it is."
    is_danger = True

    def act(self, user, data):
        publishing.withdraw(self.topic, actor=user, reason=data["reason"])
        return f"“{self.topic}” was withdrawn."


class Restore(Step):
    name = "restore"
    label = "Restore"
    permission = "topics.change_topic"
    form_class = forms.RestoreForm
    intro = "The draft is replaced by this earlier text. Readers see it once it is published again."
    is_danger = True

    def __init__(self, topic: Topic, revision: Revision):
        super().__init__(topic)
        self.revision = revision
        self.label = f"Restore revision {revision.number}"

    def act(self, user, data):
        saved = publishing.restore(self.revision, actor=user, note=data["note"])
        return (
            f"Revision {self.revision.number} of “{self.topic}” is the draft again, "
            f"kept as revision {saved.number}."
        )


STEPS = {step.name: step for step in (Submit, Review, Publish, Withdraw)}
