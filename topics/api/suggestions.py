"""Suggestions in the API: what goes on as somebody types, for search fields of partner sites."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from hsc_portal.rest import LIST_PROBLEMS, Cacheable, InvalidParameters
from topics.models.search import Offered
from topics.search import suggesting

USUAL = 8
KINDS = [(kind.name.lower(), kind.label) for kind in Offered]


class SuggestionSerializer(serializers.Serializer):
    """A topic, glossary term or question whose name goes on as was typed."""

    kind = serializers.ChoiceField(choices=KINDS)
    label = serializers.CharField(help_text="What to show: a title, synonym, term or question.")
    hint = serializers.CharField(
        help_text="What a synonym or abbreviation stands for, or the topic of a question; else ''."
    )
    topic = serializers.CharField(
        allow_null=True, help_text="Slug of the topic; null for a glossary term."
    )
    anchor = serializers.CharField(help_text="The place in the page, '' for the whole of it.")
    html_url = serializers.URLField(help_text="The page, with the place in it.")


class SuggestionsSerializer(serializers.Serializer):
    """What is suggested for what was typed, the best first."""

    query = serializers.CharField()
    results = SuggestionSerializer(many=True)


class Suggestions(Cacheable, APIView):
    parameters = frozenset({"q", "limit"})

    @extend_schema(
        operation_id="search_suggestions",
        parameters=[
            OpenApiParameter("q", str, required=True, description="What was typed so far."),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": suggesting.MOST, "default": USUAL},
                description="How many at most.",
            ),
        ],
        responses={200: SuggestionsSerializer, **LIST_PROBLEMS},
    )
    def get(self, request):
        """Topics by any of their names, glossary terms and questions that go on as was typed.

        Each word of a name can be begun with; accents, hyphens, Greek letters and British or
        American spelling make no difference. Fewer than two letters begin too much, and get
        nothing.
        """
        typed, limit = _typed(request), _limit(request)
        found = [_told(offer, request) for offer in suggesting.suggest(typed, limit)]
        return Response({"query": typed, "results": found})


def _typed(request) -> str:
    given = request.query_params.getlist("q")
    if len(given) != 1:
        fault = "Given more than once." if given else "Say what was typed."
        raise InvalidParameters([{"parameter": "q", "detail": fault}])
    return given[0][: suggesting.LONGEST]


def _limit(request) -> int:
    given = request.query_params.getlist("limit")
    if not given:
        return USUAL
    digits = given[0] if len(given) == 1 and given[0].isascii() and given[0].isdigit() else ""
    if not digits or len(digits) > 3 or not 1 <= int(digits) <= suggesting.MOST:
        fault = f"Give one whole number from 1 to {suggesting.MOST}."
        raise InvalidParameters([{"parameter": "limit", "detail": fault}])
    return int(digits)


def _told(offer: suggesting.Offer, request) -> dict:
    return {
        "kind": offer.kind.name.lower(),
        "label": offer.label,
        "hint": offer.hint,
        "topic": offer.slug or None,
        "anchor": offer.anchor,
        "html_url": request.build_absolute_uri(offer.get_absolute_url()),
    }


urlpatterns = [path("search/suggestions/", Suggestions.as_view(), name="suggestions")]
