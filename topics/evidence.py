"""What a topic rests on: all that its current edition states, by certainty, with its sources.

Statements and the graded rows of the clinical tables stand side by side. What is uncited, waits for
a check or cites a publication with a notice is shown like the rest, and counted first.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Q, TextChoices
from django.db.models.functions import Coalesce
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from hsc_portal import languages
from references import csl, shown
from references.models import Reference
from topics import rendering
from topics.choices import Certainty
from topics.models import Citation, Topic
from topics.reading import Reading
from topics.tables import Cell, Row

FACTS_ANCHOR = "at_a_glance"
CELL_BY_CELL = _("Graded cell by cell")


class Show(TextChoices):
    """What a reader can ask for: one certainty, or one kind of open point."""

    HIGH = Certainty.HIGH.value, Certainty.HIGH.label
    MODERATE = Certainty.MODERATE.value, Certainty.MODERATE.label
    LOW = Certainty.LOW.value, Certainty.LOW.label
    VERY_LOW = Certainty.VERY_LOW.value, Certainty.VERY_LOW.label
    UNGRADED = Certainty.UNGRADED.value, Certainty.UNGRADED.label
    UNCITED = "uncited", _("Uncited")
    AWAITING = "awaiting", _("Source check awaited")
    FLAGGED = "flagged", _("Citing a publication with a notice")


@dataclass
class Item:
    """A statement, or a row of a table with its further cells, and what it rests on.

    `certainty` is empty for a row whose cells are graded each for itself. `cited` has the places
    by the key of each publication. `statuses`, `sources` and `marks` are written when the page is
    put together. The words of a statement are content; in those of a row, and in `where`, words of
    the content are marked.
    """

    text: str
    where: str
    anchor: str
    certainty: str
    awaiting_check: bool
    cited: dict[str, list[str]]
    is_row: bool = False
    cells: list[Cell] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    sources: list[dict] = field(default_factory=list)
    marks: str = ""

    def belongs_to(self, show: str) -> bool:
        """Return whether it is what was asked for; "" asks for everything."""
        is_open = {
            Show.UNCITED: not self.cited,
            Show.AWAITING: self.awaiting_check,
            Show.FLAGGED: bool(self.statuses),
        }
        return not show or is_open.get(show, self.certainty == show)


def unchecked(edition_id: int) -> tuple[int, int]:
    """Return of how many publications that an edition cites no registry was ever asked, and of all.

    One that was merged into another counts as that other, which readers are shown.
    """
    never = Q(reference__merged_into=None, reference__checked_on=None) | Q(
        reference__merged_into__isnull=False, reference__merged_into__checked_on=None
    )
    one = Coalesce("reference__merged_into", "reference")
    found = Citation.objects.filter(edition=edition_id).aggregate(
        never=Count(one, filter=never, distinct=True), all=Count(one, distinct=True)
    )
    return found["never"], found["all"]


def context(reading: Reading, show: str, never_checked: tuple[int, int]) -> dict:
    """Return what the template of the evidence page is given.

    `show` is one of Show, or ""; `never_checked` is what `unchecked` found.
    """
    items = [*_statements(reading), *_facts(reading), *_rows(reading)]
    cited = {item["id"]: item for item in reading.document["references"]}
    for item in items:
        _write_sources(item, cited, reading.flagged)
    language = reading.document.get("language") or settings.LANGUAGE_CODE
    return {
        "canonical": languages.permanent("evidence", reading.slug),
        "lang": "" if language == get_language() else format_html(' lang="{}"', language),
        "slug": reading.slug,
        "document": reading.document,
        "marked_title": languages.content(reading.document["title"]),
        "edition": reading.edition,
        "show": show,
        "shown_only": languages.in_sentence(Show(show).label) if show else "",
        "total": len(items),
        "balance": _balance(items),
        "open_points": _open_points(items),
        "unchecked": dict(zip(("count", "of"), never_checked, strict=True)),
        "groups": _groups([item for item in items if item.belongs_to(show)]),
    }


def _statements(reading: Reading) -> Iterator[Item]:
    for section in reading.document.get("sections", []):
        for statement in section["statements"]:
            cited: dict[str, list[str]] = {}
            for citation in statement.get("citations", []):
                places = [citation["locator"]] if citation.get("locator") else []
                cited.setdefault(citation["key"], []).extend(places)
            yield Item(
                text=statement["text"],
                where=languages.content(section["heading"]),
                anchor=statement["anchor"],
                certainty=statement.get("certainty", Certainty.UNGRADED),
                awaiting_check=statement.get("awaiting_check", False),
                cited=cited,
            )


def _facts(reading: Reading) -> Iterator[Item]:
    """Yield the facts, if those of the kind name what they rest on."""
    model, facts = Topic.class_for(reading.kind), reading.document.get("facts", {})
    if facts and "references" in model.FACTS:
        # Words that an editor wrote stand there as they are; others are choices.
        cells = [
            Cell(languages.content(words) if words in facts.values() else words, label=label)
            for label, words in model.page_facts(reading.document)
        ]
        row = Row(
            cells=[Cell(gettext("The facts")), *cells],
            certainty=facts.get("certainty", Certainty.UNGRADED),
            awaiting_check=facts.get("awaiting_check", False),
            references=facts.get("references", []),
        )
        yield _item_of_row(row, gettext("At a glance"), FACTS_ANCHOR)


def _rows(reading: Reading) -> Iterator[Item]:
    links = rendering.TopicLinks(reading.listing.links if reading.listing else {})
    model = Topic.class_for(reading.kind)
    for table in model.page_tables(reading.document, links):
        for row in table.rows:
            yield _item_of_row(row, table.title, table.anchor)


def _item_of_row(row: Row, where: str, anchor: str) -> Item:
    first, *others = row.cells
    named = format_html_join(", ", "{}", ((part,) for part in (first.text, first.note) if part))
    return Item(
        text=languages.content(named) if getattr(first, "is_content", False) else named,
        where=where,
        anchor=anchor,
        certainty=row.certainty,
        awaiting_check=row.awaiting_check,
        cited={key: [] for key in row.references},
        is_row=True,
        cells=[cell for cell in others if cell],
    )


def _write_sources(item: Item, publications: dict[str, dict], flagged: dict[str, dict]) -> None:
    flags = [flagged[key]["status"] for key in item.cited if key in flagged]
    item.statuses = list(dict.fromkeys(flags))
    warnings = [words for status, words in rendering.WARNINGS.items() if status in flags]
    # The heading above says the certainty.
    item.marks = rendering.marks("", item.awaiting_check, bool(item.cited), warnings)
    item.sources = [
        {
            "key": key,
            "name": csl.short_name(publications[key]),
            **shown.shown(publications[key]),
            "places": list(dict.fromkeys(places)),
            "notice": _notice(flagged.get(key)),
        }
        for key, places in item.cited.items()
    ]


def _notice(flag: dict | None) -> dict | None:
    return flag and {
        "label": Reference.Status(flag["status"]).label,
        "on": flag["status_on"],
        "text": flag["status_notice"],
    }


def _balance(items: list[Item]) -> list[dict]:
    """Return for each certainty how many statements and rows have it, the surest first.

    `share` is the part of all in per cent. A last line has the rows graded cell by cell, if any.
    """
    statements = Counter(item.certainty for item in items if not item.is_row)
    rows = Counter(item.certainty for item in items if item.is_row)
    return [
        {
            "grade": grade,
            "label": _label(grade),
            "words": languages.in_sentence(_label(grade)),
            "statements": statements[grade],
            "rows": rows[grade],
            "share": round(100 * (statements[grade] + rows[grade]) / len(items)),
        }
        for grade in (*Certainty, "")
        if grade or rows[grade]
    ]


def _label(grade: str) -> str:
    return Certainty(grade).label if grade else CELL_BY_CELL


def _open_points(items: list[Item]) -> list[dict]:
    """Return how many items are open in each way, by the word that shows them.

    Notices are told apart: a retraction is not a correction.
    """
    statuses = Counter(status for item in items for status in item.statuses)
    uncited = sum(not item.cited for item in items)
    awaiting = sum(item.awaiting_check for item in items)
    # Translators: each of these follows a number of statements and table rows.
    counted = [
        (Show.UNCITED, uncited, ngettext("uncited", "uncited", uncited)),
        (Show.AWAITING, awaiting,
         ngettext("await a source check", "await a source check", awaiting)),
        *((Show.FLAGGED, statuses[status], _citing(status, statuses[status]))
          for status in rendering.WARNINGS),
    ]  # fmt: skip
    return [{"show": show, "count": count, "words": words} for show, count, words in counted]


def _citing(status: str, count: int) -> str:
    """Return what so many items do that cite publications of a status, so far as is known."""
    if status == Reference.Status.RETRACTED:
        return ngettext(
            "known to cite a retracted publication", "known to cite a retracted publication", count
        )
    if status == Reference.Status.CONCERN:
        return ngettext(
            "known to cite a publication under an expression of concern",
            "known to cite a publication under an expression of concern",
            count,
        )
    return ngettext(
        "known to cite a corrected publication", "known to cite a corrected publication", count
    )


def _groups(items: list[Item]) -> list[dict]:
    groups = {grade: [item for item in items if item.certainty == grade]
              for grade in (*Certainty, "")}  # fmt: skip
    return [
        {"grade": grade, "label": _label(grade), "items": found}
        for grade, found in groups.items()
        if found
    ]
