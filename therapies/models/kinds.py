"""The kinds of topics that carry clinical structure."""

from django.db import models

from references.models import Reference
from therapies import grid, overview, tables
from therapies.charts import timeline
from therapies.choices import (
    CellSource,
    ComplicationCategory,
    ConditionCategory,
    DonorType,
    GraftOrigin,
    TherapyCategory,
)
from topics.choices import Certainty, Kind, RelationKind
from topics.models import Topic
from topics.models.rows import certainty_check, choice_check, references_by_key


def _targets(document: dict, kind: str) -> list[str]:
    """Return the slugs of the topics that a Document is related to in one way, sorted."""
    return sorted({r["target"] for r in document.get("relations", []) if r["kind"] == kind})


def _only_filled(facets: dict[str, list]) -> dict[str, list]:
    return {name: values for name, values in facets.items() if values}


def _facts(document: dict, *names: str) -> dict[str, list[str]]:
    facts = document.get("facts", {})
    return {name: [facts[name]] for name in names if facts.get(name)}


class Therapy(Topic):
    """A procedure with stem cells: mobilization, transplantation, conditioning, gene therapy …"""

    KIND = Kind.THERAPY
    FACTS = ("category", "graft_origin", "donor_type", "cell_source")
    TABLES = {
        "agents": "agents",
        "steps": "steps",
        "risks": "risks",
        "benefits": "benefits",
        "milestones": "milestones",
        "engraftment_factors": "engraftment_factors",
        "trials": "trials",
    }
    NEEDED_SECTIONS = (
        ("key_points",),
        ("procedure", "steps"),
        ("benefits", "evidence"),
        ("risks",),
    )

    category = models.CharField(max_length=20, choices=TherapyCategory)
    graft_origin = models.CharField(max_length=12, choices=GraftOrigin, blank=True)
    donor_type = models.CharField(max_length=24, choices=DonorType, blank=True)
    cell_source = models.CharField(max_length=20, choices=CellSource, blank=True)

    class Meta:
        verbose_name_plural = "therapies"
        constraints = [
            choice_check("therapy", "category", TherapyCategory),
            choice_check("therapy", "graft_origin", GraftOrigin, blank=True),
            choice_check("therapy", "donor_type", DonorType, blank=True),
            choice_check("therapy", "cell_source", CellSource, blank=True),
        ]

    @classmethod
    def page_facts(cls, document):
        return tables.facts(document, tables.THERAPY_WORDS)

    @classmethod
    def page_tables(cls, document, links):
        return tables.of_therapy(document.get("tables", {}), links)

    @classmethod
    def page_scales(cls, made):
        return tables.scales(made)

    @classmethod
    def page_charts(cls, document, links):
        return timeline.of_therapy(document, links)

    @classmethod
    def listing_facets(cls, document):
        tables = document.get("tables", {})
        return _facts(document, *cls.FACTS) | _only_filled(
            {
                "agent": sorted({row["agent"] for row in tables.get("agents", [])}),
                "condition": _targets(document, RelationKind.TREATS),
                "complication": sorted({row["complication"] for row in tables.get("risks", [])}),
            }
        )


class Agent(Topic):
    """A drug, growth factor or cell product."""

    KIND = Kind.AGENT
    FACTS = ("drug_class", "mechanism", "route", "certainty", "awaiting_check", "references")
    NEEDED_SECTIONS = (("key_points",), ("mechanism",), ("clinical_use",), ("risks",))

    drug_class = models.CharField("class", max_length=120)
    mechanism = models.TextField(blank=True)
    route = models.CharField(max_length=120, blank=True)
    certainty = models.CharField(max_length=10, choices=Certainty, default=Certainty.UNGRADED)
    awaiting_check = models.BooleanField("awaiting source check", default=False)
    references = models.ManyToManyField(
        Reference,
        blank=True,
        related_name="+",
        help_text="What class, mechanism and route rest on.",
    )

    class Meta:
        constraints = [
            certainty_check("agent"),
            models.CheckConstraint(condition=~models.Q(drug_class=""), name="agent_has_class"),
        ]

    def load_references(self, facts):
        self.references.set(references_by_key(facts.get("references", [])))

    @classmethod
    def page_facts(cls, document):
        return tables.facts(document)

    @classmethod
    def listing_facets(cls, document):
        return _facts(document, "drug_class") | _only_filled(
            {"condition": _targets(document, RelationKind.TREATS)}
        )


class Condition(Topic):
    """A disease that stem cells treat, or are said to treat."""

    KIND = Kind.CONDITION
    FACTS = ("category",)
    TABLES = {"indications": "indications"}
    NEEDED_SECTIONS = (("key_points",), ("clinical_use",), ("evidence",))

    category = models.CharField(max_length=26, choices=ConditionCategory)

    class Meta:
        constraints = [choice_check("condition", "category", ConditionCategory)]

    @classmethod
    def page_facts(cls, document):
        return tables.facts(document, tables.CONDITION_WORDS)

    @classmethod
    def page_tables(cls, document, links):
        return grid.of_condition(document.get("tables", {}))

    @classmethod
    def page_overview(cls, document, related):
        return overview.of_condition(document.get("tables", {}), related)

    @classmethod
    def listing_facets(cls, document):
        rows = document.get("tables", {}).get("indications", [])
        return _facts(document, "category") | _only_filled(
            {"scheme": sorted({f"{row['scheme']} {row['edition']}" for row in rows})}
        )

    @classmethod
    def refresh_derived(cls, listing, document):
        from therapies.models.listed import ListedIndication

        ListedIndication.refresh(listing, document)


class Complication(Topic):
    """Something that can go wrong."""

    KIND = Kind.COMPLICATION
    FACTS = ("category",)
    NEEDED_SECTIONS = (("key_points",), ("clinical_use",), ("monitoring",), ("evidence",))

    category = models.CharField(max_length=16, choices=ComplicationCategory)

    class Meta:
        constraints = [choice_check("complication", "category", ComplicationCategory)]

    @classmethod
    def page_facts(cls, document):
        return tables.facts(document, tables.COMPLICATION_WORDS)

    @classmethod
    def listing_facets(cls, document):
        return _facts(document, "category")
