"""The files that a reader can take along: what reference managers read, and plain text."""

from collections.abc import Iterable

from references import typesetting
from references.formats import FORMATS, Format

TEXT = Format("Text (Vancouver)", "text/plain; charset=utf-8", typesetting.pieces)
# By the ending of the file.
DOWNLOADS = FORMATS | {"txt": TEXT}


def items_of(references: Iterable) -> Iterable[dict]:
    """Return the CSL-JSON of publications, each with what must be known of it: a notice."""
    for reference in references:
        if reference.status == reference.Status.CURRENT:
            yield reference.csl
        else:
            told = f"{reference.get_status_display()}, {reference.status_on}."
            note = " ".join(filter(None, [reference.csl.get("note"), told]))
            yield reference.csl | {"note": note}
