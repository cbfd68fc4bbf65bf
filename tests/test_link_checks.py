"""Asking external links: what counts as broken, and that no answer leads inside or holds us up."""

import contextlib
import http.server
import socket
import threading
import time
from datetime import timedelta

import pytest
from admin_data import overview, published, reference
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from hsc_portal import asking as web
from topics import working
from topics.links import asking, checking, collecting
from topics.models import LinkCheck

asked: list[tuple[str, str, str]] = []


class Misbehaving(http.server.BaseHTTPRequestHandler):
    """Answers each path in a way of its own."""

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        asked.append((self.command, self.path, self.headers["User-Agent"]))
        name = self.path.strip("/").split("/")[0]
        getattr(self, f"_{name}", self._fine)()

    def _send(self, status: int, **headers):
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()

    def _fine(self):
        self._send(200)

    def _gone(self):
        self._send(404)

    def _nohead(self):
        self._send(404 if self.command == "HEAD" else 200)

    def _refuses(self):
        self._send(403)

    def _fails(self):
        self._send(503)

    def _moved(self):
        self._send(301, Location="/fine")

    def _round(self):
        self._send(302, Location="/round")

    def _inside(self):
        self._send(302, Location="http://10.0.0.1/secret")

    def _nowhere(self):
        self._send(302, Location="http://[bad")

    def _file(self):
        self._send(302, Location="file:///etc/passwd")

    def _hangs(self):
        time.sleep(3)

    def _drips(self):
        for letter in b"HTTP/1.0 200 OK\r\nX: " + b"x" * 200:
            self.wfile.write(bytes([letter]))
            self.wfile.flush()
            time.sleep(0.1)

    def _nonsense(self):
        self.wfile.write(b"\0\1 what?\r\n\r\n")

    def _huge(self):
        self._send(200, **{"X": "x" * 100_000})

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """The address of a server that misbehaves, which alone may be asked beside the Internet."""
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    made.daemon_threads = True
    threading.Thread(target=made.serve_forever, daemon=True).start()
    is_public = web.is_public
    monkeypatch.setattr(web, "is_public", lambda ip: ip == "127.0.0.1" or is_public(ip))
    monkeypatch.setattr(web, "is_allowed_port", lambda scheme, port: True)
    monkeypatch.setattr(web, "SECONDS", 1)
    monkeypatch.setattr(checking, "PAUSE_SECONDS", 0)
    asked.clear()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize(
    ("path", "is_there", "is_gone"),
    [
        ("fine", True, False),
        ("nohead", True, False),
        ("moved", True, False),
        ("gone", False, True),
        ("fails", False, False),
        ("refuses", None, False),
        ("round", False, False),
        ("inside", None, False),
        ("file", None, False),
        ("hangs", False, False),
        ("drips", False, False),
        ("nonsense", False, False),
        ("nowhere", False, False),
        ("huge", False, False),
        ("ümlaut path?q=ä b", True, False),
    ],
)
def test_what_an_answer_means(server, path, is_there, is_gone):
    begun = time.monotonic()
    answer = asking.ask(f"{server}/{path}")
    assert (answer.is_there, answer.is_gone) == (is_there, is_gone), answer
    assert answer.words
    assert time.monotonic() - begun < 6
    assert all("HSC-Portal" in agent for *_, agent in asked)


def test_a_server_that_never_ends_its_handshake_is_cut_off(server):
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        line, _ = listener.accept()
        with line, contextlib.suppress(OSError):
            # The head of a record of 16,384 bytes, which then come one by one.
            line.sendall(b"\x16\x03\x03\x40\x00")
            while True:
                line.sendall(b"\0")
                time.sleep(0.1)

    threading.Thread(target=drip, daemon=True).start()
    begun = time.monotonic()
    with pytest.raises(web.Unanswered), listener:
        web.request(f"https://127.0.0.1:{listener.getsockname()[1]}/", web.Question())
    assert time.monotonic() - begun < 4


def test_head_comes_first_and_is_enough_when_it_is_answered(server):
    asking.ask(f"{server}/fine")
    asking.ask(f"{server}/nohead")
    assert [(verb, path) for verb, path, _ in asked] == [
        ("HEAD", "/fine"), ("HEAD", "/nohead"), ("GET", "/nohead"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "::1",
     "::", "fe80::1", "fc00::1", "fec0::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
     "224.0.0.1", "100.64.0.1", "255.255.255.255"],
)  # fmt: skip
def test_no_internal_address_is_public(address):
    assert not web.is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_of_the_internet_are_public(address):
    assert web.is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://localhost/", "http://127.0.0.1/", "http://[::1]/", "http://2130706433/",
     "http://0x7f.1/", "http://example.org:5432/", "http://user:password@example.org/",
     "ftp://example.org/", "http:///nowhere"],
)  # fmt: skip
def test_what_is_internal_is_never_connected_to(url, monkeypatch):
    monkeypatch.setattr(web.socket, "create_connection", lambda *a, **k: pytest.fail("asked"))
    answer = asking.ask(url)
    assert answer.is_there is None
    assert not answer.is_gone


def test_a_name_is_resolved_once_and_all_its_addresses_count(monkeypatch):
    def found(*ips):
        return lambda *a, **k: [(2, 1, 6, "", (ip, 80)) for ip in ips]

    connected = []

    def connect(address, timeout):
        connected.append(address)
        raise OSError

    monkeypatch.setattr(web.socket, "create_connection", connect)
    monkeypatch.setattr(web.socket, "getaddrinfo", found("93.184.215.14", "10.0.0.1"))
    assert asking.ask("http://rebinding.example/").is_there is None
    assert connected == []
    monkeypatch.setattr(web.socket, "getaddrinfo", found("93.184.215.14"))
    assert asking.ask("http://fine.example/").is_there is False
    # Pinned: the connection goes to the address that was looked at.
    assert set(connected) == {("93.184.215.14", 80)}


BODY = "See [a page](https://page.example/x#y) and [mail](mailto:a@b.example). [@smith2020]"


@pytest.mark.django_db
def test_addresses_are_those_that_readers_are_led_to():
    topic = published(overview("cells", BODY))
    overview("draft", "See [a page](https://draft.example/). [@smith2020]")
    reference("uncited1999")
    assert collecting.collect() == 2
    urls = {link.url: list(link.topics.values_list("pk", flat=True)) for link in
            LinkCheck.objects.all()}  # fmt: skip
    doi = "https://doi.org/10.1000/smith2020"
    assert urls == {"https://page.example/x": [topic.pk], doi: [topic.pk]}
    LinkCheck.objects.filter(url=doi).update(state="fine", checked_at=timezone.now())
    collecting.collect()
    assert LinkCheck.objects.get(url=doi).state == "fine"


def link(url: str) -> LinkCheck:
    return LinkCheck.objects.create(url=url)


def again(made: LinkCheck) -> LinkCheck:
    """Return a link a week later."""
    LinkCheck.objects.filter(pk=made.pk).update(checked_at=timezone.now() - timedelta(days=8))
    checking.check()
    made.refresh_from_db()
    return made


@pytest.mark.django_db
def test_each_is_asked_once_a_week_at_the_most(server):
    made = link(f"{server}/fine")
    assert (checking.check(), checking.check()) == (1, 0)
    assert len(asked) == 1
    assert again(made).state == "fine"
    assert len(asked) == 2


@pytest.mark.django_db
def test_what_fails_twice_is_broken_and_what_is_gone_at_once(server):
    gone, fails = link(f"{server}/gone"), link(f"{server}/fails")
    refuses, mended = link(f"{server}/refuses"), link(f"{server}/fine")
    checking.check()

    def states() -> list[str]:
        return [LinkCheck.objects.get(pk=each.pk).state for each in (gone, fails, refuses, mended)]

    assert states() == ["broken", "unclear", "unclear", "fine"]
    since = LinkCheck.objects.get(pk=gone.pk).broken_since
    for each in (gone, fails, refuses):
        again(each)
    assert states() == ["broken", "broken", "unclear", "fine"]
    gone.refresh_from_db()
    assert gone.broken_since == since
    assert gone.failures == 2
    LinkCheck.objects.filter(pk=gone.pk).update(url=f"{server}/fine/now")
    assert again(gone).state == "fine"
    assert gone.broken_since is None


@pytest.mark.django_db
def test_the_worker_asks_only_if_it_is_switched_on(settings):
    paths = {checking.collect.module_path, checking.check_due.module_path}
    link("https://page.example/")

    def queued() -> set[str]:
        return set(DBTaskResult.objects.values_list("task_path", flat=True)) & paths

    working.look_around()
    assert queued() == set()
    settings.CHECK_LINKS = True
    working.look_around()
    working.look_around()
    assert queued() == paths
    assert DBTaskResult.objects.filter(task_path__in=paths).count() == 2


@pytest.mark.django_db
def test_the_command_collects_and_asks(server, capsys):
    published(overview("cells", f"See [a page]({server}/gone/x)."))
    call_command("check_links")
    told = capsys.readouterr().out
    assert "1 asked now; 1 are broken" in told
    assert "/gone/x  404 Not Found" in told
