"""Which lines a comparison has: for each kind of topic, what is to be set side by side."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from operator import itemgetter

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from hsc_portal.languages import content
from therapies import tables
from therapies.choices import (
    CATEGORIES,
    AgentRole,
    CellSource,
    CellSubset,
    Confidence,
    EngraftmentEffect,
    Phase,
    TransplantOption,
    TrialPhase,
    TrialStatus,
)
from therapies.compare.lines import Entry, Group, align
from therapies.days import start, window
from therapies.grid import NOT_SHOWN, note_of, title_of
from therapies.words import joined
from topics.choices import Certainty, Kind, RelationKind, SectionKind, relation_words
from topics.models import Topic
from topics.reading import Reading
from topics.rendering import TopicLinks
from topics.statements import Citation

# “Overall survival at 5 years”, “… by cell source”: compared as “Overall survival”, shown in full.
_DETAIL_OF_OUTCOME = re.compile(r"\s+(at [+\d]|by ).*")
# Sections of these kinds answer the same question on each page; those on evidence, research and the
# future each answer one of their own.
COMPARED_TEXTS = (
    SectionKind.KEY_POINTS,
    SectionKind.OVERVIEW,
    SectionKind.MECHANISM,
    SectionKind.PROCEDURE,
    SectionKind.CLINICAL_USE,
    SectionKind.BENEFITS,
    SectionKind.RISKS,
    SectionKind.MONITORING,
)
RESULTS = gettext_lazy("Results of different patients and studies; so they are not marked.")
SOURCES_OF_FACTS = gettext_lazy("Sources of these facts")


def groups(readings: list[Reading]) -> list[Group]:
    """Return what is set side by side, without groups of which no topic says anything.

    Values come first; what can only be read stands behind them, one group for each kind of section.
    """
    kind = readings[0].kind
    made = [_glance(readings)]
    if kind == Kind.THERAPY:
        made += [*_of_therapies(readings), _relations(readings)]
        made.append(_text(SectionKind.KEY_POINTS, readings))
    else:
        made += [*_of_conditions(readings), _relations(readings)]
        made += [_text(section, readings) for section in COMPARED_TEXTS]
    return [group for group in made if group.lines]


def _glance(readings: list[Reading]) -> Group:
    """Return facts and summary, and for kinds whose facts name sources these too."""

    def column(reading: Reading) -> Iterator:
        document = reading.document
        model = Topic.class_for(reading.kind)
        for label, words in model.page_facts(document):
            # What is no choice of the portal's stands there as an editor wrote it.
            if words in document["facts"].values():
                yield label, Entry(words=[("", content(words))])
            else:
                yield label, Entry(words=[("", words)], values={("", ""): words})
        if "references" in model.FACTS and document.get("facts"):
            yield str(SOURCES_OF_FACTS), _entry(document["facts"])
        yield _("Summary"), Entry(words=[("", content(document["summary"]))])

    order = [*map(str, tables.FACT_LABELS.values()), str(SOURCES_OF_FACTS), _("Summary")]
    group = align(_("At a glance"), [column(one) for one in readings], order=order)
    group.is_glance = group.is_open = True
    return group


def _text(kind: SectionKind, readings: list[Reading]) -> Group:
    """Return the statements of one kind of section; nothing unless two topics have some."""

    def column(reading: Reading) -> Iterator:
        page = reverse("topic", args=[reading.slug])
        for section in reading.document.get("sections", []):
            if section["kind"] != kind:
                continue
            for n, statement in enumerate(section["statements"]):
                yield (
                    kind,
                    _graded(
                        statement,
                        title="" if n else content(section["heading"]),
                        words=[("", content(statement["text"]))],
                        place=f"{page}#{statement['anchor']}",
                        cited=[Citation(**cited) for cited in statement.get("citations", [])],
                    ),
                )

    # Translators: a part of a comparison that holds the words of pages, as “In words: Mechanism”.
    title = _("In words: %(part)s") % {"part": kind.label}
    group = align(title, [column(one) for one in readings], counts_gaps=False)
    group.lines = [line for line in group.lines if line.stated > 1]
    group.is_text = True
    return group


def _relations(readings: list[Reading]) -> Group:
    """Return typed relations. Being related in some way is nothing to compare."""

    def column(reading: Reading) -> Iterator:
        for group in reading.listing.related if reading.listing else []:
            if group["label"] != RelationKind.RELATED.label:
                for topic in group["topics"]:
                    address = reverse("topic", args=[topic["slug"]])
                    entry = Entry(title=content(topic["title"]), address=address)
                    entry.values = {("", ""): topic["slug"]}
                    yield group["label"], entry

    columns = [column(one) for one in readings]
    return align(_("Relations to other topics"), columns, label=relation_words)


def _of_therapies(readings: list[Reading]) -> list[Group]:
    links = TopicLinks({})
    for reading in readings:
        links.found |= reading.listing.links if reading.listing else {}

    def rows(name: str, make: Callable[[dict], tuple], arrange=list) -> list[list[tuple]]:
        return [[make(row) for row in arrange(_rows(one, name))] for one in readings]

    def agent(row):
        words = [(_("When"), _when(row)), _said(_("Timing"), row, "timing"),
                 _said(_("Note"), row, "note")]  # fmt: skip
        slug = row["agent"]
        title, address = content(links.title(slug)), links.address(slug)
        # Translators: what differs between topics that are compared: “differs: agents”.
        values = {(pgettext("what differs", "agents"), ""): slug, **_days(row, slug)}
        return row["role"], _entry(row, title, words, address=address, values=values)

    step = partial(_step, _stated_once(readings, "steps", itemgetter("phase")))
    milestone = partial(_milestone, _stated_once(readings, "milestones", _measured))
    return [
        # Translators: of a treatment, phase by phase.
        align(_("Course"), rows("steps", step, tables.in_course), label=_labels(Phase),
              order=Phase),
        align(_("Agents"), rows("agents", agent, tables.by_day), label=_labels(AgentRole),
              order=AgentRole),
        align(_("Benefits"), rows("benefits", _benefit), label=content,
              counts_gaps=False, note=str(RESULTS)),
        align(_("Risks"), rows("risks", _risk, tables.by_day),
              label=lambda slug: content(links.title(slug)),
              address=links.address, order=_by_first_day(readings)),
        align(pgettext("of cells after a transplantation", "Recovery"),
              rows("milestones", milestone, tables.by_day), order=CellSubset,
              label=_labels(CellSubset)),
        align(_("What changes engraftment"), rows("engraftment_factors", _factor), label=content,
              counts_gaps=False),
        align(_("Trials"), rows("trials", _trial), label=content, counts_gaps=False),
    ]  # fmt: skip


def _stated_once(readings: list[Reading], name: str, key: Callable[[dict], Hashable]) -> set:
    """Return the keys with one row at most in each topic: these rows speak of the same thing."""
    often = {
        value
        for reading in readings
        for value, number in Counter(map(key, _rows(reading, name))).items()
        if number > 1
    }
    return {key(row) for reading in readings for row in _rows(reading, name)} - often


def _step(alone: set[str], row: dict) -> tuple[str, Entry]:
    words = [("", _when(row)), _said("", row, "description")]
    phase, title = row["phase"], row["title"]
    values = _days(row, "" if phase in alone else title.casefold())
    return phase, _entry(row, content(title), words, values=values)


def _benefit(row: dict) -> tuple[str, Entry]:
    outcome = _DETAIL_OF_OUTCOME.sub("", row["outcome"])
    words = [_said("", row, "result"), _said(_("In whom"), row, "population"),
             _said(_("Compared with"), row, "comparator")]  # fmt: skip
    return outcome, _entry(row, "" if outcome == row["outcome"] else content(row["outcome"]), words)


def _risk(row: dict) -> tuple[str, Entry]:
    words = [
        (_("When"), _when(row)), _said(_("Frequency"), row, "frequency"),
        _said(_("Risk factors"), row, "risk_factors"),
        _said(_("Monitoring"), row, "monitoring"), _said(_("Prevention"), row, "prevention"),
    ]  # fmt: skip
    return row["complication"], _entry(row, "", words, values=_days(row))


def _measured(row: dict) -> tuple[str, ...]:
    """Return of what the days of a milestone are. Days of anything else are not comparable."""
    names = ("subset", "cell_source", "population", "measure", "threshold")
    return tuple(row.get(name, "") for name in names)


def _milestone(alone: set[tuple], row: dict) -> tuple[str, Entry]:
    graft = str(CellSource(row["cell_source"]).label) if row.get("cell_source") else ""
    words = [("", joined(", ", [_when(row), tables.measure(row)])),
             _said(_("In whom"), row, "population"), _said(_("Threshold"), row, "threshold"),
             _said(_("Note"), row, "note")]  # fmt: skip
    measured = _measured(row)
    # Of two that are measured alike nobody knows which one is that of another topic.
    values = _days(row, measured if measured in alone else object())
    return row["subset"], _entry(row, graft, words, values=values)


def _factor(row: dict) -> tuple[str, Entry]:
    effect = str(EngraftmentEffect(row["effect"]).label)
    words = [("", effect), _said(_("Note"), row, "note")]
    # Translators: what differs between topics that are compared: “differs: effect”.
    values = {(pgettext("what differs", "effect"), ""): row["effect"]}
    return row["factor"], _entry(row, "", words, values=values)


def _trial(row: dict) -> tuple[str, Entry]:
    phase = str(TrialPhase(row["phase"]).label) if row.get("phase") else ""
    status = str(TrialStatus(row.get("status", TrialStatus.UNKNOWN)).label)
    number = pgettext("of a trial in a registry", "Number")
    words = [("", phase), (_("Status"), status), (number, row.get("registry_id")),
             _said(_("Result"), row, "result")]  # fmt: skip
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
    scheme, edition, _population = place
    return align(
        title_of(*place),
        [[(row["option"], _indication(row)) for row in column] for column in columns],
        label=_labels(TransplantOption),
        order=TransplantOption,
        note=note_of(scheme, edition),
        counts_gaps=False,
        compares_single=True,
    )


def _indication(row: dict) -> Entry:
    category = row.get("category", "")
    doubt = row.get("confidence", Confidence.HIGH) != Confidence.HIGH
    words = [
        ("", str(CATEGORIES[row["scheme"]][category] if category else NOT_SHOWN)),
        (_("Evidence"), row.get("evidence")),
        (_("Reading of the cell"), str(Confidence(row["confidence"]).label) if doubt else ""),
        _said(_("Note"), row, "note"),
        # Translators: the place in a publication follows, as “Table 2”.
        _said(_("Read in"), row, "source"),
    ]
    named = ", ".join(part for part in (row["disease"], row.get("status")) if part)
    # Each topic names its own diseases; what is compared is how they are graded.
    graded = {
        # Translators: what differs between topics that are compared: “differs: category”.
        pgettext("what differs", "category"): category,
        # Translators: what differs between topics that are compared: “differs: evidence”.
        pgettext("what differs", "evidence"): row.get("evidence"),
    }
    # A cell that could not be read is no category, and its line is not compared.
    values = {(name, ""): value for name, value in graded.items() if value and category}
    entry = _entry(row, content(named), words, values=values)
    entry.badge = category
    return entry


def _rows(reading: Reading, name: str) -> list[dict]:
    return reading.document.get("tables", {}).get(name, [])


def _said(label: str, row: dict, name: str) -> tuple[str, str]:
    """Return the words of a field that holds content, under their label."""
    return label, content(row.get(name, ""))


def _entry(row: dict, title: str = "", words: list = (), **more) -> Entry:
    """Return the entry of a table row, or of facts, without the words that are empty."""
    return _graded(
        row,
        title=title,
        **more,
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
    return lambda value: str(choices(value).label)


def _when(row: dict) -> str:
    return window(row.get("from_day"), row.get("to_day"))


def _days(row: dict, of: Hashable = "") -> dict:
    """Return the window of a row as a value to compare, nothing if it has none."""
    days = row.get("from_day"), row.get("to_day")
    # Translators: what differs between topics that are compared: “differs: days”.
    return {} if days == (None, None) else {(pgettext("what differs", "days"), of): days}


def _by_first_day(readings: list[Reading]) -> list[str]:
    """Return complications by the first day at which any of the topics expects them."""
    first: dict[str, tuple] = {}
    for reading in readings:
        for row in _rows(reading, "risks"):
            days = row.get("from_day"), row.get("to_day")
            known = days == (None, None), start(*days)
            first[row["complication"]] = min(known, first.get(row["complication"], known))
    return sorted(first, key=first.get)
