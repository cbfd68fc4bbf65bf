"""What shape the members of a CSL-JSON item must have, and what is said of one that has another.

https://github.com/citation-style-language/schema, csl-data.json. Members that are not named there
may have any shape: they are kept, and nothing reads them.
"""

from datetime import date

NAMES = (
    "author", "editor", "translator", "collection-editor", "container-author", "chair", "compiler",
    "composer", "contributor", "curator", "director", "editorial-director", "illustrator",
    "interviewer", "original-author", "recipient", "reviewed-author",
)  # fmt: skip
DATES = ("issued", "accessed", "available-date", "event-date", "original-date", "submitted")
TEXTS = (
    "type", "title", "title-short", "container-title", "container-title-short",
    "collection-title", "publisher", "publisher-place", "DOI", "PMCID", "URL", "abstract",
    "language", "note", "genre", "medium", "status", "source",
)  # fmt: skip
# What may as well be a number.
NUMBERS = (
    "volume", "issue", "page", "edition", "number", "number-of-pages", "PMID", "version",
)  # fmt: skip
PARTS_OF_A_NAME = (
    "family",
    "given",
    "literal",
    "suffix",
    "dropping-particle",
    "non-dropping-particle",
)
NAME_FORM = '[{"family": "Petit", "given": "Isabelle"}, {"literal": "EBMT"}]'
DATE_FORM = '{"date-parts": [[2013, 8, 23]]}'


def faults(item: object) -> list[str]:
    """Return what is wrong with a CSL-JSON item, in words for the person who wrote it."""
    if not isinstance(item, dict):
        return ["The CSL-JSON is an object, in braces: it needs a title at least."]
    found = [words for name in NAMES for words in _of_names(name, item.get(name))]
    found += [words for name in DATES for words in _of_date(name, item.get(name))]
    found += [
        f"“{name}” is text, not {_kind(item[name])}."
        for name in TEXTS
        if not isinstance(item.get(name) or "", str)
    ]
    found += [
        f"“{name}” is a number or text, not {_kind(item[name])}."
        for name in NUMBERS
        if isinstance(item.get(name), list | dict | bool)
    ]
    if not isinstance(item.get("custom") or {}, dict):
        found.append(f"“custom” is an object, not {_kind(item['custom'])}.")
    return found


def _of_names(role: str, people: object) -> list[str]:
    if people is None:
        return []
    if not isinstance(people, list):
        return [f"“{role}” is a list of names, not {_kind(people)}. Write them as {NAME_FORM}."]
    return [words for n, person in enumerate(people, 1) for words in _of_name(role, n, person)]


def _of_name(role: str, number: int, person: object) -> list[str]:
    if not isinstance(person, dict):
        return [f"Name {number} of “{role}” is {_kind(person)}. Write names as {NAME_FORM}."]
    if not (person.get("family") or person.get("literal")):
        return [f"Name {number} of “{role}” has neither “family” nor “literal”."]
    wrong = [part for part in PARTS_OF_A_NAME if not isinstance(person.get(part) or "", str)]
    return [f"“{part}” of name {number} of “{role}” is text." for part in wrong]


def _of_date(name: str, given: object) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, dict):
        return [f"“{name}” is a date as {DATE_FORM}, not {_kind(given)}."]
    dates = given.get("date-parts")
    if dates is None:
        return []
    if not isinstance(dates, list) or not all(_is_date(one) for one in dates):
        return [f"“{name}” is no date. Write it as {DATE_FORM}; month and day may be missing."]
    return []


def _is_date(parts: object) -> bool:
    """Return whether these are numbers; whether of a day that exists nobody has to know."""
    if not isinstance(parts, list):
        return False
    numbers = [part for part in parts if part not in (None, "")]
    try:
        years = [int(part) for part in numbers[:1]]
        others = [int(part) for part in numbers[1:]]
    except (TypeError, ValueError):
        return False
    return all(0 < year <= date.max.year for year in years) and all(n >= 0 for n in others)


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"the text “{value[:40]}”"
    return {list: "a list", dict: "an object", bool: "true or false"}.get(type(value), "a number")
