"""How the OpenAPI file describes what many views of the API have in common."""

from pathlib import Path

import yaml
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from hsc_portal.shaping import EXPAND, FIELDS

# Answers of a portal with the starter content, by operation; hsc_portal/quality/api_examples.py
# asks for them anew.
EXAMPLES = Path(__file__).resolve().parent / "api_examples.yaml"


class Description(AutoSchema):
    """Adds to an operation what `Cacheable` views understand beside their filters."""

    def get_override_parameters(self):
        given = super().get_override_parameters()
        view = self.view
        if self.method != "GET" or not hasattr(view, "object_shape") or not view.object_shape():
            return given
        shaping = [_fields()]
        if view.expansions:
            shaping.append(_expand(sorted(view.expansions)))
        return [*given, *shaping]


def _fields() -> OpenApiParameter:
    return OpenApiParameter(
        FIELDS,
        str,
        description=(
            "Only these fields of each object, with commas between them; a point leads into an "
            "object, as `slug,edition.number`. An answer with it has no others, also none of those "
            "that are always there else."
        ),
    )


def _expand(names: list[str]) -> OpenApiParameter:
    return OpenApiParameter(
        EXPAND,
        {"type": "array", "items": {"type": "string", "enum": names}},
        explode=False,
        description="Linked objects to be written out in full, with commas between them.",
    )


def add_examples(result, generator, request, public):
    """Write into the description what each operation answers, and to what question."""
    examples = yaml.safe_load(EXAMPLES.read_text()) if EXAMPLES.exists() else {}
    for methods in result["paths"].values():
        for operation in methods.values():
            shown = examples.get(operation["operationId"])
            if not shown:
                continue
            for media in operation["responses"]["200"]["content"].values():
                media["example"] = shown["answer"]
            for parameter in operation.get("parameters", []):
                if parameter["name"] in shown["asked"]:
                    parameter["example"] = shown["asked"][parameter["name"]]
    return result
