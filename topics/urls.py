"""The pages, which are there in each language of the interface."""

from django.urls import path

from topics.embedding import views as embedding
from topics.views import (
    citing,
    drafts,
    evidence,
    following,
    history,
    knowledge_map,
    news,
    offline,
    partners,
    reports,
    search,
    site,
    topics,
)

urlpatterns = [
    path("", site.home, name="home"),
    path("search/", search.search, name="search"),
    path("topics/", topics.index, name="topics"),
    path("topics/<slug:slug>/", topics.detail, name="topic"),
    path("topics/<slug:slug>/editions/", history.history, name="history"),
    path("topics/<slug:slug>/editions/<int:number>/", topics.edition, name="edition"),
    path("topics/<slug:slug>/editions/<int:number>/changes/", history.changes, name="changes"),
    path("topics/<slug:slug>/editions/<int:number>/cite/", citing.cite, name="cite"),
    path("topics/<slug:slug>/evidence/", evidence.detail, name="evidence"),
    path("partners/", partners.index, name="partners"),
    path("partners/<slug:slug>/", partners.detail, name="partner"),
    path("map/", knowledge_map.detail, name="map"),
    path("whats-new/", news.index, name="whats_new"),
    path("report/", reports.report, name="report"),
    path("report/sent/<str:token>/", reports.sent, name="report_sent"),
    path("glossary/", site.glossary, name="glossary"),
    path("follow/", following.follow, name="follow"),
    path("follow/sent/", following.sent, name="follow_sent"),
    path("follow/confirm/<str:token>/", following.confirm, name="follow_confirm"),
    path("follow/stop/<str:token>/", following.stop, name="follow_stop"),
    path("follow/yours/<str:token>/", following.yours, name="follow_yours"),
    path("drafts/<str:token>/", drafts.draft, name="draft"),
    path("saved/", offline.saved, name="saved"),
    path("offline/", offline.offline, name="offline"),
    path("about/", site.about, name="about"),
    # What is framed by pages of others. Before the parts: no part is called as `editions` is.
    path("embed/<slug:slug>/", embedding.card, name="embed"),
    path("embed/<slug:slug>/editions/<int:number>/", embedding.card, name="embed_edition"),
    path("embed/<slug:slug>/<slug:anchor>/", embedding.card, name="embed_part"),
    path(
        "embed/<slug:slug>/editions/<int:number>/<slug:anchor>/",
        embedding.card,
        name="embed_edition_part",
    ),
]
