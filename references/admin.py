"""The admin of publications and partners.

`topics.admin` registers these classes, since what they change shows on topic pages and is logged
there, and this app knows nothing of topics.
"""

import json

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.template.loader import render_to_string
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from references.models import Reference


class PrettyJSON(json.JSONEncoder):
    """Indented, and with letters of all languages as they are."""

    def __init__(self, **options):
        super().__init__(**options | {"indent": 2, "ensure_ascii": False})


class ReferenceForm(forms.ModelForm):
    """A publication as CSL-JSON. What is unreadable in it is said at the field."""

    csl = forms.JSONField(
        label="CSL-JSON", encoder=PrettyJSON,
        widget=UnfoldAdminTextareaWidget({"rows": 24, "cols": 100, "class": "markdown"}),
        help_text="The publication as a CSL-JSON object. Title, authors, year, DOI and PMID are "
        "read from it.",
    )  # fmt: skip

    class Meta:
        model = Reference
        fields = ("key", "study_type", "csl")

    def clean_csl(self):
        item = self.cleaned_data["csl"]
        if "\\u0000" in json.dumps(item):
            raise ValidationError("The text holds a character that cannot be kept (U+0000).")
        found = Reference(key=self.cleaned_data.get("key") or self.instance.key, csl=item)
        try:
            found.read_csl()
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ValidationError(f"This is not CSL-JSON: {error}") from error
        self._refuse_double("doi", found.doi)
        self._refuse_double("pmid", found.pmid)
        return item

    def _refuse_double(self, name: str, value: str | None) -> None:
        others = Reference.objects.listed().exclude(pk=self.instance.pk)
        if self.instance.merged_into_id:
            # Its numbers may be those of the one that is kept.
            return
        if value and (other := others.filter(**{name: value}).first()):
            raise ValidationError(f"The library has this {name.upper()} already, as {other.key}.")


class ReferenceAdmin(ModelAdmin):
    form = ReferenceForm
    list_display = ("key", "authors", "year", "title", "study_type", "status", "checked_on")
    list_filter = ("status", "study_type", ("checked_on", admin.EmptyFieldListFilter), "year")
    search_fields = ("key", "title", "authors", "doi", "pmid")
    fields = ("key", "study_type", "csl")

    READ_FROM_CSL = ("title", "authors", "container", "year", "doi", "pmid", "pmcid")
    STATUS = ("status", "status_on", "status_notice", "status_source", "checked_on", "notices")

    def get_readonly_fields(self, request, obj=None):
        # Texts cite the key: another one would break each citation.
        return ("key", *self.READ_FROM_CSL, *self.STATUS) if obj else ()

    @admin.display(description="all notices")
    def notices(self, reference):
        """All that was told of a publication, which nobody can change any more."""
        return render_to_string("admin/references/notices.html", {"notices": reference.history})

    def get_fieldsets(self, request, obj=None):
        fieldsets = [(None, {"fields": self.fields})]
        if obj:
            fieldsets.append(("Status", {"fields": self.STATUS}))
            fieldsets.append(("As it is read from the CSL-JSON", {"fields": self.READ_FROM_CSL}))
        return fieldsets


class PartnerAdmin(ModelAdmin):
    list_display = ("name", "kind", "url", "contact")
    list_filter = ("kind",)
    search_fields = ("name", "url")
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = {
        models.TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 4})},
        models.URLField: {"assume_scheme": "https"},
    }
