"""What the admin of keys and of webhooks shares: secrets that are shown once, and steps by button.

A secret is shown by the answer to the form that made it, and by no other: it stands in no message,
cookie or log, and no cache may keep the page.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from unfold.admin import ModelAdmin

from topics.admin import desk
from topics.admin.fields import ArrayFieldsMixin


class SecretsAdmin(ArrayFieldsMixin, ModelAdmin):
    """`steps` names methods that take the request and the row, with the words of their buttons.

    A method returns what is to be said, or an answer.
    """

    change_form_template = "admin/access/change_form.html"
    steps: dict[str, str] = {}

    def save_model(self, request, obj, form, change):
        # What a step or the partner changed since the form was read stays as it is.
        fields = {field.name for field in self.opts.concrete_fields}.intersection(form.changed_data)
        obj.save(update_fields=fields if change else None)

    def get_urls(self):
        view = self.admin_site.admin_view(self.take_step)
        name = f"{self.opts.app_label}_{self.opts.model_name}_step"
        return [path("<int:ident>/step/", view, name=name), *super().get_urls()]

    def take_step(self, request, ident: int):
        row = get_object_or_404(self.get_queryset(request), pk=ident)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        if request.method != "POST" or request.POST.get("step") not in self.steps_of(row):
            return HttpResponseNotAllowed(["POST"])
        step = request.POST["step"]
        answer = getattr(self, step)(request, row)
        self.log_change(request, row, self.steps[step])
        if not isinstance(answer, str):
            return answer
        messages.success(request, answer)
        return HttpResponseRedirect(self.address_of(row))

    def steps_of(self, row) -> dict[str, str]:
        """Return the steps that may be taken now."""
        return self.steps

    def address_of(self, row) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj:
            context["steps"] = self.steps_of(obj)
            context["step_url"] = self.address_of(obj).replace("/change/", "/step/")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def show_secret(self, request, row, secret: str, words: str):
        """Return the page that shows a secret, this once."""
        context = {"title": "Copy this now", "secret": secret, "words": words, "row": row,
                   "row_url": self.address_of(row)}  # fmt: skip
        headers = {"Cache-Control": "no-store"}
        return desk.page(self, request, None, "admin/access/secret.html", context, headers=headers)
