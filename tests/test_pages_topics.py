"""The pages of topics, their editions and indexes, as readers get them."""

import re

import pytest
from pages_data import (
    FAR_AHEAD,
    LONG_AGO,
    author,
    condition_with_grid,
    document,
    draft,
    drafts,
    partner,
    publication,
    publish_unreviewed,
    retract,
    reviewed,
    section,
    therapy_with_tables,
    unreviewed,
    withdraw,
)

from topics import documents, publishing, statements
from topics.models import Topic

pytestmark = pytest.mark.django_db


def text_of(client, path: str, status: int = 200) -> str:
    """Return the words of a page: no tags, one space between words."""
    response = client.get(path)
    assert response.status_code == status
    words = re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(words.split())


def inline_scripts(html: str) -> list[str]:
    """Return all scripts of a page that are not files of the portal, nor data for these."""
    own = r'<script (?:type="module"|defer fetchpriority="low") src="/static/[^"]+"'
    own += r'(?: data-next="/static/[^"]+")?>'
    data = r'<script id="words-[a-z]+" type="application/json">|'
    data += r'<script type="application/ld\+json">'
    return [tag for tag in re.findall(r"<script[^>]*>", html)
            if not re.fullmatch(rf"{own}|{data}", tag)]  # fmt: skip


def new_edition(topic: Topic, **changes) -> None:
    """Publish a topic anew with some parts of its Document changed."""
    published = topic.editions.last().revision.document
    changed = documents.load({**published, **changes}, topic)
    publishing.save_revision(changed, author=author())
    publish_unreviewed(changed, note="Second edition")


@pytest.mark.parametrize("kind", ["overview", "therapy", "agent", "condition", "complication"])
def test_every_kind_has_a_page(client, kind):
    unreviewed("graft", kind)

    html = client.get("/topics/graft/").content.decode()

    assert html.count("<h1") == 1
    assert "<h1>Graft</h1>" in html
    assert re.search(rf'<p class="kicker"><a href="[^"]+">{kind.capitalize()}</a>', html)


def test_the_first_screen_says_that_nobody_reviewed_it(client):
    unreviewed("graft", next_review=LONG_AGO)

    words = text_of(client, "/topics/graft/")

    assert "Not yet reviewed by a clinician." in words
    assert "Edition 1 published" in words
    assert "Review overdue since 31 January 2020" in words


def test_the_first_screen_names_the_reviewer_and_their_interests(client):
    reviewed("graft", next_review=FAR_AHEAD)

    words = text_of(client, "/topics/graft/")

    assert "Reviewed by Clara Clinician on" in words
    assert "Declared interests: none" in words
    assert "Not yet reviewed" not in words
    assert "Next review due 31 December 2999" in words


def test_a_therapy_shows_its_tables(client):
    therapy_with_tables()

    words = text_of(client, "/topics/infusion-of-a-graft/")

    assert "Category Transplantation Graft origin Allogeneic" in words
    order = [
        words.index(step)
        for step in ("Marrow is emptied", "Cells are infused", "Neutrophils return")
    ]
    assert order == sorted(order)
    assert "Day −8 to −1" in words
    assert "Speeds engraftment" in words
    assert "Filgrastim Mobilizing" in words
    assert "NCT03930615 Phase 3 Completed" in words
    assert "80% at 5 years [ 1 ] moderate certainty" in words


def test_a_condition_shows_its_grid_with_the_cells_that_were_not_read(client):
    condition_with_grid()

    words = text_of(client, "/topics/leukemia/")

    assert "Indications: EBMT 2022, adults" in words
    assert (
        "AML CR1 S Standard of care evidence II not shown in the copy read Table 2 [ 1 ]" in words
    )
    assert "AML CR2 GNR Generally not recommended evidence I no entry" in words
    assert "Letters of EBMT 2022 S Standard of care CO Clinical option" in words


def test_an_agent_shows_what_its_facts_rest_on(client):
    publication("petit2002")
    unreviewed("filgrastim", "agent", facts={
        "drug_class": "Growth factor", "route": "subcutaneous", "references": ["petit2002"],
    })  # fmt: skip

    words = text_of(client, "/topics/filgrastim/")

    assert "Class Growth factor Route subcutaneous [ 1 ] not graded" in words


def test_names_codes_partners_and_note_stand_on_the_page(client):
    topic = draft(
        "graft", synonyms=["Transplant"], note="Graded by two.",
        codes=[{"system": "MeSH", "code": "D000000", "match": "broader", "verified": False}],
    )  # fmt: skip
    topic.partners.add(partner("Networkia"))
    publish_unreviewed(topic)

    words = text_of(client, "/topics/graft/")

    assert "Also called Transplant." in words
    assert (
        "MeSH D000000 (the code means more than the topic) not verified in a released table"
        in words
    )
    assert "Networkia" in words
    assert "Graded by two." in words


def test_relations_show_from_both_ends_and_links_follow_a_renamed_topic(client):
    marrow = draft("marrow")
    niche = draft(
        "niche",
        sections=[section("See [the marrow](topic:marrow).")],
        relations=[{"kind": "part_of", "target": "marrow"}],
    )
    publish_unreviewed(marrow, niche)

    new_edition(marrow, slug="bone-marrow")

    html = client.get("/topics/niche/").content.decode()
    assert '<a href="/topics/bone-marrow/">the marrow</a>' in html
    assert "Includes Niche" in text_of(client, "/topics/bone-marrow/")
    moved = client.get("/topics/marrow/")
    assert (moved.status_code, moved["Location"]) == (301, "/topics/bone-marrow/")
    assert client.get("/topics/marrow/editions/")["Location"] == "/topics/bone-marrow/editions/"
    assert client.get("/topics/marrow/editions/1/")["Location"] == "/topics/bone-marrow/editions/1/"


def test_a_retraction_shows_at_once_on_new_and_old_editions(client):
    petit = publication("petit2002")
    body = "Cells move into the blood. [@petit2002, p. 690]"
    topic = unreviewed("graft", sections=[section(body)])
    new_edition(topic, summary="Another summary.")
    client.get("/topics/graft/"), client.get("/topics/graft/editions/1/")

    retract(petit)

    for path in ("/topics/graft/", "/topics/graft/editions/1/"):
        words = text_of(client, path)
        assert "Notices about cited publications Retracted (notice of 4 May 2026)" in words
        assert "The data were made up." in words
        assert "cites a retracted publication" in words
        assert "Retracted, notice of 4 May 2026" in words


def test_an_old_edition_says_which_one_is_current(client):
    topic = unreviewed("graft")
    assert "is the current one" in text_of(client, "/topics/graft/editions/1/")

    new_edition(topic, summary="Better words.")
    assert "the current one is edition 2" in text_of(client, "/topics/graft/editions/1/")
    assert "A summary of graft." in text_of(client, "/topics/graft/editions/1/")

    new_edition(topic, summary="The best words.")
    assert "the current one is edition 3" in text_of(client, "/topics/graft/editions/1/")
    assert "The best words." in text_of(client, "/topics/graft/")


def test_a_withdrawn_topic_is_gone_with_its_reason_but_not_its_history(client):
    topic = unreviewed("graft")

    withdraw(topic, "A dose was wrong.")

    gone = text_of(client, "/topics/graft/", 410)
    assert "Reason: A dose was wrong." in gone
    assert "/topics/graft/editions/" in client.get("/topics/graft/").content.decode()
    assert "A dose was wrong." in text_of(client, "/topics/graft/editions/")
    assert "Withdrawn. This is edition 1" in text_of(client, "/topics/graft/editions/1/")
    assert "Graft" not in text_of(client, "/topics/")


def test_an_edition_that_was_withdrawn_says_so_when_a_new_one_is_current(client):
    topic = unreviewed("graft")
    withdraw(topic, "A dose was wrong.")

    new_edition(topic, summary="The right dose.")

    words = text_of(client, "/topics/graft/editions/1/")
    assert "Reason: A dose was wrong. The current one is edition 2" in words


def test_the_history_shows_who_what_and_when(client):
    reviewed("graft")

    words = text_of(client, "/topics/graft/editions/")

    assert "First reviewed edition" in words
    assert "by Clara Clinician. Declared interests: none" in words
    assert "by Edgar Editor" in words


@pytest.mark.parametrize(
    "path",
    [
        "/topics/nothing/",
        "/topics/graft/editions/2/",
        "/topics/nothing/editions/",
        "/topics/?page=2",
    ],
)
def test_an_unknown_address_is_not_found_and_helps(client, path):
    unreviewed("graft")

    assert "All topics" in text_of(client, path, 404)


def test_the_indexes_of_kinds_send_on_to_the_topic(client):
    for place in ("therapies", "agents", "conditions", "complications"):
        response = client.get(f"/{place}/graft/")
        assert (response.status_code, response["Location"]) == (301, "/topics/graft/")


def test_indexes_filter_and_refuse_what_cannot_be_meant(client):
    unreviewed("filgrastim", "agent")
    unreviewed("graft", "therapy")

    assert "Graft" not in text_of(client, "/agents/")
    assert "1 found" in text_of(client, "/topics/?kind=agent&q=")
    assert "1 found" in text_of(client, "/therapies/?category=transplantation")
    assert "Nothing fits these filters." in text_of(client, "/topics/?q=zebra")
    assert "Page of the list Enter a whole number. Given “zebra”" in text_of(
        client, "/topics/?page=zebra", 400
    )


def test_a_refused_filter_is_named_in_words_with_what_was_given_and_what_is_possible(client):
    path = "/topics/?kind=zebra&kind=agent&reviewed=true&page=2"
    refused = text_of(client, path, 400)
    html = client.get(path).content.decode()

    assert "Kind Select a valid choice." in refused
    assert "Given “zebra”, “agent” Possible Overview, Therapy" in refused
    assert 'href="?reviewed=true">The same page with the other filters only' in html
    assert 'href="?">The same page without filters' in html
    both = text_of(client, "/topics/?kind=zebra&view=zebra", 400)
    assert "Kind Select" in both and "How the list is shown A list has" in both
    assert "Given nothing" in text_of(client, "/topics/graft/?as_of=", 400)
    long = text_of(client, f"/topics/?kind={'x' * 5000}", 400)
    assert f"Given “{'x' * 79}…”" in long


def test_a_form_sent_as_it_is_filters_nothing(client):
    unreviewed("graft")

    html = client.get("/topics/").content.decode()

    assert '<option value="" selected>Any</option>' in html
    assert " checked>" not in html


def test_a_page_is_sent_once(client):
    topic = unreviewed("graft")
    first = client.get("/topics/graft/")

    again = client.get("/topics/graft/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60"

    new_edition(topic, summary="Better words.")
    changed = client.get("/topics/graft/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_the_same_words_published_again_after_review_are_a_new_page(client):
    topic = unreviewed("graft")
    first = client.get("/topics/graft/")
    withdraw(topic, "Not reviewed.")

    reviewed("graft")

    again = client.get("/topics/graft/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert b"Reviewed by Clara Clinician" in again.content


def test_hostile_words_anywhere_stay_words(client, monkeypatch):
    # An edition may have what an editor is refused today.
    monkeypatch.setattr(statements, "_LEFTOVERS", ())
    monkeypatch.setattr("topics.models.rows.html_faults", lambda words: [])
    hostile = "<script>alert(1)</script>"
    publication("petit2002", title=hostile, **{"container-title": hostile})
    unreviewed(
        "graft", "therapy", title=hostile, summary=hostile, note=hostile, synonyms=[hostile],
        sections=[section(f"{hostile} [@petit2002, {hostile}]", heading=hostile)],
        tables={"benefits": [{"outcome": hostile, "result": hostile, "references": ["petit2002"]}]},
    )  # fmt: skip

    for path in ("/topics/graft/", "/topics/graft/editions/", "/topics/", "/references/petit2002/"):
        html = client.get(path).content.decode()
        assert inline_scripts(html) == []
        assert " style=" not in html
        assert "&lt;script&gt;" in html


def many(number: int) -> Topic:
    """Publish a topic with that many neighbours, statements and references."""
    neighbours = drafts(*(document(f"neighbour-{n}") for n in range(number)))
    body = "\n".join(f"- Number {n}. [@author{n:04}]" for n in range(number))
    for n in range(number):
        publication(f"author{n:04}", issued={"date-parts": [[2000]]})
    relations = [{"kind": "related", "target": topic.slug} for topic in neighbours]
    topic = draft("graft", sections=[section(body)], relations=relations)
    publish_unreviewed(topic, *neighbours)
    return topic


@pytest.mark.parametrize("number", [1, 50])
def test_the_queries_of_a_page_do_not_grow(client, django_assert_num_queries, number):
    topic = many(number)
    for path, queries in {"/topics/graft/": 2, "/topics/graft/editions/1/": 2,
                          "/topics/graft/editions/": 2, "/topics/": 2, "/": 3}.items():  # fmt: skip
        with django_assert_num_queries(queries):
            client.get(path)

    new_edition(topic, summary="Better words.")
    with django_assert_num_queries(2):
        client.get("/topics/graft/editions/1/")
    withdraw(topic, "A dose was wrong.")
    with django_assert_num_queries(2):
        client.get("/topics/graft/editions/1/")


def test_no_page_depends_on_who_reads(client):
    unreviewed("graft")
    for path in ("/", "/topics/", "/topics/graft/", "/topics/graft/editions/", "/topics/none/"):
        response = client.get(path)
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies


SENTINEL = "UNSPEAKABLE"


def test_no_draft_is_ever_read(client):
    publication("petit2002")
    kinds = ["overview", "therapy", "agent", "condition", "complication"]
    for kind in kinds:
        topic = unreviewed(f"public-{kind}", kind)
        hidden = {
            "title": SENTINEL,
            "summary": SENTINEL,
            "note": SENTINEL,
            "synonyms": [SENTINEL],
            "sections": [section(f"{SENTINEL} [@petit2002]", heading=SENTINEL)],
        }
        changed = documents.load(document(topic.slug, kind, **hidden), topic)
        publishing.save_revision(changed, author=author())
        draft(f"hidden-{kind}", kind, **hidden)

    paths = ["/", "/topics/", f"/topics/?q={SENTINEL.lower()}", "/therapies/", "/agents/",
             "/conditions/", "/complications/", "/references/", "/references/petit2002/",
             "/glossary/", "/about/", "/robots.txt"]  # fmt: skip
    for kind in kinds:
        for slug in (f"public-{kind}", f"hidden-{kind}"):
            paths += [f"/topics/{slug}/{rest}" for rest in ("", "editions/", "editions/1/")]
    for path in paths:
        assert SENTINEL not in client.get(path).content.decode(), path
