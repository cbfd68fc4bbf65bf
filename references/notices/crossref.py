"""Notices in Crossref, those of Retraction Watch among them.

A work names under `updated-by` what was published about it; a notice names under `update-to` the
works that it is about. What has replaced a work is a `relation`.
https://www.crossref.org/documentation/retrieve-metadata/retraction-watch/
"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.core.exceptions import ValidationError

from references.identifiers import normalise_doi
from references.notices import dates
from references.notices.kinds import Found, NoticeKind, NoticeSource
from references.registries import answers
from references.registries.faults import NotUnderstood

AT_ONCE = 20
# Crossref's words, and the same written otherwise by publishers.
KINDS = {
    "retraction": NoticeKind.RETRACTION,
    "removal": NoticeKind.REMOVAL,
    "withdrawal": NoticeKind.REMOVAL,
    "correction": NoticeKind.CORRECTION,
    "corrigendum": NoticeKind.CORRECTION,
    "erratum": NoticeKind.CORRECTION,
    # As the NLM has it: some figure or table is taken back, and the work stands.
    "partial_retraction": NoticeKind.CORRECTION,
    "expression_of_concern": NoticeKind.CONCERN,
    "concern": NoticeKind.CONCERN,
    "reinstatement": NoticeKind.REINSTATEMENT,
}
REPLACED = "is-replaced-by"


def address(dois: list[str]) -> str:
    """Return where many works are asked for at once."""
    works = f"{answers.base(NoticeSource.CROSSREF)}/works"
    if len(dois) == 1:
        return f"{works}/{quote(dois[0], safe='')}"
    filters = ",".join(f"doi:{doi}" for doi in dois)
    return f"{works}?{answers.query(filter=filters, rows=str(len(dois)))}"


def can_be_asked_together(doi: str) -> bool:
    """Say whether a DOI can stand in a list: what parts the list must not be in it."""
    return not set(doi) & set(",:")


def read(body: bytes) -> dict[str, list[Found]]:
    """Return the notices of each work that was answered, none among them, by its DOI.

    Raises NotUnderstood.
    """
    found: dict[str, list[Found]] = {}
    for work in _works(body):
        doi = _doi(work)
        if not doi:
            continue
        found.setdefault(doi, []).extend(_about(work))
        for update in _each(work, "update-to"):
            if about := _doi(update):
                found.setdefault(about, []).append(_notice(update, doi))
    return {doi: list(dict.fromkeys(notices)) for doi, notices in found.items()}


def _works(body: bytes) -> list[dict]:
    message = answers.object_of(body).get("message")
    if not isinstance(message, dict):
        raise NotUnderstood("Its answer holds no works.")
    works = message.get("items", [message])
    if not isinstance(works, list):
        raise NotUnderstood("Its answer holds no list of works.")
    return [work for work in works if isinstance(work, dict)]


def _about(work: dict) -> Iterator[Found]:
    for update in _each(work, "updated-by"):
        yield _notice(update, _doi(update))
    relation = work.get("relation")
    for other in _each(relation if isinstance(relation, dict) else {}, REPLACED):
        if other.get("id-type") == "doi" and (doi := _doi({"DOI": other.get("id")})):
            yield Found(NoticeKind.OTHER, NoticeSource.CROSSREF, doi=doi, words="Replaced")


def _notice(update: dict, doi: str) -> Found:
    kind = str(update.get("type") or "").lower().replace("-", "_").replace(" ", "_")
    is_theirs = update.get("source") == "retraction-watch"
    updated = update.get("updated")
    return Found(
        KINDS.get(kind, NoticeKind.OTHER),
        NoticeSource.RETRACTION_WATCH if is_theirs else NoticeSource.CROSSREF,
        date=dates.of_parts(updated.get("date-parts") if isinstance(updated, dict) else None),
        doi=doi,
        words=_words(update, kind),
    )


def _words(update: dict, kind: str) -> str:
    """Return what a notice is called, "" where that is the name of its kind."""
    words = str(update.get("label") or kind.replace("_", " ").capitalize())
    return "" if words.lower() == kind and kind in NoticeKind.values else words


def _each(parent: dict, name: str) -> Iterable[dict]:
    found = parent.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _doi(item: dict) -> str:
    try:
        return (normalise_doi(str(item.get("DOI") or "")) or "")[:250]
    except ValidationError:
        return ""
