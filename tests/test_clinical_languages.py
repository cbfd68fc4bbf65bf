"""The clinical parts of pages in other languages: what changes with them, and what must not."""

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from tests import clinic, pages_data
from tests.german import german
from tests.pages_data import publish_unreviewed
from therapies import filters, grid, tables
from topics.rendering import TopicLinks

GERMAN = {
    "Note": "Anmerkung",
    "Day %(first)s to %(last)s": "Tag %(first)s bis %(last)s",
    "Neutrophils": "Neutrophile",
    "compared with: {words}": "verglichen mit: {words}",
    "evidence %(grade)s": "Evidenz %(grade)s",
    "low confidence in the reading": "unsicher gelesen",
    "Clinical option": "Klinische Option",
    "{label} (descending)": "{label} (absteigend)",
    "Title": "Titel",
    "There is no agent “%(name)s”.": "Es gibt keinen Wirkstoff „%(name)s“.",
    "There is no therapy “%(name)s”.": "Es gibt keine Therapie „%(name)s“.",
}  # fmt: skip
LINKS = TopicLinks({"acute-gvhd": {"slug": "acute-gvhd", "title": "Acute GVHD"}})
ROWS = {
    "agents": [{"agent": "filgrastim", "role": "growth-factor", "timing": "Rarely", "note": "x"}],
    "steps": [{"phase": "infusion", "title": "Infusion", "from_day": 0, "description": "x"}],
    "risks": [{"complication": "acute-gvhd", "from_day": 14, "to_day": 100, "frequency": "3 of 10",
               "risk_factors": "x", "monitoring": "x", "prevention": "x"}],
    "benefits": [{"outcome": "Survival", "population": "Adults & children", "result": "50%",
                  "comparator": "Chemotherapy"}],
    "milestones": [{"subset": "neutrophils", "cell_source": "cord-blood", "from_day": 20,
                    "to_day": 28, "threshold": "x", "note": "x"}],
    "engraftment_factors": [{"factor": "Dose", "effect": "speeds", "note": "x"}],
    "trials": [{"name": "COBLT", "phase": "2", "registry_id": "NCT00000000", "result": "x",
                "status": "completed"}],
}  # fmt: skip


def shown(template: str, **context) -> str:
    """Return a template as text, without the ends of lines before elements."""
    return render_to_string(template, context).replace("\n<", "<")


@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
def test_no_two_columns_of_a_table_have_one_heading(language):
    with translation.override(language):
        made = tables.of_therapy(ROWS, LINKS)
    assert len(made) == len(ROWS)
    for table in made:
        assert len(set(table.columns)) == len(table.columns) > 2, table.name


def test_in_a_table_the_words_of_editors_are_marked_and_those_of_choices_are_not():
    with german(GERMAN):
        table = next(t for t in tables.of_therapy(ROWS, LINKS) if t.name == "milestones")
        html = shown("components/table.html", table=table)
    assert "Neutrophile</th>" in html
    assert '<td data-label="Threshold"><span lang="en">x</span></td>' in html
    assert 'data-label="Anmerkung"><span lang="en">x</span>' in html
    assert "Tag\N{NO-BREAK SPACE}+20 bis\N{NO-BREAK SPACE}+28</td>" in html
    table = next(t for t in tables.of_therapy(ROWS, LINKS) if t.name == "milestones")
    assert "lang=" not in shown("components/table.html", table=table)


def test_what_is_weighed_says_in_the_language_of_the_page_what_it_is_compared_with():
    with german(GERMAN):
        html = weighed()
    assert '<b lang="en">Survival</b> <span lang="en">50%</span>' in html
    assert '<small><span lang="en">Adults &amp; children</span>; verglichen mit: ' in html
    assert "<small>Tag\N{NO-BREAK SPACE}+14 bis\N{NO-BREAK SPACE}+100</small>" in html
    assert "<small>Adults &amp; children; compared with: Chemotherapy</small>" in weighed()


def weighed() -> str:
    made = tables.scales(tables.of_therapy(ROWS, LINKS))
    return shown("components/scales.html", scales=made)


def test_a_cell_of_the_grid_tells_its_note_from_what_the_portal_says_of_it():
    row = {"scheme": "EBMT", "edition": "2022", "population": "adult", "disease": "AML",
           "status": "CR1", "option": "MSD", "category": "CO", "evidence": "II",
           "confidence": "low", "note": "Only <young>", "source": "Table 2"}  # fmt: skip
    with german(GERMAN):
        [table] = grid.of_condition({"indications": [row]})
        html = shown("components/table.html", table=table)
    assert "Klinische Option <small>Evidenz II; unsicher gelesen; " in html
    assert '<span lang="en">Only &lt;young&gt;</span></small>' in html
    assert '<span lang="en">AML <small>CR1</small></span>' in html
    assert '<span lang="en">Table 2</span>' in html
    [table] = grid.of_condition({"indications": [row]})
    note = "evidence II; low confidence in the reading; Only &lt;young&gt;"
    assert f"<small>{note}</small>" in shown("components/table.html", table=table)


def test_orders_of_a_list_are_named_in_the_language_of_each_page():
    def orders() -> list[str]:
        return [str(label) for _, label in filters.TherapyFilter().form.fields["ordering"].choices]

    assert "Title (descending)" in orders()
    with german(GERMAN):
        assert "Titel (absteigend)" in orders()
    assert "Title (descending)" in orders()


@pytest.mark.django_db
def test_pages_say_in_their_language_what_is_wrong_and_the_api_in_english(client):
    with german(GERMAN):
        page = client.get("/de/therapies/?agent=zebra")
        compared = client.get("/de/therapies/compare/?t=zebra")
        problem = client.get("/api/v1/therapies/?agent=zebra")
    assert (page.status_code, compared.status_code, problem.status_code) == (400, 400, 400)
    assert "Es gibt keinen Wirkstoff „zebra“." in page.content.decode()
    assert "Es gibt keine Therapie „zebra“." in compared.content.decode()
    assert "There is no agent “zebra”." in problem.content.decode()


@pytest.mark.django_db
def test_a_comparison_and_the_recovery_of_cells_stay_in_their_language(client):
    publish_unreviewed(clinic.draft(clinic.complication("graft-failure")))
    publish_unreviewed(
        *(
            pages_data.draft(slug, "therapy", tables={
                "risks": [{"complication": "graft-failure", "frequency": "9%"}],
                "milestones": ROWS["milestones"],
            })
            for slug in ("marrow", "cord")
        )
    )  # fmt: skip
    with german(GERMAN):
        compared = client.get("/de/therapies/compare/?t=marrow&t=cord").content.decode()
        recovery = client.get("/de/therapies/recovery/").content.decode()
        form = client.get("/de/therapies/compare/").content.decode()
    english = client.get("/therapies/compare/?t=marrow&t=cord").content.decode()

    for html in (compared, recovery, form):
        assert '<html lang="de">' in html
        main = html[html.index("<main") : html.index("</main>")]
        assert 'href="/topics/' not in main and 'href="/therapies/' not in main
    assert (
        '<a href="/de/topics/graft-failure/"><span lang="en">Graft failure</span></a>' in compared
    )
    assert '<span class="entry-label">Frequency:</span> <span lang="en">9%</span>' in compared
    assert 'scope="row">Neutrophile <span' in compared
    assert '<a href="/de/topics/marrow/#table_milestones">Marrow</a>\n</span>' in recovery
    assert '<option value="marrow" lang="en">Marrow</option>' in form
    main = english[english.index("<main") : english.index("</main>")]
    assert "lang=" not in main and "Neutrophile " not in main
