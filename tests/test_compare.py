"""Topics side by side: what stands in one line, what differs, and what is refused."""

import re

import pytest
from browsing import NARROW, assert_fit, browser
from pages_data import publication, publish_unreviewed, retract, reviewed, section, withdraw

from tests import clinic, pages_data
from topics import documents, publishing

pytestmark = pytest.mark.django_db

MARROW, CORD = "marrow-graft", "cord-graft"
BOTH = f"/therapies/compare/?t={MARROW}&t={CORD}"


def text_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    words = re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(words.split())


def line_of(client, path: str, label: str) -> str:
    """Return the words of the line that has a label."""
    html = client.get(path).content.decode()
    lines = re.findall(r'<tr(?: class="is-\w+")?>\n<th scope="row".*?</tr>', html, re.S)
    words = [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in lines]
    return next(line for line in words if line.startswith(label)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def grafts():
    """Two therapies that say some things alike and some differently, and some alone."""
    clinic.author()  # makes the roles anew, which go with a test with real transactions
    publication("anasetti2012")
    publication("rubinstein1998")
    publish_unreviewed(
        clinic.draft(clinic.agent()), clinic.draft(clinic.complication("graft-failure"))
    )
    marrow = pages_data.draft(
        MARROW, "therapy",
        facts={"category": "transplantation", "cell_source": "bone-marrow"},
        sections=[section("Marrow is taken from the hip. [@anasetti2012, p. 3]",
                          kind="key_points")],
        tables={
            "agents": [{"agent": "filgrastim", "role": "growth-factor", "timing": "Rarely"}],
            "steps": [{"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0}],
            "risks": [{"complication": "graft-failure", "frequency": "9%", "from_day": 28,
                       "certainty": "moderate", "references": ["anasetti2012"]}],
            "milestones": [{"subset": "neutrophils", "cell_source": "bone-marrow",
                            "from_day": 20, "to_day": 21}],
            "benefits": [{"outcome": "Overall survival at 2 years", "result": "50%"}],
        },
    )  # fmt: skip
    cord = pages_data.draft(
        CORD, "therapy",
        facts={"category": "transplantation", "cell_source": "cord-blood"},
        sections=[section("Cord blood is thawed.", kind="key_points")],
        tables={
            "steps": [{"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0}],
            "risks": [{"complication": "graft-failure", "frequency": "10%", "from_day": 42,
                       "awaiting_check": True, "references": ["rubinstein1998"]}],
            "milestones": [{"subset": "neutrophils", "cell_source": "cord-blood",
                            "from_day": 20, "to_day": 28}],
            "benefits": [{"outcome": "Overall survival", "result": "Less"}],
            "trials": [{"name": "COBLT", "phase": "2", "status": "completed"}],
        },
    )  # fmt: skip
    publish_unreviewed(marrow, cord)
    return marrow, cord


def test_what_is_about_the_same_thing_stands_in_one_line(client, grafts):
    assert line_of(client, BOTH, "Cell source") == "Cell source differs Bone marrow Cord blood"
    assert line_of(client, BOTH, "Category") == "Category same Transplantation Transplantation"
    infusion = line_of(client, BOTH, "Infusion")
    assert infusion.startswith("Infusion same: days Infusion Day 0 not graded uncited")
    risk = line_of(client, BOTH, "Graft failure")
    assert risk.startswith("Graft failure differs: days When: From day +28")
    assert "Frequency: 9% [ 1 ] moderate certainty" in risk
    assert "Frequency: 10% [ 2 ] not graded source check awaited" in risk
    recovery = line_of(client, BOTH, "Neutrophils differs: days")
    assert "Bone marrow Day +20 to +21" in recovery
    assert "Cord blood Day +20 to +28" in recovery


def test_an_outcome_is_compared_by_its_name_and_shown_in_full(client, grafts):
    survival = line_of(client, BOTH, "Overall survival")
    assert "Overall survival at 2 years 50%" in survival
    assert "Less" in survival


def test_gaps_are_said(client, grafts):
    # That only one of them names a trial is no difference between them.
    assert line_of(client, BOTH, "COBLT").startswith("COBLT Nothing stated")
    agents = line_of(client, BOTH, "Growth factor")
    assert agents.startswith("Growth factor stated for 1 of 2 Filgrastim Timing: Rarely")
    assert agents.endswith("Nothing stated")


def test_only_what_differs_leaves_out_what_is_the_same(client, grafts):
    everything = text_of(client, BOTH)
    differing = text_of(client, f"{BOTH}&differences=1")

    assert "Category same" in everything
    assert "Category same" not in differing
    assert "Cell source differs" in differing
    # Words are read, not marked.
    assert "A summary of marrow-graft." in everything
    assert "A summary of marrow-graft." not in differing
    assert "Benefits" not in differing
    counted = re.search(
        r"are compared: (\d+) differ, (\d+) is stated .*?, (\d+) the same", everything
    )
    assert counted.groups() == ("3", "1", "2")
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


def test_parts_are_folded_but_for_the_facts_until_all_are_opened(client, grafts):
    parts = r'<details class="compare-part(?: is-glance)?" id="part_\d+"( open)?>'

    folded = client.get(BOTH).content.decode()
    opened = client.get(f"{BOTH}&differences=1&open=1").content.decode()

    states = re.findall(parts, folded)
    assert states == [" open"] + [""] * (len(states) - 1)
    assert len(states) > 5
    assert set(re.findall(parts, opened)) == {" open"}
    assert f'href="?t={MARROW}&amp;t={CORD}&amp;open=1">Open all parts' in folded
    assert f'href="?t={MARROW}&amp;t={CORD}&amp;differences=1">Fold all parts' in opened
    assert f'href="?t={MARROW}&amp;t={CORD}&amp;open=1">All lines' in opened


def test_the_tab_is_called_as_the_page(client, grafts):
    html = client.get(BOTH).content.decode()

    assert "<title>Marrow graft and Cord graft · HSC Portal</title>" in html
    heading = re.search(r"<h1.*?</h1>", html, re.S).group(0)
    assert re.sub(r"<[^>]*>", "", heading) == "Marrow graft and Cord graft"


def test_two_that_do_not_differ(client):
    alike = {"title": "Graft", "summary": "The same."}
    publish_unreviewed(*(pages_data.draft(slug, "therapy", **alike) for slug in ("one", "two")))

    words = text_of(client, "/therapies/compare/?t=one&t=two&differences=1")

    assert "They do not differ in anything that is compared." in words


def test_references_are_numbered_once_over_all_columns(client, grafts):
    html = client.get(BOTH).content.decode()

    assert re.findall(r'<li id="ref_(\d+)"', html) == ["1", "2"]
    assert 'title="Anasetti 2012, p. 3"' in html
    assert set(re.findall(r'href="#ref_(\d+)"', html)) == {"1", "2"}
    # A statement leads to itself on its own page.
    assert re.search(rf'href="/topics/{MARROW}/#s-[0-9a-f]+"', html)


def test_a_retraction_shows_at_once(client, grafts):
    client.get(BOTH)
    retract(publication("anasetti2012"))

    words = text_of(client, BOTH)

    assert "Notices about cited publications" in words
    assert "cites a retracted publication" in line_of(client, BOTH, "Graft failure")


def test_the_head_says_who_stands_for_each(client, grafts):
    reviewed("haplo-graft", "therapy")

    words = text_of(client, f"/therapies/compare/?t={CORD}&t=haplo-graft")

    assert "Cord graft Not yet reviewed by a clinician · edition 1" in words
    assert re.search(r"Haplo graft Reviewed \d+ \w+ \d{4} · edition 1", words)


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


@pytest.mark.parametrize("place", ["therapies", "agents", "conditions", "complications"])
def test_the_form_offers_what_is_published(client, grafts, place):
    clinic.draft(clinic.therapy("hidden-graft"))

    html = client.get(f"/{place}/compare/").content.decode()

    assert html.count("<h1") == 1
    assert ("Marrow graft</option>" in html) == (place == "therapies")
    assert "hidden-graft" not in html


def test_one_alone_is_chosen_in_the_form(client, grafts):
    html = client.get(f"/therapies/compare/?t={MARROW}&t=&t=").content.decode()

    assert f'<option value="{MARROW}" selected>Marrow graft</option>' in html
    assert "Choose at least one more" in html
    assert "compare-table" not in html


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (f"t={MARROW}&t=zebra", "There is no therapy “zebra”. Choose one from the list."),
        (f"t={MARROW}&t=filgrastim", "There is no therapy “filgrastim”."),
        (f"t={MARROW}&t={MARROW}", "The same one is chosen twice. Choose different ones."),
        (f"t={MARROW}&t={CORD}&t=a-3&t=a-4&t=a-5", "5 are too many to read side by side."),
        (f"t={MARROW}&t={CORD}&differences=yes", "Write differences=1, or leave it out"),
        (f"t={MARROW}&t={CORD}&open=yes", "Write open=1, or leave it out"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(client, grafts, query, message):
    publish_unreviewed(*(pages_data.draft(f"a-{n}", "therapy") for n in (3, 4, 5)))

    assert message in text_of(client, f"/therapies/compare/?{query}", 400)


def test_a_withdrawn_topic_is_not_compared(client, grafts):
    withdraw(grafts[0], "A dose was wrong.")

    assert f"“{MARROW}” was withdrawn" in text_of(client, BOTH, 400)


def test_an_old_address_is_understood(client, grafts):
    moved = documents.load({**grafts[0].editions.last().revision.document, "slug": "moved"},
                           grafts[0])  # fmt: skip
    publishing.save_revision(moved, author=pages_data.author())
    publish_unreviewed(moved)

    assert "Cell source differs Bone marrow Cord blood" in text_of(client, BOTH)


def test_no_draft_is_compared(client, grafts):
    clinic.edit(grafts[0], summary="UNSPEAKABLE")

    assert "UNSPEAKABLE" not in text_of(client, BOTH)


def test_hostile_words_stay_words(client):
    hostile = "<script>alert(1)</script>"
    tables = {"benefits": [{"outcome": hostile, "result": hostile}]}
    publish_unreviewed(
        *(
            pages_data.draft(slug, "therapy", title=f"{slug} {hostile}", tables=tables)
            for slug in ("one", "two")
        )
    )

    html = client.get("/therapies/compare/?t=one&t=two").content.decode()

    assert "<script>alert" not in html
    assert " style=" not in html


@pytest.mark.parametrize("number", [2, 4])
def test_the_queries_do_not_grow(client, django_assert_num_queries, number):
    topics = [pages_data.draft(f"graft-{n}", "therapy") for n in range(4)]
    publish_unreviewed(*topics)
    path = "/therapies/compare/?" + "&".join(f"t=graft-{n}" for n in range(number))

    with django_assert_num_queries(3):
        first = client.get(path)
    with django_assert_num_queries(2):
        again = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert "Cookie" not in first.get("Vary", "")


def test_a_page_of_now_is_not_kept_as_that_of_before(client, grafts, monkeypatch):
    from topics import reading

    several, calls = reading.several, []

    def finding(slugs):
        found = several(slugs)
        if not calls:
            retitled = {**grafts[1].editions.last().revision.document, "title": "Renamed"}
            publishing.save_revision(
                documents.load(retitled, grafts[1]), author=pages_data.author()
            )
            publish_unreviewed(grafts[1])
        calls.append(slugs)
        return found

    monkeypatch.setattr(reading, "several", finding)

    assert "Renamed" in text_of(client, BOTH)
    assert len(calls) == 2


@pytest.mark.django_db(transaction=True)
def test_it_is_fit_for_everybody_and_stacks_on_a_phone(live_server, grafts):
    with browser() as chromium:
        assert_fit(chromium, live_server.url + BOTH)
        assert_fit(chromium, f"{live_server.url}/de{BOTH}")
        assert_fit(chromium, f"{live_server.url}/therapies/compare/?t={MARROW}")

        page = chromium.new_page(viewport=NARROW)
        page.goto(f"{live_server.url}{BOTH}&open=1")

        def places(label: str) -> tuple[dict, dict]:
            cells = page.locator("tr", has=page.locator("th", has_text=label)).locator("td")
            return cells.nth(0).bounding_box(), cells.nth(1).bounding_box()

        # Facts are short enough to stand beside each other, rows of tables are not.
        facts, risks = places("Cell source"), places("Graft failure")
        assert facts[0]["y"] == facts[1]["y"]
        assert risks[0]["y"] < risks[1]["y"]
        page.set_viewport_size({"width": 820, "height": 900})
        risks = places("Graft failure")
        assert risks[0]["y"] == risks[1]["y"]


@pytest.mark.django_db(transaction=True)
def test_what_is_folded_is_printed(live_server, grafts):
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1200, "height": 800})
        page.goto(live_server.url + BOTH)
        risk = page.locator("th", has_text="Graft failure")
        assert not risk.is_visible()
        page.emulate_media(media="print")
        assert risk.is_visible()


@pytest.mark.django_db(transaction=True)
def test_two_are_chosen_without_script(live_server, grafts):
    with browser() as chromium:
        page = chromium.new_context(java_script_enabled=False).new_page()
        page.goto(f"{live_server.url}/therapies/compare/")
        page.select_option("#topic_1", MARROW)
        page.select_option("#topic_2", CORD)
        page.check("[name=differences]")
        page.click(".compare-form button")
        assert page.url.endswith(f"?t={MARROW}&t={CORD}&t=&t=&differences=1")
        assert page.locator("h1").inner_text() == "Marrow graft and Cord graft"
