#!/usr/bin/env python
"""Django's command line, with the database there while a command runs."""

import os
import signal
import sys

from hsc_portal import database

# These only read and write files.
WITHOUT_DATABASE = {"help", "version", "collectstatic", "diffsettings", "findstatic", "startapp"}
ASKS_FOR_HELP = {"-h", "--help", "--version"}


def needs_database(arguments: list[str]) -> bool:
    command = arguments[1] if len(arguments) > 1 else "help"
    return command not in WITHOUT_DATABASE and not ASKS_FOR_HELP & set(arguments)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hsc_portal.settings")
    # Without this, TERM would end us before the lease is given back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    from django.core.management import execute_from_command_line

    try:
        if needs_database(sys.argv):
            with database.lease():
                execute_from_command_line(sys.argv)
        else:
            execute_from_command_line(sys.argv)
    except database.DatabaseUnavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
