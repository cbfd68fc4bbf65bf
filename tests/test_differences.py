"""Differences: of texts word by word, and of whole Documents, without the database."""

from difflib import SequenceMatcher

import pytest
from pages_data import document, section

from topics import differences, documents, words
from topics.differences import TableForm


@pytest.fixture
def held(monkeypatch) -> list[int]:
    """How often something in one text is held against its like in the other, by comparison."""
    found = []

    class Counting(SequenceMatcher):
        def __init__(self, is_junk, old, new, **how):
            super().__init__(is_junk, old, new, **how)
            found.append(sum(len(self.b2j.get(one, ())) for one in old))

    monkeypatch.setattr(words, "SequenceMatcher", Counting)
    return found


def marked(pieces: list[words.Piece]) -> str:
    """Return pieces as one text, with -removed- and +added+."""
    signs = {"same": "", "removed": "-", "added": "+"}
    parts = (
        f"{' ' * piece.spaced}{signs[piece.kind]}{piece.text}{signs[piece.kind]}"
        for piece in pieces
    )
    return "".join(parts)


# Words


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        ("Same words.", "Same words.", "Same words."),
        ("0.5 mg/kg daily.", "0.05 mg/kg daily.", "-0.5- +0.05+ mg/kg daily."),
        ("(day 5)", "(day 7)", "(day -5- +7+)"),
        ("", "New.", "+New.+"),
        ("Old.", "", "-Old.-"),
        ("Cells move.", "Cells move fast.", "Cells move +fast+."),
        ("It may help.", "Help is rare.", "-It may help- +Help is rare+."),
        ("A risk of the graft", "The graft", "-A risk of the- +The+ graft"),
    ],
)
def test_texts_are_compared_word_by_word(before, after, read):
    assert marked(words.differences(before, after)) == read


def test_both_texts_can_be_read_out_of_the_pieces():
    before = "Give 5 mg (day −2), then 10 mg; stop if fever comes. Ask the family."
    after = "Give 7.5 mg (day −2) and then 10 mg. Ask the family, or stop!"
    pieces = words.differences(before, after)

    for text, left_out in ((before, "added"), (after, "removed")):
        kept_pieces = [piece for piece in pieces if piece.kind != left_out]
        read = "".join(f"{' ' * piece.spaced}{piece.text}" for piece in kept_pieces)
        assert read.strip() == text


def test_long_texts_do_not_take_long(held):
    sentences = [f"Statement {n} says that the count of {n} cells rises." for n in range(3000)]
    changed = [s.replace("rises", "falls") if n % 50 == 0 else s for n, s in enumerate(sentences)]
    without_ends = " ".join(f"word{n % 700}" for n in range(20000))

    pieces = words.differences(" ".join(sentences), " ".join(changed))
    words.differences(without_ends, " ".join(reversed(without_ends.split())))

    assert sum(held) < 100_000
    assert sum(piece.kind == "added" for piece in pieces) == 60


# Documents


def made(**parts) -> dict:
    """Return a Document as it would be published, without the database."""
    whole = {"references": [], **document("graft"), **parts}
    documents.add_statements(whole)
    return whole


def between(before: dict, after: dict, **forms: TableForm) -> differences.Differences:
    return differences.between(before, after, forms)


BODY = "First stays. {#first}\n\nSecond stays. {#second}\n\nThird stays. {#third}"


def test_the_same_document_has_no_differences():
    found = between(made(), made())

    assert not found
    assert [each.change for each in found.sections] == ["same"]


def test_statements_are_added_removed_reworded_and_moved():
    body = "Third stays. {#third}\n\nFirst stayed. {#first}\n\nFourth comes. {#fourth}"
    found = between(made(sections=[section(BODY)]), made(sections=[section(body)]))

    (changed,) = found.sections
    told = [(each.statement["anchor"], each.change) for each in changed.statements]
    assert sorted(told) == [
        ("first", "changed"), ("fourth", "added"), ("second", "removed"), ("third", "moved"),
    ]  # fmt: skip
    by_name = {each.statement["anchor"]: each for each in changed.statements}
    assert marked(by_name["first"].text) == "First -stays- +stayed+."
    assert by_name["third"].moved_from == ""
    assert by_name["first"].moved_from is None


def test_removed_statements_stand_where_they_stood():
    after = made(
        sections=[section("First stays. {#first}\n\nNew. {#new}\n\nThird stays. {#third}")]
    )
    found = between(made(sections=[section(BODY)]), after)

    assert [each.statement["anchor"] for each in found.sections[0].statements] == [
        "first", "second", "new", "third",
    ]  # fmt: skip


def test_a_statement_that_went_to_another_section_says_where_it_was():
    before = [section(BODY, "What is it?"), section("Other. {#other}", "Who needs it?")]
    after = [
        section(BODY.replace("\n\nThird stays. {#third}", ""), "What is it?"),
        section("Other. {#other}\n\nThird stays. {#third}", "Who needs it?"),
    ]
    found = between(made(sections=before), made(sections=after))

    gone, come = found.sections
    assert [each.statement["anchor"] for each in gone.statements] == ["first", "second"]
    assert come.statements[1].change == "moved"
    assert come.statements[1].moved_from == "What is it?"


def test_grades_checks_sources_and_places_are_told():
    before = made(sections=[section("It helps. [@petit2002, p. 1; @old1999]{#a certainty=low}")])
    after = made(
        sections=[
            section("It helps. [@petit2002, p. 2; @new2020]{#a certainty=moderate check=awaiting}")
        ]
    )
    (statement,) = between(before, after).sections[0].statements

    assert statement.change == "changed"
    assert statement.grading.certainty == ("low", "moderate")
    assert statement.grading.awaiting_check == (False, True)
    assert statement.grading.citations.added == [
        {"key": "petit2002", "locator": "p. 2"}, {"key": "new2020"},
    ]  # fmt: skip
    assert {"key": "old1999"} in statement.grading.citations.removed


def test_a_section_with_a_new_heading_is_known_by_its_statements():
    before = [section(BODY, "What is it?"), section("Gone.", "Why?")]
    after = [section("Come.", "When?"), section(BODY, "What is meant by it?")]
    found = between(made(sections=before), made(sections=after))

    told = [(marked(each.heading), each.change) for each in found.sections]
    assert ("What is +meant by+ it?", "changed") in told
    assert ("-Why?-", "removed") in told
    assert ("+When?+", "added") in told


def test_a_change_of_layout_is_no_change_of_words_but_is_told():
    before = made(sections=[section("It *helps*. {#a}\n\nMuch. {#b}")])
    after = made(sections=[section("It **helps**. {#a}\n\nMuch. {#b}")])

    (changed,) = between(before, after).sections
    assert changed.change == "changed"
    assert changed.has_other_layout
    assert [each.change for each in changed.statements] == ["same", "same"]


def test_sections_in_another_order_and_subheadings_are_told():
    first, second = section("One. {#one}", "First?"), section("Two. {#two}", "Second?")
    found = between(made(sections=[first, second]), made(sections=[second, first]))
    assert found and found.sections_are_reordered

    divided = {**first, "body": "### Children\n\nOne. {#one}"}
    (changed, _) = between(
        made(sections=[first, second]), made(sections=[divided, second])
    ).sections
    assert changed.subheadings.added == ["Children"]
    assert not changed.has_other_layout


def test_rows_are_known_by_the_key_of_their_table():
    form = TableForm(("scheme", "disease", "category"), key=("scheme", "disease"))
    old = [{"scheme": "EBMT", "disease": "AML", "category": "S"}, {"scheme": "EBMT"}]
    new = [{"scheme": "ASBMT", "disease": "AML", "category": "S"},
           {"scheme": "EBMT", "disease": "AML", "category": "CO", "certainty": "low"}]  # fmt: skip
    (table,) = between(made(tables={"cells": old}), made(tables={"cells": new}), cells=form).tables

    changed = {(row.row["scheme"], row.row.get("disease")): row for row in table.rows}
    assert changed["EBMT", "AML"].values == [differences.Value("category", "S", "CO")]
    assert changed["EBMT", "AML"].grading.certainty == ("ungraded", "low")
    assert changed["ASBMT", "AML"].change == "added"
    assert changed["EBMT", None].change == "removed"


def test_rows_without_a_key_are_known_by_their_likeness():
    form = TableForm(("outcome", "result", "references"))
    old = [{"outcome": "Survival", "result": "80% at 5 years"},
           {"outcome": "Relapse", "result": "20%"}]  # fmt: skip
    new = [{"outcome": "Relapse", "result": "15%", "references": ["new2020"]},
           {"outcome": "Survival", "result": "82% at 5 years"},
           {"outcome": "Fertility", "result": "Unknown"}]  # fmt: skip
    (table,) = between(made(tables={"b": old}), made(tables={"b": new}), b=form).tables

    told = {row.row["outcome"]: row for row in table.rows}
    assert told["Relapse"].values == [differences.Value("result", "20%", "15%")]
    assert told["Relapse"].grading.citations.added == [{"key": "new2020"}]
    assert told["Survival"].values[0].after == "82% at 5 years"
    assert told["Fertility"].change == "added"
    assert table.is_reordered


def test_names_codes_relations_and_references_are_told():
    code = {"system": "MeSH", "code": "D000001", "match": "exact"}
    before = made(synonyms=["HSCT"], codes=[code], relations=[{"kind": "treats", "target": "a"}],
                  references=[{"id": "petit2002", "title": "Then"}])  # fmt: skip
    cited = [{"id": "petit2002", "title": "Now"}, {"id": "new2020", "title": "New"}]
    broader = [{**code, "match": "broader"}]
    after = made(synonyms=["BMT"], title="Grafts", codes=broader, references=cited)
    found = between(before, after)

    assert marked(found.texts["title"]) == "-Graft- +Grafts+"
    assert (found.lists["synonyms"].added, found.lists["synonyms"].removed) == (["BMT"], ["HSCT"])
    assert found.codes[0].values == [differences.Value("match", "exact", "broader")]
    assert found.relations.removed == [{"kind": "treats", "target": "a"}]
    assert [row.change for row in found.references] == ["changed", "added"]


def test_large_documents_are_compared_quickly(held):
    def whole(word: str) -> dict:
        body = "\n\n".join(
            f"Statement {n} says {word} about the count of cells in many patients. {{#s{n}}}"
            for n in range(400)
        )
        return made(sections=[section(body)])

    found = between(whole("much"), whole("little"))

    assert sum(held) < 20_000
    assert all(each.change == "changed" for each in found.sections[0].statements)
