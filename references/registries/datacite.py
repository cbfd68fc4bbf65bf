"""DataCite: data sets, software, reports and preprints with a DOI that Crossref does not know.

https://support.datacite.org/reference/get_dois-id, GET /dois/{doi}
"""

from urllib.parse import quote

from references.formats import reading
from references.registries import answers

NAME, LABEL, ACCEPT, AT_ONCE = "datacite", "DataCite", "json", 1
# Its general types as CSL calls them. https://datacite-metadata-schema.readthedocs.io, appendix 1
TYPES = {
    "JournalArticle": "article-journal", "ConferencePaper": "paper-conference",
    "Book": "book", "BookChapter": "chapter", "Report": "report", "Dissertation": "thesis",
    "Dataset": "dataset", "DataPaper": "article-journal", "Preprint": "article",
    "Software": "software", "Standard": "standard", "PeerReview": "review",
    "Image": "graphic", "Audiovisual": "motion_picture",
}  # fmt: skip


def address(values: list[str]) -> str:
    return f"{answers.base(NAME)}/dois/{quote(values[0], safe='')}"


def read(body: bytes, values: list[str]) -> dict[str, dict]:
    given = answers.object_of(body)["data"]["attributes"]
    return {values[0]: _item(given)} if given.get("doi") else {}


def _item(given: dict) -> dict:
    container, types = given.get("container") or {}, given.get("types") or {}
    publisher = given.get("publisher") or ""
    contributors = given.get("contributors") or []
    editors = [person for person in contributors if person.get("contributorType") == "Editor"]
    found = {
        "type": TYPES.get(types.get("resourceTypeGeneral"), "document"),
        "title": _title(given.get("titles") or []),
        "author": answers.people(given.get("creators"), "givenName", "familyName", "name"),
        "editor": answers.people(editors, "givenName", "familyName", "name"),
        "container-title": reading.tidy(container.get("title")),
        "volume": reading.tidy(container.get("volume")),
        "issue": reading.tidy(container.get("issue")),
        "page": reading.pages(container.get("firstPage"), container.get("lastPage")),
        "publisher": reading.tidy(
            publisher.get("name") if isinstance(publisher, dict) else publisher
        ),
        "issued": _issued(given),
        "version": reading.tidy(given.get("version")),
        "language": reading.tidy(given.get("language")),
        "DOI": reading.tidy(given["doi"]).lower(),
        "abstract": _abstract(given.get("descriptions") or []),
    }
    return reading.finish(found)


def _title(titles: list[dict]) -> str:
    main = next((one for one in titles if not one.get("titleType")), {})
    subtitle = next((one for one in titles if one.get("titleType") == "Subtitle"), {})
    words = [reading.tidy(one.get("title")) for one in (main, subtitle)]
    return reading.without_stop(": ".join(filter(None, words)))


def _issued(given: dict) -> dict | None:
    dates = given.get("dates") or []
    day = next((one.get("date") for one in dates if one.get("dateType") == "Issued"), "")
    return reading.issued(day) or reading.issued(given.get("publicationYear"))


def _abstract(descriptions: list[dict]) -> str:
    found = (one for one in descriptions if one.get("descriptionType") == "Abstract")
    return reading.tidy(next(found, {}).get("description"))
