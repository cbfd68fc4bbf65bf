"""References, glossary, read-only models, demo accounts, and that every admin page answers."""

import json
import stat

import pytest
from admin_data import (
    agent,
    approved,
    complication,
    condition,
    filled_in,
    logged_in,
    overview,
    person,
    published,
    reference,
    said,
    save,
    therapy,
)
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from references.access.models import Usage
from references.models import Partner, Reference
from topics import following, publishing
from topics.following import subjects
from topics.models import (
    Assignment,
    Code,
    Comment,
    Delivery,
    DeskMail,
    DraftLink,
    Edition,
    ErrorReport,
    Event,
    GlossaryTerm,
    LinkCheck,
    Listing,
    MailPreference,
    Notice,
    Opening,
    Presence,
    Review,
    Revision,
    Schedule,
    SearchCount,
    Section,
    Subscription,
)

pytestmark = pytest.mark.django_db

CSL = {"type": "article-journal", "title": "A trial", "DOI": "10.1000/Trial", "PMID": "77"}


def send_reference(client, **changes):
    url = "/admin/references/reference/add/"
    data = {"key": "jones2021", "study_type": "rct", "csl": json.dumps(CSL)} | changes
    return client.post(url, filled_in(client.get(url)) | data)


def test_adding_a_reference():
    assert send_reference(logged_in("author")).status_code == 302
    found = Reference.objects.get(key="jones2021")
    assert (found.doi, found.pmid) == ("10.1000/trial", "77")


@pytest.mark.parametrize(
    ("csl", "words"),
    [
        ("{", "valid JSON"),
        ('["T"]', "needs a title"),
        ('{"title": "T", "DOI": "nonsense"}', "is not a DOI"),
        ('{"title": "T", "author": "Smith"}', "“author” is a list of names, not the text “Smith”"),
        ('{"title": "T", "issued": {"date-parts": [["soon"]]}}', "“issued” is no date"),
        ('{"title": "T", "author": ["Smith"]}', "Name 1 of “author” is the text “Smith”"),
        ('{"title": "T", "author": [{"given": "A"}]}', "has neither “family” nor “literal”"),
        ('{"title": "T", "issued": "2013"}', "“issued” is a date as"),
        ('{"title": "T", "container-title": {"a": 1}}', "“container-title” is text"),
        ('{"title": "T", "edition": [1]}', "“edition” is a number or text, not a list"),
        ('{"title": 5}', "“title” is text, not a number"),
        ('{"title": "T", "custom": 7}', "“custom” is an object"),
        ('{"title": "T\\u0000"}', "cannot be kept"),
        ('{"title": "T", "DOI": "10.1000/smith2020"}', "already, as smith2020"),
    ],
)
def test_csl_that_cannot_be_kept_is_said_at_the_field(csl, words):
    reference()
    response = send_reference(logged_in("author"), csl=csl)
    assert words in " ".join(response.context["adminform"].form.errors["csl"])
    assert not Reference.objects.filter(key="jones2021").exists()


def test_the_key_of_a_reference_stays():
    found = reference()
    url = f"/admin/references/reference/{found.pk}/change/"
    assert save(logged_in("editor"), url, key="other", study_type="rct").status_code == 302
    found.refresh_from_db()
    assert (found.key, found.study_type, found.csl["id"]) == ("smith2020", "rct", "smith2020")


def test_recording_a_retraction():
    published(overview())
    found = reference()
    url = f"/admin/references/reference/{found.pk}/status/"
    assert logged_in("author").get(url).status_code == 403
    editor = logged_in("editor")
    data = {"kind": "retraction", "on": "", "words": "Fraud", "address": "https://j.example/1"}
    assert "Give the date" in said(editor.post(url, data))
    assert editor.post(url, data | {"on": "2026-01-02"}).status_code == 302
    found.refresh_from_db()
    assert found.status == "retracted"
    assert "recorded before" in said(editor.post(url, data | {"on": "2026-01-02"}))
    # What was recorded stands in the form of the publication, and on this page, to be read.
    for page in (f"/admin/references/reference/{found.pk}/change/", url):
        text = said(editor.get(page))
        assert "<strong>Retraction</strong>, 2026-01-02. Fraud" in text
        assert "by Dr Editor" in text
    assert Event.objects.get(reference=found).actor == person("editor")


@pytest.mark.parametrize("where", ["statement", "row", "edition"])
@pytest.mark.parametrize("in_bulk", [False, True])
def test_a_cited_reference_cannot_be_deleted(where, in_bulk):
    found = reference()
    if where == "row":
        agent().references.set([found])
    else:
        topic = overview()
    if where == "edition":
        published(topic)
        Section.objects.all().delete()
    client = logged_in("editor")
    if in_bulk:
        data = {"action": "delete_selected", "_selected_action": [found.pk], "post": "yes"}
        response = client.post("/admin/references/reference/", data, follow=True)
    else:
        url = f"/admin/references/reference/{found.pk}/delete/"
        response = client.post(url, {"post": "yes"}, follow=True)
    assert "“smith2020” cannot be deleted: it is cited in" in said(response)
    assert Reference.objects.filter(pk=found.pk).exists()


def test_an_unused_reference_can_be_deleted():
    found = reference("unused")
    overview(body="It mentions @unused without citing it.")
    url = f"/admin/references/reference/{found.pk}/delete/"
    logged_in("editor").post(url, {"post": "yes"})
    assert not Reference.objects.filter(pk=found.pk).exists()


def test_the_glossary_is_logged():
    editor = logged_in("editor")
    data = {"term": "Niche", "definition": "A place.", "variants": "home\r\nnest"}
    editor.post("/admin/topics/glossaryterm/add/", data)
    term = GlossaryTerm.objects.get()
    assert term.variants == ["home", "nest"]
    url = f"/admin/topics/glossaryterm/{term.pk}/change/"
    save(editor, url, definition="A home.")
    save(editor, url)
    editor.post(url.replace("change", "delete"), {"post": "yes"})
    assert not GlossaryTerm.objects.exists()
    told = [
        (bool(event.data["before"]), bool(event.data["after"])) for event in Event.objects.all()
    ]
    assert told == [(False, True), (True, True), (True, False)]


def test_the_glossary_in_bulk_and_by_others():
    for word in ("One", "Two"):
        publishing.save_term(GlossaryTerm(term=word, definition="D"), actor=person("editor"))
    author = logged_in("author")
    assert author.get("/admin/topics/glossaryterm/add/").status_code == 403
    keys = list(GlossaryTerm.objects.values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    logged_in("editor").post("/admin/topics/glossaryterm/", data)
    assert not GlossaryTerm.objects.exists()
    assert Event.objects.count() == 4


def test_a_term_of_another_spelling_is_a_fault_at_the_form():
    publishing.save_term(GlossaryTerm(term="Niche", definition="D"), actor=person("editor"))
    data = {"term": "NICHE", "definition": "Again", "variants": ""}
    response = logged_in("editor").post("/admin/topics/glossaryterm/add/", data)
    assert "in the glossary already" in said(response)


def everything() -> None:
    topic = published(overview())
    for make in (therapy, agent, condition, complication):
        approved(make())
    Partner.objects.create(name="Net", slug="net", url="https://net.example")
    publishing.save_term(
        GlossaryTerm(term="Niche", definition="D", topic=topic), actor=person("editor")
    )
    following.ask("fiona@hospital.example", subjects.EVERYTHING, "at-once")


def test_every_page_of_the_admin_answers():
    everything()
    client = logged_in("administrator")
    read_only = {Revision, Review, Edition, Event, Listing, Subscription, Notice, DBTaskResult,
                 ErrorReport, SearchCount, LinkCheck, Opening, Code, Schedule, DraftLink, DeskMail,
                 Assignment, Comment, MailPreference, Presence, Usage,
                 Delivery}  # fmt: skip
    for model in admin.site._registry:
        opts = model._meta
        base = f"/admin/{opts.app_label}/{opts.model_name}"
        assert client.get(f"{base}/").status_code == 200, base
        assert client.get(f"{base}/?q=a").status_code == 200, base
        status = 403 if model in read_only else 200
        assert client.get(f"{base}/add/").status_code == status, base
        found = model.objects.order_by("-pk").first()
        if found:
            page = client.get(f"{base}/{found.pk}/change/", follow=True)
            assert page.status_code == 200, base
            assert client.get(f"{base}/{found.pk}/history/").status_code == 200, base
            assert client.get(f"{base}/?{'o=1'}").status_code == 200, base


@pytest.mark.parametrize("model", [Revision, Review, Edition, Event, Listing])
def test_what_never_changes_cannot_be_changed_here(model):
    everything()
    client, found = logged_in("administrator"), model.objects.first()
    base = f"/admin/topics/{model._meta.model_name}/{found.pk}"
    assert client.get(f"{base}/change/").status_code == 200
    assert client.post(f"{base}/change/", {"note": "x"}).status_code == 403
    assert client.post(f"{base}/delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [found.pk], "post": "yes"}
    client.post(f"/admin/topics/{model._meta.model_name}/", data)
    assert model.objects.filter(pk=found.pk).exists()


def test_demo_accounts(settings, tmp_path, capsys):
    settings.VAR_DIR = tmp_path
    call_command("create_demo_accounts")
    path = tmp_path / "accounts.json"
    first = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    users = get_user_model().objects
    for account in json.loads(first):
        user = users.get(username=account["username"])
        assert user.check_password(account["password"])
        assert user.is_staff and user.first_name == "Demo"
        assert user.email == f"{user.username}@example.org"
    assert users.get(username="editor").groups.get().name == "Editor"
    assert users.get(username="administrator").is_superuser
    # One that was made before demo accounts had addresses, and one with an address of its own.
    users.filter(username="author").update(email="")
    users.filter(username="editor").update(email="me@hospital.example")
    call_command("create_demo_accounts")
    assert path.read_text() == first
    assert users.get(username="author").email == "author@example.org"
    assert users.get(username="editor").email == "me@hospital.example"
    path.unlink()
    call_command("create_demo_accounts")
    assert not path.exists()
    assert "--reset" in capsys.readouterr().err
    call_command("create_demo_accounts", "--reset")
    assert path.read_text() != first
    password = json.loads(path.read_text())[0]["password"]
    assert users.get(username="author").check_password(password)


def test_an_account_of_a_real_person_is_left_alone(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    real = get_user_model().objects.create_user("editor", password="own", first_name="Ada")
    call_command("create_demo_accounts", "--reset")
    real.refresh_from_db()
    assert real.check_password("own")
    assert "editor" not in {
        a["username"] for a in json.loads((tmp_path / "accounts.json").read_text())
    }
