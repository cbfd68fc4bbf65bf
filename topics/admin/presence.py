"""Telling those who have one topic open of each other."""

from datetime import timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.db.models.functions import Greatest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from topics import publishing
from topics.admin.history import ReadOnlyAdmin
from topics.models import Presence, Topic

# A form tells of itself every 30 seconds; one that is silent for three times that was closed.
SILENT_AFTER = timedelta(seconds=90)
FORGOTTEN_AFTER = timedelta(minutes=5)


@admin.register(Presence)
class PresenceAdmin(ReadOnlyAdmin):
    """Who has which topic open, for administrators."""

    list_display = ("topic", "user", "since", "seen")
    list_select_related = ("topic", "user")


def others(topic: Topic, user) -> list[dict]:
    """Return name and time of those who have the form of a topic open beside somebody."""
    now = timezone.now()
    rows = Presence.objects.filter(topic=topic, seen__gt=now - SILENT_AFTER).exclude(user=user)
    return [
        {"name": publishing.name_of(row.user), "since": row.since}
        for row in rows.select_related("user")
    ]


@require_POST
def tell(request):
    """Take down that somebody has a topic open (or has left it), and tell who else has."""
    number = request.POST.get("topic", "")
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        raise PermissionDenied("There is no such topic.")
    topic = get_object_or_404(Topic, pk=int(number))
    model = Topic.class_for(topic.kind)._meta
    if not request.user.has_perm(f"{model.app_label}.change_{model.model_name}"):
        raise PermissionDenied("You may not change this topic.")
    if "left" in request.POST:
        Presence.objects.filter(topic=topic, user=request.user).delete()
        return HttpResponse(status=204)
    _take_down(topic, request.user)
    latest = topic.revisions.order_by("-number").values("number", "author_name").first() or {}
    return JsonResponse(
        {
            "others": others(topic, request.user),
            "revision": latest.get("number", 0),
            "saved_by": latest.get("author_name", ""),
        }
    )


def _take_down(topic: Topic, user) -> None:
    now = timezone.now()
    Presence.objects.filter(seen__lt=now - FORGOTTEN_AFTER).delete()
    # Who was away for longer has come anew.
    Presence.objects.filter(topic=topic, user=user, seen__lt=now - SILENT_AFTER).delete()
    _, is_new = Presence.objects.get_or_create(
        topic=topic, user=user, defaults={"since": now, "seen": now}
    )
    if not is_new:
        seen = Greatest(F("seen"), now)
        Presence.objects.filter(topic=topic, user=user).update(seen=seen)
