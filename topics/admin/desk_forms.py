"""Forms of the review desk: who is asked, what is said, who may read a draft, when it is public."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone

from topics import assigning, checking, discussing, draftlinks, publishing
from topics.admin.fields import TextLines, ThemedForm
from topics.admin.forms import PublishForm
from topics.choices import TaskKind
from topics.models.desk import LONGEST_LINK


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

    def __init__(self, revision, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = revision.pk
        said = discussing.statements_of(revision)
        choices = [(each["anchor"], checking.shortened(each["text"], 100)) for each in said]
        self.fields["about"].choices = [("", "The whole text"), *choices]


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


class PublishOrScheduleForm(PublishForm):
    """When a text is to be published: at once, or at a time."""

    publish_at = forms.DateTimeField(
        label="Publish at a set time", required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()
        now = f"{timezone.localtime():%Y-%m-%d %H:%M}"
        self.fields[
            "publish_at"
        ].help_text = (
            f"Leave it empty to publish at once. Times are in {zone}, where it is {now} now."
        )


class NothingForm(ThemedForm, forms.Form):
    """A step that asks for nothing but to be confirmed."""
