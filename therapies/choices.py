"""The clinical words with a fixed choice."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TherapyCategory(models.TextChoices):
    MOBILIZATION = "mobilization", _("Mobilization")
    TRANSPLANTATION = "transplantation", _("Transplantation")
    CONDITIONING = "conditioning", _("Conditioning")
    GENE_THERAPY = "gene-therapy", _("Gene therapy")
    CELL_MANIPULATION = "cell-manipulation", _("Cell manipulation")
    SUPPORTIVE_CARE = "supportive-care", _("Supportive care")


class GraftOrigin(models.TextChoices):
    # Translators: from whom a graft comes, and what kind of transplantation that is.
    AUTOLOGOUS = "autologous", _("Autologous")
    ALLOGENEIC = "allogeneic", _("Allogeneic")
    SYNGENEIC = "syngeneic", _("Syngeneic")


class DonorType(models.TextChoices):
    SELF = "self", _("The patient")
    MATCHED_SIBLING = "matched-sibling", _("Matched sibling")
    MATCHED_UNRELATED = "matched-unrelated", _("Matched unrelated donor")
    MISMATCHED_UNRELATED = "mismatched-unrelated", _("Mismatched unrelated donor")
    HAPLOIDENTICAL = "haploidentical", _("Haploidentical relative")
    IDENTICAL_TWIN = "identical-twin", _("Identical twin")
    VARIOUS = "various", _("Various donors")


class CellSource(models.TextChoices):
    PERIPHERAL_BLOOD = "peripheral-blood", _("Mobilized peripheral blood")
    BONE_MARROW = "bone-marrow", _("Bone marrow")
    CORD_BLOOD = "cord-blood", _("Cord blood")
    VARIOUS = "various", _("Various sources")


class AgentRole(models.TextChoices):
    # Translators: what a medicine is given for in a therapy.
    MOBILIZING = "mobilizing", _("Mobilizing")
    CONDITIONING = "conditioning", _("Conditioning")
    GVHD_PROPHYLAXIS = "gvhd-prophylaxis", _("GVHD prophylaxis")
    GROWTH_FACTOR = "growth-factor", _("Growth factor")
    ANTI_INFECTIVE = "anti-infective", _("Anti-infective")
    TREATMENT = "treatment", _("Treatment")
    SUPPORTIVE = "supportive", _("Supportive")


class Phase(models.TextChoices):
    # Translators: the phases of a stem cell transplantation, in their order.
    EVALUATION = "evaluation", _("Evaluation")
    MOBILIZATION = "mobilization", _("Mobilization")
    COLLECTION = "collection", _("Collection")
    CONDITIONING = "conditioning", _("Conditioning")
    INFUSION = "infusion", _("Infusion")
    ENGRAFTMENT = "engraftment", _("Engraftment")
    RECOVERY = "recovery", pgettext_lazy("phase of a therapy", "Recovery")
    FOLLOW_UP = "follow-up", _("Follow-up")


class CellSubset(models.TextChoices):
    MONOCYTES = "monocytes", _("Monocytes")
    NEUTROPHILS = "neutrophils", _("Neutrophils")
    PLATELETS = "platelets", _("Platelets")
    RED_CELLS = "red-cells", _("Red cells")
    NK_CELLS = "nk-cells", _("NK cells")
    DENDRITIC_CELLS = "dendritic-cells", _("Dendritic cells")
    CD8_T_CELLS = "cd8-t-cells", _("CD8+ T cells")
    CD4_T_CELLS = "cd4-t-cells", _("CD4+ T cells")
    NAIVE_T_CELLS = "naive-t-cells", _("Naive T cells")
    REGULATORY_T_CELLS = "regulatory-t-cells", _("Regulatory T cells")
    GAMMA_DELTA_T_CELLS = "gamma-delta-t-cells", _("γδ T cells")
    B_CELLS = "b-cells", _("B cells")
    IMMUNOGLOBULINS = "immunoglobulins", _("Immunoglobulins")


class Measure(models.TextChoices):
    # Translators: what two days of a window are, as “Day +12 to +35, range”.
    MEDIAN = "median", _("Median")
    RANGE = "range", pgettext_lazy("statistics", "Range")
    # Translators: CI is the confidence interval.
    CONFIDENCE_INTERVAL = "ci", _("95% CI of the median")


class EngraftmentEffect(models.TextChoices):
    # Translators: what a factor that is named before does.
    SPEEDS = "speeds", _("Speeds engraftment")
    SLOWS = "slows", _("Slows engraftment")
    RAISES_FAILURE = "raises-failure", _("Raises the risk of graft failure")
    NEUTRAL = "neutral", _("Changes engraftment little")


class TrialPhase(models.TextChoices):
    PHASE_1 = "1", _("Phase 1")
    PHASE_1_2 = "1/2", _("Phase 1/2")
    PHASE_2 = "2", _("Phase 2")
    PHASE_2_3 = "2/3", _("Phase 2/3")
    PHASE_3 = "3", _("Phase 3")
    PHASE_4 = "4", _("Phase 4")


class TrialStatus(models.TextChoices):
    # Translators: of a clinical trial, in the words of registries.
    RECRUITING = "recruiting", _("Recruiting")
    ACTIVE = "active", _("Active, not recruiting")
    COMPLETED = "completed", _("Completed")
    TERMINATED = "terminated", _("Terminated")
    UNKNOWN = "unknown", _("Not known")


class ConditionCategory(models.TextChoices):
    # Translators: groups of diseases.
    MALIGNANT = "malignant", _("Malignant")
    MARROW_FAILURE = "marrow-failure", _("Marrow failure")
    INBORN_ERROR_OF_IMMUNITY = "inborn-error-of-immunity", _("Inborn error of immunity")
    HEMOGLOBINOPATHY = "hemoglobinopathy", _("Hemoglobinopathy")
    AUTOIMMUNE = "autoimmune", _("Autoimmune")
    INFECTIOUS = "infectious", _("Infectious")
    OTHER = "other", pgettext_lazy("group of diseases", "Other")


class ComplicationCategory(models.TextChoices):
    # Translators: groups of complications, by what is concerned or how they come about.
    INFECTION = "infection", _("Infection")
    GRAFT = "graft", pgettext_lazy("group of complications", "Graft")
    IMMUNOLOGICAL = "immunological", _("Immunological")
    ORGAN_TOXICITY = "organ-toxicity", _("Organ toxicity")
    RELAPSE = "relapse", _("Relapse")
    LATE_EFFECT = "late-effect", _("Late effect")
    PROCEDURE = "procedure", pgettext_lazy("group of complications", "Procedure")


class Scheme(models.TextChoices):
    """Who graded an indication. The same letter means different things in different schemes."""

    EBMT = "EBMT", "EBMT"
    ASBMT = "ASBMT/ASTCT", "ASBMT/ASTCT"


# The letters of each scheme as printed; "" is a cell that the copy at hand did not show.
CATEGORIES = {
    # Translators: these grade how well a transplantation is established for a disease.
    Scheme.EBMT: {
        "S": _("Standard of care"),
        "CO": _("Clinical option"),
        "D": _("Developmental"),
        "GNR": _("Generally not recommended"),
        "S or CO": _("Standard of care or clinical option"),
        "NA": _("Printed as NA"),
    },
    Scheme.ASBMT: {
        "S": _("Standard of care"),
        "C": _("Standard of care, clinical evidence available"),
        "R": _("Standard of care, rare indication"),
        "D": _("Developmental"),
        "N": _("Not generally recommended"),
    },
}


class TransplantOption(models.TextChoices):
    # Translators: whose cells are transplanted; headings of narrow columns.
    MATCHED_SIBLING = "MSD", _("Matched sibling donor")
    MATCHED_UNRELATED = "MUD", _("Matched unrelated donor")
    MISMATCHED = "MMAD", _("Mismatched alternative donor")
    ALLOGENEIC = "ALLO", _("Allogeneic, any donor")
    AUTOLOGOUS = "AUTO", _("Autologous")
    CAR_T = "CART", _("CAR-T cells")


class Population(models.TextChoices):
    ADULT = "adult", _("Adults")
    PEDIATRIC = "pediatric", _("Children")


class EvidenceGrade(models.TextChoices):
    I = "I", "I"  # noqa: E741 - the grade is printed so
    II = "II", "II"
    III = "III", "III"


class Confidence(models.TextChoices):
    """How sure the reading of a table cell is."""

    HIGH = "high", pgettext_lazy("confidence", "High")
    MEDIUM = "medium", pgettext_lazy("confidence", "Medium")
    LOW = "low", pgettext_lazy("confidence", "Low")
