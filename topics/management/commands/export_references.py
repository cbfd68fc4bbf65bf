from django.core.management.base import BaseCommand, CommandError

from references.filters import ReferenceFilter
from references.formats import FORMATS
from references.models import Reference


class Command(BaseCommand):
    help = "Write publications in a format that reference managers read, all or those of a search."

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=FORMATS, default="ris")
        parser.add_argument("--topic", help="only those that a topic cites now: its slug")
        parser.add_argument("--words", help="only those with these words")
        parser.add_argument("--output", help="the file to write; else it goes to the terminal")

    def handle(self, *, format, topic, words, output, **options):
        asked = {"topic": topic, "q": words}
        filters = ReferenceFilter(
            {name: value for name, value in asked.items() if value},
            queryset=Reference.objects.all(),
        )
        if not filters.is_valid():
            faults = [fault for found in filters.errors.values() for fault in found]
            raise CommandError(" ".join(faults))
        items = (reference.csl for reference in filters.qs.iterator(chunk_size=500))
        if output:
            with open(output, "w", encoding="utf-8", newline="") as file:
                file.writelines(FORMATS[format].pieces(items))
        else:
            for piece in FORMATS[format].pieces(items):
                self.stdout.write(piece, ending="")
