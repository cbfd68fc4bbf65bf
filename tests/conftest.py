"""The database is there while the tests run; `make test` gives them one of their own."""

import contextlib
import gc
import os

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from pytest_django.plugin import blocking_manager_key

from hsc_portal import database
from hsc_portal.database.places import PORT, current
from hsc_portal.database.server import SUPERUSER

_session = contextlib.ExitStack()
# By name, the longest first: a worker that took one of them last would be waited for by all.
LONG_FILES = (
    "test_run.py",
    "test_admin_writing_browser.py",
    "test_browser.py",
    "test_admin_review_browser.py",
    "test_journeys.py",
    "test_admin_theme.py",
    "test_offline_browser.py",
    "test_database.py",
    "test_export_site.py",
    "test_content.py",
    "test_admin_start.py",
)
# A test database is made anew for each run, so that a power cut takes nothing from anybody.
HASTE = ("fsync", "synchronous_commit", "full_page_writes")


def pytest_configure() -> None:
    # Test data lives long and is rarely a circle: looking for circles less often saves a twentieth.
    gc.set_threshold(50_000, 20, 20)
    # Each process of pytest-xdist holds a lease of its own; the last one to end stops the server.
    try:
        _session.enter_context(database.lease())
    except database.DatabaseUnavailable as error:
        raise pytest.UsageError(str(error)) from error
    if not os.environ.get("DATABASE_URL"):
        _hurry_server()
    # Static files are looked for when one is asked for, and not all of them for each client.
    settings.WHITENOISE_AUTOREFRESH = True
    # A test that is about limits sets its own.
    settings.API_LIMIT_ADDRESS = settings.API_LIMIT_KEY = 0
    # A password that nobody is to guess is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _hurry_server() -> None:
    """Tell the embedded server of the tests not to wait for the disk."""
    server = {"host": str(current().sockets), "port": PORT, "user": SUPERUSER}
    with contextlib.closing(psycopg2.connect(dbname="postgres", **server)) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            for name in HASTE:
                cursor.execute(f"ALTER SYSTEM SET {name} = off")
            cursor.execute("SELECT pg_reload_conf()")


def pytest_collection_modifyitems(items) -> None:
    """Begin with the files that take longest, and each file with what needs an empty portal."""
    places = {name: place for place, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))
    by_file = {item.path: number for number, item in reversed(list(enumerate(items)))}
    items.sort(key=lambda item: (by_file[item.path], _shares(item)))


def _shares(item) -> bool:
    """Say whether a test uses what was made for others of its file too: see tests/sharing.py."""
    return any(name.startswith("made_") for name in item.fixturenames)


def pytest_unconfigure() -> None:
    _session.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let Django empty the tables between tests that use real transactions.

    The portal's own role may not (see the migration refuse_truncate), which a test of its own
    attacks by taking the right away again.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO CURRENT_USER")


@pytest.fixture(scope="module")
def made_library(django_db_setup, django_db_blocker):
    """The library of the tests of the API, made once for a file and taken back at its end."""
    from tests import api_data, sharing

    with sharing.kept_for_a_file(django_db_blocker):
        api_data.make_library()
        yield


@pytest.fixture
def library(db, made_library) -> None:
    """Seven published topics; what a test does to them is undone after it."""
    from hsc_portal.pages import kept

    kept.pages.clear()


@pytest.fixture(scope="module")
def chromium():
    """A real browser for the tests of one file."""
    from tests import browsing

    with browsing.browser() as found:
        yield found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Give the roles back after a test with real transactions, which empties all tables."""
    result = yield
    marked = any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    asked = {"transactional_db", "live_server"}.intersection(getattr(item, "fixturenames", ()))
    # After the last test the database itself is gone.
    if nextitem and (marked or asked):
        from topics import roles

        with item.config.stash[blocking_manager_key].unblock():
            roles.install()
    return result
