"""The mails that followers get, as text and as simple HTML, from templates/mail/.

Each speaks the language in which its reader asked, and leads to pages in that language.
"""

import hashlib
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hsc_portal import languages
from topics import news
from topics.choices import Change
from topics.following import subjects, tokens
from topics.models import Notice

# More than these in one mail are counted, not listed.
ENTRIES = 40
EDITIONS = (Change.NEW_TOPIC, Change.NEW_EDITION)
SUBJECT_LENGTH = 120


@dataclass(frozen=True)
class CitedIn:
    """The sentence that says which topics cite a publication, for both forms of a mail."""

    text: str
    html: SafeString


def confirmation(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail that asks whether its reader wants to follow something.

    To who has confirmed that already it says so, and that there is nothing to do.
    """
    subscription = notice.subscription
    if subscription.confirmed_at:
        with translation.override(subscription.follower.language):
            return _already(notice)
    with translation.override(subscription.language):
        return _confirmation(notice)


def _already(notice: Notice) -> EmailMultiAlternatives:
    subject = subjects.of([notice.subscription])[0]
    # Translators: `name` is “Title of a topic”, `all topics in the area “Gene therapy”` or
    # `everything in HSC Portal`.
    title = _("You follow {name} already").format(name=subject.name)
    return _mail("already", title, [notice], _named(subject))


def _confirmation(notice: Notice) -> EmailMultiAlternatives:
    subscription = notice.subscription
    subject = subjects.of([subscription])[0]
    terms = tokens.Terms(subscription.frequency, subscription.language)
    token = tokens.make(tokens.CONFIRM, subscription.follower.key, [subscription.pk], terms)
    context = _named(subject) | {
        "frequency": languages.in_sentence(subscription.get_frequency_display()),
        "confirm_url": tokens.url(tokens.CONFIRM, token),
        "days": tokens.LIFETIMES[tokens.CONFIRM].days,
    }
    # Translators: `name` is “Title of a topic”, `all topics in the area “Gene therapy”` or
    # `everything in HSC Portal`.
    title = _("Please confirm: follow {name}").format(name=subject.name)
    return _mail("confirm", title, [notice], context)


def _named(subject: subjects.Subject) -> dict:
    return {"name": subject.name, "name_html": format_html("<strong>{}</strong>", subject.html)}


def update(notices: list[Notice]) -> EmailMultiAlternatives:
    """Return the mail that tells one follower of events: what must not wait comes first."""
    with translation.override(notices[0].subscription.follower.language):
        return _update(notices)


def _update(notices: list[Notice]) -> EmailMultiAlternatives:
    events = news.events().filter(pk__in=[notice.event_id for notice in notices])
    items = sorted(news.tell(list(events)), key=lambda item: (item.change in EDITIONS, item.id))
    followed = subjects.of(_subscriptions(notices))
    context = {
        "items": [(item, _cited_in(item)) for item in items[:ENTRIES]],
        "more": len(items[ENTRIES:]),
        "names": "; ".join(str(each.name) for each in followed),
        "names_html": format_html_join("; ", "{}", ((each.html,) for each in followed)),
    }
    return _mail("update", _title(items), notices, context)


def _title(items: list[news.News]) -> str:
    """Return the subject of a mail about some news."""
    first, *others = items
    # Translators: the subject of an email: what happened to which topic or publication.
    title = _("{change}: {title}").format(change=first.label, title=first.title)
    if not others:
        return title
    # Translators: the subject of an email that tells of several changes.
    several = ngettext("{title}, and {more} more", "{title}, and {more} more", len(others))
    return several.format(title=title, more=len(others))


def _cited_in(item: news.News) -> CitedIn | None:
    """Return which topics cite the publication that news are about, None if they are of a topic."""
    if not item.citing:
        return None
    more = item.more_citing
    # Translators: which topics cite a publication.
    several = ngettext(
        "Cited in {topics}; and {more} more.", "Cited in {topics}; and {more} more.", more
    )
    sentence = several if more else _("Cited in {topics}.")
    titles = "; ".join(title for title, _address in item.citing)
    links = format_html_join(
        "; ",
        '<a href="{}{}">{}</a>',
        ((settings.SITE_URL, address, languages.content(title)) for title, address in item.citing),
    )
    return CitedIn(
        sentence.format(topics=titles, more=more), format_html(sentence, topics=links, more=more)
    )


def _mail(
    template: str, title: str, notices: list[Notice], context: dict
) -> EmailMultiAlternatives:
    subscriptions = [each.pk for each in _subscriptions(notices)]
    follower = notices[0].subscription.follower
    stop = tokens.make(tokens.STOP, follower.key, subscriptions)
    context |= {
        "title": title,
        "site_url": settings.SITE_URL,
        "home_url": settings.SITE_URL + reverse("home"),
        "stop_url": tokens.url(tokens.STOP, stop),
        "yours_url": tokens.url(tokens.YOURS, tokens.make(tokens.YOURS, follower.key, [])),
    }
    # For programs: it has to work for as long as there are mails, in whatever languages.
    stop_by_program = settings.SITE_URL + languages.permanent("follow_stop", stop)
    mail = EmailMultiAlternatives(
        # A title is one line, whatever was written into it.
        subject=_cut(" ".join(f"HSC Portal: {title}".split())),
        body=render_to_string(f"mail/{template}.txt", context),
        to=[follower.email],
        headers={
            "Message-ID": _message_id(notices),
            "Auto-Submitted": "auto-generated",
            # RFC 8058: the mail program's own button stops it by one POST.
            "List-Unsubscribe": f"<{stop_by_program}>",
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
