"""The codes of all drafts in one list, to be read, and to be changed as a table."""

from django.contrib import admin
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from topics.admin.bulk import HasTable
from topics.admin.desk import change_url
from topics.bulk.codes import CodesTable
from topics.models import Code


@admin.register(Code)
class CodeAdmin(HasTable, ModelAdmin):
    """One by one, codes are changed in the form of their topic."""

    bulk_table = CodesTable
    bulk_what = "codes"
    bulk_hint = (
        "A row is known by topic (its address), system and code. Each topic that is touched gets "
        "one new revision of its draft; readers see it once it is reviewed and published. Codes "
        "that the table does not name stay as they are."
    )
    list_display = ("code", "system", "label", "match", "verified", "of_topic")
    list_display_links = None
    list_filter = ("system", "match", "verified")
    list_select_related = ("topic",)
    search_fields = ("code", "label", "topic__title", "topic__slug")
    ordering = ("system", "code")
    list_per_page = 50
    actions = None

    @admin.display(description="topic", ordering="topic__title")
    def of_topic(self, code):
        address = f"{change_url(code.topic)}#panel-links"
        return format_html('<a href="{}">{}</a>', address, code.topic)

    def bulk_rows(self):
        return Code.objects.select_related("topic").order_by("topic__slug", "position", "pk")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_import_table_permission(self, request):
        return request.user.has_perms(["topics.change_topic", "topics.change_code"])

    def log_addition(self, request, obj, message):
        """Nothing: the revision of the topic says it."""

    log_change = log_addition
