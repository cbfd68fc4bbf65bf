"""PubMed's records as XML. https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html

Read one article at a time, without entities, DTD or network.
"""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from references.formats import reading
from references.formats.records import Record, refused
from references.formats.xml import text_of as _text
from references.formats.xml import texts, walk

ARTICLES = ("PubmedArticle", "PubmedBookArticle")
# Publication types of PubMed → kinds of study, the most telling first.
STUDY_TYPES = {
    "practice guideline": "guideline", "guideline": "guideline",
    "meta-analysis": "systematic-review", "systematic review": "systematic-review",
    "network meta-analysis": "systematic-review",
    "randomized controlled trial": "rct", "equivalence trial": "rct",
    "pragmatic clinical trial": "rct",
    "consensus statement": "consensus", "consensus development conference": "consensus",
    "clinical trial": "trial", "clinical trial, phase i": "trial",
    "clinical trial, phase ii": "trial", "clinical trial, phase iii": "trial",
    "clinical trial, phase iv": "trial", "controlled clinical trial": "trial",
    "observational study": "cohort", "case reports": "case-report",
    "review": "review", "scoping review": "review",
}  # fmt: skip


def kind_of(types: list[str]) -> str:
    """Return the CSL type of a record by what PubMed calls it."""
    lower = {kind.strip().lower() for kind in types}
    if "book chapter" in lower:
        return "chapter"
    if lower & {"book", "monograph"}:
        return "book"
    if "dataset" in lower:
        return "dataset"
    return "report" if "technical report" in lower else "article-journal"


def study_type_of(types: list[str]) -> str:
    """Return the kind of study, "" if PubMed does not tell."""
    lower = {kind.strip().lower() for kind in types}
    return next((study for name, study in STUDY_TYPES.items() if name in lower), "")


def read(stream: BinaryIO) -> Iterator[Record]:
    """Read articles and books one by one. Raises Unreadable where the XML is broken."""
    for number, element in walk(stream, ARTICLES):
        book = element.find("BookDocument")
        item = _book(book) if book is not None else _article(element)
        if item.get("title"):
            yield Record(number, reading.finish(item))
        else:
            yield refused(number, "It has no title (ArticleTitle, BookTitle).")


def _article(element: etree._Element) -> dict:
    citation = element.find("MedlineCitation")
    article = citation.find("Article") if citation is not None else None
    if article is None:
        return {}
    types = texts(article, "PublicationTypeList/PublicationType")
    item = {
        "type": kind_of(types),
        "title": reading.without_stop(
            _text(article, "ArticleTitle") or _text(article, "VernacularTitle")
        ),
        "container-title": _text(article, "Journal/Title"),
        "container-title-short": _text(article, "Journal/ISOAbbreviation"),
        "issued": _issued(article.find("Journal/JournalIssue/PubDate"))
        or _issued(article.find("ArticleDate")),
        "volume": _text(article, "Journal/JournalIssue/Volume"),
        "issue": _text(article, "Journal/JournalIssue/Issue"),
        "page": reading.pages(_text(article, "Pagination/MedlinePgn"))
        or reading.pages(
            _text(article, "Pagination/StartPage"), _text(article, "Pagination/EndPage")
        ),
        "ISSN": _text(citation, "MedlineJournalInfo/ISSNLinking") or _text(article, "Journal/ISSN"),
        "language": _text(article, "Language"),
        "PMID": reading.pmid(_text(citation, "PMID")),
        "abstract": " ".join(texts(article, "Abstract/AbstractText")),
    } | _identifiers(element)
    _add_people(item, article)
    if study := study_type_of(types):
        item["custom"] = item.get("custom", {}) | {"study_type": study}
    return item


def _book(book: etree._Element) -> dict:
    title, chapter = _text(book, "Book/BookTitle"), _text(book, "ArticleTitle")
    item = {
        "type": "chapter" if chapter else "book",
        "title": reading.without_stop(chapter or title),
        "container-title": title if chapter else "",
        "issued": _issued(book.find("Book/PubDate")) or _issued(book.find("ContributionDate")),
        "publisher": _text(book, "Book/Publisher/PublisherName"),
        "publisher-place": _text(book, "Book/Publisher/PublisherLocation"),
        "ISBN": _text(book, "Book/Isbn"),
        "language": _text(book, "Language"),
        "PMID": reading.pmid(_text(book, "PMID")),
        "abstract": " ".join(texts(book, "Abstract/AbstractText")),
    }
    _add_people(item, book)
    editors = book.find("Book/AuthorList[@Type='editors']")
    item["editor"] = _people(editors) if editors is not None else []
    return item


def _issued(element: etree._Element | None) -> dict | None:
    if element is None:
        return None
    words = [_text(element, name) for name in ("Year", "Month", "Day")]
    # A month may be a number or a name.
    if words[0] and words[1].isdigit():
        return reading.issued("-".join(filter(None, words)))
    return reading.issued(" ".join(words) if words[0] else _text(element, "MedlineDate"))


def _add_people(item: dict, parent: etree._Element) -> None:
    authors = parent.find("AuthorList")
    if authors is None:
        return
    item["author"] = _people(authors)
    if authors.get("CompleteYN") == "N":
        item["custom"] = item.get("custom", {}) | {"authors_truncated": True}


def _people(element: etree._Element) -> list[dict]:
    found = []
    for author in element.findall("Author"):
        if group := _text(author, "CollectiveName"):
            found.append({"literal": group})
        elif family := _text(author, "LastName"):
            given = _text(author, "ForeName") or _text(author, "Initials")
            found.append(reading.named(family, given, _text(author, "Suffix")))
    return found


def _identifiers(element: etree._Element) -> dict:
    """Return DOI and PMCID. Those of the works that an article cites stand elsewhere."""
    given = {
        each.get("IdType"): reading.tidy(each.text)
        for each in element.findall("PubmedData/ArticleIdList/ArticleId")
    }
    doi = given.get("doi") or _text(element, "MedlineCitation/Article/ELocationID[@EIdType='doi']")
    return {"DOI": reading.doi(doi), "PMCID": reading.pmcid(given.get("pmc", ""))}
