"""From the graph to its page: the picture, the list and the form that chooses what they show."""

import re

from django import forms

from topics.choices import INVERSE_LABELS, Kind, RelationKind
from topics.knowledge_map import fan, ring
from topics.knowledge_map.drawing import MARKS
from topics.knowledge_map.graph import KINDS, RELATIONS, Graph, Node
from topics.models import PublishedSlug

SLUG = re.compile(r"[a-z0-9-]+")


class TopicField(forms.ChoiceField):
    """The address of a published topic; one that it had before is understood."""

    default_error_messages = {
        "invalid_choice": "No topic is published as “%(value)s”. Choose one from the list."
    }

    def to_python(self, value):
        slug = super().to_python(value)
        if slug and not self.valid_value(slug) and SLUG.fullmatch(slug):
            known = PublishedSlug.objects.filter(slug=slug, topic__listing__isnull=False)
            return known.values_list("topic__listing__slug", flat=True).first() or slug
        return slug


class MapForm(forms.Form):
    """What the map shows: everything, or one topic; of all kinds and relations, or of some."""

    topic = TopicField(label="Around one topic", required=False)
    kind = forms.MultipleChoiceField(choices=Kind.choices, required=False)
    relation = forms.MultipleChoiceField(choices=RelationKind.choices, required=False)

    def __init__(self, data, graph: Graph):
        super().__init__(data)
        nodes = graph.nodes.values()
        self.fields["topic"].choices = [("", "All topics")] + [
            (KINDS[kind], [(node.slug, node.title) for node in nodes if node.kind == kind])
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
        "kinds": [(Kind(kind), plural, MARKS[kind], kind in chosen["kind"])
                  for kind, plural in KINDS.items()],
        "relations": [(kind, _both_ways(kind), kind in chosen["relation"])
                      for kind in RelationKind],
        "count": len(graph.nodes),
        "relation_count": len(graph.edges),
        "drawing": fan.draw(graph, focus.slug) if focus else ring.draw(graph),
        "groups": [(plural, [_entry(node) for node in nodes if node.kind == kind])
                   for kind, plural in KINDS.items()],
    }  # fmt: skip


def _both_ways(kind: RelationKind) -> str:
    """Return how a relation reads from either end: “Treats, treated by”."""
    inverse = INVERSE_LABELS[kind]
    return kind.label if inverse == kind.label else f"{kind.label}, {inverse.lower()}"


def _entry(node: Node) -> dict:
    """Return a topic of the list, with its relations by label."""
    return {
        "node": node,
        "related": [
            {"label": group["label"], "kind": RELATIONS[group["label"]], "topics": group["topics"]}
            for group in node.related
        ],
    }
