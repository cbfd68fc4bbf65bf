"""Search in the API: the results of the search page, with marks, facets and reasons."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from hsc_portal.rest import LIST_PROBLEMS, Cacheable, InvalidParameters, api_url
from references.models import Reference, StudyType
from topics.api.serializers import StatementSerializer, statements
from topics.choices import Area, Certainty, Kind
from topics.models.search import Indexed
from topics.search import explaining, marking
from topics.search import query as queries
from topics.search import results as finding
from topics.search.results import Found, Results

USUAL, MOST = 10, 50
FLAGS = ("as_typed", "explain")
YEAR = "A year, 2020, or years, 2018-2024."


class OptionSerializer(serializers.Serializer):
    """One choice of a facet."""

    value = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField(
        help_text="How many of what was found well have it: more than a common word of the query."
    )
    is_chosen = serializers.BooleanField()


class FacetSerializer(serializers.Serializer):
    """What a search can be narrowed by: give a value as the parameter of this name."""

    name = serializers.CharField()
    label = serializers.CharField()
    counts = serializers.CharField(help_text="What is counted: topics, statements, publications.")
    options = OptionSerializer(many=True)


class HighlightSerializer(serializers.Serializer):
    """Where a text has words that were searched for."""

    offsets = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="Start and end of each, in characters (Unicode code points) of `text`.",
    )
    html = serializers.CharField(help_text="The text as safe HTML, the words in <mark>.")


class QuerySerializer(serializers.Serializer):
    """How the query was understood."""

    typed = serializers.CharField()
    words = serializers.CharField(help_text="What was searched for, slips put right.")
    corrections = serializers.DictField(
        child=serializers.CharField(), help_text="Words that stand nowhere, and what was meant."
    )
    offered = serializers.DictField(
        child=serializers.CharField(),
        help_text="Words that stand nowhere and may be slips: what may have been meant.",
    )
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="What stands in no statement: what was found is about the rest, or something "
        "broader.",
    )
    apart = serializers.ListField(
        child=serializers.CharField(),
        help_text="What no statement that was found has all together.",
    )
    narrowed = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class DestinationSerializer(serializers.Serializer):
    """The one thing that a query names by its identifier: a DOI, PMID, PMCID or code."""

    url = serializers.URLField()
    html_url = serializers.URLField()


class ExplanationSerializer(serializers.Serializer):
    """Why a result ranks where it does; `parts` add up to its score."""

    parts = serializers.DictField(child=serializers.FloatField())
    words = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Lexemes, each with what it counts in the query (weight), rarity and value.",
    )
    concepts = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Concepts of the query, each with its names, its rarity, how much of it stands "
        "in it (said), above it (headed) and in the topic's name (named), and its value.",
    )


class HitSerializer(serializers.Serializer):
    """A topic, reference or glossary term that was found."""

    url = serializers.URLField(help_text="In the API; of a glossary term, its page.")
    html_url = serializers.URLField()
    name = serializers.CharField(help_text="Slug, key or term.")
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    status = serializers.CharField(
        required=False, help_text="Of a reference: whether it was retracted."
    )
    is_named = serializers.BooleanField(help_text="The query names it.")
    is_pinned = serializers.BooleanField(help_text="Editors chose it for this query.")
    score = serializers.FloatField()
    explanation = ExplanationSerializer(required=False)


class FoundStatementSerializer(serializers.Serializer):
    """A statement that was found: as in /statements/, with marks."""

    statement = StatementSerializer()
    highlight = HighlightSerializer()
    is_pinned = serializers.BooleanField(help_text="Editors chose it for this query.")
    score = serializers.FloatField()
    explanation = ExplanationSerializer(required=False)


class SearchSerializer(serializers.Serializer):
    """What was found, the best of each first."""

    query = QuerySerializer()
    destination = DestinationSerializer(allow_null=True)
    topics = HitSerializer(many=True)
    statements = FoundStatementSerializer(many=True)
    references = HitSerializer(many=True)
    terms = HitSerializer(many=True)
    facets = FacetSerializer(many=True)


def _choice(name: str, choices, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, many=True, enum=choices.values, description=description)


PARAMETERS = [
    OpenApiParameter(
        "q", str, required=True, description="A question, words, a name, or an identifier."
    ),
    _choice("kind", Kind, "Kind of topic."),
    _choice("area", Area, "Area of topic."),
    _choice("certainty", Certainty, "Certainty of the statement."),
    _choice("study", StudyType, "Study type of the publication, or of one that is cited."),
    OpenApiParameter("year", str, description=f"Of the publication. {YEAR}"),
    OpenApiParameter("as_typed", str, enum=["1"], description="Put no slip right."),
    OpenApiParameter("explain", str, enum=["1"], description="Say why each result ranks there."),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        description="How many of each at most.",
    ),
]


class Search(Cacheable, APIView):
    parameters = frozenset({"q", "limit", *FLAGS, *queries.NARROWING})

    @extend_schema(
        operation_id="search",
        parameters=PARAMETERS,
        responses={200: SearchSerializer, **LIST_PROBLEMS},
    )
    def get(self, request):
        """Topics, statements, references and glossary terms that answer a question.

        No word is required; rare ones count most. Synonyms, abbreviations, brand names, British
        spelling and slips are understood. "Quoted words" stand together, -word excludes.
        """
        query, limit = _query(request)
        results = finding.find(
            query, correct=not request.query_params.get("as_typed"), most=limit, with_facets=True
        )
        return Response(Told(request, results).everything())


class Told:
    """Results as the API tells them."""

    def __init__(self, request, results: Results):
        self.request = request
        self.results = results
        self.explains = bool(request.query_params.get("explain")) and results.asked is not None

    def everything(self) -> dict:
        results = self.results
        return {
            "query": self._query(),
            "destination": self._destination(),
            "topics": self._topics(),
            "statements": self._statements(),
            "references": self._hits(Indexed.REFERENCE, results.references, self._reference),
            "terms": self._hits(Indexed.TERM, results.terms, self._term),
            "facets": FacetSerializer(results.facets, many=True).data,
        }

    def _query(self) -> dict:
        query = self.results.query
        years = {"year": [f"{query.years[0]}-{query.years[1]}"]} if query.years else {}
        return {
            "typed": query.typed,
            "words": queries.put_right(query.words, self.results.corrected),
            "corrections": self.results.corrected,
            "offered": self.results.offers,
            "missing": self.results.missing,
            "apart": self.results.apart,
            "narrowed": query.narrowed | years,
        }

    def _destination(self) -> dict | None:
        target = finding.destination(self.results.query.typed)
        if target is None:
            return None
        is_reference = isinstance(target, Reference)
        name = ("reference-detail", target.key) if is_reference else ("topic-detail", target.slug)
        return {"url": api_url(self.request, *name), "html_url": self._page(target)}

    def _page(self, target) -> str:
        return self.request.build_absolute_uri(target.get_absolute_url())

    def _topics(self) -> list[dict]:
        found = self._hits(Indexed.TOPIC, self.results.topics, self._topic)
        if self.explains:
            for topic, told in zip(self.results.topics, found, strict=True):
                explanation = told["explanation"]
                words = [explaining.Word(**word) for word in explanation["words"]]
                explanation["parts"] = explaining.added(
                    self.results.asked,
                    topic.pk,
                    told["score"],
                    words,
                    is_pinned=told["is_pinned"],
                )
        return found

    def _hits(self, kind: Indexed, rows: list, tell) -> list[dict]:
        found = []
        scores = self.results.scores.get(kind, {})
        words = {}
        if self.explains:
            words = explaining.words(self.results.asked, kind, [row.pk for row in rows])
        for row in rows:
            told = {
                "is_named": False,
                "is_pinned": False,
                **tell(row),
                "score": _rounded(scores.get(row.pk, 0.0)),
            }
            if self.explains:
                own = [vars(word) for word in words.get(row.pk, [])]
                told["explanation"] = {"parts": {"words": told["score"]}, "words": own}
            found.append(told)
        return found

    def _topic(self, row) -> dict:
        return {
            "url": api_url(self.request, "topic-detail", row.slug),
            "html_url": self._page(row),
            "name": row.slug,
            "title": row.title,
            "summary": row.summary,
            "is_named": row.pk in self.results.named,
            "is_pinned": row.pk in self.results.pinned,
        }

    def _reference(self, row) -> dict:
        return {
            "url": api_url(self.request, "reference-detail", row.key),
            "html_url": self._page(row),
            "name": row.key,
            "title": row.title,
            "summary": ", ".join(filter(None, [row.container, str(row.year or "")])),
            "status": row.status,
        }

    def _term(self, row) -> dict:
        return {
            "url": self._page(row),
            "html_url": self._page(row),
            "name": row.abbreviation or row.term,
            "title": row.term,
            "summary": row.definition,
        }

    def _statements(self) -> list[dict]:
        found = self.results.statements
        rows = statements().in_bulk([each.statement.pk for each in found])
        concepts = {}
        if self.explains:
            concepts = explaining.concepts(self.results.asked, [each.hit for each in found])
        return [
            self._statement(each, rows[each.statement.pk], concepts.get(each.statement.pk, []))
            for each in found
            if each.statement.pk in rows
        ]

    def _statement(self, found: Found, row, concepts: list) -> dict:
        told = {
            "statement": StatementSerializer(row, context={"request": self.request}).data,
            "highlight": {
                "offsets": found.marks,
                "html": marking.as_html(row.text, found.marks),
            },
            "is_pinned": found.is_pinned,
            "score": _rounded(found.hit.score),
        }
        if self.explains:
            parts = [vars(concept) for concept in concepts]
            told["explanation"] = {"parts": found.hit.parts, "concepts": parts}
        return told


def _query(request) -> tuple[queries.Query, int]:
    """Return what is asked for, and how many of each. Raises InvalidParameters."""
    params = request.query_params
    errors = []
    for name in ("q", "limit", "year", *FLAGS):
        if len(params.getlist(name)) > 1:
            errors.append({"parameter": name, "detail": "Given more than once."})
    for name in FLAGS:
        if params.get(name, "1") != "1":
            errors.append(
                {"parameter": name, "detail": "Give 1, or leave it out.", "allowed": ["1"]}
            )
    if not params.get("q", "").strip():
        errors.append({"parameter": "q", "detail": "Say what is searched for."})
    elif len(params["q"]) > queries.LONGEST:
        detail = f"At most {queries.LONGEST} characters."
        errors.append({"parameter": "q", "detail": detail})
    limit = params.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= MOST):
        detail = f"Give one whole number from 1 to {MOST}."
        errors.append({"parameter": "limit", "detail": detail})
    query = queries.parse(params.get("q", ""), params)
    if query.is_empty and query.typed and not query.faults:
        errors.append({"parameter": "q", "detail": "Add a word that is searched for."})
    for fault in query.faults:
        allowed = {"allowed": list(fault.allowed)} if fault.allowed else {}
        errors.append({"parameter": fault.name, "detail": str(fault), **allowed})
    if errors:
        raise InvalidParameters(errors)
    return query, int(limit)


urlpatterns = [path("search/", Search.as_view(), name="search")]


def _rounded(score: float) -> float:
    """Return a score without digits that say nothing."""
    return round(score, 6)
