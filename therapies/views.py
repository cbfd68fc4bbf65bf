"""The pages that only clinical topics have."""

from functools import partial

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hsc_portal.pages import answer, answer_kept, answer_once, bad_values, html
from therapies import recovery as recovering
from therapies.compare import choosing, page
from topics import reading
from topics.choices import PLURALS, Kind

LEAST_COMPARED = 2
# What can be compared, by the first part of the address.
PLACES = {
    Kind.THERAPY: "therapies",
    Kind.AGENT: "agents",
    Kind.CONDITION: "conditions",
    Kind.COMPLICATION: "complications",
}


@require_safe
def compare(request, *, kind: Kind, place: str):
    """Topics of one kind side by side, and the form in which they are chosen."""
    try:
        chosen = choosing.read(request.GET, kind)
        if len(chosen.slugs) < LEAST_COMPARED:
            return answer("therapies/compare.html", _form(chosen, kind, place))
        find = partial(reading.several, chosen.slugs)
        return reading.steadily(find, partial(_compared, request, chosen, kind, place))
    except ValidationError as error:
        return bad_values(request, error.message_dict)
    except reading.NotPublished as error:  # a moment ago it was
        message = _("“%(slug)s” is no longer published. Choose another one.")
        return bad_values(request, {"t": [message % {"slug": error}]})


def _compared(request, chosen: choosing.Chosen, kind: Kind, place: str, found: reading.Readings):
    def make() -> str:
        shown = page.context(
            found, only_differences=chosen.only_differences, all_open=chosen.all_open
        )
        return html("therapies/compare.html", _form(chosen, kind, place) | shown)

    if not found.is_steady:
        return answer_once(make)
    asked = chosen.only_differences, chosen.all_open
    key = ("compare", place, *page.key(found), *asked, *chosen.offered.items())
    return answer_kept(request, key, make, choosing.ASKED)


def _form(chosen: choosing.Chosen, kind: Kind, place: str) -> dict:
    """Return what the form is given: its fields, each with the topic chosen in it or ""."""
    slugs = chosen.slugs + [""] * (choosing.MOST - len(chosen.slugs))
    return {
        "place": "compare",
        "index": place,
        "kind": kind,
        "plural": PLURALS[kind],
        "kinds": [(each, PLURALS[which]) for which, each in PLACES.items()],
        "title": choosing.TITLES[kind],
        "chosen": chosen,
        "fields": list(enumerate(slugs, start=1)),
        "is_alone": len(chosen.slugs) == 1,
    }


@require_safe
def recovery(request):
    """When cells recover after each therapy and graft: a chart and its table."""

    def answering(found: reading.Readings):
        def make() -> str:
            context = {"place": "therapies", **recovering.context(found)}
            return html("therapies/recovery.html", context)

        if not found.is_steady:
            return answer_once(make)
        return answer_kept(request, recovering.key(found), make)

    return reading.steadily(recovering.find, answering)
