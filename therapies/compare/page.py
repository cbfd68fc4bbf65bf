"""From the Readings of several topics to the page that sets them side by side.

References are numbered over the whole page, in the order in which a reader meets them line by line.
"""

from django.urls import reverse

from hsc_portal.languages import content
from therapies.compare import clinical
from therapies.compare.lines import Entry, different, tally
from topics import numbering, pages, rendering
from topics.choices import Certainty
from topics.reading import Reading, Readings


def key(readings: Readings) -> tuple:
    """Return all by which the topics decide what the page says."""
    return tuple(pages.key(reading, "") for reading in readings)


def context(readings: Readings, *, only_differences: bool, all_open: bool) -> dict:
    """Return what the template of a comparison is given about the topics compared."""
    readings.load()
    groups = clinical.groups(readings)
    counted = list(tally(line for group in groups for line in group.lines))
    groups = different(groups) if only_differences else groups
    for group in groups:
        group.is_open |= all_open
    lines = [line for group in groups for line in group.lines]
    titles = [reading.document["title"] for reading in readings]
    for line in lines:
        line.columns = list(zip(titles, line.cells, strict=True))
    entries = [entry for line in lines for cell in line.cells for entry in cell]
    sources = _sources(readings, entries)
    for entry in entries:
        _write_sources(entry, sources)
    references = pages.references(sources, {})
    return {
        "topics": [_head(reading) for reading in readings],
        "titles": ", ".join(titles),
        "marked_titles": content(", ".join(titles)),
        "groups": groups,
        "counted": counted,
        "has_unmarked": only_differences and any(line.is_left_open for line in lines),
        "references": references,
        "notices": [item["notice"] for item in references if item["notice"]],
    }


def _head(reading: Reading) -> dict:
    """Return what stands over a column: which topic it is, and who stands for it until when."""
    return {
        "title": reading.document["title"],
        "address": reverse("topic", args=[reading.slug]),
        "edition": reading.edition,
        "next_review": reading.next_review,
        "is_overdue": pages.is_overdue(reading),
    }


def _sources(readings: Readings, entries: list[Entry]) -> rendering.Sources:
    return rendering.Sources(
        numbers=numbering.number(cited.key for entry in entries for cited in entry.cited),
        publications={item["id"]: item for one in readings for item in one.document["references"]},
        flagged={key: flag for one in readings for key, flag in one.flagged.items()},
    )


def _write_sources(entry: Entry, sources: rendering.Sources) -> None:
    if not entry.is_graded:
        return
    keys = [cited.key for cited in entry.cited]
    entry.citations = sources.citations(entry.cited)
    entry.marks = rendering.marks(
        entry.certainty or Certainty.UNGRADED,
        entry.awaiting_check,
        bool(keys),
        sources.warnings(keys),
    )
