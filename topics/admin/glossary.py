"""The glossary: published as soon as it is saved, each change logged by publishing.py."""

from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpResponseRedirect
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from topics import publishing
from topics.admin.bulk import HasTable
from topics.admin.fields import ArrayFieldsMixin, TextLines
from topics.bulk.glossary import GlossaryTable
from topics.errors import PublishingError
from topics.models import GlossaryTerm


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(HasTable, ArrayFieldsMixin, ModelAdmin):
    bulk_table = GlossaryTable
    bulk_what = "terms"
    bulk_hint = (
        "A row is known by its term. Variants are other spellings, parted by semicolons; topic is "
        "the address of the topic that explains the term. Readers see the changes at once."
    )
    list_display = ("term", "abbreviation", "meaning", "topic")
    list_select_related = ("topic",)
    search_fields = ("term", "abbreviation", "variants", "definition")
    autocomplete_fields = ("topic",)
    formfield_overrides = {models.TextField: {"widget": TextLines}}

    @admin.display(description="definition", ordering="definition")
    def meaning(self, term):
        # In a box of its own: the theme's cells keep all in one line, and cut it on a phone.
        return format_html('<div class="desk-lines">{}</div>', term.definition)

    def save_model(self, request, obj, form, change):
        if form.has_changed() or not change:
            publishing.save_term(obj, actor=request.user)

    def delete_model(self, request, obj):
        publishing.delete_term(obj, actor=request.user)

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        for term in queryset:
            publishing.delete_term(term, actor=request.user)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PublishingError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)
