"""Each operation of the OpenAPI file is asked what nobody would ask (Schemathesis)."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from references.access import keys
from references.access.models import Scope
from tests import webhooks_data
from tests.api_data import OPENAPI
from tests.trying import tries
from topics.webhooks import collecting

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
# What calls here does not uncompress.
PLAIN = {"Accept-Encoding": "identity"}
WITH_KEY = ("/api/v1/keys/", "/api/v1/webhooks/", "/api/v1/usage/")


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

    @tries(6)
    @given(case=asking, of_ours=st.booleans())
    def ask(case, of_ours):
        with transaction.atomic():
            headers = PLAIN
            if operation.path.startswith(WITH_KEY):
                headers = PLAIN | as_partner(case, of_ours)
            case.call_and_validate(app=application, checks=CHECKS, headers=headers)
            # The next question finds what this one found.
            transaction.set_rollback(True)

    ask()


def as_partner(case, of_ours: bool) -> dict[str, str]:
    """Return the headers of a partner who may everything; `of_ours`: what it has is asked for."""
    key, told = keys.make(webhooks_data.partner(), "attack", list(Scope.values))
    hook = webhooks_data.webhook()
    ours = {
        "ident": key.pk if "/keys/" in case.operation.path else hook.pk,
        "delivery": collecting.send_test(hook).pk,
    }
    if of_ours:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = ours[name]
    return {"Authorization": f"Bearer {told}"}
