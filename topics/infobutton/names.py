"""Which topics words name. A record system asks for one thing and must not be shown another.

The portal's search wants no word in particular. Here a name counts only if it is all that was
said, apart from words that change no subject: `Busulfan 6 MG/ML Injection` names busulfan, but
`Family history of breast cancer` is not about breast cancer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, Q, TextField, Value

from topics.models import Name
from topics.models.search import Indexed
from topics.search import query, text

# As SNOMED CT ends its names: “Acute myeloid leukemia (disorder)”.
_TAG = re.compile(
    r"\s*\((disorder|finding|procedure|substance|product|situation|morphologic abnormality|"
    r"medicinal product|clinical drug|body structure|observable entity|regime/therapy)\)\s*$",
    re.I,
)
# As ICD ends its names.
_RESIDUAL = re.compile(
    r"\b(unspecified|not otherwise specified|nos|not elsewhere classified|nec|"
    r"not having achieved remission|in remission|in relapse)\b",
    re.I,
)
# Behind a name what that is called for short, or how it is meant.
_SHORT = re.compile(r"\s*\([A-Z][A-Za-z0-9/-]{1,9}\)\s*$", re.ASCII)
_ADDED = re.compile(r"\s*\([^()]*\)\s*$")
# As RxNorm writes a strength: “6 MG/ML”.
_STRENGTH = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:mg|mcg|g|ml|unt|iu|meq)(?:\s*/\s*(?:\d+\s*)?(?:mg|ml|hr|actuat))?\b",
    re.I,
)
# As RxNorm writes what a drug is sold as.
_FORM = frozenset(
    text.key(
        "capsule delayed extended film coated injectable injection lyophilized oral pack pen "
        "powder prefilled product release solution suspension syringe tablet vial"
    ).split()
)
_BRAND = re.compile(r"\s*\[[^\]]*\]\s*$")
# So many letters of an abbreviation mean many things: HCT is a hematocrit, too.
LONGEST_ABBREVIATION = 4
# A name may have so many words more than were said: acute and chronic are kinds of one disease.
_MISSING, _FEWEST = 1, 2

Lexemes = frozenset[str]


@dataclass(frozen=True)
class Said:
    """What one criterion says in words: the lexemes of each way to read it, the best first.

    `is_alone` if nothing but words was sent.
    """

    readings: tuple[Lexemes, ...]
    is_abbreviated: bool
    is_alone: bool


@dataclass(frozen=True)
class Called:
    """Topics, by number, that are called so; `is_whole` if that is their whole name."""

    topics: list[int]
    is_whole: bool
    is_abbreviated: bool


def read(words: str, *, is_alone: bool) -> Said:
    """Return what words say of a subject; beside a code that no topic has they are not alone."""
    cleaned = query.clean(words)
    readings = dict.fromkeys(_lexemes(each) for each in (cleaned, _SHORT.sub("", cleaned)))
    letters = sum(sign.isalnum() for sign in cleaned)
    return Said(tuple(filter(None, readings)), letters <= LONGEST_ABBREVIATION, is_alone)


def find(said: list[Said]) -> list[Called | None]:
    """Return what each names. An abbreviation beside a code is the name of something else."""
    asked = [one if one.is_alone or not one.is_abbreviated else None for one in said]
    names = _names({lexemes for one in asked if one for lexemes in one.readings})
    return [_called(one, names) if one else None for one in asked]


def _names(wanted: set[Lexemes]) -> list[tuple[int, Lexemes]]:
    """Return number and name of the topics that have all of some lexemes in a name."""
    if not wanted:
        return []
    words = Func(
        F("key"), Value(" "), function="string_to_array", output_field=ArrayField(TextField())
    )
    having = reduce(or_, [Q(words__contains=sorted(lexemes)) for lexemes in wanted])
    rows = Name.objects.filter(kind=Indexed.TOPIC).alias(words=words).filter(having)
    rows = rows.order_by("entry_id", "key").values_list("entry_id", "key", "label")
    return [
        (number, frozenset(name.split()))
        for number, key, label in rows
        for name in {key: "", text.key(_ADDED.sub("", label)): ""}
    ]


def _called(said: Said, names: list[tuple[int, Lexemes]]) -> Called | None:
    for lexemes in said.readings:
        if whole := [number for number, name in names if name == lexemes]:
            return Called(_once(whole), True, said.is_abbreviated)
    for lexemes in said.readings:
        if part := [number for number, name in names if _is_part(lexemes, name)]:
            return Called(_once(part), False, said.is_abbreviated)
    return None


def _is_part(lexemes: Lexemes, name: Lexemes) -> bool:
    return len(lexemes) >= _FEWEST and lexemes < name and len(name) <= len(lexemes) + _MISSING


def _once(numbers: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(numbers))


def _lexemes(words: str) -> Lexemes:
    """Return the lexemes of what is named; a machine makes no slips, so none is put right."""
    bare = _BRAND.sub("", _TAG.sub("", words))
    plain = _STRENGTH.sub(" ", bare)
    found = frozenset(text.key(_RESIDUAL.sub(" ", plain)).split())
    # A drug is sold in a strength; an oral disease is none.
    return found - _FORM if plain != bare else found
