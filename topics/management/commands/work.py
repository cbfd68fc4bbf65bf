from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from topics import working


class Command(BaseCommand):
    help = "Do what is queued, above all send mails, until it is stopped."

    def handle(self, **options):
        try:
            working.work()
        except (OperationalError, InterfaceError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise CommandError(f"The database cannot be reached: {reason}") from error
