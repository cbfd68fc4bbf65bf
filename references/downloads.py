"""The files that a reader can take along: what reference managers read, and plain text."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from references import styles, typesetting
from references.formats import FORMATS, Format
from references.shown import public

TEXT = Format("Text (Vancouver)", "text/plain; charset=utf-8", typesetting.pieces)
# By the ending of the file.
DOWNLOADS = FORMATS | {"txt": TEXT}


def form_of(ending: str, style: str = styles.DEFAULT) -> Format:
    """Return how a file of this ending is written; its words, if it is text, in a style."""
    if ending != "txt":
        return DOWNLOADS[ending]
    label = f"Text ({styles.STYLES[style].label})"
    return replace(TEXT, label=label, pieces=partial(typesetting.pieces, style=style))


def in_style(style: str) -> dict[str, Format]:
    """Return all formats by their endings, text in a style of citation."""
    return {ending: form_of(ending, style) for ending in DOWNLOADS}


def items_of(references: Iterable) -> Iterable[dict]:
    """Return the CSL-JSON of publications, each with what must be known of it: a notice."""
    for reference in references:
        item = public(reference.csl)
        if reference.status != reference.Status.CURRENT:
            day = reference.status_on
            told = f"{reference.get_status_display()}{f', {day}' if day else ''}."
            item = warned(item, told, str(item.get("note") or ""), _notice(reference))
        yield item


def _notice(reference) -> dict:
    """Return status and place of the notice that made it, as far as they are known."""
    day = reference.status_on
    told = [each for each in reference.history if each.date == day and (each.doi or each.pmid)]
    numbers = {"doi": told[0].doi, "pmid": told[0].pmid} if told else {}
    found = {"status": str(reference.status), "date": day.isoformat() if day else "", **numbers}
    return {name: value for name, value in found.items() if value}


def warned(item: dict, told: str, note: str = "", notice: dict | None = None) -> dict:
    """Return an item that says what must be known of it, in its note and for itself.

    No style prints a note, so formatted text takes it from `warning` in `custom`; formats that have
    words of their own for it take them from `notice` there.
    """
    custom = {**(item.get("custom") or {}), "warning": told}
    custom |= {"notice": notice} if notice else {}
    return item | {"note": " ".join(filter(None, [told, note])), "custom": custom}
