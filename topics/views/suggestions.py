"""Suggestions as data, for the fields of searches."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from hsc_portal.pages import CACHE_CONTROL
from topics.search import suggesting


@require_safe
def suggestions(request):
    """What goes on as `?q=` begins. Addresses are those of pages in the content's language."""
    told = [
        {
            "kind": offer.kind.name.lower(),
            "label": offer.label,
            "hint": offer.hint,
            "url": offer.get_absolute_url(),
        }
        for offer in suggesting.suggest(request.GET.get("q", ""))
    ]
    dense = {"ensure_ascii": False, "separators": (",", ":")}
    headers = {"Cache-Control": CACHE_CONTROL}
    return JsonResponse(told, safe=False, headers=headers, json_dumps_params=dense)
