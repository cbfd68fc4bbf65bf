"""The Infobutton as its clients use it: their requests, read the way they read; and browsers."""

import json
import logging
import re
from xml.dom import minidom

import pytest
from test_infobutton import ATOM, ICD_10_CM, MESH, SERVICE, make_clinic, query

from tests import sharing
from topics.infobutton import logs

APPLICATION = "/infobutton/application"


@pytest.fixture(scope="module")
def made_clinic(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        make_clinic()
        yield


@pytest.fixture
def clinic(db, made_clinic):
    """Five topics with codes; what a test does to them is undone after it."""


def test_openemr_leads_a_clinician_to_the_page(client, clinic):
    # interface/patient_file/education.php: a redirect of the browser.
    asked = f"mainSearchCriteria.v.cs={ICD_10_CM}&mainSearchCriteria.v.c=D89.810"
    response = client.get(f"{APPLICATION}?{asked}")
    assert (response.status_code, response["Location"]) == (302, "/topics/acute-gvhd/")
    spanish = client.get(f"{APPLICATION}?{asked}&informationRecipient.languageCode.c=es")
    assert spanish["Location"] == "/es/topics/acute-gvhd/"
    for system in ("2.16.840.1.113883.6.103", "2.16.840.1.113883.6.69", "2.16.840.1.113883.6.1"):
        page = client.get(
            f"{APPLICATION}?mainSearchCriteria.v.cs={system}&mainSearchCriteria.v.c=1"
        )
        assert page.status_code == 200


def test_ottehr_reads_title_and_first_link(client, clinic):
    # packages/zambdas/src/ehr/generate-patient-education/index.ts
    address = (f"{SERVICE}?mainSearchCriteria.v.cs={ICD_10_CM}&mainSearchCriteria.v.c=D89.810"
               "&knowledgeResponseType=application/json")  # fmt: skip
    found = [
        {"title": entry["title"]["_value"], "url": entry["link"][0]["href"]}
        for entry in client.get(address).json()["feed"].get("entry") or []
    ]
    assert found == [{"title": "Acute gvhd", "url": "http://testserver/topics/acute-gvhd/"}]


def test_cerberus_flattens_whatever_has_a_value(client, clinic):
    # sec/php/c/info-button/InfoButton_Query.php
    def flat(value):
        if isinstance(value, dict):
            return value["_value"] if "_value" in value else {n: flat(v) for n, v in value.items()}
        return [flat(each) for each in value] if isinstance(value, list) else value

    address = (f"{SERVICE}?mainSearchCriteria.v.cs={ICD_10_CM}&mainSearchCriteria.v.c=D89.810"
               "&knowledgeResponseType=application/json")  # fmt: skip
    feed = flat(client.get(address).json()["feed"])
    assert feed["title"] == feed["author"]["name"] == "HSC Portal"
    assert feed["entry"][0]["title"] == "Acute gvhd"
    assert feed["entry"][0]["summary"].startswith("<p>")


def test_a_cds_hooks_controller_reads_names_without_namespaces(client, clinic):
    asked = query("D89.810", ICD_10_CM) | {
        "representedOrganization.id.root": "1.2.3", "taskContext.c.c": "MLREV",
        "mainSearchCriteria.v.dn": "GVHD", "knowledgeResponseType": "application/xml",
    }  # fmt: skip
    response = client.get(SERVICE, asked)
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    entry = minidom.parseString(response.content).getElementsByTagName("entry")[0]
    assert entry.getElementsByTagName("title")[0].firstChild.data == "Acute gvhd"
    link = entry.getElementsByTagName("link")[0].getAttribute("href")
    assert link == "http://testserver/topics/acute-gvhd/"


def test_a_manager_asks_for_xml_and_strips_namespaces(client, clinic):
    # logicahealth/InfoButtons: Accept: application/xml, then XSLT, then JAXB.
    response = client.get(
        SERVICE, query("D89.810", ICD_10_CM), headers={"Accept": "application/xml"}
    )
    stripped = re.sub(rb'\sxmlns="[^"]*"|xml:(base|lang)="[^"]*"', b"", response.content)
    feed = minidom.parseString(stripped).documentElement
    assert feed.tagName == "feed" and ATOM.encode() not in stripped
    assert [child.tagName for child in feed.childNodes][-1] == "entry"


def test_requests_of_the_parsers_own_tests(client, clinic):
    # lrasmus/HL7InfobuttonDotNet: the guide's example, with all that may be there.
    address = (f"{SERVICE}?representedOrganization.id.root=1.3.6"
               "&taskContext.c.c=PROBLISTREV"
               "&patientPerson.administrativeGenderCode.c=F&age.v.v=77&age.v.u=a"
               "&mainSearchCriteria.c.c=D89.810&mainSearchCriteria.c.cs=2.16.840.1.113883.6.90"
               "&subtopic.v.c=Q000628&subtopic.v.cs=2.16.840.1.113883.6.177&subtopic.v.dn=therapy"
               "&performer=PROV&informationRecipient=PROV&performer.languageCode.c=en"
               "&assignedAuthorizedPerson.id.root=1.2&holder.assignedEntity.n=user"
               "&knowledgeRequestNotification.effectiveTime.v=20060706001023")  # fmt: skip
    feed = client.get(f"{address}&knowledgeResponseType=application/json").json()["feed"]
    assert feed["entry"][0]["link"][0]["href"].endswith("/topics/acute-gvhd/#how-is-it-treated")
    told = {each["scheme"] for each in feed["category"]}
    assert {"taskContext.c.c", "subTopic.v.dn", "patientPerson.administrativeGenderCode.c"} <= told
    assert not any(name.startswith(("holder", "age.")) for name in told)


def test_several_topics_are_a_list_and_none_a_search(client, clinic):
    listed = client.get(APPLICATION, query("D006086", MESH) | {"mainSearchCriteria.v.dn": "GVHD"})
    text = listed.content.decode()
    assert listed.status_code == 200 and "Topics for GVHD" in text
    places = [text.index(f'href="/topics/{slug}/"') for slug in
              ("marrow-failure", "chronic-gvhd", "acute-gvhd", "leukemia")]  # fmt: skip
    assert places == sorted(places)
    assert "MeSH <code>D006086</code>: same meaning" in text
    none = client.get(APPLICATION, query("1", "9.9") | {"mainSearchCriteria.v.dn": "<Gout>"})
    assert 'action="/search/"' in none.content.decode()
    assert 'value="&lt;Gout&gt;"' in none.content.decode()


def test_what_was_found_by_words_is_never_led_to_at_once(client, clinic):
    asked = query("1", "9.9") | {"mainSearchCriteria.v.dn": "aGVHD"}
    response = client.get(APPLICATION, asked)
    assert response.status_code == 200
    assert "No topic has the code" in response.content.decode()
    near = client.get(APPLICATION, query("D61.818", ICD_10_CM))
    assert "the code means more than the topic" in near.content.decode()
    assert "the code asked for stands below it" in near.content.decode()


def test_the_list_speaks_the_language_that_was_asked_for(client, clinic):
    asked = query("D006086", MESH) | {"informationRecipient.languageCode.c": "de"}
    response = client.get(APPLICATION, asked)
    text = response.content.decode()
    assert '<html lang="de">' in text and 'href="/de/topics/acute-gvhd/"' in text
    assert response["Content-Language"] == "de"


def test_a_subtopic_leads_to_its_section_of_the_page(client, clinic):
    asked = query("D89.810", ICD_10_CM) | {"subTopic.v.c": "Q000628"}
    for response in (client.get(APPLICATION, asked), client.post(f"{APPLICATION}/", asked)):
        assert response["Location"] == "/topics/acute-gvhd/#how-is-it-treated"


def test_what_tells_of_a_patient_is_kept_by_nobody(client, clinic):
    asked = query("D89.810", ICD_10_CM)
    for path in (SERVICE, APPLICATION):
        plain = client.get(path, asked | {"taskContext.c.c": "PROBLISTREV"})
        assert plain["Cache-Control"].startswith("public")
        for name in ("age.v.v", "ageGroup.v.c", "any.other",
                     "mainSearchCriteria.v.ot", "holder.assignedEntity.n"):  # fmt: skip
            assert client.get(path, asked | {name: "77"})["Cache-Control"] == "no-store"
        assert plain["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", logs.LOGGERS)
def test_logs_of_requests_have_no_query(name, caplog):
    logger = logging.getLogger(name)
    caplog.handler.setLevel(logging.INFO)
    logger.addHandler(caplog.handler)
    level, logger.level = logger.level, logging.INFO
    told = "/infobutton/service?age.v.v=77&patientPerson.administrativeGenderCode.c=F"
    try:
        logger.info('"%s" %s %s', f"GET {told} HTTP/1.1", "200", "12")
        atoms = {"r": f"GET {told} HTTP/1.1", "U": "/infobutton/service",
                 "q": told.partition("?")[2],
                 "f": f"http://kb{told}"}  # fmt: skip
        logger.info('"%(r)s" %(q)s "%(f)s"', atoms)
        logger.info('"%s" %s', "GET /topics/?q=1 HTTP/1.1", "200")
    finally:
        logger.removeHandler(caplog.handler)
        logger.level = level
    assert "77" not in caplog.text and "administrativeGender" not in caplog.text
    assert "GET /infobutton/service HTTP/1.1" in caplog.text
    assert "/topics/?q=1" in caplog.text


def test_nothing_of_a_request_is_logged_even_if_it_fails(client, clinic, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr("topics.infobutton.matching.find", fail)
    client.raise_request_exception = False
    asked = query("D89.810", ICD_10_CM) | {"age.v.v": "77", "mainSearchCriteria.v.ot": "Mr Smith"}
    for answer in (client.get(SERVICE, asked), client.post(SERVICE, asked)):
        assert answer.status_code == 500
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["id"] in caplog.text
        assert "Smith" not in answer.content.decode()
    page = client.get(APPLICATION, asked)
    assert page.status_code == 500 and "text/html" in page["Content-Type"]
    for failed in (answer, page):
        assert failed["Cache-Control"] == "no-store"
        assert failed["Referrer-Policy"] == "no-referrer"
    assert "broken" in caplog.text
    assert "Smith" not in caplog.text and "D89.810" not in caplog.text


def test_the_feed_is_one_for_machines(client, clinic):
    feed = json.loads(client.get(SERVICE, {"knowledgeResponseType": "json"}).content)["feed"]
    assert set(feed) == {"xsi", "base", "lang", "title", "subtitle", "author", "updated",
                         "category", "id", "rights", "entry"}  # fmt: skip
