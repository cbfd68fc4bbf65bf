"""Publishing at a set time: once, in time or made up for, and never another text."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from admin_data import approved, form_url, knowingly, logged_in, overview, person, said, step_url
from django.core import mail
from django.db import IntegrityError, OperationalError, connections
from django.utils import timezone
from following_data import work

from topics import publishing, scheduling, working
from topics.errors import Invalid, NotApproved, NothingToDo, NotPermitted
from topics.models import Edition, Schedule, Topic

pytestmark = pytest.mark.django_db

SOON = timedelta(hours=3)


def scheduled(topic: Topic | None = None, **changes) -> Schedule:
    values = {
        "actor": person("editor"),
        "change_note": "At its time",
        "due_at": timezone.now() + SOON,
    }
    return scheduling.schedule(topic or approved(overview()), **values | changes)


def pass_the_time() -> None:
    """Let the time of all that is scheduled come."""
    due = timezone.now() - timedelta(minutes=1)
    Schedule.objects.filter(state="waiting").update(due_at=due)


def test_nothing_is_published_before_its_time():
    scheduled()
    working.look_around()
    work()
    assert not Edition.objects.exists()


def test_the_worker_publishes_when_the_time_has_come(monkeypatch):
    made = scheduled()
    then = made.due_at + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: then)
    work()
    made.refresh_from_db()
    edition = Edition.objects.get()
    assert (made.state, made.edition) == ("published", edition)
    assert edition.change_note == "At its time"
    assert edition.published_by == person("editor")


def test_a_missed_time_is_made_up_for_once():
    made = scheduled()
    pass_the_time()
    # As after a restart: what was queued is gone, too.
    working.DBTaskResult.objects.all().delete()
    working.look_around()
    working.look_around()
    work()
    work()
    made.refresh_from_db()
    assert made.state == "published"
    assert Edition.objects.count() == 1


def test_another_text_is_not_published_and_all_are_told():
    topic = approved(overview())
    for role in ("author", "editor"):
        user = person(role)
        user.email = f"{role}@hospital.example"
        user.save()
    made = scheduled(topic)
    topic.title = "Changed meanwhile"
    topic.save()
    publishing.save_revision(topic, author=person("author"))
    # Somebody even approves the new text: the time was set for the other one.
    approved(topic)
    assert "so that will fail" in said(logged_in("editor").get(form_url(topic)))
    pass_the_time()
    work()
    mail.outbox.clear()
    working.look_around()
    work()
    made.refresh_from_db()
    assert made.state == "failed"
    assert "changed since the time was set" in made.error
    assert not Edition.objects.exists()
    assert sorted(one.to[0] for one in mail.outbox) == [
        "author@hospital.example", "editor@hospital.example",
    ]  # fmt: skip
    assert "changed since the time was set" in mail.outbox[0].body
    assert "and was not: The text was changed" in said(logged_in("editor").get(form_url(topic)))


def test_who_lost_the_right_meanwhile_publishes_nothing():
    made = scheduled()
    person("editor").groups.clear()
    pass_the_time()
    working.look_around()
    work()
    made.refresh_from_db()
    assert made.state == "failed"
    assert "You may not publish" in made.error


def test_a_fault_of_ours_is_seen(monkeypatch):
    made = scheduled()
    pass_the_time()

    def fail(*args, **named):
        raise KeyError("oops")

    monkeypatch.setattr(publishing, "publish", fail)
    working.look_around()
    work()
    made.refresh_from_db()
    assert (made.state, made.error) == ("failed", "Something unforeseen went wrong (KeyError).")
    assert made.topic.title in said(logged_in("editor").get("/admin/topics/topic/failures/"))


def test_one_that_cannot_be_published_holds_up_no_other(monkeypatch):
    bad, outage, good = (scheduled(approved(overview(name))) for name in ("a", "b", "c"))
    pass_the_time()
    publish = publishing.publish

    def fail(topic, **named):
        if topic.pk == bad.topic_id:
            raise IntegrityError("never to be")
        if topic.pk == outage.topic_id:
            raise OperationalError("not now")
        return publish(topic, **named)

    monkeypatch.setattr(publishing, "publish", fail)
    scheduling.publish_due.func()
    states = dict(Schedule.objects.values_list("pk", "state"))
    assert [states[each.pk] for each in (bad, outage, good)] == ["failed", "waiting", "published"]


def test_a_text_that_names_what_nobody_published_gets_no_time():
    overview("hidden")
    topic = overview("open", "It is [there](topic:hidden).")
    with pytest.raises(Invalid, match="not yet published"):
        scheduled(approved(topic))
    assert not Edition.objects.exists()


def test_what_was_cancelled_or_overtaken_is_not_published_again():
    first, other = approved(overview()), approved(overview("niche"))
    cancelled, overtaken = scheduled(first), scheduled(other)
    client = logged_in("editor")
    assert "Cancel the scheduled publication" in said(client.get(form_url(first)))
    client.post(step_url(first, "unschedule"))
    publishing.publish(other, publisher=person("editor"), change_note="At once after all")
    pass_the_time()
    working.look_around()
    work()
    for made in (cancelled, overtaken):
        made.refresh_from_db()
        assert made.state == "cancelled"
    assert Edition.objects.count() == 1
    with pytest.raises(NothingToDo):
        scheduling.cancel(cancelled, actor=person("editor"))


def test_only_what_could_be_published_now_gets_a_time():
    with pytest.raises(NotApproved):
        scheduled(overview())
    topic = approved(overview("niche"))
    with pytest.raises(NotPermitted):
        scheduled(topic, actor=person("author"))
    with pytest.raises(Invalid, match="This time is over"):
        scheduled(topic, due_at=timezone.now() - SOON)
    with pytest.raises(Invalid, match="change note"):
        scheduled(topic, change_note=" ")
    scheduled(topic)
    with pytest.raises(Invalid, match="scheduled already"):
        scheduled(topic)


def test_the_form_says_in_which_zone_times_are():
    topic = approved(overview())
    client = logged_in("editor")
    assert "Times are in UTC" in said(client.get(step_url(topic, "publish")))
    at = (timezone.now() + SOON).replace(second=0, microsecond=0)
    data = {"change_note": "Later", "publish_at": f"{at:%Y-%m-%dT%H:%M}"}
    data = knowingly(client, step_url(topic, "publish"), **data)
    done = client.post(step_url(topic, "publish"), data, follow=True)
    assert f"{at:%H:%M} UTC" in said(done)
    assert Schedule.objects.get().due_at == at
    fault = client.post(step_url(topic, "publish"), data | {"publish_at": "tomorrow"})
    assert "Enter a valid date/time." in said(fault)
    assert "Later" in said(fault)


@pytest.mark.django_db(transaction=True)
def test_two_workers_publish_it_once():
    made = scheduled()
    pass_the_time()
    barrier = threading.Barrier(2)

    def publish():
        try:
            barrier.wait()
            return scheduling.publish_due.call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        results = [each.result() for each in [pool.submit(publish) for _ in range(2)]]
    assert sorted(results) == [0, 1]
    assert Edition.objects.count() == 1
    made.refresh_from_db()
    assert made.state == "published"


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_loses_and_doubles_nothing():
    made = scheduled()
    pass_the_time()
    read, write = os.pipe()
    # The child would share the connection.
    connections.close_all()
    child = os.fork()
    if child == 0:
        _publish_until_killed(write)
    assert os.read(read, 1) == b"x"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    made.refresh_from_db()
    assert made.state == "waiting"
    assert not Edition.objects.exists()

    working.look_around()
    working.new_worker().run()
    made.refresh_from_db()
    assert made.state == "published"
    assert Edition.objects.count() == 1


def _publish_until_killed(write: int) -> None:
    """Publish in this process, and stop just before all of it is kept."""

    def hang(*args, **named):
        os.write(write, b"x")
        time.sleep(60)

    scheduling._close = hang
    try:
        scheduling.publish_due.call()
    finally:
        os._exit(1)
