"""PubMed Central's converter: which PMID or DOI a PMCID stands for.

https://pmc.ncbi.nlm.nih.gov/tools/id-converter-api/
"""

from references.formats import reading
from references.registries import answers
from references.registries.recognising import Identifier

NAME, LABEL, ACCEPT, AT_ONCE = "pmc", "PubMed Central", "json", 50


def address(values: list[str]) -> str:
    asked = answers.query(ids=",".join(values), format="json", versions="no", **answers.who())
    return f"{answers.base(NAME)}/articles/?{asked}"


def read(body: bytes, values: list[str]) -> dict[str, Identifier]:
    found = {}
    for record in answers.object_of(body)["records"]:
        pmcid = reading.pmcid(record.get("pmcid"))
        if record.get("status") == "error" or pmcid not in values:
            continue
        if pmid := reading.pmid(record.get("pmid")):
            found[pmcid] = Identifier("pmid", pmid)
        elif doi := reading.doi(record.get("doi")):
            found[pmcid] = Identifier("doi", doi.lower())
    return found
