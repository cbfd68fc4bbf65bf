"""Loading publications again: corrections arrive, and what editors changed stays."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from references.models import Reference
from tests import clinic
from topics import reading
from topics.models import Edition, Listing

pytestmark = pytest.mark.django_db

HEAD = "---\nkind: overview\nslug: {slug}\ntitle: {slug}\nareas: [biology]\nsummary: A home.\n"
RELATED = "relations:\n- {kind: related, topic: niche}\n"


def item(key: str, study_type="cohort", **more) -> dict:
    csl = {"id": key, "type": "article-journal", "title": f"On {key}", **more}
    return csl | {"custom": {"study_type": study_type}}


@pytest.fixture
def folder(tmp_path):
    """A topic that cites two publications, and one beside it that cites none."""
    (tmp_path / "references/content").mkdir(parents=True)
    topics = tmp_path / "topics/content"
    topics.mkdir(parents=True)
    says = "---\n\n## What? {kind=overview}\n\nA home. [@old2001; @petit2002]\n"
    (topics / "niche.md").write_text(HEAD.format(slug="niche") + says)
    (topics / "marrow.md").write_text(HEAD.format(slug="marrow") + RELATED + "---\n")
    return tmp_path


def load(folder, *items: dict) -> str:
    (folder / "references/content/references.json").write_text(json.dumps(items))
    said = StringIO()
    call_command("load_content", folder=folder, stdout=said)
    return said.getvalue()


def edit(admin_client, reference: Reference, **csl) -> None:
    address = reverse("admin:references_reference_change", args=[reference.pk])
    changed = {"csl": json.dumps(reference.csl | csl), "study_type": reference.study_type}
    assert admin_client.post(address, changed).status_code == 302


def test_a_corrected_study_type_arrives_with_all_that_depends_on_it(client, folder):
    load(folder, item("old2001"), item("petit2002"))
    assert Listing.objects.get(slug="marrow").publications == ["old2001", "petit2002"]

    said = load(folder, item("old2001"), item("petit2002", "rct"))

    assert "References: 0 added, 1 corrected, 0 left as edited here." in said
    assert Reference.objects.get(key="petit2002").study_type == "rct"
    assert Listing.objects.get(slug="marrow").publications == ["petit2002", "old2001"]
    # No topic prints the kind of study, so no edition is made for it.
    assert Edition.objects.count() == 2


def test_corrected_words_reach_search_and_the_topics_that_print_them(client, folder):
    load(folder, item("old2001"), item("petit2002"))

    load(folder, item("old2001"), item("petit2002", title="Zebrafish niches"))

    found = reading.current("niche")
    assert found.edition.number == 2
    assert found.document["references"][1]["title"] == "Zebrafish niches"
    assert reading.current("marrow").edition.number == 1
    assert "Zebrafish niches" in client.get("/search/?q=zebrafish").content.decode()


def test_a_publication_that_was_edited_here_is_left_alone_and_named(admin_client, folder):
    load(folder, item("old2001"), item("petit2002"))
    edit(admin_client, Reference.objects.get(key="petit2002"), title="Edited here")

    said = load(folder, item("old2001", "lab"), item("petit2002", "rct", title="From the file"))

    assert "1 corrected, 1 left as edited here: petit2002." in said
    petit = Reference.objects.get(key="petit2002")
    assert (petit.title, petit.study_type) == ("Edited here", "cohort")
    assert Reference.objects.get(key="old2001").study_type == "lab"


def test_the_topics_of_an_editor_are_not_published_anew(folder):
    load(folder, item("old2001"), item("petit2002"))
    clinic.edit(reading.current("niche").edition.topic, by=clinic.editor(), title="Edited here")

    load(folder, item("old2001"), item("petit2002", title="Corrected"))

    assert reading.current("niche").edition.number == 1
    assert Reference.objects.get(key="petit2002").title == "Corrected"


def test_a_faulty_correction_is_named_and_nothing_is_loaded(folder):
    load(folder, item("old2001"), item("petit2002"))

    with pytest.raises(CommandError, match=r"references.json, petit2002: .*DOI"):
        load(folder, item("old2001", "rct"), item("petit2002", DOI="nonsense"))

    assert Reference.objects.get(key="old2001").study_type == "cohort"


def test_loading_the_same_again_corrects_nothing(folder):
    load(folder, item("old2001"), item("petit2002"))

    assert "0 added, 0 corrected, 0 left" in load(folder, item("old2001"), item("petit2002"))
