"""Why there is no answer, as an OperationOutcome."""

import json

from django.http import HttpRequest, HttpResponse

from hsc_portal import error_pages
from topics.fhir import elements as e

FHIR_JSON = "application/fhir+json"
VERSION = "5.0"
CONTENT_TYPE = f"{FHIR_JSON}; fhirVersion={VERSION}; charset=utf-8"


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


# Of faults that are told outside of the views here, by their status.
_CODES = {401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 429: "throttled"}


def of_problem(request: HttpRequest, problem: dict) -> HttpResponse:
    """Return a problem (RFC 9457) as an answer of FHIR: one of the `FORMS` of `error_pages`."""
    status = problem["status"]
    code = _CODES.get(status, "invalid" if status < 500 else "exception")
    ident = f" Its id is {problem['id']}." if "id" in problem else ""
    body = json.dumps(outcome(code, f"{problem['detail']}{ident}"), ensure_ascii=False)
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE)


def register() -> None:
    error_pages.FORMS["/fhir"] = of_problem
