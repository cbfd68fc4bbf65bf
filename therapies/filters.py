"""What therapies, agents, conditions, complications and indications can be filtered by."""

from typing import ClassVar

import django_filters
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from hsc_portal.filters import AnyOf, AnyOfFacets, Ordering, Words, YesNo
from references.filters import NamesForm, ReferenceKey, TopicName
from therapies.choices import (
    CATEGORIES,
    CellSource,
    ComplicationCategory,
    ConditionCategory,
    Confidence,
    DonorType,
    EvidenceGrade,
    GraftOrigin,
    Population,
    Scheme,
    TherapyCategory,
    TransplantOption,
)
from therapies.models import ListedIndication
from topics.choices import INVERSE_LABELS, Certainty, Kind, RelationKind
from topics.filters import TopicFacet, TopicFilter, related_condition


class TherapyFilter(TopicFilter):
    """Filters over the listings of therapies."""

    kind = None
    category = AnyOfFacets(choices=TherapyCategory.choices, label=_("Category"))
    graft_origin = AnyOfFacets(choices=GraftOrigin.choices, label=_("Graft origin"))
    donor_type = AnyOfFacets(choices=DonorType.choices, label=_("Donor type"))
    cell_source = AnyOfFacets(choices=CellSource.choices, label=_("Cell source"))
    agent = TopicFacet(kind=Kind.AGENT, label=_("Slug of an agent that it uses"))
    condition = TopicFacet(kind=Kind.CONDITION, label=_("Slug of a condition that it treats"))
    complication = TopicFacet(kind=Kind.COMPLICATION, label=_("Slug of a complication it may have"))


class AgentFilter(TopicFilter):
    """Filters over the listings of agents."""

    kind = None
    drug_class = Words(
        field_name="facets__drug_class__0", label=_("Words of its class, as “CXCR4”")
    )
    condition = TopicFacet(kind=Kind.CONDITION, label=_("Slug of a condition that it treats"))


class ConditionFilter(TopicFilter):
    """Filters over the listings of conditions."""

    kind = None
    category = AnyOfFacets(choices=ConditionCategory.choices, label=_("Category"))
    scheme = AnyOf(
        choices=Scheme.choices, method="by_scheme", label=_("Has indications under this scheme")
    )
    treated_by = TopicName(
        method="by_treatment", label=_("Slug of a therapy or agent that treats it")
    )

    def by_scheme(self, queryset, name, values):
        if not values:
            return queryset
        graded = ListedIndication.objects.filter(listing=OuterRef("pk"), scheme__in=values)
        return queryset.filter(Exists(graded))

    def by_treatment(self, queryset, name, slugs):
        return queryset.filter(related_condition(slugs, INVERSE_LABELS[RelationKind.TREATS]))


class ComplicationFilter(TopicFilter):
    """Filters over the listings of complications."""

    kind = None
    category = AnyOfFacets(choices=ComplicationCategory.choices, label=_("Category"))


class IndicationFilter(django_filters.FilterSet):
    """Filters over ListedIndication, in the API only.

    A category means something only within its scheme.
    """

    condition = TopicName(
        field_name="listing__slug", kind=Kind.CONDITION, label="Slug of the condition"
    )
    scheme = AnyOf(choices=Scheme.choices, label="Scheme")
    edition = Words(lookup_expr="exact", max_length=20, label="Edition of the scheme, as 2022")
    population = AnyOf(choices=Population.choices, label="Population")
    disease = Words(label="Words of the disease as printed")
    status = Words(label="Words of the disease status as printed")
    option = AnyOf(choices=TransplantOption.choices, label="Transplant option")
    category = AnyOf(
        choices=[(letter, letter) for letter in dict.fromkeys(
            letter for letters in CATEGORIES.values() for letter in letters
        )],
        label="Category, in the letters of the scheme",
    )  # fmt: skip
    evidence = AnyOf(choices=EvidenceGrade.choices, label="Evidence grade")
    confidence = AnyOf(choices=Confidence.choices, label="How sure the reading of the cell is")
    certainty = AnyOf(choices=Certainty.choices, label="Certainty")
    awaiting_check = YesNo(label="The source was not yet read again")
    reference = ReferenceKey(method="by_reference", label="Key of a reference it was read in")
    ordering = Ordering(
        fields={
            "listing__title": "condition", "disease": "disease", "scheme": "scheme",
            "edition": "edition", "category": "category",
        }
    )  # fmt: skip

    class Meta:
        model = ListedIndication
        fields: ClassVar[list[str]] = []
        form = NamesForm

    def by_reference(self, queryset, name, keys):
        # A cell may cite a publication by two of its keys; it is still one cell.
        link = ListedIndication.references.through
        cited = link.objects.filter(listedindication=OuterRef("pk"), reference__key__in=keys)
        return queryset.filter(Exists(cited))
