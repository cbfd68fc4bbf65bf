"""What a registry has otherwise than the library, field by field, and taking that over."""

from collections.abc import Mapping
from dataclasses import dataclass

from references import csl
from references.importing import IDENTIFIERS
from references.models import Reference, StudyType

LABELS = {
    "type": "Type", "title": "Title", "author": "Authors", "editor": "Editors",
    "container-title": "Journal or book", "container-title-short": "Its abbreviation",
    "issued": "Date", "volume": "Volume", "issue": "Issue", "page": "Pages", "edition": "Edition",
    "publisher": "Publisher", "publisher-place": "Place", "number": "Number",
    "number-of-pages": "Number of pages", "version": "Version", "language": "Language",
    "DOI": "DOI", "PMID": "PMID", "PMCID": "PMCID", "ISBN": "ISBN", "ISSN": "ISSN",
    "URL": "Address", "abstract": "Abstract",
}  # fmt: skip
STUDY_TYPE = "study_type"
NAMES = ("author", "editor")


@dataclass(frozen=True)
class Difference:
    """A field of which a registry has another word: as text, to be compared."""

    name: str
    label: str
    here: str
    there: str

    @property
    def is_missing(self) -> bool:
        return not self.here


def differences(
    reference: Reference, item: dict, labels: Mapping[str, str] = LABELS
) -> list[Difference]:
    """Return the fields that a registry has, and the library has otherwise or not at all."""
    rows = [
        Difference(name, label, _text(name, reference.csl), _text(name, item))
        for name, label in labels.items()
        if item.get(name) and not _is_same(name, reference.csl.get(name), item[name])
    ]
    study_type = (item.get("custom") or {}).get(STUDY_TYPE, "")
    if study_type in StudyType.values and study_type != reference.study_type:
        is_known = reference.study_type != StudyType.OTHER
        here = reference.get_study_type_display() if is_known else ""
        rows.append(Difference(STUDY_TYPE, "Kind of study", here, StudyType(study_type).label))
    return rows


def is_another(reference: Reference, item: dict) -> bool:
    """Return whether a number says that this is not the publication that is here."""
    theirs = Reference(key=reference.key, csl=item)
    theirs.read_csl()
    pairs = ((getattr(reference, name), getattr(theirs, name)) for name in IDENTIFIERS)
    return any(mine and other and mine != other for mine, other in pairs)


def taken(reference: Reference, item: dict, names: list[str]) -> tuple[dict, str]:
    """Return the CSL-JSON of a publication with these fields of an item, and its kind of study."""
    fields = {name: item[name] for name in names if name in LABELS and item.get(name)}
    theirs, custom = item.get("custom", {}), dict(reference.csl.get("custom") or {})
    if "author" in fields:
        # Whether there are more authors than are named belongs to those that are.
        custom.pop("authors_truncated", None)
        custom |= {name: theirs[name] for name in ("authors_truncated",) if name in theirs}
    custom["registry"] = theirs["registry"]
    study_type = theirs.get(STUDY_TYPE) if STUDY_TYPE in names else None
    return reference.csl | fields | {"custom": custom}, study_type or reference.study_type


def _is_same(name: str, mine: object, theirs: object) -> bool:
    if isinstance(mine, str) and isinstance(theirs, str) and name == "DOI":
        return mine.lower() == theirs.lower()
    return mine == theirs


def _text(name: str, item: dict) -> str:
    """Return a field as a person reads it, whole."""
    value = item.get(name)
    if not value:
        return ""
    if name in NAMES:
        names = ", ".join(csl.name(person) for person in value)
        cut = name == "author" and item.get("custom", {}).get("authors_truncated")
        return f"{names}, et al." if cut else names
    if isinstance(value, dict):
        parts = (value.get("date-parts") or [[]])[0]
        return "-".join(f"{part:02}" for part in parts) or str(value.get("raw", ""))
    return str(value)
