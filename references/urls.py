from django.urls import path

from references import views

urlpatterns = [
    path("", views.index, name="references"),
    path("<slug:key>/", views.detail, name="reference"),
]
