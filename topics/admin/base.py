"""The admin of a topic, whatever its kind. Saving ends in one revision; publishing.py does it.

The tabs of parts.py lead through it. A clinical table is edited at the same address with
`?table=…`: on one page with the text, a topic's tables would have more fields than a browser may
send and take seconds to draw.
"""

from itertools import chain

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.db import DataError, IntegrityError, models
from django.http import HttpResponseRedirect
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from topics import partnering, publishing
from topics.admin import (
    articles,
    conflicts,
    desk,
    drafts,
    failures,
    faults,
    figures,
    parts,
    reconciling,
    reviewing,
    slugs,
    start,
    state,
    tables,
    writing,
)
from topics.admin.fields import (
    ArrayFieldsMixin,
    NothingChosenMixin,
    TextLines,
)
from topics.admin.forms import TopicForm, latest_number
from topics.admin.inlines import CodeInline, RelationInline, SectionInline
from topics.errors import PublishingError

OPEN_NOTE = "Public: readers see it as the editors’ note, with the history of the topic."
UNCHANGED = "Nothing was changed, so there is no new revision."
ROW_INLINES = (SectionInline, figures.FigureInline, CodeInline, RelationInline)


class TopicAdmin(articles.ImportsArticles, ArrayFieldsMixin, NothingChosenMixin, ModelAdmin):
    """A kind's admin inherits from this, and names its `facts` and the inlines of its `tables`."""

    facts = ()
    tables = ()

    class Media:
        # The order of rows comes first: it must hear of a row being taken away before the others.
        js = (
            "admin/writing/order.js",
            "admin/topic_form.js",
            "admin/writing/drafts.js",
            "admin/writing/presence.js",
            "admin/writing/editor.js",
            "admin/writing/picker.js",
        )
        css = {"all": ("admin/writing/writing.css",)}

    form = TopicForm
    change_form_template = "admin/topics/change_form.html"
    formfield_overrides = {models.TextField: {"widget": TextLines}}
    prepopulated_fields = {"slug": ("title",)}
    autocomplete_fields = ("partners",)
    list_display = ("name", "progress", "review", "saved", "next_review")
    list_display_links = None
    list_filter = (state.StateFilter, state.ReviewFilter, state.AreaFilter, "next_review")
    search_fields = ("title", "slug", "synonyms")
    ordering = ("title",)
    actions = ("publish_together", "delete_selected")

    def get_fieldsets(self, request, obj=None):
        if tables.chosen(self, request):
            return []
        care = ("next_review", "note")
        facts = [("Facts", {"fields": self.facts})] if self.facts else []
        return [
            (None, {"fields": ("title", "slug", "areas", "summary", "synonyms")}),
            *facts,
            ("Care of the topic", {"fields": care, "classes": ("after-rows",)}),
            ("Partners", {"fields": ("partners",), "classes": ("panel-links",)}),
        ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "note":
            field.label, field.help_text = "Note for readers", OPEN_NOTE
        return field

    def get_inlines(self, request, obj):
        table = tables.chosen(self, request)
        return (table,) if table and obj else ROW_INLINES

    def get_prepopulated_fields(self, request, obj=None):
        return {} if tables.chosen(self, request) else self.prepopulated_fields

    def get_readonly_fields(self, request, obj=None):
        # Readers see the partners of a topic at once, without review.
        may_pair = request.user.has_perm("references.change_partner")
        return () if may_pair else ("partners",)

    def get_queryset(self, request):
        return state.with_state(super().get_queryset(request))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", "")
        form.notice = getattr(request, "notice", "")
        return form

    def get_inline_formsets(self, request, formsets, inline_instances, obj=None):
        for inline, formset in zip(inline_instances, formsets, strict=False):
            inline.count(formset.total_form_count())
        return super().get_inline_formsets(request, formsets, inline_instances, obj)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        options = super().get_formset_kwargs(request, obj, inline, prefix)
        seen = request.POST.get("seen_revision", "")
        if request.method == "POST" and obj.pk and seen != str(latest_number(obj)):
            return reconciling.reconciled(options)
        return options

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if drafts.RESTORE in request.POST:
            request.refusal = request.notice = drafts.RESTORED
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except conflicts.Conflicting as error:
            request.refusal = request.notice = str(error)
            request.conflict = error
        except (PublishingError, IntegrityError, DataError) as error:
            request.refusal = explain(error)
        # The transaction is undone by now. Show the form again, with all that was typed.
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(self, request, form, formsets, change):
        is_paired = "partners" in form.changed_data
        if not is_paired:
            # Somebody else may have changed them since the form was opened.
            form.cleaned_data.pop("partners", None)
        super().save_related(request, form, formsets, change)
        if is_paired:
            partnering.pair(form.instance, form.cleaned_data["partners"])
        note = form.cleaned_data["revision_note"]
        theirs = form.instance.revisions.last()
        if not theirs or theirs.number <= form.seen:
            saved = publishing.save_revision(form.instance, author=request.user, note=note)
            request.is_unchanged = saved == theirs and not is_paired
            return
        if not tables.chosen(self, request):
            reconciling.leave_only(formsets)
        told = conflicts.bring_together(
            form.instance, theirs, seen=form.seen, sent=request.POST, author=request.user, note=note
        )
        if told:
            messages.info(request, told)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        table = tables.page(self, request, obj) if obj else None
        context["desk"] = desk.overview(request.user, obj) if obj else None
        context["tables"] = tables.links(self, request, obj) if table else []
        context["table"] = table
        context["tabs"] = parts.tabs(self, request, obj, "tables" if table else "content")
        context["needed"] = desk.needed_sections(self.model, obj)
        context["show_save_and_add_another"] = False
        # A topic that has a history is never deleted.
        context["show_delete"] = not (obj and obj.revisions.exists())
        context["writing"] = writing.context(request, obj)
        slugs.name_owner(context["adminform"].form)
        context["faults"] = faults.told(context)
        context["notice"] = getattr(request, "notice", "")
        conflict = getattr(request, "conflict", None)
        if conflict:
            context["conflict"] = conflict
            context["questions"] = conflicts.questions(conflict)
            context["taken"] = conflicts.labels(conflict.topic, conflict.merged.taken)
        elif obj and request.method == "POST":
            context["is_behind"] = context["adminform"].form.seen < latest_number(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def message_user(self, request, message, level=messages.INFO, *args, **kwargs):
        if level == messages.SUCCESS and getattr(request, "is_unchanged", False):
            message, level = UNCHANGED, messages.INFO
        super().message_user(request, message, level, *args, **kwargs)

    def response_post_save_change(self, request, obj):
        return HttpResponseRedirect(desk.change_url(obj))

    response_post_save_add = response_post_save_change

    def response_change(self, request, obj):
        response = super().response_change(request, obj)
        desk.warn_if_left(request, obj, request.POST.get("seen_revision", ""))
        stays = "_continue" in request.POST and response.status_code == 302
        response = HttpResponseRedirect(request.get_full_path()) if stays else response
        return drafts.tell_saved(request, response)

    def response_add(self, request, obj, post_url_continue=None):
        response = super().response_add(request, obj, post_url_continue)
        return drafts.tell_saved(request, response)

    def delete_view(self, request, object_id, extra_context=None):
        topic = self.get_object(request, object_id)
        may_delete = self.has_delete_permission(request, topic)
        if topic and may_delete and topic.revisions.exists():
            messages.error(request, cannot_delete([topic]))
            return HttpResponseRedirect(desk.change_url(topic))
        return super().delete_view(request, object_id, extra_context)

    def tabs(self, request, topic, shown):
        return parts.tabs(self, request, topic, shown)

    def history_view(self, request, object_id, extra_context=None):
        page = desk.history(self, request, object_id)
        topic = page.context_data["topic"]
        page.context_data["tabs"] = parts.tabs(self, request, topic, "history")
        return page

    @admin.action(description="Publish the selected topics together", permissions=["publish"])
    def publish_together(self, request, queryset):
        return desk.publish_together(self, request, queryset)

    @admin.action(description="Delete the selected topics", permissions=["delete"])
    def delete_selected(self, request, queryset):
        if kept := list(queryset.filter(revisions__isnull=False).distinct()):
            self.message_user(request, cannot_delete(kept), messages.ERROR)
            return None
        return delete_selected(self, request, queryset)

    def has_publish_permission(self, request):
        return request.user.has_perm("topics.publish_topic")

    @admin.display(description="topic", ordering="title")
    def name(self, topic):
        return format_html('<a href="{}">{}</a>', desk.change_url(topic), topic.title)

    @admin.display(description="state", ordering="published_number")
    def progress(self, topic):
        return state.progress(topic)

    @admin.display(description="review")
    def review(self, topic):
        return state.review_progress(topic)

    @admin.display(description="last saved by", ordering="saved_at")
    def saved(self, topic):
        if topic.saved_at:
            return format_html("{}<br>{}", topic.saved_by, f"{topic.saved_at:%Y-%m-%d}")
        return ""


class OverviewAdmin(TopicAdmin):
    """Overviews, and the list of all topics of any kind."""

    list_display = ("name", "kind", *TopicAdmin.list_display[1:])
    list_filter = ("kind", *TopicAdmin.list_filter)

    def get_urls(self):
        parts_of_desk = (writing, articles, figures, desk, reviewing, failures, start)
        own = [part.urls(self) for part in parts_of_desk]
        return [*chain.from_iterable(own), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        topic = self.get_object(request, object_id)
        if topic and topic.class_for(topic.kind) is not self.model:
            return HttpResponseRedirect(desk.change_url(topic))
        return super().change_view(request, object_id, form_url, extra_context)


def cannot_delete(topics) -> str:
    """Return why topics with a history stay, in words for the editor."""
    names = ", ".join(f"“{topic}”" for topic in topics)
    why = f"{names} cannot be deleted, since the history is kept for good."
    listed = [str(topic) for topic in topics if hasattr(topic, "listing")]
    if not listed:
        return f"{why} Readers do not see it."
    withdraw = "it" if len(topics) == 1 else ", ".join(f"“{title}”" for title in listed)
    return f"{why} Withdraw {withdraw} instead."


def explain(error: Exception) -> str:
    """Return in words why the database or publishing.py refused to save."""
    if isinstance(error, PublishingError):
        return str(error)
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return f"The database refused to save this: {error}"
