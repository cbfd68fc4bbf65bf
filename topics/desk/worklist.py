"""What a worklist is: rows of a source that fit its condition, and columns that tell of them.

Lists whose rows are of one sort share a source, so that all their numbers take one query together.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, QuerySet, Subquery

from topics.choices import Area, Kind
from topics.models import Citation, LinkCheck, Revision, Statement, Topic
from topics.standing import with_state

OWNERS = ("Author", "Editor")
NOBODY = "Editors"
# In an address: the topics that have no owner of their own.
UNOWNED = "editors"


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, and what stands in it for a row."""

    label: str
    told: Callable


@dataclass(frozen=True)
class Source:
    """What the rows of some lists are, and how the topic of a row is found in a query."""

    rows: Callable[[], QuerySet]
    topic: str
    topic_of: Callable
    order: tuple[str, ...]


def owner(topic: str) -> Subquery:
    """Return the number of the owner of a topic: who last wrote it and still may.

    Whoever left, or only reviews or loads content by now, owns nothing. What nobody owns is the
    business of all editors.
    """
    wrote = Revision.objects.filter(
        topic=OuterRef(topic), author__is_active=True, author__groups__name__in=OWNERS
    )
    return Subquery(wrote.order_by("-number").values("author")[:1])


def possible_owners() -> list[tuple[str, str]]:
    """Return number and name of each person who can own a topic, by name."""
    people = get_user_model().objects.filter(is_active=True, groups__name__in=OWNERS).distinct()
    named = [(str(one.pk), one.get_full_name() or one.get_username()) for one in people]
    return sorted(named, key=lambda pair: pair[1].casefold())


def progress(topic) -> str:
    return f"edition {topic.published_number}" if topic.published_number else "nothing"


def areas(topic) -> str:
    return ", ".join(str(Area(area).label) for area in topic.areas)


def kind_of(topic) -> str:
    return str(Kind(topic.kind).label)


def day(moment) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


TOPICS = Source(
    rows=lambda: with_state(Topic.objects).select_related("listing").annotate(owner=owner("pk")),
    topic="",
    topic_of=lambda topic: topic,
    order=("title", "pk"),
)
STATEMENTS = Source(
    rows=lambda: Statement.objects.select_related("listing__topic").defer("search"),
    topic="listing__topic__",
    topic_of=lambda statement: statement.listing.topic,
    order=("listing__title", "listing", "position"),
)
CITATIONS = Source(
    rows=lambda: Citation.objects.select_related("edition__topic", "reference").filter(
        edition__listing__isnull=False
    ),
    topic="edition__topic__",
    topic_of=lambda citation: citation.edition.topic,
    order=("edition__topic__title", "edition", "reference__key"),
)
LINKS = Source(
    rows=lambda: LinkCheck.topics.through.objects.select_related("linkcheck", "topic").filter(
        topic__listing__isnull=False
    ),
    topic="topic__",
    topic_of=lambda link: link.topic,
    order=("topic__title", "topic", "linkcheck__url"),
)


class Worklist:
    """One list: its name in addresses, its words, and which rows of its source it has.

    `done` is said when there is nothing in it. `leads_to` is where what is listed is done: the form
    of the topic, or the step or page of that name. `is_personal`: it is of one's own work.
    `is_ticked`: an editor takes rows from it by saying that they are in order.
    """

    name = title = about = ""
    done = "Nothing. Well done."
    permission = "topics.view_topic"
    source: Source = TOPICS
    columns: tuple[Column, ...] = ()
    order: tuple[str, ...] = ()
    leads_to = "form"
    is_personal = False
    is_ticked = False

    def condition(self, user) -> Q:
        """Return which rows of the source belong to the list of somebody."""
        raise NotImplementedError

    def rows(self, user) -> QuerySet:
        """Return the rows in order, each with the number of the `owner` of its topic."""
        rows = self.source.rows()
        if self.source is not TOPICS:
            rows = rows.annotate(owner=owner(f"{self.source.topic}pk"))
        return rows.filter(self.condition(user)).order_by(*self.order or self.source.order)
