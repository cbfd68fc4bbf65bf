"""The rows of a topic inside its form."""

from django.db import models
from unfold.admin import StackedInline, TabularInline

from topics.admin.fields import (
    KnownSelect,
    KnownSelectMultiple,
    NothingChosenMixin,
    TextLines,
)
from topics.admin.forms import RowForm, RowFormSet, SectionForm, SectionFormSet
from topics.models import Code, Relation, Section

NAMES_IN_THE_TEXT = (
    "A name such as {#s-8e0772bf} behind a statement is the one under which it was published "
    "before it was reworded. Leave it, so that links to the statement still lead to it."
)


class RowInline(NothingChosenMixin):
    """What all tables of a topic have in common: order, fetching, and a count in the heading."""

    # Of which part of the topic's form the rows are: see parts.py.
    panel = "content"
    form = RowForm
    formset = RowFormSet
    extra = 0
    # By drag; static/admin/writing/order.js does the same by keyboard.
    ordering_field = "position"
    formfield_overrides = {models.TextField: {"widget": TextLines}}

    def get_queryset(self, request):
        rows = self.page_of(super().get_queryset(request), request)
        many = {field.name for field in self.model._meta.many_to_many}
        links = self.autocomplete_fields
        return rows.select_related(*(n for n in links if n not in many)).prefetch_related(
            *(n for n in links if n in many)
        )

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KnownSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KnownSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def page_of(self, rows, request):
        """Return the rows that are edited together. Here: all of them."""
        return rows

    def count(self, rows: int) -> None:
        """Show in the heading, which may be all that is seen of the table, how many rows it has."""
        self.verbose_name_plural = f"{self.model._meta.verbose_name_plural} ({rows})"


class SectionInline(RowInline, StackedInline):
    model = Section
    form = SectionForm
    formset = SectionFormSet
    fields = (("position", "kind", "heading"), "body")
    formfield_overrides = {
        models.TextField: {
            "widget": TextLines({"rows": 16, "class": "markdown"}),
            "help_text": NAMES_IN_THE_TEXT,
        }
    }


class CodeInline(RowInline, TabularInline):
    model = Code
    panel = "links"
    fields = ("position", "system", "code", "label", "match", "verified")


class RelationInline(RowInline, TabularInline):
    model = Relation
    panel = "links"
    fk_name = "topic"
    fields = ("position", "kind", "target")
    autocomplete_fields = ("target",)
