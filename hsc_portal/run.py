"""Start everything: database, migrations, starter content, demo accounts, web server, mail worker.

`python -m hsc_portal.run` is the body of `make run`. All that is started lives in sessions of its
own, so that a Ctrl-C in the terminal reaches only this process and they end in the right order:
first the web server and the mail worker, at once, then the database.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hsc_portal import database

PROJECT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
WORKERS, THREADS, KEEP_ALIVE_SECONDS = 2, 4, 5
# For a request that is being answered.
WEB_GRACE_SECONDS = 8
# For all that is stopped; longer than the mail worker waits for a mail server that hangs (see
# hsc_portal/mail.py).
GRACE_SECONDS = 20
# Between two starts of the mail worker; a worker that ran for as long as the last is sound again.
PAUSES = (1, 2, 5, 15, 60)
PR_SET_PDEATHSIG = 1


class CannotRun(Exception):
    """The portal cannot start or go on; the text is one sentence for people to read."""


class Stopped(BaseException):
    """Somebody asked us to stop; not an Exception, so that no library takes it for a fault."""


class _Signals:
    """Notes the first Ctrl-C or TERM; those that follow change nothing.

    Only the long steps of `prepare` are broken off by an exception. Anywhere else one between two
    instructions could leave a lock held for ever (subprocess keeps one for each child), so there
    the signal is only noted, and ends the next `wait`.
    """

    def __init__(self) -> None:
        self.stopping = False
        self._may_raise = False
        self._woken, wake = os.pipe()
        for descriptor in (self._woken, wake):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        # nohup wants us to go on when the terminal is closed.
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._stop)

    def _stop(self, *_) -> None:
        if not self.stopping:
            self.stopping = True
            self.check()

    def check(self) -> None:
        """Raises Stopped if a signal has come and may break off what is being done."""
        if self.stopping and self._may_raise:
            raise Stopped

    @contextlib.contextmanager
    def raised(self) -> Iterator[None]:
        """While the block runs, a signal is raised as Stopped; also one that has come before."""
        self._may_raise = True
        try:
            self.check()
            yield
            # An exception that is raised inside a destructor is lost.
            self.check()
        finally:
            self._may_raise = False

    def wait(self, seconds: float) -> None:
        """Sleep until the time is over or a signal comes."""
        select.select([self._woken], [], [], seconds)


def say(text: str) -> None:
    # A terminal that is gone must not keep us from stopping in order.
    with contextlib.suppress(OSError):
        print(text, flush=True)


def read_port() -> int:
    """The port in PORT, or 8000.

    Raises CannotRun if it is no port number.
    """
    text = os.environ.get("PORT") or "8000"
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise CannotRun(f"PORT={text} is not a port number; use one from 1 to 65535, as in PORT=8001.")


def check_port(port: int) -> None:
    """Raises CannotRun if the port cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except PermissionError:
            reason = "may not be used by this user"
        except OSError:
            reason = "is taken by another program"
        else:
            return
    raise CannotRun(f"Port {port} {reason}; choose another one, as in: make run PORT=8001")


@contextlib.contextmanager
def only_one(address: str) -> Iterator[None]:
    """Hold the lock that says that this project is running, and where.

    Raises CannotRun if it runs already, or if the folder for the lock cannot be written to.
    """
    path = database.var_folder() / "run.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotRun(
            f"The folder {path.parent} cannot be written to ({error.strerror}); "
            "make it writable for this user or name another folder in HSC_PORTAL_VAR."
        ) from error
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            where, _, process = file.read().partition(" ")
            raise CannotRun(
                f"HSC Portal is running already at {where or 'another address'} "
                f"(process {process or 'unknown'}); stop it first."
            ) from error
        file.truncate(0)
        file.write(f"{address} {os.getpid()}")
        file.flush()
        yield


def prepare() -> None:
    """Bring database, content, accounts and static files up to date.

    Raises CannotRun if the database or a command refuses.
    """
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, InterfaceError, connections

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise CannotRun(str(error)) from error
    steps = [
        ("Bringing the database schema up to date", migrate),
        ("Looking for content", load_content),
        ("Checking the demo accounts", lambda: call_command("create_demo_accounts")),
        ("Checking the static files", collect_static),
    ]
    for text, step in steps:
        say(f"{text} …")
        try:
            step()
        except (CommandError, DatabaseError, InterfaceError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise CannotRun(f"{text} failed: {reason}") from error
    connections.close_all()


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def load_content() -> None:
    """Load the starter content, unless something has been published before.

    What an older version of the portal published is indexed for search.
    """
    from django.core.management import call_command

    from topics import listings
    from topics.models import Edition

    if not Edition.objects.exists():
        call_command("load_content")
    listings.ensure_index()


def collect_static() -> None:
    """Collect the static files, unless the same were collected before."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    from hsc_portal.static_files import NEVER_SERVED

    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = os.stat(storage.path(name))
            digest.update(f"{storage.path(name)}\0{found.st_size} {found.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / "collected.sha256"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    stamp.unlink(missing_ok=True)
    options = {"interactive": False, "verbosity": 0, "clear": True}
    call_command("collectstatic", ignore_patterns=NEVER_SERVED, **options)
    stamp.write_text(digest.hexdigest())


def die_with_parent() -> None:
    """Have the kernel end a process when this one is killed, so that the port is free.

    Only Linux can do that. Elsewhere a web server whose parent was killed stays until it is
    stopped by hand; the next start then says that the port is taken.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(*command: str) -> subprocess.Popen:
    """Start a Python module in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )


def start_web_server(port: int) -> subprocess.Popen:
    command = ["gunicorn", "hsc_portal.wsgi:application"]
    command += ["--bind", f"{HOST}:{port}", "--workers", str(WORKERS), "--chdir", str(PROJECT)]
    # With threads a connection is kept for the next file, and a slow answer holds up no other.
    command += ["--threads", str(THREADS), "--keep-alive", str(KEEP_ALIVE_SECONDS)]
    command += ["--graceful-timeout", str(WEB_GRACE_SECONDS), "--log-level", "warning"]
    # It would lie in the home folder, shared by all of the user's portals.
    command += ["--no-control-socket"]
    return start(*command)


class MailWorker:
    """The process that does what is queued. Its death ends nothing: it is said, and healed."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.deaths = 0
        self.moment = 0.0

    def watch(self) -> None:
        """Start the worker if it is not there, after a pause that grows from death to death."""
        now = time.monotonic()
        if self.process is None and now >= self.moment:
            self.process, self.moment = start("django", "work"), now
        elif self.process and (code := self.process.poll()) is not None:
            was_sound = now - self.moment > PAUSES[-1]
            self.deaths = 0 if was_sound else self.deaths + 1
            pause = PAUSES[min(self.deaths, len(PAUSES) - 1)]
            self.process, self.moment = None, now + pause
            say(f"The mail worker ended by itself (exit code {code}); next start in {pause} s.")


def wait_until_it_answers(web: subprocess.Popen, port: int, signals: _Signals) -> None:
    """Wait for the first answer, or for a signal.

    Raises CannotRun if the web server ends, or does not answer in a minute.
    """
    deadline = time.monotonic() + 60
    while not signals.stopping:
        if web.poll() is not None or time.monotonic() > deadline:
            raise CannotRun("The web server did not start; what it said is above.")
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        try:
            connection.request("GET", "/")
            connection.getresponse()
            return
        except (OSError, http.client.HTTPException):
            signals.wait(0.05)
        finally:
            connection.close()


def watch(web: subprocess.Popen, worker: MailWorker, signals: _Signals) -> None:
    """Wait for a signal; meanwhile bring the database and the mail worker back if they die.

    Raises CannotRun if the web server ends by itself.
    """
    while not signals.stopping:
        if (code := web.poll()) is not None:
            raise CannotRun(f"The web server ended by itself (exit code {code}).")
        if database.revive():
            say("The database had stopped; it runs again.")
        worker.watch()
        signals.wait(1)


def stop(processes: list[subprocess.Popen]) -> None:
    """Let the requests and the mail in hand be finished, then end them."""
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0, deadline - time.monotonic()))
    for process in processes:
        # Gunicorn's workers may have outlived their master, and a hung one the grace.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def accounts_table() -> str:
    """The demo accounts as lines of text; empty if there are none."""
    try:
        accounts = json.loads((database.var_folder() / "accounts.json").read_text())
    except FileNotFoundError:
        return ""
    rows = [("role", "user", "password")]
    rows += [(a["role"], a["username"], a["password"]) for a in accounts]
    role, user = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"  {a:{role}}  {b:{user}}  {c}" for a, b, c in rows)


def serve(port: int, address: str, signals: _Signals) -> None:
    """Serve until a signal comes.

    Raises CannotRun if the web server does not start or ends by itself.
    """
    say("Starting the web server …")
    web, worker = start_web_server(port), MailWorker()
    try:
        wait_until_it_answers(web, port, signals)
        if not signals.stopping:
            say(f"\nHSC Portal: {address}\nAdmin:      {address}admin/")
            if table := accounts_table():
                say(f"Demo accounts (also in {database.var_folder() / 'accounts.json'}):\n{table}")
            say("Stop with Ctrl-C.")
        watch(web, worker, signals)
    finally:
        stop([web, worker.process] if worker.process else [web])


def run(signals: _Signals) -> None:
    """Raises CannotRun or DatabaseUnavailable, each with one sentence, if it cannot be done."""
    port = read_port()
    address = f"http://{HOST}:{port}/"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hsc_portal.settings")
    os.environ.setdefault("SITE_URL", address)
    os.environ.setdefault("CHECK_LINKS", "1")
    os.environ |= {"DEBUG": "", "COLLECTED_STATIC": "1"}
    with only_one(address):
        check_port(port)
        say("Starting the database …")
        with database.lease():
            try:
                with signals.raised():
                    prepare()
                serve(port, address, signals)
            finally:
                say("Stopping …")


def main() -> int:
    signals = _Signals()
    try:
        run(signals)
    except (CannotRun, database.DatabaseUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        pass
    say("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
