"""Addresses that stand in the settings of record systems: in no language, and without a slash."""

from django.urls import re_path

from topics.infobutton import views

urlpatterns = [
    re_path(r"^infobutton/service/?$", views.service, name="infobutton_service"),
    re_path(r"^infobutton/application/?$", views.application, name="infobutton_application"),
]
