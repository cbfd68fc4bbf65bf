"""The client on the command line."""

import argparse
import json
import os
import sys
import time

from hsc_portal_client.client import Client
from hsc_portal_client.errors import ClientError, Problem, Unreachable
from hsc_portal_client.replica import Replica

LONGEST_PAUSE = 600.0
# They pass by themselves, as what cannot be reached does.
PASSING = {429, 500, 502, 503, 504}


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        asked.run(asked, Client(asked.base_url, key=asked.key))
    except ClientError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read along has enough, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--base-url", required=True, help="as https://portal.example.org")
    common.add_argument("--key", default="", help="an API key; reading needs none")
    parser = argparse.ArgumentParser(prog="hsc-portal-client", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    search = commands.add_parser("search", parents=[common], help="search the portal")
    search.add_argument("query")
    search.set_defaults(run=_search)

    show = commands.add_parser("show", parents=[common], help="print a topic as JSON")
    show.add_argument("slug")
    show.add_argument("--as-of", help="what it said at a day or time, as 2026-11-22")
    show.add_argument("--edition", type=int, help="one edition, proven")
    show.set_defaults(run=_show)

    history = commands.add_parser(
        "history", parents=[common], help="list the editions of a topic and prove their chain"
    )
    history.add_argument("slug")
    history.set_defaults(run=_history)

    sync = commands.add_parser("sync", parents=[common], help="make or update a copy in SQLite")
    sync.add_argument("file")
    sync.add_argument("--follow", type=float, metavar="SECONDS", help="go on, asking so often")
    sync.set_defaults(run=_sync)

    verify = commands.add_parser("verify", parents=[common], help="prove a copy once more")
    verify.add_argument("file")
    verify.set_defaults(run=_verify)
    return parser


def _search(asked, client: Client) -> None:
    found = client.search(asked.query)
    for hit in found["statements"]:
        print(hit["statement"]["text"], hit["statement"]["html_url"], sep="\n  ")
    for hit in (*found["topics"], *found["references"], *found["terms"]):
        print(hit["title"], hit["html_url"], sep="\n  ")


def _show(asked, client: Client) -> None:
    if asked.edition:
        found = client.edition(asked.slug, asked.edition)
    elif asked.as_of:
        found = client.as_of(asked.slug, asked.as_of)
    else:
        found = client.topic(asked.slug)
    print(json.dumps(found, indent=2, ensure_ascii=False))


def _history(asked, client: Client) -> None:
    for edition in client.editions(asked.slug):
        print(edition["number"], edition["published_at"], edition["hash"], edition["change_note"])


def _sync(asked, client: Client) -> None:
    with Replica(asked.file, client) as replica:
        pause = 0.0
        while True:
            try:
                _sync_once(asked.file, replica)
                pause = asked.follow or 0.0
            except (Unreachable, Problem) as error:
                passes = isinstance(error, Unreachable) or error.status in PASSING
                if not asked.follow or not passes:
                    raise
                pause = max(asked.follow, min(2 * pause, LONGEST_PAUSE))
                print(f"{error}\nThe next try is in {pause:g} seconds.", file=sys.stderr)
            if not asked.follow:
                return
            time.sleep(pause)


def _sync_once(file: str, replica: Replica) -> None:
    is_new = replica.sequence is None
    number = replica.sync()
    first = "loaded the export, " if is_new else ""
    print(f"{file}: {first}followed {number} events, now at {replica.sequence}.", flush=True)


def _verify(asked, client: Client) -> None:
    with Replica(asked.file, client) as replica:
        number = replica.verify()
        print(f"{number} editions are proven. Fingerprint of the copy: {replica.fingerprint()}")


if __name__ == "__main__":
    sys.exit(main())
