"""The steps that an editor can take with a topic: one page with a form for each.

The pages only ask and show; whether a step may be taken is decided in publishing.py.
"""

from typing import ClassVar

from django.utils import timezone
from django.utils.formats import date_format

from topics import interests, listings, publishing, scheduling
from topics.admin import desk_forms, drafts, forms, reading, review_screen, verdicts
from topics.choices import Verdict
from topics.desk import assigning, readiness
from topics.editions import Past
from topics.errors import Invalid, NothingToDo
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
    is_quiet: ClassVar[bool] = False
    has_tab: ClassVar[bool] = False

    def __init__(self, topic: Topic):
        self.topic = topic

    def initial(self, user) -> dict:
        """Return what its form begins with."""
        return {}

    def context(self, user, asked: dict) -> dict:
        """Return what its template is given; `asked` is the query of the page's address."""
        return {}

    def form(self, user, sent=None, asked=None):
        """Return its form, with what was sent if anything was. Only a bound form can be acted on.

        What a browser kept of a form is sent to be shown again: see topics/admin/drafts.py.
        """
        if sent is not None and drafts.RESTORE in sent:
            typed = {name: sent[name] for name in self.form_class.base_fields if name in sent}
            return self.form_class(initial=self.initial(user) | typed)
        return self.form_class(sent, initial=self.initial(user))

    def act(self, user, data: dict) -> str:
        raise NotImplementedError


class Submit(Step):
    name = "submit"
    label = "Submit for review"
    permission = "topics.submit_topic"
    form_class = desk_forms.SubmitForm
    template = "admin/topics/submit.html"
    intro = "The draft as it is now goes to a clinical reviewer. A change after this starts anew."

    def initial(self, user):
        latest = self.topic.revisions.last()
        before = latest and reading.last_reviewer(latest)
        return {"reviewer": before} if before in assigning.free_to_review(self.topic) else {}

    def context(self, user, asked):
        return review_screen.state_of(self.topic)

    def act(self, user, data):
        assigning.submit(self.topic, actor=user, **data)
        return f"“{self.topic}” was submitted for review."


class Review(Step):
    name = "review"
    label = "Review"
    permission = "topics.review_topic"
    form_class = desk_forms.VerdictForm
    template = "admin/topics/review.html"
    has_tab = True
    intro = "Your verdict holds for exactly this text: one more change, and it is asked for again."

    def initial(self, user):
        latest = self.topic.revisions.last()
        declared = interests.last_declared(user)
        past = Past.of([self.topic])[self.topic.pk]
        return {
            "revision": latest.pk if latest else None,
            "interests": declared.text if declared and declared.is_valid else "",
            "declared": declared,
            "is_whole_text_new": past.is_whole_text_new,
            "is_open": bool(latest) and past.is_open_to_verdicts(latest.digest),
        }

    def context(self, user, asked):
        return review_screen.context(self.topic, user, asked)

    def form(self, user, sent=None, asked=None):
        about = (asked or {}).get("about", "")
        return verdicts.form(self.topic, self.initial(user) | {"about": about}, sent)

    def act(self, user, data):
        revision = Revision.objects.filter(topic=self.topic, pk=data.pop("revision")).first()
        if revision is None:
            raise Invalid("This revision is not one of the topic. Load the page again.")
        given = verdicts.give(revision, user, **data)
        if given.verdict == Verdict.APPROVE:
            return f"You approved revision {revision.number} of “{self.topic}”."
        return f"You requested changes to revision {revision.number} of “{self.topic}”."


class Publish(Step):
    name = "publish"
    label = "Publish"
    permission = "topics.publish_topic"
    form_class = desk_forms.PublishOrScheduleForm
    template = "admin/topics/publish.html"
    intro = "Readers, partners and search engines get this text as a new, permanent edition."

    def initial(self, user):
        return {"faults": readiness.to_be_mended(self.topic)}

    def context(self, user, asked):
        latest = self.topic.revisions.last()
        return {
            **review_screen.state_of(self.topic),
            "refusal": readiness.refusal(self.topic),
            "revision": latest,
            "scheduled": scheduling.waiting_of(self.topic),
            "published": publishing.current_edition(self.topic),
            "reviews": reading.verdicts_on(latest) if latest else [],
        }

    def act(self, user, data):
        note, at = data["change_note"], data["publish_at"]
        if at:
            made = scheduling.schedule(self.topic, actor=user, change_note=note, due_at=at)
            return f"“{self.topic}” will be published on {told(made.due_at)}."
        edition = publishing.publish(self.topic, publisher=user, change_note=note)
        return f"Edition {edition.number} of “{self.topic}” is published."


class Unschedule(Step):
    name = "unschedule"
    label = "Cancel the scheduled publication"
    permission = "topics.publish_topic"
    form_class = desk_forms.NothingForm
    intro = "The text stays approved. It can be published at once, or at another time."
    is_quiet = True

    def act(self, user, data):
        waiting = scheduling.waiting_of(self.topic)
        if waiting is None:
            raise NothingToDo("No publication is scheduled any more.")
        scheduling.cancel(waiting, actor=user)
        return f"“{self.topic}” will not be published at the time that was set."


class Assign(Step):
    name = "assign"
    label = "Assign"
    permission = "topics.add_assignment"
    form_class = desk_forms.AssignForm
    intro = "It stands in the list of who is asked until it is done, and an email tells of it."
    is_quiet = True

    def act(self, user, data):
        assigning.assign(self.topic, actor=user, **data)
        return f"{publishing.name_of(data['assignee'])} was asked."


class Withdraw(Step):
    name = "withdraw"
    label = "Withdraw"
    permission = "topics.withdraw_topic"
    form_class = forms.WithdrawForm
    template = "admin/topics/withdraw.html"
    intro = "The topic's address will answer “gone” with your reason. The draft stays as it is."
    is_danger = True

    def context(self, user, asked):
        return {"leading": listings.leading_to(self.topic)}

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


STEPS = {step.name: step for step in (Submit, Review, Publish, Unschedule, Assign, Withdraw)}


def told(moment) -> str:
    """Return a time in words, with the name of the portal's time zone."""
    return date_format(timezone.localtime(moment), "j F Y, H:i e")
