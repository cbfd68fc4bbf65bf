"""What is answered to a record system: the current editions of the topics that were found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.utils import translation

from hsc_portal import languages
from topics import addresses, codesystems
from topics.choices import Match
from topics.infobutton import matching
from topics.infobutton.asking import Asked, Criterion
from topics.infobutton.matching import Found
from topics.infobutton.subtopics import section_for
from topics.present import of_one_moment
from topics.reading import Reading

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A topic that answers: how it was found, its edition, and the section that was asked for."""

    found: Found
    reading: Reading
    section: dict | None

    def path(self, language: str) -> str:
        """Return the path of the page in a language, at the section."""
        with translation.override(language):
            path = addresses.of_topic(self.reading.slug)
        return f"{path}#{self.section['anchor']}" if self.section else path

    @property
    def match_words(self) -> str:
        """How the code that is listed fits, in the language of the reader."""
        return languages.in_sentence(Match(self.found.code.match).label)

    @property
    def system_id(self) -> str:
        """The terminology of the code, as record systems name it."""
        system = self.found.code.system
        return codesystems.oid_of(system) or codesystems.address_of(system)


def answering(asked: Asked, make: Callable[[list[Answer]], T]) -> T:
    """Return what `make` makes of the answers, the best first, all of one moment."""
    found: list[Found] = []

    def find() -> list[str]:
        found[:] = matching.find(asked.criteria)
        return [one.slug for one in found]

    def answer(readings: dict[str, Reading]) -> T:
        there = [one for one in found if one.slug in readings]
        return make([_answer(one, readings[one.slug], asked.subtopics) for one in there])

    return of_one_moment(find, answer)


def _answer(found: Found, of: Reading, subtopics: Iterable[Criterion]) -> Answer:
    return Answer(found, of, section_for(of.document, subtopics))
