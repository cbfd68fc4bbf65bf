"""Reading CSL-JSON: names, year and a short printed form of a publication.

The formats and styles of citation are the business of the reference library; here is what every
page needs, in one house form close to Vancouver.
"""

MAX_NAMES = 6


def year(item: dict) -> int | None:
    """Return the year of publication of a CSL-JSON item, None if it has none."""
    parts = (item.get("issued") or {}).get("date-parts") or [[None]]
    first = parts[0][0] if parts[0] else None
    return int(first) if first else None


def name(person: dict) -> str:
    """Return one author as `Family AB`, or the literal name of an institution."""
    if literal := person.get("literal"):
        return literal
    given = (person.get("given") or "").replace(".", " ").replace("-", " ")
    initials = "".join(part[0] if part.istitle() else part for part in given.split())
    particle = person.get("non-dropping-particle")
    return " ".join(part for part in (particle, person.get("family"), initials) if part)


def authors(item: dict) -> str:
    """Return the authors (or editors) as one line, cut to six names and `et al.`."""
    people = item.get("author") or item.get("editor") or []
    names = [name(person) for person in people]
    cut = names and (item.get("custom") or {}).get("authors_truncated")
    more = len(names) > MAX_NAMES or cut
    return ", ".join(names[:MAX_NAMES] + (["et al."] if more else []))


def source(item: dict) -> str:
    """Return where it appeared: journal, year, volume, issue and pages, as far as known."""
    issue = f"({item['issue']})" if item.get("issue") else ""
    volume = f"{item.get('volume', '')}{issue}"
    container = item.get("container-title") or item.get("publisher") or ""
    text = ". ".join(part for part in (container.rstrip("."), str(year(item) or "")) if part)
    text += f";{volume}" if volume else ""
    return text + (f":{item['page']}" if item.get("page") else "")


def short_name(item: dict) -> str:
    """Return `First-author Year`, the way that people speak of a paper."""
    people = item.get("author") or item.get("editor") or []
    first = people[0].get("family") or people[0].get("literal", "") if people else item["title"]
    return f"{first} {year(item) or ''}".strip()
