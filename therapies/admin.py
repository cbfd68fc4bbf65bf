"""The admin of the four kinds with clinical structure, and of their tables."""

from django import forms
from django.contrib import admin
from django.db.models import CharField
from unfold.admin import StackedInline

from therapies import models
from therapies.choices import CATEGORIES
from therapies.models.tables import FIRST_DAY, LAST_DAY
from topics.admin import TopicAdmin
from topics.admin.fields import GrowingLine
from topics.admin.forms import RowForm
from topics.admin.inlines import RowInline
from topics.admin.tables import TablePart

# A field of so many characters holds more than fits a line of the form.
LONG_LINE = 200


class DayField(forms.IntegerField):
    """A day, counted from the infusion."""

    def __init__(self, **options):
        outside = (
            f"Days are counted from the infusion, which is day 0: from {FIRST_DAY} (ten years "
            f"before it) to {LAST_DAY} (a hundred years after it)."
        )
        super().__init__(
            required=False,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            help_text="Day 0 is the infusion; days before it have a minus, as -7.",
            error_messages={
                "min_value": outside,
                "max_value": outside,
                "invalid": "Write a day as a whole number, as -7, 0 or 100.",
            },
            **options,
        )


class WindowForm(RowForm):
    """A row with a window of days, counted from the infusion."""

    from_day = DayField()
    to_day = DayField()

    def clean(self):
        super().clean()
        first, last = self.cleaned_data.get("from_day"), self.cleaned_data.get("to_day")
        if first is not None and last is not None and first > last:
            self.add_error("to_day", "The window ends before it begins.")


class TrialForm(RowForm):
    registry_id = forms.RegexField(
        r"^NCT[0-9]{8}\Z", required=False, label="ClinicalTrials.gov number",
        error_messages={"invalid": "A ClinicalTrials.gov number is NCT and eight digits."},
    )  # fmt: skip


class IndicationForm(RowForm):
    """A cell of an indications table; its letter must be one of its scheme."""

    category = forms.ChoiceField(
        required=False,
        choices=[("", "not shown"), *((c, c) for c in sorted(set().union(*CATEGORIES.values())))],
    )

    def clean(self):
        super().clean()
        scheme, category = self.cleaned_data.get("scheme"), self.cleaned_data.get("category")
        if scheme and category and category not in CATEGORIES[scheme]:
            letters = ", ".join(CATEGORIES[scheme])
            self.add_error("category", f"{scheme} has no category “{category}”. It has {letters}.")


class TableInline(TablePart, RowInline, StackedInline):
    """A clinical table: what is most asked for first, the rest folded away."""

    autocomplete_fields = ("references",)
    head = ()
    more = ()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        is_words = isinstance(db_field, CharField) and not db_field.choices
        if is_words and db_field.max_length >= LONG_LINE:
            kwargs["widget"] = GrowingLine()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fieldsets(self, request, obj=None):
        rest = (*self.more, "references", ("certainty", "awaiting_check"))
        return [
            (None, {"fields": self.head}),
            ("Details and references", {"fields": rest, "classes": ("collapse",)}),
        ]


WINDOW = ("from_day", "to_day")


class TherapyAgentInline(TableInline):
    model = models.TherapyAgent
    form = WindowForm
    autocomplete_fields = ("agent", "references")
    head = (("position", "agent", "role"), ("timing", *WINDOW))
    more = ("note",)


class StepInline(TableInline):
    model = models.Step
    form = WindowForm
    head = (("position", "phase", "title", *WINDOW), "description")


class RiskInline(TableInline):
    model = models.Risk
    form = WindowForm
    autocomplete_fields = ("complication", "references")
    head = (("position", "complication", *WINDOW), "frequency")
    more = ("risk_factors", "monitoring", "prevention")


class BenefitInline(TableInline):
    model = models.Benefit
    head = (("position", "outcome"), "result")
    more = ("population", "comparator")


class MilestoneInline(TableInline):
    model = models.Milestone
    form = WindowForm
    head = (("position", "subset", "cell_source", "population"), (*WINDOW, "measure", "threshold"))
    more = ("note",)


class EngraftmentFactorInline(TableInline):
    model = models.EngraftmentFactor
    head = (("position", "factor", "effect"),)
    more = ("note",)


class TrialInline(TableInline):
    model = models.Trial
    form = TrialForm
    head = (("position", "name", "registry_id", "phase", "status"), "result")


class IndicationInline(TableInline):
    model = models.Indication
    form = IndicationForm
    head = (
        ("position", "scheme", "edition", "population"),
        ("disease", "status"),
        ("option", "category", "evidence"),
    )
    more = (("source", "confidence"), "note")


@admin.register(models.Therapy)
class TherapyAdmin(TopicAdmin):
    facts = (("category", "graft_origin"), ("donor_type", "cell_source"))
    list_filter = ("category", "graft_origin", *TopicAdmin.list_filter)
    tables = (
        TherapyAgentInline, StepInline, RiskInline, BenefitInline, MilestoneInline,
        EngraftmentFactorInline, TrialInline,
    )  # fmt: skip


@admin.register(models.Agent)
class AgentAdmin(TopicAdmin):
    facts = (
        "drug_class", "mechanism", "route", "references", ("certainty", "awaiting_check"),
    )  # fmt: skip
    autocomplete_fields = ("references", *TopicAdmin.autocomplete_fields)


@admin.register(models.Condition)
class ConditionAdmin(TopicAdmin):
    facts = ("category",)
    list_filter = ("category", *TopicAdmin.list_filter)
    tables = (IndicationInline,)


@admin.register(models.Complication)
class ComplicationAdmin(TopicAdmin):
    facts = ("category",)
    list_filter = ("category", *TopicAdmin.list_filter)
