"""What an assistant is told, and what it is told when there is nothing.

Each answer about a topic carries its edition, whether a clinician reviewed it, warnings of
retractions and a permanent link, so that whatever is quoted can be checked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import F, QuerySet
from django.http import QueryDict

from hsc_portal import languages
from hsc_portal.rest import LICENSE_URL
from references import csl
from references.models import Reference
from references.shown import links, public
from topics import citing, reading
from topics.api.envelope import status_of
from topics.api.serializers import listings, statements
from topics.assistants import asking, choosing, standing
from topics.assistants.asking import Refused
from topics.assistants.standing import day
from topics.choices import Certainty
from topics.embedding import cards
from topics.embedding.naming import Named
from topics.filters import StatementFilter
from topics.models import Citation, GlossaryTerm, Listing, Statement
from topics.search import query as queries
from topics.search import results as finding

KEY = re.compile(r"(?:.*/references/)?([-\w]+)/?")
LEAST, USUAL, MOST = 1, 5, 30
SUGGESTED = 5


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
        stated = _statements().in_bulk([each.statement.pk for each in found.statements])
        return {
            "understood_as": queries.put_right(query.words, found.corrected),
            "topics": self._topics([rows[one.pk] for one in found.topics if one.pk in rows]),
            "statements": self._several(
                [stated[one.statement.pk] for one in found.statements if one.statement.pk in stated]
            ),
            "references": [self._publication(one) for one in found.references],
            "terms": [self._term(one) for one in found.terms],
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
        asked = asking.named(topic)
        asked.number = asked.number if edition is None else edition
        return reading.steadily(
            lambda: self._find(topic, asked),
            lambda found: self._whole(found, choosing.places(found, asked, sections), list(tables)),
        )

    def statements(
        self, topic: str = "", words: str = "", certainty: str = "", cites: str = "",
        limit: int = 20, offset: int = 0,
    ) -> dict:  # fmt: skip
        """Return single statements with their citations, `limit` of them from `offset` on."""
        asked = {
            "topic": self._current(topic) if topic else "",
            "q": _short(words),
            "certainty": certainty,
            "reference": cites,
        }
        asked = {name: value for name, value in asked.items() if value}
        if not asked:
            raise Refused("Name a topic, words, a certainty, or a publication that is cited.")
        data = QueryDict(mutable=True)
        data.update(asked)
        filters = StatementFilter(data, queryset=_statements())
        if not filters.is_valid():
            raise Refused(
                "; ".join(f"{name}: {' '.join(why)}" for name, why in filters.errors.items())
            )
        rows = filters.qs.order_by("listing__title", "listing", "position")
        total, start = rows.count(), max(0, offset)
        end = start + _within(limit)
        return {
            "total": total,
            "offset": start,
            "next_offset": end if end < total else None,
            "statements": self._several(list(rows[start:end])),
            **_rights(),
        }

    def reference(self, reference: str) -> dict:
        """Return a publication, its standing today, and the topics that cite it now."""
        found = self._reference(reference)
        return {
            **self._publication(found),
            "notice": found.status_notice or None,
            "notice_on": day(found.status_on),
            "csl": public(found.csl),
            "cited_by": self._cited_by(found),
        }

    def _cited_by(self, reference: Reference) -> list[dict]:
        """Return the topics that cite a publication now, under whichever of its keys."""
        cited = Citation.objects.filter(reference__in=reference.same())
        edition = "edition__listing"
        rows = cited.filter(edition__listing__isnull=False).order_by(f"{edition}__title", edition)
        return [
            {
                "slug": slug,
                "title": title,
                "edition": number,
                "review": standing.review(at, by, due),
                "url": self._at("topic", slug),
                "permanent_url": self._at("edition", slug, number),
            }
            for slug, title, number, at, by, due in rows.distinct().values_list(
                f"{edition}__slug", f"{edition}__title", "edition__number",
                f"{edition}__reviewed_at", "edition__approved_by_name", f"{edition}__next_review",
            )
        ]  # fmt: skip

    def _current(self, topic: str) -> str:
        """Return the slug of a topic of which the current edition is meant. Raises Refused."""
        found = self._find(topic, asking.named(topic))
        if not found.is_current:
            raise Refused(
                f"Single statements are of current editions, which is edition "
                f"{found.current_number} of “{found.slug}”. "
                f"For edition {found.number} use `get_topic`."
            )
        return found.slug

    def _find(self, topic: str, asked: Named) -> reading.Reading:
        """Return the edition that is asked for. Raises Refused."""
        try:
            found = asking.find(asked)
        except reading.Moved as moved:
            return self._find(topic, replace(asked, slug=moved.slug))
        except reading.Withdrawn as gone:
            raise Refused(
                f"The topic “{asked.slug}” was withdrawn on {day(gone.event.created_at)} and must "
                f"not be relied on. Reason: {gone.event.note} "
                f"History: {self._at('history', asked.slug)}"
            ) from None
        except reading.NotPublished:
            raise self._unknown(topic, asked) from None
        if found.withdrawal:
            raise Refused(
                f"Edition {found.number} of “{found.slug}” was withdrawn on "
                f"{day(found.withdrawal.at)} and must not be relied on. "
                f"Reason: {found.withdrawal.reason}"
            )
        return found

    def _unknown(self, topic: str, asked: Named) -> Refused:
        if asked.number is not None:
            return Refused(
                f"There is no edition {asked.number} of “{asked.slug}”, or no such topic."
            )
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
        shown = choosing.sections(document, sections)
        cited = choosing.cited_in(
            [shown, document.get("facts", {}), [there[name] for name in tables]]
        )
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
        return {
            "slug": found.slug,
            "title": document["title"],
            "kind": document["kind"],
            "edition": {
                "number": edition.number,
                "status": status_of(found),
                "current_number": found.current_number,
                "published_on": day(edition.published_at),
                "digest": edition.digest,
            },
            "review": standing.review(
                edition.approved_at, edition.approved_by_name, found.next_review
            ),
            "warnings": [standing.warning(flag) for flag in found.warnings],
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

    def _topics(self, rows: list[Listing]) -> list[dict]:
        """Return topics in short, each with warnings of what it cites. One query."""
        cited = {row.pk: row.facets.get("reference", []) for row in rows}
        warned = standing.warnings(key for keys in cited.values() for key in keys)
        return [
            {
                "slug": row.slug,
                "title": row.title,
                "kind": row.kind,
                "summary": row.summary,
                "edition": row.edition.number,
                "review": standing.review(
                    row.reviewed_at, row.edition.approved_by_name, row.next_review
                ),
                "warnings": [warned[key] for key in cited[row.pk] if key in warned],
                "url": self._at("topic", row.slug),
                "permanent_url": self._at("edition", row.slug, row.edition.number),
            }
            for row in rows
        ]

    def _several(self, rows: list[Statement]) -> list[dict]:
        """Return statements, each with warnings of what it cites. One query."""
        warned = standing.warnings(one["key"] for row in rows for one in row.cited)
        return [self._statement(row, warned) for row in rows]

    def _statement(self, row: Statement, warned: dict[str, dict]) -> dict:
        keys = dict.fromkeys(one["key"] for one in row.cited)
        return {
            "text": row.text,
            "certainty": row.certainty,
            "source_check_awaited": row.awaiting_check,
            "citations": [
                {name: one[name] for name in ("key", "title", "year", "locator", "status")}
                | {"url": self._at("reference", one["key"])}
                for one in row.cited
            ],
            "warnings": [warned[key] for key in keys if key in warned],
            "section": row.section_heading,
            "topic": {"slug": row.slug, "title": row.topic_title},
            "edition": row.edition_number,
            "review": standing.review(row.reviewed_at, row.reviewed_by, row.next_review),
            "permanent_url": self._at("edition", row.slug, row.edition_number) + f"#{row.anchor}",
        }

    def _term(self, row: GlossaryTerm) -> dict:
        page, anchor = self._at("glossary"), row.get_absolute_url().partition("#")[2]
        listing = getattr(row.topic, "listing", None) if row.topic else None
        return {
            "term": row.term,
            "definition": row.definition,
            "url": f"{page}#{anchor}",
            "topic": listing and {"slug": listing.slug, "title": listing.title},
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


def _statements() -> QuerySet[Statement]:
    """Return the published statements with all that is told of each, in one query."""
    return statements().annotate(
        reviewed_by=F("listing__edition__approved_by_name"), next_review=F("listing__next_review")
    )


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
