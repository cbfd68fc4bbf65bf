"""What a search shows: topics, statements, references and terms, the best of each first."""

from dataclasses import dataclass, field

from django.db.models import Q

from references.models import Reference
from topics.models import GlossaryTerm, ListedCode, Listing, PublishedSlug, Statement
from topics.models.search import Indexed
from topics.search import finding, ranking, text, weights
from topics.search.finding import Asked, Hit
from topics.search.query import Query, identifiers

TOPICS = 6
STATEMENTS = 20
REFERENCES = 6
TERMS = 3
# A reference or term whose score is below this share of the query's rarity is there by chance.
LEAST_SHARE = 0.35


@dataclass
class Found:
    """A statement as it is shown: `pieces` are parts of its text, each with whether it was hit."""

    statement: Statement
    pieces: list[tuple[str, bool]]
    hit: Hit


@dataclass
class Results:
    """What was found. `named` are the topics that the query names; `corrected` what it was read as,
    with the words that were put right."""

    query: Query
    corrected: dict[str, str] = field(default_factory=dict)
    topics: list[Listing] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    statements: list[Found] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    terms: list[GlossaryTerm] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.topics or self.statements or self.references or self.terms)


def find(query: Query, *, correct: bool = True) -> Results:
    """Search for what was typed. With `correct`, words that stand nowhere are put right."""
    if query.is_empty:
        return Results(query)
    asked = finding.ask(query.words, correct=correct)
    ranked = finding.topics(asked, _among(query))
    statements = _statements(query, asked, ranked)
    topics = _topics(query, [number for number, _ in ranked], {one.hit.topic for one in statements})
    return Results(
        query,
        corrected=asked.corrections,
        topics=topics,
        named=asked.named.topics.keys() & {topic.pk for topic in topics},
        statements=statements,
        references=_references(query, asked),
        terms=_terms(query, asked),
    )


def destination(typed: str) -> Listing | Reference | None:
    """Return the one thing that a query names by its identifier: a DOI, PMID, PMCID or code."""
    found = identifiers(typed)
    names = {name: value for name, value in found.items() if name in {"doi", "pmid", "pmcid"}}
    if names:
        conditions = Q()
        for name, value in names.items():
            conditions |= Q(**{name: value})
        if reference := Reference.objects.filter(conditions).first():
            return reference
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
    if not conditions:
        return None
    return Listing.objects.filter(conditions).order_by().values("pk").query.sql_with_params()


def _statements(query: Query, asked: Asked, ranked: finding.Ranked) -> list[Found]:
    hits = finding.statements(asked, ranked, weights.STATEMENTS_READ)
    rows = Statement.objects.select_related("listing__edition")
    rows = rows.defer("search", "listing__search", "listing__links", "listing__related")
    found = rows.in_bulk([hit.number for hit in hits])
    words = asked.known.names.values()
    certainties = query.narrowed.get("certainty")
    shown = []
    for hit in hits:
        row = found[hit.number]
        if certainties and row.certainty not in certainties:
            continue
        if _fits(query, f"{row.section_heading} {row.text}", phrases_in=row.text):
            shown.append(Found(row, pieces(row.text, set(words)), hit))
    return shown[:STATEMENTS]


def _topics(query: Query, ranked: list[int], with_statement: set[int]) -> list[Listing]:
    best = ranked[: 3 * TOPICS]
    rows = Listing.objects.defer("search", "links", "related", "relations").in_bulk(best)
    shown = []
    for number in best:
        row = rows[number]
        words = "; ".join([row.title, *row.synonyms, row.summary])
        fits = _fits(query, words, phrases_in=words)
        if fits or (query.phrases and number in with_statement):
            shown.append(row)
    return shown[:TOPICS]


def _references(query: Query, asked: Asked) -> list[Reference]:
    if query.narrowed.keys() & {"kind", "area", "certainty"}:
        return []
    conditions = Q()
    if studies := query.narrowed.get("study"):
        conditions &= Q(study_type__in=studies)
    if query.years:
        conditions &= Q(year__range=query.years)
    among = Reference.objects.filter(conditions).order_by().values("pk").query.sql_with_params()
    numbers = _best(asked, Indexed.REFERENCE, REFERENCES, among if conditions else None)
    found = Reference.objects.in_bulk(numbers)
    return [found[n] for n in numbers if _fits(query, found[n].title, phrases_in=found[n].title)]


def _terms(query: Query, asked: Asked) -> list[GlossaryTerm]:
    if query.narrowed or query.years or query.phrases:
        return []
    numbers = _best(asked, Indexed.TERM, TERMS, None)
    found = GlossaryTerm.objects.select_related("topic__listing").in_bulk(numbers)
    return [found[number] for number in numbers]


def _best(asked: Asked, kind: Indexed, limit: int, among) -> list[int]:
    """Return the best of a kind, without those that have only a common word of the query."""
    least = LEAST_SHARE * sum(asked.known.rarities(kind).values())
    ranked = ranking.rank(asked.known, kind, limit, among)
    return [number for number, score in ranked if score >= least]


def _fits(query: Query, words: str, *, phrases_in: str) -> bool:
    """Return whether a text has all phrases of a query, and nothing that it excludes."""
    if not query.phrases and not query.excluded:
        return True
    told, key = f" {text.key(words)} ", f" {text.key(phrases_in)} "
    has_all = all(f" {' '.join(phrase)} " in key for phrase in query.phrases)
    return has_all and not any(f" {' '.join(one)} " in told for one in query.excluded)


def pieces(words: str, lexemes: set[str]) -> list[tuple[str, bool]]:
    """Return a text in parts, each with whether it is a word that was searched for."""
    found: list[tuple[str, bool]] = []
    at = 0
    for start, end in _places(words, lexemes):
        if start > at:
            found.append((words[at:start], False))
        found.append((words[start:end], True))
        at = end
    return [*found, (words[at:], False)] if at < len(words) else found


def _places(words: str, lexemes: set[str]) -> list[tuple[int, int]]:
    """Return where the searched words start and end, without overlaps."""
    hits = sorted((t.start, -t.end) for t in text.tokens(words) if t.lexeme in lexemes)
    places: list[tuple[int, int]] = []
    for start, end in hits:
        if not places or start >= places[-1][1]:
            places.append((start, -end))
    return places


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
