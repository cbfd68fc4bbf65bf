"""ClinicalTrials.gov: trials by their number. https://clinicaltrials.gov/data-api/api, version 2"""

from references.formats import reading
from references.registries import answers

NAME, LABEL, ACCEPT, AT_ONCE = "clinicaltrials", "ClinicalTrials.gov", "json", 50
PAGE = "https://clinicaltrials.gov/study/"
PARTS = ("identification", "status", "sponsorCollaborators", "design")


def address(values: list[str]) -> str:
    fields = ",".join(f"protocolSection.{part}Module" for part in PARTS)
    asked = answers.query(
        **{"filter.ids": ",".join(values), "fields": fields, "pageSize": str(AT_ONCE)}
    )
    return f"{answers.base(NAME)}/studies?{asked}"


def read(body: bytes, values: list[str]) -> dict[str, dict]:
    found = {}
    for study in answers.object_of(body)["studies"]:
        parts = study["protocolSection"]
        known = parts["identificationModule"]
        # A trial that was registered twice answers to its other number, too.
        for number in (known["nctId"], *known.get("nctIdAliases", [])):
            if number in values:
                found[number] = _item(parts)
    return found


def _item(parts: dict) -> dict:
    known, status = parts["identificationModule"], parts.get("statusModule") or {}
    sponsor = (parts.get("sponsorCollaboratorsModule") or {}).get("leadSponsor") or {}
    posted = status.get("studyFirstPostDateStruct") or status.get("startDateStruct") or {}
    number = known["nctId"]
    item = {
        "type": "webpage",
        "title": reading.without_stop(
            reading.tidy(known.get("officialTitle") or known.get("briefTitle"))
        ),
        "author": [{"literal": name}] if (name := reading.tidy(sponsor.get("name"))) else [],
        "container-title": LABEL,
        "publisher": "National Library of Medicine (US)",
        "publisher-place": "Bethesda (MD)",
        "issued": reading.issued(posted.get("date")),
        "number": number,
        "URL": f"{PAGE}{number}",
    }
    if study_type := _study_type(parts.get("designModule") or {}):
        item["custom"] = {"study_type": study_type}
    return reading.finish(item)


def _study_type(design: dict) -> str:
    if (design.get("designInfo") or {}).get("allocation") == "RANDOMIZED":
        return "rct"
    return {"INTERVENTIONAL": "trial", "OBSERVATIONAL": "cohort"}.get(design.get("studyType"), "")
