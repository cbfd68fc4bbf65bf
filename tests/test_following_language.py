"""Mails and pages of following speak the language in which the reader asked."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from following_data import ADDRESS, follower, link, republish, retract, sent, yours

from hsc_portal import languages
from tests import clinic
from topics import following, publishing
from topics.choices import Frequency
from topics.following import tokens
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


def ask_twice(client) -> list:
    """Ask as the owner of an address and, once a mail may follow, as a stranger. Return the mails.

    The stranger wants other things, and in another language.
    """
    messages = []
    for language, frequency in (("de", "at-once"), ("es", "weekly")):
        asked = {"what": "everything", "frequency": frequency, "email": ADDRESS}
        client.post(f"/{language}/follow/", asked)
        messages += sent()
        Notice.objects.update(created_at=timezone.now() - following.ASK_AGAIN)
    return messages


def terms(subscription: Subscription) -> tuple:
    subscription.refresh_from_db()
    return subscription.frequency, subscription.language, subscription.follower.language


@pytest.mark.parametrize("is_sent", [True, False])
def test_who_asks_again_and_gets_no_mail_changes_nothing(client, is_sent):
    asked = {"what": "everything", "frequency": "at-once", "email": ADDRESS}
    client.post("/de/follow/", asked)
    messages = sent() if is_sent else []
    before = Subscription.objects.values().get()

    client.post("/es/follow/", asked | {"frequency": "weekly"})

    (message,) = [*messages, *sent()]
    # Above all `asked_at`: an address that nobody confirms is kept no longer for it.
    assert Subscription.objects.values().get() == before
    assert link(message, "confirm").startswith("/de/")
    client.post(link(message, "confirm"))
    assert terms(Subscription.objects.get()) == ("at-once", "de", "de")


def test_who_asks_again_later_gets_the_mail_in_the_other_language(client):
    first, second = ask_twice(client)
    assert link(first, "confirm").startswith("/de/")
    assert link(second, "confirm").startswith("/es/")


@pytest.mark.parametrize(("number", "said"), [(0, ("at-once", "de")), (1, ("weekly", "es"))])
def test_a_link_confirms_what_its_mail_said(client, number, said):
    messages = ask_twice(client)
    subscription = Subscription.objects.get()
    frequency, language = said
    with translation.override(language):
        words = f": {languages.in_sentence(str(Frequency(frequency).label))}."
    path = link(messages[number], "confirm")

    assert words in " ".join(messages[number].body.split())
    assert words in client.get(path).content.decode()
    # To look is not to confirm.
    assert terms(subscription)[:2] == ("weekly", "es")
    assert words in client.post(path).content.decode()
    assert terms(subscription) == (*said, language)

    # What is confirmed, its owner changes by other links.
    other = link(messages[1 - number], "confirm")
    assert client.post(other).status_code == 200
    assert terms(subscription) == (*said, language)


def test_a_link_of_an_earlier_version_confirms_what_was_asked_for_last(client):
    ask_twice(client)
    subscription = Subscription.objects.get()
    token = tokens.make(tokens.CONFIRM, subscription.follower.key, [subscription.pk])
    assert "How often: once a week." in client.get(f"/follow/confirm/{token}/").content.decode()
    client.post(f"/follow/confirm/{token}/")
    assert terms(subscription) == ("weekly", "es", "es")


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
