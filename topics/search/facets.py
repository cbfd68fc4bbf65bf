"""What a search can be narrowed to, and how much of what was found each choice has.

Kind and area count topics, certainty counts statements, year and study type count publications.
A choice counts with all facets but its own applied. What has only a common word of the query is not
counted, though it may be found.
"""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext as _

from hsc_portal.facets import Facet, Option
from references.models import Reference, StudyType
from topics.choices import Area, Certainty, Kind
from topics.models import Listing, Statement
from topics.search.query import Query

# Years are offered in steps of so many, from the newest.
YEARS = 5


def read(query: Query, topics: list[int], statements: list[int], references: list[int]) -> list:
    """Return the facets of what was found before it was narrowed, without those that are empty."""
    facets = [
        *_of_topics(query, topics),
        _of_statements(query, statements),
        *_of_references(query, references),
    ]
    return [facet for facet in facets if facet.options]


def _of_topics(query: Query, topics: list[int]) -> list[Facet]:
    rows = list(Listing.objects.filter(pk__in=topics).values_list("kind", "areas", "certainties"))
    kinds, areas = query.narrowed.get("kind"), query.narrowed.get("area")
    certainties = query.narrowed.get("certainty")
    rows = [row for row in rows if not certainties or row[2].keys() & set(certainties)]
    of_kind = Counter(row[0] for row in rows if not areas or set(areas) & set(row[1]))
    of_area = Counter(area for row in rows if not kinds or row[0] in kinds for area in row[1])
    return [
        _facet(query, "kind", _("Kind of topic"), _("topics"), Kind.choices, of_kind),
        _facet(query, "area", _("Area"), _("topics"), Area.choices, of_area),
    ]


def _of_statements(query: Query, statements: list[int]) -> Facet:
    rows = Statement.objects.filter(pk__in=statements)
    if kinds := query.narrowed.get("kind"):
        rows = rows.filter(listing__kind__in=kinds)
    if areas := query.narrowed.get("area"):
        rows = rows.filter(listing__areas__overlap=areas)
    counts = Counter(rows.order_by().values_list("certainty", flat=True))
    label = _("Certainty")
    return _facet(query, "certainty", label, _("statements"), Certainty.choices, counts)


def _of_references(query: Query, references: list[int]) -> list[Facet]:
    rows = Reference.objects.filter(pk__in=references).values_list("study_type", "year")
    studies, years = query.narrowed.get("study"), query.years
    rows = list(rows.order_by())
    of_study = Counter(study for study, year in rows if not years or _is_between(year, years))
    of_year = Counter(_step(year) for study, year in rows if year and _is_one_of(study, studies))
    steps = [(step, step.replace("-", "–")) for step in sorted(of_year, reverse=True)]
    counted = _("publications")
    return [
        _facet(query, "study", _("Study type"), counted, StudyType.choices, of_study),
        _facet(query, "year", _("Year"), counted, steps, of_year),
    ]


def _facet(
    query: Query, name: str, label: str, counted: str, choices: Iterable, counts: Counter
) -> Facet:
    chosen = query.narrowed.get(name, [])
    if name == "year" and query.years:
        chosen = [f"{query.years[0]}-{query.years[1]}"]
    options = [
        Option(value, str(shown), counts[value], value in chosen)
        for value, shown in choices
        if counts[value] or value in chosen
    ]
    return Facet(name, label, counted, options)


def _step(year: int) -> str:
    first = year - year % YEARS
    return f"{first}-{first + YEARS - 1}"


def _is_between(year: int | None, years: tuple[int, int]) -> bool:
    return bool(year) and years[0] <= year <= years[1]


def _is_one_of(value: str, chosen: list[str] | None) -> bool:
    return not chosen or value in chosen
