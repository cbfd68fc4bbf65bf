"""Topics side by side in a browser: on a phone, on paper, and without script."""

import pytest
from browsing import NARROW, assert_fit, browser
from compare_data import BOTH, CORD, MARROW, make_grafts


@pytest.mark.django_db(transaction=True)
def test_it_is_fit_for_everybody_and_stacks_on_a_phone(live_server):
    make_grafts()
    with browser() as chromium:
        paths = (BOTH, f"/de{BOTH}", f"/therapies/compare/?t={MARROW}")
        assert_fit(chromium, *(live_server.url + path for path in paths))
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
def test_what_is_folded_is_printed(live_server):
    make_grafts()
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1200, "height": 800})
        page.goto(live_server.url + BOTH)
        risk = page.locator("th", has_text="Graft failure")
        assert not risk.is_visible()
        page.emulate_media(media="print")
        assert risk.is_visible()


@pytest.mark.django_db(transaction=True)
def test_two_are_chosen_without_script(live_server):
    make_grafts()
    with browser() as chromium:
        page = chromium.new_context(java_script_enabled=False).new_page()
        page.goto(f"{live_server.url}/therapies/compare/")
        page.select_option("#topic_1", MARROW)
        page.select_option("#topic_2", CORD)
        page.check("[name=differences]")
        page.click(".compare-form button")
        assert page.url.endswith(f"?t={MARROW}&t={CORD}&t=&t=&differences=1")
        assert page.locator("h1").inner_text() == "Marrow graft and Cord graft"
