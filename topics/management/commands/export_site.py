from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation

from hsc_portal.export.folder import ExportError, replacing
from hsc_portal.export.site import Site, origin_of, own_address
from topics.models import PublishedSlug


class Command(BaseCommand):
    help = (
        "Write all pages for readers as static files, which a browser can read from the folder and "
        "any web server can serve. An earlier export in the folder is replaced as a whole."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--base-url",
            help="address of the portal that the pages are to name, in citations and for what only "
            "works there (default: SITE_URL in citations, and no links)",
        )

        parser.add_argument(
            "--language",
            action="append",
            default=[],
            choices=[code for code, _ in settings.LANGUAGES],
            dest="languages",
            help="a language to export beside the content's own; may be given several times",
        )

    def handle(self, *, folder, base_url, languages, **options):
        languages = {settings.LANGUAGE_CODE, *languages}
        try:
            live = origin_of(base_url) if base_url else ""
            with one_moment(), replacing(folder) as new:
                site = Site(new, live or own_address(), live, self.stdout.write, languages)
                site.write(published_addresses(languages))
        except ExportError as error:
            raise CommandError(f"Nothing was exported.\n{error}") from error
        if not live:
            self.stdout.write(f"Citations name {own_address()}; --base-url would name another.")
        self.stdout.write(f"The portal is in {folder}: open {folder / 'index.html'}.")


def published_addresses(languages: Iterable[str]) -> list[str]:
    """Return the start page and every address that a topic ever had, in each of the languages."""
    slugs = list(PublishedSlug.objects.order_by("slug").values_list("slug", flat=True))
    addresses = []
    for language in sorted(languages):
        with translation.override(language):
            addresses += [reverse("home"), *(reverse("topic", args=[slug]) for slug in slugs)]
    return addresses


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all that is read inside be of one moment, whatever is published meanwhile."""
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        if not is_nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
