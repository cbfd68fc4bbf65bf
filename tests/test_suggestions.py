"""Suggestions: what is offered for what is typed, and that it follows what is published."""

import pytest
from api_data import check_schema
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pages_data import author, draft, editor, publish_unreviewed, section, unreviewed, withdraw

from tests import sharing
from topics import listings, publishing
from topics.models import GlossaryTerm, Listing
from topics.models.search import Offered, Suggestion
from topics.search import suggesting

pytestmark = pytest.mark.django_db


def term(name: str, **more) -> GlossaryTerm:
    saved = GlossaryTerm(term=name, definition=f"What {name} is.", **more)
    publishing.save_term(saved, actor=editor())
    return saved


@pytest.fixture(scope="module")
def made_clinic(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        make_clinic()
        yield


@pytest.fixture
def clinic(db, made_clinic):
    """Seven topics and two terms of the glossary."""


def make_clinic():
    publish_unreviewed(
        draft("plerixafor", "agent", title="Plerixafor", synonyms=["Mozobil", "AMD3100"],
              sections=[section("It blocks CXCR4.", heading="How does it work?"),
                        section("Give 0.24 mg/kg.", heading="Which dose is given?"),
                        section("It is one of two.", heading="History")]),
        draft("filgrastim", "agent", title="Filgrastim", synonyms=["G-CSF", "GCSF analogue"]),
        draft("acute-gvhd", "complication", title="Acute graft-versus-host disease",
              synonyms=["aGVHD", "acute GVHD"],
              sections=[section("Steroids first.", heading="How is it treated?")]),
        draft("thalassemia", "condition", title="Beta-thalassemia", synonyms=["Cooley's anaemia"]),
        draft("leukemia", "condition", title="Acute myeloid leukemia"),
        draft("mobilization", "therapy", title="Mobilization of stem cells"),
        draft("t-cells", title="Depletion of T cells"),
    )  # fmt: skip
    term("Graft-versus-host disease", abbreviation="GVHD", variants=["graft-vs-host disease"])
    term("Apheresis")


def labels(typed: str, **more) -> list[str]:
    return [offer.label for offer in suggesting.suggest(typed, **more)]


def first(typed: str) -> tuple[str, str] | None:
    offers = suggesting.suggest(typed, limit=1)
    return (offers[0].label, offers[0].hint) if offers else None


FIRST = [
    ("pl", ("Plerixafor", "")),
    ("PLERIX", ("Plerixafor", "")),
    ("mozo", ("Mozobil", "Plerixafor")),
    ("amd", ("AMD3100", "Plerixafor")),
    ("gvhd", ("GVHD", "Graft-versus-host disease")),
    ("apher", ("Apheresis", "")),
    # Hyphens, as they are typed or not.
    ("g-cs", ("G-CSF", "Filgrastim")),
    ("gcs", ("G-CSF", "Filgrastim")),
    ("g csf", ("G-CSF", "Filgrastim")),
    ("gcsf an", ("GCSF analogue", "Filgrastim")),
    ("g csf an", ("GCSF analogue", "Filgrastim")),
    ("cooleys", ("Cooley's anaemia", "Beta-thalassemia")),
    # Greek, accents, British and American, from the first letters on.
    ("β-thal", ("Beta-thalassemia", "")),
    ("beta thalassaem", ("Beta-thalassemia", "")),
    ("betathal", ("Beta-thalassemia", "")),
    ("thálassem", ("Beta-thalassemia", "")),
    ("leukaem", ("Acute myeloid leukemia", "")),
    ("leuka", ("Acute myeloid leukemia", "")),
    ("mobilis", ("Mobilization of stem cells", "")),
    ("cooley's anem", ("Cooley's anaemia", "Beta-thalassemia")),
    # Inside a name, and words in any order.
    ("host", ("Acute graft-versus-host disease", "")),
    ("cells stem", ("Mobilization of stem cells", "")),
    ("t cell", ("Depletion of T cells", "")),
    # Put right.
    ("plerixafro", ("Plerixafor", "")),
    ("mobilziation", ("Mobilization of stem cells", "")),
]


def test_what_is_offered_first(clinic):
    assert [(typed, first(typed)) for typed, _ in FIRST] == FIRST


def test_each_beginning_of_a_british_word_leads_to_the_american_one(clinic):
    for typed in ("leukaemia", "thalassaemia", "mobilisation"):
        for length in range(2, len(typed) + 1):
            assert labels(typed[:length]), typed[:length]


def test_a_question_leads_to_its_section(clinic):
    (offer,) = suggesting.suggest("which dose")
    assert (offer.kind, offer.label, offer.hint) == (
        Offered.QUESTION, "Which dose is given?", "Plerixafor"
    )  # fmt: skip
    assert offer.get_absolute_url() == "/topics/plerixafor/#which-dose-is-given"


def test_a_topic_offers_its_questions_after_it(clinic):
    assert labels("mozobil") == ["Mozobil", "How does it work?", "Which dose is given?"]
    assert labels("plerixafor dose") == ["Which dose is given?"]
    assert first("how is agvhd treated")[0] == "How is it treated?"


def test_what_is_better_comes_first():
    unreviewed("graft-failure", title="Graft failure")
    unreviewed("graft", title="Graft")
    unreviewed("late", title="Late graft failure")
    unreviewed("asked", title="Asked", sections=[section("Yes.", heading="Graft or drug?")])
    term("Graft source")
    # The exact name, then beginnings of names, topic before term before question, then the inside.
    assert labels("graft")[:5] == [
        "Graft", "Graft failure", "Graft source", "Graft or drug?", "Late graft failure"
    ]  # fmt: skip


def test_a_term_does_not_repeat_a_topic(clinic):
    term("Plerixafor")
    assert labels("plerixaf").count("Plerixafor") == 1


def test_a_thing_is_offered_once(clinic):
    topics = [offer.slug for offer in suggesting.suggest("ac") if offer.kind == Offered.TOPIC]
    assert topics == ["leukemia", "acute-gvhd"]


def test_what_means_nothing_is_answered(clinic, client):
    for typed in ["", " ", "a", "%", "%%%", "__", "\\", "'; --", "\0", "🙂🙂", "()*&|!:<>"]:
        assert labels(typed) == [], typed
        assert client.get("/search/suggestions/", {"q": typed}).json() == []
    assert labels("\0pl\0")[0] == "Plerixafor"
    assert client.get("/search/suggestions/", {"q": "\0pl\0"}).json()[0]["label"] == "Plerixafor"


def test_long_input_costs_no_more(clinic):
    with CaptureQueriesContext(connection) as queries:
        assert labels("x" * 10_000) == []
        assert labels("xyz " * 3_000) == []
        assert labels("ä" * 10_000) == []
    assert len(queries) < 30


def test_a_wildcard_is_no_wildcard(clinic):
    assert labels("pl%for") == []
    assert labels("p_erixafor") == []


def test_no_more_than_asked(clinic):
    for n in range(30):
        unreviewed(f"graft-{n}", title=f"Graft number {n}")
    assert len(labels("graft")) == 8
    assert len(labels("graft", limit=3)) == 3
    assert len(labels("graft", limit=1_000)) == suggesting.MOST


def test_it_follows_what_is_published(clinic):
    topic = Listing.objects.get(slug="plerixafor").topic
    topic.title = "Secretword"
    topic.save()
    publishing.save_revision(topic, author=author())
    assert labels("secretw") == []

    publishing.publish_unreviewed([topic], publisher=editor(), change_note="Renamed")
    assert labels("secretw")[0] == "Secretword"
    assert labels("plerix") == []

    withdraw(topic, "A figure was wrong")
    assert labels("secretw") == labels("mozob") == labels("which dose") == []


def test_terms_come_and_go(clinic):
    saved = GlossaryTerm.objects.get(term="Apheresis")
    saved.variants = ["Leukocytapheresis"]
    publishing.save_term(saved, actor=editor())
    assert labels("leukocyta") == ["Leukocytapheresis"]
    publishing.delete_term(saved, actor=editor())
    assert labels("leukocyta") == labels("apher") == []


def rows() -> set[tuple]:
    return set(Suggestion.objects.values_list("kind", "entry_id", "words", "label", "rank"))


def test_a_rebuilt_index_offers_the_same(clinic):
    before = rows()
    many(3)
    listings.rebuild()
    assert rows() == before


def test_an_old_portal_gets_suggestions(clinic):
    before = rows()
    Suggestion.objects.all().delete()
    listings.ensure_index()
    assert rows() == before


def many(number: int) -> None:
    """Offer many topics, by the function that publishing calls."""
    words = ["marrow", "graft", "disease", "syndrome", "recovery", "infusion", "dose"]
    written = []
    for n in range(number):
        title = f"{words[n % 7]} {words[n // 7 % 7]} {words[n // 49 % 7]} number{n}"
        sections = [{"heading": f"What is known of {title}?", "anchor": "what"}]
        listing = Listing(pk=10_000 + n, slug=f"many-{n}", title=title)
        written.append((listing, {"sections": sections}))
    suggesting.write_topics(written)
    with connection.cursor() as cursor:
        # Indexes alone answer once the rows are known to be old, which only VACUUM finds out.
        vacuum = "" if connection.in_atomic_block else "VACUUM"
        cursor.execute(f"{vacuum} ANALYZE topics_suggestion")


@pytest.mark.django_db(transaction=True)
def test_no_statement_reads_all_rows():
    many(1_500)
    for typed in ["gr", "gra", "graft dis", "what is", "disease marrow", "dose syndrome", "zzzz"]:
        with CaptureQueriesContext(connection) as queries:
            suggesting.suggest(typed)
        asked = [query["sql"] for query in queries if "topics_suggestion" in query["sql"]]
        assert asked
        for sql in asked:
            assert "Seq Scan on topics_suggestion" not in plan(sql), (typed, plan(sql))


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_best_is_found_among_many():
    unreviewed("what", title="Graft")
    term("Dose")
    many(1_500)
    assert labels("gr")[0] == labels("graf")[0] == "Graft"
    assert labels("do")[0].startswith("dose")
    assert labels("dose")[0] == "Dose"
    assert all("number1499" in label for label in labels("number1499"))
    assert len(labels("number1499")) == 2


def test_the_number_of_queries_does_not_depend_on_how_much_is_offered(clinic):
    with CaptureQueriesContext(connection) as few:
        suggesting.suggest("plerix")
    many(300)
    with CaptureQueriesContext(connection) as most:
        suggesting.suggest("gr")
    assert len(most) == 1
    assert len(few) <= 3


def test_it_is_served_as_data_that_any_cache_may_keep(clinic, client):
    response = client.get("/search/suggestions/?q=mozo")

    assert response.json()[0] == {
        "kind": "topic", "label": "Mozobil", "hint": "Plerixafor", "url": "/topics/plerixafor/"
    }  # fmt: skip
    assert "public" in response["Cache-Control"]
    assert "Cookie" not in response.get("Vary", "")
    assert "Accept-Language" not in response.get("Vary", "")
    assert client.get("/search/suggestions/").json() == []
    assert client.post("/search/suggestions/").status_code == 405
    assert client.get("/de/search/suggestions/?q=mozo").status_code == 404
    glossary = client.get("/search/suggestions/?q=apher").json()
    assert glossary[0]["url"] == "/glossary/#term_apheresis"


def test_the_api_offers_the_same(clinic, client):
    response = client.get("/api/v1/search/suggestions/?q=mozo&limit=2")

    check_schema("/api/v1/search/suggestions/", 200, response.json())
    assert response.json() == {
        "query": "mozo",
        "results": [
            {
                "kind": "topic", "label": "Mozobil", "hint": "Plerixafor", "topic": "plerixafor",
                "anchor": "", "html_url": "http://testserver/topics/plerixafor/",
            },
            {
                "kind": "question", "label": "How does it work?", "hint": "Plerixafor",
                "topic": "plerixafor", "anchor": "how-does-it-work",
                "html_url": "http://testserver/topics/plerixafor/#how-does-it-work",
            },
        ],
    }  # fmt: skip
    assert response["ETag"]
    again = client.get(
        "/api/v1/search/suggestions/?q=mozo&limit=2", headers={"if-none-match": response["ETag"]}
    )
    assert again.status_code == 304
    term = client.get("/api/v1/search/suggestions/?q=apher").json()["results"][0]
    assert term["topic"] is None


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "q"), ("?q=a&q=b", "q"), ("?q=a&limit=0", "limit"), ("?q=a&limit=21", "limit"),
        ("?q=a&limit=x", "limit"), ("?q=a&limit=", "limit"), ("?q=a&lang=de", "lang"),
    ],
)  # fmt: skip
def test_the_api_names_the_parameter_that_it_does_not_understand(client, query, parameter):
    response = client.get(f"/api/v1/search/suggestions/{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]
