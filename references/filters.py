"""What references can be filtered by, and how filters find the names of topics and references."""

from typing import ClassVar

import django_filters
from django import forms
from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.exceptions import ValidationError
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hsc_portal.filters import AnyOf, Ordering, Words, Year, YesNo
from references.identifiers import normalise_doi, normalise_pmid
from references.models import Reference, StudyType
from references.registries.recognising import recognise

REFERENCE = "reference"
# What is said of a name that nothing of its kind has; "" is any kind of topic.
UNKNOWN = {
    "": _("There is no topic “%(name)s”."),
    "overview": _("There is no overview “%(name)s”."),
    "therapy": _("There is no therapy “%(name)s”."),
    "agent": _("There is no agent “%(name)s”."),
    "condition": _("There is no condition “%(name)s”."),
    "complication": _("There is no complication “%(name)s”."),
    REFERENCE: _("There is no reference “%(name)s”."),
}


class NameField(forms.CharField):
    """The name of a topic or reference. `kind` says of what: a kind of topic, or `reference`.

    Its cleaned value is the list of all names that the same thing ever had.
    """

    def __init__(self, *args, kind: str = "", **kwargs):
        super().__init__(*args, max_length=80, **kwargs)
        self.kind = kind

    def fits(self, kind: str) -> bool:
        return kind == self.kind or (not self.kind and kind != REFERENCE)


class NamesForm(forms.Form):
    """The form behind a FilterSet: it refuses names that nothing has, all with one query."""

    def clean(self):
        given = {
            name: value
            for name, value in super().clean().items()
            if value and isinstance(self.fields[name], NameField)
        }
        known = find_names(set(given.values())) if given else {}
        for name, value in given.items():
            field = self.fields[name]
            fitting = [names for kind, names in known.get(value, []) if field.fits(kind)]
            if fitting:
                self.cleaned_data[name] = fitting[0]
            else:
                self.add_error(name, UNKNOWN[field.kind] % {"name": value})
        return self.cleaned_data


def find_names(names: set[str]) -> dict[str, list[tuple[str, list[str]]]]:
    """Return, for each name that is known, of what kinds it is and what else these are called.

    A topic keeps its old addresses, and Documents of other topics may still name it by them.
    """
    # By its string, as a foreign key would: this room must not import the one above it.
    slugs = apps.get_model("topics.PublishedSlug").objects
    aliases = slugs.filter(topic=OuterRef("topic")).values("slug")
    topics = (
        slugs.filter(slug__in=names)
        .annotate(kind=F("topic__kind"), names=ArraySubquery(aliases))
        .values_list("slug", "kind", "names")
    )
    # Texts may cite a publication by a key that was merged into another.
    is_same = Q(pk=OuterRef("kept")) | Q(merged_into=OuterRef("kept"))
    references = (
        Reference.objects.filter(key__in=names)
        .order_by()
        .alias(kept=Coalesce("merged_into", "pk"))
        .annotate(
            kind=Value(REFERENCE, CharField()),
            names=ArraySubquery(Reference.objects.filter(is_same).order_by().values("key")),
        )
        .values_list("key", "kind", "names")
    )
    found: dict[str, list] = {}
    for name, kind, others in topics.union(references, all=True):
        found.setdefault(name, []).append((kind, others or [name]))
    return found


class TopicName(django_filters.CharFilter):
    """The slug of a topic, of one kind if `kind` is given. Old slugs are understood."""

    field_class = NameField

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("lookup_expr", "in")
        super().__init__(*args, **kwargs)


class ReferenceKey(TopicName):
    """The key of a reference."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, kind=REFERENCE, **kwargs)


class Identifier(django_filters.CharFilter):
    """A DOI or PMID in any of its usual spellings, also as an address."""

    class field_class(forms.CharField):
        def __init__(self, *args, normalise, **kwargs):
            super().__init__(*args, max_length=250, **kwargs)
            self.normalise = normalise

        def clean(self, value):
            return self.normalise(super().clean(value)) or ""


class PublicationType(TextChoices):
    """The types of CSL-JSON that the library has names for, and one for all others."""

    JOURNAL = "article-journal", _("Journal article")
    PREPRINT = "article", _("Preprint")
    CHAPTER = "chapter", _("Chapter of a book")
    BOOK = "book", _("Book")
    REPORT = "report", _("Report")
    CONFERENCE = "paper-conference", _("Conference paper")
    THESIS = "thesis", _("Thesis")
    DATASET = "dataset", _("Data set")
    PAGE = "webpage", _("Page of the web")
    OTHER = "other", pgettext_lazy("publication", "Other")


class ReferenceFilter(django_filters.FilterSet):
    """Filters over Reference."""

    q = Words(method="by_words", label=_("Words of title, authors, journal or year"))
    year = Year(label=_("Year of publication"))
    year_min = Year(field_name="year", lookup_expr="gte", label=_("Published in or after"))
    year_max = Year(field_name="year", lookup_expr="lte", label=_("Published in or before"))
    study_type = AnyOf(choices=StudyType.choices, label=_("Study type"))
    type = AnyOf(
        field_name="publication_type",
        choices=PublicationType.choices,
        label=_("Kind of publication"),
    )
    journal = Words(field_name="container", lookup_expr="iexact", label=_("Journal or book"))
    status = AnyOf(choices=Reference.Status.choices, label=_("Retraction status"))
    doi = Identifier(normalise=normalise_doi, label="DOI")
    pmid = Identifier(normalise=normalise_pmid, label="PMID")
    topic = TopicName(method="by_topic", label=_("Slug of a topic that cites it now"))
    cited = YesNo(method="by_cited", label=_("Cited by a current edition"))
    ordering = Ordering(
        fields={"key": "key", "year": "year", "title": "title", "authors": "authors"},
        field_labels={
            # Translators: the short name of a publication in the portal, as “petit2002”.
            "key": _("Key"),
            "year": _("Year"),
            "title": _("Title"),
            "authors": _("Authors"),
        },
    )

    SEARCHED: ClassVar[tuple[str, ...]] = ("title", "authors", "container", "key", "year")
    # Lets one wrong letter in a word of ten pass; PostgreSQL's own 0.6 does not.
    ALIKE: ClassVar[float] = 0.5

    class Meta:
        model = Reference
        fields: ClassVar[list[str]] = []
        form = NamesForm

    def __init__(self, data=None, queryset=None, **options):
        super().__init__(data, self._queryset(queryset), **options)

    @staticmethod
    def _queryset(queryset):
        named = Q(csl__type__in=PublicationType.values)
        given = When(named, then=KeyTextTransform("type", "csl"))
        kind = Case(given, default=Value(PublicationType.OTHER), output_field=CharField())
        found = Reference.objects.listed() if queryset is None else queryset
        return found.alias(publication_type=kind)

    def is_on(self, name: str) -> bool:
        return self.form.cleaned_data[name] not in (None, "", [])

    def narrowed(self, apart: set[str]) -> QuerySet:
        """Return what fits all filters but these."""
        found = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name not in apart:
                found = self.filters[name].filter(found, value)
        return found

    def condition(self, name: str) -> Q:
        """Return the condition of a filter that is on and asks for one column, or for a topic."""
        asked, value = self.filters[name], self.form.cleaned_data[name]
        if name == "topic":
            return Q(Exists(_citations_now().filter(edition__listing__slug__in=value)))
        if isinstance(asked, AnyOf):
            return asked.condition(value)
        return Q(**{f"{asked.field_name}__{asked.lookup_expr}": value})

    def by_words(self, queryset, name, value):
        # Every word somewhere, as one looks for a paper; or a title that is spelt alike.
        everywhere = Q()
        for word in value.split():
            in_one = Q()
            for column in self.SEARCHED:
                in_one |= Q(**{f"{column}__icontains": word})
            everywhere &= in_one
        queryset = queryset.alias(alike=TrigramWordSimilarity(value, "title"))
        return queryset.filter(everywhere | Q(alike__gte=self.ALIKE) | _is_called(value))

    def by_topic(self, queryset, name, slugs):
        return queryset.filter(self.condition("topic"))

    def by_cited(self, queryset, name, value):
        cited = Exists(_citations_now())
        return queryset.filter(cited if value else ~cited)


def _is_called(value: str) -> Q:
    """Return the condition that a publication has the identifier that these words are.

    A bare number is that of PubMed. What was merged into a publication lends it its numbers.
    """
    try:
        found = recognise(value)
    except ValidationError:
        return Q(pk__in=[])
    if found.kind not in ("doi", "pmid", "pmcid"):
        return Q(csl__icontains=found.value) if found.kind == "nct" else Q(csl__ISBN=found.value)
    merged = Reference.objects.filter(**{found.kind: found.value}).exclude(merged_into=None)
    return Q(**{found.kind: found.value}) | Q(pk__in=merged.values("merged_into"))


def _citations_now():
    """Return the citations of a reference by editions that are current."""
    citations = Reference._meta.get_field("citations").related_model.objects
    is_same = Q(reference=OuterRef("pk")) | Q(reference__merged_into=OuterRef("pk"))
    return citations.filter(is_same, edition__listing__isnull=False)
