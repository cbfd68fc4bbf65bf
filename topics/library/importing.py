"""Bringing publications of other programs into the library, so that they are found and logged."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction

from references import formats, importing
from references.importing import Batch, Line, Seen
from references.models import Reference
from topics import listings, retractions
from topics.errors import NotPermitted

# Two imports at once take turns, batch by batch; else both would bring the same publications.
LOCK = 6213407
# Progress is told of a file that takes longer.
TELL_FROM = 1000


@dataclass
class Report:
    """What became of a file: `refused` are its faulty lines, `fault` is what ended it early."""

    label: str
    new: int = 0
    known: int = 0
    refused: list[Line] = field(default_factory=list)
    fault: str = ""

    @property
    def read(self) -> int:
        return self.new + self.known + len(self.refused)

    def add(self, batch: Batch) -> None:
        self.new += len(batch.new)
        self.known += sum(line.is_known for line in batch.lines)
        self.refused += [line for line in batch.lines if line.fault]

    def __str__(self):
        return f"{self.new} new, {self.known} here already, {len(self.refused)} refused."


def run(
    stream: BinaryIO,
    *,
    actor,
    source: str,
    is_dry: bool = False,
    told: Callable[[Report, Batch], None] | None = None,
) -> Report:
    """Import a file batch by batch, each of them whole or not at all, and return what became of it.

    A run that was broken off is simply repeated: what it brought is here already. `told` is called
    after each batch. Raises NotPermitted, and Unreadable for a file of no known format.
    """
    _require(actor)
    label, records = formats.read(stream)
    source = f"{source}, {label}"
    return bring(records, actor=actor, label=label, source=source, is_dry=is_dry, told=told)


def bring(
    records: Iterable[formats.Record],
    *,
    actor,
    label: str,
    source: str,
    is_dry: bool = False,
    told: Callable[[Report, Batch], None] | None = None,
) -> Report:
    """Bring records of any origin into the library, in the same way."""
    _require(actor)
    report, seen = Report(label), Seen() if is_dry else None
    for records_of_batch in importing.in_batches(_until_unreadable(records, report)):
        if is_dry:
            batch = importing.sort(records_of_batch, seen)
        else:
            batch = _save(records_of_batch, actor, source)
        report.add(batch)
        if told:
            told(report, batch)
    return report


def _require(actor) -> None:
    if not actor.has_perm("references.add_reference"):
        raise NotPermitted("You may not add references.")


def _until_unreadable(records: Iterable[formats.Record], report: Report):
    """Return the records that can be read. What ends them early is written into the report."""
    try:
        yield from records
    except formats.Unreadable as error:
        report.fault = str(error)


def _save(records: list[formats.Record], actor, source: str) -> Batch:
    for last in (False, False, True):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
                batch = importing.sort(records)
                add(batch.new, actor=actor, source=source)
                return batch
        except IntegrityError:
            # Somebody added one of them in the form meanwhile: it is known the next time.
            if last:
                raise
    raise AssertionError


@transaction.atomic
def add(new: list[tuple[Line, Reference]], *, actor, source: str) -> None:
    """Write publications, let them be found, and note in their history whence they came."""
    added = Reference.objects.bulk_create(reference for _, reference in new)
    listings.index_references(added)
    retractions.watch(added)
    kind = ContentType.objects.get_for_model(Reference)
    LogEntry.objects.bulk_create(
        LogEntry(
            user=actor, content_type=kind, object_id=str(reference.pk), action_flag=ADDITION,
            object_repr=str(reference)[:200],
            change_message=f"Imported from {source}, record at {line.place}.",
        )
        for line, reference in new
    )  # fmt: skip
