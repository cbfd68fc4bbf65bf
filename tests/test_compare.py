"""Topics side by side: what stands in one line, and what is the same or differs."""

import re

import pytest
from compare_data import BOTH, grafts, line_of, made_grafts, text_of  # noqa: F401
from pages_data import publication, publish_unreviewed, section

from tests import clinic, pages_data

pytestmark = pytest.mark.django_db


def test_what_is_about_the_same_thing_stands_in_one_line(client, grafts):  # noqa: F811
    assert line_of(client, BOTH, "Cell source") == "Cell source differs Bone marrow Cord blood"
    assert line_of(client, BOTH, "Category") == "Category same Transplantation Transplantation"
    infusion = line_of(client, BOTH, "Infusion")
    assert infusion.startswith("Infusion same: days Infusion Day 0 not graded uncited")
    risk = line_of(client, BOTH, "Graft failure")
    assert risk.startswith("Graft failure differs: days When: From day +28")
    assert "Frequency: 9% [ 1 ] moderate certainty" in risk
    assert "Frequency: 10% [ 2 ] not graded source check awaited" in risk
    # Days after another graft are no other days of the same.
    recovery = line_of(client, BOTH, "Neutrophils")
    assert recovery.startswith("Neutrophils Bone marrow")
    assert "Bone marrow Day +20 to +21" in recovery
    assert "Cord blood Day +20 to +28" in recovery


def test_an_outcome_is_compared_by_its_name_and_shown_in_full(client, grafts):  # noqa: F811
    survival = line_of(client, BOTH, "Overall survival")
    assert "Overall survival at 2 years 50%" in survival
    assert "Less" in survival


def test_gaps_are_said(client, grafts):  # noqa: F811
    # That only one of them names a trial is no difference between them.
    assert line_of(client, BOTH, "COBLT").startswith("COBLT Nothing stated")
    agents = line_of(client, BOTH, "Growth factor")
    assert agents.startswith("Growth factor stated for 1 of 2 Filgrastim Timing: Rarely")
    assert agents.endswith("Nothing stated")


def test_only_what_differs_leaves_out_what_is_the_same(client, grafts):  # noqa: F811
    everything = text_of(client, BOTH)
    differing = text_of(client, f"{BOTH}&differences=1")

    assert "Category same" in everything
    assert "Category same" not in differing
    assert "Cell source differs" in differing
    # Words are read, not marked.
    assert "A summary of marrow-graft." in everything
    assert "A summary of marrow-graft." not in differing
    assert "Benefits" not in differing
    assert "Lines without a mark are shown too" in differing
    assert "Lines without a mark are shown too" not in everything
    # What may differ, though nobody can say, is not left out as if it were the same.
    assert "Neutrophils Bone marrow" in differing
    counted = re.search(
        r"are compared: (\d+) differ, (\d+) is stated .*?, (\d+) the same", everything
    )
    assert counted.groups() == ("2", "1", "2")
    assert counted.group(0) in differing


def test_texts_are_no_difference(client):
    summaries = {"one": "Cells of a donor.", "two": "Cells of the patient."}
    publish_unreviewed(
        *(pages_data.draft(slug, "therapy", summary=words) for slug, words in summaries.items())
    )

    path = "/therapies/compare/?t=one&t=two"
    assert line_of(client, path, "Summary") == "Summary Cells of a donor. Cells of the patient."


def test_days_are_compared_of_the_same_thing_only(client):
    """Of several steps in a phase, those of one name; else whatever stands for the phase."""
    conditioning = {"phase": "conditioning", "title": "Conditioning", "from_day": -8, "to_day": -1}
    extra = {"phase": "conditioning", "title": "Prophylaxis", "from_day": -1, "to_day": 11}
    infusion = {"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0}
    courses = {
        "one": [conditioning, extra, infusion],
        "two": [conditioning | {"title": "High-dose conditioning"}, infusion],
        "three": [conditioning | {"from_day": -6}, infusion | {"title": "Infusion of cells"}],
    }
    publish_unreviewed(
        *(
            pages_data.draft(slug, "therapy", tables={"steps": steps})
            for slug, steps in courses.items()
        )
    )

    def standing(phase: str, *slugs: str) -> str:
        query = "&".join(f"t={slug}" for slug in slugs)
        return line_of(client, f"/therapies/compare/?{query}", phase)

    assert standing("Conditioning", "one", "two").startswith("Conditioning Conditioning Day −8")
    assert standing("Conditioning", "two", "three").startswith("Conditioning differs: days")
    assert standing("Conditioning", "one", "three").startswith("Conditioning differs: days")
    assert standing("Infusion", "one", "three").startswith("Infusion same: days")


def test_two_that_do_not_differ(client):
    alike = {"title": "Graft", "summary": "The same."}
    publish_unreviewed(*(pages_data.draft(slug, "therapy", **alike) for slug in ("one", "two")))

    words = text_of(client, "/therapies/compare/?t=one&t=two&differences=1")

    assert "They do not differ in anything that is compared." in words


def test_agents_and_conditions_are_compared_too(client):
    publication("snowden2022")
    publish_unreviewed(
        *(
            clinic.draft(clinic.agent(slug, facts={"drug_class": words, "route": "subcutaneous"}))
            for slug, words in (("filgrastim", "Growth factor"), ("plerixafor", "Antagonist"))
        )
    )
    cell = {"scheme": "EBMT", "edition": "2022", "population": "adult", "status": "CR1",
            "source": "Table 2", "references": ["snowden2022"], "evidence": "II"}  # fmt: skip
    publish_unreviewed(
        *(
            clinic.draft(
                clinic.condition(
                    slug,
                    tables={
                        "indications": [
                            cell | {"disease": slug, "option": "MSD", "category": "S"},
                            cell | {"disease": slug, "option": "MUD", "category": letter},
                        ]
                    },
                )
            )
            for slug, letter in (("aml", "S"), ("all", "CO"))
        )
    )

    agents = "/agents/compare/?t=filgrastim&t=plerixafor"
    assert line_of(client, agents, "Class") == "Class Growth factor Antagonist"
    # Who compares says nothing of the sources, least of all that they are the same.
    sources = line_of(client, agents, "Sources of these facts")
    assert sources == "Sources of these facts not graded uncited not graded uncited"
    assert text_of(client, agents).count("How does it work?") == 2

    conditions = "/conditions/compare/?t=aml&t=all"
    assert "Indications: EBMT 2022, adults" in text_of(client, conditions)
    sibling = line_of(client, conditions, "Matched sibling donor same: category, evidence")
    assert sibling.count("Standard of care") == 2
    unrelated = line_of(client, conditions, "Matched unrelated donor differs: category")
    assert "CO all, CR1 Clinical option" in unrelated


CELL = {"scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "As printed",
        "option": "MUD", "category": "S", "evidence": "II", "source": "Table 2",
        "references": ["snowden2022"]}  # fmt: skip
FIRST, SECOND, UNREAD = (
    CELL | {"status": "CR1"},
    CELL | {"status": "CR2", "category": "CO"},
    CELL | {"status": "CR1", "category": ""},
)


@pytest.mark.parametrize(
    ("one", "two", "standing"),
    [
        ([FIRST], [FIRST], "same: category, evidence"),
        ([FIRST], [SECOND], "differs: category"),
        ([FIRST, SECOND], [FIRST, SECOND], ""),
        ([FIRST, FIRST | {"status": "CR2"}], [FIRST], ""),
        ([FIRST], [UNREAD], ""),
        ([UNREAD], [UNREAD], ""),
        ([FIRST, UNREAD | {"status": "CR2"}], [FIRST], ""),
        ([FIRST], [FIRST | {"option": "MSD"}], ""),
    ],
)
def test_indications_are_compared_one_with_one_and_never_unread(client, one, two, standing):
    """Each topic has its own diseases, so nobody knows which of several belong together."""
    publication("snowden2022")
    publish_unreviewed(
        *(
            clinic.draft(clinic.condition(slug, tables={"indications": cells}))
            for slug, cells in (("aml", one), ("all", two))
        )
    )
    path = "/conditions/compare/?t=aml&t=all"

    line = line_of(client, path, "Matched unrelated donor")

    letter = one[0]["category"] or "As printed"
    said = " ".join(filter(None, ["Matched unrelated donor", standing, letter]))
    assert line.startswith(said)
    shown = "Matched unrelated donor" in text_of(client, f"{path}&differences=1")
    assert shown == (not standing.startswith("same"))


WINDOW = {"subset": "neutrophils", "cell_source": "bone-marrow", "population": "Adults",
          "measure": "median", "threshold": "At least 0.5 × 10⁹/L",
          "from_day": 20, "to_day": 21}  # fmt: skip
LATER = WINDOW | {"from_day": 24, "to_day": 28}


@pytest.mark.parametrize(
    ("one", "two", "standing"),
    [
        ([WINDOW], [WINDOW], "same: days"),
        ([WINDOW], [LATER], "differs: days"),
        ([WINDOW, LATER | {"population": "Children"}], [LATER], "differs: days"),
        ([WINDOW], [LATER | {"measure": "range"}], ""),
        ([WINDOW], [LATER | {"population": "Children"}], ""),
        ([WINDOW], [LATER | {"cell_source": "cord-blood"}], ""),
        ([WINDOW], [LATER | {"threshold": "At least 0.1 × 10⁹/L"}], ""),
        ([WINDOW], [WINDOW | {"measure": "range"}], ""),
        ([WINDOW, LATER | {"population": "Children"}], [WINDOW], ""),
        ([WINDOW, LATER], [WINDOW], ""),
    ],
)
def test_windows_of_recovery_are_compared_if_measured_alike_in_the_same(client, one, two, standing):
    publish_unreviewed(
        *(
            pages_data.draft(slug, "therapy", tables={"milestones": rows})
            for slug, rows in (("one", one), ("two", two))
        )
    )

    line = line_of(client, "/therapies/compare/?t=one&t=two", "Neutrophils")

    assert line.startswith(" ".join(filter(None, ["Neutrophils", standing, "Bone marrow"])))


def test_texts_are_compared_where_they_answer_the_same_question(client):
    texts = {
        "one": [("Does it treat infection?", "evidence"), ("How does one work?", "mechanism"),
                ("What is watched?", "monitoring")],
        "two": [("What is its status?", "evidence"), ("How does two work?", "mechanism")],
    }  # fmt: skip
    publish_unreviewed(
        *(
            pages_data.draft(
                slug,
                "agent",
                sections=[section("Words.", heading=heading, kind=kind) for heading, kind in each],
            )
            for slug, each in texts.items()
        )
    )

    words = text_of(client, "/agents/compare/?t=one&t=two")

    assert "In words: Mechanism text, side by side One How does one work? Words." in words
    assert "Does it treat infection?" not in words
    assert "What is its status?" not in words
    assert "What is watched?" not in words


def test_relations_stand_side_by_side(client):
    leukemia = pages_data.draft("leukemia", "condition")
    uses = [{"kind": "treats", "target": "leukemia"}]
    one, two = (
        pages_data.draft("one", "therapy", relations=uses),
        pages_data.draft("two", "therapy"),
    )
    publish_unreviewed(leukemia, one, two)

    treats = line_of(client, "/therapies/compare/?t=one&t=two", "Treats")

    assert treats == "Treats stated for 1 of 2 Leukemia Nothing stated"
