"""What never changes, or is derived: to be read, by everybody, and changed by nobody."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from topics.models import Edition, Event, LinkCheck, Listing, Opening, Review, Revision


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows. The database refuses changes anyway; here nobody is even offered one."""

    list_per_page = 50
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ("topic", "number", "author_name", "created_at", "short_note", "short_digest")
    list_filter = ("created_at", "topic__kind")
    list_select_related = ("topic",)
    search_fields = ("topic__title", "author_name", "note", "digest")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request):
        revisions = super().get_queryset(request)
        is_list = request.resolver_match.url_name.endswith("changelist")
        # A hundred whole documents would be read for a list that shows none of them.
        return revisions.defer("text") if is_list else revisions

    @admin.display(description="note")
    def short_note(self, revision):
        return revision.note[:80]

    @admin.display(description="digest")
    def short_digest(self, revision):
        return revision.digest[:12]


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("topic", "revision_number", "verdict", "reviewer_name", "created_at")
    list_filter = ("verdict", "created_at")
    list_select_related = ("revision__topic",)
    search_fields = ("revision__topic__title", "reviewer_name", "comment")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request):
        return super().get_queryset(request).defer("revision__text")

    @admin.display(ordering="revision__topic__title")
    def topic(self, review):
        return review.revision.topic

    @admin.display(description="revision")
    def revision_number(self, review):
        return review.revision.number


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = (
        "topic", "number", "published_at", "published_by_name", "approved_by_name", "change_note",
    )  # fmt: skip
    list_filter = ("published_at", ("approved_at", admin.EmptyFieldListFilter), "topic__kind")
    list_select_related = ("topic",)
    search_fields = ("topic__title", "change_note", "approved_by_name", "published_by_name")
    date_hierarchy = "published_at"
    ordering = ("-published_at", "-pk")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "kind", "topic", "edition_number", "reference", "actor_name", "created_at",
    )  # fmt: skip
    list_filter = ("kind", "created_at")
    list_select_related = ("topic", "edition", "reference")
    search_fields = ("topic__title", "reference__key", "actor_name", "note")
    date_hierarchy = "created_at"
    ordering = ("-pk",)

    @admin.display(description="edition")
    def edition_number(self, event):
        return event.edition and event.edition.number


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    list_display = (
        "title", "kind", "edition_number", "published_at", "reviewed_at", "next_review",
        "statement_count", "uncited_count",
    )  # fmt: skip
    list_filter = ("kind", ("reviewed_at", admin.EmptyFieldListFilter), "next_review")
    list_select_related = ("edition",)
    search_fields = ("title", "slug", "synonyms")
    exclude = ("search",)

    @admin.display(description="edition")
    def edition_number(self, listing):
        return listing.edition.number


@admin.register(LinkCheck)
class LinkCheckAdmin(ReadOnlyAdmin):
    change_form_template = "admin/change_form.html"
    list_display = ("url", "state", "answer", "checked_at", "broken_since")
    list_filter = ("state", "checked_at")
    search_fields = ("url", "answer")
    ordering = ("url",)


@admin.register(Opening)
class OpeningAdmin(ReadOnlyAdmin):
    change_form_template = "admin/change_form.html"
    list_display = ("topic", "day", "times")
    list_filter = ("day", "topic__kind")
    list_select_related = ("topic",)
    search_fields = ("topic__title",)
    ordering = ("-day", "topic__title")
