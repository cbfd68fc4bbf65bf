"""What became of something that is sent and, if that fails, sent again."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Q

GIVEN_UP = Q(sent_at__isnull=True, due_at__isnull=True)


class SendingState(admin.SimpleListFilter):
    """At first only what is in trouble is shown, as `IN_TROUBLE` says."""

    title = parameter_name = "state"
    IN_TROUBLE: ClassVar[Q]
    STATES = (
        ("", "In trouble"),
        ("given-up", "Given up"),
        ("waiting", "Waiting"),
        ("sent", "Sent"),
        ("all", "All"),
    )
    MEANT: ClassVar[dict[str, Q]] = {
        "given-up": GIVEN_UP,
        "waiting": Q(due_at__isnull=False),
        "sent": Q(sent_at__isnull=False),
    }

    def lookups(self, request, model_admin):
        return self.STATES

    def choices(self, changelist):
        for value, label in self.STATES:
            query = changelist.get_query_string({"state": value} if value else {}, ["state"])
            chosen = (self.value() or "") == value
            yield {"selected": chosen, "query_string": query, "display": label}

    def queryset(self, request, queryset):
        chosen = self.value() or ""
        return queryset.filter(self.MEANT.get(chosen, Q()) if chosen else self.IN_TROUBLE)
