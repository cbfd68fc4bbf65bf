"""The clinical tables. Days are whole numbers counted from the infusion (day 0)."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from therapies.choices import (
    CATEGORIES,
    AgentRole,
    CellSource,
    CellSubset,
    Confidence,
    EngraftmentEffect,
    EvidenceGrade,
    Measure,
    Phase,
    Population,
    Scheme,
    TransplantOption,
    TrialPhase,
    TrialStatus,
)
from therapies.models.kinds import Agent, Complication, Condition, Therapy
from topics.models.rows import GradedRow, certainty_check, choice_check

GRADED = GradedRow.GRADED_FIELDS
FIRST_DAY, LAST_DAY = -3650, 36500


def window_checks(name: str) -> list[models.CheckConstraint]:
    """Return the rules of a window of days: in order, and within a human life."""
    in_range = [
        Q(**{f"{day}__isnull": True}) | Q(**{f"{day}__range": (FIRST_DAY, LAST_DAY)})
        for day in ("from_day", "to_day")
    ]
    return [
        models.CheckConstraint(
            condition=Q(from_day__isnull=True)
            | Q(to_day__isnull=True)
            | Q(from_day__lte=F("to_day")),
            name=f"{name}_window_in_order",
            violation_error_message="It ends before it begins. Mend “from day” or “to day”.",
        ),
        models.CheckConstraint(
            condition=in_range[0] & in_range[1],
            name=f"{name}_window_days",
            violation_error_message=(
                f"Days are counted from the infusion and lie between {FIRST_DAY} and {LAST_DAY}."
            ),
        ),
    ]


class Window(models.Model):
    """A span of days. Either end may be open."""

    from_day = models.SmallIntegerField(null=True, blank=True)
    to_day = models.IntegerField(null=True, blank=True)

    WINDOW: ClassVar[tuple[str, ...]] = ("from_day", "to_day")

    class Meta:
        abstract = True


class TherapyRow(GradedRow):
    OWNER = "therapy"

    class Meta(GradedRow.Meta):
        abstract = True


class TherapyAgent(Window, TherapyRow):
    """What an agent does in a therapy, and when it is given."""

    DOCUMENT_FIELDS = ("agent", "role", "timing", *Window.WINDOW, "note", *GRADED)

    therapy = models.ForeignKey(Therapy, models.CASCADE, related_name="agents")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="uses")
    role = models.CharField(max_length=20, choices=AgentRole)
    timing = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)

    class Meta(TherapyRow.Meta):
        constraints = [
            *window_checks("therapy_agent"),
            choice_check("therapy_agent", "role", AgentRole),
            certainty_check("therapy_agent"),
            models.UniqueConstraint(fields=["therapy", "agent", "role"], name="therapy_agent_once"),
        ]

    def __str__(self):
        return f"{self.agent} ({self.get_role_display()})"


class Step(Window, TherapyRow):
    """A step in the course of a therapy."""

    DOCUMENT_FIELDS = ("phase", "title", *Window.WINDOW, "description", *GRADED)
    NAMED_BY = "title"

    therapy = models.ForeignKey(Therapy, models.CASCADE, related_name="steps")
    phase = models.CharField(max_length=14, choices=Phase)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta(TherapyRow.Meta):
        constraints = [
            *window_checks("step"),
            choice_check("step", "phase", Phase),
            certainty_check("step"),
        ]

    def __str__(self):
        return self.title


class Risk(Window, TherapyRow):
    """A complication of a therapy: when, how often, for whom, and what is done about it."""

    DOCUMENT_FIELDS = (
        "complication", *Window.WINDOW, "frequency", "risk_factors", "monitoring", "prevention",
        *GRADED,
    )  # fmt: skip

    therapy = models.ForeignKey(Therapy, models.CASCADE, related_name="risks")
    complication = models.ForeignKey(Complication, models.PROTECT, related_name="risks")
    frequency = models.TextField(blank=True)
    risk_factors = models.TextField(blank=True)
    monitoring = models.TextField(blank=True)
    prevention = models.TextField(blank=True)

    class Meta(TherapyRow.Meta):
        constraints = [
            *window_checks("risk"),
            certainty_check("risk"),
            models.UniqueConstraint(
                fields=["therapy", "complication", "from_day"],
                nulls_distinct=False,
                name="risk_once_per_onset",
            ),
        ]

    def __str__(self):
        return str(self.complication)


class Benefit(TherapyRow):
    """What a therapy achieves, with the figures."""

    DOCUMENT_FIELDS = ("outcome", "population", "result", "comparator", *GRADED)

    therapy = models.ForeignKey(Therapy, models.CASCADE, related_name="benefits")
    outcome = models.CharField(max_length=300)
    population = models.TextField(blank=True)
    result = models.TextField("result, with figures")
    comparator = models.TextField(blank=True)

    class Meta(TherapyRow.Meta):
        constraints = [certainty_check("benefit")]

    def __str__(self):
        return self.outcome


class Milestone(Window, TherapyRow):
    """When a cell line recovers after a therapy.

    A range in some patients and a median of many are drawn as bars alike, so in whom and what the
    days are stand in fields of their own, and beside each bar.
    """

    DOCUMENT_FIELDS = (
        "subset", "cell_source", "population", *Window.WINDOW, "measure", "threshold", "note",
        *GRADED,
    )  # fmt: skip

    therapy = models.ForeignKey(Therapy, models.CASCADE, related_name="milestones")
    subset = models.CharField(max_length=20, choices=CellSubset)
    cell_source = models.CharField(max_length=20, choices=CellSource, blank=True)
    population = models.CharField(max_length=200, blank=True)
    measure = models.CharField("the days are", max_length=6, choices=Measure, blank=True)
    threshold = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    class Meta(TherapyRow.Meta):
        constraints = [
            *window_checks("milestone"),
            choice_check("milestone", "subset", CellSubset),
            choice_check("milestone", "cell_source", CellSource, blank=True),
            choice_check("milestone", "measure", Measure, blank=True),
            certainty_check("milestone"),
        ]

    def __str__(self):
        return self.get_subset_display()


class EngraftmentFactor(TherapyRow):
    """What speeds or slows engraftment."""

    DOCUMENT_FIELDS = ("factor", "effect", "note", *GRADED)

    therapy = models.ForeignKey(Therapy, models.CASCADE, related_name="engraftment_factors")
    factor = models.CharField(max_length=300)
    effect = models.CharField(max_length=16, choices=EngraftmentEffect)
    note = models.TextField(blank=True)

    class Meta(TherapyRow.Meta):
        constraints = [
            choice_check("engraftment_factor", "effect", EngraftmentEffect),
            certainty_check("engraftment_factor"),
        ]

    def __str__(self):
        return self.factor


class Trial(TherapyRow):
    """A clinical trial of a therapy."""

    DOCUMENT_FIELDS = ("name", "registry_id", "phase", "status", "result", *GRADED)

    therapy = models.ForeignKey(Therapy, models.CASCADE, related_name="trials")
    name = models.CharField(max_length=200)
    registry_id = models.CharField(max_length=20, blank=True)
    phase = models.CharField(max_length=3, choices=TrialPhase, blank=True)
    status = models.CharField(max_length=12, choices=TrialStatus, default=TrialStatus.UNKNOWN)
    result = models.TextField(blank=True)

    class Meta(TherapyRow.Meta):
        constraints = [
            choice_check("trial", "phase", TrialPhase, blank=True),
            choice_check("trial", "status", TrialStatus),
            certainty_check("trial"),
            models.CheckConstraint(
                condition=Q(registry_id="") | Q(registry_id__regex=r"^NCT[0-9]{8}$"),
                name="trial_registry_id_form",
                violation_error_message="A ClinicalTrials.gov number is NCT and eight digits.",
            ),
        ]

    def __str__(self):
        return self.name


class Indication(GradedRow):
    """One cell of a published indications table, as it was read there.

    A category means something only together with its scheme and edition, so both are part of the
    key. An empty category is a cell that the copy at hand did not show.
    """

    OWNER = "condition"
    KEY = ("scheme", "edition", "population", "disease", "status", "option")
    DOCUMENT_FIELDS = (*KEY, "category", "evidence", "source", "confidence", "note", *GRADED)

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="indications")
    scheme = models.CharField(max_length=12, choices=Scheme)
    edition = models.CharField("edition of the scheme", max_length=20)
    population = models.CharField(max_length=10, choices=Population)
    disease = models.CharField("disease as printed", max_length=200)
    status = models.CharField("disease status as printed", max_length=300, blank=True)
    option = models.CharField(max_length=4, choices=TransplantOption)
    category = models.CharField(max_length=8, blank=True)
    evidence = models.CharField(max_length=3, choices=EvidenceGrade, blank=True)
    source = models.CharField("read in", max_length=300)
    confidence = models.CharField(max_length=6, choices=Confidence, default=Confidence.HIGH)
    note = models.TextField(blank=True)

    class Meta(GradedRow.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "condition",
                    "scheme",
                    "edition",
                    "population",
                    "disease",
                    "status",
                    "option",
                ],
                name="indication_cell_once",
            ),
            models.CheckConstraint(
                condition=Q(category="")
                | Q(scheme=Scheme.EBMT, category__in=list(CATEGORIES[Scheme.EBMT]))
                | Q(scheme=Scheme.ASBMT, category__in=list(CATEGORIES[Scheme.ASBMT])),
                name="indication_category_of_its_scheme",
                violation_error_message="This scheme has no such category.",
            ),
            choice_check("indication", "option", TransplantOption),
            choice_check("indication", "population", Population),
            choice_check("indication", "evidence", EvidenceGrade, blank=True),
            choice_check("indication", "confidence", Confidence),
            certainty_check("indication"),
            models.CheckConstraint(condition=~Q(source=""), name="indication_has_source"),
        ]

    def clean(self):
        super().clean()
        letters = CATEGORIES.get(self.scheme, {})
        if self.category and self.category not in letters:
            message = f"{self.scheme} has no category {self.category}; it has {', '.join(letters)}."
            raise ValidationError({"category": message})

    def __str__(self):
        return f"{self.disease}, {self.status}: {self.get_option_display()}"
