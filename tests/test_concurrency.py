"""Several people at once, and crashes in the middle. These tests use real transactions."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from tests import clinic
from topics import publishing, reading
from topics.errors import NothingToDo
from topics.models import (
    Citation,
    Edition,
    Event,
    Listing,
    PublishedSlug,
    Revision,
    Statement,
    Topic,
)

pytestmark = pytest.mark.django_db(transaction=True)


def in_parallel(*actions):
    """Run each action in a thread with a connection of its own, all starting at one moment.

    Return their results, or the exceptions that they raised.
    """
    barrier = threading.Barrier(len(actions))

    def run(action):
        try:
            barrier.wait()
            return action()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_two_editors_publish_at_the_same_moment():
    topic = clinic.draft()
    clinic.approve(topic)
    editor, second = clinic.editor(), clinic.user("eva.editor", "Editor")

    def publish(person):
        return lambda: publishing.publish(topic, publisher=person, change_note="At once")

    results = in_parallel(publish(editor), publish(second))
    assert sorted(type(result) for result in results if not isinstance(result, Edition)) == [
        NothingToDo
    ]
    assert Edition.objects.count() == 1
    assert Event.objects.filter(kind="published").count() == 1


def test_an_edit_at_the_moment_of_publication_is_not_published_unread():
    topic = clinic.draft()
    clinic.approve(topic)
    author, editor = clinic.author(), clinic.editor()
    approved = topic.revisions.get().digest
    in_parallel(
        lambda: clinic.edit(Topic.objects.get(pk=topic.pk), by=author, title="Slipped in"),
        lambda: publishing.publish(topic, publisher=editor, change_note="x"),
    )
    assert {edition.digest for edition in Edition.objects.all()} <= {approved}


def test_two_batches_of_the_same_topics_do_not_block_each_other():
    topics = [clinic.draft(clinic.overview(slug)) for slug in ("niche", "homing", "mobilization")]
    for topic in topics:
        clinic.approve(topic)
    editor = clinic.editor()
    results = in_parallel(
        lambda: publishing.publish_together(topics, publisher=editor, change_note="One"),
        lambda: publishing.publish_together(topics[::-1], publisher=editor, change_note="Two"),
    )
    assert sum(isinstance(result, list) for result in results) == 1
    assert Edition.objects.count() == 3


def test_event_ids_are_in_the_order_of_the_commits():
    clinic.draft()
    actor = clinic.editor()
    before = Event.objects.count()
    seen, missed = set(), []
    done = threading.Event()

    def follow():
        last = 0
        while True:
            finished = done.is_set()
            for event_id in Event.objects.filter(pk__gt=last).values_list("pk", flat=True):
                last = max(last, event_id)
                seen.add(event_id)
            if finished:
                return

    def write(slow: bool):
        def action():
            for _ in range(15):
                with transaction.atomic():
                    publishing.record("glossary", actor)
                    if slow:
                        with connection.cursor() as cursor:
                            cursor.execute("SELECT pg_sleep(0.005)")

        return action

    follower = threading.Thread(target=lambda: (follow(), connections.close_all()))
    follower.start()
    in_parallel(write(True), write(False), write(True), write(False))
    done.set()
    follower.join()
    missed = set(Event.objects.values_list("pk", flat=True)) - seen
    assert not missed
    assert len(seen) == before + 60


class Crash(BaseException):
    """The process dies here."""


def crash_at(number: int):
    """Return a wrapper of database statements that crashes at the one of the given number."""
    count = 0

    def wrapper(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == number:
            raise Crash
        return execute(sql, params, many, context)

    return wrapper


def everything():
    models = (Revision, Edition, Citation, PublishedSlug, Listing, Statement, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("step", ["publish", "withdraw", "restore"])
def test_a_crash_between_any_two_statements_leaves_nothing_half_done(step):
    topic = clinic.published()
    first = topic.revisions.get()
    clinic.edit(topic, title="Second")
    clinic.approve(topic)
    editor = clinic.editor()
    actions = {
        "publish": lambda: publishing.publish(topic, publisher=editor, change_note="x"),
        "withdraw": lambda: publishing.withdraw(topic, actor=editor, reason="x"),
        "restore": lambda: publishing.restore(first, actor=editor),
    }
    before = everything()
    for number in range(1, 500):
        try:
            with connection.execute_wrapper(crash_at(number)):
                actions[step]()
        except Crash:
            connection.close()
            assert everything() == before, f"half done after {number - 1} statements"
        else:
            break
    assert number > 10
    assert everything() != before


def test_readers_see_old_listings_until_new_ones_are_whole():
    clinic.published()
    found = []

    def read():
        found.extend(reading.current("mobilization").edition.number for _ in range(20))

    from topics import listings

    results = in_parallel(read, listings.rebuild, listings.rebuild)
    assert not [result for result in results if isinstance(result, Exception)]
    assert found == [1] * 20


def test_a_search_during_a_rebuild_always_finds():
    """Also what was looked up before a part of the index is written anew, and is used after it."""
    from topics import listings
    from topics.search import query, results

    clinic.published()
    before = Listing.objects.get(slug="mobilization").topic_id
    done = threading.Event()
    found = []

    def search():
        while not done.is_set() or not found:
            answer = results.find(query.parse("elastase lowers CXCL12"))
            found.append((len(answer.statements) > 0, [one.pk for one in answer.topics]))

    def rebuild():
        try:
            for _ in range(5):
                listings.rebuild()
        finally:
            done.set()

    failed = [one for one in in_parallel(search, search, rebuild) if isinstance(one, Exception)]
    assert not failed
    assert len(found) > 10
    assert set(map(str, found)) == {str((True, [before]))}


def test_nobody_who_reads_waits_for_a_rebuild():
    """All that a rebuild writes is held until it commits, and a reader goes on meanwhile."""
    from topics import listings
    from topics.search import query, results

    clinic.published()
    with transaction.atomic():
        listings.rebuild()
        (answer,) = in_parallel(lambda: read_soon(results, query))
    assert answer == ["mobilization"]


def read_soon(results, query) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '5s'")
    return [one.slug for one in results.find(query.parse("elastase")).topics]
