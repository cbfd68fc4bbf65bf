"""DATABASE_URL: what is read from it, and how a bad one is refused."""

import pytest

from hsc_portal import database
from hsc_portal.database import DatabaseUnavailable


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ada:s3cret@localhost/hsc",
        "ada:s3cret@localhost/hsc",
        "postgresql://ada:s3cret%zz@localhost/hsc",
        "postgresql://ada:s3cret@localhost:port/hsc",
        "postgresql://ada:s3cret@localhost:99999/hsc",
        "postgresql://ada:s3cret@localhost/",
        "postgresql://ada:s3cret@localhost/hsc?no_such_option=s3cret",
        "postgresql://ada:s3cret@127.0.0.1:1/hsc",
        "postgresql://ada:s3cret@/hsc?host=/no/such/folder",
    ],
)
def test_unusable_address_is_refused_in_one_sentence(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(DatabaseUnavailable) as refusal, database.lease():
        pass
    assert "DATABASE_URL" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_address_is_read_by_the_rules_of_postgresql(monkeypatch):
    monkeypatch.setenv(
        "DATABASE_URL", "postgres://ada:a%40b%2Fc@db.example.org:6432/hsc%20x?sslmode=require"
    )
    found = database.settings()
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"]) == ("ada", "a@b/c")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example.org", "6432", "hsc x")
    assert found["OPTIONS"]["sslmode"] == "require"


def test_address_with_a_socket_folder(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql:///hsc?host=/run/postgresql")
    assert database.settings()["HOST"] == "/run/postgresql"
