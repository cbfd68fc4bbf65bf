"""Styles of citation on topic pages, and the list of references with its facets."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from hsc_portal import pages as kept_pages
from references import styles, typesetting
from references.models import Reference, Typeset
from tests.following_data import work
from tests.pages_data import (
    draft,
    new_edition,
    publication,
    publish_unreviewed,
    section,
    unreviewed,
)
from topics import working
from topics.library import typesetting as ahead
from topics.models import Listing

pytestmark = pytest.mark.django_db

ENTRY = re.compile(r'<li id="ref_(\d+)"><span>(.*?)</span>(.*?)</li>', re.DOTALL)


@pytest.fixture(autouse=True)
def forgotten():
    typesetting.forget()
    kept_pages.kept.pages.clear()
    yield
    typesetting.forget()


def graft(**more):
    publication("petit2002", DOI="10.1000/petit", PMID="7654321", volume="3", page="690-694")
    publication("snowden2022", volume="9", page="1-8")
    body = "First. [@snowden2022, p. 3] Then. [@petit2002; @snowden2022]"
    return unreviewed("graft", sections=[section(body)], **more)


def entries(html: str) -> dict[str, str]:
    return {number: text for number, text, _ in ENTRY.findall(html)}


def asked(client, path: str) -> str:
    return client.get(path).content.decode()


def test_references_are_printed_in_the_usual_style(client):
    graft()

    found = entries(asked(client, "/topics/graft/"))

    assert found == {
        "1": "Snowden P. What snowden2022 found. Blood. 2022;9:1–8.",
        "2": 'Petit P. What petit2002 found. Blood. 2002;3:690–4. '
        '<a href="https://doi.org/10.1000/petit">doi:10.1000/petit</a>',
    }  # fmt: skip


@pytest.mark.parametrize("style", styles.STYLES)
def test_a_reader_chooses_the_style_of_a_page(client, style):
    graft()
    item = Reference.objects.get(key="snowden2022").csl

    html = asked(client, f"/topics/graft/?style={style}")

    assert entries(html)["1"] == styles.typeset(item, style)
    label = styles.STYLES[style].label
    assert f'data-style="{style}" aria-current="true">{label}</a>' in html
    assert '<link rel="canonical" href="http://testserver/topics/graft/">' in html


def test_a_place_that_a_style_does_not_print_is_a_link_beside_it(client):
    graft()

    nature = asked(client, "/topics/graft/?style=nature")

    assert '<a href="https://doi.org/10.1000/petit">doi:10.1000/petit</a>' in nature
    assert '<a href="https://pubmed.ncbi.nlm.nih.gov/7654321/">PubMed 7654321</a>' in nature


def test_an_unknown_style_is_named(client):
    graft()

    for path in ("/topics/graft/", "/topics/graft/editions/1/"):
        answer = client.get(f"{path}?style=harvard")
        assert answer.status_code == 400
        assert "“harvard” is no style of citation." in answer.content.decode()


def test_each_style_is_a_page_of_its_own_for_caches(client):
    graft()

    usual, other = client.get("/topics/graft/"), client.get("/topics/graft/?style=apa")
    again = client.get("/topics/graft/?style=apa&x=1")

    assert usual["ETag"] != other["ETag"] == again["ETag"]
    assert again.content == other.content
    stale = client.get("/topics/graft/?style=apa", headers={"If-None-Match": usual["ETag"]})
    assert stale.status_code == 200


def test_the_day_stays_when_the_style_changes(client):
    graft()
    day = timezone.localdate().isoformat()

    html = asked(client, f"/topics/graft/?as_of={day}&style=ama")

    assert f'href="?as_of={day}&amp;style=nature#reference_list"' in html
    assert f'href="?as_of={day}#reference_list"' in html


def test_an_earlier_edition_has_styles_too_and_prints_its_own_words(client):
    topic = graft()
    changed = Reference.objects.get(key="snowden2022")
    changed.csl |= {"volume": "10"}
    changed.save()
    new_edition(topic, summary="Another one.")

    before = entries(asked(client, "/topics/graft/editions/1/?style=nature"))["1"]
    now = entries(asked(client, "/topics/graft/?style=nature"))["1"]

    assert "<b>9</b>" in before
    assert "<b>10</b>" in now


@pytest.mark.parametrize("number", [1, 9])
def test_a_page_needs_two_queries_and_writes_nothing(client, django_assert_num_queries, number):
    keys = [publication(f"petit{2001 + n}").key for n in range(number)]
    unreviewed("graft", sections=[section(" ".join(f"One. [@{key}]" for key in keys))])

    with django_assert_num_queries(2):
        client.get("/topics/graft/?style=apa")
    with django_assert_num_queries(1):
        client.get("/topics/graft/?style=apa")
    assert not Typeset.objects.exists()


def test_what_the_worker_set_is_taken_from_the_table(
    client, monkeypatch, django_assert_num_queries
):
    graft()
    ahead.typeset()
    typesetting.forget()
    monkeypatch.setattr(styles, "typeset", None)

    with django_assert_num_queries(2):
        html = asked(client, "/topics/graft/?style=apa")

    assert "Snowden, P. (2022). What snowden2022 found. <i>Blood</i>" in html


def test_two_publications_with_the_same_words_are_both_found(client, monkeypatch):
    same = {"title": "Alike", "author": [{"family": "Twin"}]}
    for key in ("twin2001", "twix2001"):
        publication(key, **same)
    unreviewed("graft", sections=[section("One. [@twin2001] Two. [@twix2001]")])
    ahead.typeset()
    typesetting.forget()
    monkeypatch.setattr(styles, "typeset", None)

    found = entries(asked(client, "/topics/graft/"))

    assert found["1"] == found["2"]


def test_the_worker_sets_what_was_published_in_all_styles():
    assert not ahead.is_due()
    graft()
    assert ahead.is_due()

    working.look_around()
    assert not ahead.is_due()
    work()

    assert Typeset.objects.count() == 2 * len(styles.STYLES)
    assert ahead.typeset() == (0, True)
    publish_unreviewed(draft("another"))
    assert ahead.is_due()


def test_the_worker_looks_again_after_a_day(monkeypatch):
    graft()
    ahead.typeset_cited.enqueue()
    assert not ahead.is_due()

    later = timezone.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)

    assert ahead.is_due()


def test_the_worker_stops_in_time_and_goes_on(monkeypatch):
    graft()
    monkeypatch.setattr(ahead, "SECONDS", 1e-9)

    counts = [ahead.typeset_cited.call() for _ in range(len(styles.STYLES) + 1)]

    # The two publications of the topic, in one style after the other.
    assert counts == [2, 2, 2, 2, 2, 0]


def test_key_points_are_numbered_before_the_facts_below_them(client):
    publication("facts2001"), publication("point2002")
    unreviewed(
        "filgrastim", "agent",
        facts={"drug_class": "Growth factor", "references": ["facts2001"]},
        sections=[section("The point. [@point2002]", "In short", "key_points")],
    )  # fmt: skip

    html = asked(client, "/topics/filgrastim/")

    assert 'id="ref_1"><span>Point' in html
    assert html.index('href="#ref_1"') < html.index('href="#ref_2"')


def made_references() -> None:
    publication("petit2002")
    publication("amato2004", **{"container-title": "Cell"})
    publication("snowden2022", type="chapter", **{"container-title": "The EBMT Handbook"})
    publication("oddity2021", type="map")
    Reference.objects.filter(key="petit2002").update(study_type="rct")
    Reference.objects.filter(key__in=["amato2004", "snowden2022"]).update(study_type="review")
    unreviewed("graft", sections=[section("One. [@petit2002; @amato2004]")])
    unreviewed("homing", sections=[section("One. [@petit2002]")])


def facets(html: str) -> dict[str, dict[str, int]]:
    """Return the choices of each facet of a page, with their counts."""
    found = {}
    for name, words in re.findall(r'id="facet_(\w+)">(.*?)</div>', html, re.DOTALL):
        options = re.findall(r">([^<>]+) <span>(\d+)</span></a>", words)
        found[name] = {label.strip(): int(count) for label, count in options}
    return found


def test_the_list_can_be_narrowed_by_facets(client):
    made_references()

    assert facets(asked(client, "/references/")) == {
        "topic": {"Graft": 2, "Homing": 1},
        "study_type": {"Randomized trial": 1, "Narrative review or textbook": 2, "Other": 1},
        "year": {"2020–2024": 2, "2000–2004": 2},
        "type": {"Journal article": 2, "Chapter of a book": 1, "Other": 1},
        "journal": {"Blood": 2, "Cell": 1, "The EBMT Handbook": 1},
        "status": {"No notice known": 4},
    }


def test_a_choice_counts_with_all_others_but_those_of_its_facet(client):
    made_references()

    html = asked(client, "/references/?study_type=review&year_min=2000&year_max=2004")

    assert re.findall(r'<a href="/references/(\w+)/">', html) == ["amato2004"]
    found = facets(html)
    assert found["study_type"] == {"Randomized trial": 1, "Narrative review or textbook": 1}
    assert found["year"] == {"2020–2024": 1, "2000–2004": 1}
    assert found["topic"] == {"Graft": 1}
    assert found["journal"] == {"Cell": 1}


def test_choices_lead_on_and_back(client):
    made_references()

    html = asked(client, "/references/?q=found&study_type=rct&page=1")
    links = re.findall(r'<a href="(\?[^"]*)" rel="nofollow"( aria-current="true")?>([^<]+) <', html)
    by_name = {label: (address.replace("&amp;", "&"), chosen) for address, chosen, label in links}

    assert by_name["Randomized trial"] == ("?q=found", ' aria-current="true"')
    assert by_name["2000–2004"][0] == "?q=found&study_type=rct&year_min=2000&year_max=2004"
    assert by_name["Blood"][0] == "?q=found&study_type=rct&journal=Blood"
    # What is chosen stays when other words are looked for.
    assert '<input type="hidden" name="study_type" value="rct"' in html


@pytest.mark.parametrize(
    ("query", "keys"),
    [("type=other", ["oddity2021"]), ("type=chapter&type=other", ["oddity2021", "snowden2022"]),
     ("journal=blood", ["oddity2021", "petit2002"]), ("topic=homing", ["petit2002"])],
)  # fmt: skip
def test_pages_and_api_have_the_same_filters(client, query, keys):
    made_references()

    answer = client.get(f"/api/v1/references/?{query}").json()
    html = asked(client, f"/references/?{query}")

    assert sorted(each["key"] for each in answer["results"]) == keys
    assert sorted(re.findall(r'<h2><a href="/references/(\w+)/">', html)) == keys
    assert client.get("/references/?type=nonsense").status_code == 400


@pytest.mark.parametrize("number", [1, 6])
def test_the_list_with_facets_needs_three_queries(client, django_assert_num_queries, number):
    keys = [publication(f"petit{2001 + n}").key for n in range(number)]
    unreviewed("graft", sections=[section(" ".join(f"One. [@{key}]" for key in keys))])

    with django_assert_num_queries(2):
        client.get("/references/")
    with django_assert_num_queries(3):
        client.get("/references/?topic=graft&type=article-journal&year_min=2000")


def test_frequent_topics_come_first_and_a_chosen_one_is_always_there(client):
    keys = [publication(f"petit{2001 + n}").key for n in range(2)]
    for n in range(9):
        unreviewed(f"topic-{n}", sections=[section(f"One. [@{keys[0]}; @{keys[1]}]")])
    unreviewed("rare", sections=[section(f"One. [@{keys[0]}]")])

    usual = facets(asked(client, "/references/"))["topic"]
    chosen = facets(asked(client, "/references/?topic=rare"))["topic"]

    assert len(usual) == len(chosen) == 8
    assert "Rare" not in usual
    assert next(iter(chosen.items())) == ("Rare", 1)


def test_an_abstract_is_shown_only_if_its_license_says_so(client):
    publication("petit2002", abstract="Sentinel of an abstract.")
    publication("snowden2022", abstract="Free <words>.", custom={"abstract_license": "CC-BY-4.0"})
    publication(
        "amato2004", abstract="Sentinel of an abstract.",
        custom={"abstract_license": "CC-BY-NC-ND-4.0"},
    )  # fmt: skip

    assert "Free &lt;words&gt;." in asked(client, "/references/snowden2022/")
    for key in ("petit2002", "amato2004"):
        assert "Sentinel" not in asked(client, f"/references/{key}/")


def test_identifiers_are_links(client):
    publication("petit2002", DOI="10.1000/petit", PMID="7654321", PMCID="PMC123")

    html = asked(client, "/references/petit2002/")

    assert '<a href="https://doi.org/10.1000/petit"><code>10.1000/petit</code></a>' in html
    assert '<a href="https://pubmed.ncbi.nlm.nih.gov/7654321/"><code>7654321</code></a>' in html
    assert '<p class="printed" data-copy="Vancouver">' in html


def test_old_listings_without_the_pages_of_partners_are_still_shown(client):
    unreviewed("graft")
    Listing.objects.update(partners=[{"name": "Net", "url": "https://net.example/"}])

    assert '<a href="https://net.example/">Net</a>' in asked(client, "/topics/graft/")
