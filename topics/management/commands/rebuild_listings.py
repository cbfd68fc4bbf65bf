from django.core.management.base import BaseCommand

from topics import listings


class Command(BaseCommand):
    help = "Make all that readers can find anew from the current editions."

    def handle(self, **options):
        self.stdout.write(f"{listings.rebuild()} listings written.")
