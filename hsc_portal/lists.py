"""What lists show beside their rows: which filters were chosen, and themselves from A to Z."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

# How an address asks for the short form of a list: `?view=a-z`.
VIEW, A_TO_Z = "view", "a-z"
# Short rows: many more of them than of long ones are read at a time.
ROWS_FROM_A_TO_Z = 500


@dataclass(frozen=True)
class Short:
    """The short form of a list: the name of a row in it, and by which columns rows are ordered.

    Without columns the order is that of the list itself.
    """

    name: Callable[[object], str]
    order: tuple[str, ...] = ()

    def letters(self, rows: Iterable) -> list[tuple[str, list[tuple[str, object]]]]:
        """Return names and rows by the first letter of the names, all in order."""
        named = sorted(((self.name(row), row) for row in rows), key=lambda pair: _place(pair[0]))
        grouped = groupby(named, key=lambda pair: first_letter(pair[0]))
        return [(letter, list(group)) for letter, group in grouped]


def first_letter(name: str) -> str:
    """Return the letter that a name stands under, "#" if it begins with none.

    >>> first_letter("Émile"), first_letter("5-Azacytidine")
    ('E', '#')
    """
    first = _plain(name)[:1].upper()
    return first if first.isascii() and first.isalpha() else "#"


def _place(name: str) -> tuple[bool, str]:
    """Return what names are ordered by: those of no letter first, so that each letter is once."""
    return first_letter(name) != "#", _plain(name).casefold()


def _plain(name: str) -> str:
    """Return a name without accents, and without the marks before its first letter or digit."""
    apart = unicodedata.normalize("NFD", name)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain.lstrip("“”\"'‘’([ ") or plain


def is_short(request: HttpRequest) -> bool:
    """Return whether the short form of a list is asked for. Raises ValueError for anything else."""
    view = request.GET.get(VIEW, "")
    if view not in {"", A_TO_Z}:
        words = _("A list has all details or, with “{view}”, short rows from A to Z.")
        raise ValueError(words.format(view=A_TO_Z))
    return bool(view)


def address(request: HttpRequest, **changed: str | list[str]) -> str:
    """Return this address with other values in its query, from the first page on."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query.setlist(name, [value] if isinstance(value, str) else value)
    return f"?{query.urlencode()}"


def chosen(request: HttpRequest, form: forms.Form) -> list[dict]:
    """Return `label` and `value` in words of each filter that is on, and the address without it."""
    return [
        {
            "label": form.fields[name].label,
            "value": _in_words(form.fields[name], value),
            "address": _without(request, name, value),
        }
        for name in form.fields
        for value in request.GET.getlist(name)
        if value
    ]


def _in_words(field: forms.Field, value: str) -> str:
    return str(dict(getattr(field, "choices", ())).get(value, value))


def _without(request: HttpRequest, name: str, value: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.setlist(name, [other for other in query.getlist(name) if other != value])
    return f"?{query.urlencode()}"
