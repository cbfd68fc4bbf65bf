"""The form of a publication: fields for what most of them have, and the CSL-JSON for all of it."""

import json

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from references import by_hand, shapes
from references.formats.csl_json import unlisted
from references.identifiers import normalise_doi, normalise_pmcid, normalise_pmid
from references.models import Reference, StudyType

PREFIX = "item_"
CHOOSE = ("", "Choose …")
IDENTIFIERS = {"doi": normalise_doi, "pmid": normalise_pmid, "pmcid": normalise_pmcid}


class PrettyJSON(json.JSONEncoder):
    """Indented, and with letters of all languages as they are."""

    def __init__(self, **options):
        super().__init__(**options | {"indent": 2, "ensure_ascii": False})


class Lines(UnfoldAdminTextareaWidget):
    """Text of several lines, in which browsers send line ends of their own."""

    template_name = forms.Textarea.template_name

    def value_from_datadict(self, data, files, name):
        text = super().value_from_datadict(data, files, name)
        return text.replace("\r\n", "\n") if text else text


def _line(label: str, help_text: str = "", **attrs) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs)
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


def _lines(label: str, help_text: str, rows: int) -> forms.CharField:
    widget = Lines({"rows": rows, "cols": 100})
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


class ReferenceForm(forms.ModelForm):
    """A publication. What was changed in a field is written into the CSL-JSON, all else stays."""

    item_type = forms.ChoiceField(
        label="Kind of publication", required=False, widget=UnfoldAdminSelectWidget,
        choices=[CHOOSE, *by_hand.KINDS.items()],
    )  # fmt: skip
    item_title = _lines("Title", "", 2)
    item_author = _lines(
        "Authors",
        "One on each line: “Family, Given”, an institution by its name alone (in quotation marks "
        "if there is a comma in it). A last line “et al.” says that there are more.",
        4,
    )
    item_editor = _lines("Editors", "Of a book, in the same way.", 2)
    item_container = _line("Journal or book", "In full: Bone Marrow Transplantation.")
    item_short = _line("Its abbreviation", "Bone Marrow Transplant.")
    item_issued = _line("Date of publication", "2013, 2013-08 or 2013-08-23.")
    item_volume = _line("Volume")
    item_issue = _line("Issue")
    item_page = _line("Pages", "690-694, or e12345.")
    item_publisher = _line("Publisher")
    item_doi = _line("DOI")
    item_pmid = _line("PMID")
    item_pmcid = _line("PMCID")
    item_isbn = _line("ISBN")
    item_url = _line("Address", "Of a publication that has no DOI and is not in PubMed.")
    item_language = _line("Language", "As a code: en, de, fr.")
    item_abstract = _lines(
        "Abstract", "Readers see it only if the license below is one that allows it.", 6
    )
    item_license = _line(
        "License of the abstract",
        "CC-BY-4.0, CC0-1.0, public-domain. Only if you know it: that a registry hands an "
        "abstract out allows nobody to publish it.",
    )
    csl = forms.JSONField(
        label="All of it, as CSL-JSON", encoder=PrettyJSON, required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 24, "cols": 100, "class": "markdown"}),
        help_text="For those who know it. It holds all that stands above, and what no field above "
        "has room for. Change a thing here or above, not in both.",
    )  # fmt: skip
    # What the page showed: by it is seen where something was changed.
    was = forms.JSONField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Reference
        fields = ("key", "study_type", "csl")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk and "study_type" not in (kwargs.get("initial") or {}):
            self.initial["study_type"] = ""
        if "study_type" in self.fields:
            self.fields["study_type"].choices = [CHOOSE, *StudyType.choices]
        item = self.initial.get("csl") or {}
        self.initial |= {"csl": item, "was": item}
        for name, words in by_hand.fields_of(item).items():
            self.initial[f"{PREFIX}{name}"] = words
        if "item_type" in self.fields and (kind := item.get("type")) not in (None, *by_hand.KINDS):
            # It was chosen by somebody who knows CSL.
            self.fields["item_type"].choices += [(kind, kind)]

    def clean_csl(self):
        item = self.cleaned_data["csl"]
        # An empty text, and the empty object, are nothing.
        item = {} if item in (None, "", [], {}) else item
        if "\\u0000" in json.dumps(item):
            raise ValidationError("The text holds a character that cannot be kept (U+0000).")
        if isinstance(item, dict):
            item = unlisted(item)
        if found := shapes.faults(item):
            raise ValidationError(found)
        return item

    def _get_validation_exclusions(self):
        # What the model would say once more, and not at the field where it was written.
        return super()._get_validation_exclusions() | {"csl"}

    def clean(self):
        cleaned = super().clean()
        if isinstance(cleaned.get("csl"), dict):
            self._write_fields(cleaned)
        if not self.errors:
            self._check(cleaned)
        return cleaned

    def _write_fields(self, cleaned: dict) -> None:
        """Write into the CSL-JSON what was changed in a field."""
        was = cleaned.get("was") if isinstance(cleaned.get("was"), dict) else {}
        was = by_hand.fields_of(was or self.instance.csl or {})
        told = by_hand.fields_of(cleaned["csl"])
        for name, part in by_hand.PARTS.items():
            field = f"{PREFIX}{name}"
            words = str(cleaned.get(field) or "").strip()
            if self.add_prefix(field) not in self.data or words in (was[name], told[name]):
                continue
            try:
                if told[name] != was[name]:
                    raise ValidationError(
                        "This was changed here and, in another way, in the CSL-JSON below."
                    )
                cleaned["csl"] = part.write(cleaned["csl"], words)
            except ValidationError as error:
                self.add_error(field, error)

    def _check(self, cleaned: dict) -> None:
        """Say what the library cannot keep, at the field where it was written."""
        item = cleaned["csl"]
        if not str(item.get("title") or "").strip():
            field = f"{PREFIX}title"
            self.add_error(field if field in self.data else "csl", "It needs a title.")
        for name, normalise in IDENTIFIERS.items():
            try:
                value = normalise(item.get(name.upper()))
            except ValidationError as error:
                self.add_error(self._place_of(name, item), error)
                continue
            if name != "pmcid" and (other := self._double(name, value)):
                words = f"The library has this {name.upper()} already, as {other.key}."
                self.add_error(self._place_of(name, item), words)
        if not self.errors:
            self._read(cleaned)

    def _read(self, cleaned: dict) -> None:
        found = Reference(key=cleaned.get("key") or self.instance.key, csl=cleaned["csl"])
        try:
            found.read_csl()
        except ValidationError as error:
            self.add_error(self._place_of("url", cleaned["csl"]), error.messages)

    def _place_of(self, name: str, item: dict) -> str:
        """Return the field in which a word stands that is wrong: its own, else the CSL-JSON."""
        field = f"{PREFIX}{name}"
        words = self.data.get(self.add_prefix(field), "").strip()
        return field if words and words == by_hand.fields_of(item)[name] else "csl"

    def _double(self, name: str, value: str | None) -> Reference | None:
        if not value or self.instance.merged_into_id:
            # Its numbers may be those of the one that is kept.
            return None
        others = Reference.objects.listed().exclude(pk=self.instance.pk)
        return others.filter(**{name: value}).first()
