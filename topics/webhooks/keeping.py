"""Webhooks: making, changing, and disabling them. Each function is one transaction."""

import base64
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from hsc_portal import asking
from references.models import Partner
from topics.models import Delivery, Event, Webhook
from topics.webhooks import mails

MOST = 20
OVERLAP = timedelta(days=1)
SECRET_BYTES = 32
START = "whsec_"
# How long the log of what was sent is kept.
KEEP = timedelta(days=30)


class TooMany(Exception):
    """The partner has as many webhooks as it may, or tests one too often."""


class NotActive(Exception):
    """The webhook is disabled."""


@transaction.atomic
def make(partner: Partner, url: str, types: Iterable[str] = (), description: str = "") -> Webhook:
    """Have a partner told of what happens from now on. Raises TooMany or ValidationError."""
    # Locked, so that two at a moment are not both the last one.
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if partner.webhooks.count() >= MOST:
        raise TooMany(f"A partner may have {MOST} webhooks.")
    webhook = Webhook(partner=partner, description=description, types=sorted(set(types)))
    webhook.url = checked_address(url)
    begin(webhook)
    webhook.save(force_insert=True)
    return webhook


def begin(webhook: Webhook) -> None:
    """Give a webhook that is not saved yet its secret, and have it begin with the next event."""
    webhook.secret, webhook.seen = new_secret(), _last_event()


def new_secret() -> str:
    return START + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def checked_address(url: str) -> str:
    """Return an address that may be sent to, as far as it can be seen. Raises ValidationError.

    Where its name leads is looked at each time something is sent.
    """
    try:
        parts = urlsplit(url)
        usual = parts.port in (None, 443)
    except ValueError as error:
        raise ValidationError("It is no address of the web.") from error
    host = parts.hostname or ""
    is_ip = _is_ip(host)
    if parts.scheme != "https" or not (is_ip or "." in host):
        raise ValidationError("Give an address that begins with https:// and names a host.")
    if is_ip and not asking.is_public(host):
        raise ValidationError(f"{host} is not on the public Internet, so nothing is sent there.")
    if parts.username or parts.password or parts.fragment or not usual:
        raise ValidationError("Give an address without password, fragment and port.")
    return url


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@transaction.atomic
def rotate(webhook: Webhook, overlap: timedelta = OVERLAP) -> str:
    """Give a webhook a new secret and return it. For a while both sign."""
    kept = Webhook.objects.select_for_update().get(pk=webhook.pk)
    has_overlap = overlap > timedelta()
    webhook.old_secret = kept.secret if has_overlap else ""
    webhook.old_until = timezone.now() + overlap if has_overlap else None
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret", "old_secret", "old_until"])
    return webhook.secret


@transaction.atomic
def enable(webhook: Webhook) -> None:
    """Have a webhook work again, from the next event on. What was missed is in the changes."""
    kept = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if kept.disabled_at:
        set_values(webhook, seen=_last_event(), disabled_at=None, disabled_why="", told_at=None,
             quiet_until=None)  # fmt: skip


@transaction.atomic
def disable(webhook: Webhook, why: str, *, by_itself: bool = False) -> None:
    """Have nothing sent any more. If nobody asked for it, the partner is told by mail."""
    kept = Webhook.objects.select_for_update().filter(pk=webhook.pk).first()
    # Deleted meanwhile, or disabled by another worker.
    if kept is None or kept.disabled_at:
        return
    set_values(webhook, disabled_at=timezone.now(), disabled_why=why[:200])
    webhook.deliveries.filter(due_at__isnull=False).update(due_at=None)
    if by_itself:
        mails.tell_disabled.enqueue(webhook.pk)


def forget() -> None:
    """Delete what was sent, or given up, long ago."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - KEEP, due_at=None)
    old.delete()


def set_values(webhook: Webhook, **values) -> None:
    """Change a webhook, and nothing else of its row."""
    for name, value in values.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=list(values))


def _last_event() -> int:
    return Event.objects.aggregate(last=Max("pk"))["last"] or 0
