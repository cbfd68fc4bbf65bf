"""Command line for the database.

python -m hsc_portal.database start            run it in the foreground until Ctrl-C
python -m hsc_portal.database stop             stop one that a killed process left behind
python -m hsc_portal.database status           say whether it runs (exit code 0) or not (3)
python -m hsc_portal.database url              print its address for psql
python -m hsc_portal.database exec -- COMMAND  run a command while it runs
"""

import contextlib
import os
import signal
import subprocess
import sys
from urllib.parse import quote

from . import DatabaseUnavailable, lease, settings
from .external import check_server
from .places import alone, current, is_free


def start() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), lease():
        print("The database runs; stop it with Ctrl-C.", flush=True)
        signal.pause()
    return 0


def stop() -> int:
    """Raises DatabaseUnavailable if somebody is using the database."""
    from .server import Server

    if os.environ.get("DATABASE_URL"):
        raise DatabaseUnavailable("The server in DATABASE_URL is not ours to stop.")
    server = Server(current())
    server.places.make_base()
    with alone(server.places.starting):
        if not is_free(server.places.lease):
            raise DatabaseUnavailable("The database is in use; stop the portal instead.")
        server.stop()
    print("The database is stopped.")
    return 0


def status() -> int:
    from .server import Server

    if url := os.environ.get("DATABASE_URL"):
        check_server(url)
        print("The server in DATABASE_URL answers.")
        return 0
    running = Server(current()).listener() is not None
    print("The database runs." if running else "The database does not run.")
    return 0 if running else 3


def url() -> int:
    found = settings()
    if address := os.environ.get("DATABASE_URL"):
        print(address)
    else:
        print(
            f"postgresql://{found['USER']}@/{found['NAME']}"
            f"?host={quote(found['HOST'], safe='/')}&port={found['PORT']}"
        )
    return 0


def execute(command: list[str]) -> int:
    """Run a command under a lease; its exit code is ours."""
    with lease():
        process = subprocess.Popen(command)
        # A terminal sends Ctrl-C to the command too; we only have to outlive it.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        code = process.wait()
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> int:
    match arguments:
        case ["start"]:
            return start()
        case ["stop"]:
            return stop()
        case ["status"]:
            return status()
        case ["url"]:
            return url()
        case ["exec", "--", *command] if command:
            return execute(command)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (DatabaseUnavailable, OSError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
