"""`as_of`: what the API said at a moment of the past, exactly."""

from urllib.parse import quote

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.response import Response

from hsc_portal import languages
from hsc_portal.querying import StrictFilterBackend
from hsc_portal.rest import InvalidParameters, Problem, api_url
from topics import past, reading
from topics.api.serializers import ListingSerializer, StatementSerializer
from topics.models import Edition, Listing, Statement

AS_OF = "as_of"
PARAMETER = OpenApiParameter(
    AS_OF,
    str,
    description="A day (its end, UTC) or a time: the answer as it was then. What is told of "
    "publications, such as a retraction, is as of today.",
)


def moment(request):
    """Return the first moment after the one that a request asks about, None without `as_of`."""
    given = request.query_params.getlist(AS_OF)
    if not given:
        return None
    try:
        if len(given) > 1:
            raise ValueError("Given more than once.")
        return past.end_of(given[0])
    except ValueError as error:
        raise InvalidParameters([{"parameter": AS_OF, "detail": str(error)}]) from None


def pinned(url: str, request) -> str:
    """Return an address that answers as of the moment that a request asks about."""
    return f"{url}?{AS_OF}={quote(request.query_params[AS_OF])}"


def addresses(slug: str, number: int, request) -> dict[str, str]:
    """Return where an edition of a topic stands for ever, in the API and as a page."""
    page = request.build_absolute_uri(languages.permanent("edition", slug, number))
    return {"url": api_url(request, "topic-edition", slug, number), "html_url": page}


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


class FiltersThen(StrictFilterBackend):
    """Reads the filters of a list that also hold of the past, and refuses the others by name."""

    def cleaned(self, request, view) -> dict:
        """Return what was asked for, by the names of filters. Raises InvalidParameters."""
        filterset = self.get_filterset(request, view.get_queryset(), view)
        fields = filterset.form.fields
        known = {name: fields[name] for name in (view.needed, *view.also) if name}
        errors = self._malformed(request.query_params, known, view.understood())
        for error in errors:
            if error["parameter"] in fields.keys() - known:
                error["detail"] = f"Cannot be combined with {AS_OF}."
        if view.needed and view.needed not in request.query_params:
            errors.append(self._error(view.needed, fields, f"Needed together with {AS_OF}."))
        if not errors:
            errors = [
                self._error(name, fields, " ".join(messages))
                for name, messages in filterset.errors.items()
            ]
        if errors:
            raise InvalidParameters(errors)
        return filterset.form.cleaned_data


class OfAnyTime:
    """A list that can be asked for as it was.

    `needed` names the filter that must be given with `as_of`; `also` the filters that may be, each
    with the attribute of a row that it compares.
    """

    parameters = frozenset({AS_OF})
    needed: str = ""
    also: dict[str, str] = {}

    def list(self, request, *args, **kwargs):
        end = moment(request)
        if end is None:
            return super().list(request, *args, **kwargs)
        page = self.paginate_queryset(self.found_then(end))
        return self.get_paginated_response(self.rows_of_then(page))

    def found_then(self, end):
        """Return what was there just before a moment and fits the filters."""
        return self.of_then(end, FiltersThen().cleaned(self.request, self))

    def fitting(self, rows: list, asked: dict) -> list:
        """Return the rows that have one of the values asked for, of each filter."""
        for name, attribute in self.also.items():
            value = asked[name]
            if value in (None, "", []):
                continue
            values = value if isinstance(value, list) else [value]
            rows = [row for row in rows if getattr(row, attribute) in values]
        return rows

    def edition_then(self, slug: str, end) -> Edition:
        """Return the edition of a topic that was current, or say why there was none."""
        try:
            return reading.before(slug, end).edition
        except reading.Moved as moved:
            return self.edition_then(moved.slug, end)
        except (reading.NotPublishedThen, reading.WithdrawnThen) as error:
            raise was_absent(error, self.request, slug) from None


class PastTopics(OfAnyTime):
    """The list of topics, in the order in which they first came."""

    @property
    def also(self) -> dict[str, str]:
        return {} if self.kind else {"kind": "kind"}

    def of_then(self, end, asked) -> QuerySet[Edition]:
        return past.editions(end, [self.kind] if self.kind else asked["kind"])

    def rows_of_then(self, editions: list[Edition]) -> list[dict]:
        return listed_then([past.listing(each) for each in editions], self.request)


def listed_then(rows: list[Listing], request) -> list[dict]:
    """Return what lists of topics say of topics of the past, with addresses of their editions."""
    told = ListingSerializer(rows, many=True, context={"request": request}).data
    for row in told:
        row |= addresses(row["slug"], row["edition"], request)
    return told


class PastStatements(OfAnyTime):
    """The statements of one topic as they were."""

    needed = "topic"
    also = {
        "section": "section_kind", "certainty": "certainty", "awaiting_check": "awaiting_check",
        "cited": "is_cited",
    }  # fmt: skip

    def of_then(self, end, asked) -> list[Statement]:
        edition = self.edition_then(self.request.query_params["topic"], end)
        return self.fitting(past.statements([edition]), asked)

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
        row["url"] = pinned(row["url"], request)
        row["html_url"] = row["permanent_url"]
        row["topic"]["url"] = row["edition"]
    return told


def response_of_then(view, slug: str, end) -> Response:
    """Return the answer about an edition of the past."""
    try:
        return view.answer(lambda: reading.before(slug, end, view.kind))
    except (reading.NotPublishedThen, reading.WithdrawnThen) as error:
        raise was_absent(error, view.request, slug) from None
