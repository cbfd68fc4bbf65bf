"""Where the pages of a topic are in the admin."""

from django.urls import reverse

from topics.models import Topic


def change_url(topic: Topic) -> str:
    """Return the address of a topic's form, which is that of its kind."""
    return _kind_url(topic, "change")


def history_url(topic: Topic) -> str:
    return _kind_url(topic, "history")


def _kind_url(topic: Topic, page: str) -> str:
    opts = Topic.class_for(topic.kind)._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[topic.pk])
