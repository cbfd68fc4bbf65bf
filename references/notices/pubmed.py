"""Notices in PubMed's records: what each says under CommentsCorrections, and its types.

https://www.nlm.nih.gov/bsd/policy/errata.html
"""

import re
from io import BytesIO

from lxml import etree

from references.formats.records import Unreadable
from references.formats.xml import text_of, texts, walk
from references.notices import dates
from references.notices.kinds import Found, NoticeKind, NoticeSource
from references.registries import answers
from references.registries.faults import NotUnderstood

# More do not fit into an address.
AT_ONCE = 200
# “…Of”, “…For” and “…From” stand in the notice, and are about another publication.
KINDS = {
    "RetractionIn": NoticeKind.RETRACTION,
    # What was published anew is another publication.
    "RetractedandRepublishedIn": NoticeKind.RETRACTION,
    "ErratumIn": NoticeKind.CORRECTION,
    "CorrectedandRepublishedIn": NoticeKind.CORRECTION,
    "ExpressionOfConcernIn": NoticeKind.CONCERN,
    "UpdateIn": NoticeKind.OTHER,
}
WORDS = {
    "RetractionIn": "Retraction in",
    "RetractedandRepublishedIn": "Retracted and republished in",
    "ErratumIn": "Erratum in",
    "CorrectedandRepublishedIn": "Corrected and republished in",
    "ExpressionOfConcernIn": "Expression of concern in",
    "UpdateIn": "Update in",
}
RETRACTED = "Retracted Publication"
DOI = re.compile(r"\b10\.\d{4,9}/[^\s,]*[^\s,.;]")


def address(pmids: list[str]) -> str:
    """Return where the records of up to AT_ONCE publications are asked for at once."""
    asked = answers.query(db="pubmed", retmode="xml", id=",".join(pmids), **answers.who())
    return f"{answers.base(NoticeSource.PUBMED)}/efetch.fcgi?{asked}"


def read(body: bytes) -> dict[str, list[Found]]:
    """Return the notices of each record that was answered, none among them, by its PMID.

    Raises NotUnderstood.
    """
    if b"<PubmedArticleSet" not in body:
        raise NotUnderstood("Its answer is no list of articles.")
    try:
        found = dict(_read(each) for _, each in walk(BytesIO(body), ("PubmedArticle",)))
    except Unreadable as error:
        raise NotUnderstood(str(error)) from error
    found.pop("", None)
    return found


def _read(element: etree._Element) -> tuple[str, list[Found]]:
    listed = element.findall("MedlineCitation/CommentsCorrectionsList/CommentsCorrections")
    found = [_notice(each) for each in listed if each.get("RefType") in KINDS]
    types = texts(element, "MedlineCitation/Article/PublicationTypeList/PublicationType")
    if RETRACTED in types and all(each.kind != NoticeKind.RETRACTION for each in found):
        found.append(Found(NoticeKind.RETRACTION, NoticeSource.PUBMED, words=RETRACTED))
    return text_of(element, "MedlineCitation/PMID"), list(dict.fromkeys(found))


def _notice(element: etree._Element) -> Found:
    kind, place = element.get("RefType"), text_of(element, "RefSource")
    doi = DOI.search(place)
    pmid = text_of(element, "PMID")
    words = f"{WORDS[kind]}: {place}" if place else WORDS[kind].removesuffix(" in")
    return Found(
        KINDS[kind],
        NoticeSource.PUBMED,
        date=dates.of_source(place),
        doi=doi[0].rstrip(".").lower()[:250] if doi else "",
        pmid=pmid if re.fullmatch(r"[1-9]\d{0,8}", pmid) else "",
        words=" ".join(filter(None, [words, text_of(element, "Note")])),
    )
