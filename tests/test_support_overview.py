"""Conditions: which therapies and how well supported; and the notes of their indications grids."""

import pytest
from django.urls import reverse

from hsc_portal.typography import typeset
from tests.pages_data import draft, publication, publish_unreviewed, unreviewed, withdraw
from therapies import grid, overview, tables
from topics.models import Topic
from topics.rendering import TopicLinks, marks

CELL = {
    "scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "AML", "status": "CR1",
    "option": "MSD", "category": "S", "evidence": "I", "source": "Table 2",
    "references": ["snowden2022"],
}  # fmt: skip


def cells(*changes: dict) -> dict:
    return {"indications": [CELL | change for change in changes]}


def leukemia(**more) -> Topic:
    publication("snowden2022")
    return unreviewed("leukemia", "condition", tables=cells({}, {"status": "CR2"}), **more)


# The overview.


def test_entries_of_each_scheme_are_counted_as_printed_and_never_mixed():
    made = overview.of_condition(cells(
        {}, {"status": "CR2"}, {"status": "Relapse", "category": "CO", "evidence": "III"},
        {"status": "CR3", "evidence": "II"}, {"status": "CR4", "category": ""},
        {"option": "AUTO", "category": "GNR"},
        {"scheme": "ASBMT/ASTCT", "edition": "2015", "category": "S"},
    ), [])  # fmt: skip

    [(sibling, [ebmt, asbmt]), (autologous, _)] = made.options
    assert (sibling, autologous) == ("Matched sibling donor", "Autologous")
    assert (ebmt.scheme, asbmt.scheme) == ("EBMT 2022, adults", "ASBMT/ASTCT 2015, adults")
    assert [(share.letter, share.number, share.total, share.detail) for share in ebmt.shares] == [
        ("S", 3, 5, "evidence I, II"), ("CO", 1, 5, "evidence III"), ("", 1, 5, "evidence I"),
    ]  # fmt: skip
    assert [(share.letter, share.number, share.total) for share in asbmt.shares] == [("S", 1, 1)]
    assert ebmt.row.references == ["snowden2022"]


def test_it_says_how_many_entries_were_read_with_doubt():
    doubts = [{}, {"confidence": "low"}, {"confidence": "low"}, {"confidence": "medium"},
              {"confidence": "high"}, {"category": "", "confidence": "low"}]  # fmt: skip
    changes = [doubt | {"status": f"CR{n}"} for n, doubt in enumerate(doubts)]
    alone = {"option": "AUTO", "confidence": "medium"}
    made = overview.of_condition(cells(*changes, alone), [])

    [(_, [sibling]), (_, [autologous])] = made.options
    assert [share.detail for share in sibling.shares] == [
        "evidence I; medium confidence in the reading: 1 of 6; "
        "low confidence in the reading: 2 of 6",
        "evidence I; low confidence in the reading: 1 of 6",
    ]
    [share] = autologous.shares
    assert share.detail == "evidence I; medium confidence in the reading"


def test_only_therapies_that_treat_it_are_named_and_without_anything_there_is_none():
    topics = [{"slug": "graft", "title": "Graft", "kind": "therapy"},
              {"slug": "drug", "title": "Drug", "kind": "agent"}]  # fmt: skip
    related = [{"label": label, "topics": topics} for label in ("Related to", "Treated by")]
    made = overview.of_condition({}, related)
    assert [topic["slug"] for topic in made.topics] == ["graft"]
    assert overview.of_condition({}, related[:1]) is None


@pytest.mark.django_db
def test_a_condition_says_first_which_therapies_and_how_well_supported(
    client, django_assert_num_queries
):
    condition = leukemia()
    therapy = draft("graft", "therapy", relations=[{"kind": "treats", "target": "leukemia"}])
    publish_unreviewed(therapy)

    with django_assert_num_queries(2):
        html = client.get("/topics/leukemia/").content.decode()
    assert html.index('id="treatment_overview"') < html.index("What is known?</h2>")
    shown = html[html.index('class="overview') : html.index("What is known?</h2>")]
    assert '<a href="/topics/graft/">Graft</a>' in shown
    assert '<a href="#table_indications_ebmt-2022-adult">EBMT 2022, adults</a>' in shown
    assert "2 of 2, evidence I" in shown
    assert '<a href="#ref_1"' in shown
    assert html.count('href="#treatment_overview"') == 1
    assert 'id="table_indications_ebmt-2022-adult"' in html

    withdraw(therapy, "It was wrong.")
    assert "/topics/graft/" not in client.get("/topics/leukemia/").content.decode()
    german = client.get(f"/de{reverse('topic', args=[condition.slug])}").content.decode()
    assert 'id="treatment_overview"' in german
    assert 'id="treatment_overview"' not in client.get("/topics/graft/editions/1/").content.decode()


# The notes of a grid.


def noted(*notes: str):
    options = ("MSD", "MUD", "MMAD", "AUTO")
    changes = [{"option": o, "note": note} for o, note in zip(options, notes, strict=False)]
    [table] = grid.of_condition(cells(*changes))
    return table


def test_a_note_of_several_cells_is_printed_once_and_called_by_a_letter():
    table = noted("One row for two", "One row for two; read twice", "", "one row for two")
    assert [(note.letter, note.words) for note in table.footnotes] == [("a", "One row for two")]
    _, *shown = table.rows[0].cells
    assert [[note.letter for note in cell.footnotes] for cell in shown] == [["a"], ["a"], [], ["a"]]
    assert shown[1].note == "evidence I; read twice"
    assert shown[0].note == "evidence I"


def test_notes_that_always_stand_together_are_one_and_a_single_one_stays_in_its_cell():
    table = noted("Two values; by their order", "Two values; by their order", "Blank")
    assert [note.words for note in table.footnotes] == ["Two values; by their order"]
    assert table.rows[0].cells[3].note == "evidence I; Blank"


@pytest.mark.django_db
def test_letters_lead_to_the_note_and_the_evidence_view_says_it_in_words(client):
    publication("snowden2022")
    note = {"note": "One row for two"}
    unreviewed("leukemia", "condition", tables=cells(note, note | {"option": "AUTO"}))

    html = client.get("/topics/leukemia/").content.decode()
    assert html.count("One row for two") == 1
    anchor = "indications_ebmt-2022-adult_note_a"
    assert html.count(f'href="#{anchor}" aria-label="Note a">a</a>') == 2
    assert html.count(f'<li id="{anchor}">') == 1
    evidence = client.get("/topics/leukemia/evidence/").content.decode()
    assert evidence.count("One row for two") == 2
    assert anchor not in evidence


# Tables.


def test_scales_take_cells_by_field_whatever_their_headings_are(monkeypatch):
    # In another language two headings may be the same word.
    monkeypatch.setattr(tables, "_", lambda words: "Wort")
    made = tables.of_therapy({
        "benefits": [{"outcome": "Survival", "population": "Adults", "result": "62%",
                      "comparator": "None"}],
        "risks": [{"complication": "gvhd", "from_day": 0, "frequency": "3 of 10"}],
    }, TopicLinks())  # fmt: skip
    benefits, risks = tables.scales(made)
    assert (benefits.items[0].figure, benefits.items[0].detail[:6]) == ("62%", "Adults")
    assert (risks.items[0].figure, risks.items[0].detail) == ("3 of 10", "From day\xa00")


def test_a_milestone_says_in_whom_and_whether_its_days_are_a_range():
    rows = [{"subset": "neutrophils", "from_day": 12, "to_day": 35, "population": "Children",
             "measure": "range"}]  # fmt: skip
    [table] = tables.of_therapy({"milestones": rows}, TopicLinks())
    _, when, population = table.rows[0].cells
    assert (when.note, population.text) == ("range", "Children")


def test_rows_that_begin_together_are_sorted_by_their_end():
    rows = [{"from_day": 14, "to_day": last} for last in (None, 21, 16)]
    assert [row["to_day"] for row in tables.by_day([*rows, {}])[:3]] == [16, 21, None]


def test_a_grade_without_a_source_says_whose_it_is():
    assert "uncited: the editors’ own grade" in marks("low", False, False)
    assert ">uncited<" in marks("ungraded", False, False)
    assert ">uncited<" in marks("", False, False)
    assert "uncited" not in marks("low", False, True)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("days -8 to -1, or (-3)", "days −8 to −1, or (−3)"),
        ("13-15 years, 0.5-1.5 g, 2-3%, grade 3-4", "13–15 years, 0.5–1.5 g, 2–3%, grade 3–4"),
        ("LDH x creatinine", "LDH × creatinine"),
        ("2027-11-22, CD34-1, IL-6, 4-8/10, T-cell", "2027-11-22, CD34-1, IL-6, 4-8/10, T-cell"),
        ("factor x", "factor x"),
    ],
)
def test_content_is_set_with_true_signs(typed, shown):
    assert typeset(typed) == shown


@pytest.mark.parametrize(
    "numbers",
    ["13-15 years", "days 14-20.", "0-1", "5-10%", "5%-10%", "0.5-1.5 g", "1,5-2,5", "2018-2024",
     "p. 690-695", "1,000-2,000", "800-1200 cGy", "ECOG 1-2, 3-4", "AUC (900-1350)", "9-10.5"],
)  # fmt: skip
def test_ranges_get_a_dash(numbers):
    assert typeset(numbers) == numbers.replace("-", "–")


@pytest.mark.parametrize(
    "code",
    ["BMT CTN 0901-1", "BMT CTN 1301-1302", "555-1234", "call 30-3388", "+49 30 555-1234",
     "(030) 555-1234", "1-800-555-1234", "+49-30", "EudraCT 2010-023456-10", "ISSN 1234-5679",
     "protocol 12-34", "NCT01 12-34", "2027-11-22", "10-5", "5-5", "4-8/10", "1-2.5/3", "1.2.3-4",
     "CD34-1"],
)  # fmt: skip
def test_codes_and_telephone_numbers_stay_as_they_are(code):
    assert typeset(code) == code


@pytest.mark.django_db
def test_days_in_texts_and_tables_have_a_true_minus(client):
    steps = [{"phase": "conditioning", "title": "Conditioning", "description": "Days -8 to -1"}]
    body = "It begins on day -8."
    unreviewed("graft", "therapy", tables={"steps": steps}, sections=[
        {"kind": "overview", "heading": "What is known?", "body": body},
    ])  # fmt: skip
    html = client.get("/topics/graft/").content.decode()
    assert "It begins on day −8." in html
    assert "Days −8 to −1" in html
