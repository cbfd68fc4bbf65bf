from django.core.management.base import BaseCommand

from topics.choices import LinkState
from topics.links import checking, collecting
from topics.models import LinkCheck


class Command(BaseCommand):
    help = (
        "Ask the addresses that published topics link to whether anything is there. "
        "Those that were asked within a week are left alone."
    )

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, help="ask no more than this many")

    def handle(self, **options):
        found = collecting.collect()
        asked = checking.check(limit=options["limit"])
        broken = LinkCheck.objects.filter(state=LinkState.BROKEN)
        self.stdout.write(f"{found} addresses; {asked} asked now; {broken.count()} are broken.")
        for link in broken:
            self.stdout.write(f"{link.url}  {link.answer}")
