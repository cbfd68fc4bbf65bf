from django.core.management.base import BaseCommand

from topics.library import typesetting


class Command(BaseCommand):
    help = (
        "Typeset all that published topics cite, in all styles of citation, so that no reader has "
        "to wait for it. The worker does so too, soon after topics were published."
    )

    def handle(self, **options):
        count, _ = typesetting.typeset()
        self.stdout.write(f"{count} references typeset.")
