"""Reporting an error: a form that anybody can send, and the page that thanks.

These pages are no reader's pages: the form sets a cookie against forged requests, and no cache may
keep any of them.
"""

from django import forms
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from hsc_portal import languages, pages
from topics import reading, reporting, throttle
from topics.models import ErrorReport

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
HIDDEN = ("topic", "edition", "statement")
_SALT = "topics.views.reports"

TOO_FAST = _(
    "Nothing was sent yet: the form came back within three seconds, as programs send it. All is "
    "filled in right and kept below. Please press “Send to the editors” once more."
)
TOO_OLD = _(
    "This form was open for too long, so nothing was sent. Your text is kept below: please send "
    "it once more."
)
TOO_MANY = _(
    "Within one hour {limit} reports came from your network, and more are not taken. "
    "Your text is kept below: please send it in an hour, or copy it."
)


class Plain(forms.CharField):
    """A text whose line ends count as one character each, as browsers count them."""

    def to_python(self, value):
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class ReportForm(forms.Form):
    """What is wrong, where, and perhaps whom to answer."""

    message = Plain(
        max_length=reporting.LONGEST_MESSAGE,
        error_messages={
            "required": _("Say what is wrong."),
            "max_length": _(
                "This is too long: %(show_value)d of at most %(limit_value)d characters."
            ),
        },
    )
    where = forms.CharField(
        max_length=300,
        required=False,
        error_messages={"max_length": _("Say where it is in at most %(limit_value)d characters.")},
    )
    email = forms.EmailField(
        max_length=254,
        required=False,
        error_messages={
            "invalid": _("This is not an email address. One looks like name@hospital.org.")
        },
    )
    # No person sees this field; programs that fill in whatever they find give themselves away.
    website = forms.CharField(required=False)

    def clean_website(self):
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                gettext("Leave this field empty and send the form once more.")
            )
        return ""


@sensitive_post_parameters()
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def report(request):
    """Ask what is wrong; the address may name the topic, its edition and a statement."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        about = _about(given)
    except reading.NotPublished:
        return pages.bad_values(request, {"topic": [_unknown(given)]})
    if request.method == "POST":
        return _send(request, ReportForm(request.POST), about)
    return _page(request, ReportForm(), about, reporting.new_form())


def _unknown(given) -> str:
    topic, edition = given.get("topic", ""), given.get("edition", "")
    told = (
        gettext("Nothing was ever published as “{topic}”, edition “{edition}”.")
        if edition
        else gettext("Nothing was ever published as “{topic}”.")
    )
    return told.format(topic=topic, edition=edition)


def _about(given) -> reporting.Place | None:
    """Return the place that a form or an address names. Raises NotPublished."""
    topic, edition, statement = (given.get(name, "") for name in HIDDEN)
    if not topic:
        return None
    if edition and not (edition.isascii() and edition.isdigit() and len(edition) < 10):
        raise reading.NotPublished(topic)
    return reporting.place(topic, int(edition) if edition else None, statement)


def _send(request, form: ReportForm, about: reporting.Place | None) -> HttpResponse:
    """Take a report, or show the form again with all that was written."""
    # What is wrong in the fields comes first: it must be mended anyhow, and meanwhile time passes.
    if not form.is_valid():
        return _page(request, form, about, _still_good(request.POST.get("form", "")), status=400)
    try:
        number = signing.dumps(_taken(request, form.cleaned_data, about).pk, salt=_SALT)
    except reporting.TooFast:
        return _again(request, form, about, TOO_FAST)
    except reporting.TooOld:
        return _again(request, form, about, TOO_OLD)
    except reporting.TooMany:
        return _again(request, form, about, TOO_MANY.format(limit=reporting.LIMIT), status=429)
    return HttpResponseRedirect(reverse("report_sent", args=[number]), status=303, headers=PRIVATE)


def _taken(request, told: dict, about: reporting.Place | None) -> ErrorReport:
    return reporting.send(
        form=reporting.read_form(request.POST.get("form", "")), sender=throttle.sender(request),
        about=about, message=told["message"], email=told["email"], where=told["where"],
    )  # fmt: skip


def _still_good(carried: str) -> str:
    """Return what a form carries hidden, so that the time spent on it counts; anew if too old."""
    try:
        reporting.read_form(carried)
    except reporting.TooOld:
        return reporting.new_form()
    except reporting.TooFast:
        pass
    return carried


def _again(request, form: ReportForm, about, why: str, status: int = 400) -> HttpResponse:
    form.add_error(None, why)
    carried = _still_good(request.POST.get("form", ""))
    return _page(request, form, about, carried, status=status)


def _page(request, form: ReportForm, about, carried: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "about": about, "carried": carried, "csrf_token": get_token(request)}
    context["longest"] = reporting.LONGEST_MESSAGE
    context["title"] = languages.content(about.title) if about else ""
    return HttpResponse(pages.html("report/form.html", context), status=status, headers=PRIVATE)


@require_safe
def sent(request, token):
    """Thank for a report, and say its number."""
    try:
        number = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise Http404("There is no such report.") from error
    return HttpResponse(pages.html("report/sent.html", {"number": number}), headers=PRIVATE)
