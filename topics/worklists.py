"""What is to be done: lists of topics, statements and links, each a class with its words and query.

Lists whose rows are of one sort share a source, so that all their numbers take one query together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from references import csl
from references.models import Reference
from topics import telling
from topics.choices import Area, Certainty, Kind, LinkState, TaskKind, Verdict
from topics.models import (
    Citation,
    Edition,
    LinkCheck,
    Opening,
    Revision,
    Statement,
    Topic,
)
from topics.standing import AWAITING, CHANGED, REVIEWABLE, with_state

UNTOUCHED = timedelta(days=60)
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

    `done` is said when there is nothing in it.
    """

    name = title = about = ""
    done = "Nothing. Well done."
    permission = "topics.view_topic"
    source: Source = TOPICS
    columns: tuple[Column, ...] = ()
    order: tuple[str, ...] = ()

    def condition(self, user) -> Q:
        """Return which rows of the source belong to the list of somebody."""
        raise NotImplementedError

    def rows(self, user) -> QuerySet:
        """Return the rows in order, each with the number of the `owner` of its topic."""
        rows = self.source.rows()
        if self.source is not TOPICS:
            rows = rows.annotate(owner=owner(f"{self.source.topic}pk"))
        return rows.filter(self.condition(user)).order_by(*self.order or self.source.order)


class AwaitingMe(Worklist):
    name = "my-reviews"
    title = "Awaiting my review"
    about = (
        "Submitted texts that you did not write, asked of you or of whoever is free. "
        "The longest waiting come first."
    )
    permission = "topics.review_topic"
    order = ("submitted_at", "pk")
    columns = (
        Column("Submitted", lambda topic: day(topic.submitted_at)),
        Column("Last saved by", lambda topic: topic.saved_by),
    )

    def condition(self, user):
        asked = telling.open_for(TaskKind.REVIEW).filter(topic=OuterRef("pk"))
        is_mine = Exists(asked.filter(assignee=user)) | ~Exists(asked)
        return AWAITING & Q(is_mine) & ~Q(_wrote(user))


class ChangesOfMe(Worklist):
    name = "my-changes"
    title = "Changes requested of me"
    about = "Texts that a reviewer wants changed, and that you own or are asked to change."
    permission = "topics.submit_topic"
    order = ("verdict_at", "pk")
    columns = (Column("Asked for", lambda topic: day(topic.verdict_at)),)

    def condition(self, user):
        asked = telling.open_for(TaskKind.CHANGES).filter(topic=OuterRef("pk"))
        is_mine = Q(Exists(asked.filter(assignee=user))) | Q(owner=user.pk) & ~Q(Exists(asked))
        return REVIEWABLE & ~AWAITING & Q(verdict=Verdict.REQUEST_CHANGES) & is_mine


class Overdue(Worklist):
    name = "overdue"
    title = "Past the review date"
    about = "Published topics whose next review was due. Readers are told so on the page."
    order = ("listing__next_review", "title")
    columns = (
        Column("Was due", lambda topic: day(topic.listing.next_review)),
        Column("Last reviewed", lambda topic: day(topic.reviewed_at) or "never"),
    )

    def condition(self, user):
        return Q(listing__next_review__lt=timezone.localdate())


class Untouched(Worklist):
    name = "untouched"
    title = f"Drafts untouched for {UNTOUCHED.days} days"
    about = "Texts that differ from what readers see, and that nobody saved since."
    order = ("saved_at", "pk")
    columns = (
        Column("Last saved", lambda topic: day(topic.saved_at)),
        Column("By", lambda topic: topic.saved_by),
        Column("Readers see", progress),
    )

    def condition(self, user):
        is_draft = Q(listing__isnull=True, was_published=False) | CHANGED
        return is_draft & Q(saved_at__lt=timezone.now() - UNTOUCHED)


class NeverOpened(Worklist):
    name = "never-opened"
    title = "Never opened"
    about = "Published topics whose page no reader asked for, as far as can be known."
    done = "Every topic was opened."
    order = ("listing__published_at", "title")
    columns = (Column("Published", lambda topic: day(topic.listing.published_at)),)

    def condition(self, user):
        opened = Opening.objects.filter(topic=OuterRef("pk"))
        return Q(listing__isnull=False) & ~Q(Exists(opened))


class BrokenInside(Worklist):
    name = "broken-inside"
    title = "Broken internal links"
    about = "Published topics that lead to topics which readers can no longer find."
    done = "No published topic leads to one that is gone."
    columns = (
        Column("Leads to", lambda topic: ", ".join(gone for gone, to in topic.listing.links.items()
                                                   if to is None)),
    )  # fmt: skip

    def condition(self, user):
        gone = Func(
            F("listing__links"), Value("$.* ? (@ == null)"), function="jsonb_path_exists",
            template="%(function)s(%(expressions)s::jsonpath)", output_field=BooleanField(),
        )  # fmt: skip
        return Q(gone)


class BrokenOutside(Worklist):
    name = "broken-outside"
    title = "Broken external links"
    about = (
        "Pages of the web that published topics and their publications lead to, and that were not "
        "there when last asked. Each is asked once a week at the most."
    )
    done = "No link is known to be broken."
    source = LINKS
    columns = (
        Column("Address", lambda row: row.linkcheck.url),
        Column("Answer", lambda row: row.linkcheck.answer),
        Column("Broken since", lambda row: day(row.linkcheck.broken_since)),
        Column("Last asked", lambda row: day(row.linkcheck.checked_at)),
    )

    def condition(self, user):
        return Q(linkcheck__state=LinkState.BROKEN)


class _OfStatements(Worklist):
    source = STATEMENTS
    columns = (
        Column("Statement", lambda statement: statement.text),
        Column("Section", lambda statement: statement.section_heading),
        Column("Certainty", lambda statement: str(Certainty(statement.certainty).label)),
        Column("Cited", lambda statement: "yes" if statement.is_cited else "no"),
        Column("Source check", lambda statement: "awaited" if statement.awaiting_check else ""),
        Column("Anchor", lambda statement: statement.anchor),
    )


class Statements(_OfStatements):
    name = "statements"
    title = "Published statements"
    about = "All that is stated to readers now, by topic."
    done = "No statement fits."

    def condition(self, user):
        return Q()


class Uncited(_OfStatements):
    name = "uncited"
    title = "Statements without citation"
    about = "Published statements that name no source."
    done = "Every published statement has a source."

    def condition(self, user):
        return Q(is_cited=False)


class AwaitingCheck(_OfStatements):
    name = "awaiting-check"
    title = "Awaiting source check"
    about = "Published statements whose source was not yet read again."
    done = "Every source was read."

    def condition(self, user):
        return Q(awaiting_check=True)


class Flagged(Worklist):
    name = "flagged"
    title = "Citing retracted or corrected publications"
    about = (
        "Published topics with each publication they cite, in text or tables, that has a notice. "
        "The retracted come first."
    )
    done = "No publication that is cited has a notice."
    source = CITATIONS
    # Retracted before the rest: the words in the order of the alphabet backwards.
    order = ("-reference__status", "edition__topic__title", "reference__key")
    columns = (
        Column("Publication", lambda row: csl.short_name(row.reference.csl)),
        Column("Notice", lambda row: str(Reference.Status(row.reference.status).label)),
        Column("Of", lambda row: day(row.reference.status_on)),
        Column("It says", lambda row: row.reference.status_notice),
    )

    def condition(self, user):
        return ~Q(reference__status=Reference.Status.CURRENT)


def _wrote(user) -> Exists:
    """Return whether somebody wrote part of the latest text, as `editions.Past.writers` has it."""
    reviewed = Edition.objects.filter(topic=OuterRef("topic"), review__isnull=False)
    last = Subquery(reviewed.order_by("-number").values("revision__number")[:1])
    own = Revision.objects.filter(topic=OuterRef("pk"), author=user)
    return Exists(own.filter(Q(number__gt=Coalesce(last, 0)) | Q(digest=OuterRef("latest_digest"))))


ALL: tuple[Worklist, ...] = (
    AwaitingMe(), ChangesOfMe(), Overdue(), Uncited(), AwaitingCheck(), Flagged(), BrokenInside(),
    BrokenOutside(), NeverOpened(), Untouched(),
)  # fmt: skip
BY_NAME = {each.name: each for each in (*ALL, Statements())}


def of(user) -> list[Worklist]:
    """Return the lists that somebody may see."""
    return [each for each in ALL if user.has_perm(each.permission)]


def counts(user) -> dict[str, int]:
    """Return how long each list of somebody is, in one query for each source."""
    found: dict[str, int] = {}
    lists = of(user)
    for source in dict.fromkeys(each.source for each in lists):
        own = {f"is_{n}": each for n, each in enumerate(lists) if each.source is source}
        belongs = {name: _whether(each.condition(user)) for name, each in own.items()}
        asked = {name: Count("pk", filter=Q(**{name: True})) for name in own}
        numbers = (
            source.rows()
            .order_by()
            .annotate(**belongs)
            .aggregate(**{f"number_{name}": count for name, count in asked.items()})
        )
        found |= {each.name: numbers[f"number_{name}"] for name, each in own.items()}
    return found


def _whether(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def narrowed(worklist: Worklist, rows: QuerySet, chosen: dict) -> QuerySet:
    """Return the rows whose topic fits what was chosen: kind, area, owner, topic, words …"""
    path = worklist.source.topic
    wanted = {
        f"{path}kind": chosen.get("kind"),
        f"{path}pk": chosen.get("topic"),
        f"{path}title__icontains": chosen.get("q"),
        f"{path}areas__contains": [chosen["area"]] if chosen.get("area") else None,
        "certainty": chosen.get("certainty") if worklist.source is STATEMENTS else None,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if chosen.get("owner") == UNOWNED:
        return rows.filter(owner__isnull=True)
    return rows.filter(owner=chosen["owner"]) if chosen.get("owner") else rows


def kind_of(topic) -> str:
    return str(Kind(topic.kind).label)
