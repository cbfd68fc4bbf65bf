"""What a file makes once for many of its tests.

Each test gets it as it was made, since all that a test does is undone after it. Fixtures of this
kind are called `made_…`: tests/conftest.py has them come after the tests that need an empty portal.
"""

import contextlib
from collections.abc import Iterator

from django.db import transaction


@contextlib.contextmanager
def kept_for_a_file(django_db_blocker) -> Iterator[None]:
    """Keep what the block makes until the last test of the file, and take it back then."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
