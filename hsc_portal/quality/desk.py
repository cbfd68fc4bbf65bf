"""Pictures of the editors' home, as each role sees it: part of `make screenshots`."""

import json
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from hsc_portal.quality.examples import DRAFTS
from hsc_portal.quality.pictures import small
from hsc_portal.quality.serving import VAR

SIGHTS = [(1440, "light"), (820, "light"), (390, "dark")]
HEIGHTS = {1440: 900, 820: 1180, 390: 844}
DEPTH = 1600


@dataclass(frozen=True)
class Screen:
    """A page of the admin. `{review}` and `{publish}` in its path are drafts of the examples."""

    name: str
    title: str
    role: str
    path: str


SCREENS = [
    Screen("start", "The desk", "editor", "/admin/"),
    Screen("form", "Writing a topic", "author", "/admin/topics/topic/{review}/change/"),
    Screen("queue", "The review queue", "reviewer", "/admin/topics/topic/queue/"),
    Screen("review", "Reviewing", "reviewer", "/admin/topics/topic/{review}/step/review/"),
    Screen("publish", "Publishing", "editor", "/admin/topics/topic/{publish}/step/publish/"),
    Screen("history", "The history of a topic", "editor", "/admin/topics/topic/{review}/history/"),
    Screen("list", "What awaits a source check", "editor",
           "/admin/topics/topic/lists/awaiting-check/"),
    Screen("map", "The evidence map", "editor", "/admin/topics/topic/evidence-map/"),
    Screen("references", "The library", "editor", "/admin/references/reference/"),
    Screen("identifier", "Adding by identifier", "editor",
           "/admin/references/reference/by-identifier"),
    Screen("duplicates", "References that may be here twice", "editor",
           "/admin/references/reference/duplicates/"),
]  # fmt: skip


def take_all(browser: Browser, address: str, folder: Path) -> None:
    """Take a picture of each screen in each sight, and write the page that lists them."""
    folder.mkdir(parents=True, exist_ok=True)
    drafts = json.loads(DRAFTS.read_text())
    for width, scheme in SIGHTS:
        print(f"The desk, {width} px wide, {scheme} …", flush=True)
        contexts: dict[str, BrowserContext] = {}
        for screen in SCREENS:
            if screen.role not in contexts:
                contexts[screen.role] = _logged_in(browser, address, screen.role, width, scheme)
            picture = _take(contexts[screen.role], screen.path.format(**drafts), width)
            (folder / _file_of(screen, width, scheme)).write_bytes(picture)
        for context in contexts.values():
            context.close()
    _write_index(folder)


def _logged_in(browser: Browser, address: str, role: str, width: int, scheme: str):
    accounts = {one["username"]: one for one in json.loads((VAR / "accounts.json").read_text())}
    context = browser.new_context(
        base_url=address, color_scheme=scheme, reduced_motion="reduce",
        viewport={"width": width, "height": HEIGHTS[width]},
    )  # fmt: skip
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("#id_username", role)
    page.fill("#id_password", accounts[role]["password"])
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")
    page.close()
    return context


def _take(context: BrowserContext, path: str, width: int) -> bytes:
    page = context.new_page()
    page.goto(path, wait_until="networkidle")
    # The page is as long as its content only if nothing in it scrolls by itself.
    height = min(DEPTH, page.evaluate("document.documentElement.scrollHeight"))
    picture = page.screenshot(
        full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height}
    )
    page.close()
    return small(picture)


def _file_of(screen: Screen, width: int, scheme: str) -> str:
    return f"{screen.name}-{width}-{scheme}.png"


def _write_index(folder: Path) -> None:
    lines = ["# The editors' home", "", "Made by `make screenshots`, with examples.", ""]
    for screen in SCREENS:
        seen = [
            f"[{width} px, {scheme}]({_file_of(screen, width, scheme)})" for width, scheme in SIGHTS
        ]
        lines.append(f"- {screen.title}: {', '.join(seen)}")
    (folder / "README.md").write_text("\n".join(lines) + "\n")
