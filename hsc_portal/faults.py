"""What is said of an address that cannot be meant: which part is wrong, and what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django import forms
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

# Long enough for whatever was meant; an address may hold much more.
LONGEST_GIVEN, LONGEST_MESSAGE = 80, 400
# What readers call the parts of an address that stand in no form of filters.
LABELS = {
    "area": _("Area"),
    "as_of": _("Day"),
    "differences": _("Only what differs"),
    "from": _("Edition to compare with"),
    "open": _("Open all parts"),
    "page": _("Page of the list"),
    "show": _("What is shown"),
    "style": _("Style of citation"),
    "t": _("Topics to compare"),
    "topic": _("Topic"),
    "view": _("How the list is shown"),
}


@dataclass(frozen=True)
class Fault:
    """A part of an address that cannot be meant, in words.

    `given` is what stands in the address, `allowed` what could, where that can be named.
    """

    label: str
    messages: list[str]
    given: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)


def explained(
    request: HttpRequest, faults: dict[str, Iterable[str]], form: forms.Form | None = None
) -> list[Fault]:
    """Return faults in words, from messages by the names of the parts. `form` knows the filters."""
    fields = form.fields if form else {}
    return [
        Fault(
            label=fields[name].label if name in fields else LABELS.get(name, name),
            messages=[Truncator(message).chars(LONGEST_MESSAGE) for message in messages],
            given=_given(request, name),
            allowed=_allowed(fields.get(name)),
        )
        for name, messages in faults.items()
    ]


def _given(request: HttpRequest, name: str) -> list[str]:
    given = request.GET.getlist(name) or request.POST.getlist(name)
    readable = ("".join(c if c.isprintable() else "�" for c in value) for value in given)
    return [Truncator(value).chars(LONGEST_GIVEN) for value in readable if value]


def _allowed(field: forms.Field | None) -> list[str]:
    """Return in words what a field can be chosen to be, nothing if it is no choice."""
    if isinstance(field, forms.ModelChoiceField):
        return []
    choices = getattr(field, "choices", ())
    return [str(label) for value, label in choices if value]


def without(request: HttpRequest, names: Iterable[str]) -> str:
    """Return this address without some parts of its query, "" if nothing else stands in it."""
    query = request.GET.copy()
    for name in [*names, "page"]:
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""
