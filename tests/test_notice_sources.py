"""Reading notices from Crossref, PubMed and the file of Retraction Watch."""

import contextlib
import io
import json
import tracemalloc
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from references.formats import Unreadable
from references.notices import crossref, dates, pubmed, retraction_watch
from references.notices.kinds import Found
from references.registries.faults import NotUnderstood

# As Crossref answers about a work with notices of two sources.
WORK = {
    "DOI": "10.1016/S0140-6736(97)11096-0",
    "title": ["RETRACTED: Ileal-lymphoid-nodular hyperplasia"],
    "updated-by": [
        {"DOI": "10.1016/S0140-6736(04)15715-2", "type": "partial_retraction",
         "label": "Partial retraction", "source": "publisher",
         "updated": {"date-parts": [[2004, 3, 6]], "timestamp": 1078531200000}},
        {"DOI": "10.1016/s0140-6736(10)60175-4", "type": "retraction", "label": "Retraction",
         "source": "publisher", "updated": {"date-parts": [[2010, 2, 6]]}},
        {"DOI": "10.1016/s0140-6736(10)60175-4", "type": "retraction", "label": "Retraction",
         "source": "retraction-watch", "record-id": "4036",
         "updated": {"date-parts": [[2010, 2, 2]]}},
    ],
    "relation": {"is-replaced-by": [{"id-type": "doi", "id": "10.5555/New", "asserted-by": "x"}],
                 "has-review": [{"id-type": "doi", "id": "10.5555/review"}]},
}  # fmt: skip


def works(*items) -> bytes:
    message = {"total-results": len(items), "items": items}
    return json.dumps({"status": "ok", "message-type": "work-list", "message": message}).encode()


def test_crossref_tells_by_the_work():
    found = crossref.read(works(WORK, {"DOI": "10.5555/fine"}))
    assert found["10.5555/fine"] == []
    assert found["10.1016/s0140-6736(97)11096-0"] == [
        Found("correction", "crossref", date(2004, 3, 6), "10.1016/s0140-6736(04)15715-2",
              words="Partial retraction"),
        Found("retraction", "crossref", date(2010, 2, 6), "10.1016/s0140-6736(10)60175-4"),
        Found("retraction", "retraction-watch", date(2010, 2, 2), "10.1016/s0140-6736(10)60175-4"),
        Found("other", "crossref", None, "10.5555/new", words="Replaced"),
    ]  # fmt: skip


def test_crossref_tells_by_the_notice_and_about_one_work():
    notice = {"DOI": "10.5555/notice", "update-to": [
        {"DOI": "10.5555/a", "type": "withdrawal", "updated": {"date-parts": [[2020, 1]]}},
        {"DOI": "10.5555/b", "type": "expression_of_concern"},
        {"DOI": "10.5555/c", "type": "new_edition", "updated": {"date-parts": [[2020, 1, 2]]}},
    ]}  # fmt: skip
    found = crossref.read(json.dumps({"message": notice}).encode())
    assert found == {
        "10.5555/notice": [],
        # Half a date is none.
        "10.5555/a": [Found("removal", "crossref", None, "10.5555/notice", words="Withdrawal")],
        "10.5555/b": [
            Found("concern", "crossref", None, "10.5555/notice", words="Expression of concern")
        ],
        "10.5555/c": [
            Found("other", "crossref", date(2020, 1, 2), "10.5555/notice", words="New edition")
        ],
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"message": 1}', b'{"message": {"items": 3}}', works()[:40]],
)
def test_what_is_no_answer_of_crossref_is_refused(body):
    with pytest.raises(NotUnderstood):
        crossref.read(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["DOI", "updated-by", "update-to", "relation", "is-replaced-by", "type",
                         "updated", "date-parts", "items", "label", "id", "id-type", "source"]),
        inner, max_size=5),
)  # fmt: skip


@given(JSON)
def test_no_answer_of_crossref_is_stumbled_over(message):
    with contextlib.suppress(NotUnderstood):
        crossref.read(json.dumps({"message": message}).encode())


def test_many_works_are_asked_for_at_once(settings):
    settings.REGISTRIES = {"crossref": "https://c.example/", "pubmed": "https://p.example"}
    settings.CONTACT_EMAIL = ""
    both = crossref.address(["10.1/a(b)<c>", "10.1/d"])
    assert both == "https://c.example/works?filter=doi:10.1/a%28b%29%3Cc%3E,doi:10.1/d&rows=2"
    assert crossref.address(["10.1/a;b,c"]) == "https://c.example/works/10.1%2Fa%3Bb%2Cc"
    assert not crossref.can_be_asked_together("10.1/a,b")
    asked = pubmed.address(["1", "22"])
    assert asked.startswith("https://p.example/efetch.fcgi?db=pubmed&retmode=xml&id=1,22")


def article(pmid: str, corrections: str = "", types: str = "Journal Article") -> str:
    listed = "".join(
        f'<PublicationType UI="x">{each}</PublicationType>' for each in types.split("|")
    )
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>'
        f"<ArticleTitle>Title</ArticleTitle><PublicationTypeList>{listed}</PublicationTypeList>"
        f"</Article><CommentsCorrectionsList>{corrections}</CommentsCorrectionsList>"
        "</MedlineCitation></PubmedArticle>"
    )


def correction(kind: str, place: str = "", pmid: str = "", note: str = "") -> str:
    number = f'<PMID Version="1">{pmid}</PMID>' if pmid else ""
    source = f"<RefSource>{place}</RefSource>" if place else ""
    words = f"<Note>{note}</Note>" if note else ""
    return f'<CommentsCorrections RefType="{kind}">{source}{number}{words}</CommentsCorrections>'


def pubmed_set(*articles: str) -> bytes:
    # With the line that real answers have, which is not followed.
    doctype = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://dtd.example/p.dtd">'
    text = f'<?xml version="1.0" ?>{doctype}<PubmedArticleSet>{"".join(articles)}'
    return f"{text}</PubmedArticleSet>".encode()


def test_pubmed_tells_what_stands_where():
    lancet = "Lancet. 2010 Feb 6;375(9713):445. doi: 10.1016/S0140-6736(10)60175-4."
    body = pubmed_set(
        article("9500320", correction("ErratumIn", "Lancet. 2004 Mar;363(9411):750")
                + correction("RetractionIn", lancet, "20137807")
                + correction("CommentIn", "BMJ. 2010", "2"),
                "Journal Article|Retracted Publication"),
        article("20137807", correction("RetractionOf", "Lancet. 1998", "9500320")),
        article("3", correction("ExpressionOfConcernIn", pmid="5", note="See there")
                + correction("RetractedandRepublishedIn", "JAMA. 2017 Aug 1;318(5):490", "6")
                + correction("UpdateIn", "Cochrane. 2020", "7")),
        article("4", types="Retracted Publication"),
    )  # fmt: skip
    found = pubmed.read(body)
    assert found == {
        "9500320": [
            Found("correction", "pubmed", words="Erratum in: Lancet. 2004 Mar;363(9411):750"),
            Found("retraction", "pubmed", date(2010, 2, 6), "10.1016/s0140-6736(10)60175-4",
                  "20137807", words=f"Retraction in: {lancet}"),
        ],
        "20137807": [],
        "3": [
            Found("concern", "pubmed", pmid="5", words="Expression of concern See there"),
            Found("retraction", "pubmed", date(2017, 8, 1), pmid="6",
                  words="Retracted and republished in: JAMA. 2017 Aug 1;318(5):490"),
            Found("other", "pubmed", pmid="7", words="Update in: Cochrane. 2020"),
        ],
        "4": [Found("retraction", "pubmed", words="Retracted Publication")],
    }  # fmt: skip


def test_what_is_no_answer_of_pubmed_is_refused():
    assert pubmed.read(pubmed_set()) == {}
    for body in (b"", b"<html><p>Sorry</html>", pubmed_set(article("1"))[:-30]):
        with pytest.raises(NotUnderstood):
            pubmed.read(body)


# The real header ends with a comma.
HEADER = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,"
    "RetractionDate,RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,"
    "OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes,\n"
)


def row(
    day="6/5/2020 0:00", doi="10.1016/Notice", pmid="32511943", original="10.1016/Paper",
    original_pmid="32450107", nature="Retraction", reason="+Fraud;+Original Data;",
) -> str:  # fmt: skip
    return (
        '1,"A title, with a comma\nand a line",(HSC);,"Hospital; Town;",Lancet,Elsevier,USA,A B;C,'
        f"https://x.example;,Article;,{day},{doi},{pmid},5/22/2020 0:00,{original},"
        f"{original_pmid},{nature},{reason},No,See also,\n"
    )


def watched(*rows: str, header=HEADER) -> list:
    return list(retraction_watch.read(io.BytesIO((header + "".join(rows)).encode("utf-8-sig"))))


def test_retraction_watch_tells_row_by_row():
    first, second, third, fourth = watched(
        row(),
        row(original="unavailable", original_pmid="7; 8", doi="unavailable", pmid="0", day=""),
        row(original="", original_pmid="0"),
        row(
            nature="Expression of concern",
            reason="",
            day="13/13/2020",
            original="10.1000/A;10.1000/b",
        ),
        row(nature="Reinstatement"),
    )
    assert (first.dois, first.pmids) == (("10.1016/paper",), ("32450107",))
    assert first.found == Found(
        "retraction", "retraction-watch", date(2020, 6, 5), "10.1016/notice", "32511943",
        words="Fraud; Original Data",
    )  # fmt: skip
    assert (second.dois, second.pmids) == ((), ("7", "8"))
    assert (second.found.date, second.found.doi, second.found.pmid) == (None, "", "")
    assert (third.found.kind, third.found.date) == ("concern", None)
    assert (third.dois, third.found.words) == (("10.1000/a", "10.1000/b"), "Expression of concern")
    assert fourth.found.kind == "reinstatement"


def test_another_file_and_a_broken_one_are_refused():
    with pytest.raises(Unreadable, match="has no column RetractionDate"):
        watched(header="TY,AU\n")
    with pytest.raises(Unreadable):
        watched(header="")
    # A quotation mark that nobody closes makes all that follows one field.
    with pytest.raises(Unreadable, match="beyond line"):
        watched(row(), '2,"' + "x" * 200_000)
    broken = io.BytesIO(HEADER.encode() + row(reason="Fr\xe4ud").encode("latin-1"))
    assert [each.found.words for each in retraction_watch.read(broken)] == ["Fr\ufffdud"]


@pytest.mark.parametrize(
    ("told", "dois"),
    [
        ("10.1002/(SICI)1097(1997)79:2<285::AID-1>3.0.CO;2-0",
         ("10.1002/(sici)1097(1997)79:2<285::aid-1>3.0.co;2-0",)),
        ("10.1000/a; 10.1000/b;10.1000/c;", ("10.1000/a", "10.1000/b", "10.1000/c")),
    ],
)  # fmt: skip
def test_dois_with_a_semicolon_stay_whole(told, dois):
    (found,) = watched(row(original=told))
    assert found.dois == dois


def test_a_long_file_takes_the_memory_of_a_row():
    rows = row().encode() * 20_000
    stream = io.BytesIO(HEADER.encode() + rows)
    tracemalloc.start()
    try:
        number = sum(1 for _ in retraction_watch.read(stream))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number == 20_000
    assert most < 500_000 < len(rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Blood. 2019 May 9;133:1", date(2019, 5, 9)), ("Blood. 2019 May;133", None),
     ("J Infect Dis 1998 Aug;178(2):601", None), ("2019 Foo 9", None), ("2019 Feb 31", None),
     ("", None)],
)  # fmt: skip
def test_the_day_in_pubmeds_words(text, expected):
    assert dates.of_source(text) == expected
