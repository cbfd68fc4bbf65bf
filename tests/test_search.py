"""Search: what is found for what is typed, and that it follows what is published."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pages_data import author, editor, publication, section, unreviewed
from search_data import publish_clinic

from references.models import Reference
from topics import listings, publishing
from topics.models import (
    GlossaryTerm,
    IndexTotal,
    Lexeme,
    Listing,
    Name,
    Posting,
    Statement,
    Synonym,
)
from topics.models.search import Indexed
from topics.search import answering, results, spelling, text
from topics.search import query as queries

pytestmark = pytest.mark.django_db


def lexemes(words: str) -> list[str]:
    return [token.lexeme for token in text.tokens(words)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("haematopoietic leukaemia", "hematopoietic leukemia"),
        ("mobilisation of oedema", "mobilization of edema"),
        ("paediatric tumours", "pediatric tumors"),
        ("β-thalassaemia", "beta thalassemia"),
        ("Sjögren", "sjogren"),
        ("diarrhoea", "diarrhea"),
        ("transplants", "transplanted"),
        ("5mg/kg", "5 mg/kg"),
    ],
)
def test_spellings_of_one_thing_meet(one, other):
    assert lexemes(one) == lexemes(other)


@pytest.mark.parametrize(
    ("one", "other"), [("GCSF", "G-CSF"), ("Tcells", "T-cells"), ("CD34", "CD34+")]
)
def test_a_short_name_is_found_with_and_without_its_hyphen(one, other):
    assert set(lexemes(one)) & set(lexemes(other))


def test_t_cells_are_not_the_t_of_do_not():
    assert lexemes("T cells") == ["t", "cell"]
    assert lexemes("t cell") == ["t", "cell"]
    assert "t" not in lexemes("It doesn’t, it didn't.")


def test_a_token_knows_its_place():
    (found,) = (token for token in text.tokens("Give plerixafor now") if token.word == "plerixafor")
    assert "Give plerixafor now"[found.start : found.end] == "plerixafor"


def test_distance_counts_swapped_letters_once():
    assert spelling.distance("plerixafro", "plerixafor") == 1
    assert spelling.distance("abc", "") == 3


def test_a_query_is_read_as_it_is_meant():
    query = queries.parse('"graft failure" cord -marrow kind:therapy year:2018-2024 kind:drug')

    assert query.phrases == [("graft", "failur")]
    assert query.excluded == [("marrow",)]
    assert query.narrowed == {"kind": ["therapy"]}
    assert query.years == (2018, 2024)
    assert query.words == "graft failure cord"
    assert "Choose one of" in str(query.faults[0])


def find(typed: str, **options) -> results.Results:
    return results.find(queries.parse(typed), **options)


def said(found: results.Results) -> list[str]:
    return [one.statement.text for one in found.statements]


@pytest.fixture
def clinic():
    publish_clinic()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("how much mozobil should be given", "Give 0.24 mg/kg once a day."),
        ("anemia", "Anaemia may come first."),
        ("when is plerixafor given", "It is given 11 hours before collection."),
        ("what about graft failure after cord blood please", "It is feared after cord blood."),
    ],
)
def test_the_statement_that_answers_comes_first(clinic, typed, first):
    assert said(find(typed))[0] == first


def test_a_topic_that_is_named_comes_first(clinic):
    found = find("Mozobil")
    assert found.topics[0].slug == "plerixafor"
    assert found.named == {found.topics[0].pk}


def test_no_word_is_required(clinic):
    assert find("plerixafor unheardofword").topics[0].slug == "plerixafor"


def test_a_mistyped_word_is_put_right_and_can_be_kept(clinic):
    assert find("plerixafro").corrected == {"plerixafro": "plerixafor"}
    assert find("plerixafro").topics[0].slug == "plerixafor"
    assert find("plerixafro", correct=False).topics == []


def test_a_word_that_exists_is_never_put_right(clinic):
    assert find("marrow").corrected == {}
    assert find("plerixafor").corrected == {}


def test_a_long_query_is_not_put_right_word_by_word(clinic):
    words = [f"word{chr(97 + n)}" for n in range(20)]
    unreviewed("long", sections=[section(f"{' '.join(words)}.")])
    assert find(" ".join(words)).corrected == {}


def test_phrases_and_exclusions(clinic):
    assert said(find('"cord blood"')) == ["It is feared after cord blood."]
    assert said(find('"blood cord"')) == []
    assert "It is feared after cord blood." not in said(find("blood -cord"))
    assert "Blood forms in the marrow." in said(find("blood -cord"))


def test_filters_narrow(clinic):
    assert {topic.kind for topic in find("blood kind:complication").topics} == {"complication"}


def test_an_editors_synonym_counts_at_once(clinic):
    assert find("leukapheresis").statements == []
    synonym = Synonym.objects.create(names=["leukapheresis", "collection"])
    listings.index_synonyms([synonym])
    assert said(find("leukapheresis"))[0] == "It is given 11 hours before collection."


def test_publications_and_terms_are_found(clinic):
    term = GlossaryTerm(term="Apheresis", definition="Taking cells out of flowing blood.")
    publishing.save_term(term, actor=editor())
    assert [each.key for each in find("what petit2002 found").references] == ["petit2002"]
    assert [each.term for each in find("apheresis").terms] == ["Apheresis"]
    publishing.delete_term(term, actor=editor())
    assert find("apheresis").terms == []


def test_what_is_withdrawn_is_gone_at_once(clinic):
    topic = Listing.objects.get(slug="plerixafor").topic
    publishing.withdraw(topic, actor=editor(), reason="Wrong dose")
    found = find("plerixafor mozobil 0.24")
    assert found.topics == [] and found.statements == []
    assert not Posting.objects.filter(kind=Indexed.TOPIC, entry_id=topic.pk).exists()


def counts() -> dict:
    return {
        "lexemes": {
            each["lexeme"]: (each["topics"], each["statements"])
            for each in Lexeme.objects.filter(topics__gt=0).values()
        },
        "totals": {each.kind: (each.entries, each.length) for each in IndexTotal.objects.all()},
        "postings": Posting.objects.count(),
        "names": set(Name.objects.values_list("kind", "key")),
    }


def test_publishing_again_and_rebuilding_count_the_same(clinic):
    before = counts()
    topic = Listing.objects.get(slug="graft-failure").topic
    topic.summary = "Changed for a moment"
    topic.save()
    publishing.save_revision(topic, author=author())
    publishing.publish_unreviewed([topic], publisher=editor(), change_note="Changed")
    assert counts() != before
    listings.rebuild()
    after = counts()
    listings.rebuild()
    assert counts() == after
    assert after["totals"][Indexed.TOPIC][0] == 3


def test_an_old_portal_gets_its_index(clinic):
    before = counts()
    for model in (Posting, IndexTotal, Name, Lexeme):
        model.objects.all().delete()
    listings.ensure_index()
    assert counts() == before


def test_a_draft_is_not_found(clinic):
    topic = Listing.objects.get(slug="marrow").topic
    topic.title = "Secretword"
    topic.save()
    publishing.save_revision(topic, author=author())
    assert find("secretword", correct=False).topics == []


def test_the_cost_does_not_depend_on_how_much_is_found(clinic):
    numbers = iter(range(100))
    for n in range(3):
        unreviewed(f"more-{n}", sections=[section(f"Plerixafor dose {next(numbers)} is given.")])
    with CaptureQueriesContext(connection) as few:
        find("plerixafor dose")
    for n in range(3, 20):
        unreviewed(f"more-{n}", sections=[section(f"Plerixafor dose {next(numbers)} is given.")])
    with CaptureQueriesContext(connection) as many:
        find("plerixafor dose")
    assert len(many) == len(few)


def test_the_page_shows_all_of_it(clinic, client):
    html = client.get("/search/?q=mozobil+mg").content.decode()
    assert 'class="is-named"' in html
    assert "<mark>" in html
    assert "/topics/plerixafor/#" in html
    assert client.get("/de/search/?q=mozobil").status_code == 200


def test_an_identifier_leads_to_its_page(clinic, client):
    publication("broxmeyer2005", DOI="10.1084/jem.20041385", PMID="15837815")
    for typed in ("10.1084/jem.20041385", "https://doi.org/10.1084/JEM.20041385", "PMID: 15837815"):
        answer = client.get("/search/", {"q": typed})
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            "/references/broxmeyer2005/",
        )


@pytest.mark.parametrize(
    "typed",
    ["", '"', "-", "kind:", "year:99999", "'; DROP TABLE topics_lexeme; --",
     "<script>alert(1)</script>", "a" * 5000, "\x00", "%", "🧬", "-kind:therapy",
     '"unfinished', "10.1/x"],
)  # fmt: skip
def test_whatever_is_typed_is_answered(clinic, client, typed):
    answer = client.get("/search/", {"q": typed})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_nothing_found_offers_a_beginning(clinic, client):
    unreviewed("acute-gvhd", "complication", title="Acute GVHD")
    html = client.get("/search/?q=zzzzqqqq").content.decode()
    assert "Nothing was found" in html
    assert "/topics/acute-gvhd/" in html


def test_a_word_of_everyday_english_is_not_put_right(clinic):
    unreviewed("c", title="Leukemia", sections=[section("There is a cure, though rarely.")])
    assert find("curve trough").corrected == {}
    # The first letter is rarely the slip.
    assert find("flerixafor").corrected == {}
    assert find("leukemai").corrected == {"leukemai": "leukemia"}


def test_a_phrase_is_found_however_many_have_but_its_words(client):
    lines = "\n\n".join(f"The cell of stem number {n}." for n in range(320))
    unreviewed("s", title="S", sections=[section(f"{lines}\n\nA stem cell.")])
    assert said(find('"stem cell"')) == ["A stem cell."]
    assert said(find('"busulfan" stem')) == []


def test_acute_lymphoblastic_leukemia_is_told_from_all_by_its_capitals(client):
    unreviewed("all", title="Acute lymphoblastic leukemia", synonyms=["ALL"],
               sections=[section("It is a leukemia.")])  # fmt: skip
    assert [topic.slug for topic in find("ALL").topics] == ["all"]
    assert find("all").topics == []


def test_a_topic_of_that_name_comes_before_those_that_speak_of_it(client):
    for n in range(3):
        words = "Graft failure. " * 8
        unreviewed(f"x{n}", title=f"Graft {n}", sections=[section(words)])
    unreviewed("graft-failure", title="Graft failure", sections=[section("It is feared.")])
    assert find("graft failure").topics[0].slug == "graft-failure"


def test_a_retraction_shows_on_a_hit(clinic, client):
    publication("petit2002")
    retracted = Reference.objects.get(key="petit2002")
    retracted.status = Reference.Status.RETRACTED
    retracted.status_on = date(2025, 1, 31)
    retracted.save()
    page = client.get("/search/", {"q": "CXCR4"}).content.decode()
    assert "cites a retracted publication" in page
    assert "Not yet reviewed by a clinician" in page


def test_what_goes_while_it_is_searched_is_left_out(clinic, monkeypatch):
    """Publishing deletes the rows of the edition before; a search reads in several steps."""
    ranked = answering.ranking.statements

    def and_withdraw(*args):
        found = ranked(*args)
        Statement.objects.filter(text="Give 0.24 mg/kg once a day.").delete()
        return found

    monkeypatch.setattr(answering.ranking, "statements", and_withdraw)
    assert "Give 0.24 mg/kg once a day." not in said(find("plerixafor dose day"))


def test_a_filter_in_words_can_be_taken_back(clinic, client):
    page = client.get("/search/", {"q": "plerixafor marrow kind:agent"}).content.decode()
    assert 'href="?q=plerixafor+marrow" rel="nofollow" aria-current="true"' in page


@pytest.mark.parametrize("typed", ["10.1234/ab\x00c", "kind:therapy", "year:2024-2018 x"])
def test_odd_queries_are_answered(clinic, client, typed):
    assert client.get("/search/", {"q": typed}).status_code == 200
