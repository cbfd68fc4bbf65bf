from django.core.management.base import BaseCommand, CommandError

from topics import listings
from topics.search import embedding, vectors


class Command(BaseCommand):
    help = (
        "Write what the semantic layer of search needs of each published topic and is missing. "
        "Needed once after SEARCH_SEMANTIC is set; the portal may serve meanwhile."
    )

    def handle(self, **options):
        if not vectors.are_kept():
            lacking = ", ".join(embedding.missing())
            raise CommandError(
                f"Not installed: {lacking}. Install them: pip install .[semantic]"
                if lacking
                else "Set SEARCH_SEMANTIC=1 first."
            )
        topics = listings.write_vectors(lambda done: self.stdout.write(f"{done} topics read"))
        self.stdout.write(f"{topics} topics can be found by what they mean.")
