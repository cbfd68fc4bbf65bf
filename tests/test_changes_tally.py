"""How much changed between two editions: told at the top, with links to the first of each."""

import re

import pytest
from pages_data import new_edition, section, unreviewed

from hsc_portal.pages import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


def test_what_changed_stands_before_what_did_not_and_is_led_to(client):
    body = "\n\n".join(f"Fact number {n} stays as it was." for n in range(9))
    topic = unreviewed(
        "graft",
        "therapy",
        sections=[section(body)],
        tables={"benefits": [{"outcome": "Survival", "result": "50%"}]},
    )
    new_edition(
        topic,
        synonyms=["HSCT"],
        tables={
            "benefits": [
                {"outcome": "Survival", "result": "60%"},
                {"outcome": "Relapse", "result": "5%"},
            ]
        },
    )

    html = client.get("/topics/graft/editions/2/changes/").content.decode()

    assert html.index("50%") < html.index("unchanged section")
    tally = re.search(r'<ul class="tally".*?</ul>', html).group()
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', tally)
    assert [words for _place, words in links] == [
        "1 table row added", "1 table row changed", "1 change in the head of the page",
    ]  # fmt: skip
    assert all(html.count(f' id="{place}"') == 1 for place, _words in links)
    assert "<li>9 statements unchanged</li>" in tally


def test_changes_between_unchanged_sections_stay_in_their_place(client):
    topic = unreviewed(
        "graft", sections=[section("One. {#one}", "A?"), section("Two. {#two}", "B?")]
    )
    new_edition(topic, sections=[section("One. {#one}", "A?"), section("Too. {#two}", "B?")])

    html = client.get("/topics/graft/editions/2/changes/").content.decode()

    assert html.index("unchanged section") < html.index('id="changed_two"')
    assert '<a href="#changed_two">1 statement reworded</a>' in html
    assert '<div class="change" id="changed_two"' in html
