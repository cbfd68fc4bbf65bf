"""Writing a publication by hand: fields and CSL-JSON are two views of one thing."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from references import by_hand
from references.models import Reference
from tests.admin_data import filled_in, logged_in, said

LIST = "/admin/references/reference"
LIBRARY = json.loads((Path(settings.BASE_DIR) / "references/content/references.json").read_text())
# What no field has room for, and what one field alone would lose.
RICH = {
    "type": "chapter",
    "title": "Conditioning",
    "author": [
        {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der", "suffix": "Jr"},
        {"literal": "NMDP, Registry of Donors"},
    ],
    "editor": [{"family": "Sureda", "given": "Anna"}],
    "container-title": "The EBMT Handbook",
    "issued": {"date-parts": [[2024, 4]], "season": "2"},
    "volume": 7,
    "ISSN": ["0268-3369", "1476-5365"],
    "x-own": {"kept": [1]},
    "custom": {"authors_truncated": True, "registry": {"name": "Crossref"}},
}


def add(client, **changes):
    url = f"{LIST}/add/"
    return client.post(url, filled_in(client.get(url)) | {"key": "berg2024"} | changes)


def change(client, found: Reference, **changes):
    url = f"{LIST}/{found.pk}/change/"
    return client.post(url, filled_in(client.get(url)) | changes)


def test_what_is_not_touched_stays_in_whatever_shape():
    for item in [*LIBRARY, RICH]:
        for name, words in by_hand.fields_of(item).items():
            written = by_hand.PARTS[name].write(item, words)
            assert by_hand.fields_of(written) == by_hand.fields_of(item), (item["title"], name)


@pytest.mark.parametrize(
    ("line", "person"),
    [
        ("Petit, Isabelle", {"family": "Petit", "given": "Isabelle"}),
        ("van der Berg, Jan, Jr", {"family": "van der Berg", "given": "Jan", "suffix": "Jr"}),
        ("European Society for Blood", {"literal": "European Society for Blood"}),
        ("“NIH, Bethesda”", {"literal": "NIH, Bethesda"}),
        ("Plato,", {"family": "Plato"}),
    ],
)
def test_a_name_is_a_line(line, person):
    assert by_hand.PARTS["author"].write({}, line) == {"author": [person]}
    assert by_hand.PARTS["author"].read({"author": [person]}) == line


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("author", "Smith AB", "write “Smith, AB”"),
        ("author", "Smith, A; Doe, B", "a line of its own"),
        ("author", ", Anna", "no family name"),
        ("editor", "Smith, A\net al.", "only follow authors"),
        ("issued", "soon", "Write 2013"),
        ("issued", "2013-13", "Write 2013"),
        ("issued", "2013-02-30", "Write 2013"),
    ],
)
def test_what_cannot_be_read_is_said(name, words, told):
    with pytest.raises(ValidationError, match=told):
        by_hand.PARTS[name].write({}, words)


@pytest.mark.django_db
def test_a_publication_is_written_without_json():
    response = add(
        logged_in("author"), study_type="cohort", item_type="article-journal",
        item_title="Cord blood", item_author="Gluckman, Eliane\r\nEurocord\r\net al.",
        item_container="Blood", item_issued="1997-08", item_volume="90", item_page="1-15",
        item_doi="10.1000/Cord", item_abstract="One.\r\n\r\nTwo.", item_license="CC-BY-4.0",
    )  # fmt: skip

    assert response.status_code == 302
    found = Reference.objects.get(key="berg2024")
    assert found.csl == {
        "id": "berg2024", "type": "article-journal", "title": "Cord blood",
        "author": [{"family": "Gluckman", "given": "Eliane"}, {"literal": "Eurocord"}],
        "container-title": "Blood", "issued": {"date-parts": [[1997, 8]]}, "volume": "90",
        "page": "1-15", "DOI": "10.1000/Cord", "abstract": "One.\n\nTwo.",
        "custom": {"authors_truncated": True, "abstract_license": "CC-BY-4.0"},
    }  # fmt: skip
    assert (found.doi, found.study_type) == ("10.1000/cord", "cohort")


@pytest.mark.django_db
def test_one_field_changes_and_all_else_stays():
    found = Reference.objects.create(key="berg2024", csl=RICH, study_type="review")
    editor = logged_in("editor")

    assert change(editor, found).status_code == 302
    found.refresh_from_db()
    assert found.csl == RICH | {"id": "berg2024"}
    change(editor, found, item_title="Conditioning regimens")
    found.refresh_from_db()
    assert found.csl == RICH | {"id": "berg2024", "title": "Conditioning regimens"}
    change(editor, found, item_editor="", item_author="Doe, Ann\nvan der Berg, Jan, Jr")
    found.refresh_from_db()
    assert found.csl["author"] == [{"family": "Doe", "given": "Ann"}, RICH["author"][0]]
    assert "editor" not in found.csl
    assert found.csl["custom"] == {"registry": {"name": "Crossref"}}


@pytest.mark.django_db
def test_json_and_fields_may_change_different_things_but_not_one():
    found = Reference.objects.create(key="berg2024", csl=RICH)
    editor = logged_in("editor")
    text = json.dumps(RICH | {"id": "berg2024", "volume": "8"})

    assert change(editor, found, csl=text, item_publisher="Springer").status_code == 302
    found.refresh_from_db()
    assert (found.csl["volume"], found.csl["publisher"]) == ("8", "Springer")
    text = json.dumps(found.csl | {"volume": "9"})
    response = change(editor, found, csl=text, item_volume="10")
    told = response.context["adminform"].form.errors["item_volume"]
    assert "in another way, in the CSL-JSON" in told[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"study_type": ""}, "study_type", "required"),
        ({"item_title": ""}, "item_title", "needs a title"),
        ({"item_doi": "nonsense"}, "item_doi", "is not a DOI"),
        ({"item_pmid": "NA"}, "item_pmid", "is not a PubMed number"),
        ({"item_pmcid": "12"}, "item_pmcid", "is not a PMC number"),
        ({"item_doi": "10.1000/here"}, "item_doi", "already, as here2020"),
        ({"item_url": "http://[x"}, "item_url", "no address of the web"),
        ({"item_issued": "May 2020"}, "item_issued", "is no date"),
        ({"item_author": "Smith AB"}, "item_author", "may be a person"),
        ({"csl": '{"author": "Me"}'}, "csl", "is a list of names"),
    ],
)
def test_each_fault_stands_at_its_field(changes, field, words):
    Reference.objects.create(key="here2020", csl={"title": "Here", "DOI": "10.1000/here"})
    given = {"item_title": "A trial", "study_type": "rct"} | changes

    response = add(logged_in("author"), **given)

    errors = response.context["adminform"].form.errors
    assert list(errors) == [field]
    assert words in " ".join(errors[field])
    assert not Reference.objects.filter(key="berg2024").exists()


@pytest.mark.django_db
def test_nothing_is_chosen_beforehand():
    form = logged_in("author").get(f"{LIST}/add/").context["adminform"].form

    assert form["study_type"].value() == ""
    assert form["item_type"].value() in ("", None)


@pytest.mark.django_db
def test_a_bare_title_is_kept_with_a_warning():
    page = logged_in("editor").post(
        f"{LIST}/add/",
        {"key": "x", "study_type": "other", "csl": '{"title":"x","type":"article"}'},
        follow=True,
    )

    assert "has neither authors or editors nor a year nor" in said(page)
    found = Reference.objects.get(key="x")
    again = change(logged_in("editor"), found, item_author="Doe, A", item_issued="2020")
    assert again.status_code == 302
    assert "has neither" not in said(logged_in("editor").get(f"{LIST}/{found.pk}/change/"))


@pytest.mark.django_db
def test_an_identifier_in_the_address_fills_its_field_and_may_be_mended():
    editor = logged_in("editor")
    url = f"{LIST}/add/?identifier=10.1000/trial"
    page = editor.get(url)
    data = filled_in(page) | {"key": "t2020", "study_type": "rct", "item_title": "A trial"}
    assert data["item_doi"] == "10.1000/trial"

    assert editor.post(url, data | {"item_doi": "10.1000/other"}).status_code == 302
    assert Reference.objects.get(key="t2020").doi == "10.1000/other"


@pytest.mark.django_db
def test_who_may_only_read_sees_the_json():
    found = Reference.objects.create(key="berg2024", csl=RICH)

    page = logged_in("reviewer").get(f"{LIST}/{found.pk}/change/")

    assert page.status_code == 200
    assert "Sureda" in said(page)


@pytest.mark.django_db
def test_crossref_s_own_form_is_understood():
    crossref = {"type": "journal-article", "title": ["A trial"], "container-title": ["Blood"],
                "author": [{"name": "EBMT"}], "short-container-title": ["Bl."]}  # fmt: skip
    response = add(logged_in("author"), study_type="rct", csl=json.dumps(crossref))

    assert response.status_code == 302
    found = Reference.objects.get(key="berg2024").csl
    assert (found["title"], found["container-title"], found["type"]) == (
        "A trial", "Blood", "article-journal")  # fmt: skip
    assert (found["author"], found["container-title-short"]) == ([{"literal": "EBMT"}], "Bl.")
