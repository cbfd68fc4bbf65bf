"""Opening and sending the form by which errors are reported."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def opened(client, path="/report/", ago=timedelta(minutes=1)) -> dict:
    """Open the form and return what it carries hidden, as if it had been opened a while ago."""
    moment = timezone.now() - ago
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.signing.time.time", moment.timestamp)
        html = client.get(path).content.decode()
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))


def send(client, data: dict, message="The dose is wrong.", **more):
    return client.post("/report/", {**data, "message": message, **more})
