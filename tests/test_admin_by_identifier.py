"""Publications come into the library by their identifiers, and are filled from registries."""

import html
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command

from references.models import Reference
from tests import registries_data
from tests.admin_data import filled_in, logged_in, person, reference, said
from tests.registries_data import busy
from topics.admin import by_identifier as page_module
from topics.library import by_identifier

pytestmark = pytest.mark.django_db

LIST = "/admin/references/reference/"
PAGE = f"{LIST}by-identifier/"
WORK = "/crossref/works/10.1000/blood.2019001"


@pytest.fixture
def server(monkeypatch, settings):
    with registries_data.served(monkeypatch, settings) as made:
        yield made


def look_up(client, *lines: str):
    return client.post(PAGE, {"step": "look-up", "identifiers": "\r\n".join(lines)})


def add(client, shown):
    return client.post(PAGE, {"step": "add", "found": shown.context["found"]}, follow=True)


def rows(shown) -> list[str]:
    """Return what the page says of each line, without tags."""
    body = re.search(r"<tbody>(.*?)</tbody>", shown.content.decode(), re.S)[1]
    texts = [re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>")[:-1]]
    return [" ".join(html.unescape(text).split()) for text in texts]


def test_the_list_leads_to_the_page():
    assert PAGE in logged_in("author").get(LIST).content.decode()
    assert "by-identifier" not in logged_in("reviewer").get(LIST).content.decode()


def test_what_was_found_is_shown_and_then_added_without_asking_again(server, client):
    author = logged_in("author")
    shown = look_up(
        author, "https://doi.org/10.1000/BLOOD.2019001", "", "PMID: 31000002", "NCT00103662",
        "ISBN 0-306-40615-2",
    )  # fmt: skip

    assert not Reference.objects.exists()
    assert rows(shown) == [
        "1 Engraftment of CD34+ cells after conditioning: A randomized trial de la Cruz AM, "
        "Müller B, Example Transplant Group. Blood. 2019;134(26):2301-2311 "
        "New , as delacruz2019 , from Crossref",
        "3 Mobilization in children Demir C. Bone marrow transplantation. 2018 "
        "New , as demir2018 , from PubMed",
        "4 A Randomized Trial of Plerixafor Plus G-CSF for Mobilization Example Cancer Center. "
        "ClinicalTrials.gov. 2005 New , as examplecancercenter2005 , from ClinicalTrials.gov",
        "5 Hematopoietic stem cells: a handbook Cruz A, van der Berg R, European Society for "
        "Examples. Example Press. 2019 New , as cruz2019 , from Open Library",
    ]
    asked = len(server.asked)
    assert "4 new, 0 here already, 0 refused" in said(add(author, shown))
    assert len(server.asked) == asked
    found = Reference.objects.get(key="examplecancercenter2005")
    assert (found.study_type, found.csl["custom"]["registry"]["name"]) == (
        "rct", "ClinicalTrials.gov",
    )  # fmt: skip
    log = LogEntry.objects.get(object_id=str(found.pk))
    assert log.user == person("author")
    assert log.change_message == "Imported from a list of identifiers, record at 4."
    # It is indexed as all others.
    assert "demir2018" in client.get("/search/?q=PMID+31000002", follow=True).content.decode()


def test_what_is_here_already_is_told_and_not_asked_for(server):
    reference("smith2020")
    shown = look_up(logged_in("author"), "doi:10.1000/SMITH2020", "10.1000/blood.2019001")
    assert "Here already as smith2020 , by its DOI" in rows(shown)[0]
    assert len(server.asked) == 1
    add(logged_in("author"), shown)
    assert Reference.objects.count() == 2


def test_the_same_publication_comes_once_whatever_it_is_called(server):
    author = logged_in("author")
    shown = look_up(author, "10.1000/blood.2019001", "PMC7000001", "31000001", "31000001")
    assert (shown.context["report"].new, shown.context["report"].known) == (1, 3)
    add(author, shown)
    assert Reference.objects.count() == 1


def test_what_failed_is_told_with_its_reason_and_leaves_the_others(server):
    server.script[WORK] = [busy(403)]
    shown = look_up(
        logged_in("author"), "10.1000/blood.2019001", "10.1000/nothing", "978-0-306-40615-8",
        "<b>nonsense</b>", "31000002",
    )  # fmt: skip
    told = rows(shown)
    assert "Crossref gave no answer that can be used. It answered 403" in told[0]
    assert "Crossref and DataCite do not know it. Write it by hand" in told[1]
    assert "its last digit does not fit" in told[2]
    assert "no identifier that is known here" in told[3]
    assert "New" in told[4]
    assert "Write it by hand" not in told[2] + told[3] + told[4]
    assert "<b>nonsense" not in shown.content.decode()
    text = shown.context["again"]
    again = logged_in("author").post(PAGE, {"step": "look-up", "identifiers": text})
    assert "New" in rows(again)[0]
    change = logged_in("author").post(PAGE, {"step": "change", "identifiers": text})
    assert change.context["form"]["identifiers"].value() == text
    assert sum("efetch" in path for path, _ in server.asked) == 1


def test_without_network_the_form_works_by_hand(monkeypatch):
    author = logged_in("author")
    with registries_data.no_network(monkeypatch):
        shown = look_up(author, "10.1000/blood.2019001")
    assert "Crossref cannot be reached. There is no server of this name." in rows(shown)[0]
    assert "Add " not in rows(shown)[0]
    url = re.search(r'href="([^"]+)">Write it by hand', shown.content.decode())[1]
    form = author.get(html.unescape(url))
    csl = form.context["adminform"].form["csl"].value()
    assert '"DOI": "10.1000/blood.2019001"' in csl
    data = filled_in(form) | {"key": "cruz2019", "study_type": "other"}
    data["csl"] = csl.replace('"title": ""', '"title": "By hand"')
    assert author.post(html.unescape(url), data).status_code == 302
    assert Reference.objects.get().doi == "10.1000/blood.2019001"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("PMID 7", {"type": "article-journal", "PMID": "7"}),
        ("PMC7", {"type": "article-journal", "PMCID": "PMC7"}),
        ("ISBN 0306406152", {"type": "book", "ISBN": "9780306406157"}),
        ("NCT00103662", {"type": "webpage", "container-title": "ClinicalTrials.gov",
                         "number": "NCT00103662",
                         "URL": "https://clinicaltrials.gov/study/NCT00103662"}),
    ],
)  # fmt: skip
def test_the_empty_form_begins_with_the_identifier(text, fields):
    assert by_identifier.by_hand(text) == {"title": ""} | fields
    assert by_identifier.by_hand("nonsense") == {}


def test_more_lines_than_are_asked_at_once_are_refused(server):
    lines = [str(number) for number in range(1, by_identifier.MOST + 2)]
    shown = look_up(logged_in("author"), *lines)
    assert "These are 51 lines; 50 can be looked up at once" in said(shown)
    assert "This field is required" in said(look_up(logged_in("author"), " ", ""))
    assert server.asked == []


def test_what_was_found_cannot_be_made_up():
    author = logged_in("author")
    response = author.post(PAGE, {"step": "add", "found": "made:up"}, follow=True)
    assert "lost on its way" in said(response)
    assert not Reference.objects.exists()


def test_the_page_is_not_for_those_who_may_not_add():
    reviewer = logged_in("reviewer")
    assert reviewer.get(PAGE).status_code == 403
    assert look_up(reviewer, "31000002").status_code == 403
    packed = page_module._packed([])
    assert reviewer.post(PAGE, {"step": "add", "found": packed}).status_code == 403


def fill_url(found: Reference) -> str:
    return f"{LIST}{found.pk}/fill/"


def set_beside(client, found: Reference, identifier: str):
    return client.post(fill_url(found), {"step": "look-up", "identifier": identifier})


def take(client, found: Reference, shown, *names: str):
    data = {"step": "take", "found": shown.context["found"], "field": list(names)}
    return client.post(fill_url(found), data, follow=True)


@pytest.fixture
def thin() -> Reference:
    """A publication with little of what PubMed knows of it."""
    csl = {"type": "article-journal", "title": "Engraftment", "DOI": "10.1000/BLOOD.2019001",
           "note": "Read twice.", "custom": {"authors_truncated": True}}  # fmt: skip
    return Reference.objects.create(key="cruz2019", csl=csl)


def test_a_publication_is_set_beside_what_a_registry_has(server, thin):
    editor = logged_in("editor")
    asked = editor.get(fill_url(thin))
    assert asked.context["form"]["identifier"].value() == "10.1000/blood.2019001"
    shown = set_beside(editor, thin, "PMID 31000001")
    told = {row.name: (row.here, row.there) for row in shown.context["rows"]}
    assert told["title"] == ("Engraftment", "Engraftment of CD34+ cells after conditioning")
    assert told["author"] == ("", "Cruz AM, Example Transplant Group")
    assert told["issued"] == ("", "2019-12-26")
    assert told["study_type"] == ("", "Randomized trial")
    # The same, but for its capitals.
    assert "DOI" not in told
    text = shown.content.decode()
    assert 'value="author" checked' in text
    assert 'value="title">' in text


def test_only_what_is_ticked_is_taken(server, thin, client):
    editor = logged_in("editor")
    shown = set_beside(editor, thin, "31000001")
    asked = len(server.asked)
    response = take(editor, thin, shown, "author", "PMID", "study_type")
    assert "Taken from PubMed: Authors, PMID, Kind of study." in said(response)
    assert len(server.asked) == asked
    thin.refresh_from_db()
    assert (thin.title, thin.pmid, thin.study_type) == ("Engraftment", "31000001", "rct")
    assert thin.csl["author"][1] == {"literal": "Example Transplant Group"}
    assert (thin.csl["note"], set(thin.csl["custom"])) == ("Read twice.", {"registry"})
    assert (
        LogEntry.objects.get().change_message == "Taken from PubMed: Authors, PMID, Kind of study."
    )
    assert "cruz2019" in client.get("/search/?q=PMID+31000001", follow=True).content.decode()


def test_another_publication_is_told_and_nothing_of_it_is_ticked(server, thin):
    shown = set_beside(logged_in("editor"), thin, "10.5072/example.1")
    assert "This seems to be another publication" in said(shown)
    assert " checked" not in shown.content.decode().split("<tbody>")[1].split("</tbody>")[0]


def test_what_was_changed_meanwhile_is_not_written_over(server, thin):
    editor = logged_in("editor")
    shown = set_beside(editor, thin, "31000001")
    thin.csl |= {"title": "Engraftment, mended"}
    thin.save()
    assert "changed meanwhile" in said(take(editor, thin, shown, "title"))
    thin.refresh_from_db()
    assert thin.title == "Engraftment, mended"


def test_a_number_that_another_has_is_refused_in_words(server, thin):
    other = {"type": "article-journal", "title": "Another", "PMID": "31000001"}
    Reference.objects.create(key="other", csl=other)
    editor = logged_in("editor")
    shown = set_beside(editor, thin, "31000001")
    assert "already, as other" in said(take(editor, thin, shown, "PMID", "title"))
    thin.refresh_from_db()
    assert (thin.pmid, thin.title) == (None, "Engraftment")


def test_nothing_ticked_and_nothing_different_change_nothing(server, thin):
    editor = logged_in("editor")
    shown = set_beside(editor, thin, "31000001")
    assert "Nothing was chosen" in said(take(editor, thin, shown, "custom", "id"))
    take(editor, thin, shown, *(row.name for row in shown.context["rows"]))
    again = set_beside(editor, thin, "31000001")
    assert "There is no difference" in again.content.decode()


def test_what_cannot_be_looked_up_is_told_at_the_field(server, thin, monkeypatch):
    editor = logged_in("editor")
    for text, words in (("nonsense", "no identifier"), ("9", "PubMed does not know it.")):
        shown = set_beside(editor, thin, text)
        assert words in shown.context["form"].errors["identifier"][0]
    with registries_data.no_network(monkeypatch):
        shown = set_beside(editor, thin, "10.1000/blood.2019001")
    assert "cannot be reached" in shown.context["form"].errors["identifier"][0]
    response = editor.post(fill_url(thin), {"step": "take", "found": "made:up"}, follow=True)
    assert "lost on its way" in said(response)


def test_filling_is_for_those_who_may_change(thin):
    for role, status in (("author", 403), ("reviewer", 403), ("editor", 200)):
        user = logged_in(role)
        assert user.get(fill_url(thin)).status_code == status
        change = user.get(f"{LIST}{thin.pk}/change/").content.decode()
        assert (fill_url(thin) in change) == (status == 200)


def test_the_command_adds_and_tells(server, capsys):
    call_command("add_references", "PMID:31000002", "10.1000/blood.2019001", "--dry-run")
    assert not Reference.objects.exists()
    call_command("add_references", "PMID:31000002", "10.1000/blood.2019001")
    assert "2 new, 0 here already, 0 refused." in capsys.readouterr().out
    asked = len(server.asked)
    with pytest.raises(CommandError) as error:
        call_command("add_references", "31000002", "10.1000/nothing", "nonsense")
    assert error.value.returncode == 1
    told = capsys.readouterr()
    assert "demir2018  Mobilization in children  (here already)" in told.out
    assert "10.1000/nothing: Crossref and DataCite do not know it." in told.err
    assert "nonsense: “nonsense” is no identifier" in told.err
    assert len(server.asked) == asked + 2
    assert Reference.objects.count() == 2
