"""Mails and pages of following speak the language in which the reader asked."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from following_data import ADDRESS, follower, link, republish, retract, sent, yours

from tests import clinic
from topics import following, publishing
from topics.following import subjects
from topics.models import Notice, Subscription

pytestmark = pytest.mark.django_db


def in_german(client, path="/de/follow/?topic=mobilization") -> Subscription:
    """Ask and confirm on German pages, and return the subscription."""
    client.post(path, {"what": "topic", "frequency": "at-once", "email": ADDRESS})
    (message,) = sent()
    client.post(link(message, "confirm"))
    return Subscription.objects.latest("pk")


def addresses(text: str) -> list[str]:
    """Return the paths on the portal that a mail names."""
    parts = text.split("http://127.0.0.1:8000")[1:]
    return [part.split('"')[0].split()[0] if part.strip() else "" for part in parts]


def test_from_a_german_form_to_a_german_mail(client):
    topic = clinic.published()
    asked = client.post(
        "/de/follow/?topic=mobilization",
        {"what": "topic", "frequency": "at-once", "email": ADDRESS},
    )
    assert asked["Location"] == "/de/follow/sent/"
    assert '<html lang="de">' in client.get(asked["Location"]).content.decode()

    (message,) = sent()
    confirmed = client.post(link(message, "confirm"))
    assert link(message, "confirm").startswith("/de/follow/confirm/")
    assert '<a href="/de/topics/mobilization/">' in confirmed.content.decode()
    assert '<span lang="en">Mobilization</span>' in confirmed.content.decode()

    republish(topic)
    messages = [message, *sent()]
    with translation.override("de"):
        today = date_format(timezone.localdate(), "DATE_FORMAT")
    assert today in messages[1].body
    for each in messages:
        html = each.alternatives[0].content
        assert '<html lang="de">' in html
        assert '<span lang="en">Mobilization</span>' in html
        for path in addresses(each.body) + addresses(html):
            assert path.startswith("/de/"), path


def test_the_button_of_the_mail_program_needs_no_language(client):
    clinic.published()
    in_german(client)
    Notice.objects.update(sent_at=None, due_at=timezone.now())
    following.sending.deliver.enqueue()
    (message,) = sent()
    (path,) = addresses(message.message()["List-Unsubscribe"].rstrip(">"))
    assert path.startswith("/follow/stop/")
    assert client.post(path).status_code == 200
    assert not Subscription.objects.exists()


def test_a_notice_names_what_cites_it_in_its_own_language(client):
    clinic.published()
    in_german(client)
    retract("petit2002")
    (message,) = sent()
    html = message.alternatives[0].content
    assert '/de/topics/mobilization/"><span lang="en">Mobilization</span></a>' in html
    assert "Mobilization" in message.body
    assert '<p lang="en"><strong lang="de">' in html


def test_a_stranger_does_not_change_the_language_of_mails(client):
    topic = clinic.published()
    follower(topic)
    with_area = {"what": "risks", "frequency": "at-once", "email": ADDRESS}
    client.post("/de/follow/", with_area)
    client.post("/de/follow/?topic=mobilization", with_area | {"what": "topic"})
    languages = {message.body.count("/de/follow/stop/") for message in sent()}
    # What was asked for in German is to be confirmed in German.
    assert languages == {1}

    republish(topic)
    (message,) = sent()
    assert '<html lang="en">' in message.alternatives[0].content
    assert "/de/" not in message.body


def test_what_was_confirmed_last_decides(client):
    topic = clinic.published()
    follower(area="risks")
    in_german(client)
    assert {each.follower.language for each in Subscription.objects.all()} == {"de"}
    republish(topic)
    assert '<html lang="de">' in sent()[0].alternatives[0].content


def test_who_asks_again_in_another_language_gets_the_mail_in_it():
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once", "de")
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once", "es")
    (message,) = sent()
    assert link(message, "confirm").startswith("/es/")


def test_the_owner_of_a_link_chooses_the_language(client):
    topic = clinic.published()
    subscription = follower(topic)
    follower(area="risks")
    path = yours(subscription)
    assert '<option value="en" lang="en" selected>English</option>' in client.get(
        path
    ).content.decode().replace("\n", "")

    assert client.post(path, {"act": "language", "language": "xx"}).status_code == 303
    assert client.post(f"/de{path}", {"act": "language", "language": "es"})["Location"] == (
        f"/de{path}"
    )
    assert set(Subscription.objects.values_list("language", flat=True)) == {"es"}
    republish(topic)
    assert '<html lang="es">' in sent()[0].alternatives[0].content


def test_the_database_refuses_an_unknown_language():
    subscription = follower()
    with pytest.raises(IntegrityError, match="subscription_language"), transaction.atomic():
        Subscription.objects.filter(pk=subscription.pk).update(language="xx")


@pytest.mark.parametrize(
    "path", ["", "?area=risks", "?topic=mobilization", "sent/", "stop/x/", "?topic=none"]
)
def test_pages_lead_to_pages_in_their_language(client, path):
    clinic.published()
    html = client.get(f"/de/follow/{path}").content.decode()
    assert '<html lang="de">' in html
    assert 'href="/de/follow/"' in html


def test_faults_are_said_in_the_language_of_the_form(client):
    data = {"what": "nothing", "frequency": "at-once", "email": ADDRESS}
    html = client.post("/de/follow/", data).content.decode()
    # Django's own words, of which it brings a translation.
    assert "Bitte eine gültige Auswahl treffen" in html


def test_a_withdrawn_topic_is_told_of_in_german(client):
    topic = clinic.published()
    in_german(client)
    publishing.withdraw(topic, actor=clinic.editor(), reason="Wrong.")
    (message,) = sent()
    assert "/de/topics/mobilization/" in message.body
