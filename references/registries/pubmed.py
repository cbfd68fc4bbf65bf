"""PubMed by its E-utilities. https://www.ncbi.nlm.nih.gov/books/NBK25499/#chapter4.EFetch"""

import io

from references.formats import Unreadable, pubmed
from references.registries import answers
from references.registries.faults import NotUnderstood

NAME, LABEL, ACCEPT = "pubmed", "PubMed", "xml"
# It takes 200 numbers in an address; so many are asked for by hand at most.
AT_ONCE = 50


def address(values: list[str]) -> str:
    asked = answers.query(db="pubmed", retmode="xml", id=",".join(values), **answers.who())
    return f"{answers.base(NAME)}/efetch.fcgi?{asked}"


def read(body: bytes, values: list[str]) -> dict[str, dict]:
    """Return what was found of what was asked for. One without a title counts as not found."""
    if b"<PubmedArticleSet" not in body:
        raise NotUnderstood("Its answer is no list of articles.")
    try:
        items = [record.item for record in pubmed.read(io.BytesIO(body)) if record.item]
    except Unreadable as error:
        raise NotUnderstood(str(error)) from error
    return {item["PMID"]: item for item in items if item.get("PMID") in values}
