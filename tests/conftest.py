"""The database is there while the tests run; `make test` gives them one of their own."""

import contextlib

import pytest
from django.db import connection
from pytest_django.plugin import blocking_manager_key

from hsc_portal import database

_session = contextlib.ExitStack()


def pytest_configure() -> None:
    # Each process of pytest-xdist holds a lease of its own; the last one to end stops the server.
    try:
        _session.enter_context(database.lease())
    except database.DatabaseUnavailable as error:
        raise pytest.UsageError(str(error)) from error


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
