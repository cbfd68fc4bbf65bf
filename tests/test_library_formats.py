"""Files of reference managers: told apart by content, read whatever is wrong in them, written."""

import gc
import io
import json
import tracemalloc

import pytest

from references import formats
from references.formats import Unreadable, reading, records

RIS = """TY  - JOUR
AU  - Smith, John A., Jr
AU  - WHO Study Group
TI  - A title
  that wraps &amp; goes <i>on</i>
T2  - Blood
PY  - 2002///
DA  - 2002/05/
SP  - 690
EP  - 4
DO  - https://doi.org/10.1000/AbC(1)x.
AN  - NA
XX  - what nobody knows
ER  - 
"""


def read(text: str | bytes) -> tuple[str, list]:
    raw = text.encode() if isinstance(text, str) else text
    label, found = formats.read(io.BytesIO(raw))
    return label, list(found)


def one(text: str | bytes) -> dict:
    (record,) = read(text)[1]
    assert record.item is not None, record.fault
    return record.item


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_file_of_any_encoding_and_line_end_is_read(newline, encoding):
    text = RIS.replace("Smith", "Müller").replace("\n", newline)

    label, (record,) = read(text.encode(encoding))

    assert label == "RIS"
    assert record.place == 1
    assert record.item == {
        "type": "article-journal",
        "title": "A title that wraps & goes on",
        "author": [
            {"family": "Müller", "given": "John A.", "suffix": "Jr"},
            {"literal": "WHO Study Group"},
        ],
        "container-title": "Blood",
        "issued": {"date-parts": [[2002, 5]]},
        "page": "690-694",
        "DOI": "10.1000/AbC(1)x",
    }


def test_a_bad_record_does_not_stop_the_others():
    text = "TY  - JOUR\nTI  - First\nTY  - JOUR\nAU  - Nobody, A\nER  - \nTY - BOOK\nT1 - Last\n"

    _, found = read(text)

    assert [record.place for record in found] == [1, 3, 6]
    assert [record.item and record.item["title"] for record in found] == ["First", None, "Last"]
    assert "no title" in found[1].fault


def test_a_line_without_end_is_refused_and_not_held():
    text = b"TY  - JOUR\nTI  - One\nAB  - " + b"x" * (3 * records.MAX_LINE) + b"\nER  - \n"

    _, (long, short) = read(text + RIS.encode())

    assert "Line 3 is too long" in long.fault
    assert long.title == "One"
    assert short.item


def test_a_long_file_takes_the_memory_of_one_record():
    class Endless(io.RawIOBase):
        """Three thousand records that are made as they are read."""

        def __init__(self):
            self.left, self.rest = 3_000, b""

        def readable(self):
            return True

        def readinto(self, into):
            while self.left and len(self.rest) < len(into):
                self.left -= 1
                self.rest += RIS.replace("A title", f"Title {self.left}").encode()
            size = min(len(into), len(self.rest))
            into[:size], self.rest = self.rest[:size], self.rest[size:]
            return size

    stream, usual = io.BufferedReader(Endless()), gc.get_threshold()
    # As Python has it by itself, and not as tests/conftest.py does.
    gc.set_threshold(700, 10, 10)
    tracemalloc.start()
    try:
        count = sum(1 for _ in formats.ris.read(stream))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.set_threshold(*usual)
    assert count == 3_000
    assert peak < 2_000_000


NBIB = """PMID- 12345678
OWN - NLM
TI  - Donor cells after
      conditioning.
PG  - 1487-96
LID - 10.1000/xyz [doi]
AID - S0006 [pii]
FAU - van der Berg, Jan
AU  - van der Berg J
CN  - EBMT Working Party
DP  - 2014 Mar-Apr
PMC - PMC123
PT  - Journal Article
PT  - Randomized Controlled Trial
JT  - Bone marrow transplantation
TA  - Bone Marrow Transplant

TI  - Without a number.
DP  - 1998 Dec 5

PMID- 2
AB  - Without a title
"""


def test_medline():
    label, (first, second, third) = read(NBIB)

    assert label == "PubMed (nbib)"
    assert first.item == {
        "type": "article-journal",
        "title": "Donor cells after conditioning",
        "author": [{"family": "van der Berg", "given": "Jan"}, {"literal": "EBMT Working Party"}],
        "container-title": "Bone marrow transplantation",
        "container-title-short": "Bone Marrow Transplant",
        "issued": {"date-parts": [[2014, 3]]},
        "page": "1487-1496",
        "DOI": "10.1000/xyz",
        "PMID": "12345678",
        "PMCID": "PMC123",
        "custom": {"study_type": "rct"},
    }
    assert second.item["issued"] == {"date-parts": [[1998, 12, 5]]}
    assert "no title" in third.fault


BIBTEX = r"""% A comment before anything
@string{jn = "Blood"}
@article{a1,
  author = {{World Health Organization} and van der Berg, Jan and Erd{\H o}s, P. and others},
  title = "A {HLA} matched \"{o}sterreich \& 5\% $\alpha$",
  journal = jn, month = jan, year = 2001, pages = {12--5},
  url = {http://example.org/a\_b~c}, doi = {10.1000/a_b}
}
@comment{nobody reads this}
@article{broken, title={x

@misc{web, title={A page}, howpublished={\url{https://example.org/}}}
@article{a1, title={Same key, another work}}
"""


def test_bibtex():
    label, (first, broken, web, same) = read(BIBTEX)

    assert label == "BibTeX"
    assert first.item == {
        "type": "article-journal",
        "title": "A HLA matched österreich & 5% α",
        "author": [
            {"literal": "World Health Organization"},
            {"family": "van der Berg", "given": "Jan"},
            {"family": "Erdős", "given": "P."},
        ],
        "custom": {"authors_truncated": True},
        "container-title": "Blood",
        "issued": {"date-parts": [[2001, 1]]},
        "page": "12-15",
        "URL": "http://example.org/a_b~c",
        "DOI": "10.1000/a_b",
    }
    assert broken.place == 10
    assert broken.title == "x"
    assert "cannot be read" in broken.fault
    assert web.item["URL"] == "https://example.org/"
    assert same.item["title"] == "Same key, another work"


PUBMED = """<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet SYSTEM "http://example.org/pubmed.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID>12</PMID><Article>
<Journal><ISSN>0006-4971</ISSN><JournalIssue><Volume>2</Volume><Issue>3</Issue>
<PubDate><Year>2001</Year><Month>Feb</Month></PubDate></JournalIssue><Title>Blood</Title></Journal>
<ArticleTitle>CD34<sup>+</sup> cells &amp; <i>in vivo</i> selection.</ArticleTitle>
<Pagination><MedlinePgn>12-9</MedlinePgn></Pagination>
<AuthorList CompleteYN="N"><Author><LastName>Smith</LastName><ForeName>Ada B</ForeName></Author>
<Author><CollectiveName>Study Group</CollectiveName></Author></AuthorList>
<PublicationTypeList><PublicationType>Meta-Analysis</PublicationType></PublicationTypeList>
</Article></MedlineCitation><PubmedData><ArticleIdList>
<ArticleId IdType="doi">10.1000/One</ArticleId><ArticleId IdType="pmc">PMC7</ArticleId>
</ArticleIdList><ReferenceList><Reference><ArticleIdList>
<ArticleId IdType="doi">10.9999/cited</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>13</PMID></MedlineCitation></PubmedArticle>
</PubmedArticleSet>
"""


def test_pubmed_xml():
    label, (first, second) = read(PUBMED)

    assert label == "PubMed XML"
    assert first.item == {
        "type": "article-journal",
        "title": "CD34+ cells & in vivo selection",
        "author": [{"family": "Smith", "given": "Ada B"}, {"literal": "Study Group"}],
        "custom": {"authors_truncated": True, "study_type": "systematic-review"},
        "container-title": "Blood",
        "issued": {"date-parts": [[2001, 2]]},
        "volume": "2",
        "issue": "3",
        "page": "12-19",
        "ISSN": "0006-4971",
        "PMID": "12",
        "PMCID": "PMC7",
        "DOI": "10.1000/One",
    }
    assert "no title" in second.fault


def test_xml_that_breaks_off_keeps_what_came_before():
    _, found = formats.read(io.BytesIO(PUBMED.encode()[:-60]))

    assert next(found).item["PMID"] == "12"
    with pytest.raises(Unreadable, match="cannot be read beyond record"):
        list(found)


def test_xml_reads_no_files_and_swells_to_nothing(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the password")
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(9)
    )
    text = PUBMED.replace(
        'PubmedArticleSet SYSTEM "http://example.org/pubmed.dtd"',
        f'PubmedArticleSet [<!ENTITY file SYSTEM "file://{secret}">{levels}]',
    ).replace("CD34", "CD34 &file; &l8;")

    _, found = formats.read(io.BytesIO(text.encode()))

    try:
        told = json.dumps([record.item for record in found])
    except Unreadable as error:
        told = str(error)
    assert "the password" not in told
    assert "lollol" not in told
    assert len(told) < 5_000


ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?><xml><records><record>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Smith, J.</style></author>
<author><style>et al.</style></author></authors></contributors>
<titles><title><style face="normal">Donor </style><style face="italic">cells</style></title>
<secondary-title>Blood</secondary-title></titles><pages>690-4</pages>
<dates><year>2001</year><pub-dates><date>Mar 5</date></pub-dates></dates>
<accession-num>12345678</accession-num><electronic-resource-num>10.1000/x</electronic-resource-num>
<urls><related-urls><url>https://example.org/x</url></related-urls></urls>
</record><record><ref-type name="Book">6</ref-type></record></records></xml>"""


def test_endnote_xml():
    label, (first, second) = read(ENDNOTE)

    assert label == "EndNote XML"
    assert first.item == {
        "type": "article-journal",
        "title": "Donor cells",
        "author": [{"family": "Smith", "given": "J."}],
        "custom": {"authors_truncated": True},
        "container-title": "Blood",
        "issued": {"date-parts": [[2001, 3, 5]]},
        "page": "690-694",
        "PMID": "12345678",
        "DOI": "10.1000/x",
        "URL": "https://example.org/x",
    }
    assert "no title" in second.fault


def test_csl_json():
    text = json.dumps(
        [
            {"id": "x", "title": "A", "volume": 3, "issued": {"date-parts": [["2001", 2]]}},
            5,
            {"title": "No names", "author": [{"given": "Ada"}]},
            {"title": "NUL \x00 within", "DOI": "https://doi.org/10.1000/Y", "custom": {"a": 1}},
        ]
    )

    label, (first, number, nameless, last) = read(text)

    assert label == "CSL-JSON"
    assert first.item == {
        "type": "document", "title": "A", "volume": "3", "issued": {"date-parts": [[2001, 2]]},
    }  # fmt: skip
    assert "no JSON object" in number.fault
    assert "neither family nor literal" in nameless.fault
    assert last.item == {
        "type": "document", "title": "NUL within", "DOI": "10.1000/Y", "custom": {"a": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing in it"),
        (b"\xef\xbb\xbf \n", "nothing in it"),
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"PK\x03\x04....", "packed file"),
        (b"%0 Journal Article\n%A Smith", "EndNote's own"),
        (b"FN Clarivate\nPT J\n", "Web of Science"),
        (b"<html><body>Hello</body></html>", "XML or HTML without publications"),
        (b"Dear editor, please add these papers", "not recognised"),
        (b"[[[[", "not recognised"),
        (b"[" * 100_000, "not recognised"),
        (b'[{"title": "cut', "no JSON"),
    ],
)
def test_what_cannot_be_read_says_what_can(content, words):
    with pytest.raises(Unreadable, match=words):
        read(content)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2014", [2014]),
        ("2014/03/05/", [2014, 3, 5]),
        ("2014-03-05T10:00", [2014, 3, 5]),
        ("2014 Mar 5", [2014, 3, 5]),
        ("5 March 2014", [2014, 3, 5]),
        ("March 5, 2014", [2014, 3, 5]),
        ("March 2014", [2014, 3]),
        ("2014 Winter", [2014]),
        ("2014 Mar-Apr", [2014, 3]),
        ("1998 Dec-1999 Jan", [1998, 12]),
        ("2014-02-31", [2014, 2]),
        ("2014-13-01", [2014]),
        ("n.d.", None),
        ("12345", None),
    ],
)
def test_dates(text, parts):
    assert reading.issued(text) == (parts and {"date-parts": [parts]})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Smith, Ada B", {"family": "Smith", "given": "Ada B"}),
        ("Smith, Ada, Jr", {"family": "Smith", "given": "Ada", "suffix": "Jr"}),
        ("Smith, Jr, Ada", {"family": "Smith", "given": "Ada", "suffix": "Jr"}),
        ("van der Berg JW", {"family": "van der Berg", "given": "JW"}),
        ("Medical Research Council UK", {"literal": "Medical Research Council UK"}),
        ("EBMT", {"literal": "EBMT"}),
        (" ; ", None),
    ],
)
def test_names(text, name):
    assert reading.person(text) == name


@pytest.mark.parametrize("text", ["NA", "0", "n/a", "PMC123", "12345678901", "-5"])
def test_what_is_no_pubmed_number_is_left_out(text):
    assert reading.pmid(text) == ""
