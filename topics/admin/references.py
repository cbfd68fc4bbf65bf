"""Publications, with what their changes mean for topics."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

import references.admin
from references.models import Reference
from references.notices.kinds import NoticeKind
from topics import listings, publishing
from topics.admin.bulk import HasTable
from topics.admin.by_identifier import AddsByIdentifier
from topics.admin.citing import cited_in
from topics.admin.duplicates import MergesDuplicates
from topics.admin.fields import TextLines, ThemedForm
from topics.admin.filling import FillsFromRegistry
from topics.admin.library_import import ImportsLibrary
from topics.bulk.library import LibraryTable
from topics.errors import PublishingError
from topics.noticing import LIFTING

SHOWN_TITLES = 5


class StatusForm(ThemedForm, forms.Form):
    """A notice about a publication, as it was found in a journal or an index."""

    kind = forms.ChoiceField(
        choices=[("", "Choose …"), *NoticeKind.choices],
        help_text="A reinstatement lifts a retraction or an expression of concern. “Recorded by "
        "mistake” takes back what editors recorded before.",
    )
    on = forms.DateField(
        label="Date of the notice", required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    words = forms.CharField(required=False, widget=TextLines, help_text="Readers see it.")
    address = forms.CharField(
        required=False, max_length=1000, help_text="Where you found it: an address or a DOI."
    )

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("kind") not in (*LIFTING, None) and "on" in data and not data["on"]:
            self.add_error("on", "Give the date of the notice.")


@admin.register(Reference)
class LibraryAdmin(
    MergesDuplicates, AddsByIdentifier, FillsFromRegistry, ImportsLibrary, HasTable,
    references.admin.ReferenceAdmin,
):  # fmt: skip
    """Publications, with the page that records a retraction or another notice."""

    bulk_table = LibraryTable
    bulk_what = "references"
    bulk_hint = (
        "A row is known by its key. Authors are written “Family, Given; Family, Given”, and an "
        "institution by its name alone; the column “other” holds as CSL-JSON what no other column "
        "can hold. Retractions are not imported: they are recorded one by one."
    )
    actions_list = (
        "add_by_identifier", "import_publications", "find_duplicates", "import_and_export",
    )  # fmt: skip
    change_form_template = "admin/references/change_form.html"
    actions = ("delete_selected",)

    def get_urls(self):
        view = self.admin_site.admin_view(self.status_view)
        status = path("<int:pk>/status/", view, name="references_reference_status")
        return [status, *super().get_urls()]

    def status_view(self, request, pk):
        reference = get_object_or_404(Reference, pk=pk)
        if not self.has_change_permission(request, reference):
            raise PermissionDenied("You may not change references.")
        form = StatusForm(request.POST or None)
        if form.is_valid() and _record(request, reference, form):
            url = reverse("admin:references_reference_change", args=[pk])
            return HttpResponseRedirect(url)
        context = {"title": f"Notice: {reference}", "form": form, "reference": reference}
        context["original"] = reference
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, "admin/references/status.html", context)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        listings.index_references([obj])

    def delete_model(self, request, obj):
        listings.unindex_references([obj.pk])
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        listings.unindex_references(list(queryset.values_list("pk", flat=True)))
        super().delete_queryset(request, queryset)

    def delete_view(self, request, object_id, extra_context=None):
        reference = self.get_object(request, object_id)
        if reference and (refusal := cannot_delete(reference)):
            messages.error(request, refusal)
            url = reverse("admin:references_reference_change", args=[reference.pk])
            return HttpResponseRedirect(url)
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description="Delete the selected references", permissions=["delete"])
    def delete_selected(self, request, queryset):
        if refusals := [refusal for found in queryset if (refusal := cannot_delete(found))]:
            self.message_user(request, " ".join(refusals), messages.ERROR)
            return None
        return delete_selected(self, request, queryset)


def cannot_delete(reference: Reference) -> str:
    """Return why a publication must stay, or nothing if it may go."""
    if titles := sorted(cited_in(reference)):
        more = len(titles) - SHOWN_TITLES
        names = ", ".join(f"“{title}”" for title in titles[:SHOWN_TITLES])
        names += f" and {more} more" if more > 0 else ""
        return f"“{reference.key}” cannot be deleted: it is cited in {names}."
    if reference.merged_into_id or reference.merged.exists():
        return f"“{reference.key}” cannot be deleted: it was merged, and both keys work for ever."
    if reference.events.exists() or reference.notices.exists():
        return f"“{reference.key}” cannot be deleted: a notice about it is part of the log."
    return ""


def _record(request, reference: Reference, form: StatusForm) -> bool:
    try:
        publishing.record_notice(reference, actor=request.user, **form.cleaned_data)
    except PublishingError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"The notice about {reference.key} was recorded. Readers see it now.")
    return True
