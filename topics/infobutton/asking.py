"""What a record system asks: its parameters, whatever their case, their age and their number."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError

from hsc_portal.xml_text import writable

# What the knowledge response may say of the request, in the spelling of its schema.
ECHOED = (
    "patientPerson.administrativeGenderCode.c", "patientPerson.administrativeGenderCode.dn",
    "ageGroup.v.c", "ageGroup.v.cs", "ageGroup.v.dn", "taskContext.c.c", "taskContext.c.dn",
    "subTopic.v.c", "subTopic.v.cs", "subTopic.v.dn", "subTopic.v.ot", "mainSearchCriteria.v.c",
    "mainSearchCriteria.v.cs", "mainSearchCriteria.v.dn", "mainSearchCriteria.v.ot",
    "severityObservation.interpretationCode.c", "severityObservation.interpretationCode.cs",
    "severityObservation.interpretationCode.dn", "informationRecipient", "performer",
    "performer.healthCareProvider.c.c", "performer.healthCareProvider.c.cs",
    "performer.healthCareProvider.c.dn", "informationRecipient.healthCareProvider.c.c",
    "informationRecipient.healthCareProvider.c.cs", "informationRecipient.healthCareProvider.c.dn",
    "performer.languageCode", "informationRecipient.languageCode.c", "encounter.c.c",
    "encounter.c.cs", "encounter.c.dn", "observation.c.c", "observation.c.cs", "observation.c.dn",
    "observation.v.c", "observation.v.cs", "observation.v.dn", "observation.v.v",
    "Observation.v.u", "locationOfInterest.addr.ZIP", "locationOfInterest.addr.CTY",
    "locationOfInterest.addr.STA", "locationOfInterest.addr.CNT",
)  # fmt: skip
_SPELT = {name.lower(): name for name in ECHOED}
# Older names, and those of the guide's own examples.
_SYNONYMS = (
    (re.compile(r"^(mainsearchcriteria|subtopic)\.c\.(c|cs|dn|ot)$"), r"\1.v.\2"),
    (re.compile(r"^(mainsearchcriteria|subtopic)\.c\.c\.(cs|dn|ot)$"), r"\1.v.\2"),
    (re.compile(r"^task\.c\."), "taskcontext.c."),
    (re.compile(r"^performer\.languagecode\.c$"), "performer.languagecode"),
    (re.compile(r"^informationrecipient\.languagecode$"), "informationrecipient.languagecode.c"),
)
_NUMBERED = re.compile(r"(?P<name>.*?[a-z])(?P<number>\d{0,3})", re.DOTALL)
# What says nothing of a person; somebody's own words may.
_OF_NOBODY = re.compile(
    r"(mainsearchcriteria|subtopic)\.v\.(c|cs|dn)|taskcontext\..*|knowledgeresponsetype|callback|"
    r"jsonp|(informationrecipient|performer)(\.languagecode(\.c)?)?"
)
# By the number behind a name, and by which of several values of that it is.
Places = dict[tuple[int, int], str]
_CALLBACK = re.compile(r"[A-Za-z_$][\w.$]*", re.ASCII)
LONGEST, MOST, LONGEST_CALLBACK = 300, 20, 100


class NotUnderstood(Exception):
    """The request cannot be answered; the text says why and has nothing of it."""

    status = 400


class TooLong(NotUnderstood):
    """The request has more than is read."""

    status = 413

    def __init__(self):
        super().__init__("The request is longer than 64 kB.")


@dataclass(frozen=True)
class Criterion:
    """One thing that is asked about: its code in a system, what that is called, and free words."""

    code: str = ""
    system: str = ""
    display: str = ""
    words: str = ""


@dataclass
class Asked:
    """What a request says. `said` is what an answer gives back of it: schemes and terms.

    Of what is `of_somebody` nobody may keep the answer. A `callback` is there if `kind` is
    JavaScript.
    """

    criteria: list[Criterion] = field(default_factory=list)
    subtopics: list[Criterion] = field(default_factory=list)
    language: str = settings.LANGUAGE_CODE
    kind: str = ""
    callback: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)
    of_somebody: bool = False


def of(request: HttpRequest) -> Asked:
    """Return what a GET or POST asks. Raises NotUnderstood."""
    try:
        given = list(request.GET.lists())
        if request.method == "POST":
            given += _posted(request).lists()
    except RequestDataTooBig as error:
        raise TooLong from error
    except (BadRequest, SuspiciousOperation, MultiPartParserError, LookupError) as error:
        raise NotUnderstood(
            "The parameters cannot be read: send at most 1,000, in a known charset."
        ) from error
    return read(given)


def _posted(request: HttpRequest) -> QueryDict:
    """Return the parameters of a body in the charset that it names, which for Django is one."""
    if request.content_type == "application/x-www-form-urlencoded":
        return QueryDict(request.body, encoding=request.encoding or "utf-8")
    return request.POST


def read(given: Iterable[tuple[str, list[str]]]) -> Asked:
    """Return what parameters ask, each with all its values. Unknown ones are passed over.

    Raises NotUnderstood for a callback that is no name of JavaScript.
    """
    values, is_of_somebody = _numbered(given)
    callback = _callback(values)
    return Asked(
        criteria=_criteria(values, "mainsearchcriteria"),
        subtopics=_criteria(values, "subtopic"),
        language=_language(values),
        kind=_first(values, "knowledgeresponsetype").lower(),
        callback=callback,
        said=[(_SPELT[name], value) for name in values if name in _SPELT
              for _place, value in sorted(values[name].items())[:MOST]],
        of_somebody=is_of_somebody,
    )  # fmt: skip


def _numbered(given: Iterable[tuple[str, list[str]]]) -> tuple[dict[str, Places], bool]:
    """Return values by name and place, and whether any of them may tell of somebody.

    A name that stands in the query and in the body, or is spelt in two ways, is counted on.
    """
    values: dict[str, Places] = {}
    counted: Counter[tuple[str, int]] = Counter()
    is_of_somebody = False
    for typed, found in given:
        name, number = _name(typed)
        is_of_somebody |= not _OF_NOBODY.fullmatch(name)
        for value in found:
            place = counted[name, number]
            if place == MOST:
                break
            counted[name, number] += 1
            if cleaned := clean(value):
                values.setdefault(name, {})[number, place] = cleaned
    return values, is_of_somebody


def clean(value: str) -> str:
    return writable(value).strip()[:LONGEST]


def _name(typed: str) -> tuple[str, int]:
    """Return the name of a parameter as it is looked up, and the number behind it, 0 for none."""
    numbered = _NUMBERED.fullmatch(typed.strip().lower())
    if numbered is None:
        return typed, 0
    name = numbered["name"]
    for older, newer in _SYNONYMS:
        name = older.sub(newer, name)
    return name, int(numbered["number"] or 0)


def _criteria(values: dict, name: str) -> list[Criterion]:
    """Return what belongs together by its number, and by its place where one is repeated."""
    parts = {part: values.get(f"{name}.v.{part}", {}) for part in ("c", "cs", "dn", "ot")}
    places = sorted(set().union(*parts.values()))[:MOST]
    found = []
    for place in places:
        code, system, display, words = (parts[part].get(place, "") for part in parts)
        if code and not system:
            # Several codes of one system, which is named once.
            system = parts["cs"].get((place[0], 0), "")
        if code or display or words:
            found.append(Criterion(code, system, display, words))
    return found


def _first(values: dict, name: str) -> str:
    found = values.get(name)
    return found[min(found)] if found else ""


def _language(values: dict) -> str:
    """Return the language of who will read, else of who asks; the portal's if it has neither."""
    known = {code for code, _name in settings.LANGUAGES}
    for name in ("informationrecipient.languagecode.c", "performer.languagecode"):
        # `es-MX`, and in older systems `es_MX`.
        code = re.split(r"[-_]", _first(values, name).lower())[0]
        if code in known:
            return code
    return settings.LANGUAGE_CODE


def _callback(values: dict) -> str:
    callback = _first(values, "callback") or _first(values, "jsonp")
    if callback and (len(callback) > LONGEST_CALLBACK or not _CALLBACK.fullmatch(callback)):
        raise NotUnderstood(
            "The callback must be the name of a function: letters, digits, _, $ and dots, "
            "and no digit first."
        )
    return callback
