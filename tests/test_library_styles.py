"""References as journals print them, kept once they were set, and taken along as files."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from references import shown, styles, typesetting
from references.models import Reference, Typeset
from tests import clinic
from tests.pages_data import publication
from topics import publishing

LIBRARY = json.loads((Path(settings.BASE_DIR) / "references/content/references.json").read_text())
PAPER = {
    "id": "aiuti2013",
    "type": "article-journal",
    "title": "Lentiviral gene therapy in Wiskott-Aldrich syndrome",
    "author": [
        {"family": family, "given": given}
        for family, given in (
            ("Aiuti", "Alessandro"), ("Biasco", "Luca"), ("Scaramuzza", "Samantha"),
            ("Ferrua", "Francesca"), ("Cicalese", "Maria Pia"), ("Baricordi", "Cristina"),
            ("van der Berg", "Jan"),
        )
    ],
    "container-title": "Science",
    "issued": {"date-parts": [[2013, 8, 23]]},
    "volume": "341",
    "issue": "6148",
    "page": "865-71",
    "DOI": "10.1126/science.1233151",
    "PMID": "23845947",
}  # fmt: skip
BOOK = {
    "id": "sureda2024",
    "type": "book",
    "title": "The EBMT Handbook",
    "editor": [{"family": "Sureda", "given": "Anna"}, {"family": "Kröger", "given": "Nicolaus"}],
    "edition": "8",
    "publisher": "Springer",
    "issued": {"date-parts": [[2024]]},
}


@pytest.fixture(autouse=True)
def forgotten():
    typesetting.forget()
    yield
    typesetting.forget()


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        ("vancouver", "Aiuti A, Biasco L, Scaramuzza S, Ferrua F, Cicalese MP, Baricordi C, et al. "
         "Lentiviral gene therapy in Wiskott-Aldrich syndrome. Science. 2013;341(6148):865–71. "
         "doi:10.1126/science.1233151"),
        ("nlm", "Aiuti A, Biasco L, Scaramuzza S, Ferrua F, Cicalese MP, Baricordi C, et al. "
         "Lentiviral gene therapy in Wiskott-Aldrich syndrome. Science. "
         "2013 Aug 23;341(6148):865–71. doi:10.1126/science.1233151. PubMed PMID: 23845947."),
        ("ama", "Aiuti A, Biasco L, Scaramuzza S, et al. Lentiviral gene therapy in "
         "Wiskott-Aldrich syndrome. <i>Science</i>. 2013;341(6148):865-871. "
         "doi:10.1126/science.1233151"),
        ("apa", "Aiuti, A., Biasco, L., Scaramuzza, S., Ferrua, F., Cicalese, M. P., "
         "Baricordi, C., &amp; van der Berg, J. (2013). Lentiviral gene therapy in "
         "Wiskott-Aldrich syndrome. "
         "<i>Science</i>, <i>341</i>(6148), 865–871. https://doi.org/10.1126/science.1233151"),
        ("nature", "Aiuti, A. <i>et al.</i> Lentiviral gene therapy in Wiskott-Aldrich syndrome. "
         "<i>Science</i> <b>341</b>, 865–871 (2013)."),
    ],
)  # fmt: skip
def test_an_article(style, printed):
    assert styles.typeset(PAPER, style) == printed


@pytest.mark.parametrize(
    ("pages", "short", "full"),
    [
        ("1-9", "1–9", "1–9"), ("1-10", "1–10", "1–10"), ("1-15", "1–15", "1–15"),
        ("9-11", "9–11", "9–11"), ("10-15", "10–5", "10–15"), ("12-125", "12–125", "12–125"),
        ("98-105", "98–105", "98–105"), ("105-109", "105–9", "105–109"),
        ("321–328", "321–8", "321–328"), ("690-4", "690–4", "690–694"),
        ("1000-1010", "1000–10", "1000–1010"), ("1496-1504", "1496–504", "1496–1504"),
        ("S98-105", "S98–105", "S98–105"), ("e194-e203", "e194–203", "e194–e203"),
        ("123A-125A", "123A–125A", "123A–125A"), ("iv-xii", "iv–xii", "iv–xii"),
        ("12-15, 20-125", "12–5, 20–125", "12–15, 20–125"), ("e12345", "e12345", "e12345"),
    ],
)  # fmt: skip
def test_the_last_page_is_cut_only_where_nobody_can_mistake_it(pages, short, full):
    item = PAPER | {"page": pages}
    printed = {style: styles.plain(styles.typeset(item, style)) for style in styles.STYLES}

    for style in ("vancouver", "nlm"):
        assert f"341(6148):{short}." in printed[style]
    assert f"341(6148):{full.replace('–', '-')}." in printed["ama"]
    assert f"341(6148), {full}." in printed["apa"]
    assert f"341, {full} (2013)" in printed["nature"]
    assert styles.last_page("105", "109", "minimal-two") == "09"
    assert styles.last_page("12", "125", "minimal-two") == "125"


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        ("vancouver", "Sureda A, Kröger N, editors. The EBMT Handbook. 8th ed. Springer; 2024."),
        ("ama", "Sureda A, Kröger N, editors. <i>The EBMT Handbook</i>. 8th ed. Springer; 2024."),
        ("apa", "Sureda, A., Kröger, N. (Eds.). (2024). <i>The EBMT Handbook</i> (8th ed.). "
         "Springer."),
    ],
)  # fmt: skip
def test_a_book_of_editors_names_them_once(style, printed):
    assert styles.typeset(BOOK, style) == printed


@pytest.mark.parametrize("style", styles.STYLES)
def test_without_authors_the_title_stands_once(style):
    item = {name: value for name, value in PAPER.items() if name != "author"}

    text = styles.plain(styles.typeset(item, style))

    assert text.startswith("Lentiviral gene therapy")
    assert text.count("Lentiviral") == 1


@pytest.mark.parametrize("style", styles.STYLES)
def test_who_is_not_named_is_et_al(style):
    item = PAPER | {"author": PAPER["author"][:1], "custom": {"authors_truncated": True}}

    text = styles.plain(styles.typeset(item, style))

    assert "et al." in text
    assert "et al.." not in text


@pytest.mark.parametrize("style", styles.STYLES)
def test_signs_of_html_stay_words(style):
    item = PAPER | {"title": "Doses <5% & <script>alert(1)</script> “quoted”: which?"}

    text = styles.typeset(item, style)

    assert "<script" not in text
    assert "which?." not in text
    assert "5%" in styles.plain(text)


@pytest.mark.parametrize("style", styles.STYLES)
@pytest.mark.parametrize(
    "oddity",
    [{"type": "dataset"}, {"type": "nonsense"}, {"issued": {}}, {"page": 7}, {"volume": None},
     {"language": 5}, {"publisher": {"a": 1}}, {"accessed": {"raw": "soon"}}, {"author": []}],
    ids=str,
)  # fmt: skip
def test_whatever_an_item_holds_it_is_printed(style, oddity):
    text = styles.plain(styles.typeset(PAPER | oddity, style))

    assert "Lentiviral gene therapy in Wiskott-Aldrich syndrome" in text


def test_an_item_without_a_type_is_printed():
    assert "The EBMT Handbook" in styles.typeset({"id": "x", "title": "The EBMT Handbook"}, "ama")


@pytest.mark.parametrize("style", styles.STYLES)
def test_the_whole_library_can_be_set(style):
    """The starter content has articles, chapters, books and web pages, with all their gaps."""
    for item in LIBRARY[:: 1 if style == "vancouver" else 4]:
        text = styles.plain(styles.typeset(item, style))
        title = item["title"].rstrip(".?")[:30].lower()
        assert text.lower().count(title) == 1, text
        for slip in ("..", " .", " ,", ",,", "None", "()", "  ", "?.", "&amp;"):
            assert slip not in text, text


@pytest.mark.django_db
def test_what_was_set_is_set_once(monkeypatch):
    first = typesetting.typeset([PAPER, BOOK], "vancouver")
    typesetting.forget()
    monkeypatch.setattr(styles, "typeset", None)

    with CaptureQueriesContext(connection) as cold:
        assert typesetting.typeset([PAPER, BOOK], "vancouver") == first
    with CaptureQueriesContext(connection) as kept:
        assert typesetting.typeset([PAPER, BOOK], "vancouver") == first

    assert (len(cold), len(kept)) == (1, 0)
    assert Typeset.objects.count() == 2


@pytest.mark.django_db
def test_what_changed_is_set_anew():
    (before,) = typesetting.typeset([PAPER], "vancouver")
    (after,) = typesetting.typeset([PAPER | {"volume": "342"}], "vancouver")

    assert "341(6148)" in before
    assert "342(6148)" in after
    assert typesetting.typeset([PAPER | {"id": "other", "abstract": "x"}], "vancouver") == [before]


@pytest.mark.django_db
def test_a_reader_chooses_the_style(client):
    publication("aiuti2013", **PAPER)

    usual = client.get("/references/aiuti2013/").content.decode()
    asked = client.get("/references/aiuti2013/?style=nature").content.decode()

    assert "2013;341(6148):865–71" in usual
    assert "<b>341</b>, 865–871 (2013)." in asked
    assert '<a href="?style=nature#cite_it" aria-current="true">Nature</a>' in asked
    wrong = client.get("/references/aiuti2013/?style=harvard")
    assert wrong.status_code == 400
    assert "no style of citation" in wrong.content.decode()


@pytest.mark.django_db
def test_files_of_one_and_of_all_that_fit(client):
    publication("aiuti2013", **PAPER)
    Reference(key="sureda2024", csl=BOOK).save()

    one = client.get("/references/aiuti2013/cite.ris")
    some = client.get("/references/all.txt?year=2024")
    wrong = client.get("/references/all.ris?year=soon")

    assert one["Content-Disposition"] == 'attachment; filename="aiuti2013.ris"'
    assert b"DO  - 10.1126/science.1233151" in b"".join(one.streaming_content)
    assert b"".join(some.streaming_content).decode() == (
        "Sureda A, Kröger N, editors. The EBMT Handbook. 8th ed. Springer; 2024.\n"
    )
    assert wrong.status_code == 400
    assert client.get("/references/all.doc").status_code == 404
    listed = client.get("/references/?year=2024").content.decode()
    assert 'href="/references/all.ris?year=2024"' in listed


@pytest.mark.django_db
def test_the_text_is_in_the_style_that_was_chosen(client):
    clinic.published()
    publication("aiuti2013", **PAPER)
    page = client.get("/references/aiuti2013/?style=ama").content.decode()
    topic = client.get("/topics/mobilization/editions/1/cite/").content.decode()
    of_topic = "/topics/mobilization/editions/1/references.txt"

    assert '/references/aiuti2013/cite.txt?style=ama" download>Text (AMA)' in page
    assert f"{of_topic}?style=ama" in topic
    text = {
        style: b"".join(client.get(f"/references/aiuti2013/cite.txt?style={style}")).decode()
        for style in ("", "ama", "nature")
    }
    assert "2013;341(6148):865–71" in text[""]
    assert "2013;341(6148):865-871" in text["ama"]
    assert "341, 865–871 (2013)" in text["nature"]
    assert client.get(f"{of_topic}?style=apa").content != client.get(of_topic).content
    for address in ("/references/aiuti2013/cite.txt", "/references/all.txt", of_topic):
        wrong = client.get(f"{address}?style=harvard")
        assert wrong.status_code == 400
        assert "no style of citation" in wrong.content.decode()


@pytest.mark.django_db
def test_a_notice_goes_with_the_file(client):
    publication("aiuti2013", **PAPER)
    Reference.objects.update(status="retracted", status_on="2020-01-02")

    text = b"".join(client.get("/references/aiuti2013/cite.ris").streaming_content).decode()

    assert "N1  - Retracted, 2020-01-02." in text


@pytest.mark.django_db
def test_the_library_is_exported_as_a_style_prints_it():
    publication("aiuti2013", **PAPER)
    ama, usual = StringIO(), StringIO()

    call_command("export_references", format="txt", style="ama", stdout=ama)
    call_command("export_references", format="txt", stdout=usual)

    assert ama.getvalue().startswith("Aiuti A, Biasco L, Scaramuzza S, et al. Lentiviral")
    assert usual.getvalue().count("\n") == 1
    assert "Baricordi C, et al." in usual.getvalue()
    with pytest.raises(CommandError, match="A style is for --format txt"):
        call_command("export_references", format="ris", style="ama")


@pytest.mark.django_db
def test_what_is_printed_beside_the_table_is_not_written():
    key = typesetting.digest(PAPER)

    (found,) = typesetting.printed([PAPER], "ama", {key: "as it was"})
    typesetting.forget()
    (made,) = typesetting.printed([PAPER], "ama", {})

    assert found == "as it was"
    assert made == styles.typeset(PAPER, "ama")
    assert not Typeset.objects.exists()
    assert typesetting.fill([PAPER, BOOK], "ama") == 2
    assert typesetting.fill([PAPER, BOOK], "ama") == 0
    assert set(Typeset.objects.values_list("key", flat=True)) == {"aiuti2013", "sureda2024"}


@pytest.mark.parametrize(
    ("text", "linked"),
    [("A. doi:10.1/a&amp;b", '<a href="https://doi.org/10.1/a&amp;b">doi:10.1/a&amp;b</a>'),
     ("A. https://doi.org/10.1/a&amp;b",
      '<a href="https://doi.org/10.1/a&amp;b">https://doi.org/10.1/a&amp;b</a>')],
)  # fmt: skip
def test_an_identifier_that_is_printed_becomes_a_link(text, linked):
    html, rest = shown.linked(text, shown.links({"DOI": "10.1/a&b", "PMID": "1"}))

    assert html == f"A. {linked}"
    assert [each["label"] for each in rest] == ["PubMed 1"]


@pytest.mark.django_db
def test_formatted_text_says_that_a_publication_was_retracted(client, capsys):
    clinic.published()
    found = Reference.objects.get(key="petit2002")
    publishing.record_notice(found, actor=clinic.editor(), kind="retraction", on="2026-01-02")
    for address in ("/references/petit2002/cite.txt", "/references/all.txt",
                    "/topics/mobilization/editions/1/references.txt"):  # fmt: skip
        assert "Retracted, " in b"".join(client.get(address)).decode(), address
    call_command("export_references", format="txt")
    assert "[Retracted, 2026-01-02.]" in capsys.readouterr().out
