"""What writers of all formats share: parts of a CSL-JSON item as other formats want them."""

from datetime import date

CUT_AUTHORS = "Further authors are not listed here."


def first_and_last_page(item: dict) -> tuple[str, str]:
    """Return the first and the last page, "" where there is none: `690-4` is `690`, `694`."""
    first, dash, last = str(item.get("page", "")).replace("–", "-").partition("-")
    if not dash or "-" in last:
        return str(item.get("page", "")), ""
    first, last = first.strip(), last.strip()
    if last.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return first, last


def note(item: dict, *, cut_authors: bool = True) -> str:
    """Return what must be said of an item beside its fields, "" if nothing."""
    cut = [CUT_AUTHORS] if cut_authors and item.get("author") and is_cut(item) else []
    return " ".join([*([item["note"]] if item.get("note") else []), *cut])


def is_cut(item: dict) -> bool:
    """Return whether the item names only the first of its authors."""
    return bool((item.get("custom") or {}).get("authors_truncated"))


def family(person: dict) -> str:
    particle = person.get("non-dropping-particle") or person.get("dropping-particle") or ""
    return f"{particle} {person.get('family', '')}".strip()


def date_parts(item: dict) -> list[int]:
    """Return year, month and day as far as known. What is no date of the calendar is cut off."""
    given = ((item.get("issued") or {}).get("date-parts") or [[]])[0]
    parts = [int(part) for part in given if part]
    while parts:
        try:
            date(*[*parts, 1, 1][:3])
        except ValueError:
            parts.pop()
        else:
            break
    return parts


def year(item: dict) -> str:
    parts = date_parts(item)
    return str(parts[0]) if parts else ""
