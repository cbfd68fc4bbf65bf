"""Who may do what: the roles of the editorial team, as groups of permissions."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

DRAFT_MODELS = {
    "topics": ["topic", "section", "code", "relation"],
    "therapies": [
        "therapy", "agent", "condition", "complication",
        "therapyagent", "step", "risk", "benefit", "milestone", "engraftmentfactor", "trial",
        "indication",
    ],
}  # fmt: skip
HISTORY = {"topics": ["revision", "review", "edition", "event", "listing"]}
LIBRARY = {"references": ["reference", "partner"], "topics": ["glossaryterm"]}
ROWS = {
    "topics": ["section", "code", "relation"],
    "therapies": DRAFT_MODELS["therapies"][4:],
}


def _all(models: dict[str, list[str]], *verbs: str) -> set[tuple[str, str]]:
    return {
        (app, f"{verb}_{model}")
        for app, names in models.items()
        for model in names
        for verb in verbs
    }


_READ = _all(DRAFT_MODELS, "view") | _all(HISTORY, "view") | _all(LIBRARY, "view")
_WRITE = _READ | _all(DRAFT_MODELS, "add", "change") | _all(ROWS, "delete")
_WRITE |= {("references", "add_reference"), ("topics", "submit_topic")}
# They may hold an address to answer to, so they are for those who answer.
REPORTS = _all({"topics": ["errorreport"]}, "view", "change")
# How many follow what, without the addresses.
FOLLOWING = _all({"topics": ["subscription", "notice"]}, "view")
# What readers search, in numbers, and what comes first for it.
SEARCH = _all({"topics": ["searchcount"]}, "view")
SEARCH |= _all({"topics": ["pin", "synonym"]}, "view", "add", "change", "delete")

ROLES: dict[str, set[tuple[str, str]]] = {
    "Author": _WRITE,
    "Clinical reviewer": _READ | {("topics", "review_topic")},
    "Editor": _WRITE
    | _all(LIBRARY, "add", "change", "delete")
    | {("topics", "publish_topic"), ("topics", "withdraw_topic")}
    | REPORTS
    | FOLLOWING
    | SEARCH,
    "Content loader": _WRITE
    | _all(LIBRARY, "add", "change")
    | {("topics", "publish_unreviewed_topic")},
}


def install() -> None:
    """Create the groups of the roles that are missing. Those that exist are left as they are."""
    for label in ("references", "topics", "therapies"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    permissions = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, granted in ROLES.items():
        group, created = Group.objects.get_or_create(name=name)
        if created:
            group.permissions.set(permissions[key] for key in granted)
