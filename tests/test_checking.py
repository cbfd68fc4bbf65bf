"""What an editor is told about a body of content: each kind of fault, and the work left to do."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests import clinic
from topics import checking, documents

BODY = "- Cells move. [@duhrsen1988]{check=awaiting}\n- A plain word."


def collection(*pages: dict, references=("duhrsen1988",), glossary=()) -> checking.Collection:
    for page in pages:
        documents.add_statements(page)
    return checking.Collection({p["slug"]: p for p in pages}, set(references), list(glossary))


def page(slug="niche", body=BODY, **changes) -> dict:
    bodies = {"key_points": "It is. [@duhrsen1988]", "evidence": body}
    sections = [{"kind": kind, "heading": kind.title(), "body": bodies[kind]} for kind in bodies]
    return clinic.overview(slug, sections=sections) | changes


def found(name: str, *pages: dict, **more) -> list[tuple[str, str, str]]:
    findings = checking.check(collection(*pages, **more))
    return [(f.level, f.topic, f.message) for f in findings if f.check == name]


def test_a_sound_page_has_only_work_left():
    findings = checking.check(collection(page()))
    assert [(f.check, f.place, f.message) for f in findings] == [
        ("awaiting check", "Evidence", "Cells move."),
        ("uncited", "Evidence", "A plain word."),
    ]
    assert {f.level for f in findings} == {checking.WORK}


def test_unknown_references_of_statements_and_rows():
    therapy = clinic.therapy(
        sections=[{"kind": "risks", "heading": "Risks?", "body": "Fever. [@nobody2020]"}],
        tables={"benefits": [{"outcome": "Survival", "references": ["nobody2021"]}]},
    )
    assert [message for _, _, message in found("unknown reference", therapy)] == [
        "The library has no nobody2020.",
        "The library has no nobody2021.",
    ]


def test_links_relations_rows_and_glossary_that_lead_nowhere():
    therapy = clinic.therapy(
        sections=[{"kind": "risks", "heading": "Risks?", "body": "See [it](topic:gone)."}],
        relations=[{"kind": "related", "target": "away"}],
        tables={"risks": [{"complication": "lost"}]},
    )
    glossary = [{"term": "Graft", "definition": "Cells.", "topic": "nowhere"}]
    told = " ".join(m for _, _, m in found("missing topic", therapy, glossary=glossary))
    assert all(name in told for name in ("gone", "away", "lost", "nowhere"))


def test_sections_that_a_kind_needs():
    assert found("missing section", page()) == []
    assert len(found("missing section", page(sections=[]))) == 2
    needed = {"Key points", "steps", "Evidence", "Risks"}
    told = " ".join(m for _, _, m in found("missing section", clinic.therapy(sections=[])))
    assert all(name in told for name in needed)


def test_a_filled_table_stands_for_a_section():
    tables = {"steps": [{"title": "Day 0"}], "risks": [{"complication": "acute-gvhd"}]}
    therapy = clinic.therapy(sections=[], tables=tables)
    told = " ".join(m for _, _, m in found("missing section", therapy))
    assert "steps" not in told
    assert "Risks" not in told


@pytest.mark.parametrize(
    ("system", "good", "bad"),
    [
        ("MeSH", "D006412", "006412"),
        ("ICD-10", "B20-B24", "B2"),
        ("ICD-10-CM", "D89.810", "D89810"),
        ("ATC", "L03AX16", "L3AX16"),
        ("RxNorm", "68442", "RX68442"),
        ("SNOMED CT", "234336002", "12"),
        ("ORPHA", "ORPHA:906", "906"),
        ("MONDO", "MONDO:0010518", "MONDO:10518"),
        ("OMIM", "OMIM:301000", "301000"),
        ("CL", "CL:0000037", "CL:37"),
    ],
)
def test_codes_have_the_form_of_their_system(system, good, bad):
    codes = [{"system": system, "code": code, "match": "exact"} for code in (good, bad)]
    (only,) = found("invalid value", page(codes=codes))
    assert only[2].startswith(f"code: “{bad}” is no code of {system}.")


CELL = {"scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "SAA",
        "option": "MSD", "category": "S", "source": "Table 2"}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"areas": ["astrology"]}, "'astrology' is not a valid choice"),
        ({"next_review": "soon"}, "“soon” value has an invalid date format"),
        ({"codes": [{"system": "MeSH", "code": "D006412", "match": "exakt"}]}, "'exakt' is not"),
        ({"codes": [{"system": "MeSH", "code": "D006412", "match": "exact", "verified": False}]},
         "cannot be exact"),
        ({"sections": [{"kind": "risk", "heading": "Risk?", "body": ""}]}, "'risk' is not"),
        ({"tables": {"indications": [CELL | {"option": "HAPLO"}]}}, "'HAPLO' is not"),
        ({"tables": {"indications": [CELL | {"category": "XX"}]}}, "EBMT has no category XX"),
        ({"tables": {"indications": [CELL | {"evidence": "IX"}]}}, "'IX' is not"),
        ({"facts": {"category": "odd"}}, "'odd' is not"),
    ],
)  # fmt: skip
def test_values_that_the_database_would_refuse(changes, message):
    told = [m for _, _, m in found("invalid value", clinic.condition(**changes))]
    assert any(message in one for one in told), told
    assert found("invalid value", clinic.condition(tables={"indications": [CELL]})) == []


def test_windows_that_end_before_they_begin():
    rows = [{"from_day": 5, "to_day": 4}, {"from_day": 5, "to_day": 5}, {"to_day": 3}]
    (only,) = found("impossible window", clinic.therapy(tables={"steps": rows}))
    assert only[2] == "The window ends on day 4, before it begins on day 5."


def test_rows_that_stand_twice():
    tables = {"agents": [{"agent": "filgrastim", "role": "mobilizing", "timing": time}
                         for time in ("Day 1", "Day 5")]}  # fmt: skip
    codes = [
        {"system": "MeSH", "code": "D006412", "match": match} for match in ("exact", "broader")
    ]
    told = [message for _, _, message in found("repeated row", clinic.therapy(tables=tables))]
    assert told == ["filgrastim, mobilizing: stands there already. Make one row of both."]
    assert len(found("repeated row", page(codes=codes))) == 1


def test_statements_longer_than_one_thought():
    long = " ".join(["word"] * 61)
    assert len(found("long statement", page(body=f"{long}\n\n{long[5:]}"))) == 1


def test_names_that_stand_twice():
    pages = page(synonyms=["HSC", "hsc"]), page("engraftment", synonyms=["niche", "Take"])
    assert [(topic, message) for _, topic, message in found("repeated synonym", *pages)] == [
        ("engraftment", "“niche” is a name of niche."),
        ("niche", "“hsc” is here already."),
    ]
    glossary = [
        {"term": "minimal residual disease", "abbreviation": "MRD", "definition": "Few cells."},
        {"term": "matched related donor", "abbreviation": "MRD", "definition": "A sibling."},
    ]
    assert len(found("repeated synonym", page(), glossary=glossary)) == 1


def test_references_that_no_page_cites():
    told = found("never cited", page(), references=("duhrsen1988", "petit2002"))
    assert told == [(checking.WARNING, "", "No page cites petit2002.")]


def test_a_page_far_harder_than_the_others():
    plain = ["Cells move to the blood in a few days.", "They can go home too.", "We see it now."]
    plain += ["The blood is made in the bones of the body.", "It has red cells and white cells."]
    hard = "Immunosuppressive conditioning necessitates multidisciplinary pharmacovigilance."
    pages = [page(f"p{n}", body=text) for n, text in enumerate([*plain, hard])]
    assert [topic for _, topic, _ in found("reading level", *pages)] == ["p5"]


def test_reading_level_is_lix():
    # 5 words, 1 sentence, 2 words of 7 letters or more: 5 / 1 + 100 × 2 / 5
    assert checking.reading_level(["Grafting restores blood in days."]) == 45
    assert checking.reading_level([]) == 0


def run(folder: Path, **options) -> str:
    out = StringIO()
    try:
        call_command("check_content", folder=folder, stdout=out, **options)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "references/content").mkdir(parents=True)
    (tmp_path / "references/content/references.json").write_text('[{"id": "duhrsen1988"}]')
    (tmp_path / "topics/content").mkdir(parents=True)
    (tmp_path / "topics/content/niche.md").write_text(
        "---\nkind: overview\nslug: niche\ntitle: Niche\n---\n\n"
        f"## Key? {{kind=key_points}}\n\n{BODY}\n\n## Proof? {{kind=evidence}}\n\n{BODY}\n"
    )
    return tmp_path


def test_the_report_in_words(folder):
    told = run(folder)
    assert "niche\n  to do    awaiting check     Key?: Cells move.\n" in told
    assert "     2  to do: uncited" in told
    assert "1 page checked." in told
    assert "awaiting check     Key?" not in run(folder, level="warning")


def test_errors_end_the_command_with_a_count(folder):
    (folder / "topics/content/worse.md").write_text("no head")
    told = run(folder)
    assert "worse\n  error    unreadable         worse.md: The file needs a YAML head" in told
    assert told.endswith("1 error; see above.")


def test_what_cannot_be_read_is_named_once(folder):
    path = folder / "topics/content/niche.md"
    path.write_text(path.read_text().replace("title: Niche", "next_review: 2027-13-22"))
    (folder / "topics/content/other.md").write_text(
        "---\nkind: overview\nslug: other\ntitle: Other\nrelations:\n"
        "- {kind: related, topic: niche}\n---\n"
    )
    told = run(folder)
    assert "month must be in 1..12" in told
    assert "is no topic" not in told


def test_a_folder_without_content_is_named(tmp_path):
    assert "There are no content files in" in run(tmp_path / "gone")


def test_the_report_as_json(folder):
    report = json.loads(run(folder, format="json", topic="niche"))
    assert report["topics"] == 1
    assert report["counts"] == {"to do: awaiting check": 2, "to do: uncited": 2}
    assert report["findings"][0] == {
        "level": "to do", "check": "awaiting check", "topic": "niche", "place": "Key?",
        "message": "Cells move.",
    }  # fmt: skip
    assert "There is no topic gone." in run(folder, topic="gone")


def test_the_starter_content_has_neither_errors_nor_warnings():
    told = run(settings.BASE_DIR, level="warning")
    assert "error" not in told
    assert "warning" not in told


@pytest.mark.django_db
def test_what_is_published_can_be_checked_too():
    clinic.library()
    clinic.published(clinic.overview("niche"))
    out = StringIO()
    with pytest.raises(CommandError, match="2 errors"):  # the sample page has one section only
        call_command("check_content", published=True, stdout=out)
    assert "niche\n  error    missing section" in out.getvalue()
