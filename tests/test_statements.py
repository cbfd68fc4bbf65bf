"""Reading statements, citations and attributes from Markdown."""

import pytest
from django.core.exceptions import ValidationError

from topics import anchors, statements
from topics.statements import Citation


def test_each_paragraph_and_list_item_is_one_statement():
    body = "One thought.\n\n- First item.\n- Second item.\n\n### Sub\n\n1. Numbered."
    assert [s.text for s in statements.parse(body)] == [
        "One thought.",
        "First item.",
        "Second item.",
        "Numbered.",
    ]


def test_citations_and_attributes_are_read_and_taken_from_the_words():
    (statement,) = statements.parse(
        "G-CSF works **well**. [@duhrsen1988; @petit2002, p. 690]"
        "{#works certainty=high check=awaiting}"
    )
    assert statement.text == "G-CSF works well."
    assert statement.citations == [Citation("duhrsen1988"), Citation("petit2002", "p. 690")]
    assert (statement.anchor, statement.certainty) == ("works", "high")
    assert statement.awaiting_check


def test_a_citation_may_stand_inside_the_words():
    (statement,) = statements.parse("Fast [@duhrsen1988] and lasting. [@petit2002]")
    assert statement.text == "Fast and lasting."
    assert [c.key for c in statement.citations] == ["duhrsen1988", "petit2002"]


def test_links_to_topics_are_found():
    (statement,) = statements.parse(
        "See [the niche](topic:stem-cell-niche) and [x](https://x.org)."
    )
    assert statement.links == ["stem-cell-niche"]
    assert statement.text == "See the niche and x."


def test_a_statement_over_several_lines_keeps_its_attributes():
    (statement,) = statements.parse("One line\nand another. [@petit2002]\n{certainty=low}")
    assert statement.text == "One line and another."
    assert statement.certainty == "low"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Text. {certainty=sure}", "“certainty=sure” is not known here"),
        ("Text. {colour=red}", "“colour=red” is not known here"),
        ("Fine.\n\nText. [@Not A Key]", "Line 3: “@Not A Key” is not a citation"),
        ("Text. [@petit2002; petit]", "“petit” is not a citation"),
        ("Text.{certainty=low} [@petit2002]", "attributes in braces come last"),
        ("Text. [@petit2002", "both brackets"),
        ("Text. [@petit2002]{certainty=low", "attributes in braces come last"),
        ("Text. [petit2002]", "both brackets"),
        ("Text with <b>bold</b>.", "HTML is not allowed"),
        ("Text. [x](javascript:alert(1))", "the link cannot be read"),
        ("### A [link](topic:niche)\n\nText.", "a heading has no citations or links"),
        ("## Too high\n\nText.", "a heading inside a section starts with ###"),
    ],
)
def test_faults_are_named_with_their_line(body, message):
    with pytest.raises(ValidationError) as caught:
        statements.parse(body)
    assert message in " ".join(caught.value.messages)


def test_names_are_made_from_the_words_and_never_shared():
    found = statements.parse("Same.\n\nSame.\n\nOther. {#mine}")
    statements.name_statements(found)
    first, second, third = (s.anchor for s in found)
    assert second == f"{first}-2"
    assert third == "mine"
    again = statements.parse("Same.")
    statements.name_statements(again)
    assert again[0].anchor == first


def test_two_statements_with_one_written_name_are_refused():
    found = statements.parse("One. {#same}\n\nTwo. {#same}")
    with pytest.raises(ValidationError, match="Two statements are named #same"):
        statements.name_statements(found)


class FakeSection:
    def __init__(self, body):
        self.body = body


def published_with(*texts):
    return {
        "sections": [
            {"statements": [{"anchor": statements.default_anchor(t), "text": t} for t in texts]}
        ]
    }


def test_a_reworded_statement_keeps_its_published_name():
    old = "G-CSF moves progenitors into the blood within days."
    section = FakeSection(
        "New first thought about something else.\n\n"
        "- G-CSF moves many progenitors into the blood\n  within a few days. [@petit2002]"
        "{certainty=high}"
    )
    assert anchors.pin([section], published_with(old)) == [section]
    new, kept = statements.parse(section.body)
    assert kept.anchor == statements.default_anchor(old)
    assert kept.certainty == "high"
    assert new.anchor == ""


def test_an_unchanged_or_named_statement_is_left_alone():
    section = FakeSection("Stays the same.\n\nNearly stays the same. {#mine}")
    assert anchors.pin([section], published_with("Stays the same.")) == []


def test_a_quite_different_statement_gets_a_name_of_its_own():
    section = FakeSection("Platelets recover later after cord blood.")
    assert anchors.pin([section], published_with("Bone pain is common in donors.")) == []


def test_one_old_name_is_given_to_one_statement_only():
    section = FakeSection("Bone pain is very common.\n\nBone pain is quite common.")
    anchors.pin([section], published_with("Bone pain is common."))
    names = [s.anchor for s in statements.parse(section.body)]
    assert sorted(names) == ["", statements.default_anchor("Bone pain is common.")]
