"""What is not for readers: feeds, files to download, and what browsers ask for by themselves.

Each has one address, whatever the language of the page that names it.
"""

from django.urls import path

from topics.views import citing, counting, drafts, figures, news, offline, site, suggestions

urlpatterns = [
    path(
        "topics/<slug:slug>/editions/<int:number>/cite.<slug:ending>",
        citing.cite_file,
        name="cite_file",
    ),
    path(
        "topics/<slug:slug>/editions/<int:number>/references.<slug:ending>",
        citing.references_file,
        name="references_file",
    ),
    path("topics/<slug:slug>/feed.atom", news.topic_feed, name="topic_feed"),
    path("whats-new/feed.atom", news.feed, name="whats_new_feed"),
    path("glossary/names.json", site.names, name="names"),
    path("glossary/terms.json", site.terms, name="terms"),
    path("figures/<slug:sha256>.<slug:kind>", figures.figure, name="figure"),
    path(
        "drafts/<str:token>/figures/<slug:sha256>.<slug:kind>",
        drafts.figure,
        name="draft_figure",
    ),
    path("search/suggestions/", suggestions.suggestions, name="suggestions"),
    path("search/chosen/", counting.chosen, name="search_chosen"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    # For those who build pages, who read English.
    path("style/", site.style, name="style"),
    path("robots.txt", site.robots, name="robots"),
    path("favicon.ico", site.Favicon.as_view(), name="favicon"),
]
