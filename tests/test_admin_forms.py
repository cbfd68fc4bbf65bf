"""The forms of the admin: what is chosen beforehand, what they call things, what they tell."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from tests.admin_data import (
    approved,
    complication,
    filled_in,
    form_url,
    logged_in,
    new_row,
    overview,
    person,
    published,
    said,
    save,
    step_url,
    submitted,
    therapy,
)
from tests.figures_data import document, figure
from topics import changes, documents, publishing, rendering, scheduling
from topics.articles.recognising import Article, Part
from topics.desk import preview
from topics.models import GlossaryTerm, Schedule, Section, Topic

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["therapy", "condition", "complication"])
def test_no_category_is_chosen_beforehand(kind):
    client = logged_in("author")
    form = client.get(f"/admin/therapies/{kind}/add/").context["adminform"].form
    assert form["category"].value() is None
    assert form.fields["category"].choices[0][0] == ""


def test_a_new_row_claims_nothing():
    topic = therapy()
    client = logged_in("author")
    for query, prefix, names in (
        ("", "figures", ["license"]),
        ("", "codes", ["system", "match", "verified"]),
        ("?table=agents", "agents", ["role"]),
        ("?table=milestones", "milestones", ["subset"]),
    ):
        wrapped = client.get(form_url(topic) + query).context["inline_admin_formsets"]
        (formset,) = [each.formset for each in wrapped if each.formset.prefix == prefix]
        empty = formset.empty_form
        assert not any(empty[name].value() for name in names)
        for name in set(names) - {"verified"}:
            assert next(iter(empty.fields[name].choices))[0] == ""


def test_a_code_must_say_how_exact_it_is():
    topic = overview()
    row = {"system": "MeSH", "code": "D019650", "match": ""}
    response = save(logged_in("author"), form_url(topic), **new_row("codes", 0, **row))
    assert '<a href="#id_codes-0-match">Code “MeSH D019650”, Match</a>' in said(response)
    assert topic.codes.count() == 0


def test_the_faults_of_a_table_are_listed_and_counted_at_its_tab():
    topic, found = therapy(), complication()
    row = {"complication": found.pk, "certainty": "ungraded", "from_day": "99999"}
    response = save(
        logged_in("author"), f"{form_url(topic)}?table=risks", **new_row("risks", 0, **row)
    )
    page = " ".join(said(response).split())
    link = '<a href="#id_risks-0-from_day">Risk “Relapse”, From day</a>'
    assert f"{link}: Days are counted from the infusion" in page
    assert page.count('<span class="desk-faults">1 fault</span>') == 2
    assert "correct the error" not in page


def test_deleting_is_not_offered_where_it_is_refused_and_refused_in_the_right_words():
    topic = published(overview())
    client = logged_in("administrator")
    assert "Delete topic" not in said(client.get(form_url(topic)))
    url = form_url(topic).replace("change", "delete")
    assert "Withdraw it instead." in said(client.get(url, follow=True))
    publishing.withdraw(topic, actor=person("editor"), reason="Wrong.")
    page = said(client.get(url, follow=True))
    assert "cannot be deleted" in page
    assert "Withdraw it instead." not in page


def test_the_public_note_says_what_it_is_and_no_language_is_offered():
    topic = overview()
    Topic.objects.filter(pk=topic.pk).update(language="fr")
    client = logged_in("author")
    response = client.get(form_url(topic))
    form = response.context["adminform"].form
    assert form.fields["note"].label == "Note for readers"
    assert "Public" in form.fields["note"].help_text
    assert "language" not in form.fields
    assert save(client, form_url(topic), title="Anew").status_code == 302
    assert Topic.objects.get().language == "fr"
    assert " growing" in said(client.get(f"{form_url(therapy())}?table=steps"))


def test_places_begin_with_one_after_a_restoration():
    topic = approved(overview())
    publishing.restore(topic.revisions.first(), actor=person("editor"))
    assert list(Section.objects.values_list("position", flat=True)) == [1]


def test_an_empty_list_offers_only_what_can_be_done():
    page = said(logged_in("administrator").get("/admin/topics/notice/"))
    assert "No results found" in page
    assert "Create a new item" not in page
    assert "Add reference" in said(logged_in("editor").get("/admin/references/reference/?q=nobody"))


def test_no_app_is_called_as_one_of_its_models():
    for model in admin.site._registry:
        if model._meta.app_label in ("topics", "therapies"):
            assert model._meta.app_config.verbose_name != model._meta.verbose_name_plural.title()


def test_an_imported_text_is_shown_without_its_signs():
    assert Part("A", "overview", r"Below \>5\% of *them*.", 1).words == "Below >5% of *them*."
    data = Article("T", "S", [], headings=["Empty"]).to_json()
    assert Article.from_json(data).headings == ["Empty"]


def test_another_picture_is_shown_and_not_its_digest():
    before = documents.build(documents.load(document()))
    after = before | {"figures": [figure(color="blue")]}
    (table,) = changes.shown(before, after, {}, changes.TopicLinks())["tables"]
    (note,) = table.parts[0].notes
    assert note.label == "Picture"
    assert before["figures"][0]["sha256"] in note.before
    assert after["figures"][0]["sha256"] in note.after
    assert "<img" in note.after
    assert "R. Painter" in note.after


@pytest.mark.django_db
def test_a_new_figure_is_not_told_as_graded():
    after = documents.build(documents.load(document()))
    (table,) = changes.shown(after | {"figures": []}, after, {}, changes.TopicLinks())["tables"]
    (added,) = table.parts
    labels = {str(note.label) for note in added.given}
    assert added.change == "added" and labels
    assert not labels & {"Certainty", "Source"}


def test_a_new_topic_with_a_fault_counts_the_rows_that_stand_on_the_form():
    client, url = logged_in("author"), "/admin/topics/topic/add/"
    row = new_row("sections", 0, heading="What is it?", kind="overview", body="# Too big")
    response = save(client, url, title="Niche", slug="niche", areas=["biology"], **row)
    assert response.status_code == 200
    assert "sections (1)" in said(response).lower()


def test_the_kind_of_an_imported_article_is_not_chosen_beforehand():
    form = logged_in("author").get("/admin/topics/topic/import/").context["form"]
    assert form.fields["kind"].choices[0] == ("", "Choose one")


def test_a_definition_is_shown_whole_in_the_list_of_the_glossary():
    definition = "A very long definition. " * 20
    clinic_term = GlossaryTerm(term="Niche", definition=definition.strip())
    publishing.save_term(clinic_term, actor=person("editor"))
    page = said(logged_in("editor").get("/admin/topics/glossaryterm/"))
    assert f'<div class="desk-lines">{definition.strip()}</div>' in page


def test_one_publication_is_one():
    page = said(logged_in("reviewer").get(f"/admin/topics/topic/{overview().pk}/discussion/"))
    assert "The publication that it cites" in page


def test_the_session_tells_who_is_logged_in():
    told = logged_in("author").get("/admin/topics/topic/writing/session/").json()
    assert told["user"] == "author"
    assert told["token"]


def test_all_faults_of_the_sections_are_told_at_once():
    """Also what only shows beside the library, in a text that cannot be read for another fault."""
    topic = overview()
    bad = new_row("sections", 1, kind="risks", heading="Two", body="<b>Fat.</b> [@nobody1999]")
    bad |= {"sections-0-body": "Cells rest. [@noone2001] See [it](topic:nowhere)."}
    client = logged_in("author")
    page = said(client.post(form_url(topic), filled_in(client.get(form_url(topic))) | bad))
    for words in ("HTML is not allowed", "nobody1999", "noone2001", "no topic “nowhere”"):
        assert words in page
    told = preview.of_section(bad["sections-1-body"], rendering.Figures({})).faults
    assert any("HTML" in fault for fault in told)
    assert "Line 1: there is no publication “nobody1999” in the library." in told


def test_days_outside_a_life_are_told_in_clinicians_words():
    url = f"{form_url(therapy())}?table=steps"
    row = new_row("steps", 0, phase="infusion", title="T", from_day="-4000", certainty="ungraded")
    page = said(save(logged_in("author"), url, **row))
    assert "Days are counted from the infusion, which is day 0" in page
    assert "Ensure this value" not in page
    assert "Day 0 is the infusion" in page


def test_withdrawing_tells_which_topics_lead_here():
    topic = published(overview("niche"))
    other = published(overview("marrow", body="See [it](topic:niche)."))
    page = said(logged_in("editor").get(step_url(topic, "withdraw")))
    assert "One published topic leads here" in page
    assert form_url(other).split("/")[-3] in page
    assert "No published topic leads here." in said(
        logged_in("editor").get(step_url(other, "withdraw"))
    )


def test_the_history_says_that_an_edition_was_published_by_schedule():
    topic = approved(overview())
    due = timezone.now() + timedelta(minutes=5)
    made = scheduling.schedule(topic, actor=person("editor"), change_note="First.", due_at=due)
    Schedule.objects.filter(pk=made.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    scheduling.publish_due.call()
    page = said(logged_in("editor").get(f"/admin/topics/topic/{topic.pk}/history/"))
    assert "By schedule: Dr Editor had set the time to" in page


def test_the_login_tells_its_fault_once():
    page = said(Client().post("/admin/login/", {"username": "x", "password": "y"}))
    assert "correct username and password" in page
    assert "correct the error below" not in page


def test_the_review_says_when_somebody_last_gave_a_verdict():
    topic = overview()
    submitted(topic)
    assert 'data-answered=""' in said(logged_in("reviewer").get(step_url(topic, "review")))
    given = publishing.review(
        topic.revisions.last(), reviewer=person("reviewer"), verdict="request-changes",
        comment="No.", interests="none",
    )  # fmt: skip
    page = said(logged_in("reviewer").get(step_url(topic, "review")))
    assert f'data-answered="{given.created_at:%Y-%m-%dT}' in page
