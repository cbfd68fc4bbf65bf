"""The evidence page of a topic: what it states by certainty, and what is open."""

from functools import partial

from django.utils.translation import gettext as _

from hsc_portal.pages import answer_kept, answer_once, bad_values, html
from hsc_portal.pages import origin as origin_of
from topics import evidence, pages, reading
from topics.views.topics import finds_topic


@finds_topic
def detail(request, slug):
    """What the current edition rests on. `?show=` narrows it to a certainty or an open point."""
    show = request.GET.get("show", "")
    if show and show not in evidence.Show:
        words = ", ".join(str(label) for label in evidence.Show.labels)
        fault = _("“{value}” cannot be shown. Choose one of: {choices}.")
        return bad_values(request, {"show": [fault.format(value=show, choices=words)]})
    origin = origin_of(request)
    return reading.steadily(partial(reading.current, slug), partial(_page, request, show, origin))


def _page(request, show: str, origin: str, found: reading.Reading):
    # A check that finds no notice leaves the state of the topic as it is.
    unchecked = evidence.unchecked(found.edition_id)

    def make() -> str:
        context = evidence.context(found, show, unchecked)
        return html("topics/evidence.html", context | {"origin": origin})

    if not found.is_steady:
        return answer_once(make)
    key = ("evidence", *unchecked, *pages.key(found, origin))
    return answer_kept(request, key, make, ["show"])
