"""Forms of the review desk: who is asked, what is said, who may read a draft, when it is public."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanWidget

from topics import checking, publishing
from topics.admin.fields import TextLines, ThemedForm
from topics.admin.forms import PublishForm, ReviewForm
from topics.choices import TaskKind, Verdict
from topics.desk import assigning, discussing, draftlinks, readiness
from topics.models.desk import LONGEST_LINK

UNCONFIRMED = "Mend each of these, or confirm that it may stay."


class PersonField(forms.ModelChoiceField):
    """One of the team, by name."""

    def __init__(self, **options):
        super().__init__(queryset=get_user_model().objects.none(), **options)

    def label_from_instance(self, obj):
        return publishing.name_of(obj)


class SubmitForm(ThemedForm, forms.Form):
    note = forms.CharField(label="Note for the reviewer", required=False, widget=TextLines)
    reviewer = PersonField(
        label="Who shall review it", required=False, empty_label="Whoever is free",
        help_text="Somebody who did not write part of this text.",
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = assigning.people_for(TaskKind.REVIEW)


class AssignForm(ThemedForm, forms.Form):
    """What somebody of the team is asked to do with a topic."""

    task = forms.ChoiceField(label="What", choices=TaskKind, initial=TaskKind.UPDATE)
    assignee = PersonField(label="Who")
    note = forms.CharField(
        required=False, widget=TextLines, help_text="For the one who is asked, by email too."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = {person.pk for task in TaskKind for person in assigning.people_for(task)}
        everybody = get_user_model().objects.filter(pk__in=people)
        self.fields["assignee"].queryset = everybody.order_by("last_name", "first_name")


class RemarkForm(ThemedForm, forms.Form):
    """A remark on a text that was on the page, or on one of its statements."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    about = forms.ChoiceField(required=False)
    text = forms.CharField(
        label="Your remark", max_length=discussing.LONGEST, widget=TextLines,
        help_text="For the team; readers never see it. It stays, also when it is resolved.",
    )  # fmt: skip

    prefix = "remark"

    def __init__(self, revision, *args, of: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        if of:
            self.belong_to(of)
        self.fields["revision"].initial = revision.pk
        said = discussing.statements_of(revision)
        choices = [(each["anchor"], checking.shortened(each["text"], 100)) for each in said]
        self.fields["about"].choices = [("", "The whole text"), *choices]

    def belong_to(self, of: str) -> None:
        """Let the fields be sent with another form, known by its id, which needs none of them."""
        for field in self.fields.values():
            field.widget.attrs["form"] = of
        self.fields["text"].required = False


class DraftLinkForm(ThemedForm, forms.Form):
    """For whom a link to a draft is, and for how long."""

    recipient = forms.CharField(
        label="For whom", max_length=150, help_text="Name of the person who will read the draft."
    )
    days = forms.IntegerField(
        label="For how many days", min_value=1, max_value=LONGEST_LINK.days,
        initial=draftlinks.USUAL_DAYS, help_text=f"At most {LONGEST_LINK.days}.",
    )  # fmt: skip
    shows = forms.ChoiceField(
        label="What it shows", widget=forms.RadioSelect, initial="this",
        choices=[("this", "The text as it is now"), ("latest", "Whatever the latest text is")],
    )  # fmt: skip


class MailForm(ThemedForm, forms.Form):
    wants_mails = forms.BooleanField(label="Send me emails", required=False)


class VerdictForm(ReviewForm):
    """The verdict. Where nothing of a text was ever reviewed, whoever approves it has read all."""

    whole_text = forms.BooleanField(
        label="I have read the whole text, not only the changes", required=False,
        widget=UnfoldBooleanWidget,
        help_text="Needed to approve it: no clinician reviewed any of it before.",
    )  # fmt: skip

    # Its id on the page.
    NAME = "verdict-form"
    # What the page says above it: the words were kept by the browser, or were of an older text.
    is_kept = False
    read = None

    field_order = ("revision", "verdict", "whole_text", "comment", "interests")

    def __init__(self, *args, remark: RemarkForm | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.remark = remark
        if not self.initial.get("is_whole_text_new"):
            del self.fields["whole_text"]

    def clean(self):
        super().clean()
        approves = self.cleaned_data.get("verdict") == Verdict.APPROVE
        if approves and "whole_text" in self.fields and not self.cleaned_data["whole_text"]:
            self.add_error("whole_text", "Read the whole text, then say so here.")
        if self.remark and self.remark.is_bound and self.remark.is_valid():
            self.cleaned_data["remark"] = self.remark.cleaned_data

    def is_valid(self):
        is_refused = self.remark and self.remark.is_bound and not self.remark.is_valid()
        return super().is_valid() and not is_refused


class KnowingPublishForm(PublishForm):
    """Publishing, although something should be mended: each such thing is ticked by itself.

    `faults`, among what the form begins with, are these things. One that came up since the form
    was opened is not among what was ticked, so the form is shown again with it.
    """

    although = forms.MultipleChoiceField(
        label="Publish although", widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Each of these should be mended first. Tick what may stay for now.",
        error_messages={"invalid_choice": "This list has changed since. Read it again."},
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if faults := self.initial.get("faults"):
            choices = [(readiness.digest(fault), fault) for fault in dict.fromkeys(faults)]
            self.fields["although"].choices = choices
            self.fields["although"].error_messages["required"] = UNCONFIRMED
        else:
            del self.fields["although"]

    def clean_although(self):
        ticked = self.cleaned_data["although"]
        if len(set(ticked)) < len(self.fields["although"].choices):
            raise forms.ValidationError(UNCONFIRMED)
        return ticked


class PublishOrScheduleForm(KnowingPublishForm):
    """When a text is to be published: at once, or at a time."""

    field_order = ("change_note", "publish_at", "although")
    publish_at = forms.DateTimeField(
        label="Publish at a set time", required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()
        now = f"{timezone.localtime():%Y-%m-%d %H:%M}"
        # The browser tells what that is in its own time (static/admin/own_time.js).
        self.fields["publish_at"].widget.attrs["data-own-time"] = zone
        self.fields[
            "publish_at"
        ].help_text = (
            f"Leave it empty to publish at once. Times are in {zone}, where it is {now} now."
        )


class NothingForm(ThemedForm, forms.Form):
    """A step that asks for nothing but to be confirmed."""
