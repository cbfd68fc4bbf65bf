"""What editors pin comes first, for every spelling of the query, as long as readers may see it."""

import pytest
from admin_data import logged_in
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pages_data import document, draft, editor, section, unreviewed, withdraw

from topics import documents, publishing
from topics.models import Pin, Topic
from topics.search import pinning, results, text
from topics.search import query as queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return {
        "marrow": unreviewed(
            "marrow", title="Marrow",
            sections=[section("Leukemia relapses in the marrow. {#relapses}\n\n"
                              "Blood forms there. {#forms}")],
        ),
        "donor": unreviewed(
            "donor", title="Donor", sections=[section("A donor is typed. {#typed}")]
        ),
        "leukemia": unreviewed(
            "leukemia", "condition", title="Leukemia", sections=[section("Leukemia relapses.")]
        ),
    }  # fmt: skip


def find(typed: str, **options) -> results.Results:
    return results.find(queries.parse(typed), **options)


def said(found: results.Results) -> list[str]:
    return [one.statement.anchor for one in found.statements]


def pin(query: str, topic: Topic, statement="", position=1) -> Pin:
    key = pinning.key_of(query)
    return Pin.objects.create(
        query=query, key=key, topic=topic, statement=statement, position=position
    )


@pytest.mark.parametrize(
    "typed",
    ["leukemia relapse", "Leukaemia relapses?", "the LEUKAEMIA relapsed", "leukemmia relapse"],
)
def test_a_pinned_statement_comes_first_for_every_spelling(clinic, typed):
    assert said(find(typed))[0] != "typed"
    pin("leukaemia relapses", clinic["donor"], "typed")
    found = find(typed)
    assert said(found)[0] == "typed"
    assert [one.is_pinned for one in found.statements][:2] == [True, False]
    assert "relapses" in said(found)


def test_a_pinned_topic_comes_first(clinic):
    pin("leukemia", clinic["donor"])
    found = find("leukaemia")
    assert [topic.slug for topic in found.topics][:2] == ["donor", "leukemia"]
    assert found.pinned == {clinic["donor"].pk}


def test_a_pin_helps_where_nothing_is_found(clinic):
    assert find("xyzzytinib").is_empty
    pin("xyzzytinib", clinic["donor"], "typed")
    assert said(find("xyzzytinib")) == ["typed"]


def test_pins_come_in_their_order_and_once(clinic):
    pin("leukemia", clinic["marrow"], "forms", position=2)
    pin("leukemia", clinic["marrow"], "relapses", position=3)
    pin("leukemia", clinic["donor"], "typed", position=1)
    found = find("leukemia")
    assert said(found)[:3] == ["typed", "forms", "relapses"]
    assert len(said(found)) == len(set(said(found)))


def test_the_score_says_that_it_is_pinned(clinic):
    pin("leukemia", clinic["marrow"], "forms")
    first, second, *_ = (one.hit for one in find("leukemia").statements)
    assert first.score > second.score
    assert first.parts["pinned"] > 0
    assert sum(first.parts.values()) == pytest.approx(first.score)
    assert "pinned" not in second.parts


@pytest.mark.parametrize(
    "typed",
    ["leukemia donor", "donor", "leukemia kind:condition", "leukemia -donor", "leukemia study:rct"],
)
def test_other_and_narrowed_queries_are_left_alone(clinic, typed):
    pin("leukemia", clinic["marrow"], "forms")
    assert not any(one.is_pinned for one in find(typed).statements)


def test_a_phrase_is_left_alone(clinic):
    pin("leukemia relapses", clinic["donor"], "typed")
    assert said(find("leukemia relapses"))[0] == "typed"
    assert "typed" not in said(find('"leukemia relapses"'))


def test_a_withdrawn_topic_is_not_shown_and_comes_back(clinic):
    pin("leukemia", clinic["donor"])
    pin("leukemia", clinic["donor"], "typed")
    withdraw(clinic["donor"], "Wrong.")
    found = find("leukemia")
    assert "typed" not in said(found)
    assert "donor" not in [topic.slug for topic in found.topics]
    assert found.pinned == set()
    assert {pinning.state(each) for each in pinning.with_state(Pin.objects)} == {
        "Idle: the topic is not published"
    }

    publishing.publish_unreviewed([clinic["donor"]], publisher=editor(), change_note="Back.")
    assert said(find("leukemia"))[0] == "typed"


def test_a_statement_that_is_gone_is_not_shown(clinic):
    pin("leukemia", clinic["donor"], "typed")
    made = document("donor", title="Donor", sections=[section("Nothing is the same. {#other}")])
    topic = documents.load(made, Topic.objects.get(slug="donor"))
    publishing.save_revision(topic, author=editor())
    publishing.publish_unreviewed([topic], publisher=editor(), change_note="New.")

    assert not any(one.is_pinned for one in find("leukemia").statements)
    (found,) = pinning.with_state(Pin.objects)
    assert pinning.state(found) == "Idle: the statement is gone"


def test_a_draft_is_never_shown_by_a_pin(clinic):
    hidden = draft("hidden", title="Zebrafinch", sections=[section("Zebrafinch. {#zebra}")])
    pin("leukemia", hidden)
    pin("leukemia", hidden, "zebra")
    assert find("leukemia").pinned == set()
    assert "zebra" not in said(find("leukemia"))


def test_pins_are_found_by_index(clinic):
    pin("leukemia", clinic["donor"])
    with CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        assert pinning.pinned(text.key("leukaemia"), "") == [(clinic["donor"].pk, "")]
        assert len(asked.captured_queries) == 2
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + asked.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index" in plan and "topics_pin" in plan
    assert "Seq Scan on topics_pin" not in plan


def test_a_query_without_pins_costs_one_query_more(clinic):
    with CaptureQueriesContext(connection) as asked:
        find("leukemia")
    assert sum("topics_pin" in each["sql"] for each in asked.captured_queries) == 1


@pytest.mark.parametrize("values", [{"key": ""}, {"position": 0}])
def test_the_database_refuses_what_is_no_pin(clinic, values):
    found = pin("leukemia", clinic["donor"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Pin.objects.filter(pk=found.pk).update(**values)


def test_the_same_is_pinned_once(clinic):
    pin("leukemia", clinic["donor"])
    with pytest.raises(IntegrityError), transaction.atomic():
        pin("Leukaemias", clinic["donor"])


def test_a_rebuild_finds_pins_whose_lexemes_are_made_otherwise(clinic):
    pin("leukemia", clinic["donor"])
    both = pin("leukemias relapse", clinic["donor"]), pin("marrow", clinic["donor"])
    Pin.objects.filter(query="leukemia").update(key="old")
    assert find("leukemia").pinned == set()
    call_command("rebuild_listings")
    assert find("leukemia").pinned == {clinic["donor"].pk}
    for each in both:
        key = each.key
        each.refresh_from_db()
        assert each.key == key


def test_the_page_says_who_chose_it(client, clinic):
    assert "Chosen by the editors" not in client.get("/search/?q=leukemia").content.decode()
    pin("leukemia", clinic["donor"])
    pin("leukemia", clinic["donor"], "typed")
    page = client.get("/search/?q=leukemia").content.decode()
    assert page.count("Chosen by the editors") == 2


def test_a_pin_of_the_admin_counts_at_once(client, clinic):
    data = {"query": "Leukaemia", "topic": clinic["donor"].pk, "statement": "#typed", "position": 1}
    assert logged_in("editor").post("/admin/topics/pin/add/", data).status_code == 302
    assert said(find("leukemia"))[0] == "typed"
