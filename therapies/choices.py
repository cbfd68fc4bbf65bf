"""The clinical words with a fixed choice."""

from django.db import models


class TherapyCategory(models.TextChoices):
    MOBILIZATION = "mobilization", "Mobilization"
    TRANSPLANTATION = "transplantation", "Transplantation"
    CONDITIONING = "conditioning", "Conditioning"
    GENE_THERAPY = "gene-therapy", "Gene therapy"
    CELL_MANIPULATION = "cell-manipulation", "Cell manipulation"
    SUPPORTIVE_CARE = "supportive-care", "Supportive care"


class GraftOrigin(models.TextChoices):
    AUTOLOGOUS = "autologous", "Autologous"
    ALLOGENEIC = "allogeneic", "Allogeneic"
    SYNGENEIC = "syngeneic", "Syngeneic"


class DonorType(models.TextChoices):
    SELF = "self", "The patient"
    MATCHED_SIBLING = "matched-sibling", "Matched sibling"
    MATCHED_UNRELATED = "matched-unrelated", "Matched unrelated donor"
    MISMATCHED_UNRELATED = "mismatched-unrelated", "Mismatched unrelated donor"
    HAPLOIDENTICAL = "haploidentical", "Haploidentical relative"
    IDENTICAL_TWIN = "identical-twin", "Identical twin"
    VARIOUS = "various", "Various donors"


class CellSource(models.TextChoices):
    PERIPHERAL_BLOOD = "peripheral-blood", "Mobilized peripheral blood"
    BONE_MARROW = "bone-marrow", "Bone marrow"
    CORD_BLOOD = "cord-blood", "Cord blood"
    VARIOUS = "various", "Various sources"


class AgentRole(models.TextChoices):
    MOBILIZING = "mobilizing", "Mobilizing"
    CONDITIONING = "conditioning", "Conditioning"
    GVHD_PROPHYLAXIS = "gvhd-prophylaxis", "GVHD prophylaxis"
    GROWTH_FACTOR = "growth-factor", "Growth factor"
    ANTI_INFECTIVE = "anti-infective", "Anti-infective"
    TREATMENT = "treatment", "Treatment"
    SUPPORTIVE = "supportive", "Supportive"


class Phase(models.TextChoices):
    EVALUATION = "evaluation", "Evaluation"
    MOBILIZATION = "mobilization", "Mobilization"
    COLLECTION = "collection", "Collection"
    CONDITIONING = "conditioning", "Conditioning"
    INFUSION = "infusion", "Infusion"
    ENGRAFTMENT = "engraftment", "Engraftment"
    RECOVERY = "recovery", "Recovery"
    FOLLOW_UP = "follow-up", "Follow-up"


class CellSubset(models.TextChoices):
    MONOCYTES = "monocytes", "Monocytes"
    NEUTROPHILS = "neutrophils", "Neutrophils"
    PLATELETS = "platelets", "Platelets"
    RED_CELLS = "red-cells", "Red cells"
    NK_CELLS = "nk-cells", "NK cells"
    DENDRITIC_CELLS = "dendritic-cells", "Dendritic cells"
    CD8_T_CELLS = "cd8-t-cells", "CD8+ T cells"
    CD4_T_CELLS = "cd4-t-cells", "CD4+ T cells"
    NAIVE_T_CELLS = "naive-t-cells", "Naive T cells"
    REGULATORY_T_CELLS = "regulatory-t-cells", "Regulatory T cells"
    GAMMA_DELTA_T_CELLS = "gamma-delta-t-cells", "γδ T cells"
    B_CELLS = "b-cells", "B cells"
    IMMUNOGLOBULINS = "immunoglobulins", "Immunoglobulins"


class EngraftmentEffect(models.TextChoices):
    SPEEDS = "speeds", "Speeds engraftment"
    SLOWS = "slows", "Slows engraftment"
    RAISES_FAILURE = "raises-failure", "Raises the risk of graft failure"
    NEUTRAL = "neutral", "Changes engraftment little"


class TrialPhase(models.TextChoices):
    PHASE_1 = "1", "Phase 1"
    PHASE_1_2 = "1/2", "Phase 1/2"
    PHASE_2 = "2", "Phase 2"
    PHASE_2_3 = "2/3", "Phase 2/3"
    PHASE_3 = "3", "Phase 3"
    PHASE_4 = "4", "Phase 4"


class TrialStatus(models.TextChoices):
    RECRUITING = "recruiting", "Recruiting"
    ACTIVE = "active", "Active, not recruiting"
    COMPLETED = "completed", "Completed"
    TERMINATED = "terminated", "Terminated"
    UNKNOWN = "unknown", "Not known"


class ConditionCategory(models.TextChoices):
    MALIGNANT = "malignant", "Malignant"
    MARROW_FAILURE = "marrow-failure", "Marrow failure"
    INBORN_ERROR_OF_IMMUNITY = "inborn-error-of-immunity", "Inborn error of immunity"
    HEMOGLOBINOPATHY = "hemoglobinopathy", "Hemoglobinopathy"
    AUTOIMMUNE = "autoimmune", "Autoimmune"
    INFECTIOUS = "infectious", "Infectious"
    OTHER = "other", "Other"


class ComplicationCategory(models.TextChoices):
    INFECTION = "infection", "Infection"
    GRAFT = "graft", "Graft"
    IMMUNOLOGICAL = "immunological", "Immunological"
    ORGAN_TOXICITY = "organ-toxicity", "Organ toxicity"
    RELAPSE = "relapse", "Relapse"
    LATE_EFFECT = "late-effect", "Late effect"
    PROCEDURE = "procedure", "Procedure"


class Scheme(models.TextChoices):
    """Who graded an indication. The same letter means different things in different schemes."""

    EBMT = "EBMT", "EBMT"
    ASBMT = "ASBMT/ASTCT", "ASBMT/ASTCT"


# The letters of each scheme as printed; "" is a cell that the copy at hand did not show.
CATEGORIES = {
    Scheme.EBMT: {
        "S": "Standard of care",
        "CO": "Clinical option",
        "D": "Developmental",
        "GNR": "Generally not recommended",
        "S or CO": "Standard of care or clinical option",
        "NA": "Printed as NA",
    },
    Scheme.ASBMT: {
        "S": "Standard of care",
        "C": "Standard of care, clinical evidence available",
        "R": "Standard of care, rare indication",
        "D": "Developmental",
        "N": "Not generally recommended",
    },
}


class TransplantOption(models.TextChoices):
    MATCHED_SIBLING = "MSD", "Matched sibling donor"
    MATCHED_UNRELATED = "MUD", "Matched unrelated donor"
    MISMATCHED = "MMAD", "Mismatched alternative donor"
    ALLOGENEIC = "ALLO", "Allogeneic, any donor"
    AUTOLOGOUS = "AUTO", "Autologous"
    CAR_T = "CART", "CAR-T cells"


class Population(models.TextChoices):
    ADULT = "adult", "Adults"
    PEDIATRIC = "pediatric", "Children"


class EvidenceGrade(models.TextChoices):
    I = "I", "I"  # noqa: E741 - the grade is printed so
    II = "II", "II"
    III = "III", "III"


class Confidence(models.TextChoices):
    """How sure the reading of a table cell is."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"
