"""The database of Retraction Watch, as Crossref gives it away: a CSV file of some 60 MB.

https://gitlab.com/crossref/retraction-watch-data. One row is one notice; it is read row by row.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.core.exceptions import ValidationError

from references.formats.records import Unreadable
from references.identifiers import normalise_doi, normalise_pmid
from references.notices import dates
from references.notices.kinds import Found, NoticeKind, NoticeSource

NEEDED = (
    "RetractionDate", "RetractionDOI", "RetractionPubMedID", "OriginalPaperDOI",
    "OriginalPaperPubMedID", "RetractionNature", "Reason",
)  # fmt: skip
KINDS = {
    "retraction": NoticeKind.RETRACTION,
    "correction": NoticeKind.CORRECTION,
    "expression of concern": NoticeKind.CONCERN,
    "reinstatement": NoticeKind.REINSTATEMENT,
}
LONGEST = 2_000


@dataclass(frozen=True)
class Row:
    """A notice, and by which numbers the publication is known that it is about.

    `odd_date` is what stands where its date should, if that is none.
    """

    found: Found
    dois: tuple[str, ...]
    pmids: tuple[str, ...]
    odd_date: str = ""


@dataclass
class Tally:
    """How many rows of the file were read, those of publications without a number among them."""

    rows: int = 0


def read(stream: BinaryIO, tally: Tally | None = None) -> Iterator[Row]:
    """Read the notices one by one, without those of publications that have no number.

    All rows are counted in `tally`.

    Raises Unreadable for a file of another kind, or where it ends to be readable.
    """
    # Some bytes of the real file are no UTF-8.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    rows = csv.DictReader(text)
    try:
        if missing := [name for name in NEEDED if name not in (rows.fieldnames or ())]:
            raise Unreadable(
                f"This is no file of Retraction Watch: it has no column {', '.join(missing)}."
            )
        for row in rows:
            if tally:
                tally.rows += 1
            if found := _row(row):
                yield found
    except csv.Error as error:
        raise Unreadable(f"The file cannot be read beyond line {rows.line_num}: {error}") from error


def _row(row: dict) -> Row | None:
    about = _numbers(row["OriginalPaperDOI"], normalise_doi)
    pmids = _numbers(row["OriginalPaperPubMedID"], normalise_pmid)
    if not about and not pmids:
        return None
    nature = (row["RetractionNature"] or "").strip()
    doi = _numbers(row["RetractionDOI"], normalise_doi)
    pmid = _numbers(row["RetractionPubMedID"], normalise_pmid)
    reasons = [each.strip(" +") for each in (row["Reason"] or "").split(";")]
    words = "; ".join(filter(None, reasons))
    found = Found(
        KINDS.get(nature.lower(), NoticeKind.OTHER),
        NoticeSource.RETRACTION_WATCH,
        date=dates.of_american(row["RetractionDate"] or ""),
        doi=doi[0] if doi else "",
        pmid=pmid[0] if pmid else "",
        words=words[:LONGEST] or nature[:LONGEST],
    )
    told = (row["RetractionDate"] or "").strip()
    return Row(found, about, pmids, "" if found.date else told[:40])


def _numbers(text: str | None, normalise) -> tuple[str, ...]:
    """Return the numbers in a field. “unavailable”, 0 and what is none are none."""
    found = []
    # The DOIs of old articles have semicolons in them.
    for each in re.split(r"\s+|;\s*(?=10\.|\d+\s*(?:;|$)|$)", text or ""):
        try:
            number = normalise(each)
        except ValidationError:
            continue
        if number and "\0" not in number and len(number) <= 250:
            found.append(number)
    return tuple(dict.fromkeys(found))
