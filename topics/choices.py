"""The words with a fixed choice. Their values stand in Documents, files and the API."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    # Translators: these are kinds of topics. A condition is a disease, an agent is a medicine.
    OVERVIEW = "overview", _("Overview")
    THERAPY = "therapy", _("Therapy")
    AGENT = "agent", _("Agent")
    CONDITION = "condition", _("Condition")
    COMPLICATION = "complication", _("Complication")


# Kinds as headings of lists.
PLURALS = {
    Kind.OVERVIEW: _("Overviews"),
    Kind.THERAPY: _("Therapies"),
    Kind.AGENT: _("Agents"),
    Kind.CONDITION: _("Conditions"),
    Kind.COMPLICATION: _("Complications"),
}


class Area(models.TextChoices):
    BIOLOGY = "biology", _("Stem cell biology")
    MOBILIZATION = "mobilization", _("Mobilization and collection")
    TRANSPLANTATION = "transplantation", _("Transplantation")
    CONDITIONING = "conditioning", _("Conditioning")
    ENGRAFTMENT = "engraftment", _("Engraftment and immune reconstitution")
    GENE_THERAPY = "gene-therapy", _("Gene therapy")
    RISKS = "risks", _("Risks and complications")
    CONDITIONS = "conditions", _("Conditions treated")
    INFECTION = "infection", _("Infectious disease")


class SectionKind(models.TextChoices):
    KEY_POINTS = "key_points", _("Key points")
    OVERVIEW = "overview", _("Overview")
    MECHANISM = "mechanism", _("Mechanism")
    PROCEDURE = "procedure", _("Procedure")
    CLINICAL_USE = "clinical_use", _("Clinical use")
    BENEFITS = "benefits", _("Benefits")
    RISKS = "risks", _("Risks")
    MONITORING = "monitoring", _("Monitoring")
    EVIDENCE = "evidence", _("Evidence")
    RESEARCH = "research", _("Research")
    FUTURE = "future", _("Future")


class Certainty(models.TextChoices):
    """GRADE: how sure the evidence makes us that the true effect is close to what is stated."""

    HIGH = "high", _("High certainty")
    MODERATE = "moderate", _("Moderate certainty")
    LOW = "low", _("Low certainty")
    VERY_LOW = "very-low", _("Very low certainty")
    UNGRADED = "ungraded", _("Not graded")


class CodeSystem(models.TextChoices):
    MESH = "MeSH", "MeSH"
    ICD_10 = "ICD-10", _("ICD-10 (WHO)")
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
    EXACT = "exact", _("Same meaning")
    BROADER = "broader", _("The code means more than the topic")
    NARROWER = "narrower", _("The code means less than the topic")
    RELATED = "related", _("Near the topic; sameness is not shown")


class RelationKind(models.TextChoices):
    """How two topics belong together.

    Listings and the API name a relation by its label, from whichever end it is read; so labels stay
    as they are, and `relation_words` says them in the reader's language.
    """

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

# Translators: how one topic belongs to those that are named after it. “Part of: Transplantation”.
_RELATION_WORDS = {
    "Related to": pgettext_lazy("relation", "Related to"),
    "Part of": pgettext_lazy("relation", "Part of"),
    "Treats": pgettext_lazy("relation", "Treats"),
    "Causes": pgettext_lazy("relation", "Causes"),
    "Prevents": pgettext_lazy("relation", "Prevents"),
    "Uses": pgettext_lazy("relation", "Uses"),
    "Includes": pgettext_lazy("relation", "Includes"),
    "Treated by": pgettext_lazy("relation", "Treated by"),
    "Caused by": pgettext_lazy("relation", "Caused by"),
    "Prevented by": pgettext_lazy("relation", "Prevented by"),
    "Used in": pgettext_lazy("relation", "Used in"),
}


def relation_words(label: str) -> str:
    """Return the label of a relation, as it stands in a listing, in the language of the reader."""
    return str(_RELATION_WORDS[label])


class Verdict(models.TextChoices):
    APPROVE = "approve", "Approve"
    REQUEST_CHANGES = "request-changes", "Request changes"


class TaskKind(models.TextChoices):
    """What somebody of the team is asked to do with a topic."""

    REVIEW = "review", "Review"
    CHANGES = "changes", "Make the requested changes"
    UPDATE = "update", "Bring up to date"


class ScheduleState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class LinkState(models.TextChoices):
    """What became of asking an address. `Unclear`: it refuses programs, or failed only once."""

    UNCHECKED = "unchecked", "Not asked yet"
    FINE = "fine", "Answers"
    UNCLEAR = "unclear", "Unclear"
    BROKEN = "broken", "Broken"


class ReportStatus(models.TextChoices):
    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    DISMISSED = "dismissed", "Dismissed"


class Frequency(models.TextChoices):
    AT_ONCE = "at-once", _("At once")
    WEEKLY = "weekly", _("Once a week")


class EventKind(models.TextChoices):
    SUBMITTED = "submitted", "Submitted for review"
    REVIEWED = "reviewed", "Reviewed"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    RESTORED = "restored", "Earlier text restored as draft"
    REFERENCE_STATUS = "reference-status", "Status of a reference changed"
    REFERENCE_MERGED = "reference-merged", "Reference merged into another"
    REFERENCE_PARTED = "reference-parted", "Merging of a reference undone"
    REFERENCE_RECORD = "reference-record", "Record of a reference changed"
    LOOKED_AGAIN = "looked-again", "Looked at again after a notice was lifted"
    GLOSSARY = "glossary", "Glossary changed"


# What readers are told of as news. What partners may follow says topics/replicating/events.py.
PUBLIC_EVENTS = [
    EventKind.PUBLISHED,
    EventKind.WITHDRAWN,
    EventKind.REFERENCE_STATUS,
    EventKind.GLOSSARY,
]


class Change(models.TextChoices):
    """What a reader is told of an event."""

    NEW_TOPIC = "new-topic", _("New topic")
    NEW_EDITION = "new-edition", _("New edition")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NOTICE = "notice", _("Notice about a publication")
    GLOSSARY = "glossary", _("Glossary")


class PictureFormat(models.TextChoices):
    """Each is the ending of its files, too."""

    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"
    WEBP = "webp", "WebP"


class License(models.TextChoices):
    """Under what a figure may be used. All but the last let everybody pass it on."""

    CC0 = "cc0-1.0", "CC0 1.0"
    PUBLIC_DOMAIN = "public-domain", _("Public domain")
    CC_BY_4 = "cc-by-4.0", "CC BY 4.0"
    CC_BY_3 = "cc-by-3.0", "CC BY 3.0"
    CC_BY_2 = "cc-by-2.0", "CC BY 2.0"
    CC_BY_SA_4 = "cc-by-sa-4.0", "CC BY-SA 4.0"
    CC_BY_SA_3 = "cc-by-sa-3.0", "CC BY-SA 3.0"
    # Translators: of a figure that is used with the permission of its owner.
    PERMISSION = "permission", _("With permission")


LICENSE_ADDRESSES = {
    License.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
    License.PUBLIC_DOMAIN: "https://creativecommons.org/publicdomain/mark/1.0/",
    License.CC_BY_4: "https://creativecommons.org/licenses/by/4.0/",
    License.CC_BY_3: "https://creativecommons.org/licenses/by/3.0/",
    License.CC_BY_2: "https://creativecommons.org/licenses/by/2.0/",
    License.CC_BY_SA_4: "https://creativecommons.org/licenses/by-sa/4.0/",
    License.CC_BY_SA_3: "https://creativecommons.org/licenses/by-sa/3.0/",
}
