"""Reading a Document whose publications were found to be the same since it was published."""

import re
from collections.abc import Iterable


def unified(document: dict, merged: dict[str, dict]) -> dict:
    """Return a Document that cites each publication by one key: that of the one that was kept.

    `merged` has the CSL-JSON of that one, by the key of the other. The Document itself stays as it
    is, since its digest is that of an edition.
    """
    if not merged:
        return document
    keys = {old: item["id"] for old, item in merged.items()}
    items = {item["id"]: item for item in document["references"] if item["id"] not in keys}
    for old in keys.keys() & {item["id"] for item in document["references"]}:
        items.setdefault(keys[old], merged[old])
    sections = [_section(section, keys) for section in document.get("sections", [])]
    tables = {
        name: [_cited(row, keys) for row in rows]
        for name, rows in document.get("tables", {}).items()
    }
    changed = {"references": list(items.values())}
    changed |= {"sections": sections} if sections else {}
    changed |= {"tables": tables} if tables else {}
    changed |= {"facts": _cited(document["facts"], keys)} if "facts" in document else {}
    return document | changed


def _section(section: dict, keys: dict[str, str]) -> dict:
    # The text is read for its citations once more when it is shown.
    names = "|".join(map(re.escape, keys))
    body = re.sub(
        rf"(?<![\w.])@({names})(?![\w-])", lambda found: f"@{keys[found[1]]}", section["body"]
    )
    told = [_statement(each, keys) for each in section["statements"]]
    return section | {"body": body, "statements": told}


def _statement(statement: dict, keys: dict[str, str]) -> dict:
    if not statement.get("citations"):
        return statement
    found = [one | {"key": keys.get(one["key"], one["key"])} for one in statement["citations"]]
    return statement | {"citations": _once(found)}


def _cited(row: dict, keys: dict[str, str]) -> dict:
    if not row.get("references"):
        return row
    return row | {
        "references": list(dict.fromkeys(keys.get(key, key) for key in row["references"]))
    }


def _once(citations: Iterable[dict]) -> list[dict]:
    kept: list[dict] = []
    for one in citations:
        if one not in kept:
            kept.append(one)
    return kept
