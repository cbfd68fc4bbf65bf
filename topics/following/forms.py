"""The form that asks to follow something."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from topics.choices import Area, Frequency
from topics.following import subjects
from topics.following.subjects import Subject

TOPIC, EVERYTHING = "topic", "everything"


class FollowForm(forms.Form):
    """What to follow, how often to be told, and the address.

    `topic` and `area` are what the form was opened for.
    """

    what = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you want to follow.")},
    )
    frequency = forms.ChoiceField(
        choices=Frequency,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often you want to hear.")},
    )
    email = forms.EmailField(
        max_length=254,
        error_messages={
            "required": _("Give the address that emails should go to."),
            "invalid": _("This is not an email address. One looks like name@hospital.org."),
            "max_length": _("This is too long for an email address."),
        },
    )
    # No person sees this field; programs that fill in whatever they find give themselves away.
    website = forms.CharField(required=False)

    def __init__(self, *args, topic: Subject | None = None, area: str = "", **options):
        self.feed = (topic or (subjects.of_area(area) if area else subjects.EVERYTHING)).feed
        first = TOPIC if topic else area or EVERYTHING
        initial = {"what": first, "frequency": Frequency.AT_ONCE}
        super().__init__(*args, initial=initial, **options)
        self.topic = topic
        self.fields["what"].choices = [
            *([(TOPIC, _topic_label(topic))] if topic else []),
            *((each.value, gettext("Area: {area}").format(area=each.label)) for each in Area),
            (EVERYTHING, gettext("Everything")),
        ]

    @property
    def subject(self) -> Subject:
        """What is to be followed, once the form is valid."""
        what = self.cleaned_data["what"]
        if what == TOPIC:
            return self.topic
        return subjects.EVERYTHING if what == EVERYTHING else subjects.of_area(what)

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data["website"])


def _topic_label(topic: Subject) -> str:
    # Translators: `topic` is the title of a topic in quotation marks.
    return format_html(gettext("The topic {topic}"), topic=topic.html)
