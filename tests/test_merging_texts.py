"""Two texts of one section, brought together statement by statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.desk import merging_texts

ONE = "Cells divide within a day. [@a]"
TWO = "They home to the marrow. [@b]{certainty=high}"
THREE = "Bone pain is common in donors. [@c]"
ITEMS = "- Age of the donor.\n- Weight of the donor.\n- Cell count in the graft."


def merged(base: str, mine: str, theirs: str, **choices: list[str]):
    """Return the text, and what was asked by its name."""
    asked = {}

    def choose(token, own, other):
        asked[token] = (own, other)
        return choices.get(token, [own] if own else [])

    found = merging_texts.merge(base, mine, theirs, choose)
    return found and found.text, asked


def text(*parts: str) -> str:
    return "\n\n".join(parts)


def test_what_each_changed_elsewhere_is_kept_unasked():
    mine = text("Cells divide within two days. [@a]", TWO, THREE)
    theirs = text(ONE, "They home to the marrow at once. [@b]{certainty=high}", THREE)
    both = text("Cells divide within two days. [@a]", theirs.split("\n\n")[1], THREE)
    assert merged(text(ONE, TWO, THREE), mine, theirs) == (both, {})


def test_what_both_appended_is_kept_unasked():
    mine, theirs = text(ONE, "Mice tell little."), text(ONE, "Sleep was not studied at all.")
    found, asked = merged(ONE, mine, theirs)
    assert asked == {}
    assert sorted(found.split("\n\n")) == sorted(
        [ONE, *mine.split("\n\n")[1:], *theirs.split("\n\n")[1:]]
    )


def test_items_of_a_list_are_parts_and_stay_one_list():
    mine = ITEMS.replace("Age of", "Age and sex of")
    theirs = ITEMS.replace("- Cell", "- Sex mismatch.\n- Cell") + "\n- Blood group."
    found, asked = merged(ITEMS, mine, theirs)
    assert asked == {}
    assert found == theirs.replace("Age of", "Age and sex of")


def test_only_the_statement_that_both_changed_is_asked():
    mine = text("Cells divide within two days. [@a]", TWO, "Bone pain is rare in donors. [@c]")
    theirs = text(ONE, TWO, "Bone pain is very common in donors. [@c]")
    found, asked = merged(text(ONE, TWO, THREE), mine, theirs)
    assert asked == {"b2": (mine.split("\n\n")[2], theirs.split("\n\n")[2])}
    assert found == mine
    found, _ = merged(text(ONE, TWO, THREE), mine, theirs, b2=[theirs.split("\n\n")[2]])
    assert found == text(mine.split("\n\n")[0], TWO, theirs.split("\n\n")[2])


def test_words_that_have_nothing_in_common_any_more_are_still_the_same_statement():
    found = merged(text(ONE, TWO), text("All is well.", TWO), text("Nobody knows why?", TWO))
    assert found[1] == {"b0": ("All is well.", "Nobody knows why?")}


def test_what_one_took_away_and_the_other_changed_is_asked():
    changed = "Bone pain is rare in donors. [@c]"
    assert merged(text(ONE, THREE), ONE, text(ONE, changed))[1] == {"b1": (None, changed)}
    assert merged(text(ONE, THREE), text(ONE, changed), ONE)[1] == {"b1": (changed, None)}
    assert merged(text(ONE, THREE), ONE, text(ONE, THREE)) == (ONE, {})
    assert merged(text(ONE, THREE), text(ONE, THREE), ONE) == (ONE, {})


def test_a_name_is_no_change_of_words():
    named = "They home to the marrow. [@b]{#s-8e0772bf certainty=high}"
    mine = text(ONE, "They home to the spleen. [@b]{certainty=high}")
    found, asked = merged(text(ONE, TWO), mine, text("Cells rest. [@a]", named))
    assert asked == {}
    assert found == text("Cells rest. [@a]", mine.split("\n\n")[1])
    # Who has the name keeps it.
    assert merged(text(ONE, TWO), text(ONE, TWO), text(ONE, named))[0] == text(ONE, named)


@pytest.mark.parametrize(
    ("text_", "expected"),
    [
        ("Cells rest. {#s-8e0772bf}", "Cells rest."),
        ("Cells rest. [@a]{#s-1 certainty=low}", "Cells rest. [@a]{certainty=low}"),
        ("Cells rest. [@a]{certainty=low #s-1}", "Cells rest. [@a]{certainty=low}"),
        ("Item #one of {two}", "Item #one of {two}"),
    ],
)
def test_names_are_left_out(text_, expected):
    assert merging_texts.without_names(text_) == expected


def test_both_forms_of_one_name_can_stay():
    forms = "Few. {#s-1 certainty=low}", "Many. {#s-1}"
    assert merging_texts.both(*forms) == ["Many. {#s-1}", "Few. {certainty=low}"]


def test_one_who_moved_and_one_who_reworded():
    base, moved = text(ONE, TWO, THREE), text(THREE, ONE, TWO)
    reworded = text(ONE, TWO, "Bone pain is rare in donors. [@c]")
    expected = text("Bone pain is rare in donors. [@c]", ONE, TWO)
    assert merged(base, moved, reworded) == (expected, {})
    assert merged(base, reworded, moved) == (expected, {})
    assert merged(base, moved, text(TWO, ONE, THREE))[0] is None


def test_headings_and_blocks_are_parts():
    base = text("### Risks", ONE, "> Quoted words\n> of two lines.", TWO)
    mine = base.replace("### Risks", "### Harms")
    theirs = base.replace("of two lines", "on two lines")
    assert merged(base, mine, theirs) == (mine.replace("of two lines", "on two lines"), {})


WORDS = ["marrow", "blood", "cord", "donor", "niche", "graft", "platelet", "stroma"]


def said(word: str, how: str = "is") -> str:
    return f"- The {word} {how} {word}-like, and {word}s {how} known by {word}."


@given(st.lists(st.sampled_from(["same", "mine", "theirs", "no-mine", "no-theirs"]), max_size=8))
def test_whoever_changed_what_nothing_of_either_side_is_lost(fates):
    parts = list(zip(WORDS, fates, strict=False))
    base = "\n".join(said(word) for word, _ in parts)
    mine, theirs = (
        "\n".join(
            said(word, "was" if fate == side else "is")
            for word, fate in parts
            if fate != f"no-{side}"
        )
        for side in ("mine", "theirs")
    )
    changed = {"mine", "theirs"}
    expected = [
        said(word, "was" if fate in changed else "is")
        for word, fate in parts
        if not fate.startswith("no-")
    ]
    assert merged(base, mine, theirs) == ("\n".join(expected), {})
