"""Mails reach a mail server once, or are tried again; and the worker loses nothing."""

import contextlib
import logging
import socketserver
import threading
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from following_data import ADDRESS, follower, republish, sent, work

from hsc_portal import mail as mail_settings
from tests import clinic
from topics import following, working
from topics.following import sending, subjects
from topics.models import Event, Notice

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server of this machine that keeps what it takes, and answers to addresses as told."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.taken: list[str] = []
        self.answers: dict[str, str] = {}


class MailSession(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 ready")
        for line in self.rfile:
            command = line.decode().strip()
            verb = command[:4].upper()
            if verb == "DATA":
                self.say("354 go on")
                self.server.taken.append(self.text())
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            elif verb == "RCPT":
                address = command.partition("<")[2].rstrip(">")
                self.say(self.server.answers.get(address, "250 fine"))
            else:
                self.say("250 fine")

    def text(self) -> str:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines).decode()

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def server(settings):
    """Send mail to a mail server of this test."""
    with MailServer() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = made.server_address
        yield made
        made.shutdown()


def ask(email=ADDRESS) -> None:
    following.ask(email, subjects.EVERYTHING, "at-once")


def test_a_mail_server_gets_the_whole_mail(server):
    ask()
    work()
    (text,) = server.taken
    for words in ("List-Unsubscribe-Post: List-Unsubscribe=One-Click", f"To: {ADDRESS}",
                  "From: HSC Portal <noreply@localhost>", "text/plain", "text/html"):  # fmt: skip
        assert words in text
    assert "Message-ID: <" in text


def test_a_refused_address_keeps_no_other_from_its_mail(server, caplog):
    server.answers = {ADDRESS: f"550 5.1.1 no such person {ADDRESS}"}
    ask()
    ask("other@hospital.example")
    work()
    assert len(server.taken) == 1

    refused = Notice.objects.get(subscription__follower__email=ADDRESS)
    # No later try would fare better.
    assert (refused.due_at, refused.sent_at) == (None, None)
    assert refused.fault == "The mail server refused the address (550)."
    assert f"Mail {refused.pk} was given up" in caplog.text
    assert ADDRESS not in caplog.text


def test_an_address_that_is_refused_for_now_is_tried_again(server):
    server.answers = {ADDRESS: "450 come back later"}
    ask()
    work()
    notice = Notice.objects.get()
    assert notice.due_at > timezone.now()

    server.answers = {}
    due_now()
    working.look_around()
    work()
    assert len(server.taken) == 1
    notice.refresh_from_db()
    assert (notice.fault, notice.due_at, notice.tries) == ("", None, 2)


def test_while_the_server_is_gone_mails_wait_with_growing_pauses(settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ask()
    pauses = []
    with caplog.at_level(logging.WARNING):
        while Notice.objects.filter(due_at__isnull=False):
            due_now()
            begun = timezone.now()
            working.look_around()
            work()
            notice = Notice.objects.get()
            pauses += [round((notice.due_at - begun) / MINUTE)] if notice.due_at else []

    assert len(pauses) == len(sending.PAUSES)
    assert pauses == sorted(pauses)
    assert sum(pauses) * MINUTE > timedelta(days=4)
    assert notice.fault == "The mail server cannot be used (ConnectionRefusedError)."
    # Said once when there is trouble, and once when it is given up.
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert DBTaskResult.objects.filter(status="FAILED").count() == 0

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sending.retry(Notice.objects.all()) == 1
    assert len(sent()) == 1


def test_a_failing_server_is_not_asked_for_each_mail(settings, monkeypatch):
    for number in range(5):
        ask(f"reader{number}@hospital.example")
    asked = []

    def refuse(connection):
        asked.append(connection)
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)
    sending.deliver.call()
    assert len(asked) == 1
    assert Notice.objects.filter(tries=0).count() == 4


def test_a_mail_that_cannot_be_written_keeps_no_other_back(monkeypatch):
    topic = clinic.published()
    follower(topic)
    republish(topic)

    def fail(notices):
        raise KeyError("edition")

    monkeypatch.setattr("topics.following.mails.update", fail)
    ask("other@hospital.example")
    assert [message.to for message in sent()] == [["other@hospital.example"]]
    monkeypatch.undo()
    due_now()
    working.look_around()
    assert [message.to for message in sent()] == [[ADDRESS]]


def test_a_second_copy_of_a_mail_has_the_id_of_the_first():
    follower()
    first = mail.outbox[0]
    Notice.objects.update(sent_at=None, due_at=timezone.now())
    working.look_around()
    (second,) = sent()
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def due_now() -> None:
    Notice.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


# The worker


def test_what_a_killed_worker_had_begun_is_done_by_the_next():
    topic = clinic.published()
    follower(topic)
    DBTaskResult.objects.all().delete()
    republish(topic)
    # The team is told, too.
    DBTaskResult.objects.exclude(task_path=following.tell.module_path).delete()
    DBTaskResult.objects.update(status="RUNNING", started_at=timezone.now(), worker_ids=["killed"])

    assert working.put_back() == 0
    DBTaskResult.objects.update(started_at=timezone.now() - timedelta(minutes=11))
    assert working.put_back() == 1
    assert len(sent()) == 1


def test_a_task_that_fails_is_tried_again_but_not_for_ever(monkeypatch):
    topic = clinic.published()
    follower(topic)
    DBTaskResult.objects.all().delete()
    tried = []

    def fail(event):
        tried.append(event)
        raise RuntimeError("A fault of ours.")

    monkeypatch.setattr(following, "_write_notices", fail)
    republish(topic)
    work()
    for _ in range(10):
        DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(hours=1))
        working.put_back()
        work()

    assert len(tried) == working.ATTEMPTS
    assert DBTaskResult.objects.get(status="FAILED").traceback


def test_tidying_happens_once_an_hour():
    working.look_around()
    working.look_around()
    work()
    assert DBTaskResult.objects.filter(task_path="topics.following.forget").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once():
    for number in range(12):
        ask(f"reader{number}@hospital.example")
    barrier = threading.Barrier(3)
    claimed = []

    def claim_all():
        with contextlib.closing(connections["default"]):
            barrier.wait()
            while notices := sending.claim():
                claimed.extend(notice.pk for notice in notices)

    threads = [threading.Thread(target=claim_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(Notice.objects.values_list("pk", flat=True))
    assert len(claimed) == 12


@pytest.mark.django_db(transaction=True)
def test_telling_at_the_same_moment_tells_once():
    topic = clinic.published()
    follower(topic)
    republish(topic)
    event = Event.objects.latest("pk")
    barrier = threading.Barrier(2)

    def tell():
        with contextlib.closing(connections["default"]):
            barrier.wait()
            following.tell.call([event.pk])

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notice.objects.filter(event=event).count() == 1


# Settings


def environment(monkeypatch, **values) -> dict:
    for name in ("EMAIL_URL", "EMAIL_HOST", "EMAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return mail_settings.settings("https://hsc.example.org")


def test_without_a_mail_server_mails_are_shown_in_the_terminal(monkeypatch):
    found = environment(monkeypatch)
    assert found["EMAIL_BACKEND"].endswith("console.EmailBackend")
    assert found["DEFAULT_FROM_EMAIL"] == "HSC Portal <noreply@hsc.example.org>"
    assert django_settings.SITE_URL == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 25, "", "")),
        ("smtp+tls://u:p%40ss@mail.example", ("mail.example", 587, "u", "p@ss", "EMAIL_USE_TLS")),
        ("smtps://u:p@mail.example:1465", ("mail.example", 1465, "u", "p", "EMAIL_USE_SSL")),
    ],
)
def test_a_mail_server_is_named_by_one_address(monkeypatch, url, expected):
    found = environment(monkeypatch, EMAIL_URL=url)
    parts = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD")
    encryption = [name for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL") if found.get(name)]
    assert (*(found[name] for name in parts), *encryption) == expected
    assert found["EMAIL_BACKEND"].endswith("smtp.EmailBackend")


def test_a_mail_server_is_named_part_by_part(monkeypatch):
    found = environment(monkeypatch, EMAIL_HOST="mail.example", EMAIL_USE_TLS="1")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == (587, True)


@pytest.mark.parametrize("url", ["http://h", "smtp://", "smtp://u:s3cret@h:port", "s3cret@h"])
def test_an_address_of_no_mail_server_is_refused_without_telling_the_password(monkeypatch, url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as refused:
        environment(monkeypatch, EMAIL_URL=url)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize("url", ["hsc.example.org", "ftp://hsc.example.org", "https://"])
def test_an_address_of_no_site_is_refused(monkeypatch, url):
    monkeypatch.setenv("SITE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        mail_settings.site_url()
