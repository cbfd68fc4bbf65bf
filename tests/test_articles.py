"""Articles become drafts: what is recognised, what is left out and said so, and what is refused."""

import io
import re
import time
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import clinic
from tests.admin_data import logged_in, overview, said
from topics import documents, publishing
from topics.articles import recognising, sources, walking
from topics.models import Revision, Topic

pytestmark = pytest.mark.django_db

PAGE = "/admin/topics/topic/import/"

HTML = """<!doctype html><html><head><title>A site</title><style>p {}</style></head><body>
<nav><a href="/">Home</a></nav>
<article><h1>Stem cell mobilization</h1>
<p>Cells leave the <b>marrow</b> &amp; reach the blood.<sup>1</sup>
Counts reach 10<sup>6</sup>/kg.</p>
<h2>How does it work?</h2>
<p>G-CSF acts within days (<a href="https://doi.org/10.1182/blood.v72.6.2074">Dührsen</a>).</p>
<ul><li>Bone pain<script>alert(1)</script> is common.</li>
<li>Spleen rupture is <i>rare</i>.</li></ul>
<h3>In children</h3><p>Doses are the same.</p>
<table><tr><td>10</td></tr></table><img src="x.png" onerror="alert(1)">
<h2>What are the risks?</h2><p>Few.</p>
<h2>References</h2><ol><li>Petit I. PMID: 12068293</li><li>Nobody. doi:10.9999/unknown.</li></ol>
</article><footer>Imprint</footer></body></html>"""

MARKDOWN = """# Stem cell mobilization

Cells leave the **marrow** & reach the blood.

## How does it work?

G-CSF acts within days.

- Bone pain is common.
- Spleen rupture is *rare*.

| a | b |
|---|---|
| 1 | 2 |

## What are the risks?

Few. <script>alert(1)</script>
"""

TEXT = """Stem Cell Mobilization - Infectious Diseases

What is it?

Cells leave the marrow and reach the blood, where they are collected with a machine.

What are the Potential Benefits?

It leads to several benefits:
Healing: It repairs tissue.
Vaccines: They work better.

Relevant Topics
"""


def recognised(text: str, form: str = "") -> recognising.Article:
    return recognising.recognise(sources.read_text(text, form))


def docx(body: str) -> bytes:
    """Return a small Word file. `body` are its paragraphs as WordprocessingML."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument"/></Relationships>'
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}">'
        f'<w:name w:val="{name}"/></w:style>'
        for name in ("Title", "heading 1", "heading 2")
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", types)
        parts.writestr("_rels/.rels", links)
        parts.writestr("word/styles.xml", f'<w:styles xmlns:w="{space}">{styles}</w:styles>')
        parts.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>',
        )
    return file.getvalue()


def paragraph(text: str, style: str = "") -> str:
    props = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{props}<w:r><w:t>{text}</w:t></w:r></w:p>"


WORD = docx(
    paragraph("Stem cell mobilization", "Title")
    + paragraph("How does it work?", "heading1")
    + paragraph("G-CSF acts within days.")
    + "<w:tbl><w:tr><w:tc>"
    + paragraph("10")
    + "</w:tc></w:tr></w:tbl>"
    + paragraph("What are the risks?", "heading1")
    + paragraph("Few.")
)


def test_html_becomes_sections_and_statements():
    found = recognised(HTML)
    assert found.title == "Stem cell mobilization"
    assert [(part.kind, part.heading, part.statements) for part in found.parts] == [
        ("overview", "Overview", 1),
        ("mechanism", "How does it work?", 4),
        ("risks", "What are the risks?", 1),
    ]
    assert found.parts[0].body == (
        "Cells leave the **marrow** \\& reach the blood. Counts reach 10⁶/kg."
    )
    assert found.parts[1].body == (
        "G-CSF acts within days (Dührsen).\n\n- Bone pain is common.\n- Spleen rupture is *rare*."
        "\n\n### In children\n\nDoses are the same."
    )
    assert found.left_out == {
        "entries in the list of references": 2,
        "links, whose words were kept": 1,
        "marks of notes": 1,
        "pictures": 1,
        "scripts": 1,
        "tables": 1,
    }
    assert found.identifiers == ["PMID 12068293", "10.9999/unknown", "10.1182/blood.v72.6.2074"]


def test_markdown_and_word_are_read_alike():
    marked, word = recognised(MARKDOWN), recognising.recognise(sources.read_file("a.docx", WORD))
    assert marked.title == word.title == "Stem cell mobilization"
    assert [part.heading for part in marked.parts][1:] == [part.heading for part in word.parts]
    assert marked.left_out["tables"] == word.left_out["tables"] == 1
    assert marked.left_out["scripts"] == 1
    assert "alert" not in "".join(part.body for part in word.parts)


def test_plain_text_is_read_by_how_its_lines_look():
    found = recognised(TEXT)
    assert found.title == "Stem Cell Mobilization - Infectious Diseases"
    assert [(part.kind, part.heading, part.statements) for part in found.parts] == [
        ("overview", "What is it?", 1),
        ("benefits", "What are the Potential Benefits?", 3),
    ]
    assert found.parts[1].body.endswith(
        "- Healing: It repairs tissue.\n- Vaccines: They work better."
    )
    assert found.left_out == {"headings without text": 1}


def test_lines_that_end_at_a_margin_are_joined():
    text = (
        "Mobilization\n\nHematopoietic stem cells leave the marrow and are\nfound in the blood.\n"
    )
    (part,) = recognised(text).parts
    assert part.body == "Hematopoietic stem cells leave the marrow and are found in the blood."


@pytest.mark.parametrize(
    "words",
    [
        "1. Not a list", "# Not a heading", "- Not a list", "+ so", "> 90% survive", "10 * 5 * 2",
        "Under <50 cells {certainty=high}", "As [smith2020] says", "a [@b] c", "[x](y)", "a_b_c",
        "`code`", "<b>bold</b>", "\\escaped", "&amp; so", "![](figure:x)", "{#name}", "~~~ so",
    ],
)  # fmt: skip
def test_words_stay_words_whatever_markdown_would_make_of_them(words):
    found = recognised(
        f"<h1>T</h1><p>{words.replace('&', '&amp;').replace('<', '&lt;')}</p>", "html"
    )
    topic = documents.load(
        clinic.overview(
            sections=[{"kind": "overview", "heading": "H", "body": found.parts[0].body}]
        )
    )
    (section,) = documents.build(topic)["sections"]
    (statement,) = section["statements"]
    assert statement.keys() == {"anchor", "text"}
    plain = re.sub(r"\W", "", words)
    assert re.sub(r"\W", "", statement["text"]) == plain


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"%PDF-1.4", "Paste its text instead"),
        ("a.doc", b"\xd0\xcf\x11\xe0....", "Save it as DOCX"),
        ("a.docx", b"PK\x03\x04 broken", "damaged"),
        ("a.docx", b"<html>", "damaged"),
        ("a.txt", b"\0\1\2\3" * 99, "holds no text"),
        ("a.txt", b"", "No text was found"),
        ("a.html", b"<table><tr><td>1</td></tr></table>", "No text was found"),
        ("a.txt", b"x" * 5_300_000, "more than 5 MB"),
    ],
)
def test_what_cannot_be_read_is_refused(name, content, reason):
    with pytest.raises(ValidationError, match=reason):
        recognising.recognise(sources.read_file(name, content))


def test_a_file_that_unpacks_to_very_much_is_refused():
    with pytest.raises(ValidationError, match="too large"):
        sources.read_file("a.docx", docx(" " * 60_000_000))


def test_ten_thousand_lines_are_refused_within_seconds():
    begun = time.monotonic()
    for text in (
        "\n".join(f"Line {n} says something about stem cells in the blood." for n in range(10_000)),
        "\n\n".join(f"Line {n} says something about stem cells." for n in range(10_000)),
        "<div>" * 20_000 + "Deep.",
        "<b>" * 5_000 + "Deep.",
    ):
        try:
            recognised(text)
        except ValidationError as error:
            assert re.search("of at most", error.messages[0])
    assert time.monotonic() - begun < 20


# The page.


def read(client, **values):
    return client.post(PAGE, {"step": "read", "kind": "overview", **values})


def filled_in(answer, **changes) -> dict:
    form = answer.context["form"]
    return {"step": "save", **{bound.name: bound.value() or "" for bound in form}, **changes}


def test_what_was_recognised_is_shown_before_it_is_kept():
    clinic.library()
    client = logged_in("author")
    assert PAGE.rstrip("/").replace("import", "import-article") in said(
        client.get("/admin/topics/topic/")
    )
    file = SimpleUploadedFile("mobilization.html", HTML.encode(), "text/html")

    preview = read(client, file=file)

    shown = " ".join(said(preview).split())
    for words in (
        "3 sections with 6 statements, none of them cited", "tables (1)", "scripts (1)",
        "petit2002", "duhrsen1988", "10.9999/unknown</td><td>not yet", "Bone pain is common.",
    ):  # fmt: skip
        assert words in shown
    assert not Topic.objects.exists()

    kept = client.post(PAGE, filled_in(preview, areas=["biology"], section_1="procedure"))

    topic = Topic.objects.get()
    assert kept["Location"] == f"/admin/topics/topic/{topic.pk}/change/"
    assert [section.kind for section in topic.sections.all()] == ["overview", "procedure", "risks"]
    revision = Revision.objects.get()
    assert revision.note.startswith(
        "Imported from mobilization.html: 3 sections, 6 statements, all uncited. Left out: entries"
    )
    assert revision.note.replace("’", "&#x27;")[:40] in said(client.get(kept["Location"]))
    assert publishing.current_edition(topic) is None
    cited = [s.get("citations") for s in documents.all_statements(revision.document)]
    assert cited == [None] * 6


def test_a_kind_asks_for_what_it_needs():
    client = logged_in("author")
    preview = read(client, kind="therapy", text=TEXT)
    data = filled_in(preview, areas=["biology"])
    refused = client.post(PAGE, data)
    assert "This field is required" in said(refused)
    assert "They work better" in said(refused)
    assert not Topic.objects.exists()
    assert client.post(PAGE, data | {"category": "mobilization"}).status_code == 302
    assert Topic.objects.get().specific.category == "mobilization"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"slug": "stem-cells"}, "There is a topic at this address already"),
        ({"slug": "Stem_Cells"}, "Use lower-case letters"),
        ({"slug": ""}, "This field is required"),
        ({"areas": []}, "This field is required"),
        ({"title": ""}, "This field is required"),
        ({"section_0": "wish"}, "Select a valid choice"),
    ],
)
def test_a_fault_in_the_draft_is_said_and_nothing_is_lost(changes, reason):
    overview()
    client = logged_in("author")
    preview = read(client, text=TEXT)
    refused = client.post(PAGE, filled_in(preview, areas=["biology"]) | changes)
    assert reason in said(refused)
    assert "They work better" in said(refused)
    assert Topic.objects.count() == 1
    assert client.post(PAGE, filled_in(refused, areas=["biology"], title="New", slug="new",
                                       section_0="overview")).status_code == 302  # fmt: skip


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "Choose a file or paste a text"),
        ({"text": " \n "}, "Choose a file or paste a text"),
        ({"text": "x" * 5_300_000}, "more than 5 MB"),
        (
            {"text": "\n\n".join(["A line."] * 10_000)},
            "10,000 paragraphs and list items, of at most",
        ),
        ({"text": "Words. Of a text.", "kind": "wish"}, "Select a valid choice"),
    ],
    ids=["nothing", "blank", "5 MB", "ten thousand lines", "kind"],
)
def test_what_cannot_be_imported_is_said_at_its_field(values, reason):
    answer = read(logged_in("author"), **values)
    assert answer.status_code == 200
    assert reason in said(answer)
    # What was pasted is still there.
    assert values.get("text", "")[:2000] in (answer.context["form"]["text"].value() or "")


def test_what_was_tampered_with_is_not_read():
    client = logged_in("author")
    data = filled_in(read(client, text=TEXT), areas=["biology"])
    answer = client.post(PAGE, data | {"article": "forged" + data["article"]}, follow=True)
    assert "lost on its way" in said(answer)
    assert not Topic.objects.exists()


def test_only_who_may_add_topics_may_import():
    assert logged_in("reviewer").get(PAGE).status_code == 403
    assert logged_in("reviewer").post(PAGE, {"step": "read", "text": TEXT}).status_code == 403
    assert "import-article" not in said(logged_in("reviewer").get("/admin/topics/topic/"))


def test_a_long_raised_text_is_no_mark_and_is_not_looked_at_as_one():
    """Looked at as one, this would take an hour."""
    source = walking.read(f"<p>Cells<sup>{' ' * 100_000}X1</sup> move.</p>")

    assert walking.NOTE_MARKS not in source.left_out
