"""A real browser for tests of single pages, and what must hold of each page in it."""

import contextlib
import os
import shutil
from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1440, "height": 900}


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


def assert_fit(chromium: Browser, address: str) -> None:
    """Assert that axe finds nothing, the policy is kept and no page is wider than its window."""
    for scheme, size in (("light", NARROW), ("dark", WIDE)):
        page = chromium.new_page(color_scheme=scheme, viewport=size)
        told = []
        page.on("console", lambda message, told=told: told.append(message.text))
        page.goto(address)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address} {scheme}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        assert told == []
        page.close()
