"""What a reader wants compared, read from the address: `?t=slug&t=slug&differences=1&open=1`."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from references.filters import UNKNOWN
from topics.choices import Kind
from topics.models import PublishedSlug

MOST = 4
# Whole titles, since in most languages more than the noun changes with the kind.
TITLES = {
    Kind.THERAPY: gettext_lazy("Compare therapies"),
    Kind.AGENT: gettext_lazy("Compare agents"),
    Kind.CONDITION: gettext_lazy("Compare conditions"),
    Kind.COMPLICATION: gettext_lazy("Compare complications"),
}
# The parts of the address that say it.
ASKED = ("t", "differences", "open")


@dataclass
class Chosen:
    """The topics to compare by their present addresses, and what there is to choose from.

    `offered` has the title of each published topic of the kind by its address.
    """

    slugs: list[str] = field(default_factory=list)
    only_differences: bool = False
    all_open: bool = False
    offered: dict[str, str] = field(default_factory=dict)

    def address(self, *, only_differences: bool | None = None, all_open: bool | None = None) -> str:
        """Return the address of this comparison, as it is but for what is said otherwise."""
        flags = {
            "differences": self.only_differences if only_differences is None else only_differences,
            "open": self.all_open if all_open is None else all_open,
        }
        set_flags = {name: 1 for name, is_set in flags.items() if is_set}
        return "?" + urlencode({"t": self.slugs, **set_flags}, doseq=True)

    @property
    def ways(self) -> list[tuple[str, str, bool]]:
        """Words, address and whether it is the present one, for each choice of lines."""
        return [
            (_("All lines"), self.address(only_differences=False), not self.only_differences),
            (_("Only what differs"), self.address(only_differences=True), self.only_differences),
        ]

    @property
    def folding(self) -> str:
        """The address of the same with all parts open, or folded again."""
        return self.address(all_open=not self.all_open)


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
    if query.get("open", "") not in {"", "1"}:
        faults["open"] = [_("Write open=1, or leave it out to open the parts yourself.")]
    if faults:
        raise ValidationError(faults)
    return Chosen(
        slugs=[addresses[slug][0] for slug in given],
        only_differences=query.get("differences") == "1",
        all_open=query.get("open") == "1",
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
    faults = []
    for slug in dict.fromkeys(given):
        if slug not in addresses:
            remedy = _("Choose one from the list.")
            faults.append(f"{UNKNOWN[kind] % {'name': slug}} {remedy}")
        elif addresses[slug][0] is None:
            message = _("“%(slug)s” was withdrawn; its own page says why. Choose another one.")
            faults.append(message % {"slug": slug})
    if faults:
        return faults
    present = [addresses[slug][0] for slug in given]
    if len(present) > MOST:
        message = _("%(number)s are too many to read side by side. Choose two to %(most)s.")
        faults.append(message % {"number": len(present), "most": MOST})
    if len(set(present)) < len(present):
        faults.append(_("The same one is chosen twice. Choose different ones."))
    return faults
