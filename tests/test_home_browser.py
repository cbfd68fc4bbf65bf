"""The home page by keyboard: its search is near, and skip links lead where they say."""

import pytest

from tests.browsing import NARROW, WIDE

pytestmark = pytest.mark.django_db(transaction=True)

MOST_TABS = 5


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("scripts", [True, False])
def test_the_search_is_a_few_keys_away(chromium, live_server, size, scripts):
    page = chromium.new_page(viewport=size, java_script_enabled=scripts)
    page.goto(live_server.url)

    pressed = []
    while not page.locator("a.skip[href='#find']:focus").count():
        page.keyboard.press("Tab")
        pressed.append("Tab")
        assert len(pressed) < MOST_TABS
    assert page.locator("a.skip[href='#find']").bounding_box()["width"] > 40
    page.keyboard.press("Enter")
    page.wait_for_selector("#find:focus")
    page.keyboard.type("marrow")

    assert page.locator("#find").input_value() == "marrow"
    page.close()


def test_the_content_is_reached_by_the_first_link(chromium, live_server):
    page = chromium.new_page(viewport=WIDE)
    page.goto(live_server.url)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_selector("#main:focus")
    assert page.url.endswith("#main")
    page.close()
