"""The pages and the admin of following by mail, also in a real browser."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db.models import F
from django.test import Client
from following_data import ADDRESS, follower, link, sent, tables_that_hold, work

from tests import clinic
from topics import following, publishing, working
from topics.following import subjects, tokens
from topics.models import Follower, Notice, ReportSender, Subscription

pytestmark = pytest.mark.django_db


def test_the_form_costs_little_and_depends_on_nobody(client, django_assert_max_num_queries):
    clinic.published()
    for path in ("/follow/", "/follow/?area=risks", "/follow/?topic=mobilization", "/follow/sent/"):
        with django_assert_max_num_queries(2):
            answer = client.get(path)
        assert answer.status_code == 200
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
        assert "public" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("?topic=mobilization", "The topic “Mobilization”"),
        ("?area=risks", "Area: Risks and complications"),
        ("", "Everything"),
    ],
)
def test_the_form_begins_with_what_it_was_opened_for(client, query, label):
    clinic.published()
    html = client.get(f"/follow/{query}").content.decode()
    chosen = [part for part in html.split("<label")[1:] if "checked" in part]
    assert label in chosen[0]
    assert "At once" in chosen[1]


def test_pages_behind_a_link_are_kept_by_nobody(client):
    subscription = follower()
    key = subscription.follower.key
    for purpose, named in ((tokens.CONFIRM, [subscription.pk]), (tokens.STOP, [subscription.pk]),
                           (tokens.YOURS, [])):  # fmt: skip
        answer = client.get(f"/follow/{purpose}/{tokens.make(purpose, key, named)}/")
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Robots-Tag"] == "noindex"
        assert not answer.cookies


@pytest.mark.parametrize(
    ("query", "status"),
    [("?topic=unknown", 404), ("?topic=%00", 404), ("?topic=a/b", 404), ("?area=astrology", 400)],
)
def test_what_cannot_be_followed(client, query, status):
    clinic.draft(clinic.overview("unknown"))
    assert client.get(f"/follow/{query}").status_code == status


def test_a_withdrawn_topic_can_be_followed(client):
    topic = clinic.published()
    publishing.withdraw(topic, actor=clinic.editor(), reason="Wrong.")
    assert "“Mobilization”" in client.get("/follow/?topic=mobilization").content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": ""}, "Give the address"),
        ({"email": "nobody"}, "This is not an email address."),
        ({"email": "a@b.example\nBcc: c@d.example"}, "This is not an email address."),
        ({"what": "topic"}, "Select a valid choice"),
        ({"frequency": ""}, "Choose how often"),
    ],
)
def test_a_form_that_is_not_right_says_why(client, changed, words):
    data = {"what": "everything", "frequency": "at-once", "email": ADDRESS} | changed
    answer = client.post("/follow/", data)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Follower.objects.exists()


def test_a_program_that_fills_in_everything_gets_no_mail(client):
    data = {"what": "everything", "frequency": "at-once", "email": ADDRESS, "website": "x"}
    assert client.post("/follow/", data).status_code == 303
    assert not Follower.objects.exists()


def test_one_network_address_may_ask_so_often(client, monkeypatch):
    monkeypatch.setattr("topics.views.following.LIMIT", 3)
    data = {"what": "everything", "frequency": "at-once"}
    statuses = [
        client.post("/follow/", data | {"email": f"reader{number}@x.example"}).status_code
        for number in range(4)
    ]
    assert statuses == [303, 303, 303, 429]
    assert tables_that_hold("127.0.0.1") == set()
    other = client.post("/follow/", data | {"email": ADDRESS}, REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 303


AREAS = ("risks", "biology", "conditions", "infection", "conditioning", "engraftment",
         "mobilization", "gene-therapy")  # fmt: skip


def ask_for_all() -> int:
    """Ask for one address to follow many things, and return how many mails that sends."""
    for area in AREAS:
        following.ask(ADDRESS, subjects.of_area(area), "at-once")
    return len(sent())


def let_pass(**time) -> None:
    """Have all that was asked for been asked for earlier."""
    ReportSender.objects.update(sent_at=F("sent_at") - timedelta(**time))
    Notice.objects.update(created_at=F("created_at") - timedelta(**time))


def test_nobody_is_flooded_because_somebody_types_their_address():
    assert ask_for_all() == following.MAILS
    assert Subscription.objects.count() == following.MAILS


def test_a_flood_lasts_and_stays_small():
    assert sum(ask_for_all() + bool(let_pass(minutes=30)) for _ in range(48)) == 12


def test_strangers_keep_the_owner_of_an_address_away_for_an_hour_at_most():
    ask_for_all()
    let_pass(minutes=61)
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once")
    (message,) = sent()
    following.confirm(link(message, "confirm").split("/")[3])
    # Who follows one thing may follow others at once.
    following.ask(ADDRESS, subjects.of_area("gene-therapy"), "at-once")
    assert len(sent()) == 1


def test_who_confirms_what_was_asked_for_is_not_counted(client):
    for area in AREAS:
        following.ask(ADDRESS, subjects.of_area(area), "at-once")
        (message,) = sent()
        client.post(link(message, "confirm"))
    assert Subscription.objects.filter(confirmed_at__isnull=False).count() == len(AREAS)


def test_an_address_that_gets_no_mail_is_not_kept():
    ask_for_all()
    Follower.objects.all().delete()
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once")
    assert sent() == []
    assert tables_that_hold(ADDRESS) == set()


# Without a mail server


@pytest.fixture
def in_public_without_mail(settings):
    settings.BEHIND_HTTPS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


def test_a_public_portal_without_a_mail_server_asks_for_no_address(client, in_public_without_mail):
    clinic.published()
    answer = client.get("/follow/?topic=mobilization")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Following by email is not set up" in html
    assert 'href="/topics/mobilization/feed.atom"' in html
    assert 'name="email"' not in html

    data = {"what": "everything", "frequency": "at-once", "email": ADDRESS}
    for path in ("/follow/", "/de/follow/"):
        refused = client.post(path, data)
        assert refused.status_code == 503
        assert 'name="email"' not in refused.content.decode()
    assert not Follower.objects.exists()


def test_no_mail_of_a_public_portal_stands_in_its_log(
    client, settings, in_public_without_mail, capfd
):
    following.ask(ADDRESS, subjects.EVERYTHING, "at-once")
    working.look_around()
    work()
    told = "".join(capfd.readouterr())
    assert ADDRESS not in told
    assert "/follow/confirm/" not in told

    # Once there is a server, what waited is sent.
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    working.look_around()
    (message,) = sent()
    # And what was sent can be stopped, whatever becomes of the server.
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert client.post(link(message, "stop")).status_code == 200
    assert not Follower.objects.exists()


# The admin


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def administrator():
    return clinic.user("ada.administrator", is_superuser=True)


LISTS = ("/admin/topics/subscription/", "/admin/topics/notice/?state=all")


def test_editors_see_how_many_follow_but_no_address():
    subscription = follower(clinic.published())
    client = logged_in(clinic.editor())
    for path in (*LISTS, f"/admin/topics/subscription/{subscription.pk}/change/"):
        html = client.get(path).content.decode()
        assert "Mobilization" in html
        assert ADDRESS not in html
    assert "<strong>1</strong> person follows" in client.get(LISTS[0]).content.decode()
    # Nor may a search tell whether an address is among them.
    assert "No results found" in client.get(f"{LISTS[0]}?q=fiona").content.decode()
    asked = client.get(f"{LISTS[0]}?follower__email__startswith=f")
    assert asked.status_code == 400
    assert client.post(f"/admin/topics/subscription/{subscription.pk}/delete/").status_code == 403


def test_authors_see_nothing_of_it():
    assert logged_in(clinic.author()).get(LISTS[0]).status_code == 403


def test_an_administrator_sees_the_address_and_deletes_it():
    subscription = follower()
    client = logged_in(administrator())
    for path in (*LISTS, f"{LISTS[0]}?q=fiona"):
        assert ADDRESS in client.get(path).content.decode()

    client.post(f"/admin/topics/subscription/{subscription.pk}/delete/", {"post": "yes"})

    assert not Follower.objects.exists()
    assert tables_that_hold(ADDRESS) == set()


def test_an_administrator_sees_mails_in_trouble_and_has_them_sent_again():
    follower()
    Notice.objects.update(sent_at=None, tries=10, fault="The mail server refused the mail (554).")
    client = logged_in(administrator())
    assert "refused the mail (554)" in client.get("/admin/topics/notice/").content.decode()

    data = {"action": "send_again", "_selected_action": [Notice.objects.get().pk]}
    client.post("/admin/topics/notice/", data)

    assert [message.to for message in sent()] == [[ADDRESS]]
    assert "No results found" in client.get("/admin/topics/notice/").content.decode()


# In a browser


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_follows_and_stops_with_the_keyboard(chromium, live_server, scheme):
    """Each page on the way fits a small phone, and axe finds nothing on it."""
    clinic.publish_unreviewed(clinic.draft())
    page = chromium.new_page(color_scheme=scheme, viewport={"width": 320, "height": 640})

    def look(words: str) -> None:
        assert words in page.inner_text("h1")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url

    def enter(place) -> None:
        with page.expect_navigation():
            place.press("Enter")

    email = page.locator("[name=email]")
    page.goto(f"{live_server.url}/follow/?topic=mobilization")
    look("Follow by email")
    email.fill("nobody")
    enter(email)
    look("Follow by email")
    assert "This is not an email address" in page.inner_text("[role=alert]")
    email.fill(ADDRESS)
    enter(email)
    look("Check your email")

    (message,) = sent()
    page.goto(live_server.url + link(message, "confirm"))
    look("Do you want to follow this?")
    enter(page.get_by_role("button", name="Yes, follow"))
    look("You follow this now")
    page.click("text=All that you follow")
    look("What you follow")
    page.goto(live_server.url + link(message, "stop"))
    look("Stop these emails?")
    enter(page.get_by_role("button", name="Stop these emails"))
    look("Stopped")
    assert not Follower.objects.exists()
    page.close()
