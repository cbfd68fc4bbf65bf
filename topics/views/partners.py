"""The partners of the portal: content networks and sites, with the topics that they pair with."""

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hsc_portal import schema_org
from hsc_portal.pages import answer
from references.models import Partner
from topics.models import Listing

# Whom the portal writes to is no reader's business, so it is never even read.
KEPT_BACK = "contact"
SHOWN = ("slug", "title", "kind", "summary")


@require_safe
def index(request):
    """All partners, networks first."""
    published = Count("topics", filter=Q(topics__listing__isnull=False))
    partners = Partner.objects.defer(KEPT_BACK).annotate(topic_count=published)
    found = partners.order_by("kind", "name")
    told = [{"@type": "Organization", "name": one.name, "url": one.url} for one in found]
    schema = schema_org.page(request, "CollectionPage", _("Partner networks"), about=told)
    context = {"place": "partners", "partners": found, "schema": schema}
    return answer("partners/list.html", context)


@require_safe
def detail(request, slug):
    """One partner, and the published topics that it pairs with."""
    partner = get_object_or_404(Partner.objects.defer(KEPT_BACK), slug=slug)
    topics = Listing.objects.filter(topic__partners=partner).order_by("title", "pk").only(*SHOWN)
    told = {"@type": "Organization", "name": partner.name, "url": partner.url}
    schema = schema_org.page(request, "WebPage", partner.name, mainEntity=told)
    context = {"place": "partners", "partner": partner, "topics": topics, "schema": schema}
    return answer("partners/detail.html", context)
