"""What a notice is, and who tells of it."""

import datetime
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NoticeKind(models.TextChoices):
    RETRACTION = "retraction", _("Retraction")
    REMOVAL = "removal", _("Removal or withdrawal")
    CORRECTION = "correction", _("Correction")
    CONCERN = "concern", _("Expression of concern")
    REINSTATEMENT = "reinstatement", _("Reinstatement")
    OTHER = "other", pgettext_lazy("notice", "Other notice")
    # By editors only: what is kept for ever must be able to be taken back.
    MISTAKE = "mistake", _("Earlier notices recorded by mistake")


class NoticeSource(models.TextChoices):
    CROSSREF = "crossref", "Crossref"
    PUBMED = "pubmed", "PubMed"
    RETRACTION_WATCH = "retraction-watch", "Retraction Watch"
    EDITOR = "editor", _("Editors of the portal")


@dataclass(frozen=True)
class Found:
    """A notice as a source tells of it. What it does not tell is empty."""

    kind: str
    source: str
    date: datetime.date | None = None
    doi: str = ""
    pmid: str = ""
    address: str = ""
    words: str = ""


def is_same(known, found) -> bool:
    """Say whether a source tells once more of a notice that is known from it.

    By its number, else by its day. A day that was not known before is news.
    """
    if (known.kind, known.source) != (found.kind, found.source):
        return False
    if known.date == found.date:
        return (known.doi, known.pmid) == (found.doi, found.pmid) or _share_number(known, found)
    return _share_number(known, found) and not (known.date is None and found.date)


def _share_number(one, other) -> bool:
    by_doi = one.doi and one.doi == other.doi
    return bool(by_doi or (one.pmid and one.pmid == other.pmid))
