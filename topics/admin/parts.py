"""The tabs over a topic: its form, in panels, and the pages that belong to it.

Text and facts, and codes and links, are panels of one form: both are sent whichever is shown. Each
clinical table is a page of its own (see base.py), and so is the history.
"""

from django.urls import reverse

from topics.admin import desk, tables

# What a fieldset has among its classes, or an inline as its `panel`, to stand in a panel.
PANELS = {"content": "Content", "links": "Codes and links"}


def tabs(admin, request, topic, shown: str = "content") -> list[dict]:
    """Return label, address and number of rows of each tab. A topic not yet saved has panels only.

    `shown` is the panel that is open, or `tables`, `review` or `history`.
    """
    is_form = shown in PANELS
    form_url = "" if is_form or not topic else desk.change_url(topic)
    panels = {
        name: {"name": name, "label": label, "url": f"{form_url}#panel-{name}", "panel": is_form}
        for name, label in PANELS.items()
    }
    found = [panels["content"], panels["links"]]
    if topic:
        found[1:1] = _clinical_tables(admin, request, topic)
        review = reverse("admin:topics_topic_discussion", args=[topic.pk])
        found.append({"name": "review", "label": "Review", "url": review})
        found.append({"name": "history", "label": "History", "url": desk.history_url(topic)})
    return [tab | {"is_current": tab["name"] == shown} for tab in found]


def _clinical_tables(admin, request, topic) -> list[dict]:
    links = tables.links(admin, request, topic)
    if not links:
        return []
    rows = sum(link["rows"] for link in links)
    return [{"name": "tables", "label": "Clinical tables", "url": links[0]["url"], "rows": rows}]
