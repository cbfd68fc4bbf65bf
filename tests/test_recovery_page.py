"""The page that compares the recovery of cells: what it says, keeps and costs, and in a browser."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import clinic
from tests.pages_data import publication, retract, unreviewed, withdraw
from topics import publishing
from topics.models import Topic

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

NEUTROPHILS = {"subset": "neutrophils", "from_day": 14, "to_day": 16}


def recovering(slug: str, *rows: dict) -> Topic:
    """Return a published therapy with these milestones."""
    return unreviewed(slug, "therapy", tables={"milestones": list(rows)})


@pytest.mark.django_db
def test_the_recovery_page_compares_grafts_in_a_chart_and_a_table(client):
    publication("petit2002")
    recovering("marrow", NEUTROPHILS | {"cell_source": "bone-marrow", "references": ["petit2002"]})
    recovering("cord", NEUTROPHILS | {"cell_source": "cord-blood", "certainty": "low"},
               {"subset": "platelets", "note": "No day"})  # fmt: skip
    unreviewed("other", "therapy")

    html = client.get("/therapies/recovery/").content.decode()

    assert html.count("<h1") == 1
    assert "Marrow graft: Marrow" in html and "Cord blood graft: Cord" in html
    assert html.index("Marrow graft: Marrow") < html.index("Cord blood graft: Cord")
    assert "not in the picture: Platelets (Cord)." in html
    assert '<a href="/topics/marrow/#table_milestones">Marrow</a>' in html
    assert "low certainty" in html
    assert "What petit2002 found" in html
    assert "/topics/other/" not in html


@pytest.mark.django_db
def test_a_retraction_shows_at_once_on_the_recovery_page(client):
    petit = publication("petit2002")
    recovering("marrow", NEUTROPHILS | {"references": ["petit2002"]})
    client.get("/therapies/recovery/")
    retract(petit)
    html = client.get("/therapies/recovery/").content.decode()
    assert "cites a retracted publication" in html
    assert "The data were made up." in html


@pytest.mark.django_db
def test_the_recovery_page_follows_what_is_published(client):
    empty = client.get("/therapies/recovery/")
    assert b"No published therapy says yet when cells recover." in empty.content
    topic = recovering("marrow", NEUTROPHILS)
    first = client.get("/therapies/recovery/")
    assert b"+14 to" in first.content
    again = client.get("/therapies/recovery/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.get("Vary", "")) == (304, first.get("Vary", ""))
    assert "Cookie" not in first.get("Vary", "")
    topic.title = "A draft that nobody may see"
    topic.save()
    publishing.save_revision(topic, author=clinic.author())
    assert b"A draft" not in client.get("/therapies/recovery/").content
    withdraw(topic, "A figure was wrong.")
    assert b"+14 to" not in client.get("/therapies/recovery/").content


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 12])
def test_the_queries_of_the_recovery_page_do_not_grow(client, django_assert_num_queries, number):
    for n in range(number):
        recovering(f"marrow-{n}", NEUTROPHILS)
    with django_assert_num_queries(3):
        client.get("/therapies/recovery/")


# In a browser.


@pytest.fixture
def address(live_server):
    clinic.author()  # With real transactions the roles are gone; this makes them anew.
    publication("petit2002")
    recovering(
        "marrow",
        NEUTROPHILS | {"cell_source": "bone-marrow", "references": ["petit2002"]},
        NEUTROPHILS | {"subset": "platelets", "cell_source": "cord-blood", "to_day": 900},
        {"subset": "cd4-t-cells", "to_day": 100, "threshold": "Above 50/µL"},
    )
    return f"{live_server.url}/therapies/recovery/"


@pytest.mark.django_db(transaction=True)
def test_the_page_is_accessible_and_narrow_enough(chromium, address):
    for width, scheme, language in (
        (320, "light", ""), (390, "dark", "/de"), (1440, "light", "/es"), (1440, "dark", ""),
    ):  # fmt: skip
        page = chromium.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
        told = []
        page.on("console", lambda message, told=told: told.append(message.text))
        page.goto(address.replace("/therapies", f"{language}/therapies"))
        assert told == []
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shown = page.locator(".chart-picture:visible")
        assert shown.count() == 1
        assert ("chart-wide" in shown.get_attribute("class")) == (width == 1440)
        page.close()


@pytest.mark.django_db(transaction=True)
def test_labels_are_as_wide_as_was_reckoned_and_links_work_by_keyboard(chromium, address):
    page = chromium.new_page(viewport={"width": 1440, "height": 800})
    for language in ("/de", "/es", ""):
        page.goto(address.replace("/therapies", f"{language}/therapies"))
        reckoned_short = page.evaluate(
            """() => [...document.querySelectorAll('.chart-wide [role=listitem]')].filter(item => {
                const label = item.querySelector('text').getBBox();
                const ground = [...item.querySelectorAll('rect')].at(-1).getBBox();
                return label.width > ground.width;
            }).length"""
        )
        assert reckoned_short == 0
    link = page.locator(".chart-wide a").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/topics/marrow/#table_milestones")
    page.close()
