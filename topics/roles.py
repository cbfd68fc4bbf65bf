"""Who may do what: the roles of the editorial team, as groups of permissions."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

DRAFT_MODELS = {
    "topics": ["topic", "section", "code", "relation", "figure"],
    "therapies": [
        "therapy", "agent", "condition", "complication",
        "therapyagent", "step", "risk", "benefit", "milestone", "engraftmentfactor", "trial",
        "indication",
    ],
}  # fmt: skip
HISTORY = {"topics": ["revision", "review", "edition", "event", "listing", "linkcheck", "opening"]}
DESK = {"topics": ["assignment", "comment", "schedule", "draftlink"]}
LIBRARY = {"references": ["reference", "partner"], "topics": ["glossaryterm"]}
ROWS = {
    "topics": ["section", "code", "relation", "figure"],
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
_READ |= _all(DESK, "view")
# All of the team ask each other for work, and discuss drafts.
_READ |= {("topics", "add_assignment"), ("topics", "add_comment"), ("topics", "change_comment")}
_WRITE = _READ | _all(DRAFT_MODELS, "add", "change") | _all(ROWS, "delete")
_WRITE |= {("references", "add_reference"), ("topics", "submit_topic")}
_WRITE |= {("topics", "add_draftlink")}
# Links of others, and work in the background that failed.
CARE = {("topics", "change_draftlink")} | _all({"topics": ["deskmail"]}, "view", "change")
CARE |= _all({"django_tasks_database": ["dbtaskresult"]}, "view", "change")
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
    | SEARCH
    | CARE,
    "Content loader": _WRITE
    | _all(LIBRARY, "add", "change")
    | {("topics", "publish_unreviewed_topic")},
}


# Administrators may do what the database lets a person do, in these apps and with accounts. They
# are no superusers: see topics/admin/people.py.
ADMINISTRATOR = "Administrator"
APPS = ("references", "topics", "therapies", "django_tasks_database")
ACCOUNTS = _all({"auth": ["user", "group"]}, "view", "add", "change", "delete")


def install() -> None:
    """Create the groups of the roles, and give those that exist what they lack.

    What somebody gave a group besides stays.
    """
    for label in (*APPS, "auth"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    permissions = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.select_related("content_type")
    }
    everything = ACCOUNTS | {(app, name) for app, name in permissions if app in APPS}
    for role, granted in (ROLES | {ADMINISTRATOR: everything}).items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*(permissions[key] for key in granted))
