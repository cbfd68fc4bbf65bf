"""What became of a topic: what changed between editions, and the edition of any day."""

import contextlib
import re
from datetime import UTC, datetime
from unittest import mock

import pytest
from pages_data import (
    author,
    document,
    draft,
    new_edition,
    publication,
    publish_unreviewed,
    retract,
    reviewed,
    section,
    unreviewed,
    withdraw,
)

from hsc_portal.pages import kept
from tests import clinic
from topics import changes, documents, publishing, reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.pages.clear()


def words_of(client, path: str, status: int = 200) -> str:
    """Return the words of a page: no tags, one space between words."""
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


@contextlib.contextmanager
def day(text: str):
    """Let it be noon of that day while the block runs."""
    noon = datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC)
    with mock.patch("django.utils.timezone.now", return_value=noon):
        yield


def test_the_page_reads_like_tracked_changes(client):
    publication("petit2002"), publication("gale2020")
    kept_ones = "\n\n".join(f"Fact number {n} stays as it was." for n in range(14))
    topic = unreviewed("graft", synonyms=["HSCT"], sections=[
        section(f"Cells move in days. [@petit2002]{{#move certainty=low}}\n\n{kept_ones}"),
    ])  # fmt: skip
    new_edition(topic, "Newer figures", summary="A better summary of graft.", sections=[
        section("Cells move within hours. [@petit2002; @gale2020, p. 9]"
                f"{{#move certainty=moderate}}\n\n{kept_ones}\n\nA new fact."),
    ])  # fmt: skip

    html = client.get("/topics/graft/editions/2/changes/").content.decode()
    read = words_of(client, "/topics/graft/editions/2/changes/")

    assert html.count("<h1") == 1
    assert "Newer figures" in read
    assert "… 14 unchanged statements …" in read
    assert "Reworded Cells move [removed: in days ] [added: within hours ] ." in read
    assert "Certainty : low → became moderate" in read
    assert "Source added : Gale 2020, p. 9" in read
    assert "Added [added: A new fact. ]" in read
    assert "Certainty not graded Source none" in read
    assert "Summary : A [added: better ] summary of graft." in read
    assert "1 statement added 1 statement reworded 1 statement graded anew" in read
    assert "Publication added : Gale P. What gale2020 found" in read
    assert " style=" not in html


def test_tables_are_told_in_the_words_of_the_page(client):
    publish_unreviewed(draft("graft-failure", "complication"))
    risk = {"complication": "graft-failure", "frequency": "5%", "from_day": -1}
    topic = unreviewed("graft", "therapy", tables={
        "risks": [risk], "milestones": [{"subset": "neutrophils", "from_day": 14, "to_day": 20}],
    })  # fmt: skip
    new_edition(
        topic,
        facts={"category": "transplantation", "graft_origin": "allogeneic"},
        tables={
            "risks": [{**risk, "frequency": "8%", "from_day": 28, "certainty": "low"}],
            "steps": [{"phase": "infusion", "title": "Cells are infused", "from_day": 0}],
        },
    )

    read = words_of(client, "/topics/graft/editions/2/changes/")

    assert "Changed Graft failure From day : −1 → became 28 Frequency : 5% → became 8%" in read
    assert "Certainty : not graded → became low" in read
    assert "Graft origin : Allogeneic" in read
    assert "Removed [removed: Neutrophils ] From day 14 To day 20 Certainty not graded" in read
    assert "Added [added: Cells are infused ] Phase Infusion From day 0" in read
    assert "1 table row added 1 table row removed 1 table row changed" in read


def test_codes_relations_and_areas_are_told(client):
    publish_unreviewed(draft("marrow"))
    code = {"system": "MeSH", "code": "D000001", "match": "related", "verified": False}
    topic = unreviewed("graft", codes=[code], next_review="2027-01-31")
    new_edition(
        topic, codes=[{**code, "match": "exact", "verified": True}], areas=["conditioning"],
        relations=[{"kind": "part_of", "target": "marrow"}], next_review="2028-01-31",
    )  # fmt: skip

    read = words_of(client, "/topics/graft/editions/2/changes/")

    assert "Relation added : Part of Marrow" in read
    assert "Area added : Conditioning" in read
    assert "Area removed : Stem cell biology" in read
    assert "MeSH D000001, verified : no → became yes" in read
    assert "Next review due : 31 January 2027 → became 31 January 2028" in read


def test_the_first_edition_says_that_it_is_the_first(client):
    unreviewed("graft")

    assert "This is the first edition" in words_of(client, "/topics/graft/editions/1/changes/")


def test_any_earlier_edition_can_be_compared_with(client):
    topic = unreviewed("graft")
    topic = new_edition(topic, summary="Two.")
    new_edition(topic, summary="Three.")

    read = words_of(client, "/topics/graft/editions/3/changes/?from=1")
    assert "compared with edition 1" in read
    assert "[removed: A summary of graft ] [added: Three ]" in read
    for wrong in ("0", "3", "4", "two", "", "²", "9" * 5000):
        refused = words_of(client, f"/topics/graft/editions/3/changes/?from={wrong}", 400)
        assert "Edition to compare with Enter the number of an edition before 3: 1 to 2." in refused
    for path in ("graft/editions/4", "graft/editions/0", "none/editions/2",
                 f"graft/editions/{10**30}"):  # fmt: skip
        assert client.get(f"/topics/{path}/changes/").status_code == 404


def test_the_same_words_after_a_review_say_so(client):
    unreviewed("graft")
    reviewed("graft")

    read = words_of(client, "/topics/graft/editions/2/changes/")

    assert "Both editions say the same, word by word." in read
    assert "the first one that a clinician reviewed" in read


def test_retractions_and_withdrawals_show_on_changes_too(client):
    petit = publication("petit2002")
    topic = unreviewed("graft", sections=[section("Cells move. [@petit2002]{#a}")])
    topic = new_edition(topic, sections=[section("Cells move. {#a}")])
    words_of(client, "/topics/graft/editions/2/changes/")

    retract(petit)
    read = words_of(client, "/topics/graft/editions/2/changes/")
    assert "Retracted (notice of 4 May 2026): Petit 2002" in read.replace(
        "Petit 2002 .", "Petit 2002"
    )
    assert "Source removed : Petit 2002 retracted" in read

    withdraw(topic, "A dose was wrong.")
    read = words_of(client, "/topics/graft/editions/2/changes/")
    assert "Edition 2 was withdrawn on" in read
    assert "A dose was wrong." in read


def test_changes_are_sent_once_and_follow_a_new_address(client):
    topic = unreviewed("graft")
    topic = new_edition(topic, summary="Two.")
    first = client.get("/topics/graft/editions/2/changes/")
    again = client.get(
        "/topics/graft/editions/2/changes/", headers={"If-None-Match": first["ETag"]}
    )
    assert again.status_code == 304

    new_edition(topic, slug="grafts")
    moved = client.get("/topics/graft/editions/2/changes/?from=1")
    assert (moved.status_code, moved["Location"]) == (
        301,
        "/topics/grafts/editions/2/changes/?from=1",
    )


@pytest.mark.parametrize("number", [1, 60])
def test_the_queries_of_changes_and_of_a_past_day_do_not_grow(
    client, django_assert_num_queries, number
):
    for n in range(number):
        publication(f"author{n:04}", issued={"date-parts": [[2000]]})
    body = "\n".join(f"- Number {n}. [@author{n:04}]" for n in range(number))
    with day("2026-01-01"):
        topic = unreviewed("graft")
    new_edition(topic, sections=[section(body)])

    for path in ("/topics/graft/editions/2/changes/", "/topics/graft/?as_of=2026-01-02"):
        with django_assert_num_queries(2):
            assert client.get(path).status_code == 200
    with django_assert_num_queries(1):
        client.get("/topics/graft/editions/2/changes/")


def test_hostile_words_stay_words(client, monkeypatch):
    # As in an edition from before HTML was refused.
    monkeypatch.setattr("topics.models.rows.html_faults", lambda words: [])
    hostile = "<script>alert(1)</script>"
    topic = unreviewed("graft", "therapy")
    new_edition(
        topic, note=hostile, title=hostile, summary=hostile, synonyms=[hostile],
        tables={"benefits": [{"outcome": hostile, "result": hostile}]},
    )  # fmt: skip

    html = client.get("/topics/graft/editions/2/changes/").content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_publishing_meanwhile_is_one_moment(client, monkeypatch):
    topic = unreviewed("graft")
    topic = new_edition(topic, summary="Two.")
    load, loads = reading.Readings.load, []

    def loading(found):
        loads.append(found)
        if len(loads) == 1:
            withdraw(topic, "A dose was wrong.")
        load(found)

    monkeypatch.setattr(reading.Readings, "load", loading)
    read = words_of(client, "/topics/graft/editions/2/changes/")

    assert "A dose was wrong." in read
    assert len(loads) == 2


# As of a day


@pytest.fixture
def graft():
    """Edition 1 of March, withdrawn in May, edition 2 of July."""
    with day("2026-03-10"):
        topic = unreviewed("graft", summary="Said in March.")
    with day("2026-05-05"):
        withdraw(topic, "A dose was wrong.")
    with day("2026-07-07"):
        return new_edition(topic, summary="Said in July.")


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2026-03-10", "Said in March."),
        ("2026-05-04", "Said in March."),
        ("2026-07-07", "Said in July."),
        ("2026-09-09", "Said in July."),
    ],
)
def test_a_past_day_shows_what_was_current_then(client, graft, as_of, said):
    read = words_of(client, f"/topics/graft/?as_of={as_of}")

    assert said in read
    assert "As of" in read
    assert "(UTC)" in read


def test_the_banner_says_what_became_of_the_edition(client, graft):
    march = words_of(client, "/topics/graft/?as_of=2026-04-01")
    assert "As of 1 April 2026 . At the end of that day (UTC) edition 1 of 10 March 2026" in march
    assert "It was withdrawn on 5 May 2026" in march
    assert "The current one is edition 2 ; see what changed since" in march
    assert "It still is the current one" in words_of(client, "/topics/graft/?as_of=2026-08-01")

    withdraw(graft, "Wrong again.")
    july = words_of(client, "/topics/graft/?as_of=2026-08-01")
    assert "Said in July." in july
    assert "Reason: Wrong again. There is no current edition now" in july


def test_days_without_a_current_edition_say_why(client, graft):
    before = words_of(client, "/topics/graft/?as_of=2026-03-09", 404)
    assert "Not published yet on 9 March 2026" in before
    assert "Edition 1 , the first one, was published on 10 March 2026" in before
    assert "Said in" not in before

    gone = words_of(client, "/topics/graft/?as_of=2026-05-05", 410)
    assert "Withdrawn on 5 May 2026" in gone
    assert "Reason: A dose was wrong." in gone
    assert "The topic as it is now: edition 2" in gone
    assert "Said in" not in words_of(client, "/topics/graft/?as_of=2026-07-06", 410)
    assert client.get("/topics/none/?as_of=2026-07-06").status_code == 404


@pytest.mark.parametrize(
    "wrong", ["", "yesterday", "2026-02-30", "20260310", "2026-W10-1", "2026-3-1", "٢٠٢٦-٠٣-١٠"]
)
def test_a_day_that_cannot_be_meant_is_refused(client, graft, wrong):
    refused = words_of(client, f"/topics/graft/?as_of={wrong}", 400)

    assert "Day Enter a day as year, month and day, like 2026-11-22." in refused


@pytest.mark.parametrize("future", ["2999-01-01", "9999-12-31"])
def test_a_day_to_come_is_refused(client, graft, future):
    assert "still to come" in words_of(client, f"/topics/graft/?as_of={future}", 400)


def test_a_past_day_is_not_indexed_and_names_its_edition(client, graft):
    for as_of, number in (("2026-04-01", 1), ("2026-08-01", 2)):
        html = client.get(f"/topics/graft/?as_of={as_of}").content.decode()
        assert '<meta name="robots" content="noindex">' in html
        assert (
            f'<link rel="canonical" href="http://testserver/topics/graft/editions/{number}/">'
            in html
        )


def test_pages_of_two_days_are_not_taken_for_each_other(client, graft):
    first = client.get("/topics/graft/?as_of=2026-08-01")
    other = client.get("/topics/graft/?as_of=2026-08-02", headers={"If-None-Match": first["ETag"]})
    now = client.get("/topics/graft/", headers={"If-None-Match": first["ETag"]})

    assert (other.status_code, now.status_code) == (200, 200)
    assert "2 August 2026" in other.content.decode()
    assert b"As of" not in now.content


def test_a_past_day_follows_a_new_address(client, graft):
    with day("2026-08-08"):
        new_edition(graft, slug="grafts")

    moved = client.get("/topics/graft/?as_of=2026-04-01")

    assert (moved.status_code, moved["Location"]) == (301, "/topics/grafts/?as_of=2026-04-01")
    assert "Said in March." in words_of(client, "/topics/grafts/?as_of=2026-04-01")


def test_reading_tells_the_same_as_the_pages(graft):
    assert reading.as_of("graft", datetime(2026, 4, 1).date()).number == 1
    with pytest.raises(reading.NotPublishedThen):
        reading.as_of("graft", datetime(2026, 3, 9).date())
    with pytest.raises(reading.WithdrawnThen):
        reading.as_of("graft", datetime(2026, 6, 1).date())


def test_the_history_leads_to_changes_and_to_any_day(client, graft):
    html = client.get("/topics/graft/editions/").content.decode()

    assert 'href="/topics/graft/editions/2/changes/"' in html
    assert "The first edition." in html
    # The page of a day before the first edition says when that came.
    assert 'name="as_of" type="date" required max="' in html


def test_a_note_that_says_the_same_again_is_said_once(client):
    topic = new_edition(unreviewed("niche"), "Starter content", summary="Said anew.")
    new_edition(topic, "A figure was wrong", summary="And again.")
    words = words_of(client, "/topics/niche/editions/")
    assert words.count("Starter content") == 1
    assert words.count("A figure was wrong") == 1


def test_no_draft_is_in_changes_or_past_days(client, graft):
    hidden = {
        "title": "UNSPEAKABLE",
        "summary": "UNSPEAKABLE",
        "sections": [section("UNSPEAKABLE")],
    }
    changed = documents.load({**document("graft"), **hidden}, graft)
    publishing.save_revision(changed, author=author())

    for path in ("/topics/graft/editions/2/changes/", "/topics/graft/?as_of=2026-04-01",
                 "/topics/graft/?as_of=2026-01-01", "/topics/graft/?as_of=2026-06-01"):  # fmt: skip
        assert "UNSPEAKABLE" not in client.get(path).content.decode()


def test_a_review_screen_can_show_differences_without_editions():
    topic = clinic.draft()
    before = topic.revisions.last().document
    after = clinic.edit(topic, summary="Other words.").document

    told = changes.shown(before, after, {}, changes.TopicLinks())

    assert [note.label for note in told["texts"]] == ["Summary"]
    assert not told["is_same"]
