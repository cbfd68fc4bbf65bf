"""Which lines a comparison has: for each kind of topic, what is to be set side by side."""

import re
from collections.abc import Callable, Iterator

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
from topics.choices import Certainty, Kind, RelationKind, SectionKind, relation_words
from topics.models import Topic
from topics.reading import Reading
from topics.rendering import TopicLinks
from topics.statements import Citation

# “Overall survival at 5 years”, “… by cell source”: compared as “Overall survival”, shown in full.
_DETAIL_OF_OUTCOME = re.compile(r"\s+(at [+\d]|by ).*")
SOURCES_OF_FACTS = gettext_lazy("Sources of these facts")


def groups(readings: list[Reading]) -> list[Group]:
    """Return what is set side by side, without groups of which no topic says anything."""
    kind = readings[0].kind
    made = [_glance(readings), _sections(_("Key points"), readings, [SectionKind.KEY_POINTS])]
    if kind == Kind.THERAPY:
        made += _of_therapies(readings)
    else:
        made += _of_conditions(readings)
        others = [kind for kind in SectionKind if kind != SectionKind.KEY_POINTS]
        made.append(_sections(_("What the pages say"), readings, others))
    made.append(_relations(readings))
    return [group for group in made if group.lines]


def _glance(readings: list[Reading]) -> Group:
    """Return summary and facts, and for kinds whose facts name sources these too."""

    def column(reading: Reading) -> Iterator:
        document = reading.document
        model = Topic.class_for(reading.kind)
        yield _("Summary"), Entry(words=[("", content(document["summary"]))])
        for label, words in model.page_facts(document):
            # What is no choice of the portal's stands there as an editor wrote it.
            is_content = words in document["facts"].values()
            yield label, Entry(words=[("", content(words) if is_content else words)])
        if "references" in model.FACTS and document.get("facts"):
            yield str(SOURCES_OF_FACTS), _entry(document["facts"])

    order = [_("Summary"), *map(str, tables.FACT_LABELS.values())]
    return align(_("At a glance"), [column(one) for one in readings], order=order)


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
                        title="" if n else content(section["heading"]),
                        words=[("", content(statement["text"]))],
                        place=f"{page}#{statement['anchor']}",
                        cited=[Citation(**cited) for cited in statement.get("citations", [])],
                    ),
                )

    columns = [column(one) for one in readings]
    return align(title, columns, label=_labels(SectionKind), order=kinds)


def _relations(readings: list[Reading]) -> Group:
    """Return typed relations. Being related in some way is nothing to compare."""

    def column(reading: Reading) -> Iterator:
        for group in reading.listing.related if reading.listing else []:
            if group["label"] != RelationKind.RELATED.label:
                for topic in group["topics"]:
                    address = reverse("topic", args=[topic["slug"]])
                    yield group["label"], Entry(title=content(topic["title"]), address=address)

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
        return row["role"], _entry(row, title, words, address=address)

    return [
        # Translators: of a treatment, phase by phase.
        align(_("Course"), rows("steps", _step, tables.in_course), label=_labels(Phase),
              order=Phase),
        align(_("Agents"), rows("agents", agent, tables.by_day), label=_labels(AgentRole),
              order=AgentRole),
        align(_("Benefits"), rows("benefits", _benefit), label=content),
        align(_("Risks"), rows("risks", _risk, tables.by_day),
              label=lambda slug: content(links.title(slug)),
              address=links.address, order=_by_first_day(readings)),
        align(pgettext("of cells after a transplantation", "Recovery"),
              rows("milestones", _milestone, tables.by_day), order=CellSubset,
              label=_labels(CellSubset)),
        align(_("What changes engraftment"), rows("engraftment_factors", _factor), label=content),
        align(_("Trials"), rows("trials", _trial), label=content),
    ]  # fmt: skip


def _step(row: dict) -> tuple[str, Entry]:
    words = [("", _when(row)), _said("", row, "description")]
    return row["phase"], _entry(row, content(row["title"]), words)


def _benefit(row: dict) -> tuple[str, Entry]:
    outcome = _DETAIL_OF_OUTCOME.sub("", row["outcome"])
    words = [_said("", row, "result"), _said(_("In whom"), row, "population"),
             _said(_("Compared with"), row, "comparator")]  # fmt: skip
    return outcome, _entry(row, "" if outcome == row["outcome"] else content(row["outcome"]), words)


def _risk(row: dict) -> tuple[str, Entry]:
    return row["complication"], _entry(row, "", [
        (_("When"), _when(row)), _said(_("Frequency"), row, "frequency"),
        _said(_("Risk factors"), row, "risk_factors"),
        _said(_("Monitoring"), row, "monitoring"), _said(_("Prevention"), row, "prevention"),
    ])  # fmt: skip


def _milestone(row: dict) -> tuple[str, Entry]:
    graft = str(CellSource(row["cell_source"]).label) if row.get("cell_source") else ""
    words = [("", _when(row)), _said(_("Threshold"), row, "threshold"),
             _said(_("Note"), row, "note")]  # fmt: skip
    return row["subset"], _entry(row, graft, words)


def _factor(row: dict) -> tuple[str, Entry]:
    effect = str(EngraftmentEffect(row["effect"]).label)
    words = [("", effect), _said(_("Note"), row, "note")]
    return row["factor"], _entry(row, "", words)


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
    entry = _entry(row, content(named), words)
    entry.badge = category
    # Each topic names its own diseases; what is compared is how they are graded.
    entry.compared = (category, row.get("evidence"))
    return entry


def _rows(reading: Reading, name: str) -> list[dict]:
    return reading.document.get("tables", {}).get(name, [])


def _said(label: str, row: dict, name: str) -> tuple[str, str]:
    """Return the words of a field that holds content, under their label."""
    return label, content(row.get(name, ""))


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
    return lambda value: str(choices(value).label)


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
