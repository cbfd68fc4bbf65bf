"""Topics, their editions and their statements in the API. Everything comes from `reading`."""

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, generics
from rest_framework.response import Response
from rest_framework.views import APIView

from hsc_portal.querying import page_parameters
from hsc_portal.rest import (
    DETAIL_PROBLEMS,
    LIST_PROBLEMS,
    PROBLEM_JSON,
    Cacheable,
    GoneSerializer,
    Problem,
    add_links,
    answer_kept,
    api_url,
)
from topics import reading
from topics.api import expanding, moments
from topics.api.envelope import (
    edition_facts,
    envelope,
    links_of,
    review_facts,
    status_of,
    withdrawal_facts,
)
from topics.api.schema import EditionRowSerializer, WholeEnvelope, envelope_of_any_kind
from topics.api.serializers import ListingSerializer, StatementSerializer, listings, statements
from topics.filters import StatementFilter, TopicFilter
from topics.models import Listing, Statement

TOPIC_PROBLEMS = {**DETAIL_PROBLEMS, (410, PROBLEM_JSON): GoneSerializer}
MOVED = {301: None}


class TopicView(Cacheable):
    """A view of one topic. It answers as `reading` decides: found, moved, withdrawn or unknown."""

    kind = None

    def handle_exception(self, error):
        if isinstance(error, reading.Moved):
            return self._moved(error)
        if isinstance(error, reading.Withdrawn):
            error = self._gone(error)
        elif isinstance(error, reading.NotPublished):
            error = exceptions.NotFound(self._absent())
        return super().handle_exception(error)

    def answer(self, find: Callable[[], reading.Reading]) -> HttpResponse:
        """Return the envelope of the edition that `find` finds."""
        return reading.steadily(find, self._answer)

    def _answer(self, found: reading.Reading) -> HttpResponse:
        make = partial(self._envelope, found)
        if not found.is_steady:
            return Response(make(), headers={"Cache-Control": "no-store"})
        prefix = f"{found.digest[:16]}-"
        if not self.asked.is_whole:
            # What is expanded changes for reasons of its own.
            self.etag_prefix = prefix
            response = Response(make())
        else:
            # State and slug decide all that is in it.
            response = answer_kept(self.request, (found.state, found.slug), make, prefix)
        add_links(response, links_of(found, self.kwargs["slug"], self.request))
        return response

    def _envelope(self, found: reading.Reading) -> dict:
        return self.shaped([envelope(found, self.request)])[0]

    def _absent(self) -> str:
        if "number" in self.kwargs:
            return f"The topic has no edition {self.kwargs['number']} at this address."
        return f"No {self.kind or 'topic'} was published here."

    def _moved(self, moved: reading.Moved) -> Response:
        match = self.request.resolver_match
        address = reverse(match.view_name, kwargs={**self.kwargs, "slug": moved.slug})
        # What is asked of the old address is asked of the new one: `as_of` above all.
        query = self.request.META["QUERY_STRING"]
        url = self.request.build_absolute_uri(f"{address}?{query}" if query else address)
        return Response({"url": url}, status=301, headers={"Location": url})

    def _gone(self, withdrawn: reading.Withdrawn) -> Problem:
        event = withdrawn.event
        return Problem(
            410,
            f"“{withdrawn.edition.revision.document['title']}” was withdrawn: {event.note}",
            reason=event.note,
            withdrawn_at=event.created_at,
            history=api_url(self.request, "topic-editions", self.kwargs["slug"]),
        )


@extend_schema(
    parameters=[moments.PARAMETER], responses={200: ListingSerializer(many=True), **LIST_PROBLEMS}
)
class TopicList(moments.PastTopics, Cacheable, generics.ListAPIView):
    """The topics that readers can find now, in short."""

    queryset = Listing.objects.all()
    serializer_class = ListingSerializer
    filterset_class = TopicFilter
    expansions = {"document": expanding.document}
    kind = None

    def get_queryset(self):
        return listings(self.kind)


class OfEdition(TopicView):
    """A view that answers with an edition in its envelope."""

    shape = WholeEnvelope
    expansions = {"references": expanding.references_of_editions}


class TopicDetail(OfEdition, APIView):
    parameters = frozenset({moments.AS_OF})

    @extend_schema(
        parameters=[moments.PARAMETER],
        responses={200: envelope_of_any_kind(), **MOVED, **TOPIC_PROBLEMS},
    )
    def get(self, request, slug):
        """The current edition of a topic, or that of a moment, and all that must be known of it."""
        if end := moments.moment(request):
            return moments.response_of_then(self, slug, end)
        return self.answer(partial(reading.current, slug, self.kind))


class TopicEdition(OfEdition, APIView):
    @extend_schema(responses={200: envelope_of_any_kind(), **MOVED, **DETAIL_PROBLEMS})
    def get(self, request, slug, number):
        """One edition of a topic, permanently: its Document never changes.

        What stands beside the Document does: `edition.status`, `withdrawal`, and `warnings` of
        retractions.
        """
        return self.answer(partial(reading.edition, slug, number))


class TopicEditions(TopicView, generics.GenericAPIView):
    filter_backends = []
    shape = EditionRowSerializer

    @extend_schema(
        operation_id="topics_editions_list",
        parameters=page_parameters(),
        responses={200: EditionRowSerializer(many=True), **MOVED, **LIST_PROBLEMS},
    )
    def get(self, request, slug):
        """All editions of a topic, newest first, also of a topic that was withdrawn."""
        page = self.paginate_queryset(reading.history(slug))
        return self.get_paginated_response([edition_row(e, slug, request) for e in page])


def edition_row(edition, slug: str, request) -> dict:
    """Return one edition in the history of a topic. See EditionRowSerializer."""
    return {
        **edition_facts(edition, slug, status_of(edition), request),
        "review": review_facts(edition),
        "withdrawal": withdrawal_facts(edition.withdrawal),
    }


STATEMENT_EXPANSIONS = {"topic": expanding.topic, "citations": expanding.citations}


@extend_schema(
    parameters=[moments.PARAMETER],
    responses={200: StatementSerializer(many=True), **LIST_PROBLEMS},
)
class StatementList(moments.PastStatements, Cacheable, generics.ListAPIView):
    """The statements of the current editions: how sure each is, and what it rests on."""

    queryset = Statement.objects.all()
    serializer_class = StatementSerializer
    filterset_class = StatementFilter
    expansions = STATEMENT_EXPANSIONS

    def get_queryset(self):
        return statements()


class StatementDetail(TopicView, APIView):
    shape = StatementSerializer
    expansions = STATEMENT_EXPANSIONS
    parameters = frozenset({moments.AS_OF})

    @extend_schema(
        parameters=[moments.PARAMETER],
        responses={200: StatementSerializer, **MOVED, **TOPIC_PROBLEMS},
    )
    def get(self, request, slug, anchor):
        """One statement of a current edition, by the slug of its topic and its own name."""
        if end := moments.moment(request):
            return self.shaped_response(moments.statement(request, slug, anchor, end))
        found = statements().filter(slug=slug, anchor=anchor).first()
        if found is None:
            reading.current(slug)  # the topic may have moved, or be withdrawn
            raise exceptions.NotFound(f"The topic has no statement #{anchor} now.")
        return self.shaped_response(StatementSerializer(found, context={"request": request}).data)


urlpatterns = [
    path("topics/", TopicList.as_view(), name="topic-list"),
    path("topics/<slug:slug>/", TopicDetail.as_view(), name="topic-detail"),
    path("topics/<slug:slug>/editions/", TopicEditions.as_view(), name="topic-editions"),
    path("topics/<slug:slug>/editions/<int:number>/", TopicEdition.as_view(), name="topic-edition"),
    path("statements/", StatementList.as_view(), name="statement-list"),
    path(
        "statements/<slug:slug>/<slug:anchor>/", StatementDetail.as_view(), name="statement-detail"
    ),
]
