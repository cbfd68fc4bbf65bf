"""Links that only the owner of an address gets, each good for one purpose.

A token names a follower by its key, and subscriptions by number, and is signed: nobody can make
one up, and nothing of it has to be kept. One that confirms also holds what its mail said, so that
it confirms just that, whatever was asked for since. The address itself stands in no link, since
links end up in the logs of servers.
"""

import uuid
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

CONFIRM, STOP, YOURS = "confirm", "stop", "yours"
# How long each is good for; a link to stop is good for ever.
LIFETIMES = {CONFIRM: timedelta(days=3), STOP: None, YOURS: None}


class BadToken(Exception):
    """The link was cut short or changed, or its time is over."""


class Terms(NamedTuple):
    """How a subscription was asked for, as the mail that asks to confirm it said."""

    frequency: str
    language: str


class Content(NamedTuple):
    """What a token holds. `terms` is None unless it confirms, and in links of earlier versions."""

    key: uuid.UUID
    subscriptions: list[int]
    terms: Terms | None


def make(
    purpose: str, follower_key: uuid.UUID, subscriptions: list[int], terms: Terms | None = None
) -> str:
    end = [terms] if terms else []
    return _signer(purpose).sign_object([follower_key.hex, *subscriptions, *end])


def read(purpose: str, token: str) -> Content:
    """Return what a token holds. Raises BadToken."""
    try:
        key, *named = _signer(purpose).unsign_object(token, max_age=LIFETIMES[purpose])
    # A payload that cannot be unpacked was not signed by us, or the signature would be bad.
    except BadSignature as error:
        raise BadToken from error
    terms = Terms(*named.pop()) if named and isinstance(named[-1], list) else None
    return Content(uuid.UUID(key), named, terms)


def url(purpose: str, token: str) -> str:
    """Return the whole address that does what a token is for, in the language that is spoken."""
    return settings.SITE_URL + reverse(f"follow_{purpose}", args=[token])


def _signer(purpose: str) -> TimestampSigner:
    # A colon, as by default, ends a link in some mail programs.
    return TimestampSigner(salt=f"topics.following.{purpose}", sep=".")
