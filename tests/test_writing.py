"""Changing the Markdown of a section at one place, and nothing else that it says."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from topics import statements, writing
from topics.choices import Certainty


def marked(written: writing.Written) -> str:
    return f"{written.text[: written.position]}|{written.text[written.position :]}"


@pytest.mark.parametrize(
    ("text", "position", "locator", "expected"),
    [
        ("Cells divide.", 13, "", "Cells divide. [@smith2020]|"),
        ("Cells divide. ", 14, "p. 3", "Cells divide. [@smith2020, p. 3]|"),
        ("Cells divide.", 3, "", "Cells [@smith2020]| divide."),
        ("It ends. [@a]{certainty=high}", 29, "", "It ends. [@a; @smith2020]|{certainty=high}"),
        ("It ends.{certainty=high}", 24, "", "It ends. [@smith2020]|{certainty=high}"),
        ("It ends. [@a, p. 3]", 11, "", "It ends. [@a, p. 3; @smith2020]|"),
        ("It ends. [@smith2020]", 12, "", "It ends. [@smith2020]|"),
        ("See [two words](topic:x) here.", 6, "", "See [two words](topic:x) [@smith2020]| here."),
        ("See `code words` here.", 7, "", "See `code words` here. [@smith2020]|"),
        ("- one\n- two", 5, "", "- one [@smith2020]|\n- two"),
        ("", 0, "", "[@smith2020]|"),
    ],
)
def test_a_citation_goes_where_it_can_be_read(text, position, locator, expected):
    assert marked(writing.cite(text, position, "smith2020", locator)) == expected


@pytest.mark.parametrize(
    ("text", "position", "locator"),
    [("### Heading\n\nWords.", 5, ""), ("```\ncode\n```", 5, ""), ("Words.", 3, "p. 3; 4]")],
)
def test_what_could_not_be_read_is_refused(text, position, locator):
    with pytest.raises(ValidationError):
        writing.cite(text, position, "smith2020", locator)


@pytest.mark.parametrize(
    ("text", "position", "certainty", "expected"),
    [
        ("- one\n- two", 8, "high", "- one\n- two{certainty=high}"),
        ("One\nline. [@a]", 1, "low", "One\nline. [@a]{certainty=low}"),
        ("It is.{#x certainty=low check=awaiting}", 2, "high",
         "It is.{#x certainty=high check=awaiting}"),
        ("It is. [@a]{certainty=low}", 2, "ungraded", "It is. [@a]"),
        ("> Quoted *words*", 4, "moderate", "> Quoted *words*{certainty=moderate}"),
    ],
)  # fmt: skip
def test_a_grade_belongs_to_the_statement_at_the_cursor(text, position, certainty, expected):
    assert writing.grade(text, position, certainty).text == expected


def test_a_source_check_is_set_and_taken_away():
    set_now = writing.set_check("It is. [@a]{certainty=low}", 2, is_awaited=True).text
    assert set_now == "It is. [@a]{certainty=low check=awaiting}"
    assert writing.set_check(set_now, 2, is_awaited=False).text == "It is. [@a]{certainty=low}"


def test_between_statements_there_is_nothing_to_grade():
    with pytest.raises(ValidationError, match="cursor into a statement"):
        writing.grade("One.\n\n\n\nTwo.", 6, "high")


def test_a_link_takes_the_place_of_the_selection():
    written = writing.link("The marrow is.", 4, 10, "bone-marrow", "marrow")
    assert written.text == "The [marrow](topic:bone-marrow) is."
    with pytest.raises(ValidationError):
        writing.link("The `marrow` is.", 5, 11, "bone-marrow", "marrow")


words = st.text(alphabet=st.sampled_from("ab *_`[](){}#->.\n@&é😀"), max_size=60)


@given(words, st.integers(0, 60), st.sampled_from(Certainty.values))
def test_grading_changes_one_statement_and_nothing_else(text, position, certainty):
    position = min(position, len(text))
    try:
        before = statements.parse(text)
        after = statements.parse(writing.grade(text, position, certainty).text)
    except ValidationError:
        return
    told = [(one.text, one.citations, one.links, one.anchor) for one in after]
    assert told == [(one.text, one.citations, one.links, one.anchor) for one in before]
    changed = [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert len(changed) <= 1
    assert all(after[n].certainty == certainty for n in changed)


@given(words, st.integers(0, 60))
def test_citing_adds_one_citation_and_changes_no_words(text, position):
    position = min(position, len(text))
    try:
        before = statements.parse(text)
        after = statements.parse(writing.cite(text, position, "smith2020").text)
    except ValidationError:
        return
    assert [one.text for one in after if one.text] == [one.text for one in before if one.text]
    cited = [sum(len(one.citations) for one in found) for found in (before, after)]
    assert cited[1] - cited[0] in (0, 1)


def test_a_fault_in_another_statement_keeps_no_link_from_being_written():
    text = "Cells rest in.\n\n- See <b>this</b>. [@Wrong Key]\n- And the niche."
    place = text.index("in.") + 2
    written = writing.link(text, place, place, "marrow", "the marrow")
    assert written.text == text.replace("in.", "in [the marrow](topic:marrow).")
    end = len(text)
    assert writing.link(text, end, end, "a", "b").text == f"{text} [b](topic:a)"
    with pytest.raises(ValidationError, match=r"Mend this statement first: .*HTML"):
        writing.link(text, text.index("See"), text.index("See"), "marrow", "the marrow")


@pytest.mark.parametrize("text", ["### Risks", "~~~\ncode\n~~~", "So `code` it."])
def test_where_no_link_can_be_read_none_is_written(text):
    with pytest.raises(ValidationError, match="cannot be written here"):
        writing.link(text, 5, 5, "marrow", "the marrow")
