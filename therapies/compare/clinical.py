"""Which lines a comparison has: for each kind of topic, what is to be set side by side."""

import re
from collections.abc import Callable, Iterator

from django.urls import reverse

from therapies import tables
from therapies.choices import (
    CATEGORIES,
    AgentRole,
    CellSource,
    CellSubset,
    Confidence,
    EngraftmentEffect,
    Phase,
    Population,
    Scheme,
    TransplantOption,
    TrialPhase,
    TrialStatus,
)
from therapies.compare.lines import Entry, Group, align
from therapies.days import start, window
from therapies.grid import NOT_SHOWN
from topics.choices import Certainty, Kind, RelationKind, SectionKind
from topics.models import Topic
from topics.reading import Reading
from topics.rendering import TopicLinks
from topics.statements import Citation

# “Overall survival at 5 years”, “… by cell source”: compared as “Overall survival”, shown in full.
_DETAIL_OF_OUTCOME = re.compile(r"\s+(at [+\d]|by ).*")
SOURCES_OF_FACTS = "Sources of these facts"


def groups(readings: list[Reading]) -> list[Group]:
    """Return what is set side by side, without groups of which no topic says anything."""
    kind = readings[0].kind
    made = [_glance(readings), _sections("Key points", readings, [SectionKind.KEY_POINTS])]
    if kind == Kind.THERAPY:
        made += _of_therapies(readings)
    else:
        made += _of_conditions(readings)
        others = [kind for kind in SectionKind if kind != SectionKind.KEY_POINTS]
        made.append(_sections("What the pages say", readings, others))
    made.append(_relations(readings))
    return [group for group in made if group.lines]


def _glance(readings: list[Reading]) -> Group:
    """Return summary and facts, and for kinds whose facts name sources these too."""

    def column(reading: Reading) -> Iterator:
        document = reading.document
        model = Topic.class_for(reading.kind)
        yield "Summary", Entry(words=[("", document["summary"])])
        for label, words in model.page_facts(document):
            yield label, Entry(words=[("", words)])
        if "references" in model.FACTS and document.get("facts"):
            yield SOURCES_OF_FACTS, _entry(document["facts"])

    order = ["Summary", *tables.FACT_LABELS.values()]
    return align("At a glance", [column(one) for one in readings], order=order)


def _sections(title: str, readings: list[Reading], kinds: list[str]) -> Group:
    """Return the statements of sections, aligned by the kind of section."""

    def column(reading: Reading) -> Iterator:
        page = reverse("topic", args=[reading.slug])
        for section in reading.document.get("sections", []):
            if section["kind"] not in kinds:
                continue
            for n, statement in enumerate(section["statements"]):
                yield (
                    section["kind"],
                    _graded(
                        statement,
                        title="" if n else section["heading"],
                        words=[("", statement["text"])],
                        place=f"{page}#{statement['anchor']}",
                        cited=[Citation(**cited) for cited in statement.get("citations", [])],
                    ),
                )

    columns = [column(one) for one in readings]
    return align(title, columns, label=lambda kind: SectionKind(kind).label, order=kinds)


def _relations(readings: list[Reading]) -> Group:
    """Return typed relations. Being related in some way is nothing to compare."""

    def column(reading: Reading) -> Iterator:
        for group in reading.listing.related if reading.listing else []:
            if group["label"] != RelationKind.RELATED.label:
                for topic in group["topics"]:
                    address = reverse("topic", args=[topic["slug"]])
                    yield group["label"], Entry(title=topic["title"], address=address)

    return align("Relations to other topics", [column(one) for one in readings])


def _of_therapies(readings: list[Reading]) -> list[Group]:
    links = TopicLinks({})
    for reading in readings:
        links.found |= reading.listing.links if reading.listing else {}

    def rows(name: str, make: Callable[[dict], tuple], arrange=list) -> list[list[tuple]]:
        return [[make(row) for row in arrange(_rows(one, name))] for one in readings]

    def agent(row):
        words = [("When", _when(row)), ("Timing", row.get("timing")), ("Note", row.get("note"))]
        slug = row["agent"]
        return row["role"], _entry(row, links.title(slug), words, address=links.address(slug))

    return [
        align("Course", rows("steps", _step, tables.in_course), label=_labels(Phase), order=Phase),
        align("Agents", rows("agents", agent, tables.by_day), label=_labels(AgentRole),
              order=AgentRole),
        align("Benefits", rows("benefits", _benefit)),
        align("Risks", rows("risks", _risk, tables.by_day), label=links.title,
              address=links.address, order=_by_first_day(readings)),
        align("Recovery", rows("milestones", _milestone, tables.by_day), order=CellSubset,
              label=_labels(CellSubset)),
        align("What changes engraftment", rows("engraftment_factors", _factor)),
        align("Trials", rows("trials", _trial)),
    ]  # fmt: skip


def _step(row: dict) -> tuple[str, Entry]:
    return row["phase"], _entry(row, row["title"], [("", _when(row)), ("", row.get("description"))])


def _benefit(row: dict) -> tuple[str, Entry]:
    outcome = _DETAIL_OF_OUTCOME.sub("", row["outcome"])
    words = [("", row["result"]), ("In whom", row.get("population")),
             ("Compared with", row.get("comparator"))]  # fmt: skip
    return outcome, _entry(row, "" if outcome == row["outcome"] else row["outcome"], words)


def _risk(row: dict) -> tuple[str, Entry]:
    return row["complication"], _entry(row, "", [
        ("When", _when(row)), ("Frequency", row.get("frequency")),
        ("Risk factors", row.get("risk_factors")), ("Monitoring", row.get("monitoring")),
        ("Prevention", row.get("prevention")),
    ])  # fmt: skip


def _milestone(row: dict) -> tuple[str, Entry]:
    graft = CellSource(row["cell_source"]).label if row.get("cell_source") else ""
    words = [("", _when(row)), ("Threshold", row.get("threshold")), ("Note", row.get("note"))]
    return row["subset"], _entry(row, graft, words)


def _factor(row: dict) -> tuple[str, Entry]:
    words = [("", EngraftmentEffect(row["effect"]).label), ("Note", row.get("note"))]
    return row["factor"], _entry(row, "", words)


def _trial(row: dict) -> tuple[str, Entry]:
    phase = TrialPhase(row["phase"]).label if row.get("phase") else ""
    status = TrialStatus(row.get("status", TrialStatus.UNKNOWN)).label
    words = [("", phase), ("Status", status), ("Number", row.get("registry_id")),
             ("Result", row.get("result"))]  # fmt: skip
    return row["name"], _entry(row, "", words)


def _of_conditions(readings: list[Reading]) -> list[Group]:
    """Return published indications: a group for each scheme, edition and population."""
    rows = [_rows(reading, "indications") for reading in readings]
    places = dict.fromkeys(_printed_in(row) for column in rows for row in column)
    return [
        _indications(
            place, [[row for row in column if _printed_in(row) == place] for column in rows]
        )
        for place in places
    ]


def _printed_in(row: dict) -> tuple[str, str, str]:
    return row["scheme"], row["edition"], row["population"]


def _indications(place: tuple[str, str, str], columns: list[list[dict]]) -> Group:
    scheme, edition, population = place
    named = f"{Scheme(scheme).label} {edition}"
    return align(
        f"Indications: {named}, {Population(population).label.lower()}",
        [[(row["option"], _indication(row)) for row in column] for column in columns],
        label=_labels(TransplantOption),
        order=TransplantOption,
        note=f"The letters are those of {named}. In another scheme or edition the same letter "
        "can mean something else.",
    )


def _indication(row: dict) -> Entry:
    category = row.get("category", "")
    doubt = row.get("confidence", Confidence.HIGH) != Confidence.HIGH
    words = [
        ("", CATEGORIES[row["scheme"]][category] if category else NOT_SHOWN),
        ("Evidence", row.get("evidence")),
        ("Reading of the cell", Confidence(row["confidence"]).label if doubt else ""),
        ("Note", row.get("note")),
        ("Read in", row["source"]),
    ]
    named = ", ".join(part for part in (row["disease"], row.get("status")) if part)
    entry = _entry(row, named, words)
    entry.badge = category
    # Each topic names its own diseases; what is compared is how they are graded.
    entry.compared = (category, row.get("evidence"))
    return entry


def _rows(reading: Reading, name: str) -> list[dict]:
    return reading.document.get("tables", {}).get(name, [])


def _entry(row: dict, title: str = "", words: list = (), address: str = "") -> Entry:
    """Return the entry of a table row, or of facts, without the words that are empty."""
    return _graded(
        row,
        title=title,
        address=address,
        words=[(label, text) for label, text in words if text],
        cited=[Citation(key) for key in row.get("references", [])],
    )


def _graded(said: dict, **more) -> Entry:
    return Entry(
        is_graded=True,
        certainty=said.get("certainty", Certainty.UNGRADED),
        awaiting_check=said.get("awaiting_check", False),
        **more,
    )


def _labels(choices) -> Callable[[str], str]:
    return lambda value: choices(value).label


def _when(row: dict) -> str:
    return window(row.get("from_day"), row.get("to_day"))


def _by_first_day(readings: list[Reading]) -> list[str]:
    """Return complications by the first day at which any of the topics expects them."""
    first: dict[str, tuple] = {}
    for reading in readings:
        for row in _rows(reading, "risks"):
            days = row.get("from_day"), row.get("to_day")
            known = days == (None, None), start(*days)
            first[row["complication"]] = min(known, first.get(row["complication"], known))
    return sorted(first, key=first.get)
