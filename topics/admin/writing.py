"""What the form of a topic asks while somebody writes: all answers are JSON, and nothing is saved.

Who may see a topic may ask for the preview of a text; who may change it is told apart by the form.
"""

import re
from functools import reduce

from django.conf import settings
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from references import csl
from references.models import Reference
from topics import rendering, writing
from topics.admin import figures, presence
from topics.desk import preview
from topics.models import Topic

MOST_FOUND = 12
MOST_WORDS = 8
_DOI_ADDRESS = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


def may_view(user, topic: Topic | None) -> bool:
    """Return whether somebody may read the draft of a topic, None for one not saved yet."""
    model = (Topic.class_for(topic.kind) if topic else Topic)._meta
    verbs = ("view", "change") if topic else ("add", "view", "change")
    return any(user.has_perm(f"{model.app_label}.{verb}_{model.model_name}") for verb in verbs)


@require_POST
def show_preview(request):
    """Return the text that was sent as its page would show it. See `preview.Preview`."""
    topic = _topic(request, request.POST.get("topic"))
    if not may_view(request.user, topic):
        raise PermissionDenied("You may not read drafts.")
    if request.POST.get("what") == "words":
        return JsonResponse(preview.of_words(request.POST.get("text", "")).to_json())
    shown = {row.key: row.to_document() for row in topic.figures.all()} if topic else {}
    known = rendering.Figures(shown, address=figures.draft_address)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    return JsonResponse(preview.of_section(text, known).to_json())


@require_POST
def write(request):
    """Return the text that was sent with one thing written into it, or why that cannot be."""
    if not may_view(request.user, None):
        raise PermissionDenied("You may not read drafts.")
    try:
        written = _written(request.POST)
    except ValidationError as error:
        return JsonResponse({"fault": " ".join(error.messages)})
    return JsonResponse({"text": written.text, "position": written.position})


def _written(sent) -> writing.Written:
    text = sent.get("text", "")
    if fault := preview.too_long(text):
        raise ValidationError(fault)
    start, end = (_place(sent.get(name), text) for name in ("start", "end"))
    what, value = sent.get("what"), sent.get("value", "")
    if what == "cite":
        return writing.cite(text, end, value, sent.get("more", ""))
    if what == "link":
        return writing.link(text, start, max(start, end), value, sent.get("more", ""))
    if what == "certainty":
        return writing.grade(text, end, value)
    if what == "check":
        return writing.set_check(text, end, is_awaited=value == "awaiting")
    raise ValidationError("Nothing is known of what should be written.")


def _place(sent: str | None, text: str) -> int:
    is_number = sent is not None and sent.isascii() and sent.isdigit() and len(sent) < 9
    return min(int(sent), len(text)) if is_number else len(text)


@require_GET
def find_publications(request):
    """Return publications by words of their authors, title, year, key or DOI."""
    if not may_view(request.user, None):
        raise PermissionDenied("You may not read drafts.")
    asked = _DOI_ADDRESS.sub("", request.GET.get("q", "").strip().lstrip("@"))
    fields = ("key", "title", "authors", "container", "doi", "pmid")
    rows = _with_all_words(Reference.objects.listed(), asked, fields, numbers=("year",))
    first = (asked.split() or [""])[0].lower()
    found = sorted(
        rows[:200],
        # Who types a name means the first author before one of twenty.
        key=lambda row: (not row.authors.lower().startswith(first), -(row.year or 0), row.key),
    )
    return JsonResponse({"found": [_told(row) for row in found[:MOST_FOUND]], "of": len(found)})


def _told(row: Reference) -> dict:
    notice = "" if row.status == Reference.Status.CURRENT else row.get_status_display()
    return {
        "value": row.key,
        "name": csl.short_name(row.csl),
        "words": row.title,
        "more": ". ".join(filter(None, [csl.source(row.csl), f"@{row.key}"])),
        "notice": notice,
    }


@require_GET
def find_topics(request):
    """Return topics by words of their title, other names or address, drafts as well."""
    if not may_view(request.user, None):
        raise PermissionDenied("You may not read drafts.")
    asked = request.GET.get("q", "").strip()
    rows = _with_all_words(Topic.objects.all(), asked, ("title", "slug", "synonyms"))
    rows = rows.select_related("listing").prefetch_related("published_slugs").order_by("title")
    first = asked.lower()
    found = sorted(rows[:200], key=lambda row: not row.title.lower().startswith(first))
    told = [
        {
            "value": row.address,
            "name": row.title,
            "words": row.get_kind_display(),
            "more": row.address,
            "notice": "" if hasattr(row, "listing") else "not published",
        }
        for row in found[:MOST_FOUND]
    ]
    return JsonResponse({"found": told, "of": len(found)})


def _with_all_words(rows, asked: str, fields, numbers=()):
    for word in asked.split()[:MOST_WORDS]:
        conditions = [Q(**{f"{name}__icontains": word}) for name in fields]
        if word.isascii() and word.isdigit() and len(word) < 5:
            conditions += [Q(**{name: int(word)}) for name in numbers]
        rows = rows.filter(reduce(Q.__or__, conditions))
    return rows


@require_GET
def tell_session(request):
    """Return who is logged in, and the token with which they may send a form now."""
    return JsonResponse({"user": request.user.get_username(), "token": get_token(request)})


def _topic(request, number: str | None) -> Topic | None:
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        raise PermissionDenied("There is no such topic.")
    return get_object_or_404(Topic, pk=int(number))


PAGES = {
    "preview": show_preview,
    "write": write,
    "publications": find_publications,
    "topics": find_topics,
    "session": tell_session,
    "presence": presence.tell,
}


def urls(topic_admin) -> list:
    """Return the addresses that the form of a topic asks."""
    wrap = topic_admin.admin_site.admin_view
    return [
        path(f"writing/{name}/", wrap(view), name=f"topics_topic_writing_{name}")
        for name, view in PAGES.items()
    ]


def context(request, topic: Topic | None) -> dict:
    """Return what the scripts of the form are told: addresses, topic and person."""
    return {
        "addresses": {name: reverse(f"admin:topics_topic_writing_{name}") for name in PAGES},
        "topic": quote(topic.pk) if topic else "",
        "most_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "user": request.user.get_username(),
        "others": presence.others(topic, request.user) if topic else [],
    }
