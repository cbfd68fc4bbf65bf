"""`make run`: one command up, one Ctrl-C down, and it rises again after every kill."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hsc_portal import mail, run
from hsc_portal.database.places import Places
from hsc_portal.database.server import Server

PROJECT = Path(__file__).resolve().parent.parent
READY = "Stop with Ctrl-C."
# The first start of all makes the database and loads the content, beside all that runs else.
PATIENCE = 300


class Portal:
    """A portal started as `make run` starts it, in a process group of its own."""

    def __init__(self, var: Path, output: Path, **environment: str):
        self.port = free_port()
        self.output = output
        self.server = Server(Places(var / "postgres"))
        kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        changed = {"HSC_PORTAL_VAR": str(var), "PORT": str(self.port), "CHECK_LINKS": ""}
        changed |= {"PYTHONFAULTHANDLER": "1"} | environment
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hsc_portal.run"],
                cwd=PROJECT,
                env=kept | changed,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        wait_until(lambda: READY in self.said or self.process.poll() is not None, PATIENCE)
        assert READY in self.said, self.said

    def wait(self) -> int:
        """Its exit code. One that does not end has to say where it hangs."""
        try:
            return self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"The portal did not end:\n{self.said}") from None

    def answers(self) -> bool:
        """Whether the front page comes, with a database behind it."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def children(self, word: bytes) -> list[int]:
        """Return the processes that it started, of those whose command has the word."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        named = []
        for child in map(int, found.split()):
            with contextlib.suppress(FileNotFoundError):
                if word in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                    named.append(child)
        return named

    def is_gone(self) -> bool:
        return not is_taken(self.port) and not self.server.alive()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def var(tmp_path_factory) -> Path:
    """Shared by the tests below, so that only the first of them loads the content."""
    folder = tmp_path_factory.mktemp("run", numbered=True) / "var"
    folder.parent.chmod(0o700)
    return folder


@contextlib.contextmanager
def running(var: Path, tmp_path: Path, name: str = "output") -> Iterator[Portal]:
    portal = Portal(var, tmp_path / name)
    try:
        portal.wait_until_ready()
        yield portal
    finally:
        if portal.process.poll() is None:
            portal.process.terminate()
            portal.wait()


def test_ctrl_c_stops_web_server_and_database_in_order(var, tmp_path):
    with running(var, tmp_path) as portal:
        assert portal.answers()
        assert f"http://127.0.0.1:{portal.port}/" in portal.said

        # A terminal sends Ctrl-C to the whole group; an impatient user sends it twice.
        os.killpg(portal.process.pid, signal.SIGINT)
        time.sleep(0.1)
        os.killpg(portal.process.pid, signal.SIGINT)

        assert portal.wait() == 0
        assert portal.said.endswith("Stopping …\nStopped.\n")
        assert "Traceback" not in portal.said
        assert portal.is_gone()


def test_it_starts_again_refuses_a_second_one_and_heals_its_mail_worker(var, tmp_path):
    if not var.exists():
        with running(var, tmp_path):
            pass
    with running(var, tmp_path) as portal:
        other = Portal(var, tmp_path / "other")
        assert other.wait() == 1
        assert f"http://127.0.0.1:{portal.port}/" in other.said
        assert f"process {portal.process.pid}" in other.said
        assert other.said.count("\n") == 1
        assert portal.answers()

        wait_until(lambda: portal.children(b"work"))
        os.kill(portal.children(b"work")[0], signal.SIGKILL)
        wait_until(lambda: "The mail worker ended by itself (exit code -9)" in portal.said)
        wait_until(lambda: portal.children(b"work"))
        (worker,) = portal.children(b"work")
        assert portal.answers()
    assert not Path(f"/proc/{worker}").exists()
    assert portal.said.endswith("Stopping …\nStopped.\n")
    assert "Traceback" not in portal.said


def test_killed_database_comes_back_and_the_next_portal_after_a_killed_one(var, tmp_path):
    with running(var, tmp_path) as first:
        os.kill(first.server.listener(), signal.SIGKILL)
        wait_until(lambda: "it runs again" in first.said)
        wait_until(first.answers)

        first.process.kill()
        first.wait()
        wait_until(lambda: not is_taken(first.port))
        left_behind = first.server.listener()
        assert left_behind

    with running(var, tmp_path, "next") as second:
        assert second.server.listener() == left_behind
        assert second.answers()
        second.process.send_signal(signal.SIGTERM)
        assert second.wait() == 0
        assert second.is_gone()


def test_killed_web_server_ends_the_portal(var, tmp_path):
    with running(var, tmp_path) as portal:
        for child in portal.children(b"gunicorn"):
            os.kill(child, signal.SIGKILL)
        assert portal.wait() == 1
        assert "The web server ended by itself" in portal.said
        assert "Traceback" not in portal.said
        assert portal.is_gone()


STUBBORN = """
import signal, sys, time
def end(*_):
    time.sleep(0.5)
    sys.exit(3)
signal.signal(signal.SIGTERM, end if sys.argv[1] == "ends" else lambda *_: None)
print("ready", flush=True)
time.sleep(60)
"""


def test_all_are_stopped_at_once_and_those_that_hang_are_killed(monkeypatch):
    monkeypatch.setattr(run, "GRACE_SECONDS", 3)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", STUBBORN, manner],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        for manner in ("hangs", "ends", "hangs")
    ]
    for process in started:
        assert process.stdout.readline() == b"ready\n"
    begun = time.monotonic()
    run.stop(started)
    assert time.monotonic() - begun < 5
    assert [process.returncode for process in started] == [-9, 3, -9]
    for process in started:
        process.stdout.close()


def test_a_mail_in_hand_is_waited_for():
    assert run.GRACE_SECONDS > mail.TIMEOUT_SECONDS


NOTED = """
import os, signal, subprocess, sys, time
from hsc_portal.run import Stopped, _Signals
signals = _Signals()
child = subprocess.Popen([sys.executable, "-c", "pass"])
with child._waitpid_lock:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
begun = time.monotonic()
signals.wait(60)
assert signals.stopping and time.monotonic() - begun < 30
child.wait()
try:
    with signals.raised():
        print("not reached")
except Stopped:
    print("stopped")
"""


def test_signal_is_only_noted_where_an_exception_would_leave_a_lock():
    done = subprocess.run(
        [sys.executable, "-c", NOTED], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("stopped\n", "")


def test_stop_while_starting_leaves_nothing_behind(tmp_path):
    for pause in (0.1, 0.6, 1.2):
        portal = Portal(tmp_path / "var", tmp_path / "output")
        wait_until(lambda seen=portal: "Starting the database" in seen.said)
        time.sleep(pause)
        os.killpg(portal.process.pid, signal.SIGINT)
        assert portal.wait() == 0
        assert "Traceback" not in portal.said
        assert portal.is_gone()


def test_taken_port_is_found_before_any_work(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        portal = Portal(tmp_path / "var", tmp_path / "output", PORT=str(port))
        assert portal.wait() == 1
    assert re.fullmatch(rf"Port {port} is taken .*PORT=\d+\n", portal.said)
    assert not (tmp_path / "var" / "postgres").exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80 00"])
def test_bad_port_is_refused(tmp_path, port):
    portal = Portal(tmp_path / "var", tmp_path / "output", PORT=port)
    assert portal.wait() == 1
    assert portal.said == (
        f"PORT={port} is not a port number; use one from 1 to 65535, as in PORT=8001.\n"
    )


def test_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    portal = Portal(tmp_path / "file" / "var", tmp_path / "output")
    assert portal.wait() == 1
    assert "cannot be written to" in portal.said
    assert portal.said.count("\n") == 1


def test_database_that_cannot_be_used(tmp_path):
    url = "postgresql://ada:s3cret@127.0.0.1:1/hsc"
    portal = Portal(tmp_path / "var", tmp_path / "output", DATABASE_URL=url)
    assert portal.wait() == 1
    assert "The server in DATABASE_URL cannot be used" in portal.said
    assert "s3cret" not in portal.said
    assert "Traceback" not in portal.said
