"""Charts: in whom and what the days are, where labels stand, and the key of the looks."""

import pytest
from django.template.loader import render_to_string

from tests.german import german
from tests.test_charts import (
    GERMAN,
    NEUTROPHILS,
    SVG,
    TITLES,
    course,
    entries,
    parts,
    pictures,
    words,
)
from therapies.charts import layout, milestones, recovery, text
from therapies.charts.layout import LISTED, WIDE, Bar
from therapies.charts.scale import COURSE, RECOVERY


def test_a_bar_says_in_whom_it_was_seen_and_whether_it_is_a_range():
    rows = [
        NEUTROPHILS | {"measure": "median"},
        NEUTROPHILS | {"to_day": 40, "population": "Children", "measure": "range"},
        NEUTROPHILS | {"subset": "platelets", "measure": "ci"},
    ]
    [chart] = recovery.of_milestones([("Graft", "/g/", row) for row in rows], ("below", "t"))
    for picture in pictures(chart):
        assert entries(picture) == [
            "Graft, median +14 to +16", "Graft (Children), range +14 to +40",
            "Graft, 95% CI of the median +14 to +16",
        ]  # fmt: skip
    told = [words(node) for node in pictures(course({"milestones": rows}))[0].iter(f"{SVG}title")]
    assert "Neutrophils (Children), range: day +14 to +40" in told


def test_in_whom_is_marked_as_content_and_the_measure_is_not():
    row = NEUTROPHILS | {"population": "Children", "measure": "median"}
    with german(GERMAN | {"Median": "Mittelwert"}):
        [chart] = recovery.of_milestones([("Graft", "/g/", row)], ("below", "t"))
    for picture in pictures(chart):
        assert parts(picture, "en") == ["Graft", "(Children)"]
        assert entries(picture) == ["Graft (Children), Mittelwert +14 bis +16"]


def test_a_milestone_without_days_keeps_in_whom_it_was_seen_and_its_measure():
    row = {"subset": "neutrophils", "cell_source": "cord-blood", "population": "Children <2",
           "measure": "median"}  # fmt: skip
    rows = [NEUTROPHILS, row]
    drawn = NEUTROPHILS | {"cell_source": "bone-marrow"}
    assert course({"milestones": [*rows, drawn]}).undrawn == [
        "Neutrophils, cord blood graft (Children &lt;2), median"
    ]
    found = [("Graft", "/g/", one) for one in rows]
    [chart] = recovery.of_milestones(found, ("below", "t"))
    assert chart.undrawn == ["Neutrophils (Cord blood graft: Graft (Children &lt;2), median)"]
    with german(GERMAN | {"Median": "Mittelwert"}):
        [chart] = recovery.of_milestones(found, ("below", "t"))
    assert '<span lang="en"> (Children &lt;2)</span>, Mittelwert' in chart.undrawn[0]


def test_windows_of_one_line_of_cells_are_told_apart_in_the_course():
    cells = {"subset": "cd4-t-cells", "cell_source": "various"}
    rows = [
        cells | {"to_day": 100, "threshold": "Above 50/µL"},
        cells | {"from_day": 180, "to_day": 365, "threshold": "Above 200/µL"},
    ]
    for picture in pictures(course({"milestones": rows})):
        assert entries(picture) == [
            "CD4+ T cells (Above 50/µL) until +100", "CD4+ T cells (Above 200/µL) +180 to +365",
        ]  # fmt: skip


def test_lines_of_cells_stand_in_the_order_of_their_days_on_both_charts():
    rows = [
        {"subset": "monocytes", "from_day": 14, "to_day": 21},
        {"subset": "nk-cells", "from_day": 14},
        NEUTROPHILS,
        {"subset": "platelets", "from_day": 12, "to_day": 60},
    ]
    assert milestones.subsets_by_day(rows) == ["platelets", "neutrophils", "monocytes", "nk-cells"]
    for picture in pictures(course({"milestones": rows})):
        assert [entry.split()[0] for entry in entries(picture)] == [
            "Platelets", "Neutrophils", "Monocytes", "NK",
        ]  # fmt: skip


@pytest.mark.parametrize("form", [WIDE, LISTED])
def test_no_label_lies_across_the_line_of_day_zero(form):
    for scale in (COURSE, RECOVERY):
        zero = layout.place(0, scale, form)
        for title in TITLES:
            for start, end in ((0, 3), (19, 25), (90, 180), (365, 400)):
                one = layout.placed(Bar(title, start, end, "cord"), scale, form)
                wide = max(text.width(line, form.size) for line in one.lines)
                assert (one.x - wide if one.ends_at_x else one.x) > zero, (title, start)


def test_each_band_of_bars_has_its_days_above_it():
    for picture in pictures(course()):
        days = [words(node) for node in picture.iter(f"{SVG}text")].count("Day 0")
        assert days == len([node for node in picture.iter() if node.get("role") == "list"]) == 3


def test_the_key_names_each_look_of_a_graft_and_no_other():
    said = [str(words).partition(":")[0] for _, words in course().key]
    assert said == ["Marrow graft", "Cord blood graft", "Any graft, or not stated which"]
    html = render_to_string("components/chart.html", {"chart": course()})
    assert html.count("chart-swatch") == 3
    one_look = course({"milestones": [NEUTROPHILS, NEUTROPHILS | {"subset": "platelets"}]})
    assert "chart-key" not in render_to_string("components/chart.html", {"chart": one_look})
