from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from topics.replicating import making


class Command(BaseCommand):
    help = (
        "Make the files of all content that the API gives out at /api/v1/export/, so that the "
        "first who asks does not wait for them."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--base-url", default=settings.SITE_URL,
            help="address of the portal that stands in the files (default: SITE_URL)",
        )  # fmt: skip

    def handle(self, *, base_url, **options):
        base_url = base_url.rstrip("/")
        if urlsplit(base_url).scheme not in ("http", "https"):
            raise CommandError("--base-url must be an address, as in https://hsc.example.org.")
        told = making.make_now(base_url)
        counts = ", ".join(f"{file['count']} {file['name']}" for file in told["files"])
        self.stdout.write(f"Export {told['id']}: {counts}.")
