"""Partners: pages of their own, their logos, and where topics name them."""

import pytest
from django.test import Client

from references.models import Partner
from tests import figures_data
from tests.clinic import editor
from tests.pages_data import partner, partner_with_logo, unreviewed
from topics import figures, partnering
from topics.models import Listing

pytestmark = pytest.mark.django_db

SENTINEL = "sentinel-contact@partner.example"
ADD = "/admin/references/partner/add/"


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(editor())
    return client


def filled_in(**different) -> dict:
    return {
        "name": "Marrow Network", "slug": "marrow-network", "kind": "network",
        "url": "https://marrow.example/", "description": "Hospitals that share protocols.",
        "contact": SENTINEL, "logo_alt": "", **different,
    }  # fmt: skip


def logo(content: bytes | None = None):
    return figures_data.uploaded(content or figures_data.png("green"))


def paired() -> Partner:
    found = partner_with_logo("Networkia")
    Partner.objects.filter(pk=found.pk).update(contact=SENTINEL, description="Shares protocols.")
    partnering.pair(unreviewed("homing"), [Partner.objects.get(pk=found.pk)])
    return found


def test_a_partner_has_a_page_with_its_topics(client):
    paired()
    unreviewed("grafting")

    html = client.get("/partners/networkia/").content.decode()

    assert '<a href="/topics/homing/">Homing</a>' in html
    assert "grafting" not in html
    assert "Shares protocols." in html
    assert '<a href="https://partner.example/">' in html
    assert client.get("/partners/nobody/").status_code == 404


def test_all_partners_are_listed_networks_first(client):
    Partner.objects.create(name="Zeta", slug="zeta", kind="network", url="https://zeta.example/")
    paired()

    html = client.get("/partners/").content.decode()

    assert html.index(">Zeta</a>") < html.index(">Networkia</a>")
    assert "Site · 1 topic<" in html
    assert 'href="/partners/"' in client.get("/").content.decode()


def test_a_topic_shows_the_logo_of_its_partner(client):
    found = paired()

    html = client.get("/topics/homing/").content.decode()

    section = html[html.index('<h2 id="partner_networks">') :]
    picture = f'src="/figures/{found.logo_sha256}.png" alt="Networkia" width="60" height="40"'
    assert picture in section
    assert '<a href="/partners/networkia/">Networkia</a>' in section


def test_the_logo_can_be_fetched_while_it_is_one(client):
    found = paired()
    address = f"/figures/{found.logo_sha256}.png"

    answer = client.get(address)
    partnering.remove(found)

    assert answer["Content-Type"] == "image/png"
    assert (
        b"".join(answer.streaming_content) == figures.path_of(found.logo_sha256, "png").read_bytes()
    )
    assert client.get(address).status_code == 404


def test_nobody_is_told_the_contact(client, django_assert_max_num_queries):
    paired()
    paths = ("/partners/", "/partners/networkia/", "/topics/homing/", "/api/v1/topics/homing/",
             "/", "/de/partners/networkia/")  # fmt: skip

    answers = [client.get(path).content.decode() for path in paths]

    assert all("Networkia" in html for html in answers[:4])
    assert not any(SENTINEL in html for html in answers)
    assert SENTINEL not in str(Listing.objects.get().partners)


@pytest.mark.parametrize("number", [1, 5])
def test_the_queries_do_not_grow(client, django_assert_num_queries, number):
    networks = [partner(f"Network{n}") for n in range(number)]
    for n in range(number):
        partnering.pair(unreviewed(f"topic-{n}"), networks)

    with django_assert_num_queries(1):
        client.get("/partners/")
    with django_assert_num_queries(2):
        client.get("/partners/network0/")


def test_an_editor_adds_a_partner_with_a_logo(desk):
    answer = desk.post(ADD, filled_in(logo=logo(), logo_alt="Marrow Network"))

    assert answer.status_code == 302, answer.content.decode()
    found = Partner.objects.get()
    assert (found.logo_format, found.logo_width, found.logo_height) == ("png", 60, 40)
    assert figures.is_kept(found.logo_sha256, "png")


def test_a_logo_needs_words_and_survives_the_question_for_them(desk):
    asked = desk.post(ADD, filled_in(logo=logo()))
    kept = asked.context["adminform"].form["kept"].value()
    answer = desk.post(ADD, filled_in(kept=kept, logo_alt="The name in green"))

    assert "for who cannot see it" in str(asked.context["adminform"].form.errors["logo_alt"])
    assert answer.status_code == 302
    assert Partner.objects.get().logo_sha256


def test_what_is_no_picture_is_refused(desk):
    hostile = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

    answer = desk.post(ADD, filled_in(logo=logo(hostile), logo_alt="A drawing"))
    forged = desk.post(ADD, filled_in(kept="forged", logo_alt="A drawing"))

    assert "SVG may hold scripts" in str(answer.context["adminform"].form.errors["logo"])
    assert "lost on its way" in str(forged.context["adminform"].form.errors["logo"])
    assert not Partner.objects.exists()


def test_a_logo_is_replaced_and_removed_at_once(desk, client):
    found = paired()
    form = f"/admin/references/partner/{found.pk}/change/"
    given = filled_in(name="Networkia", slug="networkia", logo_alt="Networkia")

    desk.post(form, given | {"logo": logo()})
    replaced = Listing.objects.get().partners[0]
    desk.post(form, given | {"no_logo": "on"})
    shown = client.get("/topics/homing/").content.decode()

    assert replaced["logo_sha256"] not in ("", found.logo_sha256)
    assert "logo_sha256" not in Listing.objects.get().partners[0]
    assert "<img" not in shown
    assert ">Networkia</a>" in shown
