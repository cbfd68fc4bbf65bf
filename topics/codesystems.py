"""The names by which the world calls the terminologies whose codes topics have.

OIDs and addresses are those of the naming systems of HL7 (terminology.hl7.org) and of the
terminologies' own sites; MONDO and the Cell Ontology have none.
"""

import re

from topics.choices import CodeSystem

OIDS = {
    "2.16.840.1.113883.6.177": CodeSystem.MESH,
    "2.16.840.1.113883.6.3": CodeSystem.ICD_10,
    "2.16.840.1.113883.6.90": CodeSystem.ICD_10_CM,
    "2.16.840.1.113883.6.73": CodeSystem.ATC,
    "2.16.840.1.113883.6.88": CodeSystem.RXNORM,
    "2.16.840.1.113883.6.96": CodeSystem.SNOMED_CT,
    "1.3.6.1.4.1.12559.11.10.1.3.1.44.5": CodeSystem.ORPHA,
    "2.16.840.1.113883.6.174": CodeSystem.OMIM,
}
# The first of a system is the one that is given to others.
ADDRESSES = {
    "https://www.nlm.nih.gov/mesh": CodeSystem.MESH,
    "http://id.nlm.nih.gov/mesh": CodeSystem.MESH,
    "http://hl7.org/fhir/sid/icd-10": CodeSystem.ICD_10,
    "http://hl7.org/fhir/sid/icd-10-cm": CodeSystem.ICD_10_CM,
    "http://www.whocc.no/atc": CodeSystem.ATC,
    "http://www.nlm.nih.gov/research/umls/rxnorm": CodeSystem.RXNORM,
    "http://snomed.info/sct": CodeSystem.SNOMED_CT,
    "https://www.orpha.net": CodeSystem.ORPHA,
    "http://www.orpha.net": CodeSystem.ORPHA,
    "http://purl.obolibrary.org/obo/mondo.owl": CodeSystem.MONDO,
    "http://www.omim.org": CodeSystem.OMIM,
    "https://www.omim.org": CodeSystem.OMIM,
    "http://purl.obolibrary.org/obo/cl.owl": CodeSystem.CL,
}
NAMES = {
    "mesh": CodeSystem.MESH,
    "msh": CodeSystem.MESH,
    "icd10": CodeSystem.ICD_10,
    "icd10who": CodeSystem.ICD_10,
    "icd10cm": CodeSystem.ICD_10_CM,
    "atc": CodeSystem.ATC,
    "rxnorm": CodeSystem.RXNORM,
    "rxcui": CodeSystem.RXNORM,
    "snomedct": CodeSystem.SNOMED_CT,
    "snomed": CodeSystem.SNOMED_CT,
    "sct": CodeSystem.SNOMED_CT,
    "sctid": CodeSystem.SNOMED_CT,
    "orpha": CodeSystem.ORPHA,
    "orphanet": CodeSystem.ORPHA,
    "ordo": CodeSystem.ORPHA,
    "mondo": CodeSystem.MONDO,
    "omim": CodeSystem.OMIM,
    "mim": CodeSystem.OMIM,
    "cl": CodeSystem.CL,
    "cellontology": CodeSystem.CL,
}
# Systems whose codes are written with the system's name in front.
PREFIXED = (CodeSystem.ORPHA, CodeSystem.MONDO, CodeSystem.OMIM, CodeSystem.CL)


def named(name: str) -> CodeSystem | None:
    """Return the system that is meant by a name, an OID (also as `urn:oid:`) or an address."""
    given = name.strip()
    if system := OIDS.get(given.lower().removeprefix("urn:oid:")):
        return system
    address = given.lower().rstrip("/")
    for known, system in ADDRESSES.items():
        if address == known:
            return system
    return NAMES.get(re.sub(r"[\s._/()-]", "", given.lower()))


def address_of(system: str) -> str:
    """Return the address that stands for a system in FHIR."""
    return next(known for known, of in ADDRESSES.items() if of == system)


def oid_of(system: str) -> str | None:
    return next((oid for oid, of in OIDS.items() if of == system), None)


def spellings(code: str, system: str | None = None) -> list[str]:
    """Return how a code may be written here: `906` of Orphanet is `ORPHA:906`, C920 is C92.0."""
    bare = code.strip()
    found = [bare]
    for prefix in PREFIXED:
        if system == prefix and ":" not in bare:
            found.append(f"{prefix}:{bare}")
    # Billing systems leave the point out.
    is_icd = system in (CodeSystem.ICD_10, CodeSystem.ICD_10_CM)
    if is_icd and re.fullmatch(r"[A-Za-z]\d\w\w{1,4}", bare):
        found.append(f"{bare[:3]}.{bare[3:]}")
    return found
