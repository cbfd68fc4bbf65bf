"""The portal's database: PostgreSQL, embedded by default, or any server named by DATABASE_URL.

Nothing else in the portal knows which of the two it is. `settings()` tells Django where the
database is; `lease()` sees that it is there while a block of code runs. The embedded server lives
in `var/postgres/` and is reached through a Unix socket only; several processes may share it, and
the last one to leave stops it.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from .errors import DatabaseUnavailable
from .places import PORT, alone, current, open_lock, try_alone, var_folder

__all__ = ["DatabaseUnavailable", "lease", "revive", "settings", "var_folder"]


def settings() -> dict:
    """Django's DATABASES["default"].

    Raises DatabaseUnavailable if DATABASE_URL is not a PostgreSQL address. Starts nothing.
    """
    common = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
    if not (url := os.environ.get("DATABASE_URL")):
        from .server import NAME, ROLE

        socket_folder = str(current().sockets)
        return common | {"NAME": NAME, "USER": ROLE, "HOST": socket_folder, "PORT": str(PORT)}
    from .external import read_url

    options = {"connect_timeout": "10"} | read_url(url)
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password"}
    known |= {"HOST": "host", "PORT": "port"}
    found = {key: options.pop(name, "") for key, name in known.items()}
    return common | found | {"OPTIONS": options}


@contextlib.contextmanager
def lease() -> Iterator[None]:
    """Have the database there while the block runs.

    Leases may be nested and held by many processes. If a holder is killed its lease ends by
    itself; a server that is left behind is used, and in time stopped, by the next holder.
    Raises DatabaseUnavailable if there is no database to be had.
    """
    if url := os.environ.get("DATABASE_URL"):
        from .external import check_server

        check_server(url)
        yield
        return
    from .server import Server

    server = Server(current())
    server.places.make_base()
    share = open_lock(server.places.lease)
    try:
        with alone(server.places.starting):
            fcntl.flock(share, fcntl.LOCK_SH)
            server.ensure()
        yield
    finally:
        with alone(server.places.starting):
            # Nobody else can come or go while we hold the other lock.
            if try_alone(share):
                server.stop()
            os.close(share)


def revive() -> bool:
    """Start the embedded server again if it has died under a lease; True if it had.

    Raises DatabaseUnavailable if it does not come back.
    """
    if os.environ.get("DATABASE_URL"):
        return False
    from .server import Server

    server = Server(current())
    if server.listener() is not None:
        return False
    with alone(server.places.starting):
        server.ensure()
    return True
