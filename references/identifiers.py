"""DOI, PMID and PMCID in the one form that the library keeps."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

KEY_PATTERN = r"[a-z][a-z0-9_-]*"
validate_key = RegexValidator(
    rf"^{KEY_PATTERN}\Z",
    "A key starts with a lower-case letter and has lower-case letters, digits, - and _ only.",
)


def normalise_doi(value: str | int | None) -> str | None:
    """Return a DOI in lower case without its resolver, None for an empty value.

    >>> normalise_doi("https://doi.org/10.1056/NEJMra052638")
    '10.1056/nejmra052638'

    Raises ValidationError for anything that is not a DOI.
    """
    text = str(value or "").strip()
    if not text:
        return None
    text = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", text, flags=re.IGNORECASE)
    if not re.fullmatch(r"10\.\d{4,9}/\S+", text):
        raise ValidationError(f"“{value}” is not a DOI. A DOI looks like 10.1056/NEJMra052638.")
    return text.lower()


def normalise_pmid(value: str | int | None) -> str | None:
    """Return a PubMed number as digits, None for an empty value."""
    text = str(value or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise ValidationError(f"“{value}” is not a PubMed number. It has one to nine digits.")
    return text


def normalise_pmcid(value: str | int | None) -> str | None:
    """Return a PubMed Central number as `PMC` and digits, None for an empty value."""
    text = str(value or "").strip().upper()
    if not text:
        return None
    if not re.fullmatch(r"PMC[1-9]\d{0,9}", text):
        raise ValidationError(f"“{value}” is not a PMC number. It looks like PMC4830270.")
    return text
