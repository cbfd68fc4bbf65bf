"""FHIR's own form of addresses: no slash at the end, and names of resources with capitals."""

from django.urls import path, re_path

from topics.fhir import views

urlpatterns = [
    path("fhir/metadata", views.metadata, name="fhir_metadata"),
    path("fhir/<str:kind>", views.search, name="fhir_search"),
    path("fhir/<str:kind>/_search", views.search_by_form, name="fhir_search_by_form"),
    path("fhir/<str:kind>/<str:ident>", views.read, name="fhir_read"),
    path("fhir/<str:kind>/<str:ident>/_history/<str:version>", views.read, name="fhir_version"),
    re_path(r"^fhir(/(?P<path>.*))?$", views.nothing, name="fhir"),
]
