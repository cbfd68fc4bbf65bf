"""How publications are written and ordered, and where their links lead."""

import json
import re

import pytest
from django.conf import settings
from pages_data import publication

from references.shown import links, shown

OPENFDA = "https://api.fda.gov/drug/label.json?search="
SET_ID = "d3f32914-4be5-4455-a3db-36c652051cf5"


@pytest.mark.django_db
def test_who_names_no_author_stands_by_the_title_among_the_others(client):
    publication("zeiser2020")
    publication("adair2011")
    publication("network2000", author=[], title="Mobilization in a network")
    publication("network2001", author=[], title="a network of its own")

    html = client.get("/references/").content.decode()

    order = re.findall(r'href="/references/([a-z]+\d+)/"', html)
    assert order == ["network2001", "adair2011", "network2000", "zeiser2020"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/references/", "/references/bader2004/"])
def test_no_point_follows_another(client, path):
    publication(
        "bader2004",
        author=[{"family": "Bader", "given": "P"}],
        custom={"authors_truncated": True},
        title="A role for therapy?",
        **{"container-title": "The EBMT Handbook, 8th ed."},
    )

    html = client.get(path).content.decode()
    words = re.sub(r"<[^>]*>", "", re.search(r"<main.*</main>", html, re.S).group(0))

    assert "Bader P, et al. " in words
    assert "The EBMT Handbook, 8th ed. 2004." in words
    assert ".." not in words
    assert "?." not in words


def test_a_label_leads_to_where_people_read_it():
    by_set_id = {"title": "Label", "URL": f"{OPENFDA}set_id%3A%22{SET_ID}%22"}
    by_name = {"title": "Label", "URL": f"{OPENFDA}openfda.generic_name%3A%22PLERIXAFOR%22"}
    page = {"title": "Page", "URL": "https://www.fda.gov/vaccines-blood-biologics/lyfgenia"}

    assert links(by_set_id) == [
        {
            "label": "DailyMed",
            "address": f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={SET_ID}",
        }
    ]
    assert links(by_name) == [{"label": "openFDA record (JSON)", "address": by_name["URL"]}]
    assert links(page) == [{"label": page["URL"], "address": page["URL"]}]
    # What only looks like a set id makes no address.
    hostile = {"title": "Label", "URL": f"{OPENFDA}set_id%3A%22../../{SET_ID}%22"}
    assert links(hostile)[0]["label"] == "openFDA record (JSON)"


def test_a_title_ends_once():
    assert shown({"title": "Who benefits?"})["stop"] == ""
    assert shown({"title": "Who benefits."}) | {"stop": "."} == shown({"title": "Who benefits"})


@pytest.mark.parametrize(
    ("says", "types"),
    [
        (r"meta-analysis|systematic review", {"systematic-review"}),
        (r"randomi[sz]ed", {"rct"}),
        (r"guidelines?\b", {"guideline", "consensus"}),
        (r"case report", {"case-report"}),
        (r"single-arm", {"trial"}),
        (r"\btrial\b", {"rct", "trial", "cohort"}),
    ],
)
def test_study_types_of_the_library_fit_the_titles(says, types):
    path = settings.BASE_DIR / "references" / "content" / "references.json"
    found = {
        item["id"]: item["custom"]["study_type"]
        for item in json.loads(path.read_text())
        if re.search(says, item["title"], re.IGNORECASE)
    }

    assert found
    assert {key: each for key, each in found.items() if each not in types} == {}
