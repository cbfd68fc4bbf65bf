"""Hypothesis strategies that make whole Documents of every kind, as an editor might write them."""

import datetime

from django.db import models
from hypothesis import strategies as st

from topics.choices import (
    CODE_FORMS,
    Area,
    Certainty,
    CodeSystem,
    Match,
    RelationKind,
    SectionKind,
)
from topics.models import Topic
from topics.statements import html_faults

KEYS = ["duhrsen1988", "petit2002"]
# Whatever a person can type into a field: no NUL (PostgreSQL has none), no half characters, and
# nothing that is refused as HTML.
words = st.text(
    st.characters(blacklist_characters="\x00", blacklist_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() == text and text and not html_faults(text))
plain = st.text("abcdefghij äβ→2%.,", min_size=1, max_size=60).filter(lambda t: t.strip() == t)
days = st.integers(-365, 400)
ASCII = st.characters(min_codepoint=32, max_codepoint=126)
grades = st.sampled_from([c for c in Certainty.values if c != Certainty.UNGRADED])
dates = st.dates(datetime.date(2020, 1, 1), datetime.date(2040, 1, 1)).map(str)


@st.composite
def statement(draw) -> str:
    text = draw(plain)
    if draw(st.booleans()):
        keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=2, unique=True))
        text += " [" + "; ".join(f"@{key}" for key in keys) + "]"
    if draw(st.booleans()):
        text += "{certainty=" + draw(grades) + draw(st.sampled_from(["", " check=awaiting"])) + "}"
    return text


@st.composite
def body(draw) -> str:
    parts = draw(st.lists(statement(), min_size=1, max_size=3))
    marks = draw(st.sampled_from(["", "- ", "1. "]))
    joined = "\n\n".join(f"{marks}{part}" for part in parts)
    return "\n".join(line.rstrip() for line in joined.splitlines()).strip("\n")


sections = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(SectionKind.values), "heading": words, "body": body()}
    ),
    max_size=3,
)


@st.composite
def code(draw) -> dict:
    system = draw(st.sampled_from(CodeSystem.values))
    made = {
        "system": system,
        "code": draw(st.from_regex(CODE_FORMS[system][0], fullmatch=True, alphabet=ASCII)),
        "match": draw(st.sampled_from(Match.values)),
    }
    if draw(st.booleans()):
        made["label"] = draw(words)
    if made["match"] != Match.EXACT and draw(st.booleans()):
        made["verified"] = False
    return made


codes = st.lists(
    code().filter(lambda made: len(made["code"]) <= 40),
    max_size=3,
    unique_by=lambda code: (code["system"], code["code"]),
)
relations = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(RelationKind.values), "target": st.just("stem-cell-niche")}
    ),
    max_size=2,
    unique_by=lambda relation: relation["kind"],
)


def value_of(field: models.Field) -> st.SearchStrategy:
    """Return a strategy of the values that a field may have in a Document."""
    if field.many_to_many:
        return st.lists(st.sampled_from(KEYS), min_size=1, unique=True).map(sorted)
    if field.is_relation:
        return st.just(f"some-{field.related_model.KIND}")
    if field.choices:
        values = [value for value, _ in field.choices if value not in ("", field.default)]
        return st.sampled_from(values)
    if isinstance(field, models.BooleanField):
        return st.just(not field.default)
    if isinstance(field, models.IntegerField):
        return days
    length = field.max_length or 60
    return words.filter(lambda text: len(text) <= length)


def row(model: type[models.Model], names: tuple[str, ...]) -> st.SearchStrategy:
    """Return a strategy of the Document data of a row: required fields always, others at times."""
    fields = {name: model._meta.get_field(name) for name in names}
    required = {
        name
        for name, field in fields.items()
        if not field.many_to_many and not field.blank and not field.has_default()
    }
    data = st.fixed_dictionaries(
        {name: value_of(fields[name]) for name in fields if name in required},
        optional={name: value_of(fields[name]) for name in fields if name not in required},
    )
    return data.map(fit)


def fit(data: dict) -> dict:
    """Mend what no single field can know: windows in order, categories of their scheme."""
    if "from_day" in data and "to_day" in data:
        data["from_day"], data["to_day"] = sorted((data["from_day"], data["to_day"]))
    if "scheme" in data:
        data["category"] = "S"
    if "registry_id" in data:
        data["registry_id"] = "NCT03930615"
    return data


def key_of(data: dict):
    """What must be unique among the rows of a table."""
    names = ("agent", "complication", "from_day", "role", "scheme", "edition", "population",
             "disease", "status", "option")  # fmt: skip
    found = tuple(str(data.get(name, "")) for name in names)
    return found if any(found) else id(data)


@st.composite
def document(draw, kind: str) -> dict:
    """Make a Document of one kind, with every clinical table that the kind has."""
    model = Topic.class_for(kind)
    data = {
        "schema": 1,
        "kind": kind,
        "slug": "the-topic",
        "title": draw(words),
        "summary": draw(words),
        "areas": draw(st.lists(st.sampled_from(Area.values), min_size=1, max_size=3, unique=True)),
        "synonyms": draw(st.lists(words, max_size=3)),
        "note": draw(words),
        "next_review": draw(dates),
        "sections": draw(sections),
        "codes": draw(codes),
        "relations": draw(relations),
        "facts": draw(row(model, model.FACTS)) if model.FACTS else {},
        "tables": {
            name: draw(
                st.lists(
                    row(model.row_model(name), model.row_model(name).DOCUMENT_FIELDS),
                    max_size=2,
                    unique_by=key_of,
                )
            )
            for name in model.TABLES
        },
    }
    return data
