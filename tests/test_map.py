"""The knowledge map: its graph, its pictures, its list, and what it does in a browser."""

import re
from xml.etree import ElementTree

import pytest
from browsing import NARROW, WIDE, assert_fit, browser
from pages_data import author, draft, publish_unreviewed, withdraw

from tests import clinic
from topics import documents, publishing
from topics.knowledge_map import fan, graph, ring
from topics.knowledge_map.drawing import shortened

pytestmark = pytest.mark.django_db


def to(kind: str, target: str) -> dict:
    return {"kind": kind, "target": target}


@pytest.fixture
def topics():
    """Four topics: one agent causes, treats and is related; two are related to each other."""
    clinic.author()  # makes the roles anew, which go with a test with real transactions
    made = [
        draft("graft-failure", "complication"),
        draft("leukemia", "condition"),
        draft("marrow-graft", "therapy",
              relations=[to("causes", "graft-failure"), to("related", "graft-failure"),
                         to("treats", "leukemia")]),
        draft("busulfan", "agent", relations=[to("related", "marrow-graft")]),
    ]  # fmt: skip
    publish_unreviewed(*made)
    return {topic.slug: topic for topic in made}


def text_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def picture_of(client, path: str) -> ElementTree.Element:
    html = client.get(path).content.decode()
    return ElementTree.fromstring(re.search(r'<svg class="map-picture".*?</svg>', html, re.S)[0])


def test_each_relation_is_there_once(topics):
    found = graph.read()

    assert list(found.nodes) == ["marrow-graft", "leukemia", "graft-failure", "busulfan"]
    assert {(edge.source, edge.target, edge.kind) for edge in found.edges} == {
        ("marrow-graft", "graft-failure", "causes"),
        ("marrow-graft", "leukemia", "treats"),
        # It has two ends; the one that is shown first has it.
        ("marrow-graft", "busulfan", "related"),
    }


def test_the_picture_has_a_link_for_each_topic_and_a_curve_for_each_relation(client, topics):
    picture = picture_of(client, "/map/")

    links = list(picture.iter("a"))
    assert {link.get("href") for link in links} == {f"/topics/{slug}/" for slug in topics}
    curves = [path for path in picture.iter("path") if path.get("class", "").startswith("curve")]
    assert {path.get("class") for path in curves} == {
        "curve r-causes k-therapy k-complication",
        "curve r-treats k-therapy k-condition",
        "curve r-related k-therapy k-agent",
    }
    names = {link.get("data-spot"): link.get("aria-label") for link in links}
    ends = {frozenset(names[end] for end in path.get("data-ends").split()) for path in curves}
    assert frozenset(("Busulfan", "Marrow graft")) in ends


def test_everything_is_inside_the_picture_and_nothing_lies_on_another(topics):
    drawn = ring.draw(graph.read())

    places = {(spot.x, spot.y) for spot in drawn.spots}
    assert len(places) == len(topics)
    for spot in drawn.spots:
        assert 0 < spot.x < drawn.width
        assert 0 < spot.y < drawn.height


def test_the_same_graph_gives_the_same_picture(topics):
    assert ring.draw(graph.read()) == ring.draw(graph.read())
    assert fan.draw(graph.read(), "leukemia") == fan.draw(graph.read(), "leukemia")


def test_the_list_says_the_same_in_words(client, topics):
    words = text_of(client, "/map/")

    assert "4 topics and 3 relations between them" in words
    listed = words.partition("The same as a list")[2]
    assert "Marrow graft map Causes Graft failure Treats Leukemia Related to Busulfan" in listed
    assert "Leukemia map Treated by Marrow graft" in listed
    kinds = [listed.index(name) for name in ("Therapies", "Conditions", "Complications", "Agents")]
    assert kinds == sorted(kinds)


def test_around_one_topic(client, topics):
    words = text_of(client, "/map/?topic=leukemia")

    assert "Around Leukemia" in words
    assert "Treated by Marrow graft" in words.partition("Leukemia in words")[2]
    links = {link.get("href") for link in picture_of(client, "/map/?topic=leukemia").iter("a")}
    assert links == {"/topics/leukemia/", "/topics/marrow-graft/"}


def test_many_neighbors_are_parted_to_both_sides(topics):
    many = [draft(f"neighbor-{n}") for n in range(30)]
    topic = draft("center", relations=[to("related", one.slug) for one in many])
    publish_unreviewed(topic, *many)

    drawn = fan.draw(graph.read(), "center")

    left = [spot for spot in drawn.spots if spot.x < drawn.width // 2]
    right = [spot for spot in drawn.spots if spot.x > drawn.width // 2]
    assert abs(len(left) - len(right)) <= 1
    assert len({(spot.x, spot.y) for spot in drawn.spots}) == 31
    assert [heading.lines for heading in drawn.headings] == [[(0, "Related to")]] * 2


def test_a_topic_without_relations(client):
    publish_unreviewed(draft("alone"))

    assert "No relations yet." in text_of(client, "/map/?topic=alone")


def test_nothing_published(client):
    draft("hidden", title="UNSPEAKABLE")

    words = text_of(client, "/map/")

    assert "Nothing is published here yet, so there is nothing to draw." in words
    assert "UNSPEAKABLE" not in words


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("topic=zebra", "No topic is published as “zebra”. Choose one from the list."),
        ("kind=zebra", "Select a valid choice. zebra is not one of the available choices."),
        ("relation=zebra", "Select a valid choice. zebra is not one of the available choices."),
    ],
)
def test_what_cannot_be_meant_is_refused(client, topics, query, message):
    assert message in text_of(client, f"/map/?{query}", 400)


def test_an_old_address_is_understood_and_a_withdrawn_topic_is_gone(client, topics):
    topic = topics["leukemia"]
    moved = documents.load({**topic.editions.last().revision.document, "slug": "aml"}, topic)
    publishing.save_revision(moved, author=author())
    publish_unreviewed(moved)
    assert "Around Leukemia" in text_of(client, "/map/?topic=leukemia")

    withdraw(moved, "A dose was wrong.")
    assert "Leukemia" not in text_of(client, "/map/")
    assert "No topic is published as “leukemia”" in text_of(client, "/map/?topic=leukemia", 400)


def test_chosen_filters_stand_in_the_form(client, topics):
    html = client.get("/map/?kind=agent&relation=causes").content.decode()

    assert 'value="agent" checked' in html
    assert 'value="causes" checked' in html
    assert html.count(" checked>") == 2


def test_a_long_title_is_shortened_by_what_matters_least():
    assert shortened("Severe combined immunodeficiency (SCID)", 36) == (
        "Severe combined immunodeficiency"
    )
    assert shortened("A long title that has no brackets", 20) == "A long title that …"


@pytest.mark.parametrize("number", [1, 60])
def test_the_queries_do_not_grow(client, django_assert_num_queries, number):
    many = [draft(f"neighbor-{n}") for n in range(number)]
    topic = draft("center", relations=[to("related", one.slug) for one in many])
    publish_unreviewed(topic, *many)

    for path in ("/map/", "/map/?topic=center"):
        with django_assert_num_queries(1):
            first = client.get(path)
        with django_assert_num_queries(1):
            again = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
        assert "Cookie" not in first.get("Vary", "")

    clinic.edit(topic, title="Renamed")
    publish_unreviewed(topic)
    assert client.get("/map/")["ETag"] != client.get("/map/?topic=center")["ETag"]
    assert "Renamed" in text_of(client, "/map/")


@pytest.mark.django_db(transaction=True)
def test_it_is_fit_for_everybody(live_server, topics):
    with browser() as chromium:
        paths = ("/map/", "/map/?topic=marrow-graft")
        assert_fit(chromium, *(live_server.url + path for path in paths))


@pytest.mark.django_db(transaction=True)
def test_it_can_be_explored(live_server, topics):
    with browser() as chromium:
        page = chromium.new_page(viewport=WIDE)
        page.goto(f"{live_server.url}/map/")

        page.focus(".spot[aria-label=Busulfan]")
        near = page.locator(".spot.is-near").evaluate_all(
            "spots => spots.map((spot) => spot.getAttribute('aria-label'))"
        )
        assert sorted(near) == ["Busulfan", "Marrow graft"]
        assert page.inner_text(".map-said") == "Busulfan: 1 relation shown."

        width = "document.querySelector('.map-picture').clientWidth"
        before = page.evaluate(width)
        page.focus(".map-frame")
        page.keyboard.press("+")
        assert page.evaluate(width) > before
        page.click("[aria-label='To the right']")
        page.click("text=Fit")
        assert page.evaluate(width) == before

        page.check("[name=kind][value=agent]")
        assert page.locator(".spot:visible").count() == 1
        page.uncheck("[name=kind][value=agent]")
        page.check("[name=relation][value=causes]")
        assert page.locator(".map-near li:visible").all_inner_texts() == [
            "Graft failure",
            "Marrow graft",
        ]

        page.click(".spot[aria-label=Leukemia]")
        assert page.url.endswith("/topics/leukemia/")


@pytest.mark.django_db(transaction=True)
def test_on_a_phone_the_list_is_there_and_the_picture_is_large_enough_to_be_read(live_server):
    clinic.author()
    publish_unreviewed(*(draft(f"topic-number-{n}") for n in range(90)))
    with browser() as chromium:
        page = chromium.new_page(viewport=NARROW)
        page.goto(f"{live_server.url}/map/")
        assert page.get_by_role("link", name="Topic number 7", exact=True).is_visible()
        assert not page.locator(".map-frame").is_visible()

        page.click(".map-fold > summary")
        height = page.evaluate("""() => {
            const picture = document.querySelector(".map-picture");
            const scale = picture.clientWidth / picture.viewBox.baseVal.width;
            const words = picture.querySelector(".spot text");
            return scale * parseFloat(getComputedStyle(words).fontSize);
        }""")
        assert height > 10
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        # Who wants to see it as a whole can.
        page.click("text=Fit")
        assert page.evaluate("""() => {
            const frame = document.querySelector(".map-frame");
            return frame.scrollWidth <= frame.clientWidth;
        }""")
        page.click("[aria-label=Larger]")
        assert page.locator("[data-do=right]").get_attribute("aria-disabled") == "false"


def test_an_address_that_no_topic_can_have_is_refused_in_words(client):
    for odd in ("a%00b", "%2e%2e", "Ä"):
        response = client.get(f"/map/?topic={odd}")
        assert response.status_code == 400
        assert "No topic is published as" in response.content.decode()
