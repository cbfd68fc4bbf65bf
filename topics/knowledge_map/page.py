"""From the graph to its page: the picture, the list and the form that chooses what they show."""

import re

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hsc_portal import languages
from topics.choices import INVERSE_LABELS, PLURALS, Kind, RelationKind, relation_words
from topics.knowledge_map import fan, ring
from topics.knowledge_map.drawing import MARKS
from topics.knowledge_map.graph import KINDS, RELATIONS, Graph, Node
from topics.models import PublishedSlug

SLUG = re.compile(r"[a-z0-9-]+")


class TopicSelect(forms.Select):
    """A list of topics, each of which says in which language its title is."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if value and not languages.is_content_language():
            option["attrs"]["lang"] = settings.LANGUAGE_CODE
        return option


class TopicField(forms.ChoiceField):
    """The address of a published topic; one that it had before is understood."""

    widget = TopicSelect
    default_error_messages = {
        "invalid_choice": _("No topic is published as “%(value)s”. Choose one from the list.")
    }

    def to_python(self, value):
        slug = super().to_python(value)
        if slug and not self.valid_value(slug) and SLUG.fullmatch(slug):
            known = PublishedSlug.objects.filter(slug=slug, topic__listing__isnull=False)
            return known.values_list("topic__listing__slug", flat=True).first() or slug
        return slug


class MapForm(forms.Form):
    """What the map shows: everything, or one topic; of all kinds and relations, or of some."""

    topic = TopicField(label=_("Around one topic"), required=False)
    kind = forms.MultipleChoiceField(choices=Kind.choices, required=False)
    relation = forms.MultipleChoiceField(choices=RelationKind.choices, required=False)

    def __init__(self, data, graph: Graph):
        super().__init__(data)
        nodes = graph.nodes.values()
        self.fields["topic"].choices = [("", _("All topics"))] + [
            (PLURALS[kind], [(node.slug, node.title) for node in nodes if node.kind == kind])
            for kind in KINDS
        ]


def context(graph: Graph, form: MapForm) -> dict:
    """Return what the template of the map is given. The form must be valid."""
    chosen = form.cleaned_data
    focus = graph.nodes.get(chosen["topic"])
    nodes = [focus] if focus else list(graph.nodes.values())
    return {
        "place": "map",
        "topic_field": form["topic"],
        "focus": focus,
        "marked_title": languages.content(focus.title) if focus else "",
        "kinds": [(kind, PLURALS[kind], MARKS[kind], kind in chosen["kind"]) for kind in KINDS],
        "relations": [(kind, _both_ways(kind), kind in chosen["relation"])
                      for kind in RelationKind],
        "count": len(graph.nodes),
        "relation_count": len(graph.edges),
        "drawing": fan.draw(graph, focus.slug) if focus else ring.draw(graph),
        "groups": [(PLURALS[kind], [_entry(node) for node in nodes if node.kind == kind])
                   for kind in KINDS],
    }  # fmt: skip


def _both_ways(kind: RelationKind) -> str:
    """Return how a relation reads from either end: “Treats, treated by”."""
    forward = relation_words(kind.label)
    if INVERSE_LABELS[kind] == kind.label:
        return forward
    inverse = languages.in_sentence(relation_words(INVERSE_LABELS[kind]))
    # Translators: how a relation reads from either end: “Treats, treated by”.
    return gettext("{forward}, {inverse}").format(forward=forward, inverse=inverse)


def _entry(node: Node) -> dict:
    """Return a topic of the list, with its relations by label."""
    return {
        "node": node,
        "related": [
            {
                "label": relation_words(group["label"]),
                "kind": RELATIONS[group["label"]],
                "topics": group["topics"],
            }
            for group in node.related
        ],
    }
