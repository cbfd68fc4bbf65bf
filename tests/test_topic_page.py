"""What stands around the words of a topic page: how sure they are, what is weighed, what next."""

import re

import pytest

from tests.pages_data import (
    FAR_AHEAD,
    draft,
    editor,
    publication,
    publish_unreviewed,
    section,
    unreviewed,
)
from topics import publishing
from topics.models import GlossaryTerm

pytestmark = pytest.mark.django_db


def html_of(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_the_first_screen_says_how_sure_the_statements_are(client):
    publication("petit2002")
    unreviewed("graft", sections=[section(
        "- One. [@petit2002]{certainty=high}\n- Two. [@petit2002]{check=awaiting}\n- Three."
    )])  # fmt: skip

    balance = re.search(r'<ul class="balance".*?</ul>', html_of(client, "/topics/graft/"), re.S)

    assert words_of(balance.group()) == (
        "3 statements : high certainty 1 not graded 2 source check awaited 1 uncited 1 "
        "What the marks mean"
    )


def test_a_single_fact_stands_over_the_title_and_needs_no_table(client):
    unreviewed("rash", "complication")

    html = html_of(client, "/topics/rash/")

    kicker = re.search(r'<p class="kicker">.*?</p>', html).group()
    assert words_of(kicker) == "Complication · Graft"
    assert "At a glance" not in html


def weighed(**more) -> dict:
    return {
        "benefits": [{"outcome": "Survival", "result": "53% versus 35%", "population": "Adults",
                      "comparator": "Marrow", "references": ["petit2002"]}],
        "risks": [{"complication": "rash", "frequency": "3 of 10", "from_day": 5, "to_day": 9}],
    } | more  # fmt: skip


def test_benefits_and_risks_are_weighed_side_by_side(client):
    publication("petit2002")
    publish_unreviewed(
        draft("rash", "complication"), draft("infusion", "therapy", tables=weighed())
    )

    html = html_of(client, "/topics/infusion/")

    benefits, risks = re.findall(r'<div class="scale.*?</div>', html, re.S)
    assert "Survival 53% versus 35% Adults; compared with: Marrow [ 1 ]" in words_of(benefits)
    assert 'href="/topics/rash/"' in risks
    assert "3 of 10 Day" in words_of(risks)
    assert "uncited" in risks
    assert 'href="#table_risks"' in risks


def test_a_page_that_nobody_reviewed_has_its_first_review_before_it(client):
    unreviewed("graft", next_review=FAR_AHEAD)
    words = words_of(html_of(client, "/topics/graft/"))
    assert "First review due 31 December 2999" in words
    assert "Next review" not in words


def test_what_the_marks_mean_is_told_beside_them(client):
    unreviewed("graft")
    balance = re.search(r'<ul class="balance".*?</ul>', html_of(client, "/topics/graft/"), re.S)
    assert '<a href="/about/#certainty">What the marks mean</a>' in balance.group()


def test_without_one_of_the_two_there_is_nothing_to_weigh(client):
    publication("petit2002")
    unreviewed("infusion", "therapy", tables=weighed(risks=[]))
    html = html_of(client, "/topics/infusion/")
    assert "Benefits and risks" not in html
    assert "53% versus 35%" in html


def test_the_page_leads_to_what_can_be_done_with_it(client):
    unreviewed("graft", "therapy")
    html = html_of(client, "/topics/graft/")
    for address in ("/topics/graft/evidence/", "/topics/graft/editions/", "/map/?topic=graft",
                    "/therapies/compare/?t=graft", "/topics/graft/editions/1/cite/",
                    "/follow/?topic=graft", "/report/?topic=graft&amp;edition=1"):  # fmt: skip
        assert f'href="{address}"' in html, address
    unreviewed("niche")
    assert "/compare/?t=" not in html_of(client, "/topics/niche/")


def explain(term: str, topic=None, **more) -> None:
    made = GlossaryTerm(term=term, definition="Cells.", topic=topic, **more)
    publishing.save_term(made, actor=editor())


def test_pages_ask_for_the_meaning_of_terms(client, django_assert_num_queries):
    topic = unreviewed("graft")
    for term, about in (("graft", topic), ("niche", None)):
        explain(term, about, abbreviation="AB" if about else "")

    with django_assert_num_queries(1):
        response = client.get("/glossary/terms.json")

    assert "public" in response["Cache-Control"]
    first, second = response.json()
    assert first["url"] == "/topics/graft/"
    assert first["names"] == ["AB"]
    assert second["url"] == ""
    assert f'id="{first["anchor"]}"' in html_of(client, "/glossary/")


def test_pages_ask_for_the_names_of_terms_first(client, django_assert_num_queries):
    explain("graft", abbreviation="AB", variants=["grafts"])
    with django_assert_num_queries(1):
        response = client.get("/glossary/names.json")
    assert "public" in response["Cache-Control"]
    assert response.json() == [["term_graft", "graft", "AB", "grafts"]]


def test_a_term_does_not_lead_to_a_draft(client):
    explain("graft", draft("graft"))
    assert "/topics/" not in client.get("/glossary/terms.json").content.decode()


def test_home_offers_areas_and_the_way_of_a_transplant(client):
    unreviewed("conditioning", areas=["conditioning"])

    html = html_of(client, "/")

    assert 'href="/topics/?area=conditioning"' in html
    assert 'href="/topics/conditioning/"' in html
    assert "Making room" in words_of(html)


def test_the_style_page_shows_every_mark(client):
    words = words_of(html_of(client, "/style/"))
    for mark in ("high certainty", "not graded", "uncited", "source check awaited", "current"):
        assert mark in words


def test_a_title_and_summary_for_previews(client):
    unreviewed("graft", title='A "graft" & more', summary="Cells <5% & more.")
    html = html_of(client, "/topics/graft/")
    assert 'property="og:title" content="A &quot;graft&quot; &amp; more"' in html
    assert 'content="Cells &lt;5% &amp; more."' in html
