"""Where the pages about topics are, in the language that is being spoken.

`hsc_portal.languages.permanent` gives addresses that are the same for everybody.
"""

from django.urls import reverse

from topics.choices import Kind

# The name of the page that lists all topics of a kind.
INDEXES = {
    Kind.OVERVIEW: "topics",
    Kind.THERAPY: "therapies",
    Kind.AGENT: "agents",
    Kind.CONDITION: "conditions",
    Kind.COMPLICATION: "complications",
}


def of_topic(slug: str) -> str:
    return reverse("topic", args=[slug])


def of_edition(slug: str, number: int) -> str:
    return reverse("edition", args=[slug, number])


def of_figure(sha256: str, kind: str) -> str:
    """Return the path of a picture, of which `kind` is the format. It is there once published."""
    return reverse("figure", args=[sha256, kind])


def index_of(kind: str) -> str:
    """Return where all topics of a kind are listed."""
    page = reverse(INDEXES[kind])
    return f"{page}?kind={kind}" if kind == Kind.OVERVIEW else page


def comparison_of(kind: str, slug: str) -> str:
    """Return where a topic is set beside others of its kind; "" for overviews, which are not."""
    return "" if kind == Kind.OVERVIEW else f"{reverse(f'compare-{INDEXES[kind]}')}?t={slug}"
