from django.urls import path

from topics.views import site, topics

urlpatterns = [
    path("", site.home, name="home"),
    path("topics/", topics.index, name="topics"),
    path("topics/<slug:slug>/", topics.detail, name="topic"),
    path("topics/<slug:slug>/editions/", topics.history, name="history"),
    path("topics/<slug:slug>/editions/<int:number>/", topics.edition, name="edition"),
    path("glossary/", site.glossary, name="glossary"),
    path("about/", site.about, name="about"),
    path("robots.txt", site.robots, name="robots"),
    path("favicon.ico", site.Favicon.as_view(), name="favicon"),
]
