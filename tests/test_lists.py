"""Lists: which filters are on, and lists from A to Z."""

import re

import pytest

from hsc_portal.lists import Short, first_letter
from tests.pages_data import document, draft, drafts, publication, publish_unreviewed, unreviewed

pytestmark = pytest.mark.django_db


def html_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def chosen(html: str) -> str:
    found = re.search(r'<ul class="chosen".*?</ul>', html, re.S)
    return found.group() if found else ""


def test_the_filters_that_are_on_stand_over_the_list_and_can_be_taken_off(client):
    unreviewed("graft", "therapy")

    html = html_of(client, "/topics/?kind=therapy&kind=agent&q=graft&page=1")

    line = chosen(html)
    assert "Kind: Therapy" in words_of(line)
    assert "Words in title or text: graft" in words_of(line)
    assert 'href="?kind=agent&amp;q=graft"' in line
    assert 'href="?kind=therapy&amp;kind=agent"' in line
    assert '<details class="unfolds">' in html, "They do not push the list away on a phone."


def test_without_filters_no_line_speaks_of_them(client):
    unreviewed("graft")
    assert not chosen(html_of(client, "/topics/"))


def letters(html: str) -> dict[str, str]:
    parts = re.findall(r'<section class="letter".*?</section>', html, re.S)
    return {words_of(part)[0]: words_of(part)[2:] for part in parts}


def test_topics_from_a_to_z(client):
    slugs = ("zoster", "graft", "anemia")
    publish_unreviewed(*(draft(slug) for slug in slugs), draft("acid", title="Ácid"))

    html = html_of(client, "/topics/?view=a-z")

    assert letters(html) == {"A": "Ácid Overview Anemia Overview", "G": "Graft Overview",
                             "Z": "Zoster Overview"}  # fmt: skip
    assert 'href="#letter_Z"' in html
    assert "A summary of" not in html
    assert 'href="?view=a-z"' in html_of(client, "/topics/")


def test_filters_stay_with_the_view(client):
    unreviewed("graft", "therapy")
    unreviewed("niche")
    html = html_of(client, "/topics/?kind=therapy&view=a-z")
    assert letters(html) == {"G": "Graft Therapy"}
    assert 'name="view" value="a-z"' in html
    assert 'href="?kind=therapy"' in html


def test_clearing_all_filters_keeps_the_form_of_the_list(client):
    unreviewed("graft", "therapy")

    short, none_found, long = (
        html_of(client, f"/topics/?{query}")
        for query in ("kind=therapy&view=a-z", "q=zebra&view=a-z", "kind=therapy")
    )

    assert '<a href="?view=a-z">Clear all filters</a>' in chosen(short)
    assert none_found.count('<a href="?view=a-z">Clear all filters</a>') == 2
    assert '<a href="?">Clear all filters</a>' in chosen(long)


def test_a_view_that_there_is_not_is_refused(client):
    assert "with “a-z”, short rows" in html_of(client, "/topics/?view=z-a", 400)


def test_references_stand_under_who_wrote_them_or_under_their_title(client):
    publication("petit2002")
    publication("label2020", author=[], title="A drug label")

    found = letters(html_of(client, "/references/?view=a-z"))

    assert found["A"].startswith("A drug label")
    assert found["P"].startswith("Petit P. What petit2002 found")


@pytest.mark.parametrize("number", [1, 60])
def test_all_letters_are_on_one_page_for_two_queries(client, django_assert_num_queries, number):
    publish_unreviewed(*drafts(*(document(f"topic-{n}") for n in range(number))))
    with django_assert_num_queries(2):
        html = html_of(client, "/topics/?view=a-z")
    assert html.count("Overview</small>") == number


def test_what_begins_with_no_letter_comes_first():
    short = Short(name=str)
    found = short.letters(["beta", "5-azacytidine", "(a)", "Über", "αβ"])
    assert [letter for letter, _ in found] == ["#", "A", "B", "U"]
    assert first_letter("") == "#"
