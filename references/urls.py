from django.urls import path

from references import views

urlpatterns = [
    path("", views.index, name="references"),
    path("all.<slug:ending>", views.file_of_list, name="library_file"),
    path("<slug:key>/", views.detail, name="reference"),
    path("<slug:key>/cite.<slug:ending>", views.file, name="reference_file"),
]
