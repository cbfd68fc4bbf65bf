"""The editorial desk. Each state change is a function of publishing.py; here are only the pages."""

from django.contrib import admin

from topics.admin import (
    codes,
    desk_lists,
    following,
    glossary,
    history,
    keys,
    partners,
    people,
    presence,
    references,
    reports,
    search,
    steering,
    webhooks,
)
from topics.admin.base import OverviewAdmin, TopicAdmin
from topics.models import Topic

__all__ = [
    "TopicAdmin",
    "codes",
    "desk_lists",
    "following",
    "glossary",
    "history",
    "keys",
    "partners",
    "people",
    "presence",
    "references",
    "reports",
    "search",
    "steering",
    "webhooks",
]

admin.site.register(Topic, OverviewAdmin)
