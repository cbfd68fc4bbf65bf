"""How an edition is cited: as a work of its own, with the publications that it cites.

An edition is a numbered, dated text at an address of its own, so it is cited the way the National
Library of Medicine cites a book on the Internet (Citing Medicine, chapter 22). The author is the
portal: reviewers answer for an edition but did not write it, and belong in the note. A citation is
in the language of what it cites, whoever reads; only the names of the styles are translated.
"""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from hsc_portal import languages
from references.downloads import warned
from references.formats.writing import note
from references.models import Reference
from topics.reading import Reading

PORTAL = "HSC Portal"
# Where the day of reading goes; static/js/copy.js knows them.
NLM_DAY, AMA_DAY = "YYYY Mon DD", "Month DD, YYYY"


@dataclass(frozen=True)
class Printed:
    """A citation in one style.

    Its words are `before`, `title`, `after` and, in styles that name the day of reading, `read_on`
    and `end`, one after the other.
    """

    style: str
    used_by: str
    before: str
    title: str
    after: str
    read_on: str = ""
    end: str = ""
    is_slanted: bool = False


def item(reading: Reading, origin: str) -> dict:
    """Return an edition as a CSL-JSON item. `origin` is the portal's address, as in the pages."""
    document, edition = reading.document, reading.edition
    day = _published_on(reading)
    return {
        "id": f"hsc-portal-{reading.slug}-{edition.number}",
        "type": "book",
        "author": [{"literal": PORTAL}],
        "title": document["title"],
        "edition": str(edition.number),
        "publisher": PORTAL,
        "medium": "Internet",
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "language": document.get("language", "en"),
        "URL": address(reading, origin),
        "note": " ".join(filter(None, [_review(reading), _withdrawal(reading)])),
    }


def address(reading: Reading, origin: str) -> str:
    """Return the permanent address of an edition."""
    return origin + languages.permanent("edition", reading.slug, reading.edition.number)


def references(reading: Reading) -> list[dict]:
    """Return the publications that an edition cites, as CSL-JSON items.

    They are those of the edition, word for word; what is known of one today (a retraction) is added
    to its note.
    """
    return [
        _warned(item, reading.flagged[item["id"]]) if item["id"] in reading.flagged else item
        for item in reading.document["references"]
    ]


def _standing(reading: Reading) -> str:
    """Return whether the edition was reviewed and withdrawn, in words."""
    return " ".join(filter(None, [_review(reading), _withdrawal(reading)]))


def printed(reading: Reading, origin: str) -> list[Printed]:
    """Return the citation of an edition in each style.

    The page is the same for all and kept, so it cannot know the day of reading: letters hold its
    place, in the order of the style. A script puts the day there, else the reader does.
    """
    title = reading.document["title"].rstrip(".")
    stop = "" if title.endswith(("?", "!")) else "."
    day, url = _published_on(reading), address(reading, origin)
    number = ordinal(reading.edition.number)
    in_words = f"{day:%B} {day.day}, {day.year}"
    return [
        Printed(
            "Vancouver (NLM)", _("most medical journals"), f"{PORTAL}. ", title,
            f" [Internet]. {number} ed. [place unknown]: {PORTAL}; {day:%Y %b} {day.day} [cited ",
            NLM_DAY, f"]. Available from: {url}",
        ),
        Printed(
            _("AMA, 11th edition"), _("JAMA and its network"), f"{PORTAL}. ", title,
            f"{stop} {number} ed. Published {in_words}. Accessed ", AMA_DAY, f". {url}",
        ),
        Printed(
            _("APA, 7th edition"), _("nursing and psychology"),
            f"{PORTAL}. ({day.year}, {day:%B} {day.day}). ", title, f" ({number} ed.). {url}",
            is_slanted=True,
        ),
        Printed(
            "Nature", _("Nature and its journals"), f"{PORTAL}. ", title,
            f"{stop} {number} edn. {url} ({day.year}).", is_slanted=True,
        ),
        Printed(
            _("Chicago, notes and bibliography"), _("the humanities"), f"{PORTAL}. “", title,
            f"{stop}” {number} ed. {in_words}. {url}.",
        ),
        Printed(
            _("In plain words"), _("slides, mails, charts"), f"{PORTAL}. ", title,
            f"{stop} Edition {reading.edition.number}, published {day.day} {day:%B %Y}. "
            f"{_standing(reading)} {url}",
        ),
    ]  # fmt: skip


def in_words(reading: Reading, origin: str) -> str:
    """Return the citation of an edition in plain words, without the day of reading."""
    plain = printed(reading, origin)[-1]
    return f"{plain.before}{plain.title}{plain.after}"


def ordinal(number: int) -> str:
    """Return a number as 1st, 2nd, 3rd, 4th, 11th."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in {11, 12, 13} else endings.get(number % 10, "th")
    return f"{number}{ending}"


def _published_on(reading: Reading) -> date:
    return timezone.localdate(reading.edition.published_at)


def _review(reading: Reading) -> str:
    edition = reading.edition
    if not edition.is_reviewed:
        return "Not yet reviewed by a clinician."
    return (
        f"Reviewed by {edition.approved_by_name}, {_day(timezone.localdate(edition.approved_at))}."
    )


def _withdrawal(reading: Reading) -> str:
    withdrawal = reading.withdrawal
    return f"Withdrawn on {_day(timezone.localdate(withdrawal.at))}." if withdrawal else ""


def _warned(item: dict, flag: dict) -> dict:
    words = Reference.Status(flag["status"]).label
    words += f", notice of {_day(flag['status_on'])}." if flag["status_on"] else "."
    day = flag["status_on"]
    notice = {"status": str(flag["status"])} | ({"date": day.isoformat()} if day else {})
    return warned(item, words, note(item, cut_authors=False), notice)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
