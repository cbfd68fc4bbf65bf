"""Making an export: all that is published, as files of one moment.

A set of files is made within one snapshot of the database, together with the number of the last
event in it. So whoever loads it and goes on with the changes after that number misses nothing and
gets nothing twice, whatever is published meanwhile. A set never changes: it has an address of its
own and is kept for some days, so that a download that was begun can be finished. But none is given
out as the newest that still has a topic which was withdrawn, or an earlier status of a publication.

The files have the addresses of `SITE_URL`. Where nobody set that, each address by which the portal
is asked has sets of its own, and few such addresses are kept.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult
from rest_framework.renderers import JSONRenderer

from hsc_portal import mail, pages
from references.api import ReferenceDetailSerializer
from references.models import Reference
from topics import reading
from topics.api.envelope import envelope
from topics.models import GlossaryTerm, Listing
from topics.replicating.events import TERM, Mark, end_of_log, forbids, has

FILES = ("topics", "references", "glossary")
MANIFEST = "manifest.json"
# A set of this age is good enough: the changes lead on from it.
FRESH_FOR = timedelta(minutes=10)
# What stands beside the content, such as when a reference was checked, changes without an event.
MADE_ANEW_AFTER = timedelta(days=1)
KEPT_FOR = timedelta(days=3)
TOPICS_AT_ONCE, ROWS_AT_ONCE = 20, 200
# Without SITE_URL anybody may ask by another port, and would fill the disk with sets.
MOST_ADDRESSES = 4


class Asked(HttpRequest):
    """A request that nobody sent, for what makes addresses from one."""

    def __init__(self, base_url: str):
        super().__init__()
        self.base_url = base_url.rstrip("/")
        self.method = "GET"

    def build_absolute_uri(self, location=None):
        return self.base_url + (location or "/")


def base_of(request: HttpRequest) -> str:
    """Return the address of the portal that stands in the files for a request."""
    return settings.SITE_URL if has_address() else pages.origin(request)


def has_address() -> bool:
    """Return whether somebody said what the portal's address is."""
    return settings.SITE_URL != mail.UNSET


def newest(base_url: str) -> dict:
    """Return the manifest of the newest set, which is made if there is none to be relied on.

    Where much is published, making one takes longer than a reader should wait. So the worker makes
    the next one; until then the one before leads on to the same changes.
    """
    folder = _folder(base_url)
    found = _reliable(folder)
    if found is None:
        with _only_one(wait=True):
            found = _reliable(folder) or make(base_url)
    elif not _is_fresh(found) and not _is_asked_for():
        refresh.enqueue(base_url)
    # From now on it is to be had for some days.
    with contextlib.suppress(FileNotFoundError):  # put away at this moment
        os.utime(folder / found["id"])
    return found


@task()
def refresh(base_url: str) -> None:
    """Make a new set, unless there is a fresh one or somebody makes one at this moment."""
    with _only_one(wait=False) as is_mine:
        found = _reliable(_folder(base_url)) if is_mine else None
        if is_mine and not (found and _is_fresh(found)):
            make(base_url)


def begin() -> None:
    """Have the worker make the first set, so that no reader has to wait for it."""
    if has_address() and not _last(_folder(settings.SITE_URL)) and not _is_asked_for():
        refresh.enqueue(settings.SITE_URL)


def _is_asked_for() -> bool:
    return DBTaskResult.objects.ready().filter(task_path=refresh.module_path).exists()


def path_of(base_url: str, ident: str, name: str) -> Path | None:
    """Return where a file of a set is, None if there is no such file any more."""
    path = _folder(base_url) / ident / (MANIFEST if name == MANIFEST else f"{name}.ndjson")
    return path if path.is_file() else None


def manifest(base_url: str, ident: str) -> dict | None:
    """Return what is told of a set, None if there is no such set any more."""
    path = path_of(base_url, ident, MANIFEST)
    return json.loads(path.read_text()) if path else None


def make_now(base_url: str) -> dict:
    """Make a new set once nobody else makes one, and return the manifest."""
    with _only_one(wait=True):
        return make(base_url)


def make(base_url: str) -> dict:
    """Make a new set, put away old ones, and return the manifest."""
    folder = _folder(base_url)
    work = folder / f".{secrets.token_hex(8)}"
    work.mkdir(parents=True)
    try:
        told = _write(work, base_url)
        (work / MANIFEST).write_text(json.dumps(told))
        work.rename(folder / told["id"])
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    _tidy()
    return told


def _write(work: Path, base_url: str) -> dict:
    request = Asked(base_url)
    with _snapshot():
        end = end_of_log()
        made_at = timezone.now()
        files = [
            _file(work, name, rows)
            for name, rows in zip(
                FILES, (_topics(request), _references(request), _glossary()), strict=True
            )
        ]
    return {
        "id": f"{end.pk}-{made_at:%Y%m%dT%H%M%S%f}",
        "sequence": end.pk,
        "sequence_at": end.at and end.at.isoformat().replace("+00:00", "Z"),
        "made_at": made_at.isoformat(),
        "files": files,
    }


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read all of one moment. Within a transaction of somebody else, what that sees."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _file(work: Path, name: str, rows: Iterable[dict]) -> dict:
    render, digest = JSONRenderer().render, hashlib.sha256()
    count = size = 0
    with (work / f"{name}.ndjson").open("wb") as file:
        for row in rows:
            line = render(row) + b"\n"
            file.write(line)
            digest.update(line)
            count, size = count + 1, size + len(line)
    return {"name": name, "count": count, "bytes": size, "sha256": digest.hexdigest()}


def _topics(request) -> Iterator[dict]:
    slugs = Listing.objects.order_by("slug").values_list("slug", flat=True)
    rows = slugs.iterator(ROWS_AT_ONCE)
    while few := list(islice(rows, TOPICS_AT_ONCE)):
        found = reading.several(few)
        found.load()
        yield from (envelope(each, request) for each in found)


def _references(request) -> Iterator[dict]:
    found = Reference.objects.listed().with_notices().order_by("key")
    for each in found.iterator(ROWS_AT_ONCE):
        yield ReferenceDetailSerializer(each, context={"request": request}).data


def _glossary() -> Iterator[dict]:
    return GlossaryTerm.objects.order_by("term").values(*TERM).iterator(ROWS_AT_ONCE)


def _folder(base_url: str) -> Path:
    """Return where the sets are. The addresses in them are those by which the portal was asked."""
    name = hashlib.sha256(base_url.rstrip("/").encode()).hexdigest()[:16]
    return Path(settings.EXPORT_ROOT) / name


def _reliable(folder: Path) -> dict | None:
    """Return the manifest of the newest set, None if it says what must not be relied on."""
    found = _last(folder)
    return None if found is None or forbids(found["sequence"]) else found


def _last(folder: Path) -> dict | None:
    """Return the manifest of the newest set, none of a log that went on otherwise than this one.

    So it is after the database was brought back from a copy: nobody could follow from such a set.
    """
    for path in sorted(folder.glob(f"*/{MANIFEST}"), key=_made_at, reverse=True):
        with contextlib.suppress(FileNotFoundError):  # put away at this moment
            told = json.loads(path.read_text())
            if has(_mark(told)):
                return told
    return None


def _mark(told: dict) -> Mark:
    at = told.get("sequence_at")
    return Mark(told["sequence"], at and datetime.fromisoformat(at))


def _made_at(path: Path) -> str:
    return path.parent.name.rpartition("-")[2]


def _is_fresh(told: dict) -> bool:
    age = datetime.now(UTC) - datetime.fromisoformat(told["made_at"])
    return age < (MADE_ANEW_AFTER if _mark(told) == end_of_log() else FRESH_FOR)


@contextmanager
def _only_one(*, wait: bool) -> Iterator[bool]:
    """Hold the lock of all sets, and say whether it was to be had."""
    root = Path(settings.EXPORT_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def _tidy() -> None:
    """Delete sets that nobody was given for some days, and what a killed process left.

    So are those of all addresses but the few that were asked last.
    """
    oldest = time.time() - KEPT_FOR.total_seconds()
    folders = [path for path in Path(settings.EXPORT_ROOT).iterdir() if path.is_dir()]
    for number, folder in enumerate(sorted(folders, key=_used_at, reverse=True)):
        for path in _sets(folder):
            if number >= MOST_ADDRESSES or path.stat().st_mtime < oldest:
                shutil.rmtree(path, ignore_errors=True)
        if not _sets(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _sets(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


def _used_at(folder: Path) -> float:
    return max((path.stat().st_mtime for path in _sets(folder)), default=0)
