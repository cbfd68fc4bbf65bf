"""Why there is no answer, as an OperationOutcome."""

from topics.fhir import elements as e


class Refusal(Exception):
    """A request that cannot be answered: its status, the code of its issue, and why in words.

    `expression` names the parameter that is meant, `headers` go with the answer.
    """

    def __init__(self, status: int, code: str, why: str, expression: str = "", **headers: str):
        super().__init__(why)
        self.status, self.code, self.why = status, code, why
        self.expression, self.headers = expression, headers


def outcome(code: str, why: str, expression: str = "", severity: str = "error") -> dict:
    return e.tidy({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": severity, "code": code, "diagnostics": why,
            "details": {"text": why}, "expression": [expression],
        }],
    })  # fmt: skip


def bad_value(name: str, why: str) -> Refusal:
    return Refusal(400, "invalid", f"{name}: {why}", name)


def not_found(kind: str, ident: str) -> Refusal:
    return Refusal(404, "not-found", f"There is no {kind}/{ident[:80]}.")
