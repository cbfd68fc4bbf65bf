"""A real browser for tests of single pages, and what must hold of each page in it."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1440, "height": 900}


# The same engine without windows needs two thirds of the time; Debian has it as a package.
BROWSERS = ("chromium-headless-shell", "chromium")


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


# In two pairs, each of the colours and each of the windows is seen once.
SIGHTS = (("light", NARROW), ("dark", WIDE))
# What axe would load anew to judge by is in the page already, but for sounds.
AXE = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}


def assert_accessible(page: Page, name: str = "") -> None:
    """Assert that axe finds nothing on the page as it is, and that it fits its window."""
    page.evaluate(AXE_SCRIPT)
    # What axe found in order is longer than the page, and nobody asks for it.
    found = page.evaluate("how => axe.run(document, how).then(found => found.violations)", AXE)
    assert found == [], f"{name or page.url}: {json.dumps(found, indent=1)}"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], name or page.url


def assert_each_accessible(page: Page, addresses: Iterable[str], sights=SIGHTS) -> None:
    """Assert it of each page, in the colours and windows in which people see it."""
    for scheme, size in sights:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        for address in addresses:
            # Where only what is behind the # differs, nothing would be loaded.
            page.goto("about:blank")
            page.goto(address)
            assert_accessible(page, f"{address} {scheme}")


def assert_fit(chromium: Browser, *addresses: str) -> None:
    """Assert that axe finds nothing, the policy is kept and no page is wider than its window."""
    page = chromium.new_page()
    told = []
    page.on("console", lambda message: told.append(message.text))
    assert_each_accessible(page, addresses)
    assert told == []
    page.close()
