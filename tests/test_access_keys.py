"""Keys of partners: what is refused and why, and what a partner does with its own."""

import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from references.access import keys
from references.access.models import ApiKey, Scope
from references.models import Partner

pytestmark = pytest.mark.django_db

ALL = list(Scope.values)


def partner(slug: str = "marrow") -> Partner:
    made, _ = Partner.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "url": f"https://{slug}.example/"}
    )
    return made


def client_with(told: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {told}"})


def made(scopes=ALL, **options) -> tuple[ApiKey, str]:
    return keys.make(partner(), "replica", scopes, **options)


def refused(told: str, path: str = "/api/v1/") -> dict:
    """Return the problem of a request that is refused for its key."""
    answer = client_with(told).get(path)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert answer["WWW-Authenticate"].startswith('Bearer realm="HSC Portal API", error="invalid')
    assert answer.json()["type"] == "http://testserver/api/v1/problems/unauthorized/"
    return answer.json()


def test_only_a_hash_of_the_secret_is_kept():
    key, told = made()
    start, prefix, secret = told.split("_")

    kept = ApiKey.objects.values().get()

    assert (start, prefix, len(secret)) == ("hscp", key.prefix, 43)
    assert secret not in str(kept)
    assert kept["digest"] == hashlib.sha256(secret.encode()).hexdigest()


def test_a_key_is_taken_in_both_headers_and_its_day_of_use_kept():
    key, told = made()

    assert client_with(told).get("/api/v1/").status_code == 200
    assert Client(headers={"X-API-Key": told}).get("/api/v1/").status_code == 200
    key.refresh_from_db()
    assert key.last_used_on == timezone.localdate()


def test_using_a_key_costs_two_queries_a_day_and_then_one(django_assert_num_queries):
    _, told = made()
    client = client_with(told)

    with django_assert_num_queries(2):
        client.get("/api/v1/")
    with django_assert_num_queries(1):
        client.get("/api/v1/")


@pytest.mark.parametrize(
    "told", ["", "x", "hscp_", "hscp__", "hscp_abcdefgh_", "hscp_abcdefgh_né", "hscp_a\x00b_c"]
)
def test_what_is_no_key_is_refused_in_words(told):
    assert "This is no key" in refused(told)["detail"]


def test_a_wrong_secret_tells_nothing_of_the_key():
    key, _ = made()
    keys.revoke(key)

    for prefix in (key.prefix, "unknown1"):
        assert refused(f"hscp_{prefix}_{'x' * 43}")["detail"] == "The key is not known."


def test_a_revoked_key_and_one_that_expired_are_refused_with_the_day():
    key, told = made()
    keys.revoke(key)
    _, old = made(expires_at=timezone.now() - timedelta(days=1))

    assert f"revoked on {timezone.localdate()}" in refused(told)["detail"]
    assert "expired on" in refused(old)["detail"]


def test_two_different_keys_are_refused():
    (_, one), (_, other) = made(), made()
    answer = client_with(one).get("/api/v1/", headers={"X-API-Key": other})

    assert answer.json()["detail"] == "Two different keys were sent."
    assert client_with(one).get("/api/v1/", headers={"X-API-Key": one}).status_code == 200


def test_a_wrong_key_is_refused_where_an_answer_was_kept_too(library):
    path = "/api/v1/topics/busulfan/"
    etag = Client().get(path)["ETag"]

    answer = client_with("hscp_x_y").get(path, headers={"If-None-Match": etag})

    assert answer.status_code == 401


def test_other_schemes_are_for_somebody_else():
    answer = Client(headers={"Authorization": "Basic eDp5"}).get("/api/v1/")
    assert answer.status_code == 200


def test_without_a_key_or_its_scope_nothing_private_is_told():
    _, told = made([Scope.READ])
    without, lacking = Client().get("/api/v1/keys/"), client_with(told).get("/api/v1/keys/")

    assert (without.status_code, lacking.status_code) == (401, 403)
    assert without["WWW-Authenticate"] == 'Bearer realm="HSC Portal API"'
    assert 'error="insufficient_scope", scope="keys"' in lacking["WWW-Authenticate"]
    assert lacking.json()["type"].endswith("/problems/missing-scope/")
    for answer in (without, lacking):
        assert answer["Cache-Control"] == "no-store"
        assert not answer.has_header("Access-Control-Allow-Origin")


def test_a_partner_sees_its_own_keys_and_never_a_secret():
    key, told = made()
    keys.make(partner("other"), "theirs", ALL)

    answer = client_with(told).get("/api/v1/keys/")

    assert [each["id"] for each in answer.json()["results"]] == [key.pk]
    assert answer.json()["results"][0]["is_this"]
    assert key.digest not in answer.text
    assert told.split("_")[2] not in answer.text
    assert answer["Cache-Control"] == "no-store"


def make_by_api(told: str, **wanted):
    return client_with(told).post("/api/v1/keys/", wanted, content_type="application/json")


def test_a_partner_makes_a_key_and_is_told_its_secret_once():
    _, told = made()

    answer = make_by_api(told, name="new", scopes=["read"])

    assert answer.status_code == 201
    assert client_with(answer.json()["key"]).get("/api/v1/").status_code == 200
    assert "key" not in client_with(told).get(answer["Location"]).json()


def test_no_key_gives_more_than_it_has():
    soon = timezone.now() + timedelta(days=2)
    _, told = made([Scope.KEYS], expires_at=soon, per_minute=7)
    strong, _ = made()

    assert make_by_api(told, name="more", scopes=["usage"]).status_code == 403
    path = f"/api/v1/keys/{strong.pk}/rotate/"
    answer = client_with(told).post(path, {}, content_type="application/json")
    assert answer.status_code == 403
    later = (soon + timedelta(days=9)).isoformat()
    assert make_by_api(told, name="longer", scopes=["keys"], expires_at=later).status_code == 201
    longest = ApiKey.objects.get(name="longer")
    assert (longest.expires_at, longest.per_minute) == (soon, 7)


@pytest.mark.parametrize(
    ("wanted", "parameter"),
    [
        ({}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes.0"),
        ({"name": "x", "scopes": ["read"], "digest": "f"}, "digest"),
        ({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "\x00", "scopes": ["read"]}, "name"),
    ],
)
def test_what_cannot_be_a_key_is_named(wanted, parameter):
    _, told = made()
    answer = make_by_api(told, **wanted)

    assert answer.status_code == 400
    assert parameter in [error["parameter"] for error in answer.json()["errors"]]
    assert ApiKey.objects.count() == 1


def test_the_keys_of_a_partner_are_limited(monkeypatch):
    monkeypatch.setattr(keys, "MOST_KEYS", 1)
    _, told = made()

    assert make_by_api(told, name="new", scopes=["read"]).status_code == 409


def rotate(told: str, key: ApiKey, **options):
    path = f"/api/v1/keys/{key.pk}/rotate/"
    return client_with(told).post(path, options, content_type="application/json")


def test_while_a_key_is_rotated_both_secrets_work_and_then_one():
    key, old = made()

    new = rotate(old, key, overlap_hours=2).json()["key"]

    assert new != old
    assert [client_with(each).get("/api/v1/").status_code for each in (old, new)] == [200, 200]
    ApiKey.objects.update(old_until=timezone.now())
    assert "was rotated" in refused(old)["detail"]
    assert client_with(new).get("/api/v1/").status_code == 200


def test_without_overlap_the_old_secret_is_gone_at_once():
    key, old = made()
    rotate(old, key, overlap_hours=0)
    assert refused(old)["detail"] == "The key is not known."


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"scopes": [Scope.KEYS, Scope.USAGE]}, "the scope “usage”"),
        ({"expires_at": None}, "a later end"),
        ({"expires_at": timezone.now() + timedelta(days=9)}, "a later end"),
        ({"per_minute": 11}, "a higher limit"),
        ({"per_minute": None}, "a higher limit"),
    ],
)
def test_a_key_that_has_more_is_neither_rotated_nor_revoked(settings, more, words):
    settings.API_LIMIT_KEY = 6000
    soon = timezone.now() + timedelta(days=1)
    little = {"scopes": [Scope.KEYS], "expires_at": soon, "per_minute": 10}
    (own, told), (strong, _), (equal, _) = made(**little), made(**little | more), made(**little)

    refusals = [rotate(told, strong), client_with(told).delete(f"/api/v1/keys/{strong.pk}/")]

    assert [(each.status_code, words in each.json()["detail"]) for each in refusals] == [
        (403, True), (403, True),
    ]  # fmt: skip
    assert ApiKey.objects.get(pk=strong.pk).digest == strong.digest
    assert ApiKey.objects.get(pk=strong.pk).works
    assert rotate(told, equal).status_code == 200
    assert client_with(told).delete(f"/api/v1/keys/{own.pk}/").status_code == 204


def test_a_key_that_is_rotated_twice_has_two_secrets_at_most():
    key, first = made()
    second = rotate(first, key).json()["key"]
    third = rotate(second, key).json()["key"]

    assert refused(first)["detail"] == "The key is not known."
    assert [client_with(each).get("/api/v1/").status_code for each in (second, third)] == [200, 200]


def test_a_revoked_key_is_for_ever():
    key, told = made()
    _, other = made()

    assert client_with(other).delete(f"/api/v1/keys/{key.pk}/").status_code == 204
    refused(told)
    assert rotate(other, key).status_code == 409


def test_keys_of_others_are_not_there():
    _, told = made()
    theirs, _ = keys.make(partner("other"), "theirs", ALL)
    path = f"/api/v1/keys/{theirs.pk}/"

    assert client_with(told).get(path).status_code == 404
    assert client_with(told).delete(path).status_code == 404
    assert rotate(told, theirs).status_code == 404
    theirs.refresh_from_db()
    assert theirs.works


def test_a_browser_may_read_and_may_send_no_key():
    asked = {"Origin": "https://partner.example", "Access-Control-Request-Method": "GET",
             "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    answer = Client().options("/api/v1/topics/", headers=asked)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    allowed = answer["Access-Control-Allow-Headers"].lower()
    assert "if-none-match" in allowed and "prefer" in allowed
    assert "authorization" not in allowed and "x-api-key" not in allowed
    assert not answer.has_header("Access-Control-Allow-Credentials")
