import shutil
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from topics import content


class Command(BaseCommand):
    help = "Write what is published to content files, as load_content reads them."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR)

    def handle(self, *, folder, **options):
        changed = 0
        written = content.files()
        for path, text in written.items():
            target = folder / path
            if not target.exists() or target.read_text() != text:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
                changed += 1
        self.stdout.write(f"{len(written)} files, {changed} of them changed.")
        self._write_pictures(folder)

    def _write_pictures(self, folder):
        for path, stored in content.pictures().items():
            # What has the same name is the same.
            if not (folder / path).exists():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(stored, folder / path)
