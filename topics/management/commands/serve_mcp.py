from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

MISSING = (
    "Assistants are served by the package `mcp`, which is not installed. "
    "Install it with: .venv/bin/pip install '.[assistants]'"
)


class Command(BaseCommand):
    help = (
        "Answer assistants by the Model Context Protocol, read-only: over standard input and "
        "output, or over HTTP at http://127.0.0.1:PORT/mcp."
    )

    def add_arguments(self, parser):
        parser.add_argument("--http", type=int, metavar="PORT", help="serve HTTP at this port")
        parser.add_argument(
            "--site", default=settings.SITE_URL, help="address of the portal, for links: SITE_URL"
        )

    def handle(self, **options):
        site = options["site"].rstrip("/")
        if urlsplit(site).scheme not in ("http", "https"):
            raise CommandError("--site must be an address, as in https://hsc.example.org.")
        try:
            from topics.assistants import server
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in {"mcp", "pydantic"}:
                raise
            raise CommandError(MISSING) from None
        if options["http"]:
            server.behind(site, options["http"]).run("streamable-http")
        else:
            server.build(site).run("stdio")
