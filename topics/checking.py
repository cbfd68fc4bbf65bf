"""What an editor should look at in a body of content: errors, warnings, and work to be done.

`check` is a pure function of Documents, whether they come from files or from what is published.
Whether a Document can be read at all is for others to say (`contentfile`, `documents`); here it is
asked whether its parts fit together and are fit for readers.
"""

import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import UniqueConstraint

from topics import documents, statements
from topics.choices import SectionKind
from topics.models import Topic

ERROR, WARNING, WORK = "error", "warning", "to do"
LEVELS = (ERROR, WARNING, WORK)

LONGEST_STATEMENT = 60
"""Words. A longer statement says more than one thing, and no one citation carries it."""

OUTLIER = 3.5
"""Robust z-score from which a page's reading level is far from the others (Iglewicz, Hoaglin)."""

FIGURE_NEEDS = {
    "alt": ("missing alt text", "Say what the picture shows, for who cannot see it."),
    "credit": ("missing credit", "Say who made the picture, and where it was published first."),
    "license": ("missing license", "Say under what the picture may be used."),
}

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_LONG_WORD = 7


@dataclass(frozen=True)
class Finding:
    """One thing to look at: how grave, which check found it, on which page, where, and what."""

    level: str
    check: str
    topic: str
    place: str
    message: str


@dataclass(frozen=True)
class Collection:
    """What is checked together.

    `documents` by slug, with their statements; `references` are the keys of the library;
    `glossary` holds entries as in the content file; `unreadable` are the slugs of topics that are
    there, but cannot be checked.
    """

    documents: dict[str, dict]
    references: set[str]
    glossary: list[dict] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)

    @property
    def topics(self) -> set[str]:
        return self.documents.keys() | self.unreadable


def check(collection: Collection) -> list[Finding]:
    """Return all findings, the gravest first, then by page."""
    found: list[Finding] = []
    for slug, document in collection.documents.items():
        for one in PAGE_CHECKS:
            found += one(slug, document, collection)
    for every in COLLECTION_CHECKS:
        found += every(collection)
    return sorted(found, key=lambda f: (LEVELS.index(f.level), f.topic, f.check))


def placed_statements(document: dict) -> Iterator[tuple[str, dict]]:
    """Yield each statement with the heading that it stands under."""
    for section in document.get("sections", []):
        yield from ((section["heading"], statement) for statement in section["statements"])


def placed_rows(document: dict) -> Iterator[tuple[str, dict]]:
    """Yield whatever else says what it rests on, with its place: `facts`, `risks, row 2` …"""
    if facts := document.get("facts"):
        yield "facts", facts
    for name, rows in document.get("tables", {}).items():
        yield from ((f"{name}, row {number}", row) for number, row in enumerate(rows, 1))


def uncited_rows(document: dict) -> Iterator[tuple[str, dict]]:
    """Yield what names no source and could, with its place: readers see “uncited” at each."""
    model = Topic.class_for(document["kind"])
    for place, row in placed_rows(document):
        table = place.partition(",")[0]
        names = model.FACTS if table == "facts" else model.row_model(table).DOCUMENT_FIELDS
        if "references" in names and not row.get("references"):
            yield place, row


def unknown_references(slug, document, collection) -> Iterator[Finding]:
    cited = [(place, c["key"]) for place, s in placed_statements(document)
             for c in s.get("citations", [])]  # fmt: skip
    cited += [(place, key) for place, row in placed_rows(document)
              for key in row.get("references", [])]  # fmt: skip
    for place, key in cited:
        if key not in collection.references:
            yield Finding(ERROR, "unknown reference", slug, place, f"The library has no {key}.")


def figure_faults(slug, document, collection) -> Iterator[Finding]:
    """What a figure must say of itself and does not, and places of figures that are not there."""
    figures = document.get("figures", [])
    for number, figure in enumerate(figures, 1):
        place = f"figure {figure.get('key') or number}"
        for name, (check, message) in FIGURE_NEEDS.items():
            if not figure.get(name, "").strip():
                yield Finding(ERROR, check, slug, place, message)
    known = {figure.get("key") for figure in figures}
    for section in document.get("sections", []):
        for key in statements.placed_figures(section["body"]):
            if key not in known:
                message = f"There is no figure “{key}”."
                yield Finding(ERROR, "unknown figure", slug, section["heading"], message)


def missing_topics(slug, document, collection) -> Iterator[Finding]:
    for target in sorted(documents.named_topics(document) - collection.topics):
        yield Finding(ERROR, "missing topic", slug, "", f"It names {target}, which is no topic.")


def needed_sections(document: dict) -> list[tuple[str, bool]]:
    """Return what a topic of its kind needs, in words, and whether the Document has it."""
    there = {section["kind"] for section in document.get("sections", [])}
    there |= {name for name, rows in document.get("tables", {}).items() if rows}
    labels = dict(SectionKind.choices)
    return [
        (" or ".join(str(labels.get(name, name)) for name in choices),
         bool(there.intersection(choices)))
        for choices in Topic.class_for(document["kind"]).NEEDED_SECTIONS
    ]  # fmt: skip


def missing_sections(slug, document, collection) -> Iterator[Finding]:
    for asked, is_there in needed_sections(document):
        if not is_there:
            yield Finding(ERROR, "missing section", slug, "", f"It has no section {asked}.")


def invalid_values(slug, document, collection) -> Iterator[Finding]:
    """Values that no form would take: a word that is no choice, a code of wrong form …"""
    model = Topic.class_for(document["kind"])
    facts = document.get("facts", {})
    parts = [("", model, document, model.BASIC_FIELDS), ("facts", model, facts, model.FACTS)]
    for name in (*model.ROWS, *model.TABLES):
        rows = document.get(name) or document.get("tables", {}).get(name, [])
        cls = model.row_model(name)
        parts += [(f"{name}, row {n}", cls, row, cls.DOCUMENT_FIELDS)
                  for n, row in enumerate(rows, 1)]  # fmt: skip
    for place, cls, values, names in parts:
        for message in _refusals(cls, values, names):
            yield Finding(ERROR, "invalid value", slug, place, message)


def _refusals(model, values: dict, names: Iterable[str]) -> list[str]:
    """Return what is wrong with the values of some fields; links are for others to check."""
    fields = [model._meta.get_field(name) for name in names]
    plain = {f.name for f in fields if not f.is_relation and f.name in values}
    others = {f.name for f in model._meta.get_fields() if f.name not in plain}
    try:
        made = model(**{name: model._meta.get_field(name).to_python(values[name])
                        for name in plain})  # fmt: skip
        made.clean_fields(exclude=others)
        if not issubclass(model, Topic):
            made.clean()
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return [f"{name}: {' '.join(messages)}" if name else " ".join(messages)
                for name, messages in told.items()]  # fmt: skip
    return []


def impossible_windows(slug, document, collection) -> Iterator[Finding]:
    for place, row in placed_rows(document):
        begin, end = row.get("from_day"), row.get("to_day")
        if begin is not None and end is not None and begin > end:
            message = f"The window ends on day {end}, before it begins on day {begin}."
            yield Finding(ERROR, "impossible window", slug, place, message)


def repeated_rows(slug, document, collection) -> Iterator[Finding]:
    """Rows that the database would refuse beside each other."""
    model = Topic.class_for(document["kind"])
    for table, rows in [*document.get("tables", {}).items(), ("codes", document.get("codes", []))]:
        for constraint in model.row_model(table)._meta.constraints:
            if not isinstance(constraint, UniqueConstraint):
                continue
            seen = set()
            for number, row in enumerate(rows, 1):
                key = tuple(row.get(name) for name in constraint.fields)
                if key in seen:
                    words = ", ".join(str(value) for value in key if value)
                    message = f"{words}: stands there already. Make one row of both."
                    yield Finding(ERROR, "repeated row", slug, f"{table}, row {number}", message)
                seen.add(key)


def long_statements(slug, document, collection) -> Iterator[Finding]:
    for place, statement in placed_statements(document):
        words = len(statement["text"].split())
        if words > LONGEST_STATEMENT:
            message = f"{words} words: “{shortened(statement['text'])}”. Divide it."
            yield Finding(ERROR, "long statement", slug, place, message)


def uncited(slug, document, collection) -> Iterator[Finding]:
    for place, statement in placed_statements(document):
        if not statement.get("citations"):
            yield Finding(WORK, "uncited", slug, place, shortened(statement["text"]))
    for place, row in uncited_rows(document):
        yield Finding(WORK, "uncited", slug, place, described(row))


def awaiting_check(slug, document, collection) -> Iterator[Finding]:
    for place, statement in placed_statements(document):
        if statement.get("awaiting_check"):
            yield Finding(WORK, "awaiting check", slug, place, shortened(statement["text"]))
    for place, row in placed_rows(document):
        if row.get("awaiting_check"):
            yield Finding(WORK, "awaiting check", slug, place, described(row))


def repeated_names(collection: Collection) -> Iterator[Finding]:
    """A synonym that stands twice on a page, or on two pages, or is the title of another page."""
    owners = defaultdict(list)
    for slug, document in collection.documents.items():
        for name in (document["title"], *document.get("synonyms", [])):
            owners[name.casefold()].append(slug)
    for name, slugs in owners.items():
        for slug in slugs[1:]:
            where = "here already" if slug == slugs[0] else f"a name of {slugs[0]}"
            yield Finding(ERROR, "repeated synonym", slug, "synonyms", f"“{name}” is {where}.")


def uncited_references(collection: Collection) -> Iterator[Finding]:
    cited = set().union(*map(documents.cited_keys, collection.documents.values()))
    for key in sorted(collection.references - cited):
        yield Finding(WARNING, "never cited", "", "library", f"No page cites {key}.")


def glossary_faults(collection: Collection) -> Iterator[Finding]:
    owners = {}
    for entry in collection.glossary:
        term = entry["term"]
        if (topic := entry.get("topic")) and topic not in collection.topics:
            message = f"“{term}” leads to {topic}, which is no topic."
            yield Finding(ERROR, "missing topic", "", "glossary", message)
        for name in {term, entry.get("abbreviation") or term, *entry.get("variants", [])}:
            if (other := owners.setdefault(name, term)) != term:
                message = f"“{name}” stands under “{other}” and “{term}”."
                yield Finding(ERROR, "repeated synonym", "", "glossary", message)


def hard_pages(collection: Collection) -> Iterator[Finding]:
    levels = {
        slug: reading_level([s["text"] for s in documents.all_statements(document)])
        for slug, document in collection.documents.items()
    }
    if len(levels) < 3:
        return
    middle = statistics.median(levels.values())
    # 0.6745: the median deviation of a normal distribution, in standard deviations.
    spread = statistics.median(abs(level - middle) for level in levels.values()) / 0.6745
    for slug, level in levels.items():
        if spread and (level - middle) / spread > OUTLIER:
            message = f"LIX {level:.0f}; half of the pages have {middle:.0f} or less."
            yield Finding(WARNING, "reading level", slug, "", message)


def reading_level(texts: Iterable[str]) -> float:
    """Return LIX (Björnsson 1968): words per sentence and percentage of words over 6 letters.

    Below 40 is easy, above 60 very hard. 0 for texts without words.
    """
    words, sentences = [], 0
    for text in texts:
        words += _WORD.findall(text)
        sentences += len(re.findall(r"[.:!?](?=\s|$)", text)) or 1
    if not words:
        return 0
    share = sum(len(word) >= _LONG_WORD for word in words) / len(words)
    return len(words) / sentences + 100 * share


def shortened(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def described(row: dict) -> str:
    """Return the words of a row by which an editor knows it."""
    words = (value for value in row.values() if isinstance(value, str))
    return shortened(", ".join(words))


PAGE_CHECKS = (
    unknown_references, figure_faults, missing_topics, missing_sections, invalid_values,
    impossible_windows, repeated_rows, long_statements, uncited, awaiting_check,
)  # fmt: skip
COLLECTION_CHECKS = (repeated_names, uncited_references, glossary_faults, hard_pages)
