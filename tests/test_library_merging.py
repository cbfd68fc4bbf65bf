"""Publications that are here twice: finding them, merging them, and what every key still does."""

import json
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from hsc_portal import pages
from references import duplicates, importing
from references.formats import Record
from references.models import Distinct, Reference
from tests import clinic, sharing
from tests.admin_data import logged_in, said
from topics import listings, publishing
from topics.choices import EventKind
from topics.desk import worklists
from topics.errors import Invalid, NothingToDo, NotPermitted
from topics.library import merging
from topics.models import Event, Posting
from topics.models.search import Indexed

TITLE = "G-CSF induces stem cell mobilization by decreasing bone marrow SDF-1"
# Brought from another program: the same publication, as somebody typed it.
TYPED = {
    "type": "article-journal",
    "title": "G-CSF induces stem-cell mobilisation by decreasing bone marrow SDF-1.",
    "author": [{"family": "Petit", "given": "I."}],
    "container-title": "Nature Immunology",
    "issued": {"date-parts": [[2002]]},
    "DOI": "10.1038/ni817",
    "page": "687-694",
}


@pytest.fixture(scope="module")
def made_topic(django_db_setup, django_db_blocker):
    """A published topic that cites one publication by two keys, and another topic by the second."""
    with sharing.kept_for_a_file(django_db_blocker):
        Reference.objects.create(key="petit2002b", csl=TYPED)
        both = clinic.overview()
        both["sections"][0]["body"] += "\n- It is seen in the blood. [@petit2002b, p. 688]"
        clinic.published(both)
        body = "Cells leave the marrow. [@petit2002b]"
        second = [{"kind": "mechanism", "heading": "How?", "body": body}]
        clinic.published(clinic.overview("egress", sections=second))
        yield


@pytest.fixture
def topic(db, made_topic):
    pages.kept.pages.clear()


@pytest.fixture
def two(topic) -> tuple[Reference, Reference]:
    return Reference.objects.get(key="petit2002"), Reference.objects.get(key="petit2002b")


def merged(two, **options) -> Event:
    event = merging.merge(*two, actor=clinic.editor(), **options)
    for each in two:
        each.refresh_from_db()
    return event


def test_a_page_shows_one_publication_under_one_number(two, client):
    before = client.get("/topics/mobilization/").content.decode()
    assert 'id="ref_3"' in before
    digest = client.get("/api/v1/topics/mobilization/").json()["edition"]["digest"]
    merged(two)
    page = client.get("/topics/mobilization/").content.decode()
    assert 'id="ref_3"' not in page
    assert "/references/petit2002/" in page
    assert "/references/petit2002b/" not in page
    assert "mobilisation" not in page
    # The other topic shows what was kept, too.
    assert TITLE in client.get("/topics/egress/").content.decode()
    answer = client.get("/api/v1/topics/mobilization/").json()
    assert answer["edition"]["digest"] == digest
    assert "petit2002b" in json.dumps(answer["document"])


def test_the_other_key_leads_to_the_one_that_is_kept(two, client):
    merged(two)
    page = client.get("/references/petit2002b/")
    assert (page.status_code, page["Location"]) == (301, "/references/petit2002/")
    answer = client.get("/api/v1/references/petit2002b/")
    assert answer.status_code == 301
    assert answer["Location"].endswith("/api/v1/references/petit2002/")
    file = b"".join(client.get("/references/petit2002b/cite.ris"))
    assert TITLE.encode() in file
    kept = client.get("/api/v1/references/petit2002/").json()
    assert kept["also_known_as"] == ["petit2002b"]
    assert [each["slug"] for each in kept["cited_by"]] == ["egress", "mobilization"]
    cited = client.get("/references/petit2002/").content.decode()
    assert "Egress" in cited
    assert "It is seen in the blood." in cited


def test_it_is_listed_found_and_offered_once(two, client):
    listings.index_references(two)
    merged(two)
    listed = client.get("/api/v1/references/").json()["results"]
    assert "petit2002b" not in [each["key"] for each in listed]
    assert "petit2002b" not in client.get("/references/").content.decode()
    assert b"petit2002b" not in b"".join(client.get("/references/all.bib"))
    offered = logged_in("author").get("/admin/topics/topic/writing/publications/?q=petit").json()
    assert "petit2002b" not in str(offered)
    assert len(offered["found"]) == 1
    indexed = Posting.objects.filter(kind=Indexed.REFERENCE)
    assert not indexed.filter(entry_id=two[1].pk).exists()
    assert indexed.filter(entry_id=two[0].pk).exists()
    assert client.get("/search/?q=10.1038/ni817")["Location"] == "/references/petit2002/"


@pytest.mark.parametrize("key", ["petit2002", "petit2002b"])
def test_each_key_filters_what_cites_either(two, client, key):
    merged(two)
    found = client.get(f"/api/v1/topics/?reference={key}").json()["results"]
    assert sorted(each["slug"] for each in found) == ["egress", "mobilization"]
    said_so = client.get(f"/api/v1/statements/?reference={key}").json()["results"]
    assert len(said_so) == 4


def test_what_is_imported_again_is_known_by_its_numbers(two):
    merged(two)
    (line,) = importing.sort([Record(1, TYPED)]).lines
    assert (line.key, line.by) == ("petit2002", "DOI")


def test_a_notice_about_either_holds_for_both(two, client):
    merged(two)
    publishing.record_notice(
        two[1], actor=clinic.editor(), kind="retraction", on="2026-01-02", words="Made up."
    )
    assert set(two[0].same().values_list("status", flat=True)) == {"retracted"}
    for slug in ("mobilization", "egress"):
        assert "Made up." in client.get(f"/topics/{slug}/").content.decode()
        warned = client.get(f"/api/v1/topics/{slug}/").json()["warnings"]
        assert "petit2002b" in [each["key"] for each in warned]
    assert "Made up." in client.get("/references/petit2002/").content.decode()


def test_what_cites_either_is_to_be_looked_at_again(two):
    merged(two)
    for kind, day in (("retraction", "2026-01-02"), ("reinstatement", "2026-02-02")):
        publishing.record_notice(two[0], actor=clinic.editor(), kind=kind, on=day)
    rows = worklists.BY_NAME["look-again"].rows(clinic.editor())
    assert {row.edition.topic.slug for row in rows} == {"egress", "mobilization"}


def test_a_known_notice_comes_with_the_merging_and_is_told(two):
    publishing.record_notice(
        two[1], actor=clinic.editor(), kind="retraction", on="2026-01-02", words="Made up."
    )
    merged(two)
    assert two[0].status == "retracted"
    told = Event.objects.filter(kind=EventKind.REFERENCE_STATUS, reference=two[0])
    assert told.get().data["status"] == "retracted"
    merging.part(two[1], actor=clinic.editor())
    two[0].refresh_from_db()
    two[1].refresh_from_db()
    assert (two[0].status, two[1].status) == ("current", "retracted")
    assert [event.data["status"] for event in told.order_by("pk")] == ["retracted", "current"]


def test_fields_are_taken_over_and_given_back(two):
    before = two[0].csl
    event = merged(two, take=["DOI", "page", "title-that-is-none"])
    assert (two[0].doi, two[0].csl["page"]) == ("10.1038/ni817", "687-694")
    assert event.data["taken"] == ["DOI", "page"]
    merging.part(two[1], actor=clinic.editor())
    for each in two:
        each.refresh_from_db()
    assert two[0].csl == before
    assert (two[0].doi, two[1].doi, two[1].merged_into) == (None, "10.1038/ni817", None)
    with pytest.raises(NothingToDo):
        merging.part(two[1], actor=clinic.editor())


def test_the_form_of_either_can_be_saved_after_a_merging(two):
    merged(two, take=["DOI"])
    for each in two:
        url = f"/admin/references/reference/{each.pk}/change/"
        csl = json.dumps(each.csl | {"volume": "9"})
        data = {"study_type": "other", "csl": csl}
        assert logged_in("editor").post(url, data).status_code == 302
        each.refresh_from_db()
        assert each.csl["volume"] == "9"
    indexed = Posting.objects.filter(kind=Indexed.REFERENCE)
    assert indexed.filter(entry_id=two[0].pk).exists()
    assert not indexed.filter(entry_id=two[1].pk).exists()


def test_what_was_changed_since_stays_but_for_the_numbers(two):
    merged(two, take=["DOI", "page"])
    two[0].csl |= {"volume": "3"}
    two[0].save()
    merging.part(two[1], actor=clinic.editor())
    two[0].refresh_from_db()
    assert (two[0].csl["volume"], two[0].csl["page"], two[0].doi) == ("3", "687-694", None)


def test_a_third_one_follows_and_comes_back(two):
    third = Reference.objects.create(key="petit2002c", csl={"title": TITLE})
    merging.merge(two[1], third, actor=clinic.editor())
    merged(two)
    third.refresh_from_db()
    assert third.merged_into == two[0]
    merging.part(two[1], actor=clinic.editor())
    third.refresh_from_db()
    assert third.merged_into == two[1]


def test_what_makes_no_sense_is_refused(two):
    with pytest.raises(Invalid, match="two different"):
        merging.merge(two[0], two[0], actor=clinic.editor())
    with pytest.raises(NotPermitted):
        merging.merge(*two, actor=clinic.author())
    merged(two)
    with pytest.raises(Invalid, match="was merged into “petit2002” before"):
        merging.merge(Reference.objects.get(key="duhrsen1988"), two[1], actor=clinic.editor())


def test_the_database_refuses_chains(two):
    duhrsen = Reference.objects.get(key="duhrsen1988")
    merged(two)
    rows = Reference.objects.filter
    for pk, into in ((two[0].pk, duhrsen.pk), (duhrsen.pk, two[1].pk)):
        with pytest.raises(IntegrityError, match="in one step"), transaction.atomic():
            rows(pk=pk).update(merged_into=into)


@pytest.mark.django_db(transaction=True)
def test_two_mergings_crosswise_leave_one():
    clinic.library()
    pair = list(Reference.objects.order_by("key"))
    actor, results, together = clinic.editor(), [], threading.Barrier(2)

    def run(kept, other):
        together.wait()
        try:
            results.append(merging.merge(kept, other, actor=actor))
        except Invalid as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(each).__name__ for each in results) == ["Event", "Invalid"]
    assert Reference.objects.listed().count() == 1


def test_pairs_that_look_alike_and_why(two):
    (pair,) = duplicates.pairs()
    assert {pair.one.key, pair.other.key} == {"petit2002", "petit2002b"}
    assert pair.reasons[1:] == ("the same authors", "the same year", "the same journal")
    assert pair.doubts == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"title": f"Correction: {TITLE}"},
        {"title": f"Reply to {TITLE}"},
        {"author": [{"family": "Meier"}], "title": f"{TITLE} in mice"},
        {"issued": {"date-parts": [[2006]]}, "title": f"{TITLE} in mice"},
        {"title": "Adhesion of stem cells in the niche"},
        {"PMID": "1", "DOI": "10.1000/2", "title": TITLE},
    ],
)
def test_what_is_no_duplicate(two, changed):
    Reference.objects.filter(pk=two[1].pk).update(doi=None)
    two[1].csl = {key: value for key, value in TYPED.items() if key != "DOI"} | changed
    two[1].save()
    two[0].csl |= {"DOI": "10.1000/1"}
    two[0].save()
    assert duplicates.pairs() == []


def test_a_preprint_is_shown_with_the_doubt(two):
    two[0].csl |= {"DOI": "10.1101/2002.01.01", "title": TYPED["title"]}
    two[0].save()
    (pair,) = duplicates.of(two[1])
    assert pair.doubts == ("different DOIs",)


def test_an_editor_finds_compares_and_merges(two):
    editor = logged_in("editor")
    start = said(editor.get("/admin/references/reference/find-duplicates", follow=True))
    assert "petit2002b" in start
    url = f"/admin/references/reference/{two[0].pk}/{two[1].pk}/merge/"
    turned = f"/{two[1].pk}/{two[0].pk}/merge/"
    assert turned in said(editor.get("/admin/references/reference/duplicates/"))
    shown = said(editor.get(url))
    assert "687-694" in shown
    assert "Keep petit2002b instead" in shown
    done = editor.post(url, {"field": ["page"]}, follow=True)
    assert "is now “petit2002”" in said(done)
    form = f"/admin/references/reference/{two[1].pk}/change/"
    assert "This reference was merged into" in said(editor.get(form))
    assert "cannot be deleted" in said(editor.get(form.replace("change", "delete"), follow=True))
    undone = editor.post(form.replace("change", "part"), follow=True)
    assert "stands by itself again" in said(undone)
    log = said(editor.get(form.replace("change", "history")))
    assert "Merged into “petit2002”." in log


def test_two_that_are_two_are_not_shown_again(two):
    editor = logged_in("editor")
    url = f"/admin/references/reference/{two[1].pk}/{two[0].pk}/distinct/"
    assert editor.get(url).status_code == 405
    assert "Nothing looks alike" in said(editor.post(url, follow=True))
    editor.post(url)
    assert Distinct.objects.count() == 1


def test_who_adds_what_is_here_is_warned(two):
    Reference.objects.filter(pk=two[1].pk).update(title="Something else", fingerprint="||x")
    data = {"key": "petit2002z", "study_type": "other", "csl": json.dumps({
        "type": "article-journal", "title": TITLE, "author": [{"family": "Petit"}],
        "issued": {"date-parts": [[2002]]}})}  # fmt: skip
    page = logged_in("editor").post("/admin/references/reference/add/", data, follow=True)
    assert f"/{two[0].pk}/{Reference.objects.get(key='petit2002z').pk}/merge/" in said(page)


@pytest.mark.parametrize("role", ["author", "reviewer"])
def test_others_may_not(two, role):
    client = logged_in(role)
    start = "/admin/references/reference/"
    assert client.get(f"{start}duplicates/").status_code == 403
    assert client.post(f"{start}{two[0].pk}/{two[1].pk}/merge/").status_code == 403
    assert client.post(f"{start}{two[0].pk}/{two[1].pk}/distinct/").status_code == 403
    client.post(f"{start}{two[1].pk}/part/")
    assert Reference.objects.filter(merged_into=None, key="petit2002b").exists()
