"""The files that a reader can take along: what reference managers read, and plain text."""

from collections.abc import Iterable

from references import typesetting
from references.formats import FORMATS, Format
from references.shown import public

TEXT = Format("Text (Vancouver)", "text/plain; charset=utf-8", typesetting.pieces)
# By the ending of the file.
DOWNLOADS = FORMATS | {"txt": TEXT}


def items_of(references: Iterable) -> Iterable[dict]:
    """Return the CSL-JSON of publications, each with what must be known of it: a notice."""
    for reference in references:
        item = public(reference.csl)
        if reference.status != reference.Status.CURRENT:
            day = reference.status_on
            told = f"{reference.get_status_display()}{f', {day}' if day else ''}."
            item = warned(item, told, str(item.get("note") or ""))
        yield item


def warned(item: dict, told: str, note: str = "") -> dict:
    """Return an item that says what must be known of it, in its note and for itself.

    No style prints a note, so formatted text takes it from `warning` in `custom`.
    """
    custom = {**(item.get("custom") or {}), "warning": told}
    return item | {"note": " ".join(filter(None, [told, note])), "custom": custom}
