"""What is told of the grade of a statement or row and of what it rests on, and how that changed."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from hsc_portal import languages
from references import csl
from topics import differences, naming
from topics.choices import Certainty
from topics.differences import Grading, Items
from topics.rendering import SHORT_WARNINGS
from topics.words import Piece


@dataclass
class Note:
    """One thing that changed: as `pieces`, as before and after, or only added or only removed.

    `pieces` are words of the content; the rest are the portal's, with those of the content marked.
    """

    label: str
    before: str = ""
    after: str = ""
    pieces: list[Piece] = field(default_factory=list)
    address: str = ""
    warning: str = ""


NO_SOURCE = Note(_("Source"), after=pgettext_lazy("source", "none"))


class GradingTeller:
    """Tells of grades and sources.

    `publications` has the CSL items of both Documents by key; `flagged` those of them that readers
    must be warned of.
    """

    publications: dict[str, dict]
    flagged: dict[str, dict]

    def grading(self, grading: Grading) -> list[Note]:
        notes = []
        if grading.certainty:
            grades = (naming.GRADES[each] for each in grading.certainty)
            notes.append(Note(_("Certainty"), *grades))
        if grading.awaiting_check:
            states = map(_check, grading.awaiting_check)
            notes.append(Note(_("Source check"), *states))
        return notes + self._citations(grading.citations)

    def _citations(self, citations: Items) -> list[Note]:
        """Return what was cited anew or no more; another place in one publication as one note."""
        removed, notes = list(citations.removed), []
        for cited in citations.added:
            same = next((each for each in removed if each["key"] == cited["key"]), None)
            if same:
                removed.remove(same)
                label = gettext("Place in {publication}").format(
                    publication=self._name(cited["key"])
                )
                notes.append(self._cited(label, cited, _place(same), _place(cited)))
            else:
                notes.append(self._cited(_("Source added"), cited, "", self._source(cited)))
        gone = [self._cited(_("Source removed"), each, self._source(each)) for each in removed]
        return notes + gone

    def _cited(self, label: str, cited: dict, before: str = "", after: str = "") -> Note:
        key = cited["key"]
        address = reverse("reference", args=[key])
        return Note(label, before, after, address=address, warning=self._warning(key))

    def given(self, part: dict) -> list[Note]:
        """Return the grade of a statement or row and what it rests on."""
        notes = [self._certainty(part)]
        if part.get("awaiting_check"):
            notes.append(Note(_("Source check"), after=_check(True)))
        cited = differences.citations(part)
        notes += [self._cited(_("Source"), each, "", self._source(each)) for each in cited]
        return notes if cited else [*notes, NO_SOURCE]

    def kept(self, part: dict, grading: Grading) -> list[Note]:
        """Return how a part is still graded that was worded anew, and what it still rests on.

        What became of the rest is told by `grading`.
        """
        notes = []
        if not grading.certainty:
            notes.append(self._certainty(part))
        if part.get("awaiting_check") and not grading.awaiting_check:
            notes.append(Note(_("Source check"), after=_check(True)))
        cited = [one for one in differences.citations(part) if one not in grading.citations.added]
        notes += [self._cited(_("Source"), each, "", self._source(each)) for each in cited]
        return notes if cited or grading.citations else [*notes, NO_SOURCE]

    def _certainty(self, part: dict) -> Note:
        return Note(_("Certainty"), after=naming.GRADES[part.get("certainty", Certainty.UNGRADED)])

    def _source(self, cited: dict) -> str:
        parts = [self._name(cited["key"]), cited.get("locator")]
        return languages.content(", ".join(filter(None, parts)))

    def _name(self, key: str) -> str:
        return csl.short_name(self.publications[key])

    def _warning(self, key: str) -> str:
        return SHORT_WARNINGS[self.flagged[key]["status"]] if key in self.flagged else ""


def _check(is_awaited: bool) -> str:
    return pgettext("source check", "awaited") if is_awaited else pgettext("source check", "done")


def _place(cited: dict) -> str:
    """Return where in a publication the words are that are cited."""
    return languages.content(cited.get("locator", "")) or gettext("the whole work")
