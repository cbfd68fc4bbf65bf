"""Reports of errors: what readers sent, and what was done about it."""

from django import forms
from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from unfold.admin import ModelAdmin

from topics import reporting
from topics.admin.fields import TextLines, ThemedForm
from topics.choices import ReportStatus
from topics.errors import PublishingError
from topics.models import ErrorReport


class ReportForm(ThemedForm, forms.ModelForm):
    class Meta:
        model = ErrorReport
        fields = ("status", "answer")
        widgets = {"answer": TextLines}
        help_texts = {
            "status": "Closing a report deletes the address to answer to, so write to it before.",
            "answer": "For the other editors. Readers do not see it.",
        }


@admin.register(ErrorReport)
class ErrorReportAdmin(ModelAdmin):
    """The reports that are open come first. Nobody adds one here, and what was sent stays."""

    form = ReportForm
    # The one of this app is made for topics.
    change_form_template = "admin/change_form.html"
    list_display = (
        "number", "status", "about", "excerpt", "wants_answer", "sent_at", "closed_by_name",
    )  # fmt: skip
    list_filter = ("status", "topic__kind", "sent_at", ("email", admin.EmptyFieldListFilter))
    list_select_related = ("topic", "edition")
    search_fields = ("=id", "topic__title", "place", "message", "answer")
    date_hierarchy = "sent_at"
    ordering = ("-status", "-pk")
    list_per_page = 50
    actions = ("mark_answered", "dismiss", "reopen")
    fields = (
        "sent_at", "seen", "message", "write_to", "status", "answer", "closed_at",
        "closed_by_name",
    )  # fmt: skip
    readonly_fields = ("sent_at", "seen", "message", "write_to", "closed_at", "closed_by_name")

    def has_add_permission(self, request):
        return False

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request, obj, form, change):
        status, answer = form.cleaned_data["status"], form.cleaned_data["answer"]
        reporting.settle(obj, actor=request.user, status=status, answer=answer)

    @admin.action(description="Mark as answered (deletes the address)", permissions=["change"])
    def mark_answered(self, request, queryset):
        self._settle(request, queryset, ReportStatus.ANSWERED)

    @admin.action(description="Dismiss (deletes the address)", permissions=["change"])
    def dismiss(self, request, queryset):
        self._settle(request, queryset, ReportStatus.DISMISSED)

    @admin.action(description="Open again", permissions=["change"])
    def reopen(self, request, queryset):
        self._settle(request, queryset, ReportStatus.OPEN)

    def _settle(self, request, queryset, status: str) -> None:
        reports = list(queryset.exclude(status=status))
        try:
            for report in reports:
                reporting.settle(report, actor=request.user, status=status, answer=report.answer)
        except PublishingError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            count, label = len(reports), ReportStatus(status).label.lower()
            noun = "report is" if count == 1 else "reports are"
            self.message_user(request, f"{count} {noun} {label} now.", messages.SUCCESS)

    @admin.display(description="number", ordering="pk")
    def number(self, report):
        return report.pk

    @admin.display(description="about", ordering="topic__title")
    def about(self, report):
        if report.edition is None:
            return report.place or "not said"
        anchor = f", #{report.anchor}" if report.anchor else ""
        return f"{report.topic}, edition {report.edition.number}{anchor}"

    @admin.display(description="where it is")
    def seen(self, report):
        if report.edition is None:
            return report.place or "not said"
        slug = report.edition.revision.document["slug"]
        address = reverse("edition", args=[slug, report.edition.number])
        anchor = f"#{report.anchor}" if report.anchor else ""
        return format_html('<a href="{}{}">{}</a>', address, anchor, self.about(report))

    @admin.display(description="what is wrong")
    def excerpt(self, report):
        return Truncator(report.message).chars(90)

    @admin.display(description="answer wanted", boolean=True)
    def wants_answer(self, report):
        return bool(report.email)

    @admin.display(description="answer to")
    def write_to(self, report):
        if not report.email:
            return "no address given" if report.status == ReportStatus.OPEN else "deleted"
        subject = f"Your report {report.pk} to HSC Portal"
        return format_html(
            '<a href="mailto:{}?subject={}">{}</a>', report.email, subject, report.email
        )
