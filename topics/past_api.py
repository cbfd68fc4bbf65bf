"""`as_of`: what the API said at a moment of the past, exactly."""

from urllib.parse import quote

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.response import Response

from hsc_portal.rest import PAGING, InvalidParameters, Problem, api_url, unknown_parameter
from hsc_portal.shaping import EXPAND, FIELDS
from topics import past, reading
from topics.choices import Kind
from topics.models import Edition
from topics.serializers import ListingSerializer, StatementSerializer

AS_OF = "as_of"
BESIDE = frozenset({AS_OF, FIELDS, EXPAND, *PAGING})
PARAMETER = OpenApiParameter(
    AS_OF,
    str,
    description="A day (its end, UTC) or a time: the answer as it was then. What is told of "
    "publications, such as a retraction, is as of today.",
)


def moment(request):
    """Return the first moment after the one that a request asks about, None without `as_of`."""
    if AS_OF not in request.query_params:
        return None
    try:
        return past.end_of(request.query_params[AS_OF])
    except ValueError as error:
        raise InvalidParameters([{"parameter": AS_OF, "detail": str(error)}]) from None


def was_absent(error: reading.NotPublishedThen | reading.WithdrawnThen, request, slug: str):
    """Return the problem that says why there was no edition then."""
    history = api_url(request, "topic-editions", slug)
    if isinstance(error, reading.NotPublishedThen):
        first = error.first.published_at
        return Problem(
            404, f"The topic was first published at {first:%Y-%m-%dT%H:%M:%SZ}.",
            first_published_at=first, history=history,
        )  # fmt: skip
    withdrawal = error.reading.withdrawal
    return Problem(
        410, f"It was withdrawn then: {withdrawal.reason}", reason=withdrawal.reason,
        withdrawn_at=withdrawal.at, history=history,
    )  # fmt: skip


class OfAnyTime:
    """A list that can be asked for as it was. `needed` names what must be asked for with it."""

    parameters = frozenset({AS_OF})
    needed: str = ""
    also: frozenset[str] = frozenset()

    def list(self, request, *args, **kwargs):
        end = moment(request)
        if end is None:
            return super().list(request, *args, **kwargs)
        allowed = BESIDE | self.also | ({self.needed} if self.needed else set())
        wrong = [unknown_parameter(name, allowed) for name in request.query_params
                 if name not in allowed]  # fmt: skip
        for error in wrong:
            error["detail"] = f"Cannot be combined with {AS_OF}."
        if self.needed and self.needed not in request.query_params:
            wrong.append({"parameter": self.needed, "detail": f"Needed together with {AS_OF}."})
        if wrong:
            raise InvalidParameters(wrong)
        page = self.paginate_queryset(self.of_then(end))
        return self.get_paginated_response(self.rows_of_then(page))

    def edition_then(self, slug: str, end) -> Edition:
        """Return the edition of a topic that was current, or say why there was none."""
        try:
            return reading.before(slug, end).edition
        except reading.Moved as moved:
            return self.edition_then(moved.slug, end)
        except (reading.NotPublishedThen, reading.WithdrawnThen) as error:
            raise was_absent(error, self.request, slug) from None
        except reading.NotPublished:
            detail = f"There is no topic “{slug}”."
            raise InvalidParameters([{"parameter": self.needed, "detail": detail}]) from None


class PastTopics(OfAnyTime):
    """The list of topics, in the order in which they first came."""

    also = frozenset({"kind"})

    def of_then(self, end) -> QuerySet[Edition]:
        kind = self.request.query_params.get("kind")
        if kind is not None and (self.kind or kind not in Kind.values):
            allowed = [] if self.kind else sorted(Kind.values)
            wrong = {"parameter": "kind", "detail": "Unknown.", "allowed": allowed}
            raise InvalidParameters([wrong])
        return past.editions(end, self.kind or kind)

    def rows_of_then(self, editions: list[Edition]) -> list[dict]:
        context = {"request": self.request}
        rows = ListingSerializer([past.listing(each) for each in editions], many=True,
                                 context=context).data  # fmt: skip
        for row in rows:
            row["url"] = api_url(self.request, "topic-edition", row["slug"], row["edition"])
        return rows


class PastStatements(OfAnyTime):
    """The statements of one topic as they were."""

    needed = "topic"

    def of_then(self, end):
        return past.statements([self.edition_then(self.request.query_params["topic"], end)])

    def rows_of_then(self, rows) -> list[dict]:
        return _statements(rows, self.request)


def statement(request, slug: str, anchor: str, end) -> dict:
    """Return one statement as it was. Raises what `reading.before` raises, and NotFound."""
    try:
        rows = past.statements([reading.before(slug, end).edition])
    except (reading.NotPublishedThen, reading.WithdrawnThen) as error:
        raise was_absent(error, request, slug) from None
    found = _statements([row for row in rows if row.anchor == anchor], request)
    if not found:
        raise exceptions.NotFound(f"The topic had no statement #{anchor} then.")
    return found[0]


def _statements(rows, request) -> list[dict]:
    told = StatementSerializer(rows, many=True, context={"request": request}).data
    for row in told:
        row["url"] += f"?{AS_OF}={quote(request.query_params[AS_OF])}"
        row["html_url"] = row["permanent_url"]
    return told


def response_of_then(view, slug: str, end) -> Response:
    """Return the answer about an edition of the past."""
    try:
        return view.answer(lambda: reading.before(slug, end))
    except (reading.NotPublishedThen, reading.WithdrawnThen) as error:
        raise was_absent(error, view.request, slug) from None
