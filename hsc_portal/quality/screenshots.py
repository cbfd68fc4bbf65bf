"""Take pictures of every kind of page: `make screenshots`. They go to docs/screenshots.

Each is taken at the widths of a phone, a tablet and a desk, light and dark. What a person would
scroll through is shown down to a certain depth.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hsc_portal.quality import desk, examples
from hsc_portal.quality.kinds import EXAMPLES, KINDS, Kind
from hsc_portal.quality.pictures import small
from hsc_portal.quality.serving import PROJECT, portal

FOLDER = PROJECT / "docs" / "screenshots"
# Windows as they are in life, and how much of a page is shown.
WINDOWS = {390: 844, 820: 1180, 1440: 900}
DEPTHS = {390: 2000, 820: 1500, 1440: 1200}
SCHEMES = ("light", "dark")
LARGEST_FOLDER = 18_000_000
INDEX = [
    "# What the pages look like",
    "",
    "Made by `make screenshots` from the starter content, at the widths of a phone, a tablet and a",
    "desk. Topics that are called an example exist in the pictures only.",
    "",
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


def main() -> None:
    if not which("chromium"):
        sys.exit("make screenshots needs chromium; install it (Debian: apt install chromium).")
    folder, names = read_arguments()
    folder.mkdir(parents=True, exist_ok=True)
    with portal() as address, chromium() as browser:
        take_all(browser, address, [kind for kind in KINDS if kind.name in names], folder)
        examples.make()
        take_all(browser, address, [kind for kind in EXAMPLES if kind.name in names], folder)
        if "desk" in names:
            desk.take_all(browser, address, folder / "desk")
    write_index(folder)
    check_size(folder)


def read_arguments() -> tuple[Path, list[str]]:
    """Return where the pictures go, and the names of the kinds that they are of."""
    names = [*(kind.name for kind in KINDS + EXAMPLES), "desk"]
    parser = argparse.ArgumentParser(prog="python -m hsc_portal.quality.screenshots")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("name", nargs="*", help=f"one or more of: {', '.join(names)}; else all")
    given = parser.parse_args()
    if unknown := set(given.name) - set(names):
        parser.error(f"there is no kind of page {', '.join(unknown)}")
    return given.folder, given.name or names


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def take_all(browser: Browser, address: str, kinds: list[Kind], folder: Path) -> None:
    for width in WINDOWS:
        for scheme in SCHEMES:
            print(f"{width} px wide, {scheme} …", flush=True)
            context = browser.new_context(
                base_url=address, color_scheme=scheme, reduced_motion="reduce",
                viewport={"width": width, "height": WINDOWS[width]}, bypass_csp=True,
            )  # fmt: skip
            for kind in kinds:
                picture = take(context, kind, width)
                (folder / file_of(kind, width, scheme)).write_bytes(picture)
            context.close()


def file_of(kind: Kind, width: int, scheme: str) -> str:
    return f"{kind.name}-{width}-{scheme}.png"


def take(context: BrowserContext, kind: Kind, width: int) -> bytes:
    """Return the picture of a page as it is when all its scripts have done their part."""
    context.set_offline(False)
    page = context.new_page()
    page.goto(kind.path, wait_until="networkidle")
    star = page.locator("[data-star]")
    if star.count():
        star.locator("button").wait_for()
    # What is below the window may else not be drawn yet.
    page.add_style_tag(content="* { content-visibility: visible !important }")
    kind.act(page)
    shown = {} if kind.is_screen else {"full_page": True, "clip": _place(page, kind, width)}
    picture = page.screenshot(**shown)
    page.close()
    return small(picture)


def _place(page: Page, kind: Kind, width: int) -> dict[str, float]:
    """Return the part of the page that is shown: from its top, or from where the kind says."""
    top = 0
    if kind.part:
        top = page.locator(kind.part).first.evaluate(
            "part => Math.max(0, part.getBoundingClientRect().top + scrollY - 24)"
        )
    height = page.evaluate("document.documentElement.scrollHeight")
    return {"x": 0, "y": top, "width": width, "height": min(DEPTHS[width], height - top)}


def write_index(folder: Path) -> None:
    """Write the page that lists all pictures by kind."""
    widths = " | ".join(f"{width} px" for width in WINDOWS)
    lines = [*INDEX, f"| page | address | {widths} |", "|---|---|" + "---|" * len(WINDOWS)]
    for kind in KINDS + EXAMPLES:
        cells = [
            ", ".join(f"[{scheme}]({file_of(kind, width, scheme)})" for scheme in SCHEMES)
            for width in WINDOWS
        ]
        lines.append(f"| {kind.title} | `{kind.path}` | {' | '.join(cells)} |")
    (folder / "README.md").write_text("\n".join(lines) + "\n")


def check_size(folder: Path) -> None:
    named = {file_of(kind, width, scheme)
             for kind in KINDS + EXAMPLES for width in WINDOWS for scheme in SCHEMES}  # fmt: skip
    for path in folder.glob("*-*-*.png"):
        # Of a kind that is no more.
        if path.name not in named:
            path.unlink()
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(named)} pictures, {size / 1e6:.1f} MB in {folder}")
    if size > LARGEST_FOLDER:
        sys.exit(f"That is more than {LARGEST_FOLDER / 1e6:.0f} MB; show less in DEPTHS.")


if __name__ == "__main__":
    main()
