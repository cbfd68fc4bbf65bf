"""The admin of publications and partners.

`topics.admin` registers these classes, since what they change shows on topic pages and is logged
there, and this app knows nothing of topics.
"""

from django.contrib import admin, messages
from django.db import models
from django.template.loader import render_to_string
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from references import by_hand
from references.reference_form import ReferenceForm


class ReferenceAdmin(ModelAdmin):
    form = ReferenceForm
    list_display = ("key", "authors", "year", "title", "study_type", "status", "checked_on")
    list_filter = ("status", "study_type", ("checked_on", admin.EmptyFieldListFilter), "year")
    search_fields = ("key", "title", "authors", "doi", "pmid")

    FIELDSETS = (
        (None, {"fields": ("key", "study_type", "item_type", "item_title", "item_author",
                           "item_editor")}),
        ("Where it appeared", {"fields": (
            "item_container", "item_short", "item_issued", ("item_volume", "item_issue"),
            "item_page", "item_publisher")}),
        ("Where it is found", {"fields": (
            ("item_doi", "item_pmid"), ("item_pmcid", "item_isbn"), "item_url", "item_language")}),
        ("Abstract", {"fields": ("item_abstract", "item_license")}),
        ("All of it, as CSL-JSON", {"classes": ("collapse",), "fields": ("csl", "was")}),
    )  # fmt: skip
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
        is_read_only = obj and not self.has_change_permission(request, obj)
        for_readers = [(None, {"fields": ("key", "study_type", "csl")})]
        fieldsets = for_readers if is_read_only else list(self.FIELDSETS)
        if obj:
            fieldsets.append(("Status", {"fields": self.STATUS}))
            fieldsets.append(("As it is read from the CSL-JSON", {"fields": self.READ_FROM_CSL}))
        return fieldsets

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        # One of them is missing in many good ones, as the authors of a page of the web.
        if len(lacking := by_hand.lacking(obj.csl)) > 1:
            words = f"“{obj.key}” has neither {' nor '.join(lacking)}: nobody will find it again."
            messages.warning(request, words)


class PartnerAdmin(ModelAdmin):
    list_display = ("name", "kind", "url", "contact")
    list_filter = ("kind",)
    search_fields = ("name", "url")
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = {
        models.TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 4})},
        models.URLField: {"assume_scheme": "https"},
    }
