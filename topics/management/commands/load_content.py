from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from topics import content


class Command(BaseCommand):
    help = "Load the content files and publish them, marked as not yet reviewed by a clinician."

    def add_arguments(self, parser):
        parser.add_argument(
            "--folder", type=Path, default=settings.BASE_DIR,
            help="folder that holds topics/content, therapies/content and references/content",
        )  # fmt: skip

    def handle(self, *, folder, **options):
        try:
            content.load(folder, self.stdout.write)
        except content.ContentError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
