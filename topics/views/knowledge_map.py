"""The knowledge map: all published topics and how they are related."""

from django.views.decorators.http import require_safe

from hsc_portal.pages import answer_kept, bad_values, html
from topics.knowledge_map import graph, page


@require_safe
def detail(request):
    """The whole map, or one topic and its neighbors with `?topic=`."""
    found = graph.read()
    form = page.MapForm(request.GET, found)
    if not form.is_valid():
        return bad_values(request, form.errors, form)

    def make() -> str:
        return html("topics/map.html", page.context(found, form))

    return answer_kept(request, ("map", found.digest), make, form.fields)
