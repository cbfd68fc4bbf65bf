"""The semantic layer of search, with its real model: what it finds, and that it can be left out."""

import pytest
from django.core.management import CommandError, call_command
from pages_data import editor, section, unreviewed

from topics import listings, publishing
from topics.models import Listing, Vector
from topics.models.search import Indexed
from topics.search import checks, embedding, finding, results, vectors
from topics.search import query as queries
from topics.search.wordpieces import pieces

pytestmark = pytest.mark.django_db

# They share no word with what answers them.
QUESTION = "can patients have kids afterwards"
ANSWER = "Infertility is frequent; sperm or oocytes are banked before."


PIECES = [
    ("", [101, 102]),
    ("Graft failure", [101, 22160, 2102, 4945, 102]),
    (
        "β-thalassaemia, Sjögren",
        [101, 1156, 1011, 22794, 27102, 6679, 10092, 1010, 1055, 5558, 13565, 102],
    ),
    ("CD34+ 5×10⁶/kg", [101, 3729, 22022, 1009, 1019, 26306, 10790, 30075, 1013, 4705, 102]),
    ("中 x" + "w" * 120, [101, 1746, 100, 102]),
    (
        "one two three four five six seven eight nine ten eleven twelve",
        [101, 2028, 2048, 2093, 2176, 2274, 2416, 2698, 2809, 3157, 2702, 102],
    ),
]


@pytest.fixture
def semantic(settings):
    settings.SEARCH_SEMANTIC = True


def publish_clinic() -> None:
    unreviewed(
        "gonads", "complication", title="Gonadal failure", summary="Loss of fertility.",
        sections=[section(f"{ANSWER}\n\nEstrogen is replaced.")],
    )  # fmt: skip
    unreviewed(
        "mucositis", "complication", title="Oral mucositis", summary="Sores of the mouth.",
        sections=[section("Ice chips are sucked during melphalan.")],
    )  # fmt: skip
    unreviewed("marrow", title="Marrow", sections=[section("Blood forms in the marrow.")])


def find(typed: str) -> results.Results:
    return results.find(queries.parse(typed))


def slugs(found: results.Results) -> list[str]:
    return [topic.slug for topic in found.topics]


def said(found: results.Results) -> list[str]:
    return [one.statement.text for one in found.statements]


@pytest.mark.parametrize(("text", "known"), PIECES)
def test_texts_are_read_in_the_pieces_that_the_model_was_trained_with(text, known):
    # The numbers are those of the library tokenizers, with the vocabulary of the model.
    assert pieces(text, 12) == known


def test_what_means_something_alike_is_near():
    known = embedding.embed(["bone marrow transplantation", "stem cell transplant", "apple pie"])
    assert known.shape == (3, embedding.SIZE)
    assert known[0] @ known[1] > 0.6
    assert known[0] @ known[2] < 0.2


def test_a_text_has_one_vector_however_long_the_others_beside_it_are(semantic):
    alone = embedding.embed(["graft failure"])[0]
    beside = embedding.embed(["graft failure", "a much longer text about something else " * 9])[0]
    assert alone @ beside > 0.999


def test_an_answer_without_a_word_of_the_question_is_found(semantic):
    publish_clinic()
    found = find(QUESTION)
    assert slugs(found)[0] == "gonads"
    assert said(found)[0] == ANSWER
    assert found.statements[0].hit.parts["words"] == 0
    assert found.statements[0].hit.parts["meaning"] > 0


def test_off_by_default_nothing_is_written_or_found():
    publish_clinic()
    assert not Vector.objects.exists()
    assert find(QUESTION).is_empty


def test_a_question_about_nothing_here_finds_nothing(semantic):
    publish_clinic()
    assert find("carburettor gasket torque").is_empty
    assert find("xqzvw").is_empty


def test_what_is_named_stays_first(semantic):
    publish_clinic()
    assert slugs(find("oral mucositis"))[0] == "mucositis"
    assert said(find("estrogen replaced"))[0] == "Estrogen is replaced."


def test_filters_hold_for_what_is_meant(semantic):
    publish_clinic()
    assert slugs(find(f"{QUESTION} kind:complication"))[0] == "gonads"
    found = find(f"{QUESTION} kind:overview")
    assert "gonads" not in slugs(found) and ANSWER not in said(found)


def test_what_is_withdrawn_vanishes(semantic):
    publish_clinic()
    assert find(QUESTION).topics
    topic = Listing.objects.get(slug="gonads").topic
    publishing.withdraw(topic, actor=editor(), reason="Wrong")
    assert find(QUESTION).is_empty
    assert not Vector.objects.filter(kind=Indexed.TOPIC, entry_id=topic.pk).exists()


def test_a_vector_that_outlives_its_topic_leads_nowhere(semantic, settings):
    publish_clinic()
    topic = Listing.objects.get(slug="gonads").topic
    settings.SEARCH_SEMANTIC = False
    publishing.withdraw(topic, actor=editor(), reason="Wrong")
    settings.SEARCH_SEMANTIC = True
    assert Vector.objects.filter(kind=Indexed.TOPIC, entry_id=topic.pk).exists()
    assert find(QUESTION).is_empty


def test_a_new_edition_is_found_by_its_new_meaning(semantic):
    publish_clinic()
    assert find(QUESTION).topics
    unreviewed(
        "gonads", "complication", title="Gonadal failure", summary="Low hormones.",
        sections=[section("Estrogen is replaced.")],
    )  # fmt: skip
    assert ANSWER not in said(find(QUESTION))


def test_vectors_of_another_model_are_not_used_and_are_replaced(semantic):
    publish_clinic()
    Vector.objects.filter(model=embedding.MODEL).update(model="something older")
    vectors._stamp()
    assert find(QUESTION).is_empty
    call_command("write_vectors", verbosity=0)
    assert said(find(QUESTION))[0] == ANSWER
    assert not Vector.objects.filter(model="something older").exists()


def test_what_was_published_before_can_be_filled_in(settings, capsys):
    publish_clinic()
    settings.SEARCH_SEMANTIC = True
    assert find(QUESTION).is_empty
    call_command("write_vectors")
    assert "3 topics can be found by what they mean." in capsys.readouterr().out
    assert said(find(QUESTION))[0] == ANSWER


def test_filling_removes_what_no_topic_says_any_more(semantic):
    publish_clinic()
    number = vectors.number_of("Estrogen is replaced.")
    unreviewed(
        "gonads", "complication", title="Gonadal failure", summary="Loss of fertility.",
        sections=[section(ANSWER)],
    )  # fmt: skip
    assert Vector.objects.filter(entry_id=number).exists()
    call_command("write_vectors", verbosity=0)
    assert not Vector.objects.filter(entry_id=number).exists()


def test_a_rebuild_reads_no_text_again(semantic, monkeypatch):
    publish_clinic()
    monkeypatch.setattr(embedding, "embed", lambda texts: pytest.fail(f"read again: {texts}"))
    listings.rebuild()
    monkeypatch.undo()
    assert said(find(QUESTION))[0] == ANSWER


def test_topics_are_read_again_only_when_one_has_changed(semantic, django_assert_num_queries):
    publish_clinic()
    held = vectors.of_topics()
    with django_assert_num_queries(1):
        assert vectors.of_topics() is held
    unreviewed("blood", title="Blood", sections=[section("It flows.")])
    assert len(vectors.of_topics().numbers) == len(held.numbers) + 1


def test_slips_are_put_right_before_a_query_is_read_for_its_meaning(semantic):
    publish_clinic()
    asked = finding.ask("oral mucositsi")
    assert asked.corrections == {"mucositsi": "mucositis"}
    assert find("oral mucositsi").corrected


def test_a_setting_without_what_it_needs_is_an_error_that_names_the_remedy(semantic, monkeypatch):
    assert checks.semantic_is_installed(None) == []
    monkeypatch.setattr(embedding, "missing", lambda: ("onnxruntime",))
    (error,) = checks.semantic_is_installed(None)
    assert "onnxruntime" in error.msg and "pip install .[semantic]" in error.hint
    # Pages go on without.
    publish_clinic()
    assert find(QUESTION).is_empty
    with pytest.raises(CommandError, match="pip install"):
        call_command("write_vectors")


def test_nothing_is_said_of_what_is_missing_while_it_is_off(monkeypatch):
    monkeypatch.setattr(embedding, "missing", lambda: ("onnxruntime",))
    assert checks.semantic_is_installed(None) == []
    with pytest.raises(CommandError, match="SEARCH_SEMANTIC"):
        monkeypatch.undo()
        call_command("write_vectors")


def test_filling_locks_for_few_topics_at_a_time_and_reads_before(semantic, settings, monkeypatch):
    settings.SEARCH_SEMANTIC = False
    publish_clinic()
    settings.SEARCH_SEMANTIC = True
    monkeypatch.setattr(vectors, "BATCH", 1)
    told, embed = [], embedding.embed
    monkeypatch.setattr(embedding, "embed", lambda texts: told.append("read") or embed(texts))
    assert vectors.fill(lambda: told.append("lock")) == 3
    assert told == ["read", "lock"] * 3 + ["lock"]


def test_filling_keeps_what_is_published_meanwhile(semantic):
    publish_clinic()

    def publish_one(done: int) -> None:
        unreviewed("blood", title="Blood", sections=[section("It flows.")])
        unreviewed("marrow", title="Marrow", sections=[section("It is red.")])

    assert vectors.fill(lambda: None, publish_one) == 4
    assert vectors.of_texts(["It flows.", "It is red."]).keys() == {"It flows.", "It is red."}
    assert vectors.of_texts(["Blood forms in the marrow."]) == {}
    assert len(vectors.of_topics().numbers) == 4


def test_who_publishes_reads_before_others_have_to_wait(semantic, monkeypatch):
    told, embed, lock = [], embedding.embed, listings._lock
    monkeypatch.setattr(embedding, "embed", lambda texts: told.append("read") or embed(texts))
    monkeypatch.setattr(listings, "_lock", lambda: told.append("lock") or lock())
    unreviewed("blood", title="Blood", sections=[section("It flows.")])
    assert told == ["read", "lock"]
