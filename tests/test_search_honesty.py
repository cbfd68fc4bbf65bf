"""Search says what it did not find, and takes no word for another that it only resembles."""

import pytest
from pages_data import section, unreviewed
from search_data import publish_clinic

from topics.search import query, results, spelling

pytestmark = pytest.mark.django_db


@pytest.fixture
def ward():
    publish_clinic()
    said = "Hypertension follows tacrolimus.\n\nGraft rejection is rare.\n\nHypocalcemia is seen."
    unreviewed("ward", title="Ward", sections=[section(said)])


def find(typed: str) -> results.Results:
    return results.find(query.parse(typed))


@pytest.mark.parametrize("typed", ["hypotension", "reduction", "hypokalemia", "osteoporosis"])
def test_a_word_is_never_replaced_by_its_opposite_or_another(ward, typed):
    found = find(f"{typed} tacrolimus")

    assert found.corrected == {}
    assert found.missing == [typed]
    assert found.statements[0].statement.text == "Hypertension follows tacrolimus."


@pytest.mark.parametrize(("typed", "meant"), [
    ("plerixafro", "plerixafor"), ("plerixaphor", "plerixafor"), ("hypertention", "hypertension"),
    ("rejecttion", "rejection"), ("thrombocitopenia", "thrombocytopenia"),
    ("imunoglobulin", "immunoglobulin"), ("mobilisaton", "mobilisation"),
])  # fmt: skip
def test_a_slip_sounds_or_looks_like_what_was_meant(typed, meant):
    assert spelling.is_slip(typed, meant)


@pytest.mark.parametrize(("typed", "near"), [
    ("hypotension", "hypertension"), ("hypokalemia", "hypocalcemia"), ("reduction", "rejection"),
    ("osteoporosis", "osteopetrosis"), ("cryotherapy", "cytotherapy"),
    ("hyperkalemia", "hypercalcemia"),
])  # fmt: skip
def test_another_word_is_no_slip(typed, near):
    assert not spelling.is_slip(typed, near)


def test_what_is_only_near_is_offered(client, ward):
    page = client.get("/search/?q=hypotension+tacrolimus").content.decode()

    assert "No statement has “hypotension”." in page
    assert "Showing results for" not in page
    assert find("hypotension").offers == {"hypotension": "hypertension"}
    assert 'q=hypertension+tacrolimus">hypertension</a>?' in page


def test_what_no_statement_says_together_is_said(client, ward):
    page = client.get("/search/?q=plerixafor+rejection").content.decode()

    assert "No statement that was found has all of these: plerixafor, rejection." in page
    assert find("graft rejection").apart == []
    assert find("mozobil dose").apart == []


def test_the_interface_tells_partners_the_same(client, ward):
    told = client.get("/api/v1/search/?q=hypotension+tacrolimus").json()["query"]

    assert told["corrections"] == {}
    assert told["offered"] == {"hypotension": "hypertension"}
    assert (told["missing"], told["apart"]) == (["hypotension"], [])


def test_who_asks_in_another_language_is_told_which_one_to_use(client, ward):
    page = client.get("/de/search/?q=Impfung").content.decode()

    assert "suchen Sie mit englischen Wörtern" in page
