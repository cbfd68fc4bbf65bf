from django.core.management.base import BaseCommand

from topics import listings
from topics.search import pinning


class Command(BaseCommand):
    help = "Make all that readers can find anew from the current editions."

    def handle(self, **options):
        number = listings.rebuild()
        pinning.renew()
        self.stdout.write(f"{number} listings written.")
