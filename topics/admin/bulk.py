"""The page on which a table is taken out of the portal and brought back in.

What a file would change is shown first. What is then confirmed is just that: if somebody changed
the same entries meanwhile, the new differences are shown instead.
"""

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from tablib import Dataset
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget

from topics.admin.fields import ThemedForm
from topics.bulk import files
from topics.bulk.base import Outcome, Table

SALT = "topics.admin.bulk"
SHOWN = 500
"""As many changes and faults are shown; a page with ten thousand would take long to draw."""


class TableForm(ThemedForm, forms.Form):
    """A file with a table, which is read when the form is checked."""

    file = forms.FileField(
        label="File", widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx,.json"}),
        help_text="CSV, XLSX (Excel) or JSON, up to 5 MB and 10,000 rows. "
        "The first row names the columns.",
    )  # fmt: skip

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > files.MAX_BYTES:
            raise ValidationError("The file has more than 5 MB. Import it in parts.")
        return files.read(file.name, file.read())


class HasTable:
    """An admin whose rows can be taken out and brought in as a table."""

    bulk_table: type[Table]
    bulk_what = ""
    """What the rows are called, in the plural."""
    bulk_hint = ""

    actions_list = ("import_and_export",)

    @action(description="Import and export", url_path="bulk", permissions=["export_table"])
    def import_and_export(self, request):
        step = request.POST.get("step") if request.method == "POST" else ""
        if step and not self.has_import_table_permission(request):
            raise PermissionDenied("You may not import this.")
        if "format" in request.GET:
            return self._export(request.GET["format"])
        return {"check": self._check, "import": self._import}.get(step, self._ask)(request)

    def has_export_table_permission(self, request, object_id=None):
        return self.has_view_permission(request)

    def has_import_table_permission(self, request):
        return self.has_add_permission(request) or self.has_change_permission(request)

    def bulk_rows(self):
        """Return all rows in the order in which they are written."""
        return self.model.objects.all()

    def _export(self, form: str):
        if form not in files.FORMATS:
            raise Http404("There is no such format.")
        name = f"{self.opts.model_name}-{timezone.localdate():%Y-%m-%d}.{form}"
        content = files.write(self.bulk_table().export(self.bulk_rows()), form)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(content, content_type=files.FORMATS[form][1], headers=headers)

    def _ask(self, request):
        return self._page(request, {"form": TableForm()})

    def _check(self, request):
        form = TableForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, {"form": form})
        dataset = form.cleaned_data["file"]
        outcome = self.bulk_table().run(dataset, request.user, dry_run=True)
        return self._preview(request, dataset, outcome, form)

    def _import(self, request):
        try:
            told = signing.loads(request.POST.get("table", ""), salt=SALT)
        except signing.BadSignature:
            messages.error(request, "The table was lost on its way. Choose the file again.")
            return HttpResponseRedirect(request.path)
        dataset = Dataset(*told["rows"], headers=told["headers"])
        with transaction.atomic():
            outcome = self.bulk_table().run(dataset, request.user, dry_run=False)
            is_as_shown = not outcome.faults and outcome.digest == told["digest"]
            if is_as_shown:
                self._log(request, outcome)
            else:
                transaction.set_rollback(True)
        if not is_as_shown:
            messages.warning(
                request,
                "Somebody changed these entries meanwhile, so nothing was imported. "
                "This is what the table would change now.",
            )
            return self._preview(request, dataset, outcome, TableForm())
        messages.success(request, self._done(outcome))
        return HttpResponseRedirect(self._list_url())

    def _done(self, outcome: Outcome) -> str:
        new = sum(change.is_new for change in outcome.changes)
        return (
            f"{new} {self.bulk_what} added, {len(outcome.changes) - new} changed, "
            f"{outcome.same} left as they were."
        )

    def _log(self, request, outcome: Outcome) -> None:
        """Note who did it, as after each change by hand."""
        for instance, is_create in outcome.instances:
            note = "Imported from a table"
            if is_create:
                self.log_addition(request, instance, note)
            else:
                self.log_change(request, instance, note)

    def _preview(self, request, dataset: Dataset, outcome: Outcome, form: TableForm):
        rows = [list(row) for row in dataset]
        told = {"headers": dataset.headers, "rows": rows, "digest": outcome.digest}
        is_fit = outcome.changes and not outcome.faults
        context = {
            "form": form if not is_fit else None,
            "outcome": outcome,
            "changes": outcome.changes[:SHOWN],
            "faults": outcome.faults[:SHOWN],
            "new": sum(change.is_new for change in outcome.changes),
            "changed": sum(not change.is_new for change in outcome.changes),
            "table": signing.dumps(told, salt=SALT, compress=True) if is_fit else "",
        }
        return self._page(request, context)

    def _page(self, request, context: dict):
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            "admin/topics/bulk.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": f"Import and export: {self.bulk_what}",
                "media": self.media,
                "formats": {name: label for name, (label, _) in files.FORMATS.items()},
                "columns": self.bulk_table().columns(),
                "hint": self.bulk_hint,
                "may_import": self.has_import_table_permission(request),
                "page_url": request.path,
                "list_url": self._list_url(),
                **context,
            },
        )

    def _list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
