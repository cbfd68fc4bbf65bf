"""How a publication is shown on a page: its words, and links to where it can be read."""

import re
from html import escape
from urllib.parse import unquote_plus, urlsplit

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from references import csl

DOI = "https://doi.org/"
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"
PMC = "https://www.ncbi.nlm.nih.gov/pmc/articles/"
DAILYMED = "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid="
# What answers programs: no reader can do anything with its address.
OPENFDA = "api.fda.gov"
# By which an abstract may be shown: SPDX names, whatever their version.
OPEN_LICENSES = ("cc0-", "cc-by-1", "cc-by-2", "cc-by-3", "cc-by-4", "cc-by-sa-", "public-domain")
SET_ID = re.compile(r'\bset_id:"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')


def shown(item: dict) -> dict:
    """Return the parts of a CSL-JSON item as a template shows them, absent ones as "".

    `stop` is what ends the title, nothing where that ends in a mark of its own.
    """
    title = str(item["title"]).rstrip(".")
    return {
        "authors": csl.authors(item).rstrip("."),
        "title": title,
        "stop": "" if title.endswith(("?", "!")) else ".",
        "source": csl.source(item).rstrip("."),
        "links": links(item),
    }


def abstract(item: dict) -> str:
    """Return the abstract if readers may be shown it, else "".

    An abstract is its publisher's unless it is said otherwise, and a registry that hands it out
    gives nobody the right to publish it. So its license must be named, as `abstract_license` in
    `custom`, and be one of those that allow it.
    """
    license = str(item.get("custom", {}).get("abstract_license", "")).lower()
    return str(item.get("abstract") or "") if license.startswith(OPEN_LICENSES) else ""


def public(item: dict) -> dict:
    """Return an item as anybody may have it: without an abstract that readers may not be shown."""
    if not item.get("abstract") or abstract(item):
        return item
    return {name: value for name, value in item.items() if name != "abstract"}


def links(item: dict) -> list[dict]:
    """Return label and address of each place where a publication can be read."""
    doi, pmid, pmcid = item.get("DOI"), item.get("PMID"), item.get("PMCID")
    found = []
    if doi:
        found.append({"label": f"doi:{doi}", "address": f"{DOI}{doi}"})
    if pmid:
        found.append({"label": f"PubMed {pmid}", "address": f"{PUBMED}{pmid}/"})
    if pmcid:
        found.append({"label": str(pmcid), "address": f"{PMC}{pmcid}/"})
    url = str(item.get("URL", ""))
    if not found and url.startswith(("http://", "https://")):
        found.append(_page(url))
    return found


def linked(printed: str, places: list[dict]) -> tuple[SafeString, list[dict]]:
    """Return a typeset publication whose identifiers are links, and the places it does not name.

    `printed` is clean HTML, `places` are those of `links`.
    """
    rest = []
    for place in places:
        for words in (place["label"], place["address"]):
            # As it stands in HTML made by nh3, which leaves quotation marks as they are.
            text = escape(words, quote=False)
            if text in printed:
                link = f'<a href="{escape(place["address"])}">{text}</a>'
                printed = printed.replace(text, link, 1)
                break
        else:
            rest.append(place)
    return mark_safe(printed), rest


def _page(url: str) -> dict:
    """Return the link to a page of the web, for a drug label of openFDA to where people read it."""
    if urlsplit(url).hostname != OPENFDA:
        return {"label": url, "address": url}
    if label := SET_ID.search(unquote_plus(urlsplit(url).query)):
        return {"label": "DailyMed", "address": f"{DAILYMED}{label.group(1)}"}
    return {"label": _("openFDA record (JSON)"), "address": url}
