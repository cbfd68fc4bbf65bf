"""What the list of references can be narrowed to, and how many publications each choice has.

A choice counts with all facets but its own applied. All of it, and how many publications there are
altogether, is found with one query.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hsc_portal.facets import Facet, Option
from hsc_portal.lists import address
from references.filters import PublicationType, ReferenceFilter
from references.models import Reference, StudyType

# By which filters of the list each facet is narrowed.
FILTERS = {
    "year": ("year", "year_min", "year_max"), "type": ("type",), "study_type": ("study_type",),
    "status": ("status",), "journal": ("journal",), "topic": ("topic",),
}  # fmt: skip
# Years are offered in steps of so many; journals and topics as many, the most frequent.
YEARS, MOST = 5, 8
COLUMNS = ("pk", "year", "publication_type", "study_type", "status", "container")

# Each part is of publications that fit the other facets. Citations are few beside publications, so
# topics are found from there.
BASE = "WITH base (id, year, type, study_type, status, journal, {flags}) AS MATERIALIZED ({base}) "
ALL = "SELECT 'all', '', '', count(*) FROM base WHERE {others}"
GROUPED = "SELECT '{name}', {name}, '', count(*) FROM base WHERE {others} GROUP BY {name}"
BY_YEAR = """SELECT 'year', (year - year % {step})::text, '', count(*) FROM base
    WHERE year IS NOT NULL AND {others} GROUP BY 2"""
BY_JOURNAL = """(SELECT 'journal', journal, '', count(*) FROM base
    WHERE journal <> '' AND {others} GROUP BY journal
    ORDER BY bool_or(in_journal) DESC, count(*) DESC, journal LIMIT {most})"""
BY_TOPIC = """(SELECT 'topic', listing.slug, listing.title, count(DISTINCT base.id)
    FROM {listing} listing
    JOIN {citation} citation ON citation.edition_id = listing.edition_id
    JOIN references_reference cited ON cited.id = citation.reference_id
    JOIN base ON base.id = coalesce(cited.merged_into_id, cited.id)
    WHERE {others} GROUP BY listing.slug, listing.title
    ORDER BY listing.slug = ANY(%s) DESC, count(DISTINCT base.id) DESC, listing.title
    LIMIT {most})"""


def read(filters: ReferenceFilter) -> tuple[int, list[Facet]]:
    """Return how many publications fit all filters, and the facets that have a choice."""
    counts = _counted(filters)
    of_years = sorted(counts["year"].items(), reverse=True)
    facets = [
        _facet(filters, "topic", _("Cited by"), counts["topic"].items()),
        _facet(filters, "study_type", _("Study type"), _in_order(StudyType, counts)),
        _facet(filters, "year", _("Year"), of_years),
        _facet(filters, "type", _("Kind of publication"), _in_order(PublicationType, counts)),
        _facet(filters, "journal", _("Journal or book"), counts["journal"].items()),
        _facet(filters, "status", _("Retraction status"), _in_order(Reference.Status, counts)),
    ]
    total = counts["all"][""][1]
    return total, [facet for facet in facets if facet.options]


def _in_order(choices, counts: dict) -> Iterable[tuple[str, tuple]]:
    """Return the counts of a facet in the order of its choices, with their labels."""
    names = {StudyType: "study_type", PublicationType: "type", Reference.Status: "status"}
    found = counts[names[choices]]
    return [(one.value, (one.label, found[one][1])) for one in choices if one in found]


def _facet(filters, name: str, label: str, counted: Iterable[tuple[str, tuple]]) -> Facet:
    facet = Facet(name, label, _("publications"))
    for value, (shown, count) in counted:
        is_chosen = _is_chosen(filters, name, value)
        shown = f"{value}–{int(value) + YEARS - 1}" if name == "year" else shown or value
        facet.options.append(Option(value, str(shown), count, is_chosen))
    return facet


def _is_chosen(filters: ReferenceFilter, name: str, value: str) -> bool:
    data = filters.form.cleaned_data
    if name == "year":
        return (data["year_min"], data["year_max"]) == (int(value), int(value) + YEARS - 1)
    if name == "journal":
        return data["journal"].lower() == value.lower()
    return value in (data[name] or [])


def offers(request: HttpRequest, facet: Facet) -> list[tuple[Option, str]]:
    """Return the options of a facet, each with the address at which it is chosen or no longer."""
    return [(option, _address(request, facet, option)) for option in facet.options]


def _address(request: HttpRequest, facet: Facet, option: Option) -> str:
    if facet.name == "year":
        last = str(int(option.value) + YEARS - 1)
        span = ("", "") if option.is_chosen else (option.value, last)
        return address(request, year="", year_min=span[0], year_max=span[1])
    if facet.name in {"journal", "topic"}:
        return address(request, **{facet.name: "" if option.is_chosen else option.value})
    given = [one for one in request.GET.getlist(facet.name) if one and one != option.value]
    values = given if option.is_chosen else [*given, option.value]
    return address(request, **{facet.name: values})


def _counted(filters: ReferenceFilter) -> dict[str, dict[str, tuple[str, int]]]:
    """Return label and number of publications by facet and value."""
    sql, params = _query(filters)
    found: dict[str, dict] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for facet, value, label, count in cursor.fetchall():
            found[facet][value] = (label, count)
    return found


def _query(filters: ReferenceFilter) -> tuple[str, tuple]:
    flags = [f"in_{name}" for name in FILTERS]
    others = {
        name: " AND ".join(flag for flag in flags if flag != f"in_{name}")
        for name in (*FILTERS, "all")
    }
    citation = Reference._meta.get_field("citations").related_model._meta
    # The table of what is published now, which this room knows by its name alone.
    listing = citation.get_field("edition").related_model._meta.get_field("listing").related_model
    parts = [
        ALL.format(others=others["all"]),
        *(GROUPED.format(name=name, others=others[name])
          for name in ("type", "study_type", "status")),
        BY_YEAR.format(step=YEARS, others=others["year"]).replace("year % ", "year %% "),
        BY_JOURNAL.format(most=MOST, others=others["journal"]),
        BY_TOPIC.format(most=MOST, others=others["topic"], citation=citation.db_table,
                        listing=listing._meta.db_table),
    ]  # fmt: skip
    base, params = _base(filters).query.sql_with_params()
    whole = BASE.format(flags=", ".join(flags), base=base) + "\nUNION ALL ".join(parts)
    return whole, (*params, filters.form.cleaned_data["topic"] or [])


def _base(filters: ReferenceFilter) -> QuerySet:
    """Return what fits all but the facets, and for each facet whether it fits that too."""
    of_facets = {name for names in FILTERS.values() for name in names}
    found = filters.narrowed(of_facets).order_by()
    flags = {f"in_{facet}": _condition(filters, names) for facet, names in FILTERS.items()}
    found = found.annotate(publication_type=F("publication_type"), **flags)
    return found.values_list(*COLUMNS, *flags)


def _condition(filters: ReferenceFilter, names: Iterable[str]):
    """Return the condition that a publication fits those filters that are on among these."""
    conditions = [filters.condition(name) for name in names if filters.is_on(name)]
    if not conditions:
        return Value(True)
    return ExpressionWrapper(Q(*conditions), BooleanField())
