"""Who may do what with which topic: each role, action, author and state through the real addresses.

What is expected is written down here in words of its own, not read from the code.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from admin_data import filled_in, knowingly, reference, said
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from hsc_portal import pages
from references.models import Partner, Reference
from topics import interests, publishing, roles
from topics.models import GlossaryTerm, Review, Section, Topic

pytestmark = pytest.mark.django_db

ROLES = {
    "author": "Author",
    "reviewer": "Clinical reviewer",
    "editor": "Editor",
    "administrator": "Administrator",
}
STATES = ("draft", "submitted", "approved", "published", "withdrawn")
WRITERS, REVIEWERS = {"author", "editor", "administrator"}, {"reviewer", "administrator"}
PUBLISHERS = {"editor", "administrator"}
# Of each action: who may take it, and in which states it does something.
RULES = {
    "save": (WRITERS, STATES),
    "restore": (WRITERS, STATES),
    "submit": (WRITERS, ("draft", "submitted", "approved", "withdrawn")),
    # What its author may still be writing is not judged, nor what was withdrawn after it was asked.
    "review": (REVIEWERS, ("submitted", "approved")),
    "publish": (PUBLISHERS, ("approved",)),
    "withdraw": (PUBLISHERS, ("published",)),
}
WORDS = {
    "submit": {"note": "Please"},
    "publish": {"change_note": "Now"},
    "withdraw": {"reason": "Wrong"},
    "restore": {"note": "It was better"},
}


@dataclass
class Team:
    """One member for each role, somebody else who wrote, and topics of all in each state."""

    people: dict[str, User] = field(default_factory=dict)
    topics: dict[tuple[str, str], Topic] = field(default_factory=dict)

    def join(self, name: str, *roles: str) -> User:
        made = get_user_model().objects.create_user(name, is_staff=True, first_name=name.title())
        made.groups.set(Group.objects.filter(name__in=roles))
        self.people[name] = made
        return made

    def client(self, role: str) -> Client:
        client = Client()
        client.force_login(self.people[role])
        return client

    def topic(self, role: str, whose: str, state: str) -> Topic:
        """Return the topic in a state which the member of a role wrote, or somebody else."""
        return self.topics[role if whose == "own" else "colleague", state]


@pytest.fixture(scope="module")
def team(django_db_setup, django_db_blocker) -> Iterator[Team]:
    """Everybody and everything, made once; each test undoes what it does."""
    pages.kept.pages.clear()
    # All of it is emptied at the end.
    assert connection.settings_dict["NAME"].startswith("test_")
    with django_db_blocker.unblock():
        try:
            yield _made()
        finally:
            call_command("flush", verbosity=0, interactive=False)
            roles.install()
    pages.kept.pages.clear()


@transaction.atomic
def _made() -> Team:
    made = Team()
    for name in (*ROLES, "colleague", "checker"):
        # All of them wrote their topics as authors; then they get the role of their name.
        made.join(name, "Author", "Clinical reviewer", "Editor")
    reference()
    for writer in (*ROLES, "colleague"):
        for state in STATES:
            made.topics[writer, state] = _topic(made, writer, state)
    for name, role in ROLES.items():
        made.people[name].groups.set([Group.objects.get(name=role)])
    return made


def _topic(team: Team, writer: str, state: str) -> Topic:
    author, checker = team.people[writer], team.people["checker"]
    slug = f"{writer}-{state}"
    topic = Topic(slug=slug, title=slug.title(), areas=["biology"], summary="An earlier summary.")
    topic.save()
    Section.objects.create(topic=topic, heading="What is it?", body="It is. [@smith2020]")
    publishing.save_revision(topic, author=author)
    topic.summary = "A summary."
    topic.save()
    publishing.save_revision(topic, author=author)
    if state != "draft":
        publishing.submit(topic, actor=author)
    if state in {"approved", "published", "withdrawn"}:
        latest = topic.revisions.last()
        publishing.review(
            latest, reviewer=checker, verdict="approve", interests="none", whole_text=True
        )
    if state in {"published", "withdrawn"}:
        publishing.publish(topic, publisher=checker, change_note="First text")
    if state == "withdrawn":
        publishing.withdraw(topic, actor=checker, reason="Wrong")
    return topic


def form_url(topic: Topic) -> str:
    return f"/admin/topics/topic/{topic.pk}/change/"


def act(client: Client, action: str, topic: Topic):
    """Do it as a browser would: with all that the form has, and one thing changed."""
    if action == "save":
        url = form_url(topic)
        return client.post(url, filled_in(client.get(url)) | {"title": "Another title"})
    if action == "restore":
        return client.post(f"/admin/topics/topic/{topic.pk}/restore/1/", WORDS[action])
    url = f"/admin/topics/topic/{topic.pk}/step/{action}/"
    data = {"revision": topic.revisions.last().pk, "verdict": "approve", "interests": "none",
            "whole_text": "on"}  # fmt: skip
    data = WORDS.get(action, data)
    if action == "publish" and client.get(url).status_code == 200:
        data = knowingly(client, url, **data)
    return client.post(url, data)


def traces(topic: Topic) -> list[int]:
    reviews = Review.objects.filter(revision__topic=topic)
    return [rows.count() for rows in (topic.revisions, topic.editions, topic.events, reviews)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("whose", ["own", "other's"])
@pytest.mark.parametrize("action", RULES)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what_with_a_topic(team, role, action, whose, state):
    topic = team.topic(role, whose, state)
    takers, states = RULES[action]
    is_stopped_by_four_eyes = action == "review" and whose == "own"
    before = traces(topic)
    response = act(team.client(role), action, topic)
    if role not in takers:
        expected = 403
    else:
        # A page that says why not has the status of any page.
        expected = 302 if state in states and not is_stopped_by_four_eyes else 200
    assert response.status_code == expected
    assert (traces(topic) != before) == (expected == 302)
    if expected == 200:
        assert response.context["form"].non_field_errors()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("whose", ["own", "other's"])
@pytest.mark.parametrize("role", ROLES)
def test_all_read_and_nobody_deletes(team, role, whose, state):
    topic, client = team.topic(role, whose, state), team.client(role)
    assert topic.title in said(client.get(f"/admin/topics/topic/?q={topic.slug}"))
    assert "It is. [@smith2020]" in said(client.get(form_url(topic)))
    assert client.get(form_url(topic).replace("change", "history")).status_code == 200
    url = form_url(topic).replace("change", "delete")
    # An administrator may delete what has no history.
    assert client.post(url, {"post": "yes"}).status_code == (
        302 if role == "administrator" else 403
    )
    assert Topic.objects.filter(pk=topic.pk).exists()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_add_a_topic(team, role):
    client, url = team.client(role), "/admin/topics/topic/add/"
    assert client.get(url).status_code == (200 if role in WRITERS else 403)
    data = filled_in(client.get(url)) if role in WRITERS else {}
    data |= {"title": "Niche", "slug": "niche", "areas": ["biology"], "summary": "A place."}
    assert client.post(url, data).status_code == (302 if role in WRITERS else 403)
    assert Topic.objects.filter(slug="niche").exists() == (role in WRITERS)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_publish_together(team, role):
    chosen = [team.topics["colleague", "approved"].pk]
    data = {"action": "publish_together", "_selected_action": chosen, "confirmed": "yes"}
    data["change_note"] = "Now"
    if role in PUBLISHERS:
        data = knowingly(team.client(role), "/admin/topics/topic/", **data)
    team.client(role).post("/admin/topics/topic/", data)
    published = Topic.objects.get(pk=chosen[0]).editions.exists()
    assert published == (role in PUBLISHERS)


LIBRARY = {
    "reference": ("references/reference", Reference, WRITERS, PUBLISHERS,
                  {"key": "jones2021", "study_type": "rct", "csl": '{"title": "T"}'}),
    "partner": ("references/partner", Partner, PUBLISHERS, PUBLISHERS,
                {"name": "Net", "slug": "net", "url": "https://net.example"}),
    "term": ("topics/glossaryterm", GlossaryTerm, PUBLISHERS, PUBLISHERS,
             {"term": "Niche", "definition": "A place."}),
}  # fmt: skip


@pytest.mark.parametrize("kind", LIBRARY)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_edit_the_library(team, role, kind):
    path, model, adders, changers, data = LIBRARY[kind]
    client, before = team.client(role), model.objects.count()
    assert client.get(f"/admin/{path}/").status_code == 200
    page = client.get(f"/admin/{path}/add/")
    assert page.status_code == (200 if role in adders else 403)
    if role not in adders:
        assert client.post(f"/admin/{path}/add/", data).status_code == 403
        assert model.objects.count() == before
        return
    response = client.post(f"/admin/{path}/add/", filled_in(page) | data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    url = f"/admin/{path}/{model.objects.latest('pk').pk}"
    allowed = role in changers
    assert client.post(f"{url}/change/", filled_in(client.get(f"{url}/change/"))).status_code == (
        302 if allowed else 403
    )
    assert client.post(f"{url}/delete/", {"post": "yes"}).status_code == (302 if allowed else 403)
    assert model.objects.count() == before + (not allowed)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_look_publications_up(team, role):
    path, found = "/admin/references/reference", reference()
    for url, allowed in (
        (f"{path}/by-identifier/", role in WRITERS),
        (f"{path}/{found.pk}/fill/", role in PUBLISHERS),
    ):
        client = team.client(role)
        for response in (client.get(url), client.post(url, {"step": "look-up"})):
            assert response.status_code == (200 if allowed else 403), url


@pytest.mark.parametrize("role", ROLES)
def test_who_may_manage_people(team, role):
    client, allowed = team.client(role), role == "administrator"
    for path in ("auth/user/", "auth/group/", "auth/user/add/", "auth/group/add/"):
        assert client.get(f"/admin/{path}").status_code == (200 if allowed else 403), path
    colleague = team.people["colleague"]
    url = f"/admin/auth/user/{colleague.pk}"
    assert client.get(f"{url}/change/").status_code == (200 if allowed else 403)
    words = {"password1": "seventeen-hedgehogs", "password2": "seventeen-hedgehogs"}
    client.post(f"{url}/password/", words | {"usable_password": "true"})
    colleague.refresh_from_db()
    assert colleague.check_password("seventeen-hedgehogs") == allowed


def test_an_administrator_gives_a_role(team):
    client, colleague = team.client("administrator"), team.people["colleague"]
    url = f"/admin/auth/user/{colleague.pk}/change/"
    role = Group.objects.get(name="Clinical reviewer")
    data = {"username": "colleague", "is_active": "on", "is_staff": "on", "groups": [role.pk]}
    data |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "is_superuser": "on"}
    assert client.post(url, data).status_code == 302
    colleague = get_user_model().objects.get(pk=colleague.pk)
    assert [group.name for group in colleague.groups.all()] == ["Clinical reviewer"]
    assert not colleague.is_superuser


def test_an_administrator_cannot_take_over_a_superuser(team):
    owner = get_user_model().objects.create_superuser("owner", password="own")
    client, url = team.client("administrator"), f"/admin/auth/user/{owner.pk}"
    assert client.get(f"{url}/password/").status_code == 403
    words = {"password1": "seventeen-hedgehogs", "password2": "seventeen-hedgehogs"}
    assert client.post(f"{url}/password/", words).status_code == 403
    assert client.post(f"{url}/change/", {"username": "mine"}).status_code == 403
    assert client.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    owner.refresh_from_db()
    assert owner.check_password("own")


def test_the_roles_are_given_what_they_lack_and_keep_what_they_have(team):
    author = Group.objects.get(name="Author")
    extra = Group.objects.get(name="Administrator").permissions.get(codename="delete_topic")
    author.permissions.set([extra])
    roles.install()
    names = set(author.permissions.values_list("codename", flat=True))
    assert {"delete_topic", "change_topic", "submit_topic"} <= names
    assert "publish_topic" not in names


def declare(team, text: str, days_ago: int) -> None:
    topic = team.topics["colleague", "draft"]
    Review.objects.create(
        revision=topic.revisions.last(), reviewer=team.people["reviewer"], reviewer_name="R",
        verdict="request-changes", comment="More", interests=text,
        created_at=timezone.now() - timedelta(days=days_ago),
    )  # fmt: skip


def asked_for_interests(team) -> tuple[str, str]:
    """Return what the form of a review has in the field, and what stands under it."""
    topic = team.topics["colleague", "submitted"]
    page = team.client("reviewer").get(f"/admin/topics/topic/{topic.pk}/step/review/")
    bound = page.context["form"]["interests"]
    return bound.value(), bound.help_text


def test_interests_are_taken_over_for_a_year_and_then_asked_for_anew(team):
    assert asked_for_interests(team)[0] == ""
    assert "not declared any yet" in asked_for_interests(team)[1]
    declare(team, "Talks for Acme", days_ago=400)
    assert asked_for_interests(team)[0] == ""
    assert "older than a year. Write it anew" in asked_for_interests(team)[1]
    declare(team, "Talks for Acme", days_ago=30)
    value, words = asked_for_interests(team)
    assert value == "Talks for Acme"
    on = timezone.now() - timedelta(days=30)
    assert f"your declaration of {on.day} {on:%B %Y}" in words


def test_taking_a_declaration_over_does_not_prolong_it(team):
    declare(team, "none", days_ago=370)
    declare(team, "none", days_ago=10)
    declared = interests.last_declared(team.people["reviewer"])
    assert not declared.is_valid
    declare(team, "Talks for Acme", days_ago=9)
    assert interests.last_declared(team.people["reviewer"]).text == "Talks for Acme"
