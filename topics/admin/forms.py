"""Forms of the admin: what is wrong is said at the field, before anything is saved."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max

from topics import interests, writing
from topics.admin.checks import section_faults
from topics.admin.fields import CHOOSE, TextLines, ThemedForm, remember
from topics.choices import Verdict
from topics.desk import preview
from topics.models import Topic

CITES_NOTHING = "Without a publication readers see “uncited” at this row."
IS_UNCITED = "This row cites nothing: readers see “uncited” at it."


class TopicForm(ThemedForm, forms.ModelForm):
    """A topic's own fields, and a word on what was changed."""

    seen_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    revision_note = forms.CharField(
        label="What did you change?", required=False, widget=TextLines,
        help_text="For the other editors and the reviewer. It stands in the topic's history.",
    )  # fmt: skip

    # What publishing said against the same form a moment ago, and what keeps it from being saved
    # without being a fault; set by the admin.
    refusal = notice = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen_revision"].initial = latest_number(self.instance)
        if partners := self.fields.get("partners"):
            # They are no part of a revision: what the form was opened with tells whether they
            # were changed in it, or by somebody else meanwhile.
            partners.show_hidden_initial = True

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
            raise ValidationError("Use lower-case letters, digits and single hyphens between them.")
        return slug

    def clean(self):
        super().clean()
        self._keep_orders()
        if self.refusal:
            raise ValidationError(self.refusal)
        if self.instance.pk:
            # Locked until the end of the request, so that of two people who save at once the
            # second one comes here after the first one has saved.
            Topic.objects.select_for_update().get(pk=self.instance.pk)

    def _keep_orders(self):
        """Leave what is ticked already in its order: browsers send that of the boxes."""
        for name, field in self.fields.items():
            before = self.initial.get(name)
            if isinstance(field, forms.MultipleChoiceField) and before:
                chosen = self.cleaned_data.get(name, [])
                kept = [value for value in before if value in chosen]
                self.cleaned_data[name] = kept + [one for one in chosen if one not in kept]

    @property
    def seen(self) -> int:
        """The revision that the form was opened with: see conflicts.py."""
        sent = self.data.get("seen_revision", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def latest_number(topic: Topic) -> int:
    """Return the number of a topic's latest revision, 0 if it has none."""
    numbers = topic.revisions.order_by("-number").values_list("number", flat=True)
    return numbers.first() or 0


class RowForm(ThemedForm, forms.ModelForm):
    """A row of a topic. Left without a place, it comes last."""

    # What a default would claim without anybody having looked.
    TO_BE_CHOSEN = ("match", "confidence")

    position = forms.IntegerField(
        label="Place", required=False, min_value=0, max_value=32767,
        widget=forms.NumberInput(attrs={"class": "row-position"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "references" in self.fields:
            self.fields["references"].help_text = CITES_NOTHING
        if self.instance.pk:
            self._remember_links()
            self._tell_if_uncited()
        else:
            self._choose_nothing()

    def _choose_nothing(self):
        for name in self.fields.keys() & set(self.TO_BE_CHOSEN):
            self.fields[name].choices = [*CHOOSE, *self.fields[name].choices]
            self.initial[name] = ""
        if "verified" in self.fields:
            self.initial["verified"] = False

    def _tell_if_uncited(self):
        """Say so at the first field: the publications are folded away below."""
        if "references" not in self.fields or self.initial.get("references"):
            return
        first = next(name for name in self.fields if name != "position")
        said = self.fields[first].help_text
        self.fields[first].help_text = " ".join(filter(None, [str(said), IS_UNCITED]))

    def _remember_links(self):
        for name, field in self.fields.items():
            if not isinstance(field, forms.ModelChoiceField):
                continue
            linked = getattr(self.instance, name)
            remember(field, linked.all() if hasattr(linked, "all") else [linked])


class RowFormSet(forms.BaseInlineFormSet):
    """The rows of one table of a topic."""

    def clean(self):
        super().clean()
        placed = self.kept_forms()
        rows = self.model._default_manager.filter(**{self.fk.name: self.instance.pk})
        last = rows.aggregate(last=Max("position"))["last"] or 0
        last = max([last, *(form.instance.position or 0 for form in placed)])
        for form in placed:
            if form.cleaned_data.get("position") is None:
                last += 1
                form.instance.position = last

    def kept_forms(self) -> list[forms.ModelForm]:
        """Return the forms that will still be rows after saving, those with faults left out."""
        return [form for form in self.forms if not form.errors and self._is_kept(form)]

    def _is_kept(self, form) -> bool:
        is_gone = self.can_delete and self._should_delete_form(form)
        return not is_gone and bool(form.instance.pk or form.has_changed())


class SectionForm(RowForm):
    """A section, of a length that can be read while somebody waits.

    Names that its statements would have anyway are not shown, and not lost by that.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "body" in self.fields:
            self.initial["body"] = writing.without_needless_names(self.instance.body)

    def clean_body(self):
        body = self.cleaned_data["body"]
        if fault := preview.too_long(body):
            raise ValidationError(fault)
        return self.instance.body if body == self.initial.get("body") else body


class SectionFormSet(RowFormSet):
    """The sections, checked against each other and against the library."""

    def clean(self):
        super().clean()
        forms = [form for form in self.forms if self._is_kept(form)]
        sections = [{"heading": f.instance.heading, "body": _typed_body(f)} for f in forms]
        for place, messages in section_faults(sections).items():
            forms[place].add_error("body", messages)


def _typed_body(form: SectionForm) -> str:
    """Return the text of a section as it was typed, also if it has faults."""
    body = form.cleaned_data.get("body") or (form["body"].data or "").replace("\r\n", "\n")
    return "" if preview.too_long(body) else body


class ReviewForm(ThemedForm, forms.Form):
    """The verdict, bound to the very revision that was on the page."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=Verdict, widget=forms.RadioSelect)
    comment = forms.CharField(
        required=False, widget=TextLines,
        help_text="Needed if you request changes: what should be changed?",
    )  # fmt: skip
    interests = forms.CharField(
        label="Declared interests", widget=TextLines,
        help_text="Readers see them with the edition. Write “none” if there are none.",
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        told = interests.told(self.initial.get("declared"))
        self.fields["interests"].help_text += f" {told}"

    def clean(self):
        super().clean()
        changes = self.cleaned_data.get("verdict") == Verdict.REQUEST_CHANGES
        if changes and not self.cleaned_data.get("comment"):
            self.add_error("comment", "Say what should be changed.")


class PublishForm(ThemedForm, forms.Form):
    change_note = forms.CharField(widget=TextLines, help_text="What changed, in words for readers.")


class WithdrawForm(ThemedForm, forms.Form):
    reason = forms.CharField(
        widget=TextLines,
        help_text="Readers see it at the topic's address instead of the text.",
    )


class RestoreForm(ThemedForm, forms.Form):
    note = forms.CharField(
        label="Why", required=False, widget=TextLines,
        help_text="For the other editors.",
    )  # fmt: skip
