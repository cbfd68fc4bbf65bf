"""What `make bench` measures: the portal with one plain view beside its pages."""

from django.http import HttpResponse
from django.urls import include, path


def hello(request):
    """Answer as little as a Django view can."""
    return HttpResponse("hello")


urlpatterns = [path("hello/", hello), path("", include("hsc_portal.urls"))]
