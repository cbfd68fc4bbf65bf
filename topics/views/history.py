"""What became of a topic: all its editions, and what changed from one to another."""

from django.utils import timezone
from django.utils.translation import gettext as _

from hsc_portal import languages
from hsc_portal.pages import answer, answer_kept, answer_once, bad_values, html
from hsc_portal.pages import origin as origin_of
from references import csl
from references.models import Reference
from topics import reading
from topics.changes import shown
from topics.rendering import TopicLinks
from topics.views.topics import finds_topic


@finds_topic
def history(request, slug):
    """All editions of a topic, newest first."""
    editions = reading.history(slug)
    title = reading.documents.read(editions[0].revision.document)["title"]
    context = {
        "place": "topics",
        "slug": slug,
        "title": title,
        "marked_title": languages.content(title),
        "editions": editions,
        "today": timezone.localdate(),
    }
    return answer("topics/history.html", context)


@finds_topic
def changes(request, slug, number):
    """What an edition says that the one before it did not, or that of `?from=`; word by word."""
    try:
        earlier = _earlier(request.GET.get("from"), number)
    except ValueError as error:
        return bad_values(request, {"from": [str(error)]})
    origin = origin_of(request)

    def answering(found: reading.Readings):
        def make() -> str:
            found.load()
            return html("topics/changes.html", _compared(*found, origin))

        key = ("changes", origin, *((each.edition_id, each.state) for each in found))
        return answer_kept(request, key, make, ["from"]) if found.is_steady else answer_once(make)

    return reading.steadily(lambda: reading.editions(slug, earlier, number), answering)


def _earlier(text: str | None, number: int) -> int:
    """Return the number of the edition to compare with: the one before, that itself if it is first.

    Raises ValueError in words for the reader.
    """
    if text is None or number <= 1:
        return max(number - 1, 1)
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not is_number or not 1 <= int(text) < number:
        words = _("Enter the number of an edition before {number}: 1 to {last}.")
        raise ValueError(words.format(number=number, last=number - 1))
    return int(text)


def _compared(earlier: reading.Reading, later: reading.Reading, origin: str) -> dict:
    """Return what the template of a comparison is given. The first edition is its own `earlier`."""
    flagged = earlier.flagged | later.flagged
    links = TopicLinks(later.listing.links if later.listing else {})
    is_first = earlier is later
    has_next = later.current_number and later.number < later.current_number
    return {
        "place": "topics",
        "origin": origin,
        "canonical": languages.permanent("changes", later.slug, later.number),
        "slug": later.slug,
        "title": later.document["title"],
        "edition": later.edition,
        "earlier": earlier.edition,
        "is_first": is_first,
        "withdrawal": later.withdrawal,
        "current_number": later.current_number,
        "numbers": range(1, later.number),
        "next_number": later.number + 1 if has_next else None,
        "notices": _notices(flagged, earlier.document, later.document),
        **({} if is_first else shown(earlier.document, later.document, flagged, links)),
    }


def _notices(flagged: dict[str, dict], *documents: dict) -> list[dict]:
    """Return what readers must be told of the publications that the editions cite."""
    names = {
        item["id"]: csl.short_name(item) for found in documents for item in found["references"]
    }
    return [
        {"key": key, "name": names[key], "label": Reference.Status(flag["status"]).label,
         "on": flag["status_on"], "text": flag["status_notice"]}
        for key, flag in sorted(flagged.items())
    ]  # fmt: skip
