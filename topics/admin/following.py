"""Who follows what, in numbers, and mails that cannot be sent.

Editors see how many follow. Addresses are for administrators (the permission `see_addresses`), who
may also delete a subscription when somebody asks for that in another way than by the link.
"""

from django.contrib import admin, messages
from django.db.models import Count, Q

from topics import following
from topics.admin.history import ReadOnlyAdmin
from topics.admin.sendings import GIVEN_UP, SendingState
from topics.following import sending, subjects
from topics.models import Notice, Subscription

SUBJECTS_COUNTED = 25


class PrivateAdmin(ReadOnlyAdmin):
    """Shows the address, and lets rows be deleted, only to those who may see addresses."""

    shown = ()
    search = ()
    address_of = ""

    def has_delete_permission(self, request, obj=None):
        return self.has_address_permission(request)

    def has_address_permission(self, request):
        return request.user.has_perm("topics.see_addresses")

    def get_list_display(self, request):
        number, *others = self.shown
        address = ("address",) if self.has_address_permission(request) else ()
        return (number, *address, *others)

    def get_fields(self, request, obj=None):
        return self.get_list_display(request)

    def get_readonly_fields(self, request, obj=None):
        return self.get_list_display(request)

    def get_search_fields(self, request):
        # A search would tell whether an address is among them.
        return (*self.search, *((self.address_of,) if self.has_address_permission(request) else ()))


@admin.register(Subscription)
class SubscriptionAdmin(PrivateAdmin):
    change_list_template = "admin/topics/subscriptions.html"
    shown = ("id", "subject", "frequency", "language", "asked_at", "confirmed_at")
    search = ("topic__title", "area")
    address_of = "follower__email"
    list_filter = ("frequency", "language", ("confirmed_at", admin.EmptyFieldListFilter), "area")
    list_select_related = ("topic", "follower")
    ordering = ("-pk",)
    actions = ("delete_selected",)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, (extra_context or {}) | {"counts": count()})

    def delete_model(self, request, obj):
        following.stop([obj])

    def delete_queryset(self, request, queryset):
        following.stop(list(queryset))

    @admin.display(description="follows")
    def subject(self, subscription):
        return _subject(subscription)

    @admin.display
    def address(self, subscription):
        return subscription.follower.email


class StateFilter(SendingState):
    """Of mails."""

    IN_TROUBLE = GIVEN_UP | Q(sent_at__isnull=True, tries__gte=sending.TROUBLE)


@admin.register(Notice)
class NoticeAdmin(PrivateAdmin):
    shown = ("id", "subject", "event", "created_at", "tries", "fault", "due_at", "sent_at")
    search = ("fault",)
    address_of = "subscription__follower__email"
    list_filter = (StateFilter, "created_at")
    list_select_related = ("subscription__topic", "subscription__follower", "event")
    ordering = ("-pk",)
    actions = ("send_again", "delete_selected")

    @admin.action(description="Send the selected emails again now", permissions=["address"])
    def send_again(self, request, queryset):
        number = sending.retry(queryset)
        messages.success(request, f"{number} emails will be tried again in a moment.")

    @admin.display(description="follows")
    def subject(self, notice):
        return _subject(notice.subscription)

    @admin.display
    def address(self, notice):
        return notice.subscription.follower.email


def count() -> dict:
    """Return how many follow: `people`, `waiting` to confirm, and by subject, the most first."""
    confirmed = Subscription.objects.filter(confirmed_at__isnull=False)
    by_subject = (
        confirmed.order_by()
        .values("topic", "area")
        .annotate(number=Count("pk"))
        .order_by("-number")
    )[:SUBJECTS_COUNTED]
    rows = [Subscription(topic_id=row["topic"], area=row["area"]) for row in by_subject]
    numbers = [row["number"] for row in by_subject]
    return {
        "people": confirmed.aggregate(people=Count("follower", distinct=True))["people"],
        "waiting": Subscription.objects.filter(confirmed_at__isnull=True).count(),
        "subjects": list(zip((each.name for each in subjects.of(rows)), numbers, strict=True)),
    }


def _subject(subscription: Subscription) -> str:
    return str(subscription.topic or subscription.get_area_display() or "Everything")
