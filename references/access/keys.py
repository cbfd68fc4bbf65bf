"""Making, finding, rotating and revoking keys.

A key reads `hscp_<prefix>_<secret>`. The prefix says which one it is and may be shown; the secret
is told once, by who makes or rotates it.
"""

import hashlib
import math
import secrets
import string
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from references.access.models import ApiKey, Scope
from references.models import Partner

START = "hscp"
LETTERS = string.ascii_letters + string.digits
PREFIX_LETTERS = string.ascii_lowercase + string.digits
# 43 of 62 letters are 256 bits.
SECRET_LENGTH = 43
MOST_KEYS = 50
OVERLAP, LONGEST_OVERLAP = timedelta(days=1), timedelta(days=30)


class NoKey(Exception):
    """What was sent is no key that works; the text says why."""


class TooManyKeys(Exception):
    """The partner has as many keys as it may."""


def excess(key: ApiKey, over: ApiKey) -> list[str]:
    """Return in words what a key has that another one has not, [] if nothing."""
    found = sorted(f"the scope “{scope}”" for scope in set(key.scopes) - set(over.scopes))
    if over.expires_at and (key.expires_at is None or key.expires_at > over.expires_at):
        found.append("a later end")
    if _per_minute(key) > _per_minute(over):
        found.append("a higher limit")
    return found


def _per_minute(key: ApiKey) -> float:
    return (key.per_minute or settings.API_LIMIT_KEY) or math.inf


@transaction.atomic
def make(
    partner: Partner,
    name: str,
    scopes: list[str],
    *,
    expires_at: datetime | None = None,
    per_minute: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key, and return it and what is to be sent, which is told only now.

    Raises TooManyKeys.
    """
    # Locked, so that two at a moment are not both the last one.
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if partner.keys.filter(revoked_at=None).count() >= MOST_KEYS:
        raise TooManyKeys(f"A partner may have {MOST_KEYS} keys. Revoke those that are not used.")
    key = ApiKey(
        partner=partner, name=name, scopes=sorted(set(scopes)), expires_at=expires_at,
        per_minute=per_minute,
    )  # fmt: skip
    told = give_secret(key)
    key.save(force_insert=True)
    return key, told


def give_secret(key: ApiKey) -> str:
    """Give a key that is not saved yet its prefix and secret; return what is to be sent."""
    key.prefix = _random(PREFIX_LETTERS, 8)
    secret = _random(LETTERS, SECRET_LENGTH)
    key.digest = _digest(secret)
    return _told(key, secret)


def find(sent: str) -> ApiKey:
    """Return the key that was sent. Raises NoKey.

    Whether a key exists, was revoked or expired is only told to who knows its secret.
    """
    start, _, rest = sent.partition("_")
    prefix, _, secret = rest.partition("_")
    if start != START or not prefix.isalnum() or not secret.isalnum() or not sent.isascii():
        raise NoKey("This is no key of the portal: they read hscp_…_….")
    key = ApiKey.objects.filter(prefix=prefix).first()
    digest = _digest(secret)
    is_new = key is not None and constant_time_compare(key.digest, digest)
    if not is_new and not (key and constant_time_compare(key.old_digest, digest)):
        raise NoKey("The key is not known.")
    if key.revoked_at:
        raise NoKey(f"The key was revoked on {key.revoked_at:%Y-%m-%d}.")
    if key.is_expired:
        raise NoKey(f"The key expired on {key.expires_at:%Y-%m-%d}.")
    if not is_new and not key.old_secret_until:
        raise NoKey("The key was rotated, and this secret no longer works.")
    return key


def note_use(key: ApiKey) -> None:
    """Write down that a key was used today, once a day."""
    today = timezone.localdate()
    if key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)


@transaction.atomic
def rotate(key: ApiKey, overlap: timedelta = OVERLAP) -> str:
    """Give a key a new secret and return what is to be sent; the old one works for a while.

    A secret that was being replaced already works no longer. Raises NoKey for a key that was
    revoked.
    """
    kept = ApiKey.objects.select_for_update().get(pk=key.pk)
    if kept.revoked_at:
        raise NoKey("The key was revoked: make a new one.")
    secret = _random(LETTERS, SECRET_LENGTH)
    has_overlap = overlap > timedelta()
    key.old_digest = kept.digest if has_overlap else ""
    key.old_until = timezone.now() + overlap if has_overlap else None
    key.digest = _digest(secret)
    key.save(update_fields=["digest", "old_digest", "old_until"])
    return _told(key, secret)


def revoke(key: ApiKey) -> None:
    """Have a key work no longer, from this moment and for ever."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    key.refresh_from_db(fields=["revoked_at"])


def may(key: ApiKey | None, scope: Scope) -> bool:
    return key is not None and scope in key.scopes


def _told(key: ApiKey, secret: str) -> str:
    return f"{START}_{key.prefix}_{secret}"


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
