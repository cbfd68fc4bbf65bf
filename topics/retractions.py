"""Watching the publications of the library for retractions and corrections.

Crossref, which has the notices of Retraction Watch too, and PubMed are asked about all of them, one
batch after the other, in the order of their numbers here. Each batch is a task that queues the
next: so a worker that is killed, or a registry that is silent, holds up one source at one place,
and goes on there. Done twice it does no more than done once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import BinaryIO

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from references.models import Notice, Reference
from references.notices import crossref, pubmed, retraction_watch
from references.notices.kinds import Found, NoticeSource
from references.registries import client
from references.registries.faults import Failed, NotFound, Unreachable
from topics import noticing

EVERY = timedelta(days=1)
# The next batch is queued once, also if this one is done again meanwhile.
ONCE_IN = EVERY / 2
ROWS = 500
CHECKED_AT_ONCE = 50
# So often the worker tries a task: see `topics.working`.
ATTEMPTS = 5
# Others do not wait for it.
PRIORITY = -10


class NotChecked(Exception):
    """Some publications could not be asked about; the text says which and why."""


@dataclass(frozen=True)
class Source:
    """A registry, by which number it knows publications, and how many it is asked about at once."""

    name: NoticeSource
    number: str
    accept: str
    at_once: int
    address: Callable[[list[str]], str]
    read: Callable[[bytes], dict[str, list[Found]]]
    fits: Callable[[str], bool] = lambda number: True

    @property
    def label(self) -> str:
        return str(self.name.label)

    def of(self, references: QuerySet[Reference]) -> QuerySet[Reference]:
        """Return those of the publications that the registry may know, in order."""
        return references.exclude(**{self.number: None}).order_by("pk")


SOURCES = {
    source.name.value: source
    for source in (
        Source(
            NoticeSource.CROSSREF, "doi", client.JSON, crossref.AT_ONCE, crossref.address,
            crossref.read, crossref.can_be_asked_together,
        ),
        Source(
            NoticeSource.PUBMED, "pmid", client.XML, pubmed.AT_ONCE, pubmed.address, pubmed.read,
        ),
    )
}  # fmt: skip


@dataclass
class Report:
    """What became of a check: how many were asked about, and of how many there was an answer."""

    asked: int = 0
    answered: int = 0
    notices: list[Notice] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def note(self, reference: Reference, found: list[Found], by: str, **values) -> None:
        self.notices += noticing.note(reference, found, by=by, **values).notices


def is_due() -> bool:
    if not settings.CHECK_RETRACTIONS:
        return False
    lately = timezone.now() - EVERY
    begun = DBTaskResult.objects.filter(task_path=begin.module_path, enqueued_at__gt=lately)
    return not begun.exists()


@task(priority=PRIORITY)
def begin() -> None:
    """Have all publications checked, each registry by itself."""
    for name in SOURCES:
        _queue(name, 0)


def watch(added: list[Reference]) -> None:
    """Have a few new publications checked soon; many of them wait for the daily check."""
    if settings.CHECK_RETRACTIONS and 0 < len(added) <= CHECKED_AT_ONCE:
        for name in SOURCES:
            _queue(name, min(reference.pk for reference in added) - 1)


@task(priority=PRIORITY)
def check_batch(name: str, after: int) -> int:
    """Ask a registry about the publications after one, and queue the next. Return how many.

    Raises Unreachable, so that it is tried again at this place, or NotChecked.
    """
    source, report = SOURCES[name], Report()
    batch = list(source.of(Reference.objects.listed().filter(pk__gt=after))[: source.at_once])
    if batch:
        try:
            check(source, batch, report)
        except Unreachable:
            # One batch that is never answered must not be the end of all that come behind it.
            if _is_last_attempt(name, after):
                _queue(name, batch[-1].pk)
            raise
        _queue(name, batch[-1].pk)
    if report.failed:
        raise NotChecked("; ".join(report.failed))
    return report.asked


def check(source: Source, batch: list[Reference], report: Report) -> None:
    """Ask a registry about some publications, and keep what is new. Raises Unreachable."""
    asked = {getattr(reference, source.number): reference for reference in batch}
    report.asked += len(asked)
    today, session = timezone.localdate(), client.Session()
    for answer in _answers(source, list(asked), session, report):
        known = [number for number in answer if number in asked]
        report.answered += len(known)
        for number, found in answer.items():
            # A notice that is in the library itself tells of others, too.
            reference = asked.get(number) or (found and _known(source, number))
            if reference and found:
                report.note(reference, found, source.label)
        numbers = [asked[number].pk for number in known]
        Reference.objects.filter(pk__in=numbers).update(checked_on=today)


def check_all(references: QuerySet[Reference], told: Callable[[str], None]) -> Report:
    """Ask all registries about publications at once. One that is silent is left alone."""
    report = Report()
    for source in SOURCES.values():
        done, number = 0, source.of(references).count()
        rows = source.of(references).iterator(chunk_size=source.at_once)
        for batch in _batches(rows, source.at_once):
            try:
                check(source, batch, report)
            except Unreachable as error:
                report.failed.append(f"{source.label} was left alone after {done}: {error}")
                break
            done += len(batch)
            told(f"{source.label}: {done} of {number}")
    return report


def read_file(
    stream: BinaryIO, references: QuerySet[Reference], told: Callable[[str], None]
) -> Report:
    """Read the CSV file of Retraction Watch, with the memory of a few hundred rows.

    Raises Unreadable.
    """
    report, tally = Report(), retraction_watch.Tally()
    for rows in _batches(retraction_watch.read(stream, tally), ROWS):
        report.odd += _odd_dates(rows, references)
        for reference, found in _about(rows, references):
            report.answered += 1
            report.note(
                reference, found, str(NoticeSource.RETRACTION_WATCH.label),
                checked_on=timezone.localdate(),
            )  # fmt: skip
        told(f"{tally.rows} notices read, {report.answered} about the library")
    report.asked = tally.rows
    return report


def _odd_dates(rows: list[retraction_watch.Row], references: QuerySet[Reference]) -> list[str]:
    """Return what is said of notices about the library whose date is none."""
    odd = [row for row in rows if row.odd_date]
    return [
        f"{reference.key}: “{row.odd_date}” is no date, so its notice is kept without one."
        for row in odd
        for reference, _ in _about([row], references)
    ]


def _about(
    rows: list[retraction_watch.Row], references: QuerySet[Reference]
) -> Iterator[tuple[Reference, list[Found]]]:
    """Yield each publication of the library that rows are about, with what they tell of it."""
    dois = {doi for row in rows for doi in row.dois}
    pmids = {pmid for row in rows for pmid in row.pmids}
    by_doi = {each.doi: each for each in references.filter(doi__in=dois)}
    by_pmid = {each.pmid: each for each in references.filter(pmid__in=pmids)}
    found: dict[int, list[Found]] = defaultdict(list)
    known = {}
    for row in rows:
        about = [by_doi.get(doi) for doi in row.dois] + [by_pmid.get(pmid) for pmid in row.pmids]
        for reference in filter(None, about):
            known[reference.pk] = reference
            found[reference.pk].append(row.found)
    yield from ((known[pk], list(dict.fromkeys(notices))) for pk, notices in found.items())


def _answers(
    source: Source, numbers: list[str], session: client.Session, report: Report
) -> Iterator[dict[str, list[Found]]]:
    """Yield what is answered about numbers, asked together as far as they can be.

    Raises Unreachable. Other faults are noted; where it may be one number that is refused, the
    others are asked about one by one.
    """
    waiting = [[number for number in numbers if source.fits(number)]]
    waiting += [[number] for number in numbers if not source.fits(number)]
    for group in filter(None, waiting):
        try:
            address = source.address(group)
            yield source.read(session.get(address, source.accept, is_fresh=True).body)
        except NotFound:
            continue
        except Unreachable:
            raise
        except Failed as error:
            if source.name == NoticeSource.CROSSREF and len(group) > 1:
                waiting += [[number] for number in group]
            else:
                named = ", ".join(group[:3]) + (" …" if len(group) > 3 else "")
                report.failed.append(f"{source.label}, {named}: {error}")


def _known(source: Source, number: str) -> Reference | None:
    found = Reference.objects.select_related("merged_into").filter(**{source.number: number})
    return found[0].kept if found else None


def _is_last_attempt(name: str, after: int) -> bool:
    running = DBTaskResult.objects.filter(
        task_path=check_batch.module_path, args_kwargs={"args": [name, after], "kwargs": {}}
    ).order_by("-enqueued_at")
    found = running.first()
    return found is not None and len(found.worker_ids) >= ATTEMPTS


def _queue(name: str, after: int) -> None:
    queued = DBTaskResult.objects.filter(
        task_path=check_batch.module_path,
        args_kwargs={"args": [name, after], "kwargs": {}},
        enqueued_at__gt=timezone.now() - ONCE_IN,
    )
    if not queued.exists():
        check_batch.enqueue(name, after)


def _batches(rows: Iterable, size: int) -> Iterator[list]:
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch
