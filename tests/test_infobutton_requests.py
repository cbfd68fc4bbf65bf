"""The Infobutton service at its edges: what is refused, how a body is read, what a summary says."""

import pytest
from api_data import document, publish, retract, section
from test_infobutton import ICD_10_CM, SERVICE, ask, code, make_clinic, query, titles

from tests import sharing

APPLICATION = "/infobutton/application"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def made_clinic(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        make_clinic()
        yield


@pytest.fixture
def clinic(db, made_clinic):
    """Five topics with codes; what a test does to them is undone after it."""


def refused(response, status: int) -> None:
    """Fail unless an answer is a problem that any page may read and no cache keeps."""
    assert response.status_code == response.json()["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize("path", [SERVICE, APPLICATION])
def test_what_is_refused_is_a_problem(client, clinic, path):
    asked = {"mainSearchCriteria.v.ot": "secret"}
    for method in ("put", "patch", "delete"):
        response = getattr(client, method)(f"{path}?mainSearchCriteria.v.ot=secret")
        refused(response, 405)
        assert response["Allow"] == "GET, HEAD, POST, OPTIONS"
    refused(client.get(path, asked | {"callback": "1"}), 400)
    refused(client.post(path, {"a": "x" * 70_000}), 413)
    refused(client.get(f"{path}?{'a=secret&' * 1_001}"), 400)
    refused(client.post(path, "a=secret&" * 1_001, content_type=FORM), 400)
    refused(client.post(path, "secret", content_type="multipart/form-data"), 400)
    refused(client.generic("POST", path, b"a=secret", f"{FORM}; charset=rot13"), 400)


@pytest.mark.parametrize(("charset", "word"), [
    ("ISO-8859-1", b"caf%E9"), ("ISO-8859-1", b"caf\xe9"), ("utf-8", b"caf%C3%A9"),
    ("UTF-8", "café".encode()), ("windows-1252", b"caf%E9"), ("unheard-of", b"caf%C3%A9"),
])  # fmt: skip
def test_a_body_is_read_in_the_charset_that_it_names(client, clinic, charset, word):
    body = b"mainSearchCriteria.v.dn=" + word + b"&knowledgeResponseType=json"
    response = client.generic("POST", SERVICE, body, f"{FORM}; charset={charset}")
    assert response.status_code == 200
    assert {"scheme": "mainSearchCriteria.v.dn", "term": "café"} in response.json()["feed"][
        "category"
    ]


def test_criteria_of_query_and_body_are_both_asked(client, clinic):
    one = "mainSearchCriteria.v.c=D89.810&mainSearchCriteria.v.cs=" + ICD_10_CM
    other = "mainsearchcriteria.v.c=D89.811&mainsearchcriteria.v.cs=" + ICD_10_CM
    response = client.post(f"{SERVICE}?{one}&knowledgeResponseType=json", other, content_type=FORM)
    assert titles(response.json()["feed"]) == ["Acute gvhd", "Chronic gvhd"]
    spelt = client.get(f"{SERVICE}?{one}&{other}&knowledgeResponseType=json").json()
    assert titles(spelt["feed"]) == ["Acute gvhd", "Chronic gvhd"]


def test_a_summary_says_how_sure_a_statement_is_and_how_many_more_there_are(client, clinic):
    lines = "\n\n".join(f"Number {n}. [@copelan2006]{{certainty=low}}" for n in range(9))
    codes = [code("ICD-10-CM", "D75.81")]
    sections = [
        section("No source, no grade.", "key_points", "First?"),
        section(lines, "risks", "What are the risks?"),
        section("Open. [@copelan2006]{certainty=high check=awaiting}", "procedure", "How?"),
    ]
    publish(document("overview", "long", codes=codes, sections=sections))  # fmt: skip

    def summary(**more) -> str:
        asked = query("D75.81", ICD_10_CM) | more
        return ask(client, asked)["entry"][0]["summary"]["_value"]

    assert "<li>No source, no grade. <em>(not graded; uncited)</em></li>" in summary()
    assert "more on the page" not in summary()
    risks = {"subTopic.v.c": "Q000009"}
    assert "<li>Number 0. <em>(low certainty)</em></li>" in summary(**risks)
    assert summary(**risks).count("<li>") == 6 and "And 3 more on the page." in summary(**risks)
    assert "(high certainty; source check awaited)" in summary(**{"subTopic.v.c": "Q000008"})
    retract("copelan2006")
    assert "(low certainty; cites a retracted publication)" in summary(**risks)
    assert "(not graded; uncited)" in summary()


def test_free_words_stand_in_no_link(client, clinic):
    nothing = {"mainSearchCriteria.v.ot": "Smith-Jones"} | query("1", "9.9")
    several = {"mainSearchCriteria.v.ot": "Smith-Jones"} | query("D006086", "MeSH")
    for asked in (nothing, several):
        text = client.get(APPLICATION, asked).content.decode()
        assert "Smith-Jones" in text
        assert "q=Smith" not in text
    named = client.get(APPLICATION, {"mainSearchCriteria.v.dn": "Gout"} | query("1", "9.9"))
    assert "/de/search/?q=Gout" in named.content.decode()
