"""How a publication is shown on a page: its words, and links to where it can be read."""

from references import csl

DOI = "https://doi.org/"
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"
PMC = "https://www.ncbi.nlm.nih.gov/pmc/articles/"


def shown(item: dict) -> dict:
    """Return the parts of a CSL-JSON item as a template shows them, absent ones as ""."""
    return {
        "authors": csl.authors(item).rstrip("."),
        "title": str(item["title"]).rstrip("."),
        "source": csl.source(item),
        "links": links(item),
    }


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
    if not found and str(item.get("URL", "")).startswith(("http://", "https://")):
        found.append({"label": item["URL"], "address": item["URL"]})
    return found
