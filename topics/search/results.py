"""What a search shows: topics, statements, references and terms, the best of each first."""

from dataclasses import dataclass, field, replace

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.safestring import SafeString

from references.models import Reference
from topics import rendering
from topics.models import (
    GlossaryTerm,
    Lexeme,
    ListedCode,
    Listing,
    Posting,
    PublishedSlug,
    Statement,
    StatementCitation,
    StatementPosting,
)
from topics.models.search import Indexed
from topics.search import (
    answering,
    facets,
    finding,
    marking,
    pinning,
    ranking,
    sifting,
    text,
    weights,
)
from topics.search.answering import Hit
from topics.search.facets import Facet
from topics.search.finding import Asked, Ranked
from topics.search.query import Query, identifiers

TOPICS = 6
# Of these at most so many stand above the statements.
NAMED = 2
STATEMENTS = 20
REFERENCES = 6
TERMS = 3
# Of a question about more things, no statement is expected to speak of all.
MOST_TOGETHER = 3
# What is counted at the most.
COUNTED = 200
# A topic, reference or term whose score is below this share of the query's rarity is there by
# chance, and is not counted.
LEAST_SHARE = 0.35
# What is read of a statement that is shown.
SHOWN = (
    "listing__title", "listing__slug", "listing__reviewed_at", "listing__edition__number",
    "anchor", "section_heading", "text", "certainty", "awaiting_check", "is_cited",
)  # fmt: skip
# What is chosen of topics and statements, and says nothing of a publication.
TOPICS_ONLY = {"kind", "area", "certainty"}


@dataclass
class Found:
    """A statement as it is shown: `marks` are where its text has words that were searched for."""

    statement: Statement
    marks: list[tuple[int, int]]
    hit: Hit
    # What is wrong with its sources now.
    warnings: list[str] = field(default_factory=list)

    @property
    def signs(self) -> SafeString:
        """How sure it is and what is open about it, in the words of its page."""
        row = self.statement
        return rendering.marks(row.certainty, row.awaiting_check, row.is_cited, self.warnings)

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        return marking.pieces(self.statement.text, self.marks)

    @property
    def lexemes(self) -> set[str]:
        """Of its text, its section's heading and its topic's title."""
        row = self.statement
        told = f"{row.listing.title} {row.section_heading} {row.text}"
        return {token.lexeme for token in text.tokens(told)}

    @property
    def is_pinned(self) -> bool:
        return "pinned" in self.hit.parts


@dataclass
class Results:
    """What was found. `named` are the topics that the query names; `corrected` what it was read as,
    with the words that were put right; `pinned` are the topics that editors want first; `scores`
    of topics, references and terms are by kind and number."""

    query: Query
    asked: Asked | None = None
    topics: list[Listing] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    pinned: set[int] = field(default_factory=set)
    statements: list[Found] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    terms: list[GlossaryTerm] = field(default_factory=list)
    facets: list[Facet] = field(default_factory=list)
    scores: dict[Indexed, dict[int, float]] = field(default_factory=dict)

    @property
    def named_topics(self) -> list[Listing]:
        """Those that stand above the statements, since the query or an editor names them."""
        first = [topic for topic in self.topics if topic.pk in self.named | self.pinned]
        return first[:NAMED] if self.statements else []

    @property
    def other_topics(self) -> list[Listing]:
        above = {topic.pk for topic in self.named_topics}
        return [topic for topic in self.topics if topic.pk not in above]

    @property
    def corrected(self) -> dict[str, str]:
        return self.asked.corrections if self.asked else {}

    @property
    def offers(self) -> dict[str, str]:
        return self.asked.offers if self.asked else {}

    @property
    def missing(self) -> list[str]:
        return self.asked.missing if self.asked else []

    @property
    def apart(self) -> list[str]:
        """What stands in statements, but in none that was found all together.

        Of a long question no statement has every word, and nobody expects it.
        """
        telling = self.asked.telling if self.asked else []
        told = [one for one in telling if not one.is_missing]
        if not self.statements or not 1 < len(telling) <= MOST_TOGETHER:
            return []
        is_together = any(all(one.stands_in(found.lexemes) for one in told)
                          for found in self.statements)  # fmt: skip
        return [] if is_together else [self.asked.typed_as(one) for one in told]

    @property
    def is_empty(self) -> bool:
        return not (self.topics or self.statements or self.references or self.terms)


def find(
    query: Query, *, correct: bool = True, most: int | None = None, with_facets: bool = False
) -> Results:
    """Search for what was typed. With `correct`, words that stand nowhere are put right.

    `most` is how many of each kind are returned, at most 80; each kind has its own number if it is
    not given.
    """
    if query.is_empty:
        return Results(query)
    asked = finding.ask(query.words, correct=correct)
    ranked = finding.topics(asked, _among(query))
    pins = pinning.of(query, asked.lexemes)
    statements = _statements(query, asked, ranked, pins, most or STATEMENTS)
    lifted = pinning.topics_first(ranked, pins)
    said = {found.hit.topic for found in statements}
    # Sources are those of statements: a topic fits by one of them.
    numbers = [number for number, _ in lifted if number in said or not query.sources]
    references = _ranked(asked, Indexed.REFERENCE, _references_among(query))
    terms = [] if query.is_narrow else _ranked(asked, Indexed.TERM, None)
    topics = _topics(query, numbers, said, most or TOPICS)
    results = Results(
        query,
        asked,
        topics=topics,
        named=asked.named.topics.keys() & {topic.pk for topic in topics},
        pinned={topic for topic, anchor in pins if not anchor},
        statements=statements[: most or STATEMENTS],
        references=_references(query, references, most or REFERENCES),
        terms=_terms(terms[: most or TERMS]),
        scores={
            Indexed.TOPIC: dict(lifted),
            Indexed.REFERENCE: dict(references),
            Indexed.TERM: dict(terms),
        },
    )
    _warn(results.statements)
    if with_facets:
        results.facets = _facets(query, asked, ranked)
    return results


def destination(typed: str) -> Listing | Reference | None:
    """Return the one thing that a query names by its identifier: a DOI, PMID, PMCID or code."""
    found = identifiers(typed)
    names = {name: value for name, value in found.items() if name in {"doi", "pmid", "pmcid"}}
    if names:
        conditions = Q()
        for name, value in names.items():
            conditions |= Q(**{name: value})
        known = Reference.objects.select_related("merged_into")
        if reference := known.filter(conditions).first():
            return reference.kept
    if "code" in found:
        codes = ListedCode.objects.filter(code__iexact=found["code"]).values("listing")
        listings = list(Listing.objects.filter(pk__in=codes)[:2])
        return listings[0] if len(listings) == 1 else None
    return None


def _among(query: Query) -> tuple[str, tuple] | None:
    """Return SQL that selects the topics among which is searched, None for all."""
    conditions = Q()
    if kinds := query.narrowed.get("kind"):
        conditions &= Q(kind__in=kinds)
    if areas := query.narrowed.get("area"):
        conditions &= Q(areas__overlap=areas)
    if certainties := query.narrowed.get("certainty"):
        conditions &= Q(certainties__has_any_keys=certainties)
    if query.phrases:
        conditions &= Q(pk__in=_having(query, Posting.objects.filter(kind=Indexed.TOPIC)))
    return _selected(Listing.objects.filter(conditions)) if conditions else None


def _statements_among(query: Query) -> QuerySet[Statement] | None:
    """Return the statements among which is searched, None for all."""
    conditions = Q()
    if certainties := query.narrowed.get("certainty"):
        conditions &= Q(certainty__in=certainties)
    if sources := query.sources:
        cited = {f"reference__{name}": value for name, value in sources.items()}
        citations = StatementCitation.objects.filter(statement=OuterRef("pk"), **cited)
        conditions &= Q(Exists(citations))
    if query.phrases:
        said = StatementPosting.objects.filter(times__gt=0)
        conditions &= Q(pk__in=_having(query, said, "statement_id"))
    return Statement.objects.filter(conditions).order_by().values("pk") if conditions else None


def _references_among(query: Query) -> tuple[str, tuple] | None:
    conditions = Q(**query.sources)
    if query.phrases:
        conditions &= Q(pk__in=_having(query, Posting.objects.filter(kind=Indexed.REFERENCE)))
    return _selected(Reference.objects.filter(conditions)) if conditions else None


def _having(query: Query, postings: QuerySet, entry: str = "entry_id") -> QuerySet:
    """Return the entries that have all words of all phrases; whether they stand together is read.

    Of an entry that has not all, nothing needs to be read.
    """
    words = {word for phrase in query.phrases for word in phrase}
    known = Lexeme.objects.filter(lexeme__in=words).values("pk")
    counted = postings.filter(lexeme_id__in=known).order_by().values(entry)
    return counted.annotate(n=Count("lexeme_id")).filter(n=len(words)).values(entry)


def _selected(rows) -> tuple[str, tuple]:
    return rows.order_by().values("pk").query.sql_with_params()


def _statements(query: Query, asked: Asked, ranked: Ranked, pins: list, most: int) -> list[Found]:
    least = weights.STATEMENTS_WITH_WORDS if query.phrases else weights.STATEMENTS_READ
    hits = answering.statements(asked, ranked, max(least, most), _statements_among(query))
    hits = pinning.statements_first(hits, pins)
    # Of a narrowed query, all are read: what is shown of topics depends on it.
    if not query.is_narrow:
        hits = hits[:most]
    rows = Statement.objects.select_related("listing__edition")
    found = rows.only(*SHOWN).in_bulk([hit.number for hit in hits])
    shown = []
    for hit in hits:
        row = found.get(hit.number)  # a moment ago it was there
        if row is None:
            continue
        if sifting.statement(query, row.listing.title, row.section_heading, row.text):
            shown.append(Found(row, _marks(asked, row.text), hit))
    return shown


def _warn(found: list[Found]) -> None:
    """Write what is wrong with the sources of statements now, as their pages do."""
    cited = StatementCitation.objects.filter(statement__in=[each.statement.pk for each in found])
    states: dict[int, set[str]] = {}
    for number, status in cited.values_list("statement", "reference__status"):
        states.setdefault(number, set()).add(status)
    for each in found:
        own = states.get(each.statement.pk, set())
        each.warnings = [words for status, words in rendering.WARNINGS.items() if status in own]


def _marks(asked: Asked, words: str) -> list[tuple[int, int]]:
    """Return where a text has typed words, and other names that are whole."""
    tokens = list(text.tokens(words))
    there = {token.lexeme for token in tokens}
    names = (set(name) for concept in asked.named.concepts for name in concept.names)
    marked = set(asked.lexemes).union(*(name for name in names if name <= there))
    return marking.places(tokens, marked)


def _topics(query: Query, ranked: list[int], with_statement: set[int], most: int) -> list[Listing]:
    # With phrases or excluded words, some of them fit by their words only.
    best = ranked[: 3 * most] if query.sifts else ranked[:most]
    rows = Listing.objects.defer("search", "links", "related", "relations").in_bulk(best)
    shown = []
    for row in filter(None, map(rows.get, best)):
        if sifting.topic(query, row) or (query.phrases and row.pk in with_statement):
            shown.append(row)
    return shown[:most]


def _references(query: Query, ranked: Ranked, most: int) -> list[Reference]:
    if query.narrowed.keys() & TOPICS_ONLY:
        return []
    rows = Reference.objects.in_bulk([number for number, _ in ranked])
    found = filter(None, (rows.get(number) for number, _ in ranked))
    return [one for one in found if sifting.fits(query, one.title, phrases_in=one.title)][:most]


def _terms(ranked: Ranked) -> list[GlossaryTerm]:
    numbers = [number for number, _ in ranked]
    found = GlossaryTerm.objects.select_related("topic__listing").in_bulk(numbers)
    return [found[number] for number in numbers if number in found]


def _ranked(asked: Asked, kind: Indexed, among: tuple[str, tuple] | None) -> Ranked:
    """Return the best of a kind, without those that have only a common word of the query."""
    return _of_weight(asked, kind, ranking.rank(asked.known, kind, COUNTED, among))


def _of_weight(asked: Asked, kind: Indexed, ranked: Ranked) -> Ranked:
    least = LEAST_SHARE * sum(asked.known.rarities(kind).values())
    return [(number, score) for number, score in ranked if score >= least]


def _facets(query: Query, asked: Asked, ranked: Ranked) -> list[Facet]:
    """Count what is found for the words of a query, whatever it is narrowed to."""
    whole = replace(query, narrowed={}, years=None)
    everything = finding.topics(asked, _among(whole)) if _among(query) else ranked
    topics = [number for number, _ in _of_weight(asked, Indexed.TOPIC, everything[:COUNTED])]
    statements = answering.of_weight(asked, everything, LEAST_SHARE, _statements_among(whole))
    # Who chose a kind of topic is shown no publications.
    is_of_topics = query.narrowed.keys() & TOPICS_ONLY
    among = _references_among(whole)
    found = [] if is_of_topics else _ranked(asked, Indexed.REFERENCE, among)
    references = [number for number, _ in found]
    if query.sifts:
        topics, statements, references = sifting.sift(query, topics, statements, references)
    return facets.read(query, topics, statements, references)


def suggestions() -> list[tuple[str, str]]:
    """Return slug and title of topics to begin with, where nothing was found."""
    found = PublishedSlug.objects.filter(slug__in=BEGINNINGS, topic__listing__isnull=False)
    return list(found.values_list("topic__listing__slug", "topic__listing__title"))


BEGINNINGS = (
    "allogeneic-transplantation",
    "autologous-transplantation",
    "stem-cell-mobilization",
    "acute-gvhd",
    "gene-therapy-of-hematopoietic-stem-cells",
    "indications-for-transplantation",
)
