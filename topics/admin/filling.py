"""The page that sets a publication beside what a registry has, to take over what is better."""

import hashlib
import json

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from references.models import Reference
from references.reference_form import ReferenceForm
from references.registries.client import Session
from references.registries.looking_up import look_up
from references.registries.recognising import EXAMPLES, Identifier, recognise
from topics.admin.fields import ThemedForm
from topics.library import filling
from topics.library.by_identifier import SECONDS

SALT = "topics.admin.filling"
LOST = "What was found was lost on its way, or the publication was changed meanwhile. Look again."


class IdentifierForm(ThemedForm, forms.Form):
    """The identifier by which a publication is looked up."""

    identifier = forms.CharField(max_length=500, help_text=f"For example {EXAMPLES}.")

    def clean_identifier(self) -> Identifier:
        return recognise(self.cleaned_data["identifier"])


class FillsFromRegistry:
    """An admin of publications whose words can be taken from a registry, field by field."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.fill_view)
        fill = path("<int:pk>/fill/", view, name="references_reference_fill")
        return [fill, *super().get_urls()]

    def fill_view(self, request, pk):
        reference = get_object_or_404(Reference, pk=pk)
        if not self.has_change_permission(request, reference):
            raise PermissionDenied("You may not change references.")
        step = request.POST.get("step") if request.method == "POST" else ""
        steps = {"look-up": self._set_beside, "take": self._take}
        return steps.get(step, self._ask_which)(request, reference)

    def _ask_which(self, request, reference):
        known = reference.doi or reference.pmid or reference.pmcid or ""
        form = IdentifierForm(initial={"identifier": known})
        return self._fill_page(request, reference, {"form": form})

    def _set_beside(self, request, reference):
        form = IdentifierForm(request.POST)
        if not form.is_valid():
            return self._fill_page(request, reference, {"form": form})
        identifier = form.cleaned_data["identifier"]
        found = look_up([identifier], Session(SECONDS))[identifier]
        if found.item is None:
            form.add_error("identifier", found.fault)
            return self._fill_page(request, reference, {"form": form})
        return self._show_beside(request, reference, identifier, found.item)

    def _show_beside(self, request, reference, identifier: Identifier, item: dict):
        page = {
            "identifier": identifier,
            "registry": item["custom"]["registry"],
            "rows": filling.differences(reference, item),
            "is_another": filling.is_another(reference, item),
            "found": signing.dumps([_digest(reference), item], salt=SALT, compress=True),
        }
        return self._fill_page(request, reference, page)

    @transaction.atomic
    def _take(self, request, reference):
        reference = Reference.objects.select_for_update().get(pk=reference.pk)
        try:
            was, item = signing.loads(request.POST.get("found", ""), salt=SALT)
        except signing.BadSignature:
            was, item = "", {}
        if was != _digest(reference):
            messages.error(request, LOST)
            return HttpResponseRedirect(request.path)
        return self._taken(request, reference, item, request.POST.getlist("field"))

    def _taken(self, request, reference, item: dict, names: list[str]):
        url = reverse("admin:references_reference_change", args=[reference.pk])
        labels = [row.label for row in filling.differences(reference, item) if row.name in names]
        if not labels:
            messages.warning(request, "Nothing was chosen, so nothing was changed.")
            return HttpResponseRedirect(url)
        new, study_type = filling.taken(reference, item, names)
        data = {"key": reference.key, "study_type": study_type, "csl": json.dumps(new)}
        form = ReferenceForm(data, instance=reference)
        if not form.is_valid():
            return self._refused(request, reference, form)
        self.save_model(request, form.save(commit=False), form, True)
        source = item["custom"]["registry"]["name"]
        self.log_change(request, reference, f"Taken from {source}: {', '.join(labels)}.")
        messages.success(request, f"Taken from {source}: {', '.join(labels)}.")
        return HttpResponseRedirect(url)

    def _refused(self, request, reference, form):
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
        return HttpResponseRedirect(request.path)

    def _fill_page(self, request, reference, context: dict):
        request.current_app = self.admin_site.name
        page = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Fill from a registry: {reference.key}",
            "media": self.media,
            "reference": reference,
            "original": reference,
            "page_url": request.path,
        }
        return TemplateResponse(request, "admin/references/fill.html", page | context)


def _digest(reference: Reference) -> str:
    """Return by what it is seen that a publication is the one that was shown."""
    text = json.dumps([reference.pk, reference.study_type, reference.csl], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
