"""What follows from all notices about a publication: the one place that decides its status."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from references.notices.kinds import NoticeKind, NoticeSource

CURRENT, CORRECTED, CONCERN, RETRACTED = "current", "corrected", "concern", "retracted"
RETRACTIONS = (NoticeKind.RETRACTION, NoticeKind.REMOVAL)


@dataclass(frozen=True)
class Standing:
    """The status of a publication, and the notice that readers are shown for it."""

    status: str
    notice: object | None = None


def standing(notices: Iterable) -> Standing:
    """Return what holds now, whatever the order in which the notices became known.

    They count by their own dates. A retraction or removal makes a publication retracted, and an
    expression of concern calls it into question; either stays until a reinstatement, and a later
    retraction counts again. A correction is no retraction: it marks what has no graver mark, also
    after a reinstatement. Other notices change nothing. What editors recorded by mistake they take
    back, not what a registry told. Of one day the graver notice counts. A notice without date
    is held for one of its kind that has a date; if there is none, it dates from the day on which it
    was found, or from before a reinstatement that was found with it or after it.
    """
    status, of, corrections = CURRENT, [], []
    for notice in _in_order(_valid(list(notices))):
        if notice.kind in RETRACTIONS:
            status, of = RETRACTED, [*(of if status == RETRACTED else []), notice]
        elif notice.kind == NoticeKind.CONCERN and status != RETRACTED:
            status, of = CONCERN, [*(of if status == CONCERN else []), notice]
        elif notice.kind == NoticeKind.CORRECTION:
            corrections.append(notice)
            if status in (CURRENT, CORRECTED):
                status, of = CORRECTED, list(corrections)
        elif notice.kind == NoticeKind.REINSTATEMENT:
            status, of = (CORRECTED, list(corrections)) if corrections else (CURRENT, [notice])
    return Standing(status, _telling(status, of))


def _valid(notices: list) -> list:
    """Return what was not taken back. Editors take back what editors told, not a registry."""
    mistakes = [each.found_at for each in notices if each.kind == NoticeKind.MISTAKE]
    last = max(mistakes, default=None)
    return [
        each
        for each in notices
        if last is None or each.source != NoticeSource.EDITOR or each.found_at > last
    ]


def _in_order(notices: list) -> list:
    def place(notice) -> tuple:
        day, is_before = _day(notice, notices), False
        if notice.date is None:
            day, is_before = _day_of_undated(notice, notices)
        lifts = notice.kind == NoticeKind.REINSTATEMENT
        rank = 0 if is_before else 1 if lifts else 2
        return day, rank, notice.found_at, notice.source, notice.doi, notice.pmid, notice.words

    return sorted(notices, key=place)


def _day(notice, notices: list) -> date:
    return notice.date or notice.found_at.date()


def _day_of_undated(notice, notices: list) -> tuple[date, bool]:
    """Return when an undated notice counts, and whether before all else of that day."""
    if notice.source == NoticeSource.EDITOR:
        return notice.found_at.date(), False
    dated = [each.date for each in notices if each.kind == notice.kind and each.date]
    if dated:
        return min(dated), False
    lifting = [
        _day(each, notices)
        for each in notices
        if each.kind == NoticeKind.REINSTATEMENT and each.found_at >= notice.found_at
    ]
    own = notice.found_at.date()
    if notice.kind != NoticeKind.REINSTATEMENT and lifting and min(lifting) <= own:
        return min(lifting), True
    return own, False


def _telling(status: str, of: list):
    """Return the notice that tells best why: an editor's newest word, else one with a date.

    Of corrections it is the last, of other notices the one that began it.
    """
    own = [each for each in of if each.source == NoticeSource.EDITOR]
    if own:
        return own[-1]
    dated = [each for each in of if each.date] or of
    if not dated:
        return None
    return dated[-1] if status == CORRECTED else dated[0]
