"""The page that brings publications of a file into the library: shown first, then imported.

Nothing that is here is changed, so what is imported is what was shown, or less if somebody else
brought it meanwhile.
"""

import base64
import io
import zlib

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget

from references import csl
from references.formats import UNDERSTOOD, Unreadable
from references.importing import Line
from topics.admin.fields import TextLines, ThemedForm
from topics.library import importing
from topics.library.importing import Report

SALT = "topics.admin.library_import"
MAX_BYTES = 5 * 1024 * 1024
# A page with more lines would take long to draw.
SHOWN = 300
TOO_LARGE = "This has more than 5 MB. Import it in parts, or with manage.py import_references."


class PublicationsForm(ThemedForm, forms.Form):
    """Publications as a file or as pasted text."""

    file = forms.FileField(
        label="File", required=False, widget=UnfoldAdminFileFieldWidget(),
        help_text=f"Up to 5 MB. {UNDERSTOOD}",
    )  # fmt: skip
    text = forms.CharField(
        label="Or paste them", required=False, strip=False, widget=TextLines({"rows": 14}),
        help_text="As a database or reference manager exports them.",
    )  # fmt: skip

    def clean(self):
        cleaned = super().clean()
        file, text = cleaned.get("file"), cleaned.get("text", "")
        field = "file" if file else "text"
        if bool(file) == bool(text.strip()):
            self.add_error(field, "Choose a file or paste a text: one of the two.")
        elif (file.size if file else len(text.encode())) > MAX_BYTES:
            self.add_error(field, TOO_LARGE)
        else:
            cleaned["raw"] = file.read() if file else text.encode()
            cleaned["source"] = file.name if file else "pasted text"
        return cleaned


class ImportsLibrary:
    """An admin of publications with a page to import them."""

    @action(description="Import publications", url_path="import", permissions=["add"])
    def import_publications(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied("You may not add references.")
        step = request.POST.get("step") if request.method == "POST" else ""
        steps = {"check": self._check_publications, "import": self._bring_publications}
        return steps.get(step, self._ask_for_publications)(request)

    def _ask_for_publications(self, request):
        return self._import_page(request, {"form": PublicationsForm()})

    def _check_publications(self, request):
        form = PublicationsForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._import_page(request, {"form": form})
        raw, source = form.cleaned_data["raw"], form.cleaned_data["source"]
        lines: list[Line] = []
        try:
            report = importing.run(
                io.BytesIO(raw), actor=request.user, source=source, is_dry=True,
                told=lambda _, batch: lines.extend(batch.lines),
            )  # fmt: skip
        except Unreadable as error:
            form.add_error("file" if form.cleaned_data.get("file") else "text", str(error))
            return self._import_page(request, {"form": form})
        return self._import_page(request, _preview(report, lines, raw, source))

    def _bring_publications(self, request):
        try:
            raw, source = _unpacked(request.POST.get("publications", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(request.path)
        report = importing.run(io.BytesIO(raw), actor=request.user, source=source)
        told = messages.warning if report.refused or report.fault else messages.success
        told(request, f"{report} {report.fault}".strip())
        return HttpResponseRedirect(self._list_url())

    def _import_page(self, request, context: dict):
        request.current_app = self.admin_site.name
        page = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Import publications",
            "media": self.media,
            "page_url": request.path,
            "list_url": self._list_url(),
        }
        return TemplateResponse(request, "admin/references/import.html", page | context)


def _preview(report: Report, lines: list[Line], raw: bytes, source: str) -> dict:
    # What needs a look comes first.
    lines.sort(key=lambda line: (not line.fault, line.is_known))
    return {
        "form": PublicationsForm() if not report.new else None,
        "report": report,
        "lines": [(line, _told(line.item)) for line in lines[:SHOWN]],
        "shown": min(SHOWN, len(lines)),
        "read": len(lines),
        "publications": _packed(raw, source) if report.new else "",
    }


def _told(item: dict | None) -> str:
    """Return who wrote it, and where and when it appeared, as far as the record can be read."""
    try:
        parts = [csl.authors(item or {}).rstrip("."), csl.source(item or {})]
    except (AttributeError, LookupError, TypeError, ValueError):
        return ""
    return ". ".join(filter(None, parts))


def _packed(raw: bytes, source: str) -> str:
    text = base64.b64encode(zlib.compress(raw)).decode()
    return signing.dumps({"raw": text, "source": source}, salt=SALT)


def _unpacked(packed: str) -> tuple[bytes, str]:
    try:
        told = signing.loads(packed, salt=SALT)
    except signing.BadSignature as error:
        raise ValidationError("The file was lost on its way. Choose it again.") from error
    return zlib.decompress(base64.b64decode(told["raw"])), told["source"]
