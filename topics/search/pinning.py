"""What editors want to come first for a query."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from topics.models import Pin, Statement
from topics.search import query as queries
from topics.search import text
from topics.search.answering import Hit, Ranked

# A pin of a topic or statement that readers cannot find now waits until they can.
LISTED = Q(topic__listing__isnull=False)
SAID = Q(statement="") | Exists(
    Statement.objects.filter(listing=OuterRef("topic"), anchor=OuterRef("statement"))
)
SHOWN = LISTED & SAID


def pinned(*keys: str) -> list[tuple[int, str]]:
    """Return number of the topic and anchor (or "") of all that is pinned for a query, in order.

    `keys` are the lexemes of the query (`text.key`), as they were typed and as they were put right.
    """
    pins = Pin.objects.filter(key__in={key for key in keys if key})
    # For most queries nothing is pinned, which is soon seen.
    if not (chosen := list(pins.order_by().values_list("pk", flat=True))):
        return []
    pins = Pin.objects.filter(SHOWN, pk__in=chosen)
    found = pins.order_by("position", "pk").values_list("topic", "statement")
    return list(dict.fromkeys(found))


def key_of(query: str) -> str:
    """Return the lexemes by which a pin is found, "" for a query that can have none.

    What narrows or excludes is no part of a pin: for such a search nothing is pinned.
    """
    read = queries.parse(query)
    return "" if read.is_narrow or read.faults else text.key(read.words)


def renew() -> None:
    """Let pins be found by the lexemes that their queries have now, if these are made otherwise."""
    for pin in Pin.objects.all():
        key = key_of(pin.query)
        same = Pin.objects.filter(key=key, topic=pin.topic_id, statement=pin.statement)
        if key and not same.exists():
            Pin.objects.filter(pk=pin.pk).update(key=key)


def of(query: queries.Query, lexemes: list[str]) -> list[tuple[int, str]]:
    """Return what is pinned for a query, as `pinned` does; `lexemes` are those it is read as."""
    return [] if query.is_narrow else pinned(text.key(query.words), " ".join(lexemes))


def topics_first(ranked: Ranked, pins: list[tuple[int, str]]) -> Ranked:
    """Return the topics that were found, those that are pinned lifted over the best of them."""
    first = [topic for topic, anchor in pins if not anchor]
    best = max((score for _, score in ranked), default=0.0)
    lifted = {topic: best + len(first) - n for n, topic in enumerate(first)}
    return [*lifted.items(), *((topic, score) for topic, score in ranked if topic not in lifted)]


def statements_first(hits: list[Hit], pins: list[tuple[int, str]]) -> list[Hit]:
    """Return the statements that were found, those that are pinned before the others.

    A pinned one has the part "pinned" in its score, which lifts it over the best of the others.
    """
    if not (said := [(topic, anchor) for topic, anchor in pins if anchor]):
        return hits
    rows = Statement.objects.filter(listing__in=[topic for topic, _ in said])
    rows = rows.filter(anchor__in=[anchor for _, anchor in said])
    places = rows.values_list("pk", "listing", "anchor")
    numbers = {(topic, anchor): pk for pk, topic, anchor in places}
    first = [(numbers[place], place[0]) for place in said if place in numbers]
    known = {hit.number: hit for hit in hits}
    best = max((hit.score for hit in hits), default=0.0)
    lifted = []
    for n, (number, topic) in enumerate(first):
        hit = known.pop(number, None) or Hit(number, topic, 0.0)
        score = best + len(first) - n
        parts = {**hit.parts, "pinned": score - hit.score}
        lifted.append(Hit(number, topic, score, parts))
    return [*lifted, *known.values()]


def with_state(pins: QuerySet[Pin]) -> QuerySet[Pin]:
    """Add to each pin whether its topic `is_listed` and its statement `is_said`, and `text`."""
    listed = Pin.objects.filter(LISTED, pk=OuterRef("pk"))
    said = Statement.objects.filter(listing=OuterRef("topic"), anchor=OuterRef("statement"))
    return pins.annotate(
        is_listed=Exists(listed),
        is_said=Exists(listed.filter(SAID)),
        text=Subquery(said.values("text")),
    )


def state(pin: Pin) -> str:
    """Return in words whether readers see what is pinned. The pin comes from `with_state`."""
    if not pin.is_listed:
        return "Idle: the topic is not published"
    return "Shown" if pin.is_said else "Idle: the statement is gone"
