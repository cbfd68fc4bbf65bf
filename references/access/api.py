"""The partner's own keys and usage in the API."""

from datetime import date, timedelta

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter
from rest_framework import generics
from rest_framework.response import Response

from hsc_portal.rest import LIST_PROBLEMS, InvalidParameters, Problem, api_url
from references.access import keys
from references.access.models import ApiKey, Scope, Usage
from references.access.rest import PAGE, PRIVATE_PROBLEMS, TOO_MANY, PartnerView, described
from references.access.serializers import (
    KeySerializer,
    KeyWithSecretSerializer,
    NewKeySerializer,
    RotationSerializer,
    UsageSerializer,
)

PROBLEMS = {**LIST_PROBLEMS, **PRIVATE_PROBLEMS}
USUAL_DAYS, MOST_DAYS = 30, 92


class KeyView(PartnerView):
    scope = Scope.KEYS

    def key(self, ident: int) -> ApiKey:
        """Return a key of the partner. Raises Http404."""
        return get_object_or_404(self.partner.keys.select_related("partner"), pk=ident)

    def told(self, key: ApiKey, secret: str, status: int) -> Response:
        """Return the answer that tells a secret, this once."""
        context = {"request": self.request, "told": secret}
        address = api_url(self.request, "key-detail", key.pk)
        data = KeyWithSecretSerializer(key, context=context).data
        return Response(data, status=status, headers={"Location": address})

    def refuse_scopes(self, scopes) -> None:
        """Raise a Problem for scopes that the key lacks which asks: none gives what it has not."""
        if lacking := set(scopes) - set(self.request.api_key.scopes):
            raise Problem(403, f"The key lacks the scopes: {', '.join(sorted(lacking))}.")

    def governed(self, ident: int) -> ApiKey:
        """Return a key that the one which asks may rotate and revoke: itself, or one with no more.

        Raises Http404, or a Problem that says what it has more.
        """
        key, asking = self.key(ident), self.request.api_key
        if key.pk != asking.pk and (more := keys.excess(key, asking)):
            raise Problem(403, f"The key has what the one that asks has not: {', '.join(more)}.")
        return key


class Keys(KeyView, generics.GenericAPIView):
    filter_backends = []
    serializer_class = KeySerializer

    @described(
        operation_id="keys_list",
        parameters=PAGE,
        responses={200: KeySerializer(many=True), **PROBLEMS},
    )
    def get(self, request):
        """The partner's keys, also those that were revoked, without their secrets."""
        page = self.paginate_queryset(self.partner.keys.order_by("pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @described(
        operation_id="keys_create",
        request=NewKeySerializer,
        responses={201: KeyWithSecretSerializer, **PROBLEMS, **TOO_MANY},
    )
    def post(self, request):
        """Make a key. The answer has its secret, which is told this once."""
        wanted = self.read(NewKeySerializer)
        self.refuse_scopes(wanted["scopes"])
        ends = [wanted.get("expires_at"), request.api_key.expires_at]
        wanted["expires_at"] = min(filter(None, ends), default=None)
        try:
            key, told = keys.make(self.partner, **wanted, per_minute=request.api_key.per_minute)
        except keys.TooManyKeys as error:
            raise Problem(409, str(error)) from error
        return self.told(key, told, 201)


class Key(KeyView):
    @described(operation_id="keys_retrieve", responses={200: KeySerializer, **PROBLEMS})
    def get(self, request, ident):
        """One key of the partner, without its secret."""
        return Response(KeySerializer(self.key(ident), context={"request": request}).data)

    @described(operation_id="keys_revoke", responses={204: None, **PROBLEMS})
    def delete(self, request, ident):
        """Revoke a key: from now on it does not work, and never will. It stays in the list.

        A key may revoke itself, and those that have no more than it: scopes, limit, time.
        """
        keys.revoke(self.governed(ident))
        return Response(status=204)


class KeyRotation(KeyView):
    @described(
        operation_id="keys_rotate",
        request=RotationSerializer,
        responses={200: KeyWithSecretSerializer, **PROBLEMS, **TOO_MANY},
    )
    def post(self, request, ident):
        """Give a key a new secret. The old one works as well for as long as you say.

        A key may rotate itself, and those that have no more than it: scopes, limit, time.
        """
        key = self.governed(ident)
        overlap = self.read(RotationSerializer)["overlap_hours"]
        try:
            told = keys.rotate(key, overlap)
        except keys.NoKey as error:
            raise Problem(409, str(error)) from error
        return self.told(key, told, 200)


class UsageView(PartnerView):
    scope = Scope.USAGE
    parameters = frozenset({"first", "last"})

    @described(
        operation_id="usage",
        parameters=[
            OpenApiParameter("first", date, description="First day, in UTC: 30 days by default."),
            OpenApiParameter("last", date, description="Last day; today by default."),
        ],
        responses={200: UsageSerializer, **PROBLEMS},
    )
    def get(self, request):
        """How many requests the partner made with its keys, by day and endpoint.

        The newest may lack for some seconds. Counts of 400 days are kept.
        """
        first, last = _days(request)
        found = Usage.objects.filter(partner=self.partner, day__range=(first, last))
        rows = list(found.order_by("day", "endpoint").values("day", "endpoint", "number"))
        total = sum(row["number"] for row in rows)
        told = {"first": first, "last": last, "total": total, "results": rows}
        return Response(UsageSerializer(told).data)


def _days(request) -> tuple[date, date]:
    """Return the days that are asked for. Raises InvalidParameters."""
    last = _day(request, "last") or timezone.localdate()
    first = _day(request, "first") or last - timedelta(days=USUAL_DAYS - 1)
    if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        fault = f"Give a day before `last`, by less than {MOST_DAYS} days."
        raise InvalidParameters([{"parameter": "first", "detail": fault}])
    return first, last


def _day(request, name: str) -> date | None:
    given = request.query_params.getlist(name)
    if not given:
        return None
    try:
        day = parse_date(given[0]) if len(given) == 1 else None
    except ValueError:
        day = None
    # The ends of the calendar leave no room to count days.
    if day is None or not 2000 <= day.year <= 2999:
        raise InvalidParameters([{"parameter": name, "detail": "Give one day, as 2026-01-31."}])
    return day


urlpatterns = [
    path("keys/", Keys.as_view(), name="key-list"),
    path("keys/<int:ident>/", Key.as_view(), name="key-detail"),
    path("keys/<int:ident>/rotate/", KeyRotation.as_view(), name="key-rotate"),
    path("usage/", UsageView.as_view(), name="usage"),
]
