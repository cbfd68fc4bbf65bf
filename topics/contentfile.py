"""The text form of a topic: a YAML head and Markdown sections. See docs/content.md.

`from_text` and `to_text` are pure functions and inverse to each other, up to layout: what
`to_text` has written comes back byte for byte.
"""

import datetime
import re

import yaml
from django.core.exceptions import ValidationError

from topics.models.topic import normalise_body

HEAD_KEYS = (
    "kind", "slug", "title", "areas", "language", "summary", "synonyms", "codes", "relations",
    "figures", "next_review", "note", "facts",
)  # fmt: skip
ONE_LINE = {"areas", "synonyms", "codes", "relations", "references"}
WIDTH = 100

_HEAD = re.compile(r"\A---\n(.*?)^---\n(.*)\Z", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^## (.+?) *\{kind=([a-z_]+)\} *$", re.MULTILINE)


# libyaml reads ten times as fast, where PyYAML was built with it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str):
    """Return the values of a YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)


def from_text(text: str, tables: tuple[str, ...] = ()) -> dict:
    """Return the part of a Document that a content file holds. `tables` names its kind's tables.

    Raises ValidationError saying what is wrong and, if known, where.
    """
    match = _HEAD.match(text.replace("\r\n", "\n"))
    if not match:
        raise ValidationError("The file needs a YAML head between two lines of ---.")
    try:
        head = read_yaml(match.group(1))
    # PyYAML makes dates itself, and tells of an impossible one in its own way.
    except (yaml.YAMLError, ValueError) as error:
        raise ValidationError(f"The YAML head cannot be read: {error}") from error
    if not isinstance(head, dict):
        raise ValidationError("The YAML head must have keys and values.")
    if unknown := sorted(head.keys() - {*HEAD_KEYS, *tables}):
        raise ValidationError(f"Unknown key {', '.join(unknown)} in the head.")
    schema = 2 if head.get("figures") else 1
    document = {"schema": schema, **{key: head[key] for key in HEAD_KEYS if key in head}}
    if isinstance(document.get("next_review"), datetime.date):
        document["next_review"] = document["next_review"].isoformat()
    document["relations"] = [_relation_from_file(row) for row in head.get("relations", [])]
    document["facts"] = _row_from_file(head.get("facts", {}))
    document["tables"] = {
        name: [_row_from_file(row) for row in head[name]] for name in tables if head.get(name)
    }
    document["sections"] = _sections_from_text(match.group(2))
    return document


def to_text(document: dict) -> str:
    """Return the content file of a Document."""
    head = {key: document[key] for key in HEAD_KEYS if key in document}
    if head.get("language") == "en":
        del head["language"]
    if "relations" in head:
        head["relations"] = [
            {"kind": relation["kind"], "topic": relation["target"]}
            for relation in head["relations"]
        ]
    if "codes" in head:
        head["codes"] = [{name: code[name] for name in code} for code in head["codes"]]
    if "facts" in head:
        head["facts"] = _row_to_file(head["facts"])
    if "next_review" in head:
        head["next_review"] = datetime.date.fromisoformat(head["next_review"])
    for name, rows in document.get("tables", {}).items():
        head[name] = [_row_to_file(row) for row in rows]
    sections = "".join(
        f"\n## {section['heading']} {{kind={section['kind']}}}\n\n{section['body']}\n"
        for section in document.get("sections", [])
    )
    return f"---\n{_yaml(head)}---\n{sections}"


def _relation_from_file(row: dict) -> dict:
    if not isinstance(row, dict) or row.keys() != {"kind", "topic"}:
        raise ValidationError(f"The relation {row} must have a kind and a topic, and nothing else.")
    return {"kind": row["kind"], "target": row["topic"]}


def _row_from_file(row: dict) -> dict:
    row = dict(row)
    if row.pop("check", None) == "awaiting":
        row["awaiting_check"] = True
    return row


def _row_to_file(row: dict) -> dict:
    return {
        "check" if name == "awaiting_check" else name: "awaiting" if value is True else value
        for name, value in row.items()
    }


def _sections_from_text(text: str) -> list[dict]:
    parts = _SECTION.split(text)
    if parts[0].strip():
        raise ValidationError(
            f"“{parts[0].strip()[:60]}” stands outside a section. "
            "A section begins with a line like “## Heading {kind=overview}”."
        )
    return [
        {"heading": heading, "kind": kind, "body": normalise_body(body)}
        for heading, kind, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    ]


class _Flow(list):
    """A list written on one line, or whose items are each on one line."""


class _FlowMap(dict):
    """A mapping written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes keys in the order given and lists of short things on one line."""

    def ignore_aliases(self, data):
        return True


_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True)
)
_Dumper.add_representer(
    _FlowMap, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True)
)


def _yaml(head: dict) -> str:
    return yaml.dump(
        _laid_out(head), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH
    )


def _laid_out(value, key: str = ""):
    if isinstance(value, dict):
        laid_out = {name: _laid_out(part, name) for name, part in value.items()}
        return _FlowMap(laid_out) if key in ONE_LINE else laid_out
    if isinstance(value, list):
        # Codes and relations: a block list of one-line mappings. Words: one line altogether.
        parts = [_laid_out(part, key) for part in value]
        return _Flow(parts) if key in ONE_LINE and not isinstance(value[0], dict) else parts
    return value
