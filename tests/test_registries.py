"""Identifiers are recognised, answers of registries read, and each is asked once a day."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from references.models import Reference, RegistryAnswer
from references.registries import (
    client,
    clinicaltrials,
    crossref,
    datacite,
    openlibrary,
    pmc,
    pubmed,
)
from references.registries.client import Session
from references.registries.looking_up import look_up
from references.registries.recognising import Identifier, has_check_digit, recognise, thirteen
from tests import registries_data
from tests.registries_data import busy, filed

DOI = Identifier("doi", "10.1000/blood.2019001")


@pytest.fixture
def server(monkeypatch, settings, db):
    with registries_data.served(monkeypatch, settings) as made:
        yield made


def found(*wanted: Identifier, **options) -> list:
    return list(look_up(wanted, Session(**options)).values())


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("10.1056/NEJMra052638", "doi", "10.1056/nejmra052638"),
        ("doi: 10.1182/blood-2009-01-199281.", "doi", "10.1182/blood-2009-01-199281"),
        ("https://doi.org/10.1016%2Fj.bbmt.2018.01.001", "doi", "10.1016/j.bbmt.2018.01.001"),
        ("dx.doi.org/10.1016/S0140-6736(09)60237-3", "doi", "10.1016/s0140-6736(09)60237-3"),
        ("https://www.nejm.org/doi/full/10.1056/NEJMoa2203690", "doi", "10.1056/nejmoa2203690"),
        ("https://ash.example/doi/10.1182/blood.2019003387/full/html", "doi",
         "10.1182/blood.2019003387"),
        ("https://www.medrxiv.org/content/10.1101/2020.04.01.20049999v1.full-text", "doi",
         "10.1101/2020.04.01.20049999"),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0012345", "doi",
         "10.1371/journal.pone.0012345"),
        ("10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2", "doi",
         "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"),
        ("PMID: 16625008", "pmid", "16625008"),
        ("16625008", "pmid", "16625008"),
        ("https://pubmed.ncbi.nlm.nih.gov/16625008/?from=x", "pmid", "16625008"),
        ("https://www.ncbi.nlm.nih.gov/pubmed/16625008", "pmid", "16625008"),
        ("PMCID: PMC4830270", "pmcid", "PMC4830270"),
        ("pmc4830270.1", "pmcid", "PMC4830270"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC4830270/", "pmcid", "PMC4830270"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC4830270", "pmcid", "PMC4830270"),
        ("ISBN 978-0-306-40615-7", "isbn", "9780306406157"),
        ("ISBN-10: 0-306-40615-2", "isbn", "9780306406157"),
        ("080442957x", "isbn", "9780804429573"),
        ("nct00103662", "nct", "NCT00103662"),
        ("https://clinicaltrials.gov/study/NCT00103662?term=a", "nct", "NCT00103662"),
    ],
)  # fmt: skip
def test_an_identifier_is_told_by_its_form(text, kind, value):
    assert recognise(text) == Identifier(kind, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("smith2020", "no identifier that is known here"),
        ("0", "no identifier"),
        ("https://[bad", "no identifier"),
        ("https://example.org/page", "no identifier"),
        ("978-0-306-40615-8", "last digit does not fit"),
        ("0-306-40615-3", "last digit does not fit"),
        ("ISBN 12-34", "10 or 13 digits"),
        ("NCT123", "no identifier"),
    ],
)
def test_what_is_none_is_told_why(text, words):
    with pytest.raises(ValidationError, match=words):
        recognise(text)


def test_one_wrong_digit_of_an_isbn_is_always_seen():
    for isbn in ("9780306406157", "0306406152"):
        assert has_check_digit(isbn)
        for place, right in enumerate(isbn):
            for wrong in set("0123456789") - {right}:
                assert not has_check_digit(isbn[:place] + wrong + isbn[place + 1 :])
    assert thirteen("080442957X") == "9780804429573"
    assert has_check_digit(thirteen("080442957X"))


def test_crossref_is_read():
    item = crossref.read(filed("crossref.json"), ["x"])["x"]
    assert item == {
        "type": "article-journal",
        "title": "Engraftment of CD34+ cells after conditioning: A randomized trial",
        "author": [
            {"family": "de la Cruz", "given": "Ada M."},
            {"family": "Müller", "given": "Bo", "suffix": "Jr"},
            {"literal": "Example Transplant Group"},
        ],
        "container-title": "Blood",
        "container-title-short": "Blood",
        # Of the issue, not of the day on which it was put online.
        "issued": {"date-parts": [[2019, 12, 26]]},
        "volume": "134",
        "issue": "26",
        "page": "2301-2311",
        "ISSN": "0006-4971",
        "language": "en",
        "DOI": "10.1000/blood.2019001",
        "abstract": "Background CD34+ cells & engraftment. Results All engrafted.",
    }


def test_a_chapter_of_crossref_has_its_book_and_editors():
    item = crossref.read(filed("crossref_book.json"), ["x"])["x"]
    assert (item["type"], item["container-title"]) == ("chapter", "The Example Handbook")
    assert item["editor"] == [{"family": "Demir", "given": "Cem"}]
    assert (item["ISBN"], item["publisher"]) == ("9783161484100", "Example Press")
    assert item["issued"] == {"date-parts": [[2024]]}


def test_datacite_is_read():
    item = datacite.read(filed("datacite.json"), ["x"])["x"]
    assert item == {
        "type": "dataset",
        "title": "Counts of CD34+ cells: Raw data",
        "author": [{"family": "Cruz", "given": "Ada"}, {"literal": "Example Registry"}],
        "editor": [{"family": "Demir", "given": "Cem"}],
        "publisher": "Zenodo",
        "issued": {"date-parts": [[2021, 3, 5]]},
        "version": "1.2",
        "language": "en",
        "DOI": "10.5072/example.1",
        "abstract": "Counts of 12 donors.",
    }


def test_pubmed_is_read_and_gives_only_what_was_asked_for():
    items = pubmed.read(filed("pubmed.xml"), ["31000001"])
    assert list(items) == ["31000001"]
    item = items["31000001"]
    assert (item["DOI"], item["PMCID"]) == ("10.1000/blood.2019001", "PMC7000001")
    assert item["custom"] == {"study_type": "rct"}


def test_the_converter_gives_a_pmid_or_else_a_doi():
    values = ["PMC7000001", "PMC7000002", "PMC7000009"]
    assert pmc.read(filed("pmc.json"), values) == {
        "PMC7000001": Identifier("pmid", "31000001"),
        "PMC7000002": DOI,
    }


def test_open_library_is_read():
    isbn = "9780306406157"
    assert openlibrary.read(filed("openlibrary.json"), [isbn, "9780804429573"])[isbn] == {
        "type": "book",
        "title": "Hematopoietic stem cells: a handbook",
        "author": [
            {"family": "Cruz", "given": "Ada"},
            {"family": "van der Berg", "given": "Rainer"},
            {"literal": "European Society for Examples"},
        ],
        "publisher": "Example Press",
        "publisher-place": "Cham",
        "issued": {"date-parts": [[2019, 3]]},
        "number-of-pages": "702",
        "ISBN": isbn,
    }


def test_a_trial_is_read_also_by_its_other_number():
    numbers = ["NCT00103662", "NCT00103000", "NCT00000009"]
    items = clinicaltrials.read(filed("clinicaltrials.json"), numbers)
    assert list(items) == ["NCT00103662", "NCT00103000"]
    assert items["NCT00103000"] == {
        "type": "webpage",
        "title": "A Randomized Trial of Plerixafor Plus G-CSF for Mobilization",
        "author": [{"literal": "Example Cancer Center"}],
        "container-title": "ClinicalTrials.gov",
        "publisher": "National Library of Medicine (US)",
        "publisher-place": "Bethesda (MD)",
        "issued": {"date-parts": [[2005, 2, 14]]},
        "number": "NCT00103662",
        "URL": "https://clinicaltrials.gov/study/NCT00103662",
        "custom": {"study_type": "rct"},
    }


@pytest.mark.parametrize(
    ("identifier", "registry"),
    [
        (DOI, "Crossref"),
        (Identifier("doi", "10.5072/example.1"), "DataCite"),
        (Identifier("pmid", "31000002"), "PubMed"),
        (Identifier("pmcid", "PMC7000001"), "PubMed"),
        (Identifier("pmcid", "PMC7000002"), "Crossref"),
        (Identifier("isbn", "9780306406157"), "Open Library"),
        (Identifier("nct", "NCT00103662"), "ClinicalTrials.gov"),
    ],
)
def test_each_is_looked_up_where_it_is_known(server, identifier, registry):
    (told,) = found(identifier)
    today = timezone.localdate().isoformat()
    assert told.item["custom"]["registry"] == {"name": registry, "read_on": today}
    reference = Reference(key="x", csl=told.item)
    # The library takes it as it is.
    reference.full_clean()
    reference.save()
    if identifier.kind in ("doi", "pmid", "pmcid"):
        assert getattr(reference, identifier.kind) == identifier.value


def test_what_no_registry_knows_is_told(server):
    wanted = [
        Identifier("doi", "10.1000/nothing"),
        Identifier("pmid", "9"),
        Identifier("pmcid", "PMC7000009"),
        Identifier("isbn", "9780804429573"),
        Identifier("nct", "NCT00000009"),
    ]
    assert [told.fault for told in found(*wanted)] == [
        "Crossref and DataCite do not know it.",
        "PubMed does not know it.",
        "PubMed Central does not know it.",
        "Open Library does not know it.",
        "ClinicalTrials.gov does not know it.",
    ]


def test_many_of_one_registry_are_asked_for_at_once(server):
    told = found(*(Identifier("pmid", f"3100000{number}") for number in (1, 2)))
    assert [each.item["PMID"] for each in told] == ["31000001", "31000002"]
    assert len(server.asked) == 1


def test_what_was_answered_is_kept_for_a_day(server):
    first, second = found(DOI), found(DOI)
    assert first == second
    assert len(server.asked) == 1
    RegistryAnswer.objects.update(read_at=timezone.now() - timedelta(days=2))
    found(DOI)
    assert len(server.asked) == 2
    assert RegistryAnswer.objects.count() == 1


def test_it_is_told_when_a_kept_answer_was_read(server):
    found(DOI)
    before = timezone.now() - timedelta(hours=20)
    RegistryAnswer.objects.update(read_at=before)
    (told,) = found(DOI)
    day = timezone.localdate(before).isoformat()
    assert told.item["custom"]["registry"]["read_on"] == day


def test_old_and_overlong_answers_are_not_kept(server, monkeypatch):
    found(DOI)
    RegistryAnswer.objects.update(read_at=timezone.now() - timedelta(days=2))
    monkeypatch.setattr(client, "MOST_KEPT", 10)
    found(Identifier("nct", "NCT00103662"))
    assert not RegistryAnswer.objects.exists()


def test_failures_and_half_answers_are_not_kept(server):
    script = server.script
    script["/crossref/works/10.1000/blood.2019001"] = [busy(500), busy(500), busy(500)]
    found(DOI, sleep=lambda seconds: None)
    found(Identifier("doi", "10.1000/nothing"))
    found(Identifier("pmid", "31000001"), Identifier("pmid", "9"))
    assert not RegistryAnswer.objects.exists()


def test_whoever_is_asked_learns_who_asks(server, settings):
    settings.SITE_URL, settings.CONTACT_EMAIL = "https://hsc.example", "ada@hsc.example"
    found(DOI, Identifier("pmid", "31000001"))
    (path, headers), (doi_path, doi_headers) = server.asked
    agent = "HSC-Portal/1.0 (+https://hsc.example; mailto:ada@hsc.example)"
    assert headers["User-Agent"] == doi_headers["User-Agent"] == agent
    assert "tool=hsc-portal&email=ada%40hsc.example" in path
    assert (headers["Accept"], doi_headers["Accept"]) == (
        "application/xml, text/xml", "application/json",
    )  # fmt: skip
    # An address within a DOI is not to be one of the registry's.
    assert doi_path == "/crossref/works/10.1000%2Fblood.2019001"


def test_a_fresh_answer_is_asked_for_anew(server):
    url = f"{server.base}/crossref/works/10.1000%2Fblood.2019001"
    client.keep(client.Answer(url, b"{}", timezone.now()))
    assert Session().get(url).body == b"{}"
    assert client.ask(url) == filed("crossref.json")
