"""How the admin looks: its name and colors, and the sidebar. See django-unfold's settings."""

from collections.abc import Callable, Iterable

from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

# The petrol of the portal's pages, from paper to ink, as in static/css/portal.css.
PETROL = {
    "50": "#eef7f8",
    "100": "#d5ecef",
    "200": "#afd9df",
    "300": "#7dc0c9",
    "400": "#5fb3bf",
    "500": "#45a5b4",
    "600": "#0b6474",
    "700": "#0b5c6b",
    "800": "#0e4955",
    "900": "#103d48",
    "950": "#052730",
}
# What the sidebar lists: title, icon, and the model whose list it opens.
KINDS = (
    ("Therapies", "vaccines", "therapies.therapy"),
    ("Agents", "medication", "therapies.agent"),
    ("Conditions", "coronavirus", "therapies.condition"),
    ("Complications", "warning", "therapies.complication"),
)
LISTS = {
    "Library": (
        ("References", "menu_book", "references.reference"),
        ("Glossary", "dictionary", "topics.glossaryterm"),
        ("Codes", "tag", "topics.code"),
        ("Partners", "handshake", "references.partner"),
        ("Synonyms", "sync_alt", "topics.synonym"),
        ("Pinned results", "keep", "topics.pin"),
    ),
    "Readers": (
        ("Error reports", "flag", "topics.errorreport"),
        ("Searches", "search", "topics.searchcount"),
        ("Followers", "notifications", "topics.subscription"),
    ),
    "Partners’ access": (
        ("API keys", "key", "references.apikey"),
        ("Usage", "bar_chart", "references.usage"),
        ("Webhooks", "webhook", "topics.webhook"),
        ("Deliveries", "outbox", "topics.delivery"),
    ),
    "What happened": (
        ("Editions", "auto_stories", "topics.edition"),
        ("Reviews", "rate_review", "topics.review"),
        ("Revisions", "history", "topics.revision"),
        ("Log", "list_alt", "topics.event"),
        ("Published now", "public", "topics.listing"),
        ("External links", "link", "topics.linkcheck"),
    ),
    "People": (("Accounts", "person", "auth.user"), ("Roles", "groups", "auth.group")),
}
BACKGROUND = (
    ("Scheduled publications", "schedule", "topics.schedule"),
    ("Links to drafts", "link", "topics.draftlink"),
    ("Mails in trouble", "mail", "topics.notice"),
    ("Mails to the team", "forward_to_inbox", "topics.deskmail"),
)
DESK_PAGES = {"queue", "mine", "mails", "failures", "lists", "evidence-map"}
# Quiet words must keep their contrast on grey paper, too.
WORDS = {"subtle-light": "var(--color-base-600)", "subtle-dark": "var(--color-base-300)"}


def settings() -> dict:
    """Return the settings of the theme."""
    return {
        "SITE_TITLE": "HSC Portal",
        "SITE_HEADER": "HSC Portal",
        "SITE_SUBHEADER": "Editors’ home",
        "SITE_URL": "/",
        "SITE_ICON": lambda request: static("favicon.svg"),
        "SITE_FAVICONS": [
            {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")}
        ],
        "DASHBOARD_CALLBACK": "topics.admin.start.dashboard",
        "SHOW_HISTORY": True,
        "SHOW_VIEW_ON_SITE": True,
        "BORDER_RADIUS": "5px",
        "COLORS": {"primary": PETROL, "font": WORDS},
        "STYLES": [lambda request: static("admin/hsc_portal.css")],
        "SCRIPTS": [lambda request: static("admin/desk.js")],
        "SIDEBAR": {
            "show_search": True,
            "show_all_applications": False,
            "navigation": sidebar(),
        },
    }


def sidebar() -> list[dict]:
    """Return the groups of the sidebar. Each person sees only what they may open."""
    return [
        _group(
            "Start",
            [
                _start(),
                _page("Review queue", "rate_review", "queue"),
                _page("Assigned to me", "assignment_ind", "mine"),
                _page("Evidence map", "grid_on", "evidence_map"),
                _page("Your emails", "mail", "mails"),
                _site(),
            ],
        ),
        _group(
            "Topics",
            [
                _list("All topics", "library_books", "topics.topic") | {"active": _among_topics},
                *_lists(KINDS),
            ],
        ),
        *(_group(title, _lists(models)) for title, models in LISTS.items()),
        _group(
            "Work in the background",
            [
                _list("Tasks", "task", "django_tasks_database.dbtaskresult"),
                _page("Failures", "error", "failures", "django_tasks_database.change_dbtaskresult"),
                *_lists(BACKGROUND),
            ],
        ),
    ]


def _group(title: str, items: list[dict]) -> dict:
    return {"title": title, "separator": title != "Start", "items": items}


def _lists(models: Iterable[tuple[str, str, str]]) -> list[dict]:
    return [_list(*each) for each in models]


def _start() -> dict:
    return {"title": "Editorial desk", "icon": "home", "link": reverse_lazy("admin:index")}


def _site() -> dict:
    # Each address begins with this one, so it would always seem to be the page that is shown.
    link = reverse_lazy("home")
    return {"title": "What readers see", "icon": "open_in_new", "link": link, "active": False}


def _page(title: str, icon: str, name: str, permission: str = "topics.view_topic") -> dict:
    """Return the link to a page of the desk, for those who hold a permission."""
    link = reverse_lazy(f"admin:topics_topic_{name}")

    def may(request) -> bool:
        return request.user.has_perm(permission)

    return {"title": title, "icon": icon, "link": link, "permission": may}


def _among_topics(request) -> bool:
    """Return whether a page of all topics is shown, and not one of the desk, which lies below."""
    page = request.path.removeprefix(reverse("admin:topics_topic_changelist"))
    return page != request.path and page.partition("/")[0] not in DESK_PAGES


def _list(title: str, icon: str, model: str) -> dict:
    """Return the link to the list of a model, for those who may view it."""
    name = f"admin:{model.replace('.', '_')}_changelist"
    return {"title": title, "icon": icon, "link": reverse_lazy(name), "permission": _may(model)}


def _may(model: str) -> Callable:
    app, name = model.split(".")

    def may(request) -> bool:
        return any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))

    return may
