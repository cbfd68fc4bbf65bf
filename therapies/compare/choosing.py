"""What a reader wants compared, read from the address: `?t=slug&t=slug&differences=1`."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import QueryDict
from django.utils.translation import gettext as _

from therapies.compare.sayings import SAYINGS
from topics.choices import Kind
from topics.models import PublishedSlug

MOST = 4
# The parts of the address that say it.
ASKED = ("t", "differences")


@dataclass
class Chosen:
    """The topics to compare by their present addresses, and what there is to choose from.

    `offered` has the title of each published topic of the kind by its address.
    """

    slugs: list[str] = field(default_factory=list)
    only_differences: bool = False
    offered: dict[str, str] = field(default_factory=dict)


def read(query: QueryDict, kind: Kind) -> Chosen:
    """Return what is chosen in an address, all of it known with one query.

    Raises ValidationError with the faults by name, each with its remedy.
    """
    addresses = _addresses(kind)
    offered = {slug: title for slug, title in addresses.values() if slug}
    given = [slug for slug in query.getlist("t") if slug]
    faults = {}
    if messages := _faults(given, addresses, kind):
        faults["t"] = messages
    if query.get("differences", "") not in {"", "1"}:
        faults["differences"] = [_("Write differences=1, or leave it out to see all lines.")]
    if faults:
        raise ValidationError(faults)
    return Chosen(
        slugs=[addresses[slug][0] for slug in given],
        only_differences=query.get("differences") == "1",
        offered=dict(sorted(offered.items(), key=lambda item: item[1].casefold())),
    )


def _addresses(kind: Kind) -> dict[str, tuple[str | None, str | None]]:
    """Return present address and title by each address that a topic of the kind ever had.

    Both are None for a topic that was withdrawn.
    """
    known = PublishedSlug.objects.filter(topic__kind=kind)
    found = known.values_list("slug", F("topic__listing__slug"), F("topic__listing__title"))
    return {slug: (present, title) for slug, present, title in found}


def _faults(given: list[str], addresses: dict, kind: Kind) -> list[str]:
    """Return what is wrong with the addresses given, and what to do about it."""
    words = SAYINGS[kind]
    faults = []
    for slug in dict.fromkeys(given):
        if slug not in addresses:
            faults.append(words.unknown % {"slug": slug})
        elif addresses[slug][0] is None:
            faults.append(words.withdrawn % {"slug": slug})
    if faults:
        return faults
    present = [addresses[slug][0] for slug in given]
    if len(present) > MOST:
        message = _("%(number)s are too many to read side by side. Choose two to %(most)s.")
        faults.append(message % {"number": len(present), "most": MOST})
    if len(set(present)) < len(present):
        faults.append(str(words.twice))
    return faults
