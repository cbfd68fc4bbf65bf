"""What answers an Infobutton request, and what must not: another subject is worse than none."""

import pytest
from api_data import document, publish
from django.db import connection
from django.test.utils import CaptureQueriesContext
from test_infobutton import ICD_10_CM, MESH, SERVICE, ask, code, make_clinic, query, titles

from tests import sharing
from topics.infobutton import hierarchies, matching
from topics.infobutton.asking import MOST, Criterion

APPLICATION = "/infobutton/application"
OTHER_SYSTEM = "2.16.840.1.113883.6.103"


def make_names() -> None:
    make_clinic()
    publish(
        document("condition", "x-linked-adrenoleukodystrophy", facts={"category": "other"},
                 synonyms=["ALD"]),
        document("condition", "hiv-infection", facts={"category": "infectious"}, synonyms=["HIV"]),
        document("condition", "solid-tumors", facts={"category": "malignant"},
                 synonyms=["Breast cancer", "Brain tumor"]),
        document("condition", "aml", facts={"category": "malignant"},
                 title="Acute myeloid leukemia (AML)"),
        document("complication", "infertility", facts={"category": "late-effect"},
                 synonyms=["Sterility"]),
        document("complication", "sos", facts={"category": "organ-toxicity"},
                 title="Sinusoidal obstruction syndrome (SOS/VOD)",
                 synonyms=["SOS", "Veno-occlusive disease of the liver"]),
        document("overview", "hsct", title="Hematopoietic stem cell transplantation",
                 synonyms=["HCT"]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def made_names(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        make_names()
        yield


@pytest.fixture
def named(db, made_names):
    """Topics with codes, and with names that are like those of other subjects."""


@pytest.mark.parametrize("words", [
    "Alcoholic liver disease (ALD)", "Sterility of culture", "Family history of breast cancer",
    "Brain tumor, benign", "HIV negative", "SOS button pressed", "No HIV infection",
    "liver disease", "Stem cell transplantation declined", "Busulfan allergy", "Donor of marrow",
])  # fmt: skip
def test_words_about_another_subject_find_nothing(client, named, words):
    for name in ("ot", "dn"):
        assert titles(ask(client, {f"mainSearchCriteria.v.{name}": words})) == []


@pytest.mark.parametrize(("words", "found"), [
    ("Acute myeloid leukemia", "Acute myeloid leukemia (AML)"),
    ("Leukemia, acute myeloid", "Acute myeloid leukemia (AML)"),
    ("Acute myeloid leukaemia (AML)", "Acute myeloid leukemia (AML)"),
    ("Acute myeloid leukemia (disorder)", "Acute myeloid leukemia (AML)"),
    ("Acute myeloid leukemia not having achieved remission", "Acute myeloid leukemia (AML)"),
    ("Myeloid leukemia", "Acute myeloid leukemia (AML)"),
    ("Breast cancer, unspecified", "Solid tumors"),
    ("Veno-occlusive disease of liver", "Sinusoidal obstruction syndrome (SOS/VOD)"),
    ("Sinusoidal obstruction syndrome", "Sinusoidal obstruction syndrome (SOS/VOD)"),
    ("haematopoietic stem-cell transplantation", "Hematopoietic stem cell transplantation"),
    ("Busulfan 6 MG/ML Injectable Solution [Busulfex]", "Busulfan"),
    ("busulfan", "Busulfan"), ("HIV infection", "Hiv infection"), ("STERILITY", "Infertility"),
])  # fmt: skip
def test_words_find_the_topic_that_they_name(client, named, words, found):
    asked = query("1", OTHER_SYSTEM) | {"mainSearchCriteria.v.dn": words}
    assert titles(ask(client, asked)) == [found]


@pytest.mark.parametrize("short", ["HCT", "ALD", "HIV", "SOS"])
def test_an_abbreviation_counts_least_and_beside_a_code_not_at_all(client, named, short):
    asked = {"mainSearchCriteria.v.dn": short}
    (entry,) = ask(client, asked)["entry"]
    assert entry["category"][-1]["term"] == "0.1"
    assert client.get(APPLICATION, asked).status_code == 200
    # A hematocrit in a laboratory's terminology.
    assert ask(client, asked | query("4544-3", "2.16.840.1.113883.6.1"))["entry"] == []


@pytest.mark.parametrize("written", ["C92.01", "C9201", "c92.00"])
def test_a_code_of_a_bill_leads_to_what_stands_just_above_it(client, named, written):
    page = client.get(APPLICATION, query(written, ICD_10_CM))

    assert (page.status_code, ask(client, query(written, ICD_10_CM))["entry"] != []) == (302, True)


@pytest.mark.parametrize("written", ["C92.012", "C92.0A", "C92.0ZZ"])
def test_a_code_below_a_known_one_is_listed_and_not_led_to(client, named, written):
    asked = query(written, ICD_10_CM)
    assert titles(ask(client, asked)) == ["Leukemia"]
    page = client.get(APPLICATION, asked)
    assert page.status_code == 200
    assert "the code asked for stands below it" in page.content.decode()


@pytest.mark.parametrize("written", [
    "C92.0; not a code at all", "C92.0123456", "C92.0 1", "C92.0.1", "C92.", "C92.0é", "9C2.01",
])  # fmt: skip
def test_what_is_no_code_has_none_above_it(client, named, written):
    assert ask(client, query(written, ICD_10_CM))["entry"] == []
    assert client.get(APPLICATION, query(written, ICD_10_CM)).status_code == 200
    assert hierarchies.above(written, "ICD-10-CM") == []


def test_an_unverified_or_related_code_is_not_led_to(client, named):
    publish(
        document("overview", "near", codes=[code("MeSH", "D000077", "related")]),
        document("overview", "loose", codes=[code("MeSH", "D000078", "broader", verified=False)]),
        document("overview", "sure", codes=[code("MeSH", "D000079")]),
    )
    for number, status in (("D000077", 200), ("D000078", 200), ("D000079", 302)):
        assert client.get(APPLICATION, query(number, MESH)).status_code == status


def test_many_criteria_cost_as_many_queries_as_one(client, named):
    long = Criterion(f"C92.{'0' * 290}", ICD_10_CM, "Long code")
    few = [long, Criterion("D89.810", ICD_10_CM), Criterion("L01AB01", "ATC", words="busulfan")]
    many = [
        Criterion(f"{one.code}{n}", one.system, f"{one.display} {n}", f"aGVHD {n}")
        for n in range(MOST)
        for one in few
    ]
    counts = []
    for criteria in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            matching.find(criteria)
        counts.append(len(queries))
    assert max(counts) <= 3


def test_names_are_those_of_published_topics_only(client, named):
    from api_data import draft

    draft(document("overview", "only-a-draft", title="Secret subject"))
    assert ask(client, {"mainSearchCriteria.v.ot": "Secret subject"})["entry"] == []
    assert client.get(SERVICE).status_code == 200
