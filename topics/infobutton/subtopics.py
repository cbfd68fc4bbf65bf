"""Which section of a page answers a subtopic: from MeSH qualifiers to the kinds of sections."""

from collections.abc import Iterable

from topics.choices import SectionKind as S
from topics.infobutton.asking import Criterion

# For each subtopic the kinds of sections that tell of it, the best first.
KINDS: dict[str, tuple[S, ...]] = {
    "therapy": (S.CLINICAL_USE, S.PROCEDURE, S.BENEFITS),
    "diagnosis": (S.MONITORING, S.OVERVIEW),
    "etiology": (S.MECHANISM, S.RISKS),
    "classification": (S.OVERVIEW,),
    "adverse effects": (S.RISKS,),
    "contraindications": (S.RISKS, S.CLINICAL_USE),
    "administration & dosage": (S.PROCEDURE, S.CLINICAL_USE),
    "therapeutic use": (S.CLINICAL_USE, S.BENEFITS),
    "pharmacokinetics": (S.MECHANISM,),
    "pharmacology": (S.MECHANISM,),
    "toxicity": (S.RISKS,),
    "poisoning": (S.RISKS,),
    "prognosis": (S.BENEFITS, S.EVIDENCE),
    "drug interactions": (S.RISKS, S.CLINICAL_USE),
    "differential diagnosis": (S.MONITORING, S.OVERVIEW),
}
CODES = {
    "Q000628": "therapy",
    "Q000175": "diagnosis",
    "Q000209": "etiology",
    "Q000145": "classification",
    "Q000009": "adverse effects",
    "Q000744": "contraindications",
    "Q000008": "administration & dosage",
    "Q000627": "therapeutic use",
    "Q000493": "pharmacokinetics",
    "Q000494": "pharmacology",
    "Q000633": "toxicity",
    "Q000506": "poisoning",
    "D011379": "prognosis",
    "D004347": "drug interactions",
    # SNOMED CT.
    "47965005": "differential diagnosis",
}
# As it is also called.
NAMES = {name: name for name in KINDS} | {
    "treatment": "therapy",
    "drug interaction": "drug interactions",
    "administration and dosage": "administration & dosage",
    "dosage": "administration & dosage",
    "dose": "administration & dosage",
    "side effects": "adverse effects",
}


def section_for(document: dict, subtopics: Iterable[Criterion]) -> dict | None:
    """Return the first section that tells of what is asked, None if the page has none."""
    for subtopic in subtopics:
        for kind in _kinds(subtopic):
            for section in document.get("sections", []):
                if section["kind"] == kind:
                    return section
    return None


def _kinds(subtopic: Criterion) -> tuple[S, ...]:
    name = CODES.get(subtopic.code.upper())
    for words in (subtopic.display, subtopic.words):
        name = name or NAMES.get(words.lower())
    return KINDS[name] if name else ()
