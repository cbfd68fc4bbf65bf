"""Registries that are slow, busy, broken or hostile: none is believed, or waited for long."""

import time

import pytest
from django.utils import timezone
from django.utils.http import http_date

from hsc_portal import asking
from references.models import Reference, RegistryAnswer
from references.registries import client, pubmed
from references.registries.client import XML, Session
from references.registries.faults import Failed, NotFound, NotUnderstood, Unreachable
from references.registries.looking_up import look_up
from references.registries.recognising import Identifier
from tests import registries_data
from tests.registries_data import ANSWER, busy, cut_text, filed, moved

PATH = "/some"
DOI = Identifier("doi", "10.1000/blood.2019001")
WORK = "/crossref/works/10.1000/blood.2019001"


@pytest.fixture
def server(monkeypatch, settings, db):
    with registries_data.served(monkeypatch, settings) as made:
        yield made


@pytest.fixture
def slept() -> list[float]:
    """The waits between tries, which nobody waits for here."""
    return []


@pytest.fixture
def session(slept) -> Session:
    return Session(sleep=slept.append)


def ask(server, session, *script, path: str = PATH, **options) -> bytes:
    """Return what is answered at an address where these things happen first."""
    server.script[path] = [*script, lambda handler: handler.send(200)]
    return session.get(server.base + path, **options).body


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_is_busy_is_tried_again(server, session, slept, status):
    assert ask(server, session, busy(status), busy(status)) == ANSWER
    assert len(server.asked) == 3
    # Longer the second time, and not at the same moment as everybody else.
    assert 0.5 <= slept[0] <= 1 <= slept[1] <= 2


def test_what_stays_busy_is_given_up(server, session):
    with pytest.raises(Unreachable, match="It answered 500 Internal Server Error"):
        ask(server, session, *[busy(500)] * 3)
    assert len(server.asked) == client.ATTEMPTS


def test_a_server_says_how_long_it_wants_to_be_left_alone(server, session, slept):
    assert ask(server, session, busy(Retry_After="3")) == ANSWER
    assert slept == [3.0]


def test_it_may_say_so_by_a_moment(server, session, slept):
    moment = http_date(timezone.now().timestamp() + 5)
    assert ask(server, session, busy(Retry_After=moment)) == ANSWER
    assert 3 < slept[0] <= 5


@pytest.mark.parametrize("wait", ["3600", "9" * 400, "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_nobody_waits_for_an_hour(server, session, slept, wait):
    with pytest.raises(Unreachable):
        ask(server, session, busy(Retry_After=wait))
    assert slept == []


@pytest.mark.parametrize("wait", ["", "soon", "-5", "Fri, 99 Foo 2026"])
def test_a_wait_that_is_none_is_not_heeded(server, session, slept, wait):
    assert ask(server, session, busy(Retry_After=wait)) == ANSWER
    assert 0.5 <= slept[0] <= 1


@pytest.mark.parametrize("act", [registries_data.silent, registries_data.truncated])
def test_what_breaks_off_is_tried_again(server, session, monkeypatch, act):
    monkeypatch.setattr(asking, "SECONDS", 0.2)
    assert ask(server, session, act) == ANSWER


def test_a_body_without_end_is_cut_when_the_time_is_over(server, monkeypatch):
    monkeypatch.setattr(asking, "SECONDS", 0.1)
    drips = registries_data.drips
    with pytest.raises(Unreachable, match="No answer in 1 second"):
        ask(server, Session(sleep=lambda seconds: None), drips, drips, drips)


def test_a_session_takes_no_longer_than_it_may(server):
    session = Session(seconds=0.2, sleep=time.sleep)
    with pytest.raises(Unreachable):
        ask(server, session, busy())
    # The wait would have been longer than what was left.
    assert len(server.asked) == 1


def test_a_session_that_is_over_asks_nobody(server):
    with pytest.raises(Unreachable, match="no time left"):
        ask(server, Session(seconds=0))
    assert server.asked == []


def test_a_host_that_was_silent_is_not_asked_again(server, session):
    with pytest.raises(Unreachable):
        ask(server, session, *[busy()] * 3)
    with pytest.raises(Unreachable, match="Too Many Requests"):
        ask(server, session, path="/other")
    assert len(server.asked) == 3


def test_no_more_is_read_than_may_be(server, session):
    with pytest.raises(NotUnderstood, match="too long"):
        ask(server, session, registries_data.huge, most_bytes=100_000)
    assert len(server.asked) == 1


def test_a_page_of_the_hotel_is_no_answer(server, session):
    with pytest.raises(NotUnderstood, match="text/html instead of JSON"):
        ask(server, session, registries_data.page)
    with pytest.raises(NotUnderstood, match="application/json instead of XML"):
        ask(server, session, accept=XML)


@pytest.mark.parametrize(
    "address",
    ["http://10.0.0.1/secret", "http://169.254.169.254/latest", "http://[::1]/", "file:///etc"],
)
def test_no_redirect_leads_inside(server, session, address):
    with pytest.raises(Unreachable, match=r"internal network|no address of the web"):
        ask(server, session, moved(address))
    assert len(server.asked) == 1


def test_other_redirects_are_followed_but_not_for_ever(server, session):
    assert ask(server, session, moved("/some")) == ANSWER
    with pytest.raises(Unreachable, match="on and on"):
        ask(server, session, *[moved("/some")] * 18)


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_unknown_is_not_asked_for_again(server, session, status):
    with pytest.raises(NotFound):
        ask(server, session, busy(status))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_told_and_not_argued_with(server, session, status):
    with pytest.raises(Failed, match=f"It answered {status}"):
        ask(server, session, busy(status))
    assert len(server.asked) == 1


def test_without_network_nobody_waits(monkeypatch, db):
    slept: list[float] = []
    with registries_data.no_network(monkeypatch):
        told = look_up([DOI, Identifier("pmid", "1")], Session(sleep=slept.append))
    assert [each.fault for each in told.values()] == [
        "Crossref cannot be reached. There is no server of this name.",
        "PubMed cannot be reached. There is no server of this name.",
    ]
    assert slept == []


BROKEN = [
    b"",
    b"[]",
    b"null",
    b'"text"',
    b"{}",
    b'{"message": null}',
    b'{"message": []}',
    b'{"message": {"DOI": "10.1000/x", "title": {"a": 1}, "author": "Ada"}}',
    b'{"message": {"DOI": "10.1000/x", "issued": {"date-parts": 5}}}',
    b"\xff\xfe\x00",
    b"[" * 200_000,
    filed("crossref.json")[:400],
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_what_is_not_as_described_is_told_and_not_kept(server, body):
    server.script[WORK] = [lambda handler: handler.send(200, body)]
    (told,) = look_up([DOI], Session()).values()
    assert told.item is None
    assert told.fault.startswith("Crossref gave no answer that can be used. Its answer")
    assert not RegistryAnswer.objects.exists()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('{"DOI": "10.1000/x"}', "needs a title"),
        ('{"DOI": "nonsense", "title": ["A paper"]}', "is not a DOI"),
    ],
)
def test_what_the_library_could_not_keep_is_told(server, message, words):
    body = f'{{"message": {message}}}'.encode()
    server.script[WORK] = [lambda handler: handler.send(200, body)]
    (told,) = look_up([DOI], Session()).values()
    assert told.item is None
    assert words in told.fault


def test_characters_that_no_database_keeps_are_left_out(server):
    title = r"A \u0000paper \ud800"
    body = f'{{"message": {{"DOI": "10.1000/x", "title": ["{title}"]}}}}'.encode()
    server.script[WORK] = [lambda handler: handler.send(200, body)]
    (told,) = look_up([DOI], Session()).values()
    Reference.objects.create(key="paper", csl=told.item)


@pytest.mark.parametrize(
    ("kind", "value", "path", "file"),
    [
        ("doi", "10.5072/example.1", "/datacite/dois/10.5072/example.1", "datacite.json"),
        ("pmid", "31000001", "/pubmed/efetch.fcgi", "pubmed.xml"),
        ("pmcid", "PMC7000001", "/pmc/articles/", "pmc.json"),
        ("isbn", "9780306406157", "/openlibrary/api/books", "openlibrary.json"),
        ("nct", "NCT00103662", "/clinicaltrials/studies", "clinicaltrials.json"),
    ],
)
def test_half_of_an_answer_is_none(server, kind, value, path, file):
    media = "text/xml" if file.endswith("xml") else "application/json"
    server.script[path] = [cut_text(filed(file), media)]
    (told,) = look_up([Identifier(kind, value)], Session()).values()
    assert told.item is None
    assert "gave no answer that can be used" in told.fault
    assert not RegistryAnswer.objects.exists()


def test_entities_of_an_answer_are_not_resolved():
    bomb = filed("pubmed.xml").replace(
        b"<PubmedArticleSet>",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><PubmedArticleSet>',
    )
    with pytest.raises(NotUnderstood):
        pubmed.read(bomb, ["31000001"])


def test_one_that_fails_leaves_the_others(server):
    server.script[WORK] = [busy(403)]
    wanted = [DOI, Identifier("doi", "10.5072/example.1"), Identifier("pmid", "31000001")]
    told = list(look_up(wanted, Session()).values())
    assert [bool(each.item) for each in told] == [False, True, True]
    assert "Crossref gave no answer that can be used. It answered 403" in told[0].fault
