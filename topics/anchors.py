"""Keeping the names of statements through changes of their words.

Without a written name a statement is called after its words, so rewording would give it a new
name and break each link to it. Before a revision is saved, a statement that is plainly a
rewording of a published one gets that one's name written into its Markdown.
"""

import re
from difflib import SequenceMatcher

from topics import statements

# Below this likeness (0 to 1) a statement is a new one rather than a rewording.
LIKENESS = 0.6


def pin(sections: list, published: dict) -> list:
    """Write old names into reworded statements, and return the sections that changed.

    `sections` are Section rows (changed, not saved), `published` the Document of the latest
    edition. Names already written by an editor are left alone.
    """
    old = _texts(published)
    parsed = {section: statements.parse(section.body) for section in sections}
    everything = [statement for found in parsed.values() for statement in found]
    kept = {
        statement.anchor or statements.default_anchor(statement.text) for statement in everything
    }
    lost = {anchor: text for anchor, text in old.items() if anchor not in kept}
    changed = []
    for section, found in parsed.items():
        names = {}
        for statement in found:
            if lost and _is_new(statement, old) and (name := most_alike(statement.text, lost)):
                names[statement.line] = name
                del lost[name]
        if names:
            section.body = _write_names(section.body, names)
            changed.append(section)
    return changed


def followed(before: dict, after: dict) -> dict:
    """Return an earlier Document whose statements have the names that they have in a later one.

    What was never published is called after its words, so each rewording gives it another name.
    """
    old, new = (_texts(document) for document in (before, after))
    lost = {name: text for name, text in old.items() if name not in new}
    names = {}
    for name, text in new.items():
        if name not in old and lost and (former := most_alike(text, lost)):
            names[former] = name
            del lost[former]
    if not names:
        return before
    sections = [
        section
        | {
            "statements": [
                each | {"anchor": names.get(each["anchor"], each["anchor"])}
                for each in section["statements"]
            ]
        }
        for section in before.get("sections", [])
    ]
    return before | {"sections": sections}


def _texts(document: dict) -> dict[str, str]:
    return {
        statement["anchor"]: statement["text"]
        for section in document.get("sections", [])
        for statement in section["statements"]
    }


def _is_new(statement: statements.Statement, old: dict[str, str]) -> bool:
    return not statement.anchor and statements.default_anchor(statement.text) not in old


def most_alike(text: str, candidates: dict[str, str]) -> str | None:
    """Return the name of the statement whose words are plainly those of a text, reworded."""

    def likeness(anchor: str) -> float:
        return SequenceMatcher(None, candidates[anchor], text, autojunk=False).ratio()

    best = max(candidates, key=likeness, default=None)
    return best if best and likeness(best) >= LIKENESS else None


def _write_names(body: str, names: dict[int, str]) -> str:
    """Add `#name` to the statements that begin at the given lines."""
    ends = {}
    for token in statements.markdown().parse(body):
        if token.type == "inline" and token.map and token.map[0] + 1 in names:
            ends[token.map[1] - 1] = names[token.map[0] + 1]
    lines = body.split("\n")
    for end, name in ends.items():
        lines[end] = _add_name(lines[end], name)
    return "\n".join(lines)


def _add_name(line: str, name: str) -> str:
    attributes = re.search(r"\{([^{}]*)\}\s*\Z", line)
    if not attributes:
        return f"{line}{{#{name}}}"
    return f"{line[: attributes.start()]}{{#{name} {attributes.group(1).strip()}}}"
