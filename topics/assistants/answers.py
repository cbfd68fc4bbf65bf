"""What an assistant is told, and what it is told when there is nothing.

Each answer about a topic carries its edition, whether a clinician reviewed it, warnings of
retractions and a permanent link, so that whatever is quoted can be checked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.http import QueryDict
from django.utils import timezone

from hsc_portal import languages
from hsc_portal.rest import LICENSE_URL
from references import csl
from references.models import Reference
from references.shown import links, public
from topics import citing, reading
from topics.choices import Certainty
from topics.embedding import cards
from topics.envelope import status_of
from topics.filters import StatementFilter
from topics.models import Citation, Statement
from topics.search import query as queries
from topics.search import results as finding
from topics.serializers import REVIEWED, UNREVIEWED, listings, statements

SLUG = re.compile(r"(?:.*/(?:topics|therapies|agents|conditions|complications|embed)/)?([-\w]+)")
KEY = re.compile(r"(?:.*/references/)?([-\w]+)/?")
LEAST, USUAL, MOST = 1, 5, 30
SUGGESTED = 5


class Refused(Exception):
    """There is no such answer; the text says why, and what may be asked instead."""


@dataclass(frozen=True)
class Answers:
    """What is told by the portal at an address, `origin`, without a slash at the end."""

    origin: str

    def search(
        self, question: str, kind: str = "", certainty: str = "", limit: int = USUAL
    ) -> dict:
        """Return topics, statements, publications and terms that answer a question."""
        chosen = {"kind": kind, "certainty": certainty}
        narrowed = QueryDict(mutable=True)
        narrowed.update({name: value for name, value in chosen.items() if value})
        query = queries.parse(_short(question), narrowed)
        if query.faults:
            raise Refused(" ".join(map(str, query.faults)))
        if query.is_empty:
            raise Refused("Say in words what is searched for.")
        found = finding.find(query, most=_within(limit))
        rows = listings().in_bulk([topic.pk for topic in found.topics])
        stated = statements().in_bulk([each.statement.pk for each in found.statements])
        return {
            "understood_as": queries.put_right(query.words, found.corrected),
            "topics": [self._topic(rows[one.pk]) for one in found.topics if one.pk in rows],
            "statements": [
                self._statement(stated[one.statement.pk])
                for one in found.statements
                if one.statement.pk in stated
            ],
            "references": [self._publication(one) for one in found.references],
            "terms": [{"term": one.term, "definition": one.definition} for one in found.terms],
            **_rights(),
        }

    def topic(
        self,
        topic: str,
        edition: int | None = None,
        sections: Iterable[str] = (),
        tables: Iterable[str] = (),
    ) -> dict:
        """Return an edition of a topic: its text by sections, and those tables that are named."""
        return reading.steadily(
            lambda: self._find(topic, edition),
            lambda found: self._whole(found, list(sections), list(tables)),
        )

    def statements(
        self, topic: str = "", words: str = "", certainty: str = "", cites: str = "",
        limit: int = 20,
    ) -> dict:  # fmt: skip
        """Return single statements with their citations."""
        slug = self._find(topic, None).slug if topic else ""
        asked = {"topic": slug, "q": _short(words), "certainty": certainty, "reference": cites}
        asked = {name: value for name, value in asked.items() if value}
        if not asked:
            raise Refused("Name a topic, words, a certainty, or a publication that is cited.")
        data = QueryDict(mutable=True)
        data.update(asked)
        filters = StatementFilter(data, queryset=statements())
        if not filters.is_valid():
            raise Refused(
                "; ".join(f"{name}: {' '.join(why)}" for name, why in filters.errors.items())
            )
        rows = filters.qs.order_by("listing__title", "position")
        limit = _within(limit)
        return {
            "total": rows.count(),
            "statements": [self._statement(row) for row in rows[:limit]],
            **_rights(),
        }

    def reference(self, reference: str) -> dict:
        """Return a publication, its standing today, and the topics that cite it now."""
        found = self._reference(reference)
        cited = Citation.objects.filter(reference=found, edition__listing__isnull=False)
        topics = cited.order_by("edition__listing__title").values_list(
            "edition__listing__slug", "edition__listing__title"
        )
        return {
            **self._publication(found),
            "notice": found.status_notice or None,
            "notice_on": _day(found.status_on),
            "csl": public(found.csl),
            "cited_by": [
                {"slug": slug, "title": title, "url": self._at("topic", slug)}
                for slug, title in topics
            ],
        }

    def _find(self, topic: str, edition: int | None) -> reading.Reading:
        """Return the edition that is asked for. Raises Refused."""
        slug = (SLUG.fullmatch(topic.strip().partition("#")[0].rstrip("/")) or [None, ""])[1]
        try:
            found = reading.edition(slug, edition) if edition else reading.current(slug)
        except reading.Moved as moved:
            return self._find(moved.slug, edition)
        except reading.Withdrawn as gone:
            day = _day(gone.event.created_at)
            raise Refused(
                f"The topic “{slug}” was withdrawn on {day} and must not be relied on. "
                f"Reason: {gone.event.note} History: {self._at('history', slug)}"
            ) from None
        except reading.NotPublished:
            raise self._unknown(topic, slug, edition) from None
        if found.withdrawal:
            raise Refused(
                f"Edition {found.number} of “{slug}” was withdrawn on {_day(found.withdrawal.at)} "
                f"and must not be relied on. Reason: {found.withdrawal.reason}"
            )
        return found

    def _unknown(self, topic: str, slug: str, edition: int | None) -> Refused:
        if edition:
            return Refused(f"There is no edition {edition} of “{slug}”, or no such topic.")
        query = queries.parse(_short(topic.replace("-", " ")))
        near = finding.find(query, most=SUGGESTED).topics if not query.is_empty else []
        named = ", ".join(f"{one.slug} ({one.title})" for one in near)
        hint = f"Perhaps one of: {named}." if named else "Use `search` to find topics."
        return Refused(f"No topic is published as “{topic}”. {hint}")

    def _reference(self, given: str) -> Reference:
        text = given.strip()
        known = Reference.objects.select_related("merged_into")
        if (key := KEY.fullmatch(text)) and (named := known.filter(key=key[1]).first()):
            return named.kept
        found = finding.destination(text)
        if isinstance(found, Reference):
            return found
        query = queries.parse(_short(text))
        near = finding.find(query, most=SUGGESTED).references if not query.is_empty else []
        named = ", ".join(f"{one.key} ({csl.short_name(one.csl)})" for one in near)
        hint = f"Perhaps one of: {named}." if named else "Use its key, DOI or PMID."
        raise Refused(f"The library has no publication “{given}”. {hint}")

    def _whole(self, found: reading.Reading, sections: list[str], tables: list[str]) -> dict:
        document = found.document
        there = document.get("tables", {})
        if missing := set(tables) - there.keys():
            names = ", ".join(there) or "none"
            raise Refused(f"There is no table {', '.join(missing)}. The topic has: {names}.")
        shown = _sections(document, sections)
        cited = _cited_in([shown, document.get("facts", {}), [there[name] for name in tables]])
        return {
            **self._head(found),
            "summary": document.get("summary", ""),
            "synonyms": document.get("synonyms", []),
            "areas": document.get("areas", []),
            "facts": document.get("facts", {}),
            "codes": document.get("codes", []),
            "sections": [self._section(one, found) for one in shown],
            "other_sections": [
                one["heading"] for one in document.get("sections", []) if one not in shown
            ],
            "tables": {name: there[name] for name in tables},
            "other_tables": {name: len(rows) for name, rows in there.items() if name not in tables},
            "related": [
                {"relation": group["label"], "topics": group["topics"]}
                for group in (found.listing.related if found.is_current and found.listing else [])
            ],
            "references": {
                item["id"]: _cited_as(item)
                for item in document["references"]
                if not sections or item["id"] in cited
            },
        }

    def _head(self, found: reading.Reading) -> dict:
        """Return what must be known of an edition by whoever quotes it."""
        edition, document = found.edition, found.document
        due = found.next_review
        return {
            "slug": found.slug,
            "title": document["title"],
            "kind": document["kind"],
            "edition": {
                "number": edition.number,
                "status": status_of(found),
                "current_number": found.current_number,
                "published_on": _day(edition.published_at),
                "digest": edition.digest,
            },
            "review": {
                "status": REVIEWED if edition.is_reviewed else UNREVIEWED,
                "by": edition.approved_by_name or None,
                "on": _day(edition.approved_at),
                "next_due": _day(due),
                "is_overdue": due is not None and due < timezone.localdate(),
            },
            "warnings": [
                {
                    "key": flag["key"],
                    "status": flag["status"],
                    "label": str(Reference.Status(flag["status"]).label),
                    "on": _day(flag["status_on"]),
                    "notice": flag["status_notice"],
                }
                for flag in found.warnings
            ],
            "url": self.origin + cards.address(found),
            "permanent_url": citing.address(found, self.origin),
            **_rights(f"HSC Portal, “{document['title']}”, edition {edition.number}, CC BY 4.0"),
        }

    def _section(self, section: dict, found: reading.Reading) -> dict:
        page = citing.address(found, self.origin)
        return {
            "heading": section["heading"],
            "kind": section["kind"],
            "permanent_url": f"{page}#{section['anchor']}",
            "statements": [
                {
                    "text": one["text"],
                    "certainty": one.get("certainty", Certainty.UNGRADED.value),
                    "source_check_awaited": one.get("awaiting_check", False),
                    "citations": [
                        cited | self._flag(cited["key"], found)
                        for cited in one.get("citations", [])
                    ],
                    "permanent_url": f"{page}#{one['anchor']}",
                }
                for one in section["statements"]
            ],
        }

    def _flag(self, key: str, found: reading.Reading) -> dict:
        flag = found.flagged.get(key)
        return {"status": flag["status"]} if flag else {}

    def _topic(self, row) -> dict:
        return {
            "slug": row.slug,
            "title": row.title,
            "kind": row.kind,
            "summary": row.summary,
            "edition": row.edition.number,
            "review": REVIEWED if row.reviewed_at else UNREVIEWED,
            "url": self._at("topic", row.slug),
            "permanent_url": self._at("edition", row.slug, row.edition.number),
        }

    def _statement(self, row: Statement) -> dict:
        cited = [
            {name: one[name] for name in ("key", "title", "year", "locator", "status")}
            | {"url": self._at("reference", one["key"])}
            for one in row.cited
        ]
        flagged = [one for one in cited if one["status"] != Reference.Status.CURRENT]
        return {
            "text": row.text,
            "certainty": row.certainty,
            "source_check_awaited": row.awaiting_check,
            "citations": cited,
            "warnings": [
                f"{one['key']}: {Reference.Status(one['status']).label}" for one in flagged
            ],
            "section": row.section_heading,
            "topic": {"slug": row.slug, "title": row.topic_title},
            "edition": row.edition_number,
            "review": REVIEWED if row.reviewed_at else UNREVIEWED,
            "permanent_url": self._at("edition", row.slug, row.edition_number) + f"#{row.anchor}",
        }

    def _publication(self, row: Reference) -> dict:
        return {
            "key": row.key,
            "citation": _cited_as(row.csl),
            "study_type": row.study_type,
            "status": row.status,
            "status_label": str(Reference.Status(row.status).label),
            "url": self._at("reference", row.key),
        }

    def _at(self, page: str, *args) -> str:
        return self.origin + languages.permanent(page, *args)


def _sections(document: dict, asked: list[str]) -> list[dict]:
    """Return the sections that are named by heading, kind or anchor; all if none is named."""
    every = document.get("sections", [])
    if not asked:
        return every
    wanted = {name.strip().lower() for name in asked}
    names = ("heading", "kind", "anchor")
    found = [one for one in every if wanted & {one[name].lower() for name in names}]
    if not found:
        there = ", ".join(f"“{one['heading']}” ({one['kind']})" for one in every)
        raise Refused(f"There is no such section. The topic has: {there or 'none'}.")
    return found


def _cited_in(part) -> set[str]:
    """Return the keys of publications that a part of a Document cites, however deep."""
    if isinstance(part, list):
        return set().union(*map(_cited_in, part))
    if not isinstance(part, dict):
        return set()
    own = {cited["key"] for cited in part.get("citations", [])} | {*part.get("references", [])}
    return own.union(*map(_cited_in, part.values()))


def _cited_as(item: dict) -> str:
    """Return a publication in one line, with where it can be read."""
    places = [place["address"] for place in links(item)[:1]]
    parts = [csl.authors(item), str(item["title"]).rstrip("."), csl.source(item), *places]
    return ". ".join(part.rstrip(".") for part in parts if part)


def _rights(attribution: str = "HSC Portal, CC BY 4.0") -> dict:
    return {"license": LICENSE_URL, "attribution": attribution}


def _short(text: str) -> str:
    return text[: queries.LONGEST]


def _within(limit: int) -> int:
    return max(LEAST, min(MOST, limit))


def _day(value: date | datetime | None) -> str | None:
    day = timezone.localdate(value) if isinstance(value, datetime) else value
    return day.isoformat() if day else None
