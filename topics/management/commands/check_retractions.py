import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from references.formats import Unreadable
from references.models import Reference
from topics import retractions

SECONDS = 2


class Command(BaseCommand):
    help = (
        "Ask Crossref (with Retraction Watch) and PubMed whether publications of the library were "
        "retracted, corrected or called into question. It may be broken off and repeated. The exit "
        "code is 1 if not all could be asked about."
    )

    def add_arguments(self, parser):
        parser.add_argument("keys", nargs="*", metavar="KEY", help="only these publications")
        parser.add_argument(
            "--file", type=Path, metavar="CSV",
            help="read the CSV file of Retraction Watch instead, without network",
        )  # fmt: skip

    def handle(self, *, keys, file, **options):
        self._told_at = 0.0
        references = Reference.objects.all()
        if keys:
            references = references.filter(key__in=keys)
            known = set(references.values_list("key", flat=True))
            if unknown := sorted(set(keys) - known):
                raise CommandError(f"The library has no {', '.join(unknown)}.")
        report = self._read(file, references) if file else retractions.check_all(
            references, self._tell
        )  # fmt: skip
        for notice in report.notices:
            day = notice.date or "no date"
            self.stdout.write(f"{notice}, {day}{f': {notice.words}' if notice.words else ''}")
        what = "notices were read" if file else "questions were asked"
        about = "about publications of the library" if file else "answered"
        self.stdout.write(
            f"{report.asked} {what}, {report.answered} {about}; "
            f"{len(report.notices)} notices are new."
        )
        for line in [*report.odd, *report.failed]:
            self.stderr.write(line)
        if report.failed:
            raise CommandError("Not all could be asked about: see above.", returncode=1)

    def _read(self, file: Path, references) -> retractions.Report:
        try:
            with file.open("rb") as stream:
                return retractions.read_file(stream, references, self._tell)
        except (OSError, Unreadable) as error:
            raise CommandError(f"{file}: {error}") from error

    def _tell(self, words: str) -> None:
        now = time.monotonic()
        if now - self._told_at > SECONDS:
            self._told_at = now
            self.stdout.write(words)
