"""Each operation of the OpenAPI file is asked what nobody would ask (Schemathesis)."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api_data import OPENAPI

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
TRIES = 6
# What calls here does not uncompress.
PLAIN = {"Accept-Encoding": "identity"}


def operations():
    """Return each operation, with right values and, if it has any parameter, with wrong ones."""
    schema = schemathesis.openapi.from_path(str(OPENAPI))
    found = [one.ok() for one in schema.get_all_operations()]
    right = [pytest.param(one, GenerationMode.POSITIVE, id=f"right {one.label}") for one in found]
    return right + [
        pytest.param(one, GenerationMode.NEGATIVE, id=f"wrong {one.label}")
        for one in found
        if one.query or one.body or any(not _any_word(part) for part in one.path_parameters)
    ]


def _any_word(parameter) -> bool:
    """Say whether no value of a parameter is wrong: an address is made of words."""
    return parameter.definition["schema"] == {"type": "string"}


@pytest.fixture
def application():
    """The portal as a server calls it, which would close the connection of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("operation", "mode"), operations())
def test_no_question_breaks_it(library, application, operation, mode):
    """Whatever is asked, the answer has a status and a form that the description names."""
    operation.app = application
    asking = operation.as_strategy(generation_mode=mode)

    @settings(
        max_examples=TRIES, deadline=None, database=None, derandomize=True,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=asking)
    def ask(case):
        case.call_and_validate(app=application, checks=CHECKS, headers=PLAIN)

    ask()
