from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from references.formats import Unreadable
from topics.content import loader_account
from topics.library import importing


class Command(BaseCommand):
    help = (
        "Bring publications of a file into the library: RIS, BibTeX, PubMed (nbib or XML), "
        "CSL-JSON or EndNote XML, told by its content. What is here already is left as it is. "
        "The exit code is 1 if a record was refused."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="save nothing, only tell")

    def handle(self, *, file, dry_run, **options):
        try:
            with file.open("rb") as stream:
                report = importing.run(
                    stream, actor=loader_account(), source=file.name, is_dry=dry_run,
                    told=self._tell,
                )  # fmt: skip
        except (OSError, Unreadable) as error:
            raise CommandError(f"{file}: {error}") from error
        verb = "would be imported" if dry_run else "imported"
        self.stdout.write(f"{report.label}: {report} {'Nothing was saved.' if dry_run else ''}")
        for line in report.refused:
            title = f" “{line.title}”" if line.title else ""
            self.stderr.write(f"{file}, at {line.place}:{title} {line.fault}")
        if report.fault:
            self.stderr.write(f"{file}: {report.fault}")
        if report.refused or report.fault:
            raise CommandError(f"Not all {verb}: see above.", returncode=1)

    def _tell(self, report, batch):
        if report.read >= importing.TELL_FROM:
            self.stdout.write(f"{report.read} read: {report}")
