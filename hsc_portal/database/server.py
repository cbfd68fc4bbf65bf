"""The embedded PostgreSQL server: made, found, started and stopped.

A process id in a file proves nothing: after a crash the number may belong to somebody else. The
server is alive if its processes hold the lock that they were started with, and it is *our* server
if it answers on our socket and names our data folder. Who listens there is asked of the kernel.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2

from .account import Runner, find_runner
from .errors import DatabaseUnavailable
from .places import PORT, SOCKET_NAME, Places, is_free, open_lock, try_alone

ROLE = NAME = "hsc_portal"
SUPERUSER = "postgres"
MAJOR = "18"
# Long enough for the recovery of a large database after a power cut.
START_SECONDS = 300
STOP_SECONDS = 60
LOG_BYTES = 10_000_000

# Given on the command line, so that an existing database gets them too.
TUNING = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "256MB",
    # Short queries only: compiling them costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
}


class Server:
    """The embedded server at one place. Call its methods only while holding `places.starting`."""

    def __init__(self, places: Places):
        self.places = places
        self._process: subprocess.Popen | None = None

    def listener(self) -> int | None:
        """The process that listens on our socket, or None; the kernel vouches for the number."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.places.sockets / SOCKET_NAME))
            except OSError:
                return None
            if sys.platform == "linux":
                answer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                return struct.unpack("3i", answer)[0]
            # macOS: level SOL_LOCAL, option LOCAL_PEERPID.
            return client.getsockopt(0, 2)

    def alive(self) -> bool:
        """Whether a server is there, be it only starting or stopping."""
        return not is_free(self.places.alive) or self.listener() is not None

    def ensure(self) -> None:
        """Make sure that the server runs and takes connections.

        Raises DatabaseUnavailable if it cannot be brought to that.
        """
        for last_try in (False, True):
            if self.listener() is None:
                self._wait_for_ending()
            found = self.listener() is not None
            if not found:
                self._start(self._find_runner())
            try:
                connection = self._first_connection()
                break
            except DatabaseUnavailable:
                # One that was found may have been about to end; one that was started was not.
                if last_try or not found:
                    raise
        self._prepare(connection)

    def stop(self) -> None:
        """Stop the server and wait until its last process has ended; nothing if none runs.

        Raises DatabaseUnavailable if it does not end.
        """
        # "Fast" first: sessions are broken off and the data written out. "Immediate" is the same
        # as a crash, from which PostgreSQL recovers at the next start.
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10)):
            if self._ended_by(number, seconds):
                if self._process:
                    self._process.wait()
                return
        raise DatabaseUnavailable(
            f"The database server does not stop; what it says is in {self.places.log}."
        )

    def _ended_by(self, number: signal.Signals, seconds: float) -> bool:
        """Send a signal, once there is somebody to send it to; whether that ended the server."""
        deadline = time.monotonic() + seconds
        told = None
        while self.alive():
            process = self.listener()
            if process and process != told:
                told = process
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _wait_for_ending(self) -> None:
        """Let a server end that no longer (or not yet) listens, so that no two share the data."""
        deadline = time.monotonic() + STOP_SECONDS
        while not is_free(self.places.alive) and self.listener() is None:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    "An earlier database server neither answers nor ends; "
                    f"what it says is in {self.places.log}."
                )
            time.sleep(0.02)

    def _find_runner(self) -> Runner:
        """Choose how to run the server and see that there is a data folder for it."""
        places = self.places
        runner = find_runner(places.base, places.data)
        version_file = places.data / "PG_VERSION"
        if not places.data.exists():
            self._create(runner)
        elif (version := version_file.read_text().strip()) != MAJOR:
            raise DatabaseUnavailable(
                f"The data in {places.data} belong to PostgreSQL {version}, not {MAJOR}; "
                "move the folder away, or serve it with DATABASE_URL."
            )
        data = places.data.resolve()
        runner.take_over(data)
        if data.stat().st_uid != runner.owner[0]:
            raise DatabaseUnavailable(
                f"The data in {places.data} belong to another user; start the portal as that user."
            )
        return runner

    def _create(self, runner: Runner) -> None:
        """Make an empty database in a folder beside its place, and move it there when complete."""
        parent = runner.home or self.places.base
        for leftover in parent.glob("data.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        # A name of its own: an initdb whose starter was killed may still be writing to the other.
        half = Path(tempfile.mkdtemp(prefix="data.new-", dir=parent))
        runner.take_over(half)
        command = [runner.programs / "initdb", f"--pgdata={half}", f"--username={SUPERUSER}"]
        # The order of C, but letters beyond ASCII have their upper and lower case.
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", "--data-checksums"]
        command += ["--auth-local=trust", "--auth-host=reject", "--no-instructions"]
        # pg_trgm asks the system's locale what a letter is; where there is no C.UTF-8, it finds
        # letters in ASCII only.
        for ctype in ("C.UTF-8", "C"):
            done = subprocess.run(
                [*command, f"--lc-ctype={ctype}"], capture_output=True, **runner.options()
            )
            if done.returncode == 0:
                break
        else:
            raise DatabaseUnavailable(
                f"An empty database could not be made in {parent}: "
                f"{_last_line(done.stderr.decode(errors='replace'))}"
            )
        if runner.home:
            final = parent / f"data-{secrets.token_hex(4)}"
            half.rename(final)
            self.places.data.unlink(missing_ok=True)
            self.places.data.symlink_to(final)
        else:
            half.rename(self.places.data)

    def _start(self, runner: Runner) -> None:
        """Start the server's processes, which hold the lock `alive` for as long as they live."""
        sockets = self._socket_folder(runner)
        lock = open_lock(self.places.alive)
        try:
            if not try_alone(lock):
                raise DatabaseUnavailable("A database server is running already but not answering.")
            # Nobody holds the lock, so these are left over from a server that was killed; the
            # process they name may be anybody's.
            data = self.places.data.resolve()
            for stale in (data / "postmaster.pid", sockets / f"{SOCKET_NAME}.lock"):
                stale.unlink(missing_ok=True)
            command = [runner.programs / "postgres", "-D", data]
            quoted = str(sockets).replace('"', '""')
            settings = TUNING | {"unix_socket_directories": f'"{quoted}"'}
            for name, value in settings.items():
                command += ["-c", f"{name}={value}"]
            with self._open_log() as log:
                self._process = subprocess.Popen(
                    command, stdout=log, stderr=log, pass_fds=(lock,), **runner.options()
                )
        except OSError as error:
            raise DatabaseUnavailable(f"PostgreSQL cannot be started: {error}.") from error
        finally:
            os.close(lock)

    def _socket_folder(self, runner: Runner) -> Path:
        """The folder in which the server makes its socket.

        It is the one that clients use, or the target of a link there if the server's account
        cannot reach that.
        """
        places = self.places
        if runner.home is None or places.sockets != places.natural_sockets:
            if places.natural_sockets.is_symlink():
                places.natural_sockets.unlink()
            return places.make_sockets(runner.owner, runner.known_users)
        folder = Places(runner.home).make_sockets(runner.owner, runner.known_users)
        if not places.natural_sockets.is_symlink():
            shutil.rmtree(places.natural_sockets, ignore_errors=True)
            places.natural_sockets.symlink_to(folder)
        return folder

    def _open_log(self):
        """The log to append to; one that has grown large is put aside first."""
        log = self.places.log
        with contextlib.suppress(FileNotFoundError):
            if log.stat().st_size > LOG_BYTES:
                log.rename(log.with_suffix(".log.1"))
        # What people asked for may be quoted in it.
        return open(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")

    def _first_connection(self):
        """Connect as soon as the server lets us.

        Raises DatabaseUnavailable if the server ends first or takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                connection = psycopg2.connect(
                    host=str(self.places.sockets),
                    port=PORT,
                    user=SUPERUSER,
                    dbname="postgres",
                    connect_timeout=10,
                )
                connection.autocommit = True
                return connection
            except psycopg2.OperationalError as error:
                if not self.alive() or time.monotonic() > deadline:
                    raise DatabaseUnavailable(
                        f"The database server does not start: {self._complaint() or error}"
                    ) from error
            time.sleep(0.02)

    def _complaint(self) -> str:
        """The server's last complaint in its log."""
        with contextlib.suppress(OSError):
            lines = self.places.log.read_bytes()[-4000:].decode(errors="replace").splitlines()
            faults = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
            return _last_line("\n".join(faults or lines))
        return ""

    def _prepare(self, connection) -> None:
        """Check that the server is ours, and see to the portal's own role and database.

        The role is no superuser; as owner of the database it may create trusted extensions.
        Raises DatabaseUnavailable if the server on our socket serves other data.
        """
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            if Path(cursor.fetchone()[0]).resolve() != self.places.data.resolve():
                raise DatabaseUnavailable(
                    f"Another database server uses {self.places.sockets}; stop it first."
                )
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER CREATEDB")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {NAME} OWNER {ROLE}")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else "no reason given"
