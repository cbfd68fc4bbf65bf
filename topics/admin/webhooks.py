"""Webhooks of partners, and what was sent to them."""

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from unfold import widgets

from topics.admin.fields import ThemedForm
from topics.admin.history import ReadOnlyAdmin
from topics.admin.secrets import SecretsAdmin
from topics.admin.sendings import SendingState
from topics.models import Delivery, Webhook
from topics.replicating.events import MEANINGS
from topics.webhooks import collecting, keeping, sending


class WebhookForm(ThemedForm, forms.ModelForm):
    types = forms.MultipleChoiceField(
        label="Types of events", choices=[(name, name) for name in MEANINGS], required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget, help_text="None: all.",
    )  # fmt: skip

    class Meta:
        model = Webhook
        fields = ("types",)

    def clean_url(self):
        return keeping.checked_address(self.cleaned_data["url"])


@admin.register(Webhook)
class WebhookAdmin(SecretsAdmin):
    form = WebhookForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ("partner", "url", "state", "last_result", "types")
    list_display_links = ("partner", "url")
    list_filter = ("partner", ("disabled_at", admin.EmptyFieldListFilter))
    list_select_related = ("partner",)
    search_fields = ("url", "description", "partner__name")
    autocomplete_fields = ("partner",)
    fields = ("partner", "url", "types", "description")
    TOLD = ("state", "last_result", "created_at", "old_until", "told_at")
    steps = {
        "send_test": "Send a test",
        "rotate": "Rotate the secret: for a day both sign",
        "disable": "Disable",
        "enable": "Enable, from the next event on",
    }

    def get_queryset(self, request):
        last = Delivery.objects.filter(webhook=OuterRef("pk"), tries__gt=0).order_by("-tried_at")
        last = last.values("status", "fault", "tried_at")
        return super().get_queryset(request).annotate(
            last_status=Subquery(last.values("status")[:1]),
            last_fault=Subquery(last.values("fault")[:1]),
            last_tried_at=Subquery(last.values("tried_at")[:1]),
        )  # fmt: skip

    def get_fields(self, request, obj=None):
        return (*self.fields, *self.TOLD) if obj else self.fields

    def get_readonly_fields(self, request, obj=None):
        return ("partner", *self.TOLD) if obj else ()

    def steps_of(self, webhook):
        hidden = {"enable"} if webhook.is_active else {"disable", "send_test"}
        return {name: words for name, words in self.steps.items() if name not in hidden}

    def save_model(self, request, obj, form, change):
        if not change:
            keeping.begin(obj)
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return self._show(request, obj)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj:
            log = reverse("admin:topics_delivery_changelist")
            context["deliveries_url"] = f"{log}?state=all&webhook__id__exact={obj.pk}"
        return super().render_change_form(request, context, add, change, form_url, obj)

    def rotate(self, request, webhook):
        keeping.rotate(webhook)
        return self._show(request, webhook)

    def send_test(self, request, webhook) -> str:
        try:
            collecting.send_test(webhook)
        except keeping.TooMany as error:
            return str(error)
        return "A test will be sent in a moment."

    def disable(self, request, webhook) -> str:
        keeping.disable(webhook, "An administrator disabled it.")
        return "The webhook was disabled."

    def enable(self, request, webhook) -> str:
        keeping.enable(webhook)
        return "The webhook works again, from the next event on."

    @admin.display
    def state(self, webhook):
        if webhook.is_active:
            return "works"
        return f"disabled on {webhook.disabled_at:%Y-%m-%d}: {webhook.disabled_why}"

    @admin.display(description="last result")
    def last_result(self, webhook):
        if not getattr(webhook, "last_tried_at", None):
            return "nothing sent yet"
        result = webhook.last_fault or f"{webhook.last_status}, taken"
        return f"{webhook.last_tried_at:%Y-%m-%d %H:%M}: {result}"

    def _show(self, request, webhook):
        words = "This is the secret that messages are signed with. It is shown this once."
        return self.show_secret(request, webhook, webhook.secret, words)


class StateFilter(SendingState):
    """Of messages."""

    IN_TROUBLE = Q(sent_at__isnull=True) & ~Q(fault="")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "webhook", "type", "event", "created_at", "tries", "status", "fault",
                    "due_at", "sent_at")  # fmt: skip
    list_filter = (StateFilter, "webhook", "type", "created_at")
    list_select_related = ("webhook__partner", "event")
    search_fields = ("message", "fault", "webhook__url")
    ordering = ("-pk",)
    actions = ("try_again",)

    def has_delete_permission(self, request, obj=None):
        # Only with its webhook or partner, whose pages ask this.
        return request.user.has_perm("topics.delete_delivery")

    def get_actions(self, request):
        return {name: told for name, told in super().get_actions(request).items()
                if name != "delete_selected"}  # fmt: skip

    def has_retry_permission(self, request):
        return request.user.has_perm("topics.change_delivery")

    @admin.action(description="Try the selected messages again now", permissions=["retry"])
    def try_again(self, request, queryset):
        chosen, number = queryset.count(), sending.retry(queryset)
        messages.success(request, f"{number} messages will be tried again in a moment.")
        if number < chosen:
            why = "taken already, tried in the last minute, or of a webhook that is disabled"
            messages.warning(request, f"{chosen - number} stay as they are: {why}.")
