"""Lists of what the desk keeps: to be read and searched. What changes it has pages of its own."""

from django.contrib import admin, messages
from django.utils.text import Truncator

from topics import telling
from topics.admin.history import ReadOnlyAdmin
from topics.models import Assignment, Comment, DeskMail, DraftLink, MailPreference, Schedule


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("topic", "task", "assignee", "assigned_by_name", "created_at", "done_at")
    list_filter = ("task", ("done_at", admin.EmptyFieldListFilter), "assignee")
    list_select_related = ("topic", "assignee")
    search_fields = ("topic__title", "note", "assigned_by_name")
    ordering = ("-pk",)


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ("topic", "short_text", "author_name", "created_at", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("topic",)
    search_fields = ("topic__title", "text", "quote", "author_name")
    ordering = ("-pk",)

    @admin.display(description="remark")
    def short_text(self, comment):
        return Truncator(comment.text).chars(100)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ("topic", "due_at", "state", "scheduled_by_name", "error", "finished_at")
    list_filter = ("state", "due_at")
    list_select_related = ("topic",)
    search_fields = ("topic__title", "change_note", "scheduled_by_name", "error")
    date_hierarchy = "due_at"


@admin.register(DraftLink)
class DraftLinkAdmin(ReadOnlyAdmin):
    list_display = (
        "topic", "recipient", "made_by_name", "created_at", "expires_at", "revoked_at", "opened",
        "last_opened_at",
    )  # fmt: skip
    list_filter = ("expires_at", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("topic",)
    search_fields = ("topic__title", "recipient", "made_by_name")
    exclude = ("token_hash",)


@admin.register(DeskMail)
class DeskMailAdmin(ReadOnlyAdmin):
    list_display = ("id", "recipient", "about", "created_at", "tries", "fault", "due_at", "sent_at")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = (
        "recipient", "event__topic", "assignment__topic", "schedule__topic",
    )  # fmt: skip
    search_fields = ("recipient__username", "fault")
    ordering = ("-pk",)
    actions = ("send_again",)

    def has_resend_permission(self, request):
        return request.user.has_perm("topics.change_deskmail")

    @admin.action(description="Send the selected emails again now", permissions=["resend"])
    def send_again(self, request, queryset):
        number = telling.retry(queryset)
        messages.success(request, f"{number} emails will be tried again in a moment.")

    @admin.display
    def about(self, mail):
        told = mail.event or mail.assignment or mail.schedule
        return f"{told} ({told.topic})"


@admin.register(MailPreference)
class MailPreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "wants_mails")
    list_filter = ("wants_mails",)
    list_select_related = ("user",)
