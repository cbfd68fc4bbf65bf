"""A link into a long topic lands where it points, though what is far below is laid out late."""

import contextlib

import pytest
from playwright.sync_api import TimeoutError

from tests.api_data import document, publish, section
from tests.browsing import NARROW, WIDE

pytestmark = pytest.mark.django_db(transaction=True)

IN_SIGHT = """id => {
    const { top } = document.getElementById(id).getBoundingClientRect();
    return top > -5 && top < innerHeight / 2;
}"""
PARTS, STATEMENTS = 14, 12
WORDS = "Neutrophils return in the second or third week after the infusion of the graft, " * 3


def long_topic() -> None:
    bodies = [
        "\n\n".join(f"{WORDS}[@copelan2006]{{#p{part}-{n}}}" for n in range(STATEMENTS))
        for part in range(PARTS)
    ]
    parts = [section(body, heading=f"Question {n}?") for n, body in enumerate(bodies)]
    publish(document("overview", "long", sections=parts))


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_it_lands_where_it_points(chromium, live_server, size):
    long_topic()
    page = chromium.new_page(viewport=size)

    def lands(anchor: str) -> bool:
        # Within the upper half of the window, once all is loaded.
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(IN_SIGHT, arg=anchor, timeout=5000)
        page.wait_for_timeout(200)
        return page.evaluate(IN_SIGHT, anchor)

    page.goto(f"{live_server.url}/topics/long/#p9-3")
    assert lands("p9-3")

    # From the head of the page to its foot.
    page.goto(f"{live_server.url}/topics/long/")
    page.evaluate("location.hash = '#p12-7'")
    assert lands("p12-7")
    page.close()
