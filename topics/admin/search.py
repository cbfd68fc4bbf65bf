"""What readers search: sums of counts, with ways to what an editor can do about a query."""

import csv

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery, Sum
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from topics.admin.history import ReadOnlyAdmin
from topics.models import SearchCount
from topics.search import counting

PERIODS = (4, 12)
# A query that was asked so often, with fewer clicks than this share in percent, may find the wrong.
ASKED_LEAST, LOW_SHARE = 5, 20
# What a table of figures takes for the start of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class PeriodFilter(admin.SimpleListFilter):
    """Of which weeks the figures are. `SearchCountAdmin.get_queryset` adds them up."""

    title, parameter_name = "period", "weeks"

    def lookups(self, request, model_admin):
        return [(str(weeks), f"Last {weeks} weeks") for weeks in PERIODS]

    def choices(self, changelist):
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({"weeks": value})
            chosen = int(value) == weeks_of(changelist.filter_params)
            yield {"selected": chosen, "query_string": query, "display": label}

    def queryset(self, request, queryset):
        return queryset


class HelpFilter(admin.SimpleListFilter):
    """Which searches did not help."""

    title, parameter_name = "what was found", "help"
    MEANT = {
        "none": Q(total_without__gt=0),
        "low": Q(total_asked__gte=ASKED_LEAST, share__lt=LOW_SHARE)
        & Q(total_without__lt=F("total_asked")),
    }

    def lookups(self, request, model_admin):
        return [("none", "Without result"), ("low", f"Few clicks (under {LOW_SHARE} %)")]

    def queryset(self, request, queryset):
        return queryset.filter(self.MEANT.get(self.value(), Q()))


def weeks_of(asked) -> int:
    """Return the period that the parameters of an address name, else the longest."""
    value = asked.get("weeks", "")
    value = value[-1] if isinstance(value, list) else value
    return int(value) if value in map(str, PERIODS) else PERIODS[-1]


@admin.register(SearchCount)
class SearchCountAdmin(ReadOnlyAdmin):
    """One row for each query whose words may be shown, with the sums of the period."""

    change_list_template = "admin/topics/searches.html"
    change_form_template = "admin/change_form.html"
    list_display = ("query", "asked_for", "without", "clicks", "last")
    list_display_links = None
    list_filter = (PeriodFilter, HelpFilter)
    search_fields = ("words",)
    fields = ("words", "week", "asked", "without_result", "chosen")

    def get_queryset(self, request):
        since = counting.since(weeks_of(request.GET))
        told = SearchCount.objects.exclude(words="")
        newer = SearchCount.objects.exclude(words="")
        newer = newer.filter(digest=OuterRef("digest"), week__gt=OuterRef("week"))
        same = SearchCount.objects.filter(digest=OuterRef("digest"), week__gte=since)
        same = same.order_by().values("digest")
        return (
            told.filter(~Exists(newer))
            .annotate(
                total_asked=Subquery(same.annotate(n=Sum("asked")).values("n")),
                total_without=Subquery(same.annotate(n=Sum("without_result")).values("n")),
                total_chosen=Subquery(same.annotate(n=Sum("chosen")).values("n")),
                last_asked=Subquery(same.annotate(n=Max("week")).values("n")),
            )
            .filter(total_asked__gt=0)
            .annotate(share=F("total_chosen") * 100 / F("total_asked"))
        )

    def get_ordering(self, request):
        return ("-total_asked", "words", "pk")

    def get_urls(self):
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name="topics_searchcount_export"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        weeks = weeks_of(request.GET)
        context = {"title": "What readers search", "weeks": weeks, "rare": rare(weeks)}
        context |= {"threshold": counting.THRESHOLD, "kept_weeks": counting.WEEKS}
        context["export_query"] = request.GET.urlencode()
        return super().changelist_view(request, context | (extra_context or {}))

    def export(self, request):
        """Send the list as it is filtered, as a table of comma-separated values."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="searches.csv"'
        # Without this mark spreadsheets take Greek letters for something else.
        response.write("\ufeff")
        rows = csv.writer(response)
        rows.writerow(["query", "asked", "without result", "clicks", "last asked in week of"])
        for found in self.get_changelist_instance(request).queryset:
            figures = found.total_asked, found.total_without, found.total_chosen
            rows.writerow([harmless(found.words), *figures, found.last_asked.isoformat()])
        return response

    @admin.display(description="query", ordering="words")
    def query(self, found):
        steps = (("pin", "query", "Pin a result"), ("synonym", "names", "Add a synonym"))
        return format_html(
            '<a href="{}?{}">{}</a><span class="row-steps">{} {}</span>',
            reverse("search"),
            urlencode({"q": found.words}),
            found.words,
            *(_step(*step, found.words) for step in steps),
        )

    @admin.display(description="asked", ordering="total_asked")
    def asked_for(self, found):
        return found.total_asked

    @admin.display(description="without result", ordering="total_without")
    def without(self, found):
        return found.total_without

    @admin.display(description="clicks", ordering="share")
    def clicks(self, found):
        return f"{found.total_chosen} ({found.share}\u00a0%)"

    @admin.display(description="last in the week of", ordering="last_asked")
    def last(self, found):
        return found.last_asked


def _step(model: str, field: str, label: str, words: str) -> str:
    """Return a link to an empty form with the words of a query filled in."""
    address = f"{reverse(f'admin:topics_{model}_add')}?{urlencode({field: words})}"
    return format_html(
        '<a href="{}">{}<span class="visually-hidden"> for “{}”</span></a>', address, label, words
    )


def rare(weeks: int) -> dict:
    """Return of queries whose words are not kept how many there are, and how often asked."""
    told = SearchCount.objects.filter(digest=OuterRef("digest")).exclude(words="")
    others = SearchCount.objects.filter(~Exists(told), week__gte=counting.since(weeks))
    return others.aggregate(
        queries=Count("digest", distinct=True),
        asked=Sum("asked", default=0),
        without=Sum("without_result", default=0),
    )


def harmless(words: str) -> str:
    """Return words that no spreadsheet takes for a formula."""
    return f"'{words}" if words.startswith(FORMULA) else words
