"""What reference managers and search engines find in a page about a publication.

Three forms of the same words, since each program reads another: `citation_*` for Zotero, Mendeley
and Google Scholar, context objects in spans (COinS) for Zotero and EndNote where a page names
several works, and schema.org for search engines.
"""

from urllib.parse import quote, urlencode

from references.formats.writing import date_parts, family, first_and_last_page
from references.shown import DOI, links

JOURNAL = {"article-journal", "article-magazine", "article-newspaper"}
REPORTS = {"report", "standard"}
TYPES = {
    "book": "Book", "chapter": "Chapter", "dataset": "Dataset", "report": "Report",
    "thesis": "Thesis", "webpage": "WebPage",
}  # fmt: skip
NO_BREAK = "\N{NO-BREAK SPACE}"


def of_page(item: dict, address: str) -> dict:
    """Return what the template of a publication writes for programs."""
    return {
        "highwire": highwire(item),
        "coins": [coins(item)],
        "linked_data": json_ld(item, address),
    }


def highwire(item: dict) -> list[tuple[str, str]]:
    """Return name and content of each `citation_*` of a publication, those of it that are known."""
    first, last = first_and_last_page(item)
    named = [
        ("citation_title", item["title"]),
        *(("citation_author", _highwire_name(person)) for person in item.get("author") or []),
        *(("citation_editor", _highwire_name(person)) for person in item.get("editor") or []),
        ("citation_publication_date", "/".join(_padded(item))),
        *_container(item),
        ("citation_volume", item.get("volume")),
        ("citation_issue", item.get("issue")),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_issn", _first(item.get("ISSN"))),
        ("citation_isbn", _first(item.get("ISBN"))),
        ("citation_doi", item.get("DOI")),
        ("citation_pmid", item.get("PMID")),
        ("citation_publisher", item.get("publisher")),
        ("citation_language", item.get("language")),
        ("citation_public_url", _address(item)),
    ]
    return [(name, str(content)) for name, content in named if content]


def _highwire_name(person: dict) -> str:
    """Return a name as `Family, Given`.

    Zotero takes a name with two words on either side of the comma for two people, so no space may
    stand between given names then.
    """
    if literal := person.get("literal"):
        return literal
    last, given = family(person), person.get("given", "")
    if " " in last:
        given = given.replace(" ", NO_BREAK)
    return f"{last}, {given}" if given else last


def _container(item: dict) -> list[tuple[str, str]]:
    """Return where it appeared. By its name, programs tell what kind of publication it is."""
    container, kind = item.get("container-title"), item.get("type")
    if kind in REPORTS:
        return [("citation_technical_report_institution", item.get("publisher") or container)]
    if kind == "chapter":
        return [("citation_inbook_title", container), ("citation_book_title", container)]
    if kind in JOURNAL or not kind:
        short = item.get("container-title-short")
        return [("citation_journal_title", container), ("citation_journal_abbrev", short)]
    return [("citation_series_title", container)]


def coins(item: dict) -> str:
    """Return the context object of a publication: the title of a span of class `Z3988`."""
    kind = item.get("type")
    if kind in JOURNAL:
        fields = _of_article(item)
    elif kind in {"book", "chapter", *REPORTS}:
        fields = _of_book(item, kind)
    else:
        fields = _of_page(item)
    ids = [f"info:doi/{item['DOI']}"] if item.get("DOI") else []
    ids += [f"info:pmid/{item['PMID']}"] if item.get("PMID") else []
    ids += [address] if not ids and (address := _address(item)) else []
    whole = [("ctx_ver", "Z39.88-2004"), *fields, *(("rft_id", one) for one in ids)]
    return urlencode([(name, value) for name, value in whole if value], quote_via=quote)


def _of_article(item: dict) -> list[tuple[str, str]]:
    return [
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article"),
        ("rft.atitle", item["title"]),
        ("rft.jtitle", item.get("container-title")),
        *_of_all(item),
        ("rft.volume", item.get("volume")),
        ("rft.issue", item.get("issue")),
        ("rft.issn", _first(item.get("ISSN"))),
    ]


def _of_book(item: dict, kind: str) -> list[tuple[str, str]]:
    titles = [("rft.genre", "book"), ("rft.btitle", item["title"])]
    if kind == "chapter":
        titles = [("rft.genre", "bookitem"), ("rft.atitle", item["title"]),
                  ("rft.btitle", item.get("container-title"))]  # fmt: skip
    elif kind in REPORTS:
        titles = [("rft.genre", "report"), ("rft.btitle", item["title"])]
    return [
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:book"),
        *titles,
        *_of_all(item),
        ("rft.edition", item.get("edition")),
        ("rft.pub", item.get("publisher")),
        ("rft.isbn", _first(item.get("ISBN"))),
    ]


def _of_all(item: dict) -> list[tuple[str, str]]:
    first, last = first_and_last_page(item)
    pages = [("rft.spage", first), ("rft.epage", last)] if last else [("rft.pages", first)]
    people = item.get("author") or item.get("editor") or []
    return [*map(_coins_name, people), ("rft.date", "-".join(_padded(item))), *pages]


def _of_page(item: dict) -> list[tuple[str, str]]:
    """Return what has no form of its own among context objects: pages of the web, and others."""
    kind = "webpage" if item.get("type") == "webpage" else "document"
    return [
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", kind),
        ("rft.title", item["title"]),
        *(("rft.creator", _coins_name(person)[1]) for person in item.get("author") or []),
        ("rft.source", item.get("container-title")),
        ("rft.publisher", item.get("publisher")),
        ("rft.date", "-".join(_padded(item))),
        ("rft.identifier", _address(item)),
    ]


def _coins_name(person: dict) -> tuple[str, str]:
    if literal := person.get("literal"):
        return "rft.aucorp", literal
    return "rft.au", ", ".join(filter(None, [family(person), person.get("given")]))


def json_ld(item: dict, address: str) -> dict:
    """Return a publication in the words of schema.org. `address` is that of its page here."""
    kind = item.get("type")
    found = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle" if kind in JOURNAL else TYPES.get(kind, "CreativeWork"),
        "name": item["title"],
        "author": [_schema_person(person) for person in item.get("author") or []],
        "editor": [_schema_person(person) for person in item.get("editor") or []],
        "datePublished": "-".join(_padded(item)),
        "isPartOf": _periodical(item),
        "pagination": item.get("page"),
        "publisher": item.get("publisher"),
        "inLanguage": item.get("language"),
        "sameAs": [link["address"] for link in links(item)],
        "mainEntityOfPage": address,
    }
    return {name: value for name, value in found.items() if value}


def _schema_person(person: dict) -> dict:
    if literal := person.get("literal"):
        return {"@type": "Organization", "name": literal}
    given = person.get("given", "")
    name = " ".join(filter(None, [given, family(person)]))
    return {"@type": "Person", "name": name, "familyName": family(person), "givenName": given}


def _periodical(item: dict) -> dict | None:
    """Return the issue, in its volume, in its journal; for other works what they are part of."""
    if not (container := item.get("container-title")):
        return None
    if item.get("type") not in JOURNAL:
        return {"@type": "CreativeWork", "name": container}
    whole = {"@type": "Periodical", "name": container}
    whole |= {"issn": issn} if (issn := _first(item.get("ISSN"))) else {}
    for kind, name in (("PublicationVolume", "volume"), ("PublicationIssue", "issue")):
        if number := item.get(name):
            whole = {"@type": kind, f"{name}Number": str(number), "isPartOf": whole}
    return whole


def _address(item: dict) -> str:
    """Return where the publication itself is, "" if that is not known."""
    if doi := item.get("DOI"):
        return f"{DOI}{doi}"
    found = links(item)
    return found[0]["address"] if found else ""


def _padded(item: dict) -> list[str]:
    year, *rest = [*map(str, date_parts(item))] or [""]
    return [year, *(part.zfill(2) for part in rest)]


def _first(value) -> str:
    """Return the first of several numbers."""
    return str(value[0]) if isinstance(value, list) and value else str(value or "")
