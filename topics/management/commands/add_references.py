from django.core.management.base import BaseCommand, CommandError

from references.registries.client import Session
from topics.content import loader_account
from topics.library import by_identifier


class Command(BaseCommand):
    help = (
        "Look publications up by DOI, PMID, PMCID, ISBN or ClinicalTrials number, and bring them "
        "into the library. What is here already is left as it is. "
        "The exit code is 1 if one was not found."
    )

    def add_arguments(self, parser):
        parser.add_argument("identifiers", nargs="+", metavar="IDENTIFIER")
        parser.add_argument("--dry-run", action="store_true", help="save nothing, only tell")

    def handle(self, *, identifiers, dry_run, **options):
        wanted = by_identifier.wanted_of("\n".join(identifiers))
        # Nobody waits at a page: each question has its own time, and all together none.
        records = by_identifier.records(wanted, Session())
        report = by_identifier.run(records, actor=loader_account(), is_dry=dry_run, told=self._tell)
        self.stdout.write(f"{report} {'Nothing was saved.' if dry_run else ''}".strip())
        for line in report.refused:
            self.stderr.write(f"{line.title}: {line.fault}")
        if report.refused:
            raise CommandError("Not all were found: see above.", returncode=1)

    def _tell(self, report, batch):
        for line in batch.lines:
            if not line.fault:
                what = "here already" if line.is_known else "new"
                self.stdout.write(f"{line.key}  {line.title[:80]}  ({what})")
