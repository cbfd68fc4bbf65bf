"""Editing a topic in the admin: one revision for each saving, faults said at the field."""

import pytest
from admin_data import (
    agent,
    approved,
    complication,
    condition,
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
from django.db import connection
from django.test.utils import CaptureQueriesContext

from references.models import Partner
from therapies.models import Indication, Step, Therapy
from topics import publishing
from topics.models import Listing, Section, Topic

pytestmark = pytest.mark.django_db


def errors_of(response) -> dict:
    """Return all faults on a page by field name, those of rows with their table."""
    assert response.status_code == 200
    found = dict(response.context["adminform"].form.errors)
    if whole := [each.message for each in response.context["faults"] if not each.target]:
        found["__all__"] = whole
    for wrapped in response.context["inline_admin_formsets"]:
        for form in wrapped.formset.forms:
            found |= {f"{form.prefix}-{name}": messages for name, messages in form.errors.items()}
    return found


def test_saving_makes_one_revision_by_the_person():
    topic = overview()
    client = logged_in("editor")
    response = save(
        client, form_url(topic), title="New title", sections__0__body="Cells rest. [@smith2020]",
        revision_note="Mended",
    )  # fmt: skip
    assert response.status_code == 302
    assert topic.revisions.count() == 2
    latest = topic.revisions.last()
    assert (latest.author, latest.note) == (person("editor"), "Mended")
    assert latest.document["title"] == "New title"
    assert latest.document["sections"][0]["body"] == "Cells rest. [@smith2020]"


@pytest.mark.parametrize("make", [overview, therapy, agent, condition, complication])
def test_saving_an_untouched_form_makes_no_revision(make):
    topic = make()
    topic.summary = "Two\nlines."
    topic.note = "More\nlines."
    topic.save()
    publishing.save_revision(topic, author=person("author"))
    before = topic.revisions.count()
    assert save(logged_in("author"), form_url(topic)).status_code == 302
    assert topic.revisions.count() == before


def test_adding_a_topic_with_lists_and_rows():
    client = logged_in("author")
    reference()
    url = "/admin/topics/topic/add/"
    data = filled_in(client.get(url)) | {
        "title": "Niche", "slug": "niche", "areas": ["biology", "risks"], "summary": "A place.",
        "synonyms": "home\r\n\r\n  nest \r\nhome\r\n",
        **new_row("sections", 0, kind="overview", heading="What?", body="A place. [@smith2020]"),
        **new_row("codes", 0, system="MeSH", code="D000001", match="exact", verified="on"),
    }  # fmt: skip
    response = client.post(url, data)
    topic = Topic.objects.get(slug="niche")
    assert response.url == form_url(topic)
    assert (topic.areas, topic.synonyms) == (["biology", "risks"], ["home", "nest"])
    assert topic.revisions.get().document["codes"][0]["code"] == "D000001"


def test_rows_without_a_place_come_last_and_places_reorder():
    topic = therapy()
    client = logged_in("author")
    url = f"{form_url(topic)}?table=steps"
    for number, title in enumerate(["First", "Second"]):
        row = new_row("steps", number, phase="infusion", title=title, certainty="ungraded")
        response = save(client, url, **row)
        assert response.status_code == 302, errors_of(response)
    assert [step.title for step in topic.steps.all()] == ["First", "Second"]
    save(client, url, steps__0__position=9)
    assert [step.title for step in topic.steps.all()] == ["Second", "First"]
    assert topic.revisions.last().document["tables"]["steps"][0]["title"] == "Second"


def test_clinical_rows_with_links_and_references():
    topic, drug, cited = therapy(), agent(), reference()
    client = logged_in("author")
    row = new_row(
        "agents", 0, agent=drug.pk, role="conditioning", from_day=-6, to_day=-3,
        certainty="low", references=[cited.pk],
    )  # fmt: skip
    assert save(client, f"{form_url(topic)}?table=agents", **row).status_code == 302
    saved = topic.revisions.last().document["tables"]["agents"][0]
    assert (saved["agent"], saved["references"]) == ("busulfan", ["smith2020"])


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"sections-0-body": "Bad. [@not a key]"}, "sections-0-body", "is not a citation"),
        ({"sections-0-body": "Odd. [@nobody1999]"}, "sections-0-body", "nobody1999"),
        ({"sections-0-body": "A. {#x}\n\nB. {#x}"}, "sections-0-body", "Two statements"),
        ({"sections-0-body": "A. {#what-is-it}"}, "sections-0-body", "that of a section"),
        ({"sections-0-body": ""}, "sections-0-body", "required"),
        ({"areas": []}, "areas", "required"),
        ({"slug": "Not_A-Slug"}, "slug", "lower-case"),
        ({"title": "x" * 300}, "title", "at most 200"),
        ({"synonyms": "y" * 300}, "synonyms", "at most 200"),
        (new_row("codes", 0, system="None", code="1", match="exact"), "codes-0-system", "valid"),
        (new_row("sections", 1, heading="Two", kind="risks", body="# Big"), "sections-1-body", "#"),
    ],
)
def test_faults_are_said_at_the_field_and_nothing_is_saved(changes, field, words):
    topic = overview()
    client = logged_in("author")
    data = filled_in(client.get(form_url(topic))) | {"summary": "Another summary."} | changes
    response = client.post(form_url(topic), data)
    assert words in " ".join(errors_of(response)[field])
    assert topic.revisions.count() == 1
    assert Topic.objects.get(pk=topic.pk).summary == "It is explained here."


@pytest.mark.parametrize(
    ("table", "row", "field", "words"),
    [
        ("steps", {"phase": "infusion", "title": "T", "from_day": 5, "to_day": 1},
         "to_day", "ends before it begins"),
        ("steps", {"phase": "infusion", "title": "T", "from_day": 99999}, "from_day", "36500"),
        ("trials", {"name": "T", "status": "unknown", "registry_id": "12"},
         "registry_id", "eight digits"),
        ("agents", {"role": "treatment"}, "agent", "required"),
    ],
)  # fmt: skip
def test_faults_in_clinical_rows(table, row, field, words):
    topic = therapy()
    row = new_row(table, 0, certainty="ungraded", **row)
    response = save(logged_in("author"), f"{form_url(topic)}?table={table}", **row)
    assert words in " ".join(errors_of(response)[f"{table}-0-{field}"])
    assert topic.revisions.count() == 1


def cell(**values) -> dict:
    return {
        "scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "AML",
        "status": "CR1", "option": "MSD", "category": "S", "source": "Table 2",
        "confidence": "high", "certainty": "ungraded", **values,
    }  # fmt: skip


def test_a_category_of_another_scheme_is_refused():
    topic = condition()
    response = save(
        logged_in("author"), f"{form_url(topic)}?table=indications",
        **new_row("indications", 0, **cell(category="R")),
    )  # fmt: skip
    assert "EBMT has no category" in " ".join(errors_of(response)["indications-0-category"])


def test_what_only_the_database_refuses_is_said_too_and_nothing_typed_is_lost():
    topic, harm = therapy(), complication()
    client = logged_in("author")
    rows = [{"complication": harm.pk, "certainty": "ungraded", "frequency": "Often"}] * 2
    changes = new_row("risks", 0, **rows[0]) | new_row("risks", 1, **rows[1])
    response = save(client, f"{form_url(topic)}?table=risks", **changes)
    assert response.status_code == 200
    assert errors_of(response)
    assert "Often" in said(response)
    assert topic.risks.count() == 0


def test_long_tables_come_in_pages_and_saving_one_keeps_the_others():
    topic = condition()
    cells = [Indication(condition=topic, position=n, **cell(status=f"CR{n}")) for n in range(45)]
    Indication.objects.bulk_create(cells)
    publishing.save_revision(topic, author=person("author"))
    client = logged_in("author")
    url = f"{form_url(topic)}?table=indications&page=3"
    page = client.get(url)
    assert page.context["inline_admin_formsets"][0].formset.initial_form_count() == 5
    assert save(client, url, indications__0__note="Read again").status_code == 302
    assert topic.indications.count() == 45
    assert topic.indications.get(status="CR40").note == "Read again"
    row = new_row("indications", 20, **cell(status="CR99"))
    assert save(client, f"{form_url(topic)}?table=indications", **row).status_code == 302
    assert topic.indications.last().status == "CR99"


def test_the_number_of_queries_does_not_grow_with_the_rows():
    topic, cited = therapy(), reference()

    def queries() -> int:
        for number in range(5):
            step = Step.objects.create(therapy=topic, phase="infusion", title=f"Step {number}")
            step.references.set([cited])
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{form_url(topic)}?table=steps")
        return len(captured)

    client = logged_in("author")
    assert queries() == queries()


def test_the_list_takes_the_same_queries_for_one_topic_and_for_many():
    client = logged_in("editor")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/topics/topic/")
        return len(captured)

    published(overview("topic-0"))
    before = queries()
    for number in range(1, 8):
        published(overview(f"topic-{number}"))
    assert queries() == before


def test_of_two_who_edit_at_once_the_second_is_told():
    topic = overview()
    client = logged_in("author")
    data = filled_in(client.get(form_url(topic)))
    save(logged_in("editor"), form_url(topic), title="By the editor")
    response = client.post(form_url(topic), data | {"title": "By the author"})
    assert "Dr Editor saved a newer text" in said(response)
    assert Topic.objects.get(pk=topic.pk).title == "By the editor"


def test_a_slug_that_was_another_topics_address_is_refused():
    published(overview("old"))
    response = save(logged_in("author"), form_url(therapy()), slug="old")
    assert "slug" in errors_of(response)


def test_the_list_of_topics_leads_to_the_form_of_the_kind():
    topic = therapy()
    client = logged_in("author")
    assert f'href="{form_url(topic)}"' in said(client.get("/admin/topics/topic/?q=transplant"))
    assert client.get(f"/admin/topics/topic/{topic.pk}/change/").url == form_url(topic)


@pytest.mark.parametrize(
    "query", ["q=zzz", "q=nest", "state=draft", "review=awaiting", "area=risks"]
)
def test_search_and_filters_answer(query):
    topic = overview()
    topic.synonyms = ["nest"]
    topic.save()
    found = logged_in("author").get(f"/admin/topics/topic/?{query}").context["cl"].result_count
    assert found == (query in {"q=nest", "state=draft"})


def test_the_states_of_the_list():
    editor = logged_in("editor")
    draft, waiting, fit, out = (overview(slug) for slug in ("draft", "waiting", "fit", "out"))
    publishing.submit(waiting, actor=person("author"))
    approved(fit)
    published(out)
    publishing.withdraw(out, actor=person("editor"), reason="Wrong")
    changed = published(overview("changed"))
    save(logged_in("author"), form_url(changed), title="Reworded")

    def listed(query: str) -> list[str]:
        rows = editor.get(f"/admin/topics/topic/?{query}").context["cl"].result_list
        return sorted(topic.slug for topic in rows)

    assert listed("state=draft") == ["draft", "fit", "waiting"]
    assert listed("state=withdrawn") == ["out"]
    assert listed("state=changed") == ["changed"]
    assert listed("state=published") == ["changed"]
    assert listed("review=awaiting") == ["waiting"]
    assert "fit" in listed("review=approved")
    assert str(draft) in said(editor.get("/admin/topics/topic/"))


@pytest.mark.parametrize("url", ["", "delete/"])
def test_a_topic_with_history_cannot_be_deleted(url):
    topic = published(therapy())
    client = logged_in("administrator")
    if url:
        response = client.post(form_url(topic).replace("change/", url), follow=True)
    else:
        data = {"action": "delete_selected", "_selected_action": [topic.pk], "post": "yes"}
        response = client.post("/admin/therapies/therapy/", data, follow=True)
    assert "history is kept for good" in said(response)
    assert Therapy.objects.filter(pk=topic.pk).exists()


def test_partners_show_at_once_and_only_those_who_may_can_change_them():
    topic = published(overview())
    partner = Partner.objects.create(name="Net", slug="net", url="https://net.example")
    save(logged_in("author"), form_url(topic), partners=[partner.pk])
    assert Listing.objects.get().partners == []
    shown = {"name": "Net", "url": "https://net.example", "slug": "net"}
    editor = logged_in("editor")
    opened_before = filled_in(editor.get(form_url(topic)))
    save(editor, form_url(topic), partners=[partner.pk])
    assert Listing.objects.get().partners == [shown]
    # A form that was opened before takes them back only if they were changed in it.
    editor.post(form_url(topic), opened_before | {"summary": "Another one."})
    assert Topic.objects.get(pk=topic.pk).summary == "Another one."
    assert Listing.objects.get().partners == [shown]
    save(editor, f"/admin/references/partner/{partner.pk}/change/", name="Network")
    assert Listing.objects.get().partners[0]["name"] == "Network"
    editor.post(f"/admin/references/partner/{partner.pk}/delete/", {"post": "yes"})
    assert Listing.objects.get().partners == []


def test_a_reviewer_reads_the_form_and_cannot_save_it():
    topic = overview()
    client = logged_in("reviewer")
    assert "Cells divide." in said(client.get(form_url(topic)))
    assert client.post(form_url(topic), {"title": "Mine"}).status_code == 403
    assert Section.objects.get().body == "Cells divide. [@smith2020]"


def test_the_table_of_a_topic_that_is_being_added_is_not_asked_for():
    page = logged_in("author").get("/admin/therapies/therapy/add/?table=steps")
    assert "title" in page.context["adminform"].form.fields
