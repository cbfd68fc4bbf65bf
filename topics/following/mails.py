"""The mails that followers get, as text and as simple HTML, from templates/mail/."""

import hashlib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from topics import news
from topics.choices import Change
from topics.following import subjects, tokens
from topics.models import Notice

# More than these in one mail are counted, not listed.
ENTRIES = 40
EDITIONS = (Change.NEW_TOPIC, Change.NEW_EDITION)
SUBJECT_LENGTH = 120


def confirmation(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail that asks whether its reader wants to follow something.

    To who has confirmed that already it says so, and that there is nothing to do.
    """
    subscription = notice.subscription
    key = subscription.follower.key
    subject = subjects.of([subscription])[0]
    if subscription.confirmed_at:
        return _mail(
            "already", f"You follow {subject.name} already", [notice], {"name": subject.name}
        )
    context = {
        "name": subject.name,
        "frequency": subscription.get_frequency_display().lower(),
        "confirm_url": tokens.url(tokens.CONFIRM, key, [subscription.pk]),
        "days": tokens.LIFETIMES[tokens.CONFIRM].days,
    }
    return _mail("confirm", f"Please confirm: follow {subject.name}", [notice], context)


def update(notices: list[Notice]) -> EmailMultiAlternatives:
    """Return the mail that tells one follower of events: what must not wait comes first."""
    events = news.events().filter(pk__in=[notice.event_id for notice in notices])
    items = sorted(news.tell(list(events)), key=lambda item: (item.change in EDITIONS, item.id))
    first = items[0]
    title = f"{first.label}: {first.title}"
    if len(items) > 1:
        title = f"{title}, and {len(items) - 1} more"
    names = [each.name for each in subjects.of(_subscriptions(notices))]
    shown = items[:ENTRIES]
    context = {"items": shown, "more": len(items) - len(shown), "names": names}
    return _mail("update", title, notices, context)


def _mail(
    template: str, title: str, notices: list[Notice], context: dict
) -> EmailMultiAlternatives:
    subscriptions = [each.pk for each in _subscriptions(notices)]
    follower = notices[0].subscription.follower
    stop_url = tokens.url(tokens.STOP, follower.key, subscriptions)
    context |= {
        "title": title,
        "site_url": settings.SITE_URL,
        "stop_url": stop_url,
        "yours_url": tokens.url(tokens.YOURS, follower.key, []),
    }
    mail = EmailMultiAlternatives(
        # A title is one line, whatever was written into it.
        subject=_cut(" ".join(f"HSC Portal: {title}".split())),
        body=render_to_string(f"mail/{template}.txt", context),
        to=[follower.email],
        headers={
            "Message-ID": _message_id(notices),
            "Auto-Submitted": "auto-generated",
            # RFC 8058: the mail program's own button stops it by one POST.
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return mail


def _subscriptions(notices: list[Notice]) -> list:
    """Return the subscriptions of notices, each once."""
    return list({notice.subscription_id: notice.subscription for notice in notices}.values())


def _message_id(notices: list[Notice]) -> str:
    """Return an id that is the same for the same notices, so that a copy is known as one.

    A second copy goes out if the worker is killed just after the server took the first.
    """
    names = ",".join(f"{notice.pk}@{notice.created_at.isoformat()}" for notice in notices)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(names.encode()).hexdigest()[:32]}@{domain}>"


def _cut(title: str) -> str:
    return title if len(title) <= SUBJECT_LENGTH else title[: SUBJECT_LENGTH - 1] + "…"
