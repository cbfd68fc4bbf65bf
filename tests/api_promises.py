"""What the API has promised: each name that a partner may rely on, as one line.

`python -m tests.api_promises` writes down what the committed OpenAPI file adds; nothing is ever
taken out by it.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

DOCS = Path(__file__).resolve().parent.parent / "docs"
OPENAPI, PROMISES = DOCS / "openapi.yaml", DOCS / "api-promises.txt"
DEEPEST = 8


def described(spec: dict | None = None) -> set[str]:
    """Return the parameters and fields that an OpenAPI file describes: one line for each."""
    spec = spec or yaml.safe_load(OPENAPI.read_text())
    found = set()
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            head = f"{method.upper()} {path}"
            found.add(head)
            for parameter in operation.get("parameters", []):
                found.add(f"{head} ?{parameter['name']}")
            for status, answer in operation["responses"].items():
                for kind, media in answer.get("content", {}).items():
                    place = f"{head} {status} {kind}"
                    found |= {f"{place} {name}" for name in _fields(media["schema"], spec)}
    return found


def _fields(schema: dict, spec: dict, depth: int = 0) -> Iterator[str]:
    """Yield the fields of a schema with what leads to them, as `results[].slug`."""
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if depth > DEEPEST:
        return
    for part in [*schema.get("allOf", []), *schema.get("oneOf", []), *schema.get("anyOf", [])]:
        yield from _fields(part, spec, depth + 1)
    if "items" in schema:
        for name in _fields(schema["items"], spec, depth + 1):
            yield f"[].{name}"
    for name, value in schema.get("properties", {}).items():
        yield name
        for inner in _fields(value, spec, depth + 1):
            yield f"{name}{'' if inner.startswith('[]') else '.'}{inner}"


def promised() -> set[str]:
    return set(PROMISES.read_text().splitlines())


if __name__ == "__main__":
    before = promised() if PROMISES.exists() else set()
    PROMISES.write_text("\n".join(sorted(before | described())) + "\n")
