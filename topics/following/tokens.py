"""Links that only the owner of an address gets, each good for one purpose.

A token names a follower by its key, and subscriptions by number, and is signed: nobody can make
one up, and nothing of it has to be kept. The address itself stands in no link, since links end up
in the logs of servers.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

CONFIRM, STOP, YOURS = "confirm", "stop", "yours"
# How long each is good for; a link to stop is good for ever.
LIFETIMES = {CONFIRM: timedelta(days=3), STOP: None, YOURS: None}


class BadToken(Exception):
    """The link was cut short or changed, or its time is over."""


def make(purpose: str, follower_key: uuid.UUID, subscriptions: list[int]) -> str:
    return _signer(purpose).sign_object([follower_key.hex, *subscriptions])


def read(purpose: str, token: str) -> tuple[uuid.UUID, list[int]]:
    """Return the key of the follower and the subscriptions that a token names. Raises BadToken."""
    try:
        key, *subscriptions = _signer(purpose).unsign_object(token, max_age=LIFETIMES[purpose])
    # A payload that cannot be unpacked was not signed by us, or the signature would be bad.
    except BadSignature as error:
        raise BadToken from error
    return uuid.UUID(key), subscriptions


def url(purpose: str, token: str) -> str:
    """Return the whole address that does what a token is for, in the language that is spoken."""
    return settings.SITE_URL + reverse(f"follow_{purpose}", args=[token])


def _signer(purpose: str) -> TimestampSigner:
    # A colon, as by default, ends a link in some mail programs.
    return TimestampSigner(salt=f"topics.following.{purpose}", sep=".")
