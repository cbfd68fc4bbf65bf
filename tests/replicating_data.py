"""What happens in a portal that is followed, and a follower who reads all of the log."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

from django.db import connection, connections
from django.test import Client

from references.models import Reference
from tests import clinic
from topics import publishing
from topics.library import merging
from topics.models import GlossaryTerm, Topic

CHANGES = "/api/v1/changes/"


def in_threads(*actions) -> list:
    """Run each action in a thread with a connection of its own, and return their results."""
    barrier = threading.Barrier(len(actions))

    def run(action):
        try:
            barrier.wait()
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [each.result() for each in [pool.submit(run, action) for action in actions]]


def note_at_once() -> None:
    """Let the database write what it notes at once, and not at the end of the transaction."""
    names = "note_record_made, note_record_changed, note_record_noticed"
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE")


def follow(address: str = CHANGES, client: Client | None = None) -> tuple[list[dict], str]:
    """Return all changes from an address up to now, and where to go on."""
    client, rows = client or Client(), []
    while True:
        page = client.get(address).json()
        rows += page["results"]
        address = page["next"]
        after = int(parse_qs(urlsplit(address).query)["after"][0])
        if not page["results"] and after >= page["last"]:
            return rows, address


def publish_again(topic, number: int) -> None:
    topic = Topic.objects.get(pk=topic.pk)
    clinic.edit(topic, summary=f"What is known of it, told for time number {number}.")
    publishing.publish_unreviewed(
        [topic], publisher=clinic.loader(), change_note=f"Told for time number {number}"
    )


def withdraw(topic) -> None:
    publishing.withdraw(topic, actor=clinic.editor(), reason="A trial was found to be made up")


def retract(key: str, kind: str = "retraction") -> None:
    publishing.record_notice(
        Reference.objects.get(key=key), actor=clinic.editor(), kind=kind, on="2026-05-01",
        words="Data could not be verified", address="10.1182/notice",
    )  # fmt: skip


def add_reference(key: str, **fields) -> Reference:
    item = {"id": key, "type": "article-journal", "title": f"On {key}"} | fields
    return Reference.objects.create(key=key, csl=item)


def retitle(key: str, title: str) -> None:
    found = Reference.objects.get(key=key)
    found.csl = found.csl | {"title": title}
    found.save()


def merge(kept: str, other: str, **options) -> None:
    both = (Reference.objects.get(key=key) for key in (kept, other))
    merging.merge(*both, actor=clinic.editor(), **options)


def part(key: str) -> None:
    merging.part(Reference.objects.get(key=key), actor=clinic.editor())


def save_term(term: str, definition: str, pk: int | None = None) -> int:
    found = GlossaryTerm(pk=pk, term=term, definition=definition, variants=[f"{term}s"])
    if pk:
        found._state.adding = False
    publishing.save_term(found, actor=clinic.editor())
    return found.pk


def remove_term(pk: int) -> None:
    publishing.delete_term(GlossaryTerm.objects.get(pk=pk), actor=clinic.editor())
