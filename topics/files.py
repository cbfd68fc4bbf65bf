"""What is not for readers: feeds, files to download, and what browsers ask for by themselves.

Each has one address, whatever the language of the page that names it.
"""

from django.urls import path

from topics import addresses, sitemap
from topics.choices import Kind
from topics.embedding import oembed
from topics.embedding import views as embedding
from topics.views import citing, counting, drafts, figures, news, offline, site, suggestions

# Under /topics/ stand topics of every kind, so overviews have their feed elsewhere.
FEEDS = addresses.INDEXES | {Kind.OVERVIEW: "overviews"}

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
    *(
        path(f"{place}/feed.atom", news.kind_feed, {"kind": kind}, name=f"feed-{kind}")
        for kind, place in FEEDS.items()
    ),
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
    path("embed.js", embedding.script, name="embed_script"),
    path("oembed", oembed.oembed, name="oembed"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    # For those who build pages, who read English.
    path("style/", site.style, name="style"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("robots.txt", site.robots, name="robots"),
    path("favicon.ico", site.Favicon.as_view(), name="favicon"),
]
