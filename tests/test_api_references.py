"""/api/v1/references/ and /api/v1/references/<key>/"""

import pytest

from references.models import Reference
from tests.api_data import (
    HOST,
    document,
    draft,
    publish,
    read,
    retract,
    tell,
    withdraw,
)
from topics import documents


def test_a_reference_has_this_shape(client, library):
    reference = read(client, "references/dipersio2009mm/")

    assert reference.pop("csl")["issued"] == {"date-parts": [[2009]]}
    assert reference == {
        "url": f"{HOST}/api/v1/references/dipersio2009mm/",
        "html_url": f"{HOST}/references/dipersio2009mm/",
        "key": "dipersio2009mm",
        "title": "Plerixafor and G-CSF versus placebo and G-CSF in multiple myeloma",
        "authors": "DiPersio JF",
        "container": "",
        "year": 2009,
        "doi": None,
        "pmid": None,
        "pmcid": None,
        "study_type": "other",
        "retraction": {
            "status": "current", "label": "No notice known", "on": None, "notice": "",
            "source": "", "checked_on": None,
        },
        "statements": f"{HOST}/api/v1/statements/?reference=dipersio2009mm",
        "topics": f"{HOST}/api/v1/topics/?reference=dipersio2009mm",
        "notices": [],
        "also_known_as": [],
        "cited_by": [
            {
                "url": f"{HOST}/api/v1/topics/stem-cell-mobilization/",
                "slug": "stem-cell-mobilization",
                "title": "Stem cell mobilization",
                "kind": "overview",
            }
        ],
    }  # fmt: skip


def test_the_list_has_the_same_rows_without_who_cites_them(client, library):
    rows = read(client, "references/")["results"]

    assert [row["key"] for row in rows] == ["copelan2006", "dipersio2009mm", "snowden2022"]
    detail = read(client, "references/copelan2006/")
    del detail["cited_by"], detail["notices"], detail["also_known_as"]
    assert rows[0] == detail


@pytest.mark.parametrize(("license", "is_told"), [("", False), ("CC-BY-4.0", True)])
def test_an_abstract_is_handed_out_only_by_its_license(client, library, license, is_told):
    found = Reference.objects.get(key="copelan2006")
    found.csl |= {"abstract": "What they found.", "custom": {"abstract_license": license}}
    found.save()
    assert ("abstract" in read(client, "references/copelan2006/")["csl"]) is is_told
    assert ("abstract" in documents._publications({"copelan2006"})["copelan2006"]) is is_told
    for ending in ("ris", "nbib", "json"):
        file = b"".join(client.get(f"/references/copelan2006/cite.{ending}"))
        assert (b"What they found." in file) is is_told, ending


def test_a_retraction_has_its_date_and_notice(client, library):
    retract("copelan2006")

    notice = read(client, "references/copelan2006/")["retraction"]

    assert notice["status"] == "retracted"
    assert notice["label"] == "Retracted"
    assert notice["on"] == "2026-05-01"
    assert notice["notice"] == "Data could not be verified"


def test_all_notices_are_told_the_newest_first(client, library, django_assert_max_num_queries):
    retract("copelan2006")
    tell("copelan2006", kind="correction", source="crossref", date=None, doi="10.1000/notice",
         words="Erratum")  # fmt: skip

    with django_assert_max_num_queries(2):
        erratum, retraction = read(client, "references/copelan2006/")["notices"]

    assert erratum.pop("found_at").endswith("Z")
    assert erratum == {
        "kind": "correction", "label": "Correction", "date": None, "doi": "10.1000/notice",
        "pmid": "", "url": "https://doi.org/10.1000/notice", "words": "Erratum",
        "source": "crossref",
    }  # fmt: skip
    assert (retraction["kind"], retraction["date"]) == ("retraction", "2026-05-01")
    assert retraction["source"] == "editor"


def test_only_current_editions_cite(client, library):
    titles = [row["title"] for row in read(client, "references/snowden2022/")["cited_by"]]
    assert titles == ["Multiple myeloma"]

    old = publish(document("overview", "old-advice"))[0]
    draft(document("overview", "secret-draft"))
    cited_by = [row["slug"] for row in read(client, "references/copelan2006/")["cited_by"]]
    assert "old-advice" in cited_by and "secret-draft" not in cited_by

    withdraw(old)
    cited_by = [row["slug"] for row in read(client, "references/copelan2006/")["cited_by"]]
    assert "old-advice" not in cited_by


def test_an_unknown_key_is_not_found(client, db):
    read(client, "references/nothing/", 404)
