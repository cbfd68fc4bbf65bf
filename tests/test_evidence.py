"""What a topic rests on: everything by certainty, and what is open first."""

import re

import pytest
from browsing import assert_fit, browser
from pages_data import (
    author,
    condition_with_grid,
    draft,
    editor,
    publication,
    publish_unreviewed,
    retract,
    section,
    therapy_with_tables,
    unreviewed,
    withdraw,
)

from references.models import Reference
from tests import clinic
from topics import documents, publishing
from topics.library import merging

pytestmark = pytest.mark.django_db

PATH = "/topics/graft/evidence/"
BODY = (
    "Neutrophils return by day 20. [@petit2002, p. 690]{#neutrophils certainty=high}\n\n"
    "Platelets follow. [@petit2002; @duhrsen1988]{#platelets certainty=low check=awaiting}\n\n"
    "Bone pain is common.{#pain}"
)


def text_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    words = re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(words.split())


def stated(client, path: str) -> str:
    """Return the words of the list alone, without the balance above it."""
    return text_of(client, path).partition("With a notice")[2]


@pytest.fixture
def graft():
    publication("petit2002")
    publication("duhrsen1988")
    return unreviewed("graft", sections=[section(BODY, heading="How fast is it?")])


def test_statements_stand_by_certainty_the_surest_first(client, graft):
    words = stated(client, PATH)

    order = ["High certainty 1", "Neutrophils return", "Low certainty 1", "Platelets follow",
             "Not graded 1", "Bone pain"]  # fmt: skip
    places = [words.index(part) for part in order]
    assert places == sorted(places)
    assert "Moderate certainty" not in words


def test_the_balance_counts_what_is_open(client, graft):
    words = text_of(client, PATH)

    assert "3 statements and table rows by certainty" in words
    assert "high certainty 1 0 33%" in words
    assert "moderate certainty 0 0 0%" in words
    assert "not graded 1 0 33%" in words
    assert "1 uncited 1 await a source check 0 known to cite a retracted publication" in words
    assert "Not yet reviewed by a clinician" in words


def test_each_statement_leads_to_its_place_and_to_its_sources(client, graft):
    html = client.get(PATH).content.decode()

    assert '<a href="/topics/graft/#neutrophils">Under “How fast is it?”</a>' in html
    assert "2 sources: Petit 2002, Duhrsen 1988" in html
    assert "<cite>What petit2002 found</cite>" in html
    assert "Cited: <span>p. 690</span>." in html
    assert 'href="/references/petit2002/"' in html


def test_a_notice_is_counted_and_shown_with_the_source(client, graft):
    retract(publication("duhrsen1988"), notice="The data were made up.")

    words = text_of(client, PATH)
    assert "1 known to cite a retracted publication" in words
    flagged = stated(client, f"{PATH}?show=flagged")
    assert "Platelets follow. source check awaited cites a retracted publication" in flagged
    assert "Retracted, notice of 4 May 2026 The data were made up." in flagged
    assert "Neutrophils" not in flagged


def test_it_counts_the_publications_that_no_registry_was_asked_about(client, graft):
    first = client.get(PATH)
    assert "2 of 2 publications not yet checked against a registry" in text_of(client, PATH)

    Reference.objects.filter(key="petit2002").update(checked_on="2026-11-01")

    assert "1 of 2 publications not yet checked against a registry" in text_of(client, PATH)
    assert client.get(PATH, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_merged_publication_is_as_checked_as_the_one_it_became(client, graft):
    old, kept = Reference.objects.get(key="petit2002"), Reference.objects.get(key="duhrsen1988")
    Reference.objects.filter(pk=old.pk).update(checked_on="2026-11-01")
    merging.merge(kept, old, actor=editor())

    assert "1 of 1 publication not yet checked against a registry" in text_of(client, PATH)


@pytest.mark.parametrize(
    ("show", "kept"),
    [
        ("high", "Neutrophils"),
        ("low", "Platelets"),
        ("ungraded", "Bone pain"),
        ("uncited", "Bone pain"),
        ("awaiting", "Platelets"),
    ],
)
def test_the_address_narrows_it(client, graft, show, kept):
    words = stated(client, f"{PATH}?show={show}")

    assert kept in words
    assert sum(name in words for name in ("Neutrophils", "Platelets", "Bone pain")) == 1


def test_nothing_of_a_kind_is_said(client, graft):
    assert "Nothing of this kind is stated here. Show all" in stated(
        client, f"{PATH}?show=moderate"
    )


def test_what_cannot_be_shown_is_refused_with_the_choice(client, graft):
    words = text_of(client, f"{PATH}?show=best", 400)

    assert "“best” cannot be shown. Choose one of: High certainty, Moderate certainty," in words


def test_table_rows_and_facts_count_too(client):
    therapy_with_tables("graft")
    words = text_of(client, PATH)

    assert "moderate certainty 0 2 20%" in words
    assert "Survival Result : 80% at 5 years" in words.replace("Result 80%", "Result : 80%")
    assert 'href="/topics/graft/#table_benefits"' in client.get(PATH).content.decode()

    unreviewed("busulfan", "agent", facts={"drug_class": "Alkylator", "route": "oral"})
    agent = text_of(client, "/topics/busulfan/evidence/")
    assert "The facts uncited Class Alkylator Route oral In the table “At a glance”" in agent


def test_a_grid_graded_cell_by_cell_has_a_place_of_its_own(client):
    condition_with_grid("graft")
    topic = condition_with_grid("mixed")
    mixed = topic.editions.last().revision.document
    mixed["tables"]["indications"][0]["certainty"] = "high"
    publishing.save_revision(documents.load(mixed, topic), author=author())
    publish_unreviewed(topic)

    assert "graded cell by cell" not in text_of(client, PATH)
    words = text_of(client, "/topics/mixed/evidence/")
    assert "graded cell by cell 0 1" in words
    assert "Graded cell by cell 1 AML, CR1" in words


def test_other_addresses_answer_as_the_topic_does(client, graft):
    assert client.get("/topics/nothing/evidence/").status_code == 404
    draft("hidden")
    assert client.get("/topics/hidden/evidence/").status_code == 404

    moved = documents.load({**graft.editions.last().revision.document, "slug": "moved"}, graft)
    publishing.save_revision(moved, author=author())
    publish_unreviewed(moved)
    response = client.get(PATH)
    assert (response.status_code, response["Location"]) == (301, "/topics/moved/evidence/")

    withdraw(moved, "A dose was wrong.")
    assert "A dose was wrong." in text_of(client, "/topics/moved/evidence/", 410)


def test_no_draft_is_read(client, graft):
    clinic.reword(graft, "UNSPEAKABLE")

    assert "UNSPEAKABLE" not in text_of(client, PATH)


@pytest.mark.parametrize("number", [1, 60])
def test_the_queries_do_not_grow(client, django_assert_num_queries, number):
    for n in range(number):
        publication(f"author{n:04}", issued={"date-parts": [[2000]]})
    body = "\n".join(f"- Number {n}. [@author{n:04}]" for n in range(number))
    unreviewed("graft", sections=[section(body)])

    # One more than the topic: which publications were checked is no part of its state.
    with django_assert_num_queries(3):
        first = client.get(PATH)
    with django_assert_num_queries(2):
        again = client.get(PATH, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert client.get(f"{PATH}?show=high")["ETag"] != first["ETag"]
    assert "Cookie" not in first.get("Vary", "")


@pytest.mark.django_db(transaction=True)
def test_it_is_fit_for_everybody(live_server):
    clinic.author()  # makes the roles anew, which go with a test with real transactions
    therapy_with_tables("graft")
    retract(publication("petit2002"))
    with browser() as chromium:
        assert_fit(chromium, live_server.url + PATH)
        page = chromium.new_page()
        page.goto(live_server.url + PATH)
        page.locator("summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator(".evidence-sources").first.is_visible()
