"""Writing lines of the log."""

from django.utils import timezone

from topics import telling
from topics.models import Event


def record(kind: str, actor, *, note: str = "", data: dict | None = None, **about) -> Event:
    """Write one line of the log."""
    event = event_of(kind, actor, note=note, data=data, **about)
    event.save(force_insert=True)
    telling.follow_up([event])
    return event


def event_of(kind: str, actor, *, note: str = "", data: dict | None = None, **about) -> Event:
    """Return a line that is not yet written. Without a person it says in whose name it is."""
    named = {"actor_name": name_of(actor)} if actor else {}
    return Event(
        kind=kind, actor=actor, note=note, data=data or {}, created_at=timezone.now(),
        **named | about,
    )  # fmt: skip


def name_of(user) -> str:
    """Return the name that is copied into history, where an e-mail address must never stand."""
    if has_name(user):
        return user.get_full_name()
    username = user.get_username()
    return f"Account {user.pk}" if "@" in username else username


def has_name(user) -> bool:
    """Return whether an account has the name of a person."""
    name = user.get_full_name()
    return bool(name) and "@" not in name
