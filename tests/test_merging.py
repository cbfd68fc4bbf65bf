"""Two texts made of one, brought together: nothing that one side alone did is lost or asked."""

import pytest

from topics.desk import merging

NAMES = {
    "sections": ("heading",),
    "relations": ("kind", "target"),
    "steps": ("title",),
    "risks": ("complication", "from_day"),
    "figures": ("key",),
}


def section(heading: str, body: str = "", **more) -> dict:
    body = body or f"All about {heading}."
    return {"heading": heading, "body": body, "anchor": "x", "statements": [], **more}


def text(*sections, **more) -> dict:
    return {
        "kind": "therapy", "schema": 2, "slug": "a", "title": "A", "summary": "It is so.",
        "sections": list(sections), **more,
    }  # fmt: skip


def merged(base, mine, theirs, **choices):
    keyed = {key.replace("__", "-"): side for key, side in choices.items()}
    return merging.merge(base, mine, theirs, NAMES, keyed)


def bodies(found) -> dict:
    return {each["heading"]: each["body"] for each in found.document.get("sections", [])}


def places(found) -> list[str]:
    return [clash.key for clash in found.clashes]


def test_what_one_side_alone_changed_is_kept():
    base = text(section("One"), section("Two"))
    mine = text(section("One", "Mine."), section("Two"), title="My title")
    theirs = text(section("One"), section("Two", "Theirs."), summary="It is otherwise.")
    found = merged(base, mine, theirs)
    assert found.clashes == []
    assert bodies(found) == {"One": "Mine.", "Two": "Theirs."}
    assert (found.document["title"], found.document["summary"]) == ("My title", "It is otherwise.")
    assert [(p.part, p.name, p.field) for p in found.taken] == [
        ("", (), "summary"), ("sections", ("Two",), "body"),
    ]  # fmt: skip


def test_what_both_changed_alike_is_no_clash():
    both = text(section("One", "Anew."), title="Same")
    assert merged(text(section("One")), both, both).clashes == []


def test_what_both_changed_in_two_ways_is_asked_and_chosen():
    base = text(section("One"), summary="Base.")
    mine = text(section("One", "Mine."), summary="Mine.")
    theirs = text(section("One", "Theirs."), summary="Theirs.")
    found = merged(base, mine, theirs)
    assert places(found) == ["-summary", "sections-b0-body-b0"]
    assert found.is_open
    found = merged(base, mine, theirs, __summary="theirs", sections__b0__body__b0="mine")
    assert not found.is_open
    assert found.document["summary"] == "Theirs."
    assert bodies(found) == {"One": "Mine."}
    assert merged(base, mine, theirs, __summary="anything").is_open


def test_lists_are_brought_together_item_by_item():
    base, mine, theirs = (text(synonyms=list(names)) for names in ("ABC", "ABX", "BCY"))
    found = merged(base, mine, theirs)
    assert found.clashes == []
    assert found.document["synonyms"] == ["B", "Y", "X"]


def test_added_rows_of_both_sides_stay_where_each_put_them():
    base = text(section("One"), section("Two"))
    mine = text(section("One"), section("Mine"), section("Two"))
    theirs = text(section("Theirs"), section("One"), section("Two"))
    assert [*bodies(merged(base, mine, theirs))] == ["Theirs", "One", "Mine", "Two"]


def test_a_row_that_one_side_took_away_goes_unless_the_other_changed_it():
    base = text(section("One"), section("Two"))
    one = text(section("One"))
    changed = text(section("One"), section("Two", "Changed."))
    assert [*bodies(merged(base, base, one))] == ["One"]
    assert [*bodies(merged(base, one, base))] == ["One"]
    for mine, theirs, gone in ((changed, one, "theirs"), (one, changed, "mine")):
        found = merged(base, mine, theirs)
        assert places(found) == ["sections-b1"]
        assert getattr(found.clashes[0], gone) is None
        kept = merged(base, mine, theirs, sections__b1="theirs" if gone == "mine" else "mine")
        assert bodies(kept)["Two"] == "Changed."
        assert "Two" not in bodies(merged(base, mine, theirs, sections__b1=gone))


def test_a_section_that_was_renamed_is_the_same_one():
    words = "Cells divide and home to the marrow within a day."
    base = text(section("One", words))
    mine = text(section("One", f"{words} They rest."))
    theirs = text(section("What is it?", words))
    assert bodies(merged(base, mine, theirs)) == {"What is it?": f"{words} They rest."}


def test_both_who_added_the_same_row_are_asked_about_it():
    found = merged(text(), text(section("New", "Mine.")), text(section("New", "Theirs.")))
    assert places(found) == ["sections-t0-body"]
    assert len(found.document["sections"]) == 1


def test_rows_that_the_form_did_not_hold_are_not_added_twice():
    base = text(section("One", "Cells divide and rest in the marrow."))
    theirs = text(*base["sections"], section("Two", "Cells divide and rest in the spleen."))
    mine = text(theirs["sections"][1])
    assert bodies(merged(base, mine, theirs)) == {"Two": "Cells divide and rest in the spleen."}


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [("BAC", "ABC", "BAC"), ("ABC", "CBA", "CBA"), ("BAC", "BAC", "BAC"), ("BAC", "ACB", None)],
)
def test_the_order_is_that_of_who_changed_it(mine, theirs, expected):
    sides = [text(*(section(name) for name in names)) for names in ("ABC", mine, theirs)]
    found = merged(*sides)
    assert places(found) == ([] if expected else ["sections-order"])
    if expected:
        assert "".join(bodies(found)) == expected
    else:
        assert "".join(bodies(merged(*sides, sections__order="theirs"))) == theirs


def risk(**values) -> dict:
    return {"tables": {"risks": [{"complication": "relapse", "frequency": "10%", **values}]}}


def test_fields_of_a_clinical_row_are_brought_together():
    base = text(**risk())
    found = merged(base, text(**risk(references=["b"])), text(**risk(monitoring="Daily.")))
    (row,) = found.document["tables"]["risks"]
    assert row == {
        "complication": "relapse", "frequency": "10%", "references": ["b"], "monitoring": "Daily.",
    }  # fmt: skip


def test_a_window_of_days_is_one_value():
    base = text(**risk(from_day=0, to_day=100))
    found = merged(base, text(**risk(from_day=50, to_day=100)), text(**risk(from_day=0, to_day=40)))
    assert places(found) == ["risks-b0-from_day"]
    assert found.clashes[0].theirs == {"from_day": 0, "to_day": 40}


def test_without_a_base_all_that_differs_is_asked():
    found = merged({"kind": "therapy"}, text(section("One", "Mine.")), text(section("One", "No.")))
    assert places(found) == ["sections-t0-body"]
