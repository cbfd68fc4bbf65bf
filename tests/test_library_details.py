"""Details of formats, and finding a publication by its number."""

import pytest

from references.formats import FORMATS
from references.formats.bibtex import decoded
from references.models import Reference
from tests import clinic
from tests.admin_data import logged_in, said
from tests.test_library_formats import read
from topics import publishing

NBIB = "PMID- 12345678\nTI  - A trial.\nFAU - Smith, John Jr\nFAU - Doe, A\nOT  - cord blood\n"
ENDNOTE = """<xml><records><record><ref-type name="Journal Article">17</ref-type>
<titles><title>A trial</title><secondary-title>Br J Haematol</secondary-title></titles>
<periodical><full-title>Br J Haematol</full-title></periodical>
<alt-periodical><full-title>British journal of haematology</full-title></alt-periodical>
<isbn>0007-1048 (Print) 0007-1048</isbn></record></records></xml>"""


def only(text: str) -> dict:
    (record,) = read(text)[1]
    return record.item


def test_a_suffix_behind_the_given_names_of_pubmed():
    item = only(NBIB)

    assert item["author"][0] == {"family": "Smith", "given": "John", "suffix": "Jr"}
    assert item["keyword"] == "cord blood"
    assert "FAU - Smith, John Jr\r\n" in FORMATS["nbib"].write([item])


def test_the_journal_of_endnote_in_full_with_one_issn():
    item = only(ENDNOTE)

    assert item["container-title"] == "British journal of haematology"
    assert (item["container-title-short"], item["ISSN"]) == ("Br J Haematol", "0007-1048")


@pytest.mark.parametrize(
    ("tex", "words"),
    [("CD34$^{+}$ cells", "CD34+ cells"), ("CD34$^+$", "CD34+"), ("10$^{9}$/L", "10⁹/L"),
     ("H$_{2}$O", "H₂O")],
)  # fmt: skip
def test_what_stands_above_the_line_in_tex(tex, words):
    assert decoded(tex) == words


@pytest.mark.parametrize("ending", ["ris", "bib", "nbib", "json"])
def test_keywords_are_kept(ending):
    item = {"id": "x", "type": "article-journal", "title": "A", "keyword": "cord blood; stem cell"}

    assert only(FORMATS[ending].write([item]))["keyword"] == item["keyword"]


def test_who_is_not_named_is_nobody_in_pubmed_s_format():
    item = {"id": "x", "type": "article-journal", "title": "A", "author": [{"family": "Doe"}],
            "custom": {"authors_truncated": True}}  # fmt: skip
    text = FORMATS["nbib"].write([item])

    assert "et al" not in text
    assert only(text)["custom"] == {"authors_truncated": True}


@pytest.mark.django_db
def test_a_retraction_goes_with_pubmed_s_format(client):
    clinic.published()
    found = Reference.objects.get(key="petit2002")
    publishing.record_notice(
        found, actor=clinic.editor(), kind="retraction", on="2026-01-02", address="10.1000/notice"
    )
    for address in ("/references/petit2002/cite.nbib",
                    "/topics/mobilization/editions/1/references.nbib"):  # fmt: skip
        text = b"".join(client.get(address)).decode()
        assert "PT  - Retracted Publication" in text
        assert "RIN - 2026 Jan 2" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    ["10.1000/Trial.7", "https://doi.org/10.1000/trial.7", "doi:10.1000/trial.7", "12345678",
     "PMID: 12345678", "https://pubmed.ncbi.nlm.nih.gov/12345678/"],
)  # fmt: skip
def test_the_list_finds_by_number(client, asked):
    csl = {"title": "Sought", "DOI": "10.1000/trial.7", "PMID": "12345678"}
    Reference.objects.create(key="sought2020", csl=csl)
    Reference.objects.create(key="other2020", csl={"title": "Other", "DOI": "10.1000/trial.70"})

    page = client.get("/references/", {"q": asked}).content.decode()

    assert "/references/sought2020/" in page
    assert "/references/other2020/" not in page


@pytest.mark.django_db
def test_the_preview_of_an_import_tells_twins_and_where_each_appeared(monkeypatch):
    monkeypatch.setattr("topics.admin.library_import.SHOWN", 2)
    items = [
        {"id": f"x{n}", "type": "article-journal", "title": title, "volume": "1", "page": "2",
         "author": [{"family": "Doe", "given": "Ann"}], "container-title": "Blood",
         "issued": {"date-parts": [[2020]]}}
        for n, title in enumerate(["Cord blood", "Marrow", "Cord blood"])
    ]  # fmt: skip
    client, data = logged_in("editor"), {"step": "check", "text": FORMATS["ris"].write(items)}
    url = "/admin/references/reference/import/"

    few = said(client.post(url, data))
    monkeypatch.setattr("topics.admin.library_import.SHOWN", 9)
    all_of_them = said(client.post(url, data))

    assert "Only the first 2 of 3 records are shown" in few
    assert "Doe A. Blood. 2020;1:2" in few
    assert "The same as an earlier record of the file, which becomes" in all_of_them
