"""The words with a fixed choice. Their values stand in Documents, files and the API."""

from django.db import models


class Kind(models.TextChoices):
    OVERVIEW = "overview", "Overview"
    THERAPY = "therapy", "Therapy"
    AGENT = "agent", "Agent"
    CONDITION = "condition", "Condition"
    COMPLICATION = "complication", "Complication"


class Area(models.TextChoices):
    BIOLOGY = "biology", "Stem cell biology"
    MOBILIZATION = "mobilization", "Mobilization and collection"
    TRANSPLANTATION = "transplantation", "Transplantation"
    CONDITIONING = "conditioning", "Conditioning"
    ENGRAFTMENT = "engraftment", "Engraftment and immune reconstitution"
    GENE_THERAPY = "gene-therapy", "Gene therapy"
    RISKS = "risks", "Risks and complications"
    CONDITIONS = "conditions", "Conditions treated"
    INFECTION = "infection", "Infectious disease"


class SectionKind(models.TextChoices):
    KEY_POINTS = "key_points", "Key points"
    OVERVIEW = "overview", "Overview"
    MECHANISM = "mechanism", "Mechanism"
    PROCEDURE = "procedure", "Procedure"
    CLINICAL_USE = "clinical_use", "Clinical use"
    BENEFITS = "benefits", "Benefits"
    RISKS = "risks", "Risks"
    MONITORING = "monitoring", "Monitoring"
    EVIDENCE = "evidence", "Evidence"
    RESEARCH = "research", "Research"
    FUTURE = "future", "Future"


class Certainty(models.TextChoices):
    """GRADE: how sure the evidence makes us that the true effect is close to what is stated."""

    HIGH = "high", "High certainty"
    MODERATE = "moderate", "Moderate certainty"
    LOW = "low", "Low certainty"
    VERY_LOW = "very-low", "Very low certainty"
    UNGRADED = "ungraded", "Not graded"


class CodeSystem(models.TextChoices):
    MESH = "MeSH", "MeSH"
    ICD_10 = "ICD-10", "ICD-10 (WHO)"
    ICD_10_CM = "ICD-10-CM", "ICD-10-CM"
    ATC = "ATC", "ATC"
    RXNORM = "RxNorm", "RxNorm"
    SNOMED_CT = "SNOMED CT", "SNOMED CT"
    ORPHA = "ORPHA", "Orphanet"
    MONDO = "MONDO", "MONDO"
    OMIM = "OMIM", "OMIM"
    CL = "CL", "Cell Ontology"


# The form of a code in its system, as a regular expression, and an example.
CODE_FORMS = {
    CodeSystem.MESH: (r"[DC]\d{6,9}", "D006412"),
    CodeSystem.ICD_10: (r"[A-Z]\d{2}(\.\d{1,2})?(-[A-Z]\d{2}(\.\d)?)?", "C92.0"),
    CodeSystem.ICD_10_CM: (r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?", "D89.810"),
    CodeSystem.ATC: (r"[A-Z](\d{2}([A-Z]([A-Z](\d{2})?)?)?)?", "L03AX16"),
    CodeSystem.RXNORM: (r"[1-9]\d{0,7}", "68442"),
    CodeSystem.SNOMED_CT: (r"[1-9]\d{5,17}", "234336002"),
    CodeSystem.ORPHA: (r"ORPHA:\d+", "ORPHA:906"),
    CodeSystem.MONDO: (r"MONDO:\d{7}", "MONDO:0010518"),
    CodeSystem.OMIM: (r"OMIM:\d{6}", "OMIM:301000"),
    CodeSystem.CL: (r"CL:\d{7}", "CL:0000037"),
}


class Match(models.TextChoices):
    EXACT = "exact", "Same meaning"
    BROADER = "broader", "The code means more than the topic"
    NARROWER = "narrower", "The code means less than the topic"
    RELATED = "related", "Near the topic; sameness is not shown"


class RelationKind(models.TextChoices):
    RELATED = "related", "Related to"
    PART_OF = "part_of", "Part of"
    TREATS = "treats", "Treats"
    CAUSES = "causes", "Causes"
    PREVENTS = "prevents", "Prevents"
    USES = "uses", "Uses"


# How a relation reads from the other end.
INVERSE_LABELS = {
    RelationKind.RELATED: "Related to",
    RelationKind.PART_OF: "Includes",
    RelationKind.TREATS: "Treated by",
    RelationKind.CAUSES: "Caused by",
    RelationKind.PREVENTS: "Prevented by",
    RelationKind.USES: "Used in",
}


class Verdict(models.TextChoices):
    APPROVE = "approve", "Approve"
    REQUEST_CHANGES = "request-changes", "Request changes"


class ReportStatus(models.TextChoices):
    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    DISMISSED = "dismissed", "Dismissed"


class Frequency(models.TextChoices):
    AT_ONCE = "at-once", "At once"
    WEEKLY = "weekly", "Once a week"


class EventKind(models.TextChoices):
    SUBMITTED = "submitted", "Submitted for review"
    REVIEWED = "reviewed", "Reviewed"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    RESTORED = "restored", "Earlier text restored as draft"
    REFERENCE_STATUS = "reference-status", "Status of a reference changed"
    GLOSSARY = "glossary", "Glossary changed"


# What partners may follow; the rest is the editors' own business.
PUBLIC_EVENTS = [
    EventKind.PUBLISHED,
    EventKind.WITHDRAWN,
    EventKind.REFERENCE_STATUS,
    EventKind.GLOSSARY,
]


class Change(models.TextChoices):
    """What a reader is told of an event."""

    NEW_TOPIC = "new-topic", "New topic"
    NEW_EDITION = "new-edition", "New edition"
    WITHDRAWN = "withdrawn", "Withdrawn"
    NOTICE = "notice", "Notice about a publication"
    GLOSSARY = "glossary", "Glossary"
