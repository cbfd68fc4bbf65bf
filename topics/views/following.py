"""Following by mail: asking, confirming, stopping, and all that one follows.

Only the form itself is for everybody; the other pages are opened by a link that one address got,
and no cache may keep them. A link does nothing until its button is pressed, since programs that
check mails for dangers open every link. There is no account and no cookie, so there is nothing
that another site could abuse, and no form needs a token against that; the mail program of a
follower, which stops by one POST (RFC 8058), could not send one.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from hsc_portal import languages, mail, pages
from topics import following, throttle
from topics.choices import Area, Frequency
from topics.following import subjects, tokens
from topics.following.forms import FollowForm

# `same-origin`: the address of these pages is their key, so other sites must not be told it.
PRIVATE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
# So many requests from one network address; a hospital may have but one for all who work there.
LIMIT, WITHIN = 20, timedelta(hours=1)
readable_and_postable = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@readable_and_postable
def follow(request):
    """Ask for what to follow and for the address; then have a mail sent there."""
    area = request.GET.get("area", "")
    if area and area not in Area.values:
        message = _("There is no area “{area}”.").format(area=area)
        return pages.bad_values(request, {"area": [message]})
    topic = _topic(request.GET.get("topic", ""))
    if request.method == "POST":
        return _ask(request, FollowForm(request.POST, topic=topic, area=area))
    template = "following/form.html" if mail.can_be_sent() else "following/off.html"
    return pages.answer(template, {"form": FollowForm(topic=topic, area=area)})


def _ask(request, form: FollowForm) -> HttpResponse:
    if not mail.can_be_sent():
        return _page("following/off.html", {"form": form}, status=503)
    if not form.is_valid():
        return _page("following/form.html", {"form": form}, status=400)
    if not throttle.allow("follow", throttle.sender(request), limit=LIMIT, within=WITHIN):
        return _page("following/busy.html", {}, status=429)
    if not form.is_from_a_program:
        asked = form.cleaned_data
        language = translation.get_language()
        following.ask(asked["email"], form.subject, asked["frequency"], language)
    return _see(reverse("follow_sent"))


def _topic(slug: str) -> subjects.Subject | None:
    if not slug:
        return None
    try:
        validate_slug(slug)
        return subjects.at(slug)
    except (ValidationError, subjects.NotPublished) as error:
        raise Http404(f"No topic was ever published as “{slug}”.") from error


@require_safe
def sent(request):
    """Say that a mail is on its way: the same to everybody, whatever is known of the address."""
    return pages.answer("following/sent.html", {"days": tokens.LIFETIMES[tokens.CONFIRM].days})


def with_token(view):
    """Let a view raise that its link is no longer good, and answer in its place."""

    @csrf_exempt
    @readable_and_postable
    def answering(request, token):
        try:
            return view(request, token)
        except (tokens.BadToken, following.Stopped):
            return _page("following/invalid.html", {}, status=410)

    return answering


@with_token
def confirm(request, token):
    """Ask for the button to be pressed, and then count the subscription."""
    if request.method == "POST":
        subscriptions = [following.confirm(token)]
    else:
        subscriptions = following.find(tokens.CONFIRM, token)
    if not subscriptions:
        raise following.Stopped
    (subscription, *_rest), (subject, *_rest) = subscriptions, subjects.of(subscriptions)
    frequency = languages.in_sentence(subscription.get_frequency_display())
    context = {"subject": subject, "subscription": subscription, "frequency": frequency}
    return _page("following/confirm.html", context | _yours(subscription))


def _yours(subscription) -> dict:
    """Return where all of a confirmed follower's subscriptions are."""
    if not subscription.confirmed_at:
        return {}
    token = tokens.make(tokens.YOURS, subscription.follower.key, [])
    return {"yours": reverse("follow_yours", args=[token])}


@with_token
def stop(request, token):
    """Ask for the button to be pressed, or be told by a mail program, and stop the mails."""
    subscriptions = following.find(tokens.STOP, token)
    found = subjects.of(subscriptions)
    names = format_html_join("; ", "{}", ((each.html,) for each in found))
    context = {"subjects": found, "names": names}
    if request.method == "POST":
        following.stop(subscriptions)
        context["is_done"] = True
    return _page("following/stop.html", context)


@with_token
def yours(request, token):
    """Show all that the owner of a link follows, each with its own buttons."""
    subscriptions = following.find(tokens.YOURS, token)
    if request.method == "POST":
        _change(request.POST, token, subscriptions)
        return _see(request.path)
    rows = list(zip(subscriptions, subjects.of(subscriptions), strict=True))
    context = {"rows": rows, "frequencies": Frequency.choices}
    if subscriptions:
        context["spoken"] = subscriptions[0].follower.language
        context["languages"] = [
            (code, translation.get_language_info(code)["name_local"].capitalize())
            for code, _name in settings.LANGUAGES
        ]
    return _page("following/yours.html", context)


def _change(data, token: str, subscriptions: list) -> None:
    """Do what the button of a form on the page of one's subscriptions says."""
    act = data.get("act")
    if act == "stop-all":
        following.stop_all(token)
        return
    if act == "language" and data.get("language") in dict(settings.LANGUAGES):
        following.set_language(token, data["language"])
        return
    chosen = [each for each in subscriptions if str(each.pk) == data.get("subscription")]
    if act == "stop":
        following.stop(chosen)
    elif act == "change" and data.get("frequency") in Frequency.values:
        for subscription in chosen:
            following.set_frequency(subscription, data["frequency"])


def _page(template: str, context: dict, *, status: int = 200) -> HttpResponse:
    return HttpResponse(pages.html(template, context), status=status, headers=PRIVATE)


def _see(address: str) -> HttpResponse:
    """Return the answer to a POST after which a reload sends nothing again."""
    return HttpResponseRedirect(address, status=303, headers=PRIVATE)
