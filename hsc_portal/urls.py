"""The URL map: pages, API and admin."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

admin.site.index_title = "Editorial desk"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("hsc_portal.api")),
    path("", include("topics.files")),
    path("", include("topics.infobutton.urls")),
    path("", include("topics.fhir.urls")),
    *i18n_patterns(
        path("references/", include("references.urls")),
        path("", include("therapies.urls")),
        path("", include("topics.urls")),
        # The content's own language needs no word in the address.
        prefix_default_language=False,
    ),
]

handler400 = "hsc_portal.error_pages.bad_request"
handler403 = "hsc_portal.error_pages.forbidden"
handler404 = "hsc_portal.error_pages.not_found"
handler500 = "hsc_portal.error_pages.failed"
