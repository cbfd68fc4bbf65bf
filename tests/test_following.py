"""Following by mail: asking, confirming, being told once of what changed, and stopping."""

import logging
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.signing import TimestampSigner, b62_encode
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from following_data import (
    ADDRESS,
    follower,
    link,
    republish,
    retract,
    sent,
    tables_that_hold,
    work,
    yours,
)

from tests import clinic
from topics import following, publishing, working
from topics.following import subjects, tokens
from topics.models import Event, Follower, Notice, Subscription

pytestmark = pytest.mark.django_db

# Asking and confirming


def test_from_the_form_to_the_first_mail(client):
    topic = clinic.published()

    asked = client.post(
        "/follow/?topic=mobilization",
        {"what": "topic", "frequency": "at-once", "email": " Fiona.Follower@Hospital.example "},
    )
    assert (asked.status_code, asked["Location"]) == (303, "/follow/sent/")
    (message,) = sent()
    assert message.to == [ADDRESS]
    assert message.subject == "HSC Portal: Please confirm: follow “Mobilization”"

    path = link(message, "confirm")
    assert "Yes, follow" in client.get(path).content.decode()
    # A program that checks mails has opened the link; nobody has pressed the button.
    assert Subscription.objects.get().confirmed_at is None
    assert "You follow this now" in client.post(path).content.decode()

    republish(topic)
    (message,) = sent()
    assert message.subject == "HSC Portal: New edition: Mobilization"
    for words in (
        "Edition 2 was published on",
        "Reviewed by Rosa Reviewer on",
        "What changed and why: A dose was corrected.",
        "http://127.0.0.1:8000/topics/mobilization/editions/2/",
        "You follow “Mobilization”.",
    ):
        assert words in message.body
        html = message.alternatives[0].content
        assert words.replace("why: A", "why:</strong> A") in html


def test_every_mail_can_be_stopped_by_the_mail_program():
    topic = clinic.published()
    following.ask(ADDRESS, subjects.at("mobilization"), "at-once")
    messages = sent()
    following.confirm(link(messages[0], "confirm").split("/")[3])
    republish(topic)
    messages += sent()

    assert len(messages) == 2
    for message in messages:
        headers = message.message()
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert headers["List-Unsubscribe"] == f"<http://127.0.0.1:8000{link(message, 'stop')}>"
        assert headers["Auto-Submitted"] == "auto-generated"
        assert link(message, "yours")


def test_the_answer_is_the_same_whether_an_address_is_known_or_not(client):
    clinic.published()
    follower()
    data = {"what": "everything", "frequency": "at-once"}

    known = client.post("/follow/", data | {"email": ADDRESS})
    unknown = client.post("/follow/", data | {"email": "nobody@hospital.example"})

    assert known.status_code == unknown.status_code == 303
    assert known["Location"] == unknown["Location"]
    assert known.headers == unknown.headers


def test_who_follows_already_is_told_so_and_loses_nothing():
    subscription = follower()
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=1))

    following.ask(ADDRESS, subjects.EVERYTHING, "weekly")

    (message,) = sent()
    assert "You follow it already" in message.body
    assert "/follow/confirm/" not in message.body
    subscription.refresh_from_db()
    # Whoever typed the address may not change what its owner confirmed.
    assert (subscription.frequency, subscription.confirmed_at is None) == ("at-once", False)


def test_asking_twice_sends_one_mail_and_later_another():
    for _ in range(3):
        following.ask(ADDRESS, subjects.EVERYTHING, "weekly")
    assert len(sent()) == 1
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=1))
    following.ask(ADDRESS, subjects.EVERYTHING, "weekly")
    assert len(sent()) == 1
    assert Subscription.objects.count() == Follower.objects.count() == 1


def test_a_link_to_confirm_works_for_three_days(client, monkeypatch):
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once")
    late = int(time.time()) - 3 * 24 * 3600 - 60
    monkeypatch.setattr(TimestampSigner, "timestamp", lambda self: b62_encode(late))
    (message,) = sent()
    monkeypatch.undo()

    answer = client.post(link(message, "confirm"))

    assert answer.status_code == 410
    assert "This link no longer works" in answer.content.decode()
    assert Subscription.objects.get().confirmed_at is None


@pytest.mark.parametrize("purpose", ["confirm", "stop", "yours"])
@pytest.mark.parametrize("token", ["x", "x.y.z", "ä", "W10.1.x"])
def test_a_link_that_is_not_ours_does_nothing(client, purpose, token):
    assert client.get(f"/follow/{purpose}/{token}/").status_code == 410
    assert client.post(f"/follow/{purpose}/{token}/").status_code == 410


def test_a_link_is_good_for_its_purpose_only(client):
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once")
    (message,) = sent()
    token = link(message, "stop").split("/")[3]
    assert client.post(f"/follow/confirm/{token}/").status_code == 410
    assert client.post(f"/follow/yours/{token}/").status_code == 410


# Who is told of what


def test_each_follower_of_topic_area_or_all_is_told_once():
    first, second = clinic.published(), clinic.published(clinic.agent(areas=["conditioning"]))
    for what in ({"topic": first}, {"area": "mobilization"}, {}):
        follower(**what)
    follower(second, email="other@hospital.example")
    follower(area="conditioning", email="third@hospital.example")

    republish(first)
    (message,) = sent()
    assert message.to == [ADDRESS]
    assert "You follow “Mobilization”." in message.body

    republish(second)
    told = {message.to[0]: message.body for message in sent()}
    assert set(told) == {ADDRESS, "other@hospital.example", "third@hospital.example"}
    assert "You follow everything in HSC Portal." in told[ADDRESS]


def test_who_did_not_confirm_is_told_nothing():
    topic = clinic.published()
    following.ask(ADDRESS, subjects.at(topic.slug), "at-once")
    sent()
    republish(topic)
    assert sent() == []


def test_who_confirms_later_is_not_told_of_what_was_before():
    topic = clinic.published()
    republish(topic)
    follower(topic)
    assert sent() == []


def test_several_topics_published_together_are_one_task_and_one_mail():
    follower()
    drafts = [clinic.draft(clinic.overview(f"topic-{number}")) for number in range(45)]
    DBTaskResult.objects.all().delete()

    clinic.publish_unreviewed(*drafts)

    assert DBTaskResult.objects.count() == 1
    assert mail.outbox == [] or mail.outbox[-1].subject.startswith("HSC Portal: Please")
    (message,) = sent()
    assert message.subject == "HSC Portal: New topic: Topic 0, and 44 more"
    assert "Not yet reviewed by a clinician." in message.body
    assert "And 5 more changes" in message.body


def test_what_is_not_published_after_all_is_told_to_nobody():
    follower()
    draft = clinic.draft()
    with pytest.raises(RuntimeError), transaction.atomic():
        clinic.publish_unreviewed(draft)
        raise RuntimeError("The power fails.")
    assert sent() == []


def test_weekly_followers_hear_on_monday_but_of_a_withdrawal_at_once():
    topic = clinic.published()
    follower(topic, frequency="weekly")

    republish(topic, "First change.")
    republish(topic, "Second change.")
    assert sent() == []
    due = {notice.due_at for notice in Notice.objects.filter(event__isnull=False)}
    assert {(moment.weekday(), moment.hour, moment.minute) for moment in due} == {(0, 6, 0)}
    assert timezone.now() < min(due) <= timezone.now() + timedelta(days=7)

    publishing.withdraw(topic, actor=clinic.editor(), reason="The dose was ten times too high.")
    (message,) = sent()
    assert message.subject == "HSC Portal: Withdrawn: Mobilization"
    assert "Reason: The dose was ten times too high." in message.body
    assert "First change." not in message.body

    Notice.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    working.look_around()
    (message,) = sent()
    assert "What changed and why: First change." in message.body
    # The mail is late: what it tells of must not be followed any more.
    assert message.body.count("IT WAS WITHDRAWN SINCE") == 2


def test_a_retraction_reaches_who_follows_what_cites_it():
    citing = clinic.published()
    plain = {"kind": "overview", "heading": "What?", "body": "Nothing is cited here."}
    other = clinic.published(clinic.agent(areas=["conditioning"], sections=[plain]))
    follower(citing)
    follower(other, email="other@hospital.example")
    follower(area="mobilization", frequency="weekly", email="area@hospital.example")

    retract("petit2002")

    messages = sent()
    assert {message.to[0] for message in messages} == {ADDRESS, "area@hospital.example"}
    assert messages[0].subject.startswith("HSC Portal: Retracted: Petit 2002: G-CSF induces")
    assert "Cited in Mobilization." in messages[0].body
    assert "Notice: The data were made up." in messages[0].body

    retract("petit2002")
    assert sent() == []
    retract("petit2002", "current")
    assert sent()[0].subject.startswith("HSC Portal: Notice lifted: Petit 2002")


def test_a_mail_shows_nothing_of_a_draft():
    topic = clinic.published()
    follower(topic)
    clinic.edit(topic, title="Zebrafinch")
    retract("petit2002")
    publishing.withdraw(topic, actor=clinic.editor(), reason="Wrong.")
    (message,) = sent()
    assert "Zebrafinch" not in message.body + message.alternatives[0].content


def test_a_task_that_is_run_again_sends_nothing_twice():
    topic = clinic.published()
    follower(topic)
    republish(topic)
    assert len(sent()) == 1

    DBTaskResult.objects.update(status="READY")
    follower(area="mobilization")
    assert sent() == []


def test_the_same_number_of_queries_tells_one_and_many(django_assert_max_num_queries):
    topic = clinic.published()
    for number in range(30):
        follower(topic, email=f"reader{number}@hospital.example")
    republish(topic)
    event = Event.objects.latest("pk")
    with django_assert_max_num_queries(8):
        assert following.tell.call([event.pk]) == 30


# Stopping


def test_one_click_of_the_mail_program_stops_it_without_cookies():
    topic = clinic.published()
    follower(topic)
    republish(topic)
    (message,) = sent()
    strict = Client(enforce_csrf_checks=True)

    assert "Stop these emails?" in strict.get(link(message, "stop")).content.decode()
    assert Follower.objects.exists()
    answer = strict.post(link(message, "stop"), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not answer.cookies
    assert not Follower.objects.exists()
    republish(topic, "One more.")
    assert sent() == []
    assert strict.post(link(message, "stop")).status_code == 200
    assert "There is nothing left to do" in strict.get(link(message, "stop")).content.decode()


def test_stopping_one_leaves_the_other():
    topic = clinic.published()
    kept, stopped = follower(area="mobilization"), follower(topic)
    following.stop([stopped])
    assert list(Subscription.objects.all()) == [kept]
    republish(topic)
    assert len(sent()) == 1


def test_ones_own_subscriptions_are_changed_and_stopped(client):
    topic = clinic.published()
    first, second = follower(topic), follower(area="risks")
    path = yours(first)

    html = client.get(path).content.decode()
    assert "“Mobilization”" in html
    assert "“Risks and complications”" in html
    assert ADDRESS not in html

    change = {"act": "change", "subscription": first.pk, "frequency": "weekly"}
    assert client.post(path, change).status_code == 303
    first.refresh_from_db()
    assert first.frequency == "weekly"
    client.post(path, {"act": "stop", "subscription": first.pk})
    assert list(Subscription.objects.all()) == [second]
    client.post(path, {"act": "stop-all"})
    assert not Follower.objects.exists()
    assert "You follow nothing" in client.get(path).content.decode()


def test_nobody_stops_what_is_another_persons(client):
    mine, other = follower(), follower(email="other@hospital.example")
    client.post(yours(mine), {"act": "stop", "subscription": other.pk})
    client.post(yours(mine), {"act": "change", "subscription": other.pk, "frequency": "x"})
    token = tokens.make(tokens.STOP, mine.follower.key, [other.pk])
    client.post(f"/follow/stop/{token}/")
    assert set(Subscription.objects.all()) == {mine, other}


# What is kept


def test_an_address_never_confirmed_is_deleted_after_three_days():
    kept = follower(email="kept@hospital.example")
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once")
    sent()
    working.look_around()
    work()
    assert Follower.objects.count() == 2

    Subscription.objects.update(asked_at=timezone.now() - timedelta(days=3, minutes=1))
    DBTaskResult.objects.all().delete()
    working.look_around()
    work()

    assert [each.email for each in Follower.objects.all()] == [kept.follower.email]


def test_the_address_is_in_one_table_only_and_in_no_log(caplog, client):
    topic = clinic.published()
    with caplog.at_level(logging.DEBUG, logger="topics"), caplog.at_level(logging.DEBUG, "django"):
        client.post("/follow/", {"what": "everything", "frequency": "at-once", "email": ADDRESS})
        (message,) = sent()
        client.post(link(message, "confirm"))
        republish(topic)
        sent()
    assert tables_that_hold(ADDRESS) == {"topics_follower"}
    assert ADDRESS not in caplog.text
    assert ADDRESS not in "".join(map(str, [*Follower.objects.all(), *Subscription.objects.all()]))

    client.post(link(message, "stop"))
    assert tables_that_hold(ADDRESS) == set()
