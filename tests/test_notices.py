"""Notices about publications: what follows from them, and that it is seen everywhere at once."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import permutations

import pytest
from admin_data import logged_in, overview, person, published, reference, said
from django.apps import apps
from following_data import follower, sent

from references.models import Notice, Reference
from references.notices.kinds import Found, is_same
from references.notices.standing import standing
from tests import clinic
from topics import news, noticing, publishing, reading
from topics.choices import EventKind
from topics.desk import worklists
from topics.errors import Invalid, NothingToDo, NotPermitted
from topics.models import Event

FOUND_AT = datetime(2026, 3, 1, tzinfo=UTC)


def told(kind: str, day: str = "", source: str = "crossref", found: int = 0, **more) -> Notice:
    """Return a notice of a day, found so many days after the first ones."""
    return Notice(
        kind=kind, date=date.fromisoformat(day) if day else None, source=source,
        found_at=FOUND_AT + timedelta(days=found), **more,
    )  # fmt: skip


RETRACTED = told("retraction", "2020-05-01")
REMOVED = told("removal", "2020-05-01")
CORRECTED = told("correction", "2019-01-01")
CORRECTED_LATER = told("correction", "2022-01-01")
CONCERN = told("concern", "2019-06-01")
REINSTATED = told("reinstatement", "2021-01-01")
RETRACTED_AGAIN = told("retraction", "2023-01-01")
OTHER = told("other", "2024-01-01")
UNDATED = told("retraction", source="pubmed")
CASES = [
    ("current", []),
    ("current", [OTHER]),
    ("retracted", [RETRACTED]),
    ("retracted", [REMOVED]),
    ("corrected", [CORRECTED]),
    ("concern", [CONCERN]),
    ("concern", [CORRECTED, CONCERN, CORRECTED_LATER]),
    ("retracted", [CORRECTED, CONCERN, RETRACTED, CORRECTED_LATER, OTHER]),
    ("retracted", [RETRACTED, told("concern", "2020-09-01")]),
    ("current", [RETRACTED, REINSTATED]),
    ("current", [CONCERN, REINSTATED]),
    ("current", [REINSTATED]),
    ("corrected", [CORRECTED, RETRACTED, REINSTATED]),
    ("corrected", [RETRACTED, REINSTATED, CORRECTED_LATER]),
    ("retracted", [RETRACTED, REINSTATED, RETRACTED_AGAIN]),
    ("current", [RETRACTED, REINSTATED, RETRACTED_AGAIN, told("reinstatement", "2024-01-01")]),
    # Of one day the graver counts.
    ("retracted", [RETRACTED, told("reinstatement", "2020-05-01")]),
    # One source told the day of the retraction, another did not.
    ("current", [RETRACTED, REINSTATED, UNDATED]),
    ("retracted", [UNDATED]),
    ("current", [UNDATED, REINSTATED]),
    ("current", [UNDATED, told("reinstatement")]),
    # Found long after the reinstatement, so it may be news.
    ("retracted", [REINSTATED, told("retraction", source="pubmed", found=30)]),
    # Editors take back what editors told, not what a registry did.
    ("retracted", [RETRACTED, told("mistake", found=1, source="editor")]),
    ("current", [told("retraction", "2020-05-01", source="editor"),
                 told("mistake", found=1, source="editor")]),
    ("current", [told("correction", "2020-05-01", source="editor"),
                 told("mistake", found=1, source="editor")]),
    # An editor lifts now what was told before, whatever was lifted long ago.
    ("current", [RETRACTED, REINSTATED, RETRACTED_AGAIN,
                 told("reinstatement", found=9, source="editor")]),
    ("retracted", [CORRECTED, told("mistake", found=1, source="editor"),
                   told("retraction", "2018-01-01", found=2)]),
]  # fmt: skip


@pytest.mark.parametrize(("status", "notices"), CASES)
def test_the_status_follows_from_all_notices_in_whatever_order_they_come(status, notices):
    orders = list(permutations(notices))
    assert {standing(order).status for order in orders} == {status}
    assert len({id(standing(order).notice) for order in orders}) == 1


def test_readers_are_shown_the_notice_that_says_most():
    undated, first = told("retraction", source="pubmed"), RETRACTED
    second = told("retraction", "2020-06-01", "retraction-watch")
    own = told("retraction", "2020-07-01", "editor", words="Read the dose table with care.")
    assert standing([undated, second, first]).notice is first
    assert standing([undated, first, own, second]).notice is own
    # It began anew.
    assert standing([RETRACTED, REINSTATED, RETRACTED_AGAIN]).notice is RETRACTED_AGAIN
    assert standing([CORRECTED, CORRECTED_LATER]).notice is CORRECTED_LATER
    assert standing([RETRACTED, REINSTATED]).notice is REINSTATED


@pytest.mark.parametrize(
    ("expected", "known", "found"),
    [
        (True, {"day": "2020-01-01", "doi": "10.1/a"}, {"day": "2020-01-02", "doi": "10.1/a"}),
        (True, {"day": "2020-01-01", "pmid": "1"}, {"pmid": "1"}),
        (True, {}, {}),
        # The day was not known before.
        (False, {"pmid": "1"}, {"day": "2020-01-01", "pmid": "1"}),
        (False, {"day": "2020-01-01", "doi": "10.1/a"}, {"day": "2020-01-02", "doi": "10.1/b"}),
        (False, {"day": "2020-01-01"}, {"day": "2020-01-01", "source": "pubmed"}),
    ],
)
def test_a_source_tells_the_same_once_more(expected, known, found):
    assert is_same(told("correction", **known), told("correction", **found)) is expected


RETRACTION = Found(
    "retraction", "crossref", date(2026, 5, 4), "10.1000/retraction", words="Data made up"
)


def tell(*found: Found, key: str = "petit2002", by: str = "Crossref") -> noticing.Noted:
    return noticing.note(Reference.objects.get(key=key), found, by=by)


def status(key: str = "petit2002") -> str:
    return Reference.objects.get(key=key).status


@pytest.mark.django_db
def test_what_a_registry_tells_is_seen_at_once_by_everybody(client):
    topic = clinic.published()
    clinic.edit(topic, title="Second")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Second")
    follower(topic)
    page = f"/topics/{topic.slug}/"
    statement = client.get(f"/api/v1/statements/?topic={topic.slug}").json()["results"][0]
    before = client.get(page)["ETag"]

    event = tell(RETRACTION).event

    assert (event.actor, event.actor_name, event.note) == (None, "Crossref", "Data made up")
    for read in (reading.current(topic.slug), reading.edition(topic.slug, 1)):
        flag = read.flagged["petit2002"]
        assert (flag["status"], flag["status_on"]) == ("retracted", date(2026, 5, 4))
    response = client.get(page)
    assert response["ETag"] != before
    assert "Data made up" in response.content.decode()
    assert "retracted" in client.get(f"{page}editions/1/").content.decode()
    answer = client.get(f"/api/v1/topics/{topic.slug}/").json()
    assert answer["warnings"][0]["status"] == "retracted"
    after = client.get(f"/api/v1/statements/?topic={topic.slug}").json()["results"][0]
    assert statement != after and "retracted" in str(after)
    assert news.tell(list(news.events()[:1]))[0].title.startswith("Petit 2002")
    assert [row.reference.key for row in rows("flagged")] == ["petit2002"]
    assert "Retracted" in sent()[0].subject
    assert "Crossref" in client.get("/references/petit2002/").content.decode()


@pytest.mark.django_db
def test_nothing_is_told_twice():
    clinic.published()
    assert len(tell(RETRACTION).notices) == 1
    assert tell(RETRACTION) == noticing.Noted()
    # Another source tells of the same: it is kept, and nobody is told once more.
    other = Found("retraction", "pubmed", None, "", "123", words="Retraction in: Blood. 2026")
    again = tell(other, other, by="PubMed")
    assert len(again.notices) == 1 and again.event is None
    assert Notice.objects.count() == 2
    assert Event.objects.filter(kind=EventKind.REFERENCE_STATUS).count() == 1
    found = Reference.objects.get(key="petit2002")
    assert (found.status_on, found.status_source) == (date(2026, 5, 4), "Crossref")


@pytest.mark.django_db
def test_a_correction_is_no_retraction():
    clinic.published()
    tell(Found("correction", "pubmed", date(2020, 1, 1), words="Erratum in: Blood"))
    assert status() == "corrected"
    tell(RETRACTION)
    tell(Found("correction", "crossref", date(2026, 6, 1)))
    assert status() == "retracted"


def rows(name: str) -> list:
    return list(worklists.BY_NAME[name].rows(person("editor")))


@pytest.mark.django_db
def test_a_reinstatement_asks_editors_to_look_again_until_it_is_published_anew():
    topic = clinic.published()
    tell(RETRACTION)
    assert rows("look-again") == []
    event = tell(Found("reinstatement", "retraction-watch", date(2026, 6, 1))).event
    assert (status(), event.data["before"]) == ("current", "retracted")
    assert rows("flagged") == []
    (row,) = rows("look-again")
    assert (row.edition.topic.slug, row.reference.key) == (topic.slug, "petit2002")
    clinic.edit(topic, title="Read anew")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Read anew")
    assert rows("look-again") == []


@pytest.mark.django_db
def test_a_retraction_after_a_reinstatement_is_no_reason_to_be_calm():
    clinic.published()
    tell(RETRACTION, Found("reinstatement", "crossref", date(2026, 6, 1)))
    tell(Found("retraction", "crossref", date(2026, 7, 1), "10.1000/again"))
    assert status() == "retracted"
    assert rows("look-again") == [] and len(rows("flagged")) == 1


@pytest.mark.django_db
def test_an_editor_ticks_a_topic_off_and_is_logged():
    topic, found = published(overview()), reference()
    tell(Found("concern", "crossref", date(2026, 1, 1)), key=found.key)
    tell(Found("reinstatement", "crossref", date(2026, 6, 1)), key=found.key)
    url = "/admin/topics/topic/lists/look-again/"
    (row,) = rows("look-again")
    assert "In order" not in said(logged_in("author").get(url))
    assert logged_in("author").post(url, {"row": row.pk}).status_code == 302
    assert len(rows("look-again")) == 1

    editor = logged_in("editor")
    assert "In order" in said(editor.get(url))
    for wrong in ("", "x", "-1", str(row.pk + 1)):
        assert editor.post(url, {"row": wrong}).status_code == 404
    flagged = url.replace("look-again", "flagged")
    assert editor.post(flagged, {"row": row.pk}).status_code == 404
    assert "off the list" in said(editor.post(url, {"row": row.pk}, follow=True))

    assert rows("look-again") == []
    event = Event.objects.get(kind=EventKind.LOOKED_AGAIN)
    assert (event.topic_id, event.reference, event.actor) == (topic.pk, found, person("editor"))
    assert "looked at already" in said(editor.post(url, {"row": row.pk}, follow=True))
    # It is the editors' own business.
    assert not news.events().filter(pk=event.pk).exists()
    history = said(editor.get(f"/admin/topics/topic/{topic.pk}/history/", follow=True))
    assert "read it again after a notice about smith2020" in history
    # A later one is another.
    tell(Found("concern", "crossref", date(2026, 7, 1)), key=found.key)
    tell(Found("reinstatement", "crossref", date(2026, 8, 1)), key=found.key)
    assert len(rows("look-again")) == 1


@pytest.mark.django_db
def test_an_editor_records_and_takes_back():
    clinic.published()
    found = Reference.objects.get(key="petit2002")
    values = {"actor": clinic.editor(), "kind": "retraction", "on": "2026-01-02"}
    event = publishing.record_notice(found, **values, address="https://doi.org/10.1000/N")
    assert event.actor == clinic.editor()
    notice = Notice.objects.get()
    assert (notice.doi, notice.address, notice.found_by) == ("10.1000/n", "", "Emil Editor")
    with pytest.raises(NothingToDo):
        publishing.record_notice(found, **values, address="10.1000/n")
    publishing.record_notice(found, actor=clinic.editor(), kind="mistake", on=None, words="Not it")
    assert status() == "current"
    # What was taken back can be recorded anew.
    publishing.record_notice(found, **values, address="10.1000/n")
    assert status() == "retracted"
    with pytest.raises(Invalid, match="Give the date"):
        publishing.record_notice(found, **values | {"on": None})
    with pytest.raises(Invalid, match="lies ahead"):
        publishing.record_notice(found, **values | {"on": "2999-01-01"})
    with pytest.raises(Invalid, match="no kind"):
        publishing.record_notice(found, **values | {"kind": "wish"})
    with pytest.raises(NotPermitted):
        publishing.record_notice(found, **values | {"actor": clinic.author()})


@pytest.mark.django_db
def test_what_the_database_cannot_keep_is_left_out():
    clinic.library()
    tell(Found("retraction", "crossref", words="Da\0ta", doi="10.1/" + "x" * 300))
    notice = Notice.objects.get()
    assert (notice.words, len(notice.doi)) == ("Data", 250)


@pytest.mark.django_db
def test_the_page_of_a_publication_shows_all_notices(client, django_assert_max_num_queries):
    clinic.published()
    tell(RETRACTION)
    one = _queries(client, django_assert_max_num_queries)
    tell(Found("correction", "pubmed", None, "", "77", words="Erratum in: Blood"), by="PubMed")
    tell(Found("other", "editor", date(2025, 1, 1), address="shelf <7>"), by="Emil Editor")
    page = _queries(client, django_assert_max_num_queries).partition('id="notices"')[2]
    assert page.index("Erratum in: Blood") < page.index("Data made up") < page.index("Other notice")
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/77/"' in page
    assert "shelf &lt;7&gt;" in page
    assert "Data made up" in one
    tell(Found("reinstatement", "crossref", date(2026, 6, 1)))
    assert "Corrected (not" in _queries(client, django_assert_max_num_queries)
    tell(Found("mistake", "editor"), by="Emil Editor")
    assert "Corrected (not" in _queries(client, django_assert_max_num_queries)


def _queries(client, assert_max) -> str:
    client.get("/references/petit2002/")
    with assert_max(3):
        return client.get("/references/petit2002/").content.decode()


@pytest.mark.django_db
def test_a_status_without_a_day_is_said_without_one(client):
    clinic.published()
    tell(Found("retraction", "pubmed", words="Retracted Publication"))
    for page in ("/references/petit2002/", "/topics/mobilization/", "/references/",
                 "/topics/mobilization/evidence/", "/topics/mobilization/editions/1/cite/",
                 "/references/petit2002/cite.ris", "/api/v1/references/petit2002/"):  # fmt: skip
        response = client.get(page, follow=True)
        text = b"".join(response) if response.streaming else response.content
        assert response.status_code == 200, page
        assert b"None" not in text.replace(b"None is", b""), page


@pytest.mark.django_db
def test_what_was_recorded_before_is_carried_over():
    clinic.library()
    Reference.objects.filter(key="petit2002").update(
        status="concern", status_on=date(2025, 1, 2), status_notice="Figure 3", status_source="x"
    )
    import_module("references.migrations.0006_notices").carry_over(apps, None)
    notice = Notice.objects.get()
    assert (notice.kind, notice.date, notice.words) == ("concern", date(2025, 1, 2), "Figure 3")
    assert (notice.source, notice.address) == ("editor", "x")
    now = standing([notice])
    assert (now.status, now.notice) == ("concern", notice)
