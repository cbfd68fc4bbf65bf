"""How PostgreSQL answers a search: by indexes, and the same while the index is made anew."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hsc_portal.bench import collection, medquad
from hsc_portal.bench.speed import scanned
from references.models import Reference
from topics import listings
from topics.choices import CodeSystem, Match
from topics.models import Lexeme, ListedCode, Listing, Statement
from topics.search import query, results, suggesting, synonyms

pytestmark = pytest.mark.django_db

TOPICS = 60
# One asks as somebody describes something, one with a slip, one with what narrows, one for a name.
ASKED = (
    "what is known about marrow failure and the treatment of word7 in children with word11",
    "word123 of tretment",
    '"marrow failure" kind:overview area:biology certainty:ungraded',
    "Question 17",
    "statins of transpla",
)
# What names one thing: each leads to another table than words do.
IDENTIFIERS = ("10.1234/abc.5", "pmid:12345678", "PMC1234567", "snomed:234336002", "C92.0")


def texts() -> list[dict]:
    """Return documents of a collection: common words, and for each rare ones of its own."""
    answered = [
        medquad.Answered(
            f"Focus {n}",
            f"Question {n}: what is known of word{n % 50}?",
            [
                f"Marrow failure and treatment in children {n % 9} word{n}.",
                f"The word{n % 7} cells live in letters{n % 11} of marrow.",
                f"Transplants of kind{n % 5} need treatment, told{n} says.",
            ],
        )
        for n in range(TOPICS)
    ]
    return list(medquad.topics(answered, TOPICS))


def identify() -> None:
    """Write what has identifiers, so much of it that to look one up differs from reading all."""
    Reference.objects.bulk_create(
        Reference(
            key=f"key{n}", csl={}, title=f"Title {n}", doi=f"10.1234/abc.{n}",
            pmid=str(12345000 + n), pmcid=f"PMC{1234000 + n}",
        )
        for n in range(1000)
    )  # fmt: skip
    listings.index_references(list(Reference.objects.all()))
    topics = list(Listing.objects.values_list("pk", flat=True))
    ListedCode.objects.bulk_create(
        ListedCode(
            listing_id=topics[n % TOPICS], system=CodeSystem.values[0], code=f"C{n}.0",
            match=Match.values[0], verified=False,
        )
        for n in range(1000)
    )  # fmt: skip


@pytest.fixture(scope="module")
def library(django_db_setup, django_db_blocker):
    """Topics, published once for this file and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        collection.publish(texts())
        identify()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def no_scans_by_choice():
    """A small table is rather read as a whole, also to join it. So tells whether there is an index
    to go by."""
    with connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")


def test_no_search_needs_to_read_a_whole_table(library, no_scans_by_choice):
    with CaptureQueriesContext(connection) as captured:
        for typed in ASKED:
            results.find(query.parse(typed), with_facets=True)
        for typed in IDENTIFIERS:
            results.destination(typed)
        suggesting.suggest("quest")
        suggesting.suggest("marrow failure what is")
        synonyms.preview(["marrow failure", "treatment"])
    sent = [each["sql"] for each in captured]
    assert len(sent) > 30
    for table in ("topics_suggestion", "topics_listedcode", "topics_statementposting"):
        assert any(table in sql for sql in sent)
    assert {sql: found for sql in sent if (found := scanned(sql))} == {}


def test_the_check_sees_a_scan(library, no_scans_by_choice):
    read = "SELECT * FROM topics_statement WHERE upper(text) = 'X'"
    assert scanned(read) == {"topics_statement"}
    assert scanned("SELECT max(length(text)) FROM topics_statement WHERE listing_id + 1 = 2")
    assert scanned(f"\n    WITH found AS ({read}) SELECT * FROM found") == {"topics_statement"}


def test_more_topics_than_texts_are_made_of_two_each():
    answered = [medquad.Answered(f"f{n}", f"q{n}?", [f"{n}a.", f"{n}b."]) for n in range(3)]
    made = list(medquad.topics(answered, 5))

    assert [each["title"] for each in made] == ["q0?", "q1?", "q2?", "q0? f2", "q1? f0"]
    assert made[3]["text"] == "0a. 2b."


def test_rebuilding_keeps_the_numbers_that_a_search_is_about(library):
    """A search asks several times: what it was told at first must still hold when it goes on."""
    before = set(Statement.objects.values_list("pk", "text"))
    lexemes = set(Lexeme.objects.values_list("lexeme", "pk"))
    listings.rebuild()
    assert set(Statement.objects.values_list("pk", "text")) == before
    assert set(Lexeme.objects.values_list("lexeme", "pk")) == lexemes
