"""German words for a test, whatever the catalogue says or does not say yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.utils import translation
from django.utils.translation import trans_real


@contextmanager
def german(words: dict[str, str]) -> Iterator[None]:
    """Let German say the words for those messages, and let it be spoken meanwhile."""
    catalogue = trans_real.translation("de")
    saying = mock.patch.object(catalogue, "gettext", lambda message: words.get(message, message))
    with saying, translation.override("de"):
        yield
