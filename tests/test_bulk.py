"""Glossary, codes and references as tables: out and in again, with a dry run, all rows or none."""

import io
import json
import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from tablib import Dataset

from references.models import Reference
from tests import clinic
from tests.admin_data import logged_in, overview, person, reference, said, therapy
from topics import publishing
from topics.bulk import files
from topics.bulk.codes import CodesTable
from topics.bulk.glossary import GlossaryTable
from topics.bulk.library import LibraryTable
from topics.models import Code, Event, GlossaryTerm, Topic

pytestmark = pytest.mark.django_db

GLOSSARY = "/admin/topics/glossaryterm/bulk/"
CODES = "/admin/topics/code/bulk/"
LIBRARY = "/admin/references/reference/bulk/"


def term(name="Niche", **values) -> GlossaryTerm:
    made = GlossaryTerm(**{"term": name, "definition": "Where they live."} | values)
    publishing.save_term(made, actor=person("editor"))
    return made


def check(client, url: str, text: str | bytes, name="table.csv"):
    content = text.encode() if isinstance(text, str) else text
    return client.post(url, {"step": "check", "file": SimpleUploadedFile(name, content)})


def confirm(client, url: str, preview):
    return client.post(url, {"step": "import", "table": preview.context["table"]}, follow=True)


def test_what_a_table_would_change_is_shown_before_it_does():
    term(abbreviation="N", variants=["home"])
    client = logged_in("editor")
    events = Event.objects.count()
    text = "term,definition,variants\nNICHE,Where stem cells live.,home; nest\nGraft,Cells.,\n"

    preview = check(client, GLOSSARY, text)

    shown = said(preview)
    assert "1 new, 1 changed, 0 left as they are" in shown
    assert "<del>home</del>" in shown
    assert "<ins>home; nest</ins>" in shown
    assert GlossaryTerm.objects.get().term == "Niche"
    assert Event.objects.count() == events

    done = confirm(client, GLOSSARY, preview)

    assert "1 terms added, 1 changed, 0 left as they were." in said(done)
    niche = GlossaryTerm.objects.get(term="NICHE")
    # A column that the file lacks stays as it is.
    assert (niche.abbreviation, niche.variants) == ("N", ["home", "nest"])
    assert Event.objects.count() == events + 2
    assert LogEntry.objects.count() == 2
    assert "Nothing to import" in said(check(client, GLOSSARY, text))


def test_one_fault_and_nothing_is_imported():
    text = (
        "term,definition,topic\nNiche,Home.,\n,Nothing.,\nGraft,,\nDonor,Who gives.,no-such-topic\n"
        "niche,Again.,\n"
    )
    client = logged_in("editor")
    answer = check(client, GLOSSARY, text)
    faults = [(f.row, f.column, f.message) for f in answer.context["faults"]]
    assert faults == [
        (3, "term", "This must be filled."),
        (4, "definition", "This field cannot be blank."),
        (5, "topic", "There is no topic “no-such-topic”."),
        (6, "term", "This stands in row 2 already. Make one row of both."),
    ]
    named = [fault.name for fault in answer.context["faults"]]
    assert named == ["", "Graft", "Donor", "niche"]
    assert "<td>Graft</td>" in said(answer)
    assert answer.context["table"] == ""
    assert "Nothing was imported: 4 faults" in said(answer)
    assert not GlossaryTerm.objects.exists()


def test_what_was_changed_meanwhile_is_shown_again():
    found = term()
    client = logged_in("editor")
    preview = check(client, GLOSSARY, "term,definition\nNiche,New words.\n")
    found.definition = "Words of somebody else."
    publishing.save_term(found, actor=person("editor"))

    answer = confirm(client, GLOSSARY, preview)

    assert "Somebody changed these entries meanwhile" in said(answer)
    assert "<del>Words of somebody else.</del>" in said(answer)
    assert GlossaryTerm.objects.get().definition == "Words of somebody else."
    confirm(client, GLOSSARY, answer)
    assert GlossaryTerm.objects.get().definition == "New words."


@pytest.mark.parametrize("form", files.FORMATS)
def test_what_was_exported_changes_nothing_when_it_is_imported(form):
    topic = overview()
    term(variants=["a; b".replace("; ", " "), "c"], topic=topic)
    term("Formula", definition='=HYPERLINK("http://x","y")', abbreviation="-1")
    term("Apostrophe", definition='\'=so\nand “quoted, "words"')
    client = logged_in("editor")
    answer = client.get(GLOSSARY, {"format": form})
    assert "attachment" in answer["Content-Disposition"]
    assert "Nothing to import" in said(check(client, GLOSSARY, answer.content, f"t.{form}"))


def test_a_spreadsheet_never_runs_what_was_exported():
    term("=1+1", definition="@SUM(A1)", abbreviation="+x")
    content = GlossaryTable().export(GlossaryTerm.objects.all())
    text = files.write(content, "csv").decode("utf-8-sig")
    assert text.splitlines()[1].startswith("'=1+1,'+x,,'@SUM(A1)")
    sheet = load_workbook(io.BytesIO(files.write(content, "xlsx"))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_the_whole_library_goes_out_and_in_without_loss():
    items = json.loads((Path(settings.BASE_DIR) / "references/content/references.json").read_text())
    for item in items:
        custom = {k: v for k, v in item.pop("custom", {}).items() if k != "study_type"}
        Reference.objects.create(key=item["id"], csl=item | ({"custom": custom} if custom else {}))
    exported = LibraryTable().export(Reference.objects.all())
    again = files.read("t.xlsx", files.write(exported, "xlsx"))
    outcome = LibraryTable().run(again, person("editor"), dry_run=True)
    assert (outcome.faults, outcome.changes) == ([], [])
    assert outcome.same == len(items)

    before = {found.key: found.csl for found in Reference.objects.all()}
    Reference.objects.all().delete()
    made = LibraryTable().run(again, person("editor"), dry_run=False)
    assert made.faults == []
    assert {found.key: found.csl for found in Reference.objects.all()} == before


def test_references_are_added_and_changed_by_columns():
    reference("smith2020")
    text = (
        "key;study_type;title;author;issued;DOI;PMID\n"
        "smith2020;rct;A better title;Smith, Jane; Doe, J;2020-05;10.1000/SMITH2020;\n"
    )
    # A semicolon parts columns here, so the authors need quotation marks.
    text = text.replace("Smith, Jane; Doe, J", '"Smith, Jane; Doe, J"')
    text += 'new2021;;Another;"World Health Organization";2021;;12345\n'
    client = logged_in("editor")
    confirm(client, LIBRARY, check(client, LIBRARY, text))
    smith, new = Reference.objects.order_by("-key")
    assert (smith.title, smith.year, smith.authors, smith.study_type) == (
        "A better title", 2020, "Smith J, Doe J", "rct",
    )  # fmt: skip
    assert smith.csl["type"] == "article-journal"
    assert (new.title, new.authors, new.pmid) == ("Another", "World Health Organization", "12345")
    # Found by search at once, and left alone by the loader of starter content.
    assert "new2021" in said(client.get("/references/new2021/"))
    assert LogEntry.objects.filter(object_id=str(new.pk)).exists()


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("x1,T,10.1000/a,,", "", "DOI exists already"),
        ("x1,,,,", "title", "needs a title"),
        ("X 1,T,,,", "key", "lower-case letter"),
        ("x1,T,nonsense,,", "", "is not a DOI"),
        ("x1,T,,May 2020,", "issued", "is no date"),
        ("x1,T,,,nonsense", "other", "no JSON"),
        ('x1,T,,,"{""author"": 7}"', "other", "is a list of names"),
    ],
)
def test_a_bad_reference_is_told_with_row_and_column(row, column, reason):
    Reference.objects.create(key="a", csl={"title": "A", "DOI": "10.1000/a"})
    answer = check(logged_in("editor"), LIBRARY, f"key,title,DOI,issued,other\n{row}\n")
    (fault,) = answer.context["faults"]
    assert (fault.row, fault.column) == (2, column)
    assert reason in fault.message
    assert Reference.objects.count() == 1


def test_codes_become_one_revision_for_each_topic():
    first, second = overview(), therapy()
    client = logged_in("author")
    revisions = first.revisions.count()
    text = (
        "topic,system,code,label,match,verified\n"
        "stem-cells,MeSH,D006412,Hematopoietic Stem Cells,exact,yes\n"
        "stem-cells,MONDO,MONDO:0000001,x,related,no\n"
        "transplant,MeSH,D018380,HSCT,exact,yes\n"
    )
    done = confirm(client, CODES, check(client, CODES, text))
    assert "3 codes added" in said(done)
    assert first.revisions.count() == revisions + 1
    saved = first.revisions.last()
    assert saved.note == "Codes imported from a table"
    assert saved.author == person("author")
    assert [code["code"] for code in saved.document["codes"]] == ["D006412", "MONDO:0000001"]
    assert second.revisions.last().document["codes"][0]["label"] == "HSCT"
    exported = files.write(CodesTable().export(Code.objects.order_by("pk")), "csv")
    assert "Nothing to import" in said(check(client, CODES, exported))
    assert first.revisions.count() == revisions + 1


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("nowhere,MeSH,D006412,exact,yes", "topic", "no topic"),
        ("stem-cells,MeSH,12,exact,yes", "code", "is no code of MeSH"),
        ("stem-cells,HOME,12,exact,yes", "system", "not a valid choice"),
        ("stem-cells,MeSH,D006412,exact,no", "match", "cannot be exact"),
        ("stem-cells,MeSH,D006412,exact,maybe", "verified", "neither yes nor no"),
    ],
)
def test_a_bad_code_is_told_with_row_and_column(row, column, reason):
    overview()
    answer = check(logged_in("author"), CODES, f"topic,system,code,match,verified\n{row}\n")
    (fault,) = answer.context["faults"]
    assert (fault.row, fault.column) == (2, column)
    assert reason in fault.message
    assert not Code.objects.exists()


def xlsx(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_numbers_and_empty_cells_of_excel_are_read_as_text():
    table = files.read(
        "t.xlsx", xlsx(["key", "PMID", "x"], ["a", 12068293, None], ["b", 7.0, True])
    )
    assert list(table) == [("a", "12068293", ""), ("b", "7", "yes")]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.csv", b"", "no rows"),
        ("t.csv", b"term,definition\na,b,c\n", "Row 2 has more cells"),
        ("t.csv", b"term,term\n", "same name"),
        ("t.csv", b'term\n"open', "cannot be read"),
        ("t.csv", b"\0\1\2", "no table"),
        ("t.xlsx", b"PK\x03\x04 broken", "no Excel file"),
        ("t.json", b"{nonsense", "cannot be read"),
        ("t.json", b'{"a": 1}', "list of objects"),
        ("t.json", b"[" * 200_000, "cannot be read"),
        ("t.csv", b"term\n" + b"x\n" * 10_001, "10,001 rows, of at most 10,000"),
        ("t.csv", b"x" * 5_300_000, "more than 5 MB"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_its_field(name, content, reason):
    with pytest.raises(ValidationError, match=reason):
        files.read(name, content)
    if content:
        answer = check(logged_in("editor"), GLOSSARY, content, name)
        assert reason in said(answer)


def test_columns_are_told_if_they_are_unknown_or_missing():
    answer = check(logged_in("editor"), GLOSSARY, "trem,definition\na,b\n")
    said_of = [fault.message for fault in answer.context["faults"]]
    assert said_of[0].startswith("The column “trem” is not known. There are term, abbreviation,")
    assert said_of[1] == "The column “term” is missing."


def test_what_may_not_be_changed_by_hand_is_not_changed_by_a_table():
    reference("smith2020")
    author, reviewer = logged_in("author"), logged_in("reviewer")
    # Authors add references, but do not change them, and do not touch the glossary.
    assert check(author, GLOSSARY, "term,definition\na,b\n").status_code == 403
    answer = check(author, LIBRARY, "key,title\nnew2021,New\nsmith2020,Other\n")
    assert [f.message for f in answer.context["faults"]] == ["You may not change references."]
    assert not Reference.objects.filter(key="new2021").exists()
    for url in (GLOSSARY, CODES, LIBRARY):
        assert check(reviewer, url, "term\na\n").status_code == 403
        # Who may read the list may take it along.
        assert reviewer.get(url, {"format": "csv"}).status_code == 200
        assert "Show what it would change" not in said(reviewer.get(url))
        assert logged_in("author").get(url, {"format": "exe"}).status_code == 404
    preview = check(author, LIBRARY, "key,title\nnew2021,New\n")
    stolen = {"step": "import", "table": preview.context["table"] + "x"}
    assert "lost on its way" in said(author.post(LIBRARY, stolen, follow=True))


def test_a_table_that_breaks_a_draft_changes_nothing():
    topic = overview()
    topic.sections.update(body="Cited. [@unknown2000]")
    table = Dataset(("stem-cells", "MeSH", "D006412"), headers=["topic", "system", "code"])
    outcome = CodesTable().run(table, person("author"), dry_run=False)
    assert "Unknown reference" in outcome.faults[0].message
    assert not Code.objects.exists()
    assert Topic.objects.count() == 1


def test_drafts_of_topics_are_not_published_by_their_codes():
    topic = clinic.published()
    table = Dataset((topic.slug, "MeSH", "D006412"), headers=["topic", "system", "code"])
    assert CodesTable().run(table, clinic.author(), dry_run=False).faults == []
    assert publishing.has_unpublished_changes(topic)


def lying_workbook(dimension: str, last_row: int) -> bytes:
    """Return a small workbook that says that it is large, with a row very far down."""
    book = Workbook()
    book.active.append(["term"])
    book.active.append(["Graft"])
    made, lying = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(lying, "w") as changed:
        for name in parts.namelist():
            content = parts.read(name)
            if name.endswith("sheet1.xml"):
                said = f'<dimension ref="{dimension}"'.encode()
                content = re.sub(rb'<dimension ref="[^"]*"', said, content)
                row = f'<row r="{last_row}"><c r="A{last_row}"><v>1</v></c></row></sheetData>'
                content = content.replace(b"</sheetData>", row.encode())
            changed.writestr(name, content)
    return lying.getvalue()


def test_a_workbook_that_lies_about_its_size_takes_no_memory():
    tracemalloc.start()
    table = files.read("t.xlsx", lying_workbook("A1:XFD1048576", 1_048_576))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert table.dict == [{"term": "Graft"}]
    assert most < 20_000_000


@pytest.mark.parametrize(("entries", "reason"), [
    ([{"term": n} for n in range(10_001)], "more than 10,000 rows"),
    ([{f"a{n}": n} for n in range(60)], "more than 50 columns"),
])  # fmt: skip
def test_json_is_counted_before_it_is_made_a_table(entries, reason):
    with pytest.raises(ValidationError, match=reason):
        files.read("t.json", json.dumps(entries).encode())
