"""The page of a comparison: its parts and sources, what is refused, and what it keeps and costs."""

import re

import pytest
from compare_data import BOTH, CORD, MARROW, grafts, line_of, made_grafts, text_of  # noqa: F401
from pages_data import publication, publish_unreviewed, retract, reviewed, withdraw

from tests import clinic, pages_data
from topics import documents, publishing

pytestmark = pytest.mark.django_db


def test_parts_are_folded_but_for_the_facts_until_all_are_opened(client, grafts):  # noqa: F811
    parts = r'<details class="compare-part(?: is-glance)?" id="part_\d+"( open)?>'

    folded = client.get(BOTH).content.decode()
    opened = client.get(f"{BOTH}&differences=1&open=1").content.decode()

    states = re.findall(parts, folded)
    assert states == [" open"] + [""] * (len(states) - 1)
    assert len(states) > 5
    assert set(re.findall(parts, opened)) == {" open"}
    assert f'href="?t={MARROW}&amp;t={CORD}&amp;open=1">Open all parts' in folded
    assert f'href="?t={MARROW}&amp;t={CORD}&amp;differences=1">Fold all parts' in opened
    assert f'href="?t={MARROW}&amp;t={CORD}&amp;open=1">All lines' in opened


def test_the_tab_is_called_as_the_page(client, grafts):  # noqa: F811
    html = client.get(BOTH).content.decode()

    assert "<title>Marrow graft and Cord graft · HSC Portal</title>" in html
    heading = re.search(r"<h1.*?</h1>", html, re.S).group(0)
    assert re.sub(r"<[^>]*>", "", heading) == "Marrow graft and Cord graft"


def test_references_are_numbered_once_over_all_columns(client, grafts):  # noqa: F811
    html = client.get(BOTH).content.decode()

    assert re.findall(r'<li id="ref_(\d+)"', html) == ["1", "2"]
    assert 'title="Anasetti 2012, p. 3"' in html
    assert set(re.findall(r'href="#ref_(\d+)"', html)) == {"1", "2"}
    # A statement leads to itself on its own page.
    assert re.search(rf'href="/topics/{MARROW}/#s-[0-9a-f]+"', html)


def test_a_retraction_shows_at_once(client, grafts):  # noqa: F811
    client.get(BOTH)
    retract(publication("anasetti2012"))

    words = text_of(client, BOTH)

    assert "Notices about cited publications" in words
    assert "cites a retracted publication" in line_of(client, BOTH, "Graft failure")


def test_the_head_says_who_stands_for_each(client, grafts):  # noqa: F811
    reviewed("haplo-graft", "therapy")

    words = text_of(client, f"/therapies/compare/?t={CORD}&t=haplo-graft")

    assert "Cord graft Not yet reviewed by a clinician · edition 1" in words
    assert re.search(r"Haplo graft Reviewed \d+ \w+ \d{4} · edition 1", words)


@pytest.mark.parametrize("place", ["therapies", "agents", "conditions", "complications"])
def test_the_form_offers_what_is_published(client, grafts, place):  # noqa: F811
    clinic.draft(clinic.therapy("hidden-graft"))

    html = client.get(f"/{place}/compare/").content.decode()

    assert html.count("<h1") == 1
    assert ("Marrow graft</option>" in html) == (place == "therapies")
    assert "hidden-graft" not in html


def test_one_alone_is_chosen_in_the_form(client, grafts):  # noqa: F811
    html = client.get(f"/therapies/compare/?t={MARROW}&t=&t=").content.decode()

    assert f'<option value="{MARROW}" selected>Marrow graft</option>' in html
    assert "Choose at least one more" in html
    assert 'class="compare-table' not in html


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (f"t={MARROW}&t=zebra", "There is no therapy “zebra”. Choose one from the list."),
        (f"t={MARROW}&t=filgrastim", "There is no therapy “filgrastim”."),
        (f"t={MARROW}&t={MARROW}", "The same one is chosen twice. Choose different ones."),
        (f"t={MARROW}&t={CORD}&t=a-3&t=a-4&t=a-5", "5 are too many to read side by side."),
        (f"t={MARROW}&t={CORD}&differences=yes", "Write differences=1, or leave it out"),
        (f"t={MARROW}&t={CORD}&open=yes", "Write open=1, or leave it out"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(client, grafts, query, message):  # noqa: F811
    publish_unreviewed(*(pages_data.draft(f"a-{n}", "therapy") for n in (3, 4, 5)))

    assert message in text_of(client, f"/therapies/compare/?{query}", 400)


def test_a_withdrawn_topic_is_not_compared(client, grafts):  # noqa: F811
    withdraw(grafts[0], "A dose was wrong.")

    assert f"“{MARROW}” was withdrawn" in text_of(client, BOTH, 400)


def test_an_old_address_is_understood(client, grafts):  # noqa: F811
    moved = documents.load({**grafts[0].editions.last().revision.document, "slug": "moved"},
                           grafts[0])  # fmt: skip
    publishing.save_revision(moved, author=pages_data.author())
    publish_unreviewed(moved)

    assert "Cell source differs Bone marrow Cord blood" in text_of(client, BOTH)


def test_no_draft_is_compared(client, grafts):  # noqa: F811
    clinic.edit(grafts[0], summary="UNSPEAKABLE")

    assert "UNSPEAKABLE" not in text_of(client, BOTH)


def test_hostile_words_stay_words(client, monkeypatch):
    # As in an edition from before HTML was refused.
    monkeypatch.setattr("topics.models.rows.html_faults", lambda words: [])
    hostile = "<script>alert(1)</script>"
    tables = {"benefits": [{"outcome": hostile, "result": hostile}]}
    publish_unreviewed(
        *(
            pages_data.draft(slug, "therapy", title=f"{slug} {hostile}", tables=tables)
            for slug in ("one", "two")
        )
    )

    html = client.get("/therapies/compare/?t=one&t=two").content.decode()

    assert "<script>alert" not in html
    assert " style=" not in html


@pytest.mark.parametrize("number", [2, 4])
def test_the_queries_do_not_grow(client, django_assert_num_queries, number):
    topics = [pages_data.draft(f"graft-{n}", "therapy") for n in range(4)]
    publish_unreviewed(*topics)
    path = "/therapies/compare/?" + "&".join(f"t=graft-{n}" for n in range(number))

    with django_assert_num_queries(3):
        first = client.get(path)
    with django_assert_num_queries(2):
        again = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert "Cookie" not in first.get("Vary", "")


def test_a_page_of_now_is_not_kept_as_that_of_before(client, grafts, monkeypatch):  # noqa: F811
    from topics import reading

    several, calls = reading.several, []

    def finding(slugs):
        found = several(slugs)
        if not calls:
            retitled = {**grafts[1].editions.last().revision.document, "title": "Renamed"}
            publishing.save_revision(
                documents.load(retitled, grafts[1]), author=pages_data.author()
            )
            publish_unreviewed(grafts[1])
        calls.append(slugs)
        return found

    monkeypatch.setattr(reading, "several", finding)

    assert "Renamed" in text_of(client, BOTH)
    assert len(calls) == 2
