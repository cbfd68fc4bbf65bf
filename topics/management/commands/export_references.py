from django.core.management.base import BaseCommand, CommandError

from references.downloads import DOWNLOADS, items_of
from references.filters import ReferenceFilter
from references.models import Reference
from references.styles import DEFAULT, STYLES
from references.typesetting import pieces


class Command(BaseCommand):
    help = (
        "Write publications in a format that reference managers read, or as a style of citation "
        "prints them: all, or those of a search."
    )

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=DOWNLOADS, default="ris")
        parser.add_argument("--style", choices=STYLES, help=f"of --format txt; else {DEFAULT}")
        parser.add_argument("--topic", help="only those that a topic cites now: its slug")
        parser.add_argument("--words", help="only those with these words")
        parser.add_argument("--output", help="the file to write; else it goes to the terminal")

    def handle(self, *, format, style, topic, words, output, **options):
        if style and format != "txt":
            raise CommandError("A style is for --format txt; other formats have none.")
        asked = {"topic": topic, "q": words}
        filters = ReferenceFilter(
            {name: value for name, value in asked.items() if value},
            queryset=Reference.objects.listed(),
        )
        if not filters.is_valid():
            faults = [fault for found in filters.errors.values() for fault in found]
            raise CommandError(" ".join(faults))
        items = items_of(filters.qs.iterator(chunk_size=500))
        texts = pieces(items, style) if style else DOWNLOADS[format].pieces(items)
        if output:
            with open(output, "w", encoding="utf-8", newline="") as file:
                file.writelines(texts)
        else:
            for piece in texts:
                self.stdout.write(piece, ending="")
