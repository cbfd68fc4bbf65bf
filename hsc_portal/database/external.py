"""A PostgreSQL server that somebody else runs, named by DATABASE_URL."""

import contextlib

import psycopg2
from psycopg2.extensions import parse_dsn

from .errors import DatabaseUnavailable

OLDEST = 15
SCHEMES = ("postgres://", "postgresql://")
FORM = "postgresql://user:password@host:5432/name"


def read_url(url: str) -> dict[str, str]:
    """The connection parameters in a DATABASE_URL, read by PostgreSQL's own rules.

    Raises DatabaseUnavailable if it is no such address; the text never repeats the address, since
    a password may be in it.
    """
    if not url.startswith(SCHEMES):
        raise DatabaseUnavailable(f"DATABASE_URL must begin with postgresql://, as in {FORM}.")
    try:
        parameters = parse_dsn(url)
    except psycopg2.Error:
        # Not chained: the error quotes the part that it cannot read, perhaps the password.
        raise DatabaseUnavailable(
            f"DATABASE_URL is not a PostgreSQL address; write it as {FORM}, with special "
            "characters in the password percent-encoded and known options after a '?'."
        ) from None
    if not parameters.get("dbname"):
        raise DatabaseUnavailable(f"DATABASE_URL names no database; write it as {FORM}.")
    port = parameters.get("port", "")
    if any(not part.isdigit() or not 0 < int(part) < 65536 for part in port.split(",") if part):
        raise DatabaseUnavailable("The port in DATABASE_URL is not a number from 1 to 65535.")
    return parameters


def check_server(url: str) -> None:
    """Connect once.

    Raises DatabaseUnavailable if the server cannot be reached, is too old or is not in UTF-8.
    """
    parameters = {"connect_timeout": "5"} | read_url(url)
    try:
        connection = psycopg2.connect(**parameters)
    except psycopg2.Error as error:
        lines = str(error).strip().splitlines() or ["no reason given"]
        raise DatabaseUnavailable(
            f"The server in DATABASE_URL cannot be used: {lines[0].strip()}."
        ) from None
    with contextlib.closing(connection):
        major = connection.server_version // 10000
        encoding = connection.info.parameter_status("server_encoding")
    if major < OLDEST:
        raise DatabaseUnavailable(
            f"The server in DATABASE_URL is PostgreSQL {major}; {OLDEST} or newer is needed."
        )
    if encoding != "UTF8":
        raise DatabaseUnavailable(
            f"The database in DATABASE_URL is encoded in {encoding}; create it with UTF8."
        )
