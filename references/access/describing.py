"""What the OpenAPI file says of limits and keys, which every operation has."""

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
HEADERS = {
    "RateLimit-Policy": (
        'How many requests may be made in how many seconds, as `"address";q=600;w=60`.'
    ),
    "RateLimit": 'How many are left, and in how many seconds all are, as `"address";r=599;t=42`.',
}
REFUSALS = {
    "401": "A key was sent that does not work. Send none, or one that does.",
    "429": "Too many requests: wait as many seconds as `Retry-After` says.",
}


def add_limits(result, generator, request, public):
    """Add to each operation that it may be refused, and to the answers what is left."""
    found = result.setdefault("components", {}).setdefault("headers", {})
    found |= {name: _header(words) for name, words in HEADERS.items()}
    operations = [
        operation
        for methods in result["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and "responses" in operation
    ]
    for operation in operations:
        responses = operation["responses"]
        for status, words in REFUSALS.items():
            refusal = {"content": PROBLEM, "description": words}
            responses.setdefault(status, refusal)
        for status, response in responses.items():
            headers = response.setdefault("headers", {})
            headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
            if status == "429":
                headers["Retry-After"] = {"schema": {"type": "integer", "minimum": 1}}
    return result


def _header(words: str) -> dict:
    return {"description": words, "schema": {"type": "string"}}
