"""What a text under review is compared with, and how much of it no reviewer has approved yet."""

from dataclasses import dataclass

from topics import changes, differences, documents
from topics.admin import reading
from topics.choices import EventKind
from topics.desk import tally
from topics.differences import MOVED, REMOVED, SAME
from topics.models import Edition, Event, Revision, Topic

NOTHING_NEW = {SAME, MOVED, REMOVED}


@dataclass(frozen=True)
class Basis:
    """An earlier text: its name in the address of the page, its name in words, and itself."""

    name: str
    label: str
    revision: Revision


@dataclass(frozen=True)
class Newness:
    """How much of a text is other than in the newest reviewed edition; None: there is none.

    `changes` tells of all that differs, also of what was removed.
    """

    reviewed: Edition | None
    statements: int
    rows: int
    figures: int
    new_statements: int = 0
    changes: tuple[str, ...] = ()


def bases(topic: Topic, latest: Revision, user) -> list[Basis]:
    """Return what a text can be compared with; first comes the newest reviewed edition, if any.

    Behind it an unreviewed edition says little: what it has in common with the text was approved
    by nobody. Last comes the text on which the last verdict was given.
    """
    found = []
    newest, reviewed = _newest(topic), _newest_reviewed(topic)
    if reviewed:
        found.append(Basis("reviewed", _name(topic, reviewed), reviewed.revision))
    if newest and newest != reviewed:
        words = f"{_name(topic, newest)}, which nobody reviewed"
        found.append(Basis("edition", words, newest.revision))
    if last := reading.last_verdict(latest, user):
        whose = "your" if last.reviewer_id == user.pk else "the"
        words = f"{whose} last verdict, on revision {last.revision.number}"
        found.append(Basis("verdict", words, last.revision))
    return found


def newness(topic: Topic, latest: Revision) -> Newness:
    """Return how much of a text no reviewer has approved."""
    later = documents.read(latest.document)
    statements = len(list(documents.all_statements(later)))
    rows = sum(map(len, later.get("tables", {}).values()))
    figures = len(later.get("figures", []))
    reviewed = _newest_reviewed(topic)
    if reviewed is None:
        return Newness(None, statements, rows, figures)
    earlier = documents.read(reviewed.revision.document)
    forms = changes.forms_of(Topic.class_for(later["kind"]))
    found = differences.between(earlier, later, forms)
    told = [one for section in found.sections for one in section.statements]
    new = sum(one.change not in NOTHING_NEW for one in told)
    counted = tuple(str(each.words) for each in tally.tally(found) if each.place)
    return Newness(reviewed, statements, rows, figures, new, counted)


def withdrawal(topic: Topic) -> Event | None:
    """Return the withdrawal of the newest edition, None if readers see it."""
    return topic.events.filter(kind=EventKind.WITHDRAWN, edition=_newest(topic)).last()


def _newest(topic: Topic) -> Edition | None:
    return topic.editions.select_related("revision").last()


def _newest_reviewed(topic: Topic) -> Edition | None:
    reviewed = topic.editions.filter(review__isnull=False)
    return reviewed.select_related("revision").last()


def _name(topic: Topic, edition: Edition) -> str:
    gone = withdrawal(topic)
    is_gone = gone is not None and gone.edition_id == edition.pk
    return f"{'the withdrawn edition' if is_gone else 'edition'} {edition.number}"
