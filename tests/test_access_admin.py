"""Keys, usage and webhooks in the admin: secrets are shown once, steps are taken by buttons."""

import re
from datetime import timedelta

import pytest
from admin_data import logged_in
from django.db.models.signals import pre_save
from django.test import Client
from django.utils import timezone

from references.access import keys
from references.access.models import ApiKey, Usage
from tests.webhooks_data import partner, webhook
from topics.models import Delivery, Webhook
from topics.webhooks import collecting, keeping

pytestmark = pytest.mark.django_db
KEYS, HOOKS = "/admin/references/apikey/", "/admin/topics/webhook/"


@pytest.fixture
def admin() -> Client:
    return logged_in("administrator")


def secret_of(answer) -> str:
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return re.search(r'id="secret"[^>]*>([^<]+)<', answer.content.decode())[1]


def step(admin: Client, row, name: str):
    folder = KEYS if isinstance(row, ApiKey) else HOOKS
    return admin.post(f"{folder}{row.pk}/step/", {"step": name})


def made_key() -> ApiKey:
    return keys.make(partner(), "replica", ["read"])[0]


def test_a_key_is_made_and_shown_once(admin):
    wanted = {"partner": partner().pk, "name": "replica", "scopes": ["read", "usage"],
              "per_minute": "", "expires_at_0": "", "expires_at_1": ""}  # fmt: skip
    told = secret_of(admin.post(f"{KEYS}add/", wanted))

    assert keys.find(told).scopes == ["read", "usage"]
    assert told not in admin.get(f"{KEYS}{ApiKey.objects.get().pk}/change/").content.decode()
    assert told not in str(admin.cookies)


def test_a_key_is_rotated_and_revoked(admin):
    key = made_key()
    told = secret_of(step(admin, key, "rotate"))
    assert keys.find(told) == key
    assert "both secrets work" in admin.get(KEYS).content.decode()

    step(admin, key, "revoke")
    with pytest.raises(keys.NoKey, match="revoked"):
        keys.find(told)
    # It cannot be rotated any more.
    assert step(admin, key, "rotate").status_code == 405


@pytest.fixture
def between():
    """Do something to a row when its form was read and is not written yet."""
    steps = {}

    def act(sender, instance, **_):
        if step := steps.pop(sender, None):
            step(sender.objects.get(pk=instance.pk))

    pre_save.connect(act)
    yield steps
    pre_save.disconnect(act)


def test_what_was_revoked_or_disabled_meanwhile_stays_so(admin, between):
    key, hook = made_key(), webhook()
    between[ApiKey] = lambda found: ApiKey.objects.update(revoked_at=timezone.now())
    wanted = {"name": "new", "scopes": ["read"], "per_minute": "", "expires_at_0": "",
              "expires_at_1": ""}  # fmt: skip
    assert admin.post(f"{KEYS}{key.pk}/change/", wanted).status_code == 302
    off = {"disabled_at": timezone.now(), "disabled_why": "x"}
    between[Webhook] = lambda found: Webhook.objects.update(**off)
    wanted = {"url": "https://new.example/", "description": "", "types": []}
    assert admin.post(f"{HOOKS}{hook.pk}/change/", wanted).status_code == 302

    assert not between
    key, hook = ApiKey.objects.get(), Webhook.objects.get()
    assert (key.name, key.works) == ("new", False)
    assert (hook.url, hook.is_active) == ("https://new.example/", False)


def test_only_administrators_see_keys_and_webhooks():
    key, hook = made_key(), webhook()
    editor = logged_in("editor")
    for path in (KEYS, HOOKS, "/admin/references/usage/", "/admin/topics/delivery/"):
        assert editor.get(path).status_code == 403
    assert step(editor, key, "revoke").status_code == 403
    assert step(editor, hook, "disable").status_code == 403
    assert ApiKey.objects.get().works and Webhook.objects.get().is_active


def test_a_webhook_is_made_and_its_secret_shown_once(admin):
    wanted = {"partner": partner().pk, "url": "https://hooks.example/", "description": ""}
    told = secret_of(admin.post(f"{HOOKS}add/", wanted))

    made = Webhook.objects.get()
    assert (made.secret, made.types) == (told, [])
    assert told not in admin.get(f"{HOOKS}{made.pk}/change/").content.decode()
    again = admin.post(f"{HOOKS}add/", wanted | {"url": "http://hooks.example/"})
    assert "begins with https://" in again.content.decode()


def test_a_webhook_is_tested_disabled_and_enabled(admin):
    made = webhook()
    step(admin, made, "send_test")
    assert Delivery.objects.get().type == "webhook.test"
    step(admin, made, "disable")
    assert not Webhook.objects.get().is_active
    assert "An administrator disabled it." in admin.get(HOOKS).content.decode()
    step(admin, made, "enable")
    assert Webhook.objects.get().is_active
    assert secret_of(step(admin, made, "rotate")).startswith("whsec_")


def test_the_list_tells_the_last_result_and_failures_lead_to_what_was_given_up(admin):
    made = webhook()
    collecting.send_test(made)
    lately = timezone.now() - timedelta(minutes=2)
    values = {"fault": "500 Internal Server Error", "tries": 8, "tried_at": lately}
    Delivery.objects.update(due_at=None, **values)

    assert "500 Internal Server Error" in admin.get(HOOKS).content.decode()
    assert "To partners: 1" in admin.get("/admin/topics/topic/failures/").content.decode()
    listed = admin.get("/admin/topics/delivery/?state=given-up").content.decode()
    assert "webhook.test" in listed
    chosen = {"action": "try_again", "_selected_action": [Delivery.objects.get().pk]}
    admin.post("/admin/topics/delivery/", chosen)
    assert Delivery.objects.get().due_at


def test_usage_is_a_chart_and_a_table(admin):
    today = timezone.localdate()
    for days, number in ((0, 1200), (2, 300)):
        for whose in (partner(), None):
            day = today - timedelta(days=days)
            Usage.objects.create(partner=whose, endpoint="topic-list", day=day, number=number)

    page = admin.get("/admin/references/usage/").content.decode()

    assert "3,000 requests" in page
    assert page.count("<rect") == 3
    assert "no key" in page
    alone = admin.get(f"/admin/references/usage/?partner__id__exact={partner().pk}")
    assert "1,500 requests" in alone.content.decode()
    assert admin.get("/admin/references/usage/?days=7").status_code == 200


def test_an_administrator_deletes_a_partner_with_all_that_is_its_own(admin):
    made_key()
    collecting.send_test(webhook())
    keeping.disable(Webhook.objects.get(), "x")
    Usage.objects.create(partner=partner(), endpoint="x", day=timezone.localdate(), number=1)

    admin.post(f"/admin/references/partner/{partner().pk}/delete/", {"post": "yes"})

    assert not ApiKey.objects.exists() and not Usage.objects.exists()
    assert not Delivery.objects.exists()
