"""The day of a notice, where a source tells it whole: half a date is none."""

import re
from datetime import date, datetime

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def of_parts(parts) -> date | None:
    """Return the day of CSL's and Crossref's `date-parts`.

    >>> of_parts([[2020, 6, 5]])
    datetime.date(2020, 6, 5)
    """
    try:
        year, month, day = (int(part) for part in parts[0])
        return date(year, month, day)
    except (LookupError, TypeError, ValueError):
        return None


def of_source(text: str) -> date | None:
    """Return the day in PubMed's words for where a notice stands.

    >>> of_source("Lancet. 2010 Feb 6;375(9713):445")
    datetime.date(2010, 2, 6)
    """
    found = re.search(r"\b((?:18|19|20)\d\d) ([A-Z][a-z]{2}) (\d{1,2})\b", text)
    if not found or found[2].lower() not in MONTHS:
        return None
    return of_parts([[found[1], MONTHS.index(found[2].lower()) + 1, found[3]]])


def of_american(text: str) -> date | None:
    """Return the day of a date as Retraction Watch writes it, with or without a time.

    >>> of_american("6/5/2020 0:00")
    datetime.date(2020, 6, 5)
    """
    first = text.split()[0] if text.split() else ""
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(first, form).date()
        except ValueError:
            continue
    return None
