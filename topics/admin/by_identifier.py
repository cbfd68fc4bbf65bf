"""The page that brings publications into the library by their identifiers: shown, then added.

What was found travels with the page, so that what is added is what was shown, and no registry is
asked again.
"""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from references import csl
from references.formats import Record
from references.importing import Line
from references.registries.recognising import EXAMPLES
from topics.admin.fields import TextLines, ThemedForm
from topics.library import by_identifier
from topics.library.by_identifier import MOST, Wanted

SALT = "topics.admin.by_identifier"


class IdentifiersForm(ThemedForm, forms.Form):
    """Identifiers, one on each line."""

    identifiers = forms.CharField(
        widget=TextLines({"rows": 10}), max_length=20_000,
        help_text=f"One on each line, up to {MOST}, also as an address of the web: {EXAMPLES}.",
    )  # fmt: skip

    def clean_identifiers(self) -> list[Wanted]:
        wanted = by_identifier.wanted_of(self.cleaned_data["identifiers"])
        if len(wanted) > MOST:
            raise forms.ValidationError(
                f"These are {len(wanted)} lines; {MOST} can be looked up at once. "
                "Do it in parts, or with manage.py add_references."
            )
        return wanted


class AddsByIdentifier:
    """An admin of publications with a page that looks them up."""

    @action(description="Add by identifier", url_path="by-identifier", permissions=["add"])
    def add_by_identifier(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied("You may not add references.")
        step = request.POST.get("step") if request.method == "POST" else ""
        steps = {
            "look-up": self._look_up_identifiers,
            "change": self._change_identifiers,
            "add": self._add_found,
        }
        return steps.get(step, self._ask_for_identifiers)(request)

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        if item := by_identifier.by_hand(initial.pop("identifier", "")):
            initial["csl"] = item
        return initial

    def _ask_for_identifiers(self, request):
        return self._identifiers_page(request, {"form": IdentifiersForm()})

    def _change_identifiers(self, request):
        again = {"identifiers": request.POST.get("identifiers", "")}
        return self._identifiers_page(request, {"form": IdentifiersForm(initial=again)})

    def _look_up_identifiers(self, request):
        form = IdentifiersForm(request.POST)
        if not form.is_valid():
            return self._identifiers_page(request, {"form": form})
        records = by_identifier.records(form.cleaned_data["identifiers"])
        lines: list[Line] = []
        report = by_identifier.run(
            records, actor=request.user, is_dry=True,
            told=lambda _, batch: lines.extend(batch.lines),
        )  # fmt: skip
        page = {"report": report, "rows": _rows(lines, records), "again": form.data["identifiers"]}
        page["found"] = _packed(records) if report.new else ""
        return self._identifiers_page(request, page)

    def _add_found(self, request):
        try:
            records = _unpacked(request.POST.get("found", ""))
        except signing.BadSignature:
            messages.error(request, "What was found was lost on its way. Look it up again.")
            return HttpResponseRedirect(request.path)
        report = by_identifier.run(records, actor=request.user)
        told = messages.warning if report.refused else messages.success
        told(request, str(report))
        return HttpResponseRedirect(self._list_url())

    def _identifiers_page(self, request, context: dict):
        request.current_app = self.admin_site.name
        page = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Add publications by identifier",
            "media": self.media,
            "page_url": request.path,
            "list_url": self._list_url(),
            "empty_url": reverse("admin:references_reference_add"),
        }
        return TemplateResponse(request, "admin/references/by_identifier.html", page | context)


def _rows(lines: list[Line], records: list[Record]) -> list[dict]:
    """Return what becomes of each line, with what a person knows a publication by."""
    return [
        {"line": line, "hand": _hand(line)} | _told(record)
        for line, record in zip(lines, records, strict=True)
    ]


def _hand(line: Line) -> str:
    """Return the address of the form for what could not be looked up, "" if that has no sense."""
    if not line.fault or not by_identifier.by_hand(line.title):
        return ""
    url = reverse("admin:references_reference_add")
    return f"{url}?{urlencode({'identifier': line.title})}"


def _told(record: Record) -> dict:
    item = record.item or {}
    if not item:
        return {}
    registry = item.get("custom", {}).get("registry", {})
    authors, source = csl.authors(item).rstrip("."), csl.source(item)
    return {"authors": authors, "source": source, "registry": registry}


def _packed(records: list[Record]) -> str:
    # What was not found is not to be told of a second time.
    found = [[record.place, record.item] for record in records if record.item]
    return signing.dumps(found, salt=SALT, compress=True)


def _unpacked(packed: str) -> list[Record]:
    return [Record(place, item) for place, item in signing.loads(packed, salt=SALT)]
