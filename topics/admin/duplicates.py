"""The pages that find publications which are here twice, and merge them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from unfold.decorators import action

from references import duplicates
from references.models import Reference
from topics.errors import PublishingError
from topics.library import merging

LIST = "admin:references_reference_duplicates"
FORM = "admin:references_reference_change"
MERGE = "admin:references_reference_merge"
WITH = "admin:references_reference_merge_with"
# As many are listed of those that fit what is looked for.
MOST = 30


class MergesDuplicates:
    """An admin of publications that are looked through for those which are here twice."""

    def get_urls(self):
        view = self.admin_site.admin_view
        two = "<int:pk>/<int:other>"
        return [
            path("duplicates/", view(self.duplicates_view), name=LIST.split(":")[1]),
            path(f"{two}/merge/", view(self.merge_view), name=MERGE.split(":")[1]),
            path(f"{two}/distinct/", view(require_POST(self.distinct_view)),
                 name="references_reference_distinct"),
            path("<int:pk>/merge-with/", view(self.merge_with_view), name=WITH.split(":")[1]),
            path("<int:pk>/part/", view(require_POST(self.part_view)),
                 name="references_reference_part"),
            *super().get_urls(),
        ]  # fmt: skip

    @action(description="Find duplicates", permissions=["change"], url_path="find-duplicates")
    def find_duplicates(self, request):
        return HttpResponseRedirect(reverse(LIST))

    def duplicates_view(self, request):
        self._require(request)
        page = {"title": "References that may be here twice", "pairs": duplicates.pairs()}
        page["most"] = duplicates.MOST
        return self._pair_page(request, "duplicates", page)

    def merge_with_view(self, request, pk):
        """Any other publication, chosen by hand: what looks alike, or what fits some words."""
        self._require(request)
        reference = get_object_or_404(Reference.objects.listed(), pk=pk)
        asked = request.GET.get("q", "").strip()
        found = [p.other if p.one == reference else p.one for p in duplicates.of(reference)]
        if asked:
            others = Reference.objects.listed().exclude(pk=pk)
            found = list(self.get_search_results(request, others, asked)[0][: MOST + 1])
        page = {"title": f"Merge {reference.key} with …", "reference": reference, "asked": asked}
        page |= {"found": found[:MOST], "is_more": len(found) > MOST, "original": reference}
        return self._pair_page(request, "merge_with", page)

    def merge_view(self, request, pk, other):
        self._require(request)
        kept, other = (get_object_or_404(Reference, pk=each) for each in (pk, other))
        if request.method == "POST":
            return self._merge(request, kept, other)
        return self._pair_page(request, "merge", self._beside(kept, other))

    def distinct_view(self, request, pk, other):
        self._require(request)
        one, other = (get_object_or_404(Reference, pk=each) for each in (pk, other))
        merging.say_distinct(one, other, actor=request.user)
        messages.success(request, f"“{one.key}” and “{other.key}” are two: this is remembered.")
        return HttpResponseRedirect(reverse(LIST))

    def part_view(self, request, pk):
        reference = get_object_or_404(Reference, pk=pk)
        try:
            merging.part(reference, actor=request.user)
        except PublishingError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"“{reference.key}” stands by itself again.")
        return HttpResponseRedirect(reverse(FORM, args=[pk]))

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            for pair in duplicates.of(obj):
                other = pair.one if pair.other == obj else pair.other
                messages.warning(request, _may_be(obj, other, pair))

    def _merge(self, request, kept, other):
        try:
            merging.merge(kept, other, actor=request.user, take=request.POST.getlist("field"))
        except PublishingError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)
        words = "“{}” is now “{}”: its citations and its address lead there. It can be undone on "
        words += '<a href="{}">its own page</a>.'
        undo = reverse(FORM, args=[other.pk])
        messages.success(request, format_html(words, other.key, kept.key, undo))
        return HttpResponseRedirect(reverse(FORM, args=[kept.pk]))

    def _beside(self, kept, other) -> dict:
        cited = {each: len(each.citations.values("edition__topic").distinct())
                 for each in (kept, other)}  # fmt: skip
        return {
            "title": f"Merge {other.key} into {kept.key}",
            "kept": kept,
            "other": other,
            "original": kept,
            "rows": merging.differences(kept, other),
            "pair": next((p for p in duplicates.of(kept) if other in (p.one, p.other)), None),
            "cited": cited,
            "is_cited_less": cited[kept] < cited[other],
        }

    def _require(self, request) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied("You may not change references.")

    def _pair_page(self, request, name: str, context: dict):
        request.current_app = self.admin_site.name
        page = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, f"admin/references/{name}.html", page | context)


def _may_be(reference: Reference, other: Reference, pair: duplicates.Pair) -> str:
    words = '“{}” may be here already, as <a href="{}">{}</a>: {}. <a href="{}">Merge them</a>'
    url, merge = reverse(FORM, args=[other.pk]), reverse(MERGE, args=[other.pk, reference.pk])
    return format_html(words, reference.key, url, other.key, ", ".join(pair.reasons), merge)
