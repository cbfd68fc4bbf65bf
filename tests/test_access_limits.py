"""Limits: counted once for all processes, told in headers, and refused in words."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections
from django.db.models import F
from django.test import Client
from django.utils import timezone

from references.access import keys, limits, usage
from references.access.models import RequestWindow, Scope, Usage
from references.models import Partner

pytestmark = pytest.mark.django_db
PATH = "/api/v1/"


@pytest.fixture(autouse=True)
def few(settings):
    """Three requests a minute for an address, five for a key."""
    settings.API_LIMIT_ADDRESS, settings.API_LIMIT_KEY = 3, 5
    limits.refused.until.clear()
    yield
    limits.refused.until.clear()


def key_client(scopes=(Scope.READ,), **options) -> Client:
    partner, _ = Partner.objects.get_or_create(
        slug="marrow", defaults={"name": "Marrow", "url": "https://marrow.example/"}
    )
    _, told = keys.make(partner, "replica", list(scopes), **options)
    return Client(headers={"Authorization": f"Bearer {told}"})


def statuses(client, number: int, **options) -> list[int]:
    return [client.get(PATH, **options).status_code for _ in range(number)]


def pass_a_minute() -> None:
    RequestWindow.objects.update(begun_at=F("begun_at") - timedelta(seconds=60))
    limits.refused.until.clear()


def test_each_answer_tells_what_is_left(client):
    first, second = client.get(PATH), client.get(PATH)

    assert first["RateLimit-Policy"] == '"address";q=3;w=60'
    assert first["RateLimit"] == '"address";r=2;t=60'
    assert re.fullmatch(r'"address";r=1;t=(59|60)', second["RateLimit"])


def test_one_too_many_is_refused_until_the_minute_is_over(client):
    assert statuses(client, 4) == [200, 200, 200, 429]
    answer = client.get(PATH)

    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer["RateLimit"] == f'"address";r=0;t={answer["Retry-After"]}'
    assert answer.json()["type"] == "http://testserver/api/v1/problems/too-many-requests/"
    assert answer.json()["violated-policies"] == ["address"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    pass_a_minute()
    assert statuses(client, 4) == [200, 200, 200, 429]


def test_another_process_that_did_not_see_it_refuses_too(client):
    statuses(client, 4)
    limits.refused.until.clear()
    assert statuses(client, 1) == [429]


def test_who_is_over_the_limit_costs_no_query(client, django_assert_num_queries):
    statuses(client, 4)
    with django_assert_num_queries(0):
        client.get(PATH)


def test_counting_costs_one_query(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get(PATH)


def test_each_address_counts_by_itself_and_a_network_of_ipv6_as_one(client):
    assert statuses(client, 4, REMOTE_ADDR="192.0.2.1")[-1] == 429
    assert statuses(client, 1, REMOTE_ADDR="192.0.2.2") == [200]
    for number in range(3):
        assert statuses(client, 1, REMOTE_ADDR=f"2001:db8::{number}") == [200]
    assert statuses(client, 1, REMOTE_ADDR="2001:db8::ffff:9") == [429]
    assert statuses(client, 1, REMOTE_ADDR="2001:db8:0:1::1") == [200]


def test_behind_a_proxy_the_address_it_saw_counts(client, settings):
    settings.BEHIND_HTTPS = True
    for made_up in range(3):
        statuses(client, 1, headers={"X-Forwarded-For": f"10.0.0.{made_up}, 192.0.2.1"})
    assert statuses(client, 1, headers={"X-Forwarded-For": "192.0.2.1"}) == [429]
    assert statuses(client, 1, headers={"X-Forwarded-For": "192.0.2.9"}) == [200]


def test_what_hears_both_kinds_of_address_counts_each_of_ipv4_by_itself(client):
    assert statuses(client, 4, REMOTE_ADDR="::ffff:192.0.2.1")[-1] == 429
    assert statuses(client, 1, REMOTE_ADDR="::ffff:192.0.2.2") == [200]
    assert statuses(client, 1, REMOTE_ADDR="192.0.2.1") == [429]


@pytest.mark.parametrize(
    ("told", "again"),
    [("192.0.2.1:5678", "192.0.2.1:9"), ("[2001:db8::1]:5678", "2001:db8::2")],
)
def test_a_port_that_a_proxy_tells_makes_no_other_address(client, settings, told, again):
    settings.BEHIND_HTTPS = True
    statuses(client, 3, headers={"X-Forwarded-For": told})
    assert statuses(client, 1, headers={"X-Forwarded-For": again}) == [429]


@pytest.mark.parametrize(
    "path",
    ["/oembed", "/whats-new/feed.atom", "/sitemap.xml",
     "/infobutton/service", "/fhir/metadata"],
)  # fmt: skip
def test_what_programs_ask_for_is_limited_and_told_to_pages_of_others(client, path):
    answers = [client.get(path) for _ in range(4)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 3 + [True]
    for answer in answers:
        assert answer["RateLimit-Policy"] == '"address";q=3;w=60'
        exposed = answer["Access-Control-Expose-Headers"]
        assert "RateLimit" in exposed and "Retry-After" in exposed
    is_fhir = path.startswith("/fhir/")
    told = "application/fhir+json" if is_fhir else "application/problem+json"
    assert answers[3]["Content-Type"].startswith(told)
    assert not is_fhir or answers[3].json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("path", ["/embed/mobilization/", "/infobutton/application", "/api/docs/"])
def test_people_are_told_of_the_limit_on_a_page(client, path):
    answer = [client.get(path) for _ in range(4)][-1]

    assert answer.status_code == 429
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert f"in {answer['Retry-After']} second" in answer.text
    # The page stands where the card would: in frames of everybody.
    is_framed = path.startswith("/embed/")
    assert ("frame-ancestors *" in answer["Content-Security-Policy"]) == is_framed
    assert ("Cross-Origin-Embedder-Policy" in answer) == is_framed
    assert "X-Frame-Options" not in answer


def test_what_is_kept_names_no_address(client):
    client.get(PATH, REMOTE_ADDR="192.0.2.1")
    (kept,) = RequestWindow.objects.values_list("who", flat=True)
    assert re.fullmatch("[0-9a-f]{64}", kept)
    RequestWindow.objects.update(begun_at=timezone.now() - timedelta(hours=1))
    limits.forget()
    assert not RequestWindow.objects.exists()


def test_a_key_that_reads_has_a_limit_of_its_own(client):
    reader = key_client()

    assert reader.get(PATH)["RateLimit-Policy"] == '"key";q=5;w=60'
    assert statuses(reader, 5) == [200, 200, 200, 200, 429]
    assert statuses(client, 1) == [200]
    assert key_client(per_minute=9).get(PATH)["RateLimit-Policy"] == '"key";q=9;w=60'


def test_a_key_without_the_scope_counts_as_its_address(client):
    assert statuses(key_client([Scope.USAGE]), 3) == [200] * 3
    assert statuses(client, 1) == [429]


def test_guessing_keys_is_limited_by_address(client):
    guesses = [client.get(PATH, headers={"X-API-Key": f"hscp_abcdefgh_{n}"}) for n in range(5)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429, 429]
    assert guesses[0]["RateLimit"].startswith('"address";r=2')


def test_answers_that_were_kept_and_304_count_too(client, library):
    path = "/api/v1/topics/busulfan/"
    first = client.get(path)
    kept = client.get(path)
    unchanged = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert [answer.status_code for answer in (first, kept, unchanged)] == [200, 200, 304]
    assert unchanged["RateLimit"].startswith('"address";r=0;')
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 429


def test_preflights_and_pages_for_readers_are_not_counted(client):
    for _ in range(5):
        asked = {"Access-Control-Request-Method": "GET"}
        assert client.options(PATH, headers=asked).status_code == 204
        assert client.get("/").status_code == 200
    assert not RequestWindow.objects.exists()


def test_without_limits_nothing_is_asked_or_told(client, settings, django_assert_num_queries):
    settings.API_LIMIT_ADDRESS = 0
    with django_assert_num_queries(0):
        answer = client.get(PATH)
    assert not answer.has_header("RateLimit")


def test_who_cannot_be_counted_is_answered(client, monkeypatch, caplog):
    def fail():
        raise DatabaseError("deadlock")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        assert client.get(PATH).status_code == 200
    assert "could not be counted: DatabaseError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_of_many_at_one_moment_none_is_overlooked(settings):
    settings.API_LIMIT_ADDRESS = 20
    found, gate = [], threading.Barrier(4)

    def ask():
        gate.wait()
        for _ in range(8):
            limits.refused.until.clear()
            found.append(limits.count(limits.policy_for(None, "192.0.2.1")).is_over)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (found.count(False), found.count(True)) == (20, 12)


@pytest.fixture
def counting(monkeypatch):
    """Count in this process, as a web server does, and write when told."""
    monkeypatch.setattr(usage, "counts", usage.Counts())
    monkeypatch.setattr(usage, "PAUSE_SECONDS", 3600)
    usage.counts.is_on = True
    yield
    usage.counts.timer and usage.counts.timer.cancel()


def test_usage_is_counted_by_partner_endpoint_and_day(client, counting, settings):
    settings.API_LIMIT_ADDRESS = 4
    reader = key_client([Scope.READ, Scope.USAGE])
    statuses(reader, 3)
    reader.get("/api/v1/nothing/")
    statuses(client, 5)
    timer, _ = usage.counts.timer, usage.write()
    timer.cancel()
    statuses(reader, 1)
    usage.write()

    rows = Usage.objects.values_list("partner__slug", "endpoint", "number")
    assert set(rows) == {
        ("marrow", "root", 4),
        ("marrow", "unknown", 1),
        (None, "root", 4),
        (None, "too-many-requests", 1),
    }


def test_counting_usage_costs_no_query_before_it_is_written(
    client, counting, settings, django_assert_num_queries
):
    settings.API_LIMIT_ADDRESS = 0
    with django_assert_num_queries(0):
        client.get(PATH)
    with django_assert_num_queries(1):
        usage.write()
    with django_assert_num_queries(0):
        usage.write()


def test_a_partner_sees_its_own_usage(client):
    reader = key_client([Scope.READ, Scope.USAGE])
    mine = Partner.objects.get()
    today = timezone.localdate()
    other = Partner.objects.create(name="Other", slug="other", url="https://other.example/")
    for partner, days, number in ((mine, 0, 3), (mine, 40, 5), (other, 0, 9), (None, 0, 7)):
        Usage.objects.create(
            partner=partner, endpoint="root", day=today - timedelta(days=days), number=number
        )

    told = reader.get("/api/v1/usage/").json()
    longer = reader.get(f"/api/v1/usage/?first={today - timedelta(days=50)}").json()

    assert told["results"] == [{"day": str(today), "endpoint": "root", "number": 3}]
    assert (told["total"], longer["total"]) == (3, 8)


@pytest.mark.parametrize(
    "query",
    ["first=2026-13-01", "first=tomorrow", "last=0001-01-01", "first=2001-01-01", "days=3",
     "first=2026-01-02&last=2026-01-01", "last=2026-01-01&last=2026-01-01"],
)  # fmt: skip
def test_days_that_cannot_be_meant_are_named(query):
    answer = key_client([Scope.READ, Scope.USAGE]).get(f"/api/v1/usage/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] in {"first", "last", "days"}


def test_usage_of_a_partner_that_was_deleted_meanwhile_is_dropped(counting):
    usage.note(999_999, "root")
    usage.note(None, "root")
    usage.write()
    assert Usage.objects.get().partner is None
