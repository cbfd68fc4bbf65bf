"""Charts: their axes, where labels stand, and what they say."""

import cProfile
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from tests.german import german
from tests.pages_data import draft, publish_unreviewed, unreviewed
from therapies.charts import layout, recovery, text, timeline
from therapies.charts.layout import LISTED, NARROW, WIDE, Bar, Stand
from therapies.charts.scale import COURSE, RECOVERY
from therapies.charts.svg import element
from therapies.days import window
from topics import pages, reading
from topics.models import Topic
from topics.rendering import TopicLinks

SVG = "{http://www.w3.org/2000/svg}"
LINKS = TopicLinks({"acute-gvhd": {"slug": "acute-gvhd", "title": "Acute GVHD"}})
TABLES = {
    "steps": [
        {"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0},
        {"phase": "evaluation", "title": "Fitness & typing", "to_day": -8},
        {"phase": "conditioning", "title": "Conditioning", "from_day": -8, "to_day": -1},
        {"phase": "follow-up", "title": "Lifelong follow-up", "from_day": 365},
        {"phase": "follow-up", "title": "Care of the donor"},
    ],
    "risks": [
        {"complication": "acute-gvhd", "from_day": 14, "to_day": 100, "frequency": "3 of <10>"},
        {"complication": "infertility", "from_day": 60, "to_day": 730},
    ],
    "milestones": [
        {"subset": "neutrophils", "cell_source": "cord-blood", "from_day": 20, "to_day": 28},
        {"subset": "neutrophils", "cell_source": "bone-marrow", "from_day": 20, "to_day": 21},
        {"subset": "cd4-t-cells", "to_day": 100, "threshold": "Above 50/µL"},
    ],
}

# Longer than any word of the same meaning in English.
GERMAN = {
    "Steps": "Behandlungsschritte",
    "Recovery of cells": "Regeneration der Zellen",
    "Neutrophils": "Neutrophile Granulozyten",
    "cord blood graft": "Nabelschnurbluttransplantat",
    "marrow graft": "Knochenmarktransplantat",
    "Cord blood graft": "Nabelschnurbluttransplantat größerer Menge",
    "Day %(first)s": "Tag %(first)s",
    "day %(first)s to %(last)s": "Tag %(first)s bis %(last)s",
    "until %(last)s": "bis %(last)s",
    "from %(first)s": "ab %(first)s",
    "%(first)s to %(last)s": "%(first)s bis %(last)s",
}


def course(tables=TABLES, links=LINKS):
    [chart] = timeline.of_therapy({"tables": tables}, links)
    return chart


def pictures(chart) -> list[ElementTree.Element]:
    """Return the pictures of a chart: wide, narrow. They must be well-formed."""
    made = chart.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return list(ElementTree.fromstring(f"<both>{made}</both>"))


def words(node) -> str:
    return " ".join("".join(node.itertext()).replace("\N{NO-BREAK SPACE}", " ").split())


def entries(picture) -> list[str]:
    """Return the labels of all bars, in the order of the document."""
    items = [node for node in picture.iter(f"{SVG}g") if node.get("role") == "listitem"]
    return [" ".join(words(line) for line in node.iter(f"{SVG}text")) for node in items]


# The axis.


@pytest.mark.parametrize("scale", [COURSE, RECOVERY])
def test_an_axis_rises_and_ends_at_its_edges(scale):
    places = [scale.place(day) for day in range(scale.first, scale.last + 1)]
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0, 1)
    assert scale.place(scale.first - 1000) == 0
    assert scale.place(scale.last + 1000) == 1


def test_the_first_hundred_days_have_more_than_half_of_the_course():
    assert COURSE.place(100) - COURSE.place(0) > 0.5
    assert (COURSE.first, COURSE.last) == (-30, 365)


@pytest.mark.parametrize("form", [WIDE, NARROW])
@pytest.mark.parametrize("scale", [COURSE, RECOVERY])
@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
def test_labels_of_an_axis_stand_apart_and_day_zero_and_the_ends_are_there(scale, form, language):
    with translation.override(language):
        day_zero = window(0, 0)
        shown = sorted((x, label) for x, _, label in layout.ticks(scale, form) if label)
    edges = [
        (x - text.width(label, form.tick_size) / 2, x + text.width(label, form.tick_size) / 2)
        for x, label in shown
    ]
    assert edges[0][0] >= 0 and edges[-1][1] <= form.width
    assert all(right < left for (_, right), (left, _) in pairwise(edges))
    labels = [label for _, label in shown]
    assert day_zero in labels
    assert labels[-1] == f"+{scale.last}"


# Words.


def test_words_are_broken_into_lines_that_fit():
    long = "Transplant-associated thrombotic microangiopathy " * 4 + "x" * 120
    lines = text.wrap(long, 14, 200)
    assert "".join(lines).replace(" ", "") == long.replace(" ", "")
    assert all(text.width(line, 14) <= 200 for line in lines)


def test_what_is_written_into_an_element_is_escaped():
    made = element("text", '<b> & "', aria_label='"<', x=1.26, fill=None)
    assert made == '<text aria-label="&quot;&lt;" x="1">&lt;b&gt; &amp; &quot;</text>'


# Where bars and labels stand.

WINDOWS = [
    (start, end)
    for start in (None, -400, -30, -8, 0, 14, 100, 365, 400)
    for end in (None, -40, -30, -1, 0, 15, 180, 365, 730)
    if (start, end) != (None, None) and (start is None or end is None or start <= end)
]
TITLES = ["Relapse", "EBV and post-transplant lymphoproliferative disease (PTLD)", "W" * 200]


@pytest.mark.parametrize("form", [WIDE, LISTED, NARROW])
@pytest.mark.parametrize("title", TITLES)
def test_every_label_is_whole_and_within_the_picture(form, title):
    for start, end in WINDOWS:
        one = layout.placed(Bar(title, start, end, "risk"), COURSE, form)
        assert one.lines[-1].endswith(one.bar.days) or one.stand is Stand.ABOVE
        assert "".join(one.lines).replace(" ", "").startswith(title.replace(" ", ""))
        for line in one.lines:
            wide = text.width(line, form.size)
            left = one.x - wide if one.ends_at_x else one.x
            assert left >= 0 and left + wide <= form.width, (start, end)
        assert 0 <= one.shape.left < one.shape.right <= form.width, (start, end)
        if one.stand is Stand.INSIDE:
            assert one.shape.left < one.x and left + wide < one.shape.right


@pytest.mark.parametrize("form", [WIDE, LISTED, NARROW])
def test_nothing_covers_anything_in_its_row(form):
    bars = [Bar(title, *window, "risk") for window in WINDOWS for title in TITLES[:2]]
    rows, height = layout.rows(bars, COURSE, form)
    assert sum(len(row.placed) for row in rows) == len(bars)
    for row in rows:
        edges = sorted((one.left, one.right) for one in row.placed)
        assert all(a[1] < b[0] for a, b in pairwise(edges))
    tops = [row.y for row in rows]
    assert tops == sorted(set(tops)) and tops[-1] < height


def test_a_window_that_goes_on_beyond_is_open_there():
    def open_ends(*window):
        shape = layout.shape(Bar("x", *window, "risk"), COURSE, WIDE)
        return shape.is_open_left, shape.is_open_right, shape.is_point

    assert open_ends(14, 100) == (False, False, False)
    assert open_ends(None, -8) == (True, False, False)
    assert open_ends(-90, 730) == (True, True, False)
    assert open_ends(365, None) == (False, True, False)
    assert open_ends(100, 100) == (False, False, True)
    assert open_ends(400, 400) == (False, True, False)


def test_what_recovers_does_not_begin_before_the_infusion():
    wide, _ = pictures(course())
    until = next(node for node in wide.iter(f"{SVG}g") if "CD4+ T cells" in words(node)[:14])
    start = float(re.search(r"L([\d.]+)|L ([\d.]+)", until.find(f"{SVG}path").get("d")).group(2))
    assert start == pytest.approx(layout.place(0, COURSE, WIDE), abs=1)


# The course of a therapy.


def test_the_course_names_each_row_with_its_days_in_order():
    for picture in pictures(course()):
        assert entries(picture) == [
            "Fitness & typing until −8", "Conditioning −8 to −1", "Infusion 0",
            "Lifelong follow-up from +365",
            "Acute GVHD +14 to +100", "Infertility +60 to +730",
            "Neutrophils, cord blood graft +20 to +28", "Neutrophils, marrow graft +20 to +21",
            "CD4+ T cells (Above 50/µL) until +100",
        ]  # fmt: skip


def test_bands_lead_to_their_tables_and_risks_to_their_pages():
    for picture in pictures(course()):
        links = [node.get("href") for node in picture.iter(f"{SVG}a")]
        assert links == [
            "#table_steps", "#table_risks", "/topics/acute-gvhd/", "/topics/infertility/",
            "#table_milestones",
        ]  # fmt: skip


def test_a_complication_that_was_withdrawn_is_named_without_a_link():
    chart = course(links=TopicLinks({"acute-gvhd": None}))
    assert "/topics/acute-gvhd/" not in chart.svg
    assert "Acute gvhd (withdrawn)" in chart.svg


def test_the_picture_says_more_than_colour_and_tells_the_details():
    wide, narrow = pictures(course())
    for picture, form in ((wide, "wide"), (narrow, "narrow")):
        fills = {node.get("fill") for node in picture.iter(f"{SVG}path")} - {None}
        assert fills == {f"url(#course_{form}_{look})" for look in ("risk", "cord", "marrow")}
        ids = {node.get("id") for node in picture.iter(f"{SVG}pattern")}
        assert {fill[5:-1] for fill in fills} <= ids
        assert picture.get("role") == "group" and picture.get("aria-label")
    assert "Acute GVHD: day +14 to +100" in [words(node) for node in wide.iter(f"{SVG}title")]
    assert "3 of <10>" in [words(node) for node in wide.iter(f"{SVG}desc")]
    assert " style=" not in course().svg


def test_rows_without_days_are_named_beside_the_picture():
    chart = course()
    assert chart.undrawn == ["Care of the donor"]
    html = render_to_string("components/chart.html", {"chart": chart})
    assert "Without days, and so not in the picture: Care of the donor." in html
    assert '<a href="#table_steps">Steps</a>, <a href="#table_risks">Risks</a> and' in html


def test_no_chart_is_made_of_nothing():
    no_days = {"steps": [{"phase": "infusion", "title": "Infusion"}] * 3}
    for tables in ({}, no_days, {"risks": TABLES["risks"][:1]}):
        assert timeline.of_therapy({"tables": tables}, LINKS) == []


def test_hostile_words_stay_words():
    hostile = "<script>alert(1)</script>"
    steps = [{"phase": "infusion", "title": hostile, "from_day": 0}]
    milestones = [{"subset": "platelets", "threshold": hostile, "to_day": 100}]
    chart = course({"steps": steps, "milestones": milestones})
    assert "<script" not in chart.svg
    assert "&lt;script&gt;" in chart.svg


def test_a_course_of_many_rows_is_drawn_in_proportion():
    """Twice as many rows are no more than thrice the work, counted in calls: clocks are noisy."""

    def calls(rows: int) -> int:
        many = {name: (table * rows)[:rows] for name, table in TABLES.items()}
        course(many)
        profile = cProfile.Profile()
        profile.runcall(course, many)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(40) < 3 * calls(20)


# Other languages.


def parts(picture, lang: str | None) -> list[str]:
    """Return the words of the labels that are marked as of a language, or not marked."""
    spans = [span for span in picture.iter(f"{SVG}tspan") if span.get("class") != "chart-days"]
    if lang:
        return [words(span) for span in spans if span.get("lang") == lang]
    items = [node for node in picture.iter(f"{SVG}g") if node.get("role") == "listitem"]
    return [node.text.strip() for item in items for node in item.iter(f"{SVG}text") if node.text]


def test_a_chart_speaks_the_language_of_its_page_and_no_other():
    english = course().svg
    with german(GERMAN):
        wide, narrow = pictures(course())
        chart = course()
    assert course().svg == english
    assert chart.tables[0] == ("Behandlungsschritte", "table_steps")
    for picture in (wide, narrow):
        assert entries(picture)[3] == "Lifelong follow-up ab +365"
        assert "Neutrophile Granulozyten, Nabelschnurbluttransplantat +20 bis +28" in entries(
            picture
        )
        ticks = [words(node) for node in picture.iter(f"{SVG}text")]
        assert "Tag 0" in ticks and "Day 0" not in ticks
    assert "Acute GVHD: Tag +14 bis +100" in [words(node) for node in wide.iter(f"{SVG}title")]


def test_titles_in_a_chart_are_marked_as_english_and_words_of_the_portal_are_not():
    with german(GERMAN):
        wide, narrow = pictures(course())
    for picture in (wide, narrow):
        steps = ["Fitness & typing", "Conditioning", "Infusion", "Lifelong follow-up"]
        assert parts(picture, "en") == [*steps, "Acute GVHD", "Infertility", "(Above 50/µL)"]
        assert all("Acute" not in text for text in parts(picture, None))
    assert 'lang="' not in course().svg


def test_a_label_of_two_languages_is_marked_where_they_change():
    row = NEUTROPHILS | {"cell_source": "cord-blood"}
    title = "Transplantation of cord blood that was expanded before"
    with german(GERMAN):
        [chart] = recovery.of_milestones([(title, "/g/", row)], ("below", "table"))
    wide, narrow = pictures(chart)
    for picture in (wide, narrow):
        assert " ".join(parts(picture, "en")) == title
        assert parts(picture, None) == ["Nabelschnurbluttransplantat größerer Menge:"]
    # On the narrow picture the label is too long for a line.
    assert len(parts(narrow, "en")) == 2


@pytest.mark.parametrize(("n", "form"), [(0, WIDE), (1, NARROW)])
def test_longer_words_fit_into_the_picture(n, form):
    with german(GERMAN):
        picture = pictures(course())[n]
    items = [node for node in picture.iter(f"{SVG}g") if node.get("role") == "listitem"]
    for line in (node for item in items for node in item.iter(f"{SVG}text")):
        wide, x = text.width("".join(line.itertext()), form.size), float(line.get("x"))
        left = x - wide if line.get("text-anchor") == "end" else x
        assert left >= 0 and left + wide <= form.width + 1, words(line)


def test_letters_of_german_and_spanish_are_as_wide_as_without_their_marks():
    marked, plain = "äöüáéóúñÄÖÜÁÉÍÓÚÑ", "aouaeounAOUAEIOUN"
    for letter, without in zip(marked, plain, strict=True):
        assert text.width(letter, 10) == text.width(without, 10)


# The hook.


@pytest.mark.django_db
def test_a_therapy_page_is_given_its_chart_and_other_kinds_none():
    publish_unreviewed(draft("acute-gvhd", "complication"))
    unreviewed("graft", "therapy", tables={
        "steps": TABLES["steps"], "risks": TABLES["risks"][:1],
    })  # fmt: skip

    context = pages.context(reading.current("graft"), "https://portal.example")
    assert [chart.anchor for chart in context["charts"]] == ["chart_course"]
    assert Topic.page_charts({}, LINKS) == []
    other = pages.context(reading.current("acute-gvhd"), "https://portal.example")
    assert other["charts"] == []


# Recovery by graft.

NEUTROPHILS = {"subset": "neutrophils", "from_day": 14, "to_day": 16}


def test_windows_that_are_named_alike_say_more():
    children = NEUTROPHILS | {"note": "Children: range; median day 15"}
    found = [("Graft", "/topics/graft/", NEUTROPHILS), ("Graft", "/topics/graft/", children)]
    [chart] = recovery.of_milestones(found, ("below", "table"))
    for picture in pictures(chart):
        assert entries(picture) == ["Graft +14 to +16", "Graft (Children: range) +14 to +16"]

    figures = [NEUTROPHILS | {"threshold": f"Above {n}/µL"} for n in (50, 200)]
    [chart] = recovery.of_milestones([("Graft", "/g/", row) for row in figures], ("below", "t"))
    assert entries(pictures(chart)[1])[1] == "Graft (Above 200/µL) +14 to +16"
