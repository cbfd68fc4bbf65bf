"""The indexes of the four clinical kinds. Each topic has its page under /topics/."""

from django.urls import path
from django.views.generic import RedirectView

from therapies import filters, views
from topics.choices import Kind
from topics.views.topics import index

KINDS = {
    "therapies": (Kind.THERAPY, filters.TherapyFilter),
    "agents": (Kind.AGENT, filters.AgentFilter),
    "conditions": (Kind.CONDITION, filters.ConditionFilter),
    "complications": (Kind.COMPLICATION, filters.ComplicationFilter),
}

to_topic = RedirectView.as_view(pattern_name="topic", permanent=True)

urlpatterns = (
    [
        path(f"{place}/", index, {"kind": kind, "filterset": filterset, "place": place}, name=place)
        for place, (kind, filterset) in KINDS.items()
    ]
    + [
        path(
            f"{place}/compare/",
            views.compare,
            {"kind": kind, "place": place},
            name=f"compare-{place}",
        )
        for place, (kind, _) in KINDS.items()
    ]
    + [
        path("therapies/recovery/", views.recovery, name="recovery"),
    ]
    + [path(f"{place}/<slug:slug>/", to_topic) for place in KINDS]
)
