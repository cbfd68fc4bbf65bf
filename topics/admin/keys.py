"""Keys of partners, and how much was asked with them and without."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Max, Sum
from django.utils import timezone

from references.access import keys
from references.access.models import ApiKey, Usage
from topics.admin import usage_chart
from topics.admin.history import ReadOnlyAdmin
from topics.admin.secrets import SecretsAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(SecretsAdmin):
    list_display = ("name", "partner", "shown_prefix", "scopes", "state", "expires_at",
                    "last_used_on")  # fmt: skip
    list_filter = ("partner", ("revoked_at", admin.EmptyFieldListFilter), "expires_at")
    list_select_related = ("partner",)
    search_fields = ("name", "prefix", "partner__name")
    autocomplete_fields = ("partner",)
    fields = ("partner", "name", "scopes", "expires_at", "per_minute")
    TOLD = ("shown_prefix", "state", "created_at", "last_used_on", "old_until")
    steps = {"rotate": "Rotate: new secret, the old one works for a day", "revoke": "Revoke"}

    def get_fields(self, request, obj=None):
        return (*self.fields, *self.TOLD) if obj else self.fields

    def get_readonly_fields(self, request, obj=None):
        return ("partner", *self.TOLD) if obj else ()

    def steps_of(self, key):
        return {} if key.revoked_at else self.steps

    def save_model(self, request, obj, form, change):
        if not change:
            request.secret = keys.give_secret(obj)
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        words = "This is the key. It is shown this once, and only a hash of it is kept."
        return self.show_secret(request, obj, request.secret, words)

    def rotate(self, request, key):
        words = f"This is the key with its new secret. The old one works for {keys.OVERLAP.days} "
        words += "day more. It is shown this once."
        return self.show_secret(request, key, keys.rotate(key), words)

    def revoke(self, request, key) -> str:
        keys.revoke(key)
        return f"The key “{key.name}” was revoked. It stays in the list."

    @admin.display(description="begins with", ordering="prefix")
    def shown_prefix(self, key):
        return f"hscp_{key.prefix}_…"

    @admin.display
    def state(self, key):
        if key.revoked_at:
            return f"revoked on {key.revoked_at:%Y-%m-%d}"
        if key.is_expired:
            return "expired"
        if until := key.old_secret_until:
            return f"rotated, both secrets work until {until:%Y-%m-%d %H:%M}"
        return "works"


class MonthFilter(admin.SimpleListFilter):
    """Of which days the counts are; at first the last thirty."""

    title, parameter_name = "period", "days"
    DAYS = (7, 30, 90, 365)
    USUAL = 30

    def lookups(self, request, model_admin):
        return [(str(days), f"Last {days} days") for days in self.DAYS]

    def choices(self, changelist):
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({"days": value})
            yield {"selected": int(value) == self.days, "query_string": query, "display": label}

    @property
    def days(self) -> int:
        return int(self.value()) if self.value() in map(str, self.DAYS) else self.USUAL

    def queryset(self, request, queryset):
        first = timezone.localdate() - timedelta(days=self.days - 1)
        return queryset.filter(day__gte=first)


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin):
    """One row for each partner, endpoint and day; above them sums, and a chart of the days."""

    change_list_template = "admin/access/usage.html"
    change_form_template = "admin/change_form.html"
    list_display = ("day", "who", "endpoint", "number")
    list_display_links = None
    list_filter = (MonthFilter, ("partner", admin.RelatedOnlyFieldListFilter),
                   ("partner", admin.EmptyFieldListFilter), "endpoint")  # fmt: skip
    list_select_related = ("partner",)
    search_fields = ("partner__name", "endpoint")
    ordering = ("-day", "-number", "pk")

    @admin.display(description="partner", ordering="partner__name", empty_value="no key")
    def who(self, row):
        return row.partner

    def has_delete_permission(self, request, obj=None):
        # Only with its partner, whose page asks this.
        return request.user.has_perm("references.delete_usage")

    def get_model_perms(self, request):
        return super().get_model_perms(request) | {"delete": False}

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist:
            found = changelist.queryset.order_by()
            response.context_data |= {"chart": usage_chart.of(found), "sums": _sums(found)}
        return response


def _sums(found) -> list[dict]:
    """Return the most asked endpoints by partner."""
    rows = found.values("partner__name", "endpoint")
    return list(rows.annotate(total=Sum("number"), last=Max("day")).order_by("-total")[:25])
