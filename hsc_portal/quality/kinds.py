"""The kinds of pages there are, and what has to be done for some of them before they are looked at.

The last ones need the examples that `examples.py` makes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

THERAPY = "/topics/haploidentical-transplantation/"
CONDITION = "/topics/acute-myeloid-leukemia/"
EXAMPLE = "/topics/example-of-a-reviewed-topic/"
WITHDRAWN = "/topics/example-of-a-withdrawn-topic/"


def nothing(page: Page) -> None:
    """Leave the page as it comes."""


def open_menu(page: Page) -> None:
    button = page.locator(".to-menu")
    if button.is_visible():
        button.click()


def open_citation(page: Page) -> None:
    page.locator("main .cites a").first.click()


def send_form(page: Page) -> None:
    page.locator("main form [type=submit]").last.click()
    page.wait_for_load_state()


def go_offline(page: Page) -> None:
    """Show the copy that the browser kept at the visit before."""
    page.wait_for_function(
        """async () => {
          for (const name of await caches.keys()) {
            if (await (await caches.open(name)).match(location.pathname)) return true;
          }
        }"""
    )
    page.context.set_offline(True)
    page.reload()
    page.locator("[data-offline] p").first.wait_for()


@dataclass(frozen=True)
class Kind:
    """A page to look at. `name` is part of the names of its pictures.

    `act` is done to the page first. `part`: the picture begins there. `is_screen`: it shows what
    the window shows, and not as much of the page as fits.
    """

    name: str
    title: str
    path: str
    act: Callable[[Page], None] = nothing
    part: str = ""
    is_screen: bool = False


WORDS = "mainSearchCriteria.v.dn=Stem+cell+transplantation"
COMPARED = "?t=cord-blood-transplantation&t=haploidentical-transplantation"

KINDS = [
    Kind("home", "Home", "/"),
    Kind("menu", "The menu of a phone, open", "/", open_menu, is_screen=True),
    Kind("search", "Search", "/search/?q=when+does+sinusoidal+obstruction+syndrome+occur"),
    Kind("topics", "All topics", "/topics/"),
    Kind("conditions", "One kind of topics, filtered", "/conditions/?category=malignant"),
    Kind("nothing-found", "Nothing found", "/search/?q=zzzzqqqq"),
    Kind("overview", "An overview", "/topics/immune-reconstitution/"),
    Kind("therapy", "A therapy", THERAPY),
    Kind("course", "Its course as a chart", THERAPY, part=".charted"),
    Kind("tables", "Its tables", THERAPY, part=".clinical:has(.stacks)"),
    Kind("around", "What stands around the text", THERAPY, part="#related_topics"),
    Kind("condition", "A condition", CONDITION),
    Kind("grid", "Its indications", CONDITION, part=".clinical:has(.grid)"),
    Kind("agent", "An agent", "/topics/busulfan/"),
    Kind("complication", "A complication", "/topics/sinusoidal-obstruction-syndrome/"),
    Kind("citation", "A citation, opened in place", THERAPY, open_citation),
    Kind("evidence", "Evidence, statement by statement", f"{THERAPY}evidence/"),
    Kind("cite", "Citing an edition", f"{THERAPY}editions/1/cite/"),
    Kind("map", "The map of all topics", "/map/"),
    Kind("map-of-a-topic", "The map around a topic", f"/map/?topic={CONDITION.split('/')[2]}"),
    Kind("compare", "Choosing what to compare", "/therapies/compare/"),
    Kind("compared", "Two therapies compared", f"/therapies/compare/{COMPARED}"),
    Kind("recovery", "Recovery of cells after several grafts", "/therapies/recovery/"),
    Kind("references", "References", "/references/"),
    Kind("reference", "A reference", "/references/horgan2024/"),
    Kind("glossary", "Glossary", "/glossary/"),
    Kind("about", "About the portal", "/about/"),
    Kind("follow", "Following by mail", f"/follow/?topic={THERAPY.split('/')[2]}"),
    Kind("follow-wrong", "A form that was not right", "/follow/", send_form),
    Kind("report", "Reporting an error", f"/report/?topic={THERAPY.split('/')[2]}"),
    Kind("saved", "Pages kept for offline reading", "/saved/"),
    Kind("offline", "A kept page without network", "/topics/busulfan/", go_offline),
    Kind("style", "What pages are built with", "/style/"),
    Kind("german", "A topic with the German interface", f"/de{THERAPY}"),
    Kind("infobutton", "What a record system is shown", "/infobutton/application?" + WORDS),
    Kind("card", "A card for other sites", "/embed/busulfan/"),
    Kind("error-400", "An address that cannot be meant", "/topics/?kind=nonsense"),
    Kind("error-404", "Nothing at this address", "/no-such-page/"),
]

# After the examples are there, which must not stand among the real topics of the lists above.
EXAMPLES = [
    Kind("reviewed", "A topic that a clinician reviewed", EXAMPLE),
    Kind("history", "All editions of a topic", f"{EXAMPLE}editions/"),
    Kind("changes", "What changed, word by word", f"{EXAMPLE}editions/2/changes/"),
    Kind("earlier", "An earlier edition", f"{EXAMPLE}editions/1/"),
    Kind("whats-new", "What is new", "/whats-new/"),
    Kind("withdrawn", "A withdrawn topic", WITHDRAWN),
    Kind("partners", "Partners", "/partners/"),
    Kind("partner", "A partner", "/partners/example-network/"),
]
