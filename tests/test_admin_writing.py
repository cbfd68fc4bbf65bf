"""Writing in the admin, as the server sees it: preview, looking up, presence, and two at once."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.admin_data import (
    complication,
    filled_in,
    form_url,
    logged_in,
    new_row,
    overview,
    person,
    published,
    reference,
    said,
    save,
    therapy,
)
from tests.test_concurrency import in_parallel
from therapies.models import Therapy
from topics import publishing
from topics.desk import preview
from topics.models import Presence, Revision, Section, Topic

WRITING = "/admin/topics/topic/writing/"


def asked(client, name: str, **sent) -> dict:
    response = client.post(f"{WRITING}{name}/", sent)
    assert response.status_code == 200
    return response.json()


# The preview


@pytest.mark.django_db
def test_the_preview_is_what_readers_would_see_and_saves_nothing():
    topic = overview()
    text = "Cells divide. [@smith2020]{certainty=high}\r\n\r\nThey home to the marrow."
    told = asked(logged_in("reviewer"), "preview", text=text, topic=topic.pk)
    assert 'data-grade="high"' in told["html"]
    assert 'class="cites"' in told["html"]
    assert "mark-uncited" in told["html"]
    assert [(one["line"], one["cited"]) for one in told["statements"]] == [(1, True), (3, False)]
    assert told["references"][0]["title"] == "Paper smith2020"
    assert Revision.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Cells. [@nobody1999]", "no publication “nobody1999”"),
        ("See [it](topic:nowhere).", "no topic “nowhere”"),
        ("# Heading", "starts with ###"),
        ("<script>alert(1)</script> Words.", "HTML is not allowed"),
        ("x" * (preview.MOST_CHARACTERS + 1), "at most 100,000 characters"),
    ],
)
def test_the_preview_says_what_is_wrong(text, fault):
    told = asked(logged_in("author"), "preview", text=text)
    assert fault in " ".join(told["faults"])
    assert "<script" not in told["html"]


@pytest.mark.django_db
def test_strangers_are_told_nothing():
    for name in ("preview", "write", "presence"):
        assert Client().post(f"{WRITING}{name}/").status_code == 302
    for name in ("publications", "topics", "session"):
        assert Client().get(f"{WRITING}{name}/").status_code == 302
    user = person("author")
    user.groups.clear()
    nobody = logged_in("author")
    assert nobody.post(f"{WRITING}preview/", {"text": "x"}).status_code == 403
    assert nobody.get(f"{WRITING}topics/").status_code == 403


@pytest.mark.django_db
def test_ten_thousand_lines_are_refused_at_the_field_and_kept_in_it():
    topic = overview()
    long = "A line of words that somebody pasted.\n\n" * 10_000
    response = save(logged_in("author"), form_url(topic), sections__0__body=long)
    assert "A section has at most 100,000 characters" in said(response)
    assert long.strip()[-30:] in said(response)
    assert Section.objects.get().body == "Cells divide. [@smith2020]"


# Looking up


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words", ["petit", "PETIT 2002", "stem-cell egress", "10.1038/NI818", "https://doi.org/10.1038/ni818"]
)  # fmt: skip
def test_publications_are_found_by_author_title_year_and_doi(words):
    reference("smith2020")
    found = reference("petit2002")
    found.csl |= {
        "title": "Stem-cell egress", "DOI": "10.1038/ni818", "issued": {"date-parts": [[2002]]},
        "author": [{"family": "Petit", "given": "Isabelle"}],
    }  # fmt: skip
    found.save()
    told = logged_in("author").get(f"{WRITING}publications/", {"q": words}).json()
    assert [one["value"] for one in told["found"]] == ["petit2002"]
    assert told["found"][0]["name"] == "Petit 2002"


@pytest.mark.django_db
def test_topics_are_found_by_name_with_the_address_that_documents_use():
    topic = published(overview("homing"))
    Topic.objects.filter(pk=topic.pk).update(slug="homing-anew", synonyms=["Settling"])
    overview("niche")
    told = logged_in("author").get(f"{WRITING}topics/", {"q": "settl"}).json()
    assert [(one["value"], one["notice"]) for one in told["found"]] == [("homing", "")]
    told = logged_in("author").get(f"{WRITING}topics/", {"q": "niche"}).json()
    assert told["found"][0]["notice"] == "not published"


@pytest.mark.django_db
def test_writing_answers_with_the_text_or_with_a_fault():
    client = logged_in("author")
    told = asked(client, "write", what="cite", value="smith2020", text="So.", start=3, end=3)
    assert told == {"text": "So. [@smith2020]", "position": 16}
    told = asked(client, "write", what="certainty", value="high", text="", start=0, end=0)
    assert "cursor" in told["fault"]


# Presence


@pytest.mark.django_db
def test_two_are_told_of_each_other_until_one_leaves_or_is_silent():
    topic = overview()
    author, editor = logged_in("author"), logged_in("editor")
    assert asked(author, "presence", topic=topic.pk)["others"] == []
    told = asked(editor, "presence", topic=topic.pk)
    assert [one["name"] for one in told["others"]] == ["Dr Author"]
    assert told["revision"] == 1
    page = said(author.get(form_url(topic)))
    assert "<strong>Dr Editor</strong> is editing this topic since" in page
    Presence.objects.filter(user=person("editor")).update(
        since=timezone.now() - timedelta(minutes=9), seen=timezone.now() - timedelta(minutes=2)
    )
    assert "is editing this topic" not in said(author.get(form_url(topic)))
    author.post(f"{WRITING}presence/", {"topic": topic.pk, "left": 1})
    Presence.objects.update(seen=timezone.now() - timedelta(minutes=6))
    asked(author, "presence", topic=topic.pk)
    assert [row.user for row in Presence.objects.all()] == [person("author")]


@pytest.mark.django_db
def test_who_only_reads_is_not_editing():
    topic = overview()
    response = logged_in("reviewer").post(f"{WRITING}presence/", {"topic": topic.pk})
    assert response.status_code == 403


# Two at once


@pytest.fixture
def opened():
    """A topic and what the author's form of it would send; meanwhile the editor saved."""
    topic = overview(body="Cells divide fast. [@smith2020]")
    data = filled_in(logged_in("author").get(form_url(topic)))
    save(
        logged_in("editor"), form_url(topic), sections__0__body="Cells divide slowly. [@smith2020]"
    )
    return topic, data


def taking(response, **choices) -> dict:
    """Return what the page of a conflict would send, with a side chosen for each question."""
    page = said(response)
    shown = re.search(r'name="_merge_with" value="(\d+)"', page).group(1)
    keys = set(re.findall(r'name="_take-([^"]+)"', page))
    assert keys == {key.replace("__", "-") for key in choices}
    chosen = {f"_take-{key.replace('__', '-')}": side for key, side in choices.items()}
    return filled_in(response) | {"_merge_with": shown} | chosen


@pytest.mark.django_db
def test_what_both_changed_is_asked_and_never_saved_over_unseen(opened):
    topic, data = opened
    mine = data | {"sections-0-body": "Cells divide very fast. [@smith2020]", "title": "My title"}
    response = logged_in("author").post(form_url(topic), mine)
    page = said(response)
    assert "Dr Editor saved a newer text" in page
    assert "<mark>slowly</mark>" in page
    assert "<mark>very fast</mark>" in page
    assert "Cells divide very fast. [@smith2020]" in page
    assert 'value="My title"' in page
    # Only they decide what is asked; that nothing is wrong with the form is not called a fault.
    assert page.count('<fieldset class="desk-question"') == 1
    assert "correct the error" not in page
    assert "errornote" not in page
    assert Section.objects.get().body == "Cells divide slowly. [@smith2020]"
    assert topic.revisions.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("side", "words"), [("mine", "very fast"), ("theirs", "slowly")])
def test_the_chosen_side_is_saved_and_the_rest_of_both(opened, side, words):
    topic, data = opened
    save(logged_in("editor"), form_url(topic), summary="The editor's summary.")
    mine = data | {"sections-0-body": "Cells divide very fast. [@smith2020]", "title": "My title"}
    client = logged_in("author")
    response = client.post(form_url(topic), mine)
    sent = taking(response, sections__b0__body__b0=side)
    assert client.post(form_url(topic), sent).status_code == 302
    topic.refresh_from_db()
    assert (topic.title, topic.summary) == ("My title", "The editor's summary.")
    assert Section.objects.get().body == f"Cells divide {words}. [@smith2020]"
    assert topic.revisions.count() == 4


@pytest.mark.django_db
def test_fields_that_one_did_not_touch_are_never_undone_and_what_came_is_told():
    topic = overview()
    data = filled_in(logged_in("author").get(form_url(topic)))
    save(
        logged_in("editor"),
        form_url(topic),
        summary="The editor's summary.",
        **new_row("sections", 1, kind="risks", heading="Risks?", body="Few.", position="5"),
    )
    client = logged_in("author")
    mine = data | {"sections-0-body": "Mine. [@smith2020]", "synonyms": "CRS"}
    response = client.post(form_url(topic), mine, follow=True)
    told = "Changes of Dr Editor to Summary and Section “Risks?” were taken over."
    assert told in said(response)
    topic.refresh_from_db()
    assert topic.summary == "The editor's summary."
    assert topic.synonyms == ["CRS"]
    bodies = Section.objects.filter(topic=topic).values_list("heading", "body")
    assert list(bodies) == [("What is it?", "Mine. [@smith2020]"), ("Risks?", "Few.")]
    # One revision of each, whose author is who saved it.
    names = topic.revisions.values_list("author_name", flat=True)
    assert list(names) == ["Dr Author", "Dr Editor", "Dr Author"]


@pytest.mark.django_db
def test_a_choice_holds_for_the_very_text_that_was_shown(opened):
    topic, data = opened
    client = logged_in("author")
    mine = data | {"sections-0-body": "Cells rest. [@smith2020]"}
    sent = taking(client.post(form_url(topic), mine), sections__b0__body__b0="mine")
    save(logged_in("editor"), form_url(topic), sections__0__body="Cells divide daily. [@smith2020]")
    response = client.post(form_url(topic), sent)
    assert "Cells divide daily" in re.sub("<[^>]+>", "", said(response))
    assert topic.revisions.count() == 3
    sent = taking(response, sections__b0__body__b0="mine")
    assert client.post(form_url(topic), sent).status_code == 302
    assert Section.objects.get().body == "Cells rest. [@smith2020]"


@pytest.mark.django_db
def test_saving_the_same_words_is_no_conflict(opened):
    topic, data = opened
    same = data | {"sections-0-body": "Cells divide slowly. [@smith2020]"}
    assert logged_in("author").post(form_url(topic), same).status_code == 302
    assert topic.revisions.count() == 2


@pytest.mark.django_db
def test_rows_that_were_added_or_taken_away_meanwhile_are_brought_together():
    topic = overview()
    added = new_row("sections", 1, kind="risks", heading="Risks?", body="Few.", position="5")
    save(logged_in("author"), form_url(topic), **added)
    data = filled_in(logged_in("author").get(form_url(topic)))
    theirs = {"sections-1-DELETE": "on"} | new_row(
        "sections", 2, kind="future", heading="Future?", body="Bright.", position="6"
    )
    save(logged_in("editor"), form_url(topic), **theirs)
    client = logged_in("author")
    response = client.post(form_url(topic), data | {"sections-1-body": "Many."})
    assert "It was taken away." in said(response)
    assert Section.objects.filter(topic=topic).count() == 2
    kept = taking(response, sections__b1="mine")
    assert client.post(form_url(topic), kept).status_code == 302
    rows = Section.objects.filter(topic=topic)
    assert [(row.heading, row.body) for row in rows] == [
        ("What is it?", "Cells divide. [@smith2020]"), ("Risks?", "Many."), ("Future?", "Bright."),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_row_that_the_other_one_took_away_and_nobody_changed_stays_away():
    topic = overview()
    added = new_row("sections", 1, kind="risks", heading="Risks?", body="Few.", position="5")
    save(logged_in("author"), form_url(topic), **added)
    data = filled_in(logged_in("author").get(form_url(topic)))
    save(logged_in("editor"), form_url(topic), **{"sections-1-DELETE": "on"})
    logged_in("author").post(form_url(topic), data | {"title": "My title"})
    assert [row.heading for row in Section.objects.filter(topic=topic)] == ["What is it?"]
    topic.refresh_from_db()
    assert topic.title == "My title"


@pytest.mark.django_db
def test_after_a_restoration_mine_takes_the_place_of_the_same_sections():
    topic = overview()
    save(logged_in("editor"), form_url(topic), title="Second")
    data = filled_in(logged_in("author").get(form_url(topic)))
    publishing.restore(topic.revisions.first(), actor=person("editor"))
    mine = data | {"sections-0-body": "Mine."}
    assert logged_in("author").post(form_url(topic), mine).status_code == 302
    assert Section.objects.get(topic=topic).body == "Mine."
    topic.refresh_from_db()
    assert topic.title == "Stem cells"


@pytest.mark.django_db
def test_clinical_tables_are_guarded_too():
    topic, found, other = therapy(), complication(), complication("rejection")
    url = f"{form_url(topic)}?table=risks"
    row = {"complication": found.pk, "frequency": "10%", "certainty": "ungraded"}
    save(logged_in("author"), url, **new_row("risks", 0, **row))
    save(logged_in("author"), url, **new_row("risks", 1, **(row | {"complication": other.pk})))
    data = filled_in(logged_in("author").get(url))
    save(logged_in("editor"), url, risks__0__frequency="20%", risks__1__monitoring="Daily.")
    client = logged_in("author")
    response = client.post(url, data | {"risks-0-frequency": "30%", "risks-0-from_day": "5"})
    page = said(response)
    assert "Risks “Relapse”: frequency" in page
    assert "<mark>20%</mark>" in page
    assert "<mark>30%</mark>" in page
    assert list(Therapy.objects.get().risks.values_list("frequency", flat=True)) == ["20%", "10%"]
    sent = taking(response, risks__b0__frequency="mine")
    assert client.post(url, sent).status_code == 302
    first, second = Therapy.objects.get().risks.all()
    assert (first.frequency, first.from_day, second.monitoring) == ("30%", 5, "Daily.")


@pytest.mark.django_db
def test_rows_of_a_table_are_found_again_after_two_texts_were_brought_together():
    topic, found = therapy(), complication()
    url = f"{form_url(topic)}?table=risks"
    row = {"complication": found.pk, "frequency": "10%", "certainty": "ungraded"}
    save(logged_in("author"), url, **new_row("risks", 0, **row))
    data = filled_in(logged_in("author").get(url))
    heads = filled_in(logged_in("editor").get(form_url(topic)))
    save(logged_in("author"), form_url(topic), summary="Another summary.")
    assert logged_in("editor").post(form_url(topic), heads | {"title": "T"}).status_code == 302
    # What is known by its day gets another day, in a form that was opened before all that.
    assert logged_in("author").post(url, data | {"risks-0-from_day": "7"}).status_code == 302
    assert [risk.from_day for risk in Therapy.objects.get().risks.all()] == [7]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_asked():
    topic = overview()
    first, second = logged_in("author"), logged_in("editor")
    data = filled_in(first.get(form_url(topic)))

    def saving(client, body):
        return lambda: client.post(form_url(topic), data | {"sections-0-body": body}).status_code

    codes = in_parallel(saving(first, "First."), saving(second, "Second."))
    assert sorted(codes) == [200, 302]
    assert topic.revisions.count() == 2


# What was typed is kept


@pytest.mark.django_db
def test_a_restored_draft_is_shown_with_its_rows_and_not_saved():
    topic = overview()
    client = logged_in("author")
    data = filled_in(client.get(form_url(topic)))
    typed = data | new_row("sections", 1, kind="risks", heading="Typed?", body="Typed.")
    response = client.post(form_url(topic), typed | {"_restore": "1", "draft_word": "word-of-mine"})
    assert "none of it is saved yet" in said(response)
    assert 'value="Typed?"' in said(response)
    assert 'data-word="word-of-mine"' in said(response)
    assert Section.objects.count() == 1


@pytest.mark.django_db
def test_only_a_form_that_was_saved_tells_the_browser_to_forget_its_draft():
    topic = overview()
    client = logged_in("author")
    faulty = save(client, form_url(topic), title="", draft_word="word-of-mine")
    assert "hsc_saved_draft" not in faulty.cookies
    saved = save(client, form_url(topic), title="Anew", draft_word="word-of-mine")
    assert saved.cookies["hsc_saved_draft"].value == "word-of-mine"
    hostile = save(client, form_url(topic), title="Again", draft_word="a; path=/\r\nX: y")
    assert "hsc_saved_draft" not in hostile.cookies
