"""What is to be done: lists of topics, statements and links, each a class with words and query.

Those of one's own work are in `mylists`.
"""

from datetime import timedelta

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
    Value,
)
from django.utils import timezone

from references import csl
from references.models import Reference
from topics import noticing
from topics.choices import Certainty, LinkState
from topics.desk.mylists import AwaitingMe, ChangesOfMe, FailedSchedules, MyDrafts, ToPublish
from topics.desk.worklist import (
    CITATIONS,
    LINKS,
    STATEMENTS,
    UNOWNED,
    Column,
    Worklist,
    day,
    progress,
)
from topics.listed import UNCITED_ROWS
from topics.models import Opening
from topics.standing import CHANGED

UNTOUCHED = timedelta(days=60)


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


class UncitedRows(Worklist):
    name = "uncited-rows"
    title = "Table rows without citation"
    about = (
        "Published topics with rows of clinical tables, or facts, that name no source: readers see "
        "“uncited” at each. Statements of the text have a list of their own."
    )
    done = "Every published row has a source."
    columns = (
        Column("Rows", lambda topic: str(len(topic.listing.facets[UNCITED_ROWS]))),
        Column("Which", lambda topic: _some(topic.listing.facets[UNCITED_ROWS])),
    )

    def condition(self, user):
        return Q(listing__facets__has_key=UNCITED_ROWS)


class AwaitingCheck(_OfStatements):
    name = "awaiting-check"
    title = "Awaiting source check"
    about = "Published statements whose source was not yet read again."
    done = "Every source was read."

    def condition(self, user):
        return Q(awaiting_check=True)


def _named(reference: Reference) -> str:
    """Return a publication as people speak of it, with its title: of one name there are several."""
    return f"{csl.short_name(reference.csl)}: {reference.title}"


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
        Column("Publication", lambda row: _named(row.reference)),
        Column("Notice", lambda row: str(Reference.Status(row.reference.status).label)),
        Column("Of", lambda row: day(row.reference.status_on)),
        Column("It says", lambda row: row.reference.status_notice),
    )

    def condition(self, user):
        return ~Q(reference__status=Reference.Status.CURRENT)


class LookAgain(Worklist):
    name = "look-again"
    title = "Citing publications whose notice was lifted"
    about = (
        "Published topics that cite a publication which was reinstated, or whose notices were a "
        "mistake. Read again what rests on it. A topic leaves the list when it is published anew, "
        "or when an editor says that it is in order."
    )
    done = "Nothing was reinstated that was not looked at."
    source = CITATIONS
    is_ticked = True
    columns = (
        Column("Publication", lambda row: _named(row.reference)),
        Column("Now", lambda row: _cleared(row.reference)),
        Column("Of", lambda row: day(row.reference.status_on)),
        Column("It says", lambda row: row.reference.status_notice),
    )

    def condition(self, user):
        return noticing.to_look_at_again()


def _some(rows: list[str], most: int = 10) -> str:
    more = [f"{len(rows) - most} more"] if len(rows) > most else []
    return "; ".join([*rows[:most], *more])


def _cleared(reference: Reference) -> str:
    if reference.status == Reference.Status.CURRENT:
        return "Cleared"
    return str(Reference.Status(reference.status).label)


ALL: tuple[Worklist, ...] = (
    AwaitingMe(), ChangesOfMe(), ToPublish(), FailedSchedules(), MyDrafts(), Overdue(), Uncited(),
    UncitedRows(), AwaitingCheck(), Flagged(), LookAgain(), BrokenInside(), BrokenOutside(),
    NeverOpened(), Untouched(),
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
