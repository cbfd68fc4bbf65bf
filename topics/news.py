"""What is new for readers: the events that they are told of, on a page and in feeds alike.

An event never changes. Titles and addresses are those of now, or if a topic is withdrawn, those of
its edition; nothing here comes from a draft.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hsc_portal import languages
from references import csl
from references.models import Reference
from topics import words
from topics.choices import PUBLIC_EVENTS, Area, Change, EventKind, Kind
from topics.models import Citation, Edition, Event
from topics.words import Piece

# So many topics that cite a publication are named; the rest stands on the page of the publication.
CITING_SHOWN = 5
_KEPT = Coalesce("reference__merged_into", "reference")


@dataclass
class News:
    """One event as a reader is told of it.

    `label` says what happened, `note` why, in the words of who did it. `edition` is the edition
    that was published or withdrawn, else None, and `is_gone` that readers no longer get it.
    `citing` has title and address of topics that cite the publication, `more_citing` how many
    there are beside. `pieces` is the definition of a term with what changed in it.
    """

    id: int
    at: datetime
    change: Change
    label: str
    title: str
    address: str
    note: str = ""
    edition: Edition | None = None
    slug: str = ""
    is_gone: bool = False
    topics: list[str] = field(default_factory=list)
    citing: list[tuple[str, str]] = field(default_factory=list)
    more_citing: int = 0
    pieces: list[Piece] = field(default_factory=list)

    @property
    def is_term(self) -> bool:
        """Whether it is about the glossary, of which many terms may change in one go."""
        return self.change == Change.GLOSSARY

    @property
    def permanent(self) -> str:
        """The address that leads to the same for ever, as far as there is one."""
        if self.edition:
            return reverse("edition", args=[self.slug, self.edition.number])
        return self.address

    @property
    def citing_links(self) -> SafeString:
        """Links to the topics that `citing` has."""
        told = ((address, languages.content(title)) for title, address in self.citing)
        return format_html_join("; ", '<a href="{}">{}</a>', told)


def events() -> QuerySet[Event]:
    """Return the events that readers are told of, newest first, with all that `tell` needs.

    Read with two queries, however many there are.
    """
    document = Cast("edition__revision__text", JSONField())

    def now_or_then(name: str) -> Coalesce:
        published = KeyTextTransform(name, "document")
        return Coalesce(f"topic__listing__{name}", published, output_field=CharField())

    gone = Event.objects.filter(edition=OuterRef("edition"), kind=EventKind.WITHDRAWN)
    return (
        Event.objects.filter(kind__in=PUBLIC_EVENTS)
        .alias(document=document)
        .annotate(
            change=_change(),
            title=now_or_then("title"),
            slug=now_or_then("slug"),
            areas=F("topic__listing__areas"),
            topic_kind=F("topic__kind"),
            is_gone=Case(
                When(Q(topic__isnull=False, topic__listing__isnull=True), then=True),
                default=Exists(gone),
                output_field=BooleanField(),
            ),
        )
        .select_related("edition", "reference")
        .order_by("-pk")
    )


def once() -> QuerySet[Event]:
    """Return `events` without what is told twice.

    What is noticed about a publication is an event under each of its keys. Readers of all that is
    new need it once, under the key that is kept.
    """
    of_kept = Event.objects.filter(
        kind=EventKind.REFERENCE_STATUS,
        reference=OuterRef("reference__merged_into"),
        note=OuterRef("note"),
        data__status=OuterRef("data__status"),
    )
    return events().filter(~Exists(of_kept))


def of_topic(topic_id: int, edition_id: int | None) -> QuerySet[Event]:
    """Return what is new of a topic: its own events, and those of what its edition cites."""
    cited = citing_same().filter(edition=edition_id)
    return once().filter(Q(topic=topic_id) | Exists(cited))


def citing_same() -> QuerySet[Citation]:
    """Return the citations of the publication of an event, under whichever of its keys."""
    return Citation.objects.alias(kept=_KEPT).filter(
        kept=Coalesce(OuterRef("reference__merged_into"), OuterRef("reference"))
    )


def _change() -> Case:
    published = Q(kind=EventKind.PUBLISHED)
    return Case(
        When(published & Q(edition__number=1), then=Value(Change.NEW_TOPIC)),
        When(published, then=Value(Change.NEW_EDITION)),
        When(kind=EventKind.WITHDRAWN, then=Value(Change.WITHDRAWN)),
        When(kind=EventKind.REFERENCE_STATUS, then=Value(Change.NOTICE)),
        default=Value(Change.GLOSSARY),
        output_field=CharField(),
    )


def tell(found: list[Event]) -> list[News]:
    """Return what readers are told of events that `events` returned."""
    found = list(found)
    _find_citing(found)
    return [_TELLERS.get(event.kind, _of_topic)(event) for event in found]


def _find_citing(found: list[Event]) -> None:
    """Give events about publications `citing`: title and slug of each topic that cites it now."""
    about = [event for event in found if event.reference]
    kept = {event.reference.merged_into_id or event.reference_id for event in about}
    citing: dict[int, list] = {pk: [] for pk in kept}
    rows = Citation.objects.annotate(kept=_KEPT)
    rows = rows.filter(kept__in=kept, edition__listing__isnull=False).distinct()
    topics = rows.order_by("edition__listing__title", "edition__listing__pk").values_list(
        "kept", "edition__listing__title", "edition__listing__slug"
    )
    for pk, *topic in topics:
        citing[pk].append(topic)
    for event in about:
        event.citing = citing[event.reference.merged_into_id or event.reference_id]


def _of_topic(event: Event) -> News:
    change = Change(event.change)
    return News(
        id=event.pk,
        at=event.created_at,
        change=change,
        label=change.label,
        title=event.title,
        address=reverse("topic", args=[event.slug]),
        note=event.note,
        edition=event.edition,
        slug=event.slug,
        is_gone=event.is_gone,
        topics=[Kind(event.topic_kind).label, *(Area(area).label for area in event.areas or [])],
    )


def _of_reference(event: Event) -> News:
    reference, status = event.reference, Reference.Status(event.data["status"])
    shown = event.citing[:CITING_SHOWN]
    return News(
        id=event.pk,
        at=event.created_at,
        change=Change.NOTICE,
        label=_("Notice lifted") if status == Reference.Status.CURRENT else status.label,
        title=f"{csl.short_name(reference.csl)}: {reference.title}",
        address=reverse("reference", args=[reference.key]),
        note=event.note,
        citing=[(title, reverse("topic", args=[slug])) for title, slug in shown],
        more_citing=len(event.citing) - len(shown),
    )


def _of_term(event: Event) -> News:
    before, after = event.data["before"], event.data["after"]
    if before is None:
        what = _("New term")
    else:
        what = _("Term removed") if after is None else _("Term changed")
    return News(
        id=event.pk,
        at=event.created_at,
        change=Change.GLOSSARY,
        label=what,
        title=(after or before)["term"],
        address=reverse("glossary"),
        note="" if before else after["definition"],
        pieces=words.differences(before["definition"], (after or {}).get("definition", ""))
        if before
        else [],
    )


_TELLERS = {EventKind.REFERENCE_STATUS: _of_reference, EventKind.GLOSSARY: _of_term}
