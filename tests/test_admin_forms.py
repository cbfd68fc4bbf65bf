"""The forms of the admin: what is chosen beforehand, what they call things, what they tell."""

import pytest
from django.contrib import admin

from tests.admin_data import (
    approved,
    complication,
    form_url,
    logged_in,
    new_row,
    overview,
    person,
    published,
    said,
    save,
    therapy,
)
from tests.figures_data import document, figure
from topics import changes, documents, publishing
from topics.articles.recognising import Article, Part
from topics.models import GlossaryTerm, Section, Topic

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
    assert '<a href="#id_risks-0-from_day">Risk “Relapse”, From day</a>: Ensure this value' in page
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
