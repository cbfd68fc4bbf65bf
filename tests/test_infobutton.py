"""The Infobutton service: what record systems ask, and the feed that they get."""

import json
from xml.etree import ElementTree

import pytest
from api_data import document, publish, publish_reviewed, retract, section
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests import sharing
from topics.infobutton import asking
from topics.models import SearchCount

SERVICE = "/infobutton/service"
ICD_10_CM, MESH = "2.16.840.1.113883.6.90", "2.16.840.1.113883.6.177"
ATOM = "{http://www.w3.org/2005/Atom}"
# The order of the knowledge response's schema, in words of our own.
IN_FEED = ["title", "subtitle", "author", "updated", "category", "id", "link", "rights",
           "generator", "entry"]  # fmt: skip
IN_ENTRY = ["title", "link", "id", "updated", "author", "contributor", "summary", "content",
            "category", "published", "rights", "source"]  # fmt: skip


def code(system: str, code: str, match: str = "exact", **fields) -> dict:
    return {"system": system, "code": code, "match": match, **fields}


def make_clinic() -> None:
    sections = [
        section("GVHD is common.", "key_points", "What first?"),
        section("Steroids are given first. [@copelan2006]", "clinical_use", "How is it treated?"),
        section("Infections kill. [@copelan2006]", "risks", "What are the risks?"),
    ]
    gvhd = [code("ICD-10-CM", "D89.810"), code("MeSH", "D006086", "narrower"),
            code("ORPHA", "ORPHA:39812", "related", verified=False)]  # fmt: skip
    publish(
        document("complication", "acute-gvhd", facts={"category": "immunological"}, codes=gvhd,
                 sections=sections, synonyms=["Acute graft-versus-host disease", "aGVHD"]),
        document("complication", "chronic-gvhd", facts={"category": "immunological"},
                 synonyms=["Chronic graft-versus-host disease"],
                 codes=[code("MeSH", "D006086", "broader"), code("ICD-10-CM", "D89.811")]),
        document("condition", "leukemia", facts={"category": "malignant"},
                 codes=[code("ICD-10-CM", "C92.0", "narrower"),
                        code("MeSH", "D006086", "related")]),
        document("condition", "marrow-failure", facts={"category": "marrow-failure"},
                 codes=[code("ICD-10-CM", "D61", "broader"), code("MeSH", "D006086")]),
    )  # fmt: skip
    publish_reviewed(document("agent", "busulfan", facts={"drug_class": "alkylating agent"},
                              codes=[code("ATC", "L01AB01"), code("RxNorm", "1828")]))  # fmt: skip


@pytest.fixture(scope="module")
def made_clinic(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        make_clinic()
        yield


@pytest.fixture
def clinic(db, made_clinic):
    """Five topics with codes; what a test does to them is undone after it."""


def query(code: str = "", system: str = "", **more) -> dict:
    named = {"mainSearchCriteria.v.c": code, "mainSearchCriteria.v.cs": system, **more}
    return {name: value for name, value in named.items() if value}


def ask(client, asked: dict, path: str = SERVICE) -> dict:
    """Return the feed that is answered as JSON."""
    response = client.get(path, {"knowledgeResponseType": "application/json", **asked})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)["feed"]


def titles(feed: dict) -> list[str]:
    return [entry["title"]["_value"] for entry in feed["entry"]]


def check_order(element: etree._Element, order: list[str]) -> None:
    """Fail if the children of an element do not come in an order, or if there are others."""
    found = [etree.QName(child).localname for child in element]
    assert found == sorted(found, key=order.index)


def check_xml(body: bytes) -> etree._Element:
    """Fail if an answer breaks a rule of the knowledge response's schema."""
    feed = etree.fromstring(body)
    assert feed.tag == f"{ATOM}feed"
    check_order(feed, IN_FEED)
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for entry in feed.findall(f"{ATOM}entry"):
        check_order(entry, IN_ENTRY)
        assert entry.get(language)
        assert entry.findall(f"{ATOM}link")
    assert feed.get(language)
    for link in feed.iter(f"{ATOM}link"):
        assert set(link.keys()) == {"href", "rel", "type", "hreflang", "title"}
    for words in feed.iter(f"{ATOM}title", f"{ATOM}subtitle", f"{ATOM}summary", f"{ATOM}rights"):
        assert words.get("type") in ("text", "html")
    own = {"relevanceScore", "strengthOfRecommedation"}
    for category in feed.iter(f"{ATOM}category"):
        assert set(category.keys()) == {"scheme", "term"}
        assert category.get("scheme") in {*asking.ECHOED, *own}
    return feed


def test_a_code_finds_its_topic(client, clinic):
    feed = ask(client, query("D89.810", ICD_10_CM))
    assert titles(feed) == ["Acute gvhd"]
    entry = feed["entry"][0]
    assert entry["link"][0]["href"] == "http://testserver/topics/acute-gvhd/"
    assert entry["link"][0]["rel"] == "alternate"
    terms = {each["scheme"]: each["term"] for each in entry["category"]}
    assert terms["mainSearchCriteria.v.c"] == "D89.810"
    assert terms["mainSearchCriteria.v.cs"] == ICD_10_CM
    assert terms["relevanceScore"] == "1"
    assert "Not yet reviewed by a clinician." in entry["summary"]["_value"]
    assert "<li>GVHD is common. <em>(not graded; uncited)</em></li>" in entry["summary"]["_value"]
    assert feed["id"]["_value"].startswith("urn:uuid:")


@pytest.mark.parametrize("system", [
    ICD_10_CM, "urn:oid:2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM",
    "ICD10CM",
])  # fmt: skip
@pytest.mark.parametrize("written", ["D89.810", "d89.810", "D89810"])
def test_systems_and_codes_have_many_spellings(client, clinic, system, written):
    assert titles(ask(client, query(written, system))) == ["Acute gvhd"]


@pytest.mark.parametrize("asked", [
    query("Z99.9", ICD_10_CM), query("D89.810", "1.2.3.4"), query("D89.810"), {},
    query("D89.810", "2.16.840.1.113883.6.103"), query("", ICD_10_CM),
    {"mainSearchCriteria.v.c": "\0\x0b", "mainSearchCriteria.v.cs": ICD_10_CM},
])  # fmt: skip
def test_what_is_unknown_gets_a_feed_without_entries(client, clinic, asked):
    assert ask(client, asked)["entry"] == []
    check_xml(client.get(SERVICE, asked).content)


def test_exact_comes_before_broader_narrower_and_related(client, clinic):
    feed = ask(client, query("D006086", MESH))
    assert titles(feed) == ["Marrow failure", "Chronic gvhd", "Acute gvhd", "Leukemia"]
    assert [each["category"][-1]["term"] for each in feed["entry"]] == ["1", "0.8", "0.6", "0.4"]


def test_an_unverified_code_answers_only_where_no_verified_one_does(client, clinic):
    system = "1.3.6.1.4.1.12559.11.10.1.3.1.44.5"
    feed = ask(client, query("39812", system))
    assert titles(feed) == ["Acute gvhd"]
    assert "not found in a released table" in feed["entry"][0]["summary"]["_value"]
    assert feed["entry"][0]["category"][-1]["term"] == "0.2"
    publish(document("overview", "verified", codes=[code("ORPHA", "ORPHA:39812", "related")]))
    assert titles(ask(client, query("39812", system))) == ["Verified"]


def test_the_code_of_a_bill_is_answered_by_the_one_above_it(client, clinic):
    feed = ask(client, query("C92.01", ICD_10_CM))
    assert titles(feed) == ["Leukemia"]
    said = "The code stands below C92.0, which the topic takes in."
    assert said in feed["entry"][0]["summary"]["_value"]
    near = ask(client, query("D61.818", ICD_10_CM))
    assert titles(near) == ["Marrow failure"]
    assert near["entry"][0]["category"][-1]["term"] == "0.25"


def test_names_of_parameters_may_be_old_and_of_any_case(client, clinic):
    for asked in (
        {"MAINSEARCHCRITERIA.V.C": "D89.810", "mainsearchcriteria.v.CS": ICD_10_CM},
        {"mainSearchCriteria.c.c": "D89.810", "mainSearchCriteria.c.cs": ICD_10_CM},
        {"mainSearchCriteria.c.c": "D89.810", "mainSearchCriteria.c.c.cs": ICD_10_CM},
    ):
        assert titles(ask(client, {**asked, "nobody.knows": "this"})) == ["Acute gvhd"]


def test_several_codes_are_asked_for_at_once(client, clinic):
    asked = query("D89.810", ICD_10_CM) | {
        "mainSearchCriteria.v.c1": "L01AB01", "mainSearchCriteria.v.cs1": "http://www.whocc.no/atc",
        "mainSearchCriteria.v.c2": "1828", "mainSearchCriteria.v.cs2": "2.16.840.1.113883.6.88",
    }  # fmt: skip
    assert titles(ask(client, asked)) == ["Acute gvhd", "Busulfan"]
    repeated = {"mainSearchCriteria.v.c": ["D89.810", "D89.811"],
                "mainSearchCriteria.v.cs": [ICD_10_CM, ICD_10_CM]}  # fmt: skip
    assert titles(ask(client, repeated)) == ["Acute gvhd", "Chronic gvhd"]


@pytest.mark.parametrize(("subtopic", "anchor"), [
    ({"subTopic.v.c": "Q000628", "subTopic.v.cs": MESH}, "#how-is-it-treated"),
    ({"subtopic.c.c": "Q000009"}, "#what-are-the-risks"),
    ({"subTopic.v.dn": "Treatment"}, "#how-is-it-treated"),
    ({"subTopic.v.c": "Q000493"}, ""),
    ({"subTopic.v.c": "nothing"}, ""),
    ({"subTopic.v.c": "Q000493", "subTopic.v.c1": "Q000633"}, "#what-are-the-risks"),
])  # fmt: skip
def test_a_subtopic_leads_to_its_section(client, clinic, subtopic, anchor):
    entry = ask(client, query("D89.810", ICD_10_CM) | subtopic)["entry"][0]
    assert entry["link"][0]["href"] == f"http://testserver/topics/acute-gvhd/{anchor}"
    first = "Steroids are given first." if anchor == "#how-is-it-treated" else "Infections kill."
    assert (first in entry["summary"]["_value"]) == bool(anchor)


@pytest.mark.parametrize(("words", "found"), [
    ("acute graft-versus-host disease (disorder)", ["Acute gvhd"]),
    ("aGVHD", ["Acute gvhd"]),
    ("graft versus host disease", ["Acute gvhd", "Chronic gvhd"]),
    ("Type 2 diabetes mellitus", []),
    ("chronic kidney disease", []),
    ("  ", []),
])  # fmt: skip
def test_words_find_what_they_name_if_no_code_does(client, clinic, words, found):
    for name in ("mainSearchCriteria.v.ot", "mainSearchCriteria.v.dn"):
        asked = query("250.00", "2.16.840.1.113883.6.103") | {name: words}
        assert sorted(titles(ask(client, asked))) == found
    assert titles(ask(client, query("L01AB01", "ATC") | {"mainSearchCriteria.v.ot": words})) == [
        "Busulfan"
    ]


def test_what_is_asked_is_not_counted_as_a_search(client, clinic):
    for path in (SERVICE, "/infobutton/application"):
        client.get(path, {"mainSearchCriteria.v.ot": "Mr Smith from Leeds"})
    assert not SearchCount.objects.exists()


def test_links_lead_to_pages_in_the_language_of_who_reads(client, clinic):
    asked = query("D89.810", ICD_10_CM)
    for language, start in (("es", "/es"), ("de-CH", "/de"), ("xx", ""), ("en_US", "")):
        spoken = asked | {"informationRecipient.languageCode.c": language}
        entry = ask(client, spoken | {"performer.languageCode.c": "es"})["entry"][0]
        start = "/es" if language == "xx" else start
        assert entry["link"][0]["href"] == f"http://testserver{start}/topics/acute-gvhd/"
        assert entry["link"][0]["hreflang"] == "en"


def test_a_retracted_source_is_told_of(client, clinic):
    asked = query("D89.810", ICD_10_CM)
    before = ask(client, asked)["entry"][0]
    retract("copelan2006")
    after = ask(client, asked)["entry"][0]
    assert "cites a retracted publication" in after["summary"]["_value"]
    assert "retracted" not in before["summary"]["_value"]
    assert after["id"] == before["id"]


def test_a_withdrawn_topic_is_no_answer(client, clinic):
    from api_data import withdraw

    from topics.models import Topic

    withdraw(Topic.objects.get(slug="acute-gvhd"))
    assert ask(client, query("D89.810", ICD_10_CM))["entry"] == []


def test_xml_is_the_default_and_in_order(client, clinic):
    asked = query("D006086", MESH) | {
        "performer.languageCode.c": "en", "observation.v.u": "mg", "age.v.v": "7", "age.v.u": "a",
        "patientPerson.administrativeGenderCode.c": "F", "informationRecipient": "PROV",
        "holder.assignedEntity.certificateText": "secret", "mainSearchCriteria.v.dn": "<b>&\x0b",
    }  # fmt: skip
    for kind in ("", "text/xml", "application/xml", "application/atom+xml", "text/nothing"):
        response = client.get(SERVICE, asked | {"knowledgeResponseType": kind})
        assert "xml" in response["Content-Type"]
        feed = check_xml(response.content)
        assert len(feed.findall(f"{ATOM}entry")) == 4
        told = {(each.get("scheme"), each.get("term")) for each in feed.findall(f"{ATOM}category")}
        assert ("performer.languageCode", "en") in told
        assert ("Observation.v.u", "mg") in told
        assert ("mainSearchCriteria.v.dn", "<b>&") in told
        assert "secret" not in response.content.decode()
        # Clients that know nothing of namespaces look for the bare name.
        assert b"<entry " in response.content


def test_json_and_xml_say_the_same(client, clinic):
    asked = query("D89.810", ICD_10_CM) | {"subTopic.v.c": "Q000628"}
    data, feed = ask(client, asked), ElementTree.fromstring(client.get(SERVICE, asked).content)
    entry, other = data["entry"][0], feed.find(f"{ATOM}entry")
    for name in ("title", "id", "updated", "summary"):
        assert other.find(f"{ATOM}{name}").text == entry[name]["_value"]
    assert [dict(link.items()) for link in other.findall(f"{ATOM}link")] == entry["link"]


def test_jsonp_calls_a_function_and_nothing_else(client, clinic):
    asked = query("D89.810", ICD_10_CM, knowledgeResponseType="application/javascript")
    response = client.get(SERVICE, asked | {"callback": "kb.show_1"})
    assert response["Content-Type"].startswith("application/javascript")
    text = response.content.decode()
    assert text.startswith("/**/kb.show_1({") and text.endswith("});")
    assert json.loads(text.removeprefix("/**/kb.show_1(").removesuffix(");"))["feed"]["entry"]
    assert client.get(SERVICE, asked | {"jsonp": "f"}).content.startswith(b"/**/f(")
    for bad in ("alert(1)//", "a b", "1a", "a-b", "f;g", "é", "x" * 101, "f\n", ""):
        refused = client.get(SERVICE, asked | {"callback": bad})
        if bad.strip() != "f":
            assert refused.status_code == 400, bad
            assert refused["Content-Type"] == "application/problem+json"


def test_a_script_cannot_end_in_what_is_told(client, clinic):
    asked = query("D89.810", ICD_10_CM) | {"mainSearchCriteria.v.dn": "</script><script>\u2028"}
    text = client.get(SERVICE, asked | {"knowledgeResponseType": "json"}).content.decode()
    assert "<" not in text and "\u2028" not in text


def test_post_asks_the_same_as_get(client, clinic):
    asked = query("D89.810", ICD_10_CM, knowledgeResponseType="application/json")
    client.handler.enforce_csrf_checks = True
    form = {"data": "&".join(f"{name}={value}" for name, value in asked.items()),
            "content_type": "application/x-www-form-urlencoded"}  # fmt: skip
    for path in (SERVICE, f"{SERVICE}/"):
        response = client.post(path, **form)
        assert titles(response.json()["feed"]) == ["Acute gvhd"]
        assert response["Cache-Control"] == "no-store"


def test_methods_and_origins(client, clinic):
    response = client.get(SERVICE)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.cookies
    assert client.head(SERVICE).status_code == 200
    assert client.options(SERVICE)["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert "Access-Control-Allow-Origin" not in client.post(SERVICE)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture],
          deadline=None)  # fmt: skip
@given(st.dictionaries(
    st.one_of(st.sampled_from([*asking.ECHOED, "callback", "mainSearchCriteria.v.c1"]), st.text()),
    st.text(), max_size=6,
))  # fmt: skip
def test_whatever_is_sent_the_answer_can_be_read(client, clinic, asked):
    asked = {name.encode("utf-8", "replace"): value.encode("utf-8", "replace")
             for name, value in asked.items()}  # fmt: skip
    response = client.get(SERVICE, asked)
    assert response.status_code in (200, 400)
    if response.status_code == 200 and "xml" in response["Content-Type"]:
        check_xml(response.content)
