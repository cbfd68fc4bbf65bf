"""The start page of the desk, its lists, the evidence map and the history of a topic."""

import pytest
from admin_data import (
    form_url,
    logged_in,
    overview,
    person,
    published,
    reference,
    therapy,
)
from django.contrib.auth import get_user_model
from django.test import Client

from tests import browsing
from topics import chronicle, publishing
from topics.models import Section

LISTS = "/admin/topics/topic/lists"
MAP = "/admin/topics/topic/evidence-map/"


def changed(topic, role: str = "author", note: str = "", **fields):
    """Save a topic with other values of its own and of its first section's."""
    section = topic.sections.first()
    for name, value in fields.items():
        setattr(section if name in ("body", "heading") else topic, name, value)
    section.save()
    topic.save()
    return publishing.save_revision(topic, author=person(role), note=note)


def words(topic) -> list[str]:
    """Return what the latest revision changed, in words."""
    *_, before, after = topic.revisions.all()
    return chronicle.told(before, after)


def history(topic, **query) -> dict:
    url = form_url(topic).replace("change", "history")
    return logged_in("editor").get(url, query).context


@pytest.mark.django_db
def test_the_start_page_has_each_list_with_its_number():
    published(overview("cells", "Nobody said so."))
    answer = logged_in("editor").get("/admin/")
    found = {each["title"]: each for each in answer.context["everybodys"]}
    assert found["Statements without citation"]["number"] == 1
    assert [each["title"] for each in answer.context["mine"]] == [
        "Changes requested of me", "Approved, to be published", "Scheduled publication failed",
        "My drafts",
    ]  # fmt: skip
    for each in found.values():
        assert logged_in("editor").get(each["url"]).status_code == 200
    (mine,) = logged_in("reviewer").get("/admin/").context["mine"]
    assert mine["title"] == "Awaiting my review"


@pytest.mark.django_db
def test_who_may_see_no_drafts_sees_no_lists():
    user = get_user_model().objects.create(username="guest", is_staff=True)
    client = Client()
    client.force_login(user)
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert "everybodys" not in answer.context
    for path in (f"{LISTS}/uncited/", f"{LISTS}/uncited/?format=csv", MAP):
        assert client.get(path).status_code == 403
    # The author may not review, so that list is not for them.
    assert logged_in("author").get(f"{LISTS}/my-reviews/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?kind=wish", "?page=zzz", "?topic=x", "?topic=99999999999999",
                                   "?owner=7777", "?area=%00", "?certainty=sure", "?page=-1",
                                   "?format=exe", "?q=%00"])  # fmt: skip
def test_what_is_no_choice_is_as_if_not_said(query):
    published(overview())
    client = logged_in("editor")
    for path in (f"{LISTS}/statements/", MAP):
        assert client.get(path + query).status_code == 200
    assert client.get(f"{LISTS}/no-such-list/").status_code == 404


@pytest.mark.django_db
def test_the_filters_and_the_export_go_together():
    published(overview("cells"))
    published(therapy())
    answer = logged_in("editor").get(f"{LISTS}/uncited/", {"kind": "therapy", "page": "1"})
    assert [row["topic"] for row in answer.context["rows"]] == ["Transplant"]
    assert answer.context["formats"][0] == ("CSV", "?kind=therapy&format=csv")
    empty = logged_in("editor").get(f"{LISTS}/flagged/").content.decode()
    assert "No publication that is cited has a notice." in empty


@pytest.mark.django_db
def test_each_cell_of_the_map_leads_to_its_statements():
    published(overview("cells", "It is. [@smith2020]{certainty=high}\n\nIt may be."))
    client = logged_in("editor")
    context = client.get(MAP).context
    for line in [*context["lines"], *context["areas"]]:
        for each in line["cells"]:
            if each["cell"].number:
                found = client.get(each["url"]).context["page"].paginator.count
                assert found == each["cell"].number


@pytest.mark.django_db
def test_changes_are_told_in_words():
    topic = overview("cells", "Cells divide. [@smith2020]")
    reference("jones2021")
    first = topic.revisions.get()
    assert chronicle.told(None, first) == ["The first text, with 1 section and 1 statement"]
    changed(topic, summary="Another one.", body="Cells divide. [@smith2020]\n\nThey do.\n\nYes.")
    assert words(topic) == ["Summary changed", "2 statements added in “What is it?”"]
    changed(
        topic, title="Cells of the blood", areas=["biology", "risks"],
        body="Cells divide. [@jones2021]{certainty=high}\n\nThey do.",
    )  # fmt: skip
    assert words(topic) == [
        "Title changed",
        "1 statement removed, 1 graded anew and 1 with other sources in “What is it?”",
        "1 area added",
        "1 publication added",
        "1 publication removed",
    ]
    Section.objects.create(topic=topic, heading="Who?", body="You. [@jones2021]", position=2)
    publishing.save_revision(topic, author=person("author"))
    assert words(topic) == ["Section “Who?” added, with 1 statement"]


@pytest.mark.django_db
def test_the_history_tells_who_did_what_and_why():
    topic = overview("cells")
    changed(topic, summary="Better.", note="As asked.")
    publishing.submit(topic, actor=person("author"), note="Please look.")
    publishing.review(
        topic.revisions.last(), reviewer=person("reviewer"), verdict="approve",
        interests="Lectures.", comment="Good.", whole_text=True,
    )  # fmt: skip
    publishing.publish(topic, publisher=person("editor"), change_note="Now better.")
    publishing.restore(topic.revisions.first(), actor=person("editor"))
    publishing.withdraw(topic, actor=person("editor"), reason="Doubtful.")
    told = [(e.who, e.did, e.note, e.details[:1]) for e in history(topic)["entries"]]
    assert told == [
        ("Dr Editor", "withdrew edition 1", "Doubtful.", []),
        ("Dr Editor", "restored revision 1 as revision 3", "", []),
        ("Dr Editor", "saved revision 3", "Restored from revision 1", ["Summary changed"]),
        ("Dr Editor", "published revision 2 as edition 1", "Now better.",
         ["Approved by Dr Reviewer, whose declared interests are: Lectures."]),
        ("Dr Reviewer", "approved revision 2", "Good.", ["Declared interests: Lectures."]),
        ("Dr Author", "submitted revision 2 for review", "Please look.", []),
        ("Dr Author", "saved revision 2", "As asked.", ["Summary changed"]),
        ("Dr Author", "saved revision 1", "", ["The first text, with 1 section and 1 statement"]),
    ]  # fmt: skip
    client = logged_in("editor")
    for entry in history(topic)["entries"]:
        assert all(client.get(url).status_code == 200 for _, url in entry.links)


@pytest.mark.django_db
def test_a_long_history_is_paged_and_costs_as_much_as_a_short_one(
    django_assert_max_num_queries,
):
    topic, client = overview("cells"), logged_in("author")
    url = form_url(topic).replace("change", "history")
    changed(topic, summary="0")
    client.get(url)
    with django_assert_max_num_queries(25) as few:
        client.get(url)
    for number in range(1, 44):
        changed(topic, summary=str(number))
    with django_assert_max_num_queries(len(few)):
        first = client.get(url).context
    assert first["page"].paginator.num_pages == 3
    last = history(topic, page=3)["entries"]
    assert [entry.did for entry in last][-1] == "saved revision 1"
    # The one before the first of a page is read, too.
    assert last[0].details == ["Summary changed"]


@pytest.fixture
def editor(chromium, live_server, settings):
    """A page of a browser in which an editor is logged in."""
    cookie = logged_in("editor").cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(base_url=live_server.url, viewport=browsing.WIDE)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_axe_finds_nothing(editor):
    topic = published(overview("cells", "It is. [@smith2020]{certainty=high}\n\nIt may be."))
    changed(topic, summary="Another one.", note="Why not?")
    paths = ["/admin/", f"{LISTS}/statements/", f"{LISTS}/broken-outside/", MAP,
             form_url(topic).replace("change", "history")]  # fmt: skip
    browsing.assert_each_accessible(editor, paths)
