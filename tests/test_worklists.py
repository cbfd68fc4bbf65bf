"""The lists of what is to be done: what is in each, for whom, and that their numbers are cheap."""

import csv
import io
from datetime import date, timedelta

import pytest
from admin_data import (
    approved,
    condition,
    logged_in,
    overview,
    person,
    published,
    reference,
    therapy,
)
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from topics import openings, publishing
from topics.desk import assigning, evidence_map, worklist, worklists
from topics.models import Assignment, LinkCheck, Opening, Topic

pytestmark = pytest.mark.django_db

CITED = "Cells divide. [@smith2020]"


def titles(name: str, role: str = "editor", **chosen) -> list[str]:
    asked, user = worklists.BY_NAME[name], person(role)
    rows = worklists.narrowed(asked, asked.rows(user), chosen)
    found = [asked.source.topic_of(row).title for row in rows]
    if name in worklists.counts(user) and not chosen:
        assert worklists.counts(user)[name] == len(found)
    return found


def member(name: str, role: str):
    user = get_user_model().objects.create(username=name, first_name=name.title(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def submitted(slug: str) -> Topic:
    topic = overview(slug)
    publishing.submit(topic, actor=person("author"))
    return topic


def test_awaiting_my_review_has_what_i_may_review():
    asked, free, others = submitted("asked"), submitted("free"), submitted("others")
    colleague = member("colleague", "Clinical reviewer")
    for topic, whom in ((asked, person("reviewer")), (others, colleague)):
        assigning.assign(topic, assignee=whom, task="review", actor=person("author"))
    overview("not-submitted")
    assert titles("my-reviews", "reviewer") == ["Asked", "Free"]
    assert "my-reviews" not in worklists.counts(person("author"))
    publishing.review(
        free.revisions.last(), reviewer=colleague, verdict="approve", interests="no",
        whole_text=True,
    )  # fmt: skip
    assert titles("my-reviews", "reviewer") == ["Asked"]


def test_one_who_left_keeps_no_text_from_the_others():
    topic, colleague = submitted("asked"), member("colleague", "Clinical reviewer")
    assigning.assign(topic, assignee=colleague, task="review", actor=person("author"))
    assert titles("my-reviews", "reviewer") == []
    colleague.is_active = False
    colleague.save()
    assert titles("my-reviews", "reviewer") == ["Asked"]


def test_nobody_reviews_what_they_wrote():
    topic = overview("mine")
    user = person("all-rounder")
    topic.note = "Mine, too."
    topic.save()
    publishing.save_revision(topic, author=user)
    publishing.submit(topic, actor=user)
    assert titles("my-reviews", "all-rounder") == []
    assert titles("my-reviews", "reviewer") == ["Mine"]


def test_changes_are_requested_of_the_owner_or_of_who_is_asked():
    topic, handed_on = submitted("mine"), submitted("handed-on")
    for each in (topic, handed_on):
        publishing.review(
            each.revisions.last(), reviewer=person("reviewer"), verdict="request-changes",
            interests="none", comment="Cite it.",
        )  # fmt: skip
    assert titles("my-changes", "author") == ["Mine", "Handed on"]
    assigning.assign(handed_on, assignee=person("editor"), task="changes", actor=person("author"))
    assert titles("my-changes", "editor") == ["Handed on"]
    # Who is asked no more has it no longer, unless nobody is asked and they own it.
    for task in Assignment.objects.filter(assignee=person("author"), task="changes"):
        assigning.finish(task, actor=person("author"))
    assert titles("my-changes", "author") == ["Mine"]
    publishing.submit(topic, actor=person("author"))
    assert titles("my-changes", "author") == []


def test_past_the_review_date():
    topic = overview("old")
    topic.next_review = date(2020, 1, 31)
    topic.save()
    publishing.save_revision(topic, author=person("author"))
    published(topic)
    published(overview("new"))
    assert titles("overdue") == ["Old"]


def test_statements_by_what_they_lack():
    published(
        overview("cells", f"{CITED}\n\nNobody said so.\n\nIt is so. [@smith2020]{{check=awaiting}}")
    )
    found = {}
    for name in ("uncited", "awaiting-check"):
        found[name] = [row.text for row in worklists.BY_NAME[name].rows(person("editor"))]
    assert found == {"uncited": ["Nobody said so."], "awaiting-check": ["It is so."]}
    # Of drafts nothing is told.
    overview("draft", "Nobody says so.")
    assert titles("uncited") == ["Cells"]


def test_retracted_publications_come_first_and_only_those_cited_now():
    cited = {key: reference(key) for key in ("gone2001", "mended2002", "fine2003", "other2004")}
    body = " ".join(f"[@{key}]" for key in list(cited)[:3])
    published(overview("cells", f"Cells divide. {body}"))
    for key, status in (("gone2001", "retracted"), ("mended2002", "corrected"),
                        ("other2004", "retracted")):  # fmt: skip
        publishing.record_reference_status(
            cited[key], actor=person("editor"), status=status, on=date(2026, 1, 2)
        )
    rows = worklists.BY_NAME["flagged"].rows(person("editor"))
    assert [row.reference.key for row in rows] == ["gone2001", "mended2002"]
    assert titles("flagged") == ["Cells", "Cells"]


def test_broken_internal_links_lead_to_what_was_withdrawn():
    target = published(overview("target"))
    published(overview("source", "See [it](topic:target). [@smith2020]"))
    assert titles("broken-inside") == []
    publishing.withdraw(target, actor=person("editor"), reason="Wrong.")
    assert titles("broken-inside") == ["Source"]
    (row,) = worklists.BY_NAME["broken-inside"].rows(person("editor"))
    assert worklists.BrokenInside.columns[0].told(row) == "target"


def test_broken_external_links_with_each_topic_that_has_them():
    topics = [published(overview("a")), published(overview("b")), overview("draft")]
    link = LinkCheck.objects.create(
        url="https://gone.example/", state="broken", answer="404 Not Found",
        checked_at=timezone.now(), broken_since=timezone.now(),
    )  # fmt: skip
    link.topics.set(topics)
    LinkCheck.objects.create(
        url="https://fine.example/", state="fine", checked_at=timezone.now()
    ).topics.set(topics)
    assert titles("broken-outside") == ["A", "B"]


def test_topics_that_nobody_opened():
    seen, unseen = published(overview("seen")), published(overview("unseen"))
    overview("draft")
    assert set(titles("never-opened")) == {seen.title, unseen.title}
    Opening.objects.create(topic=seen, day=date(2026, 1, 1), times=1)
    assert titles("never-opened") == ["Unseen"]


def test_drafts_that_nobody_touched(monkeypatch):
    overview("draft")
    changed = published(overview("changed"))
    changed.note = "New."
    changed.save()
    publishing.save_revision(changed, author=person("author"))
    published(overview("published"))
    assert titles("untouched") == []
    later = timezone.now() + timedelta(days=61)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert titles("untouched") == ["Draft", "Changed"]


def test_the_owner_wrote_last_and_still_may():
    topic = overview("cells")
    editor = member("emil", "Editor")
    topic.note = "New."
    topic.save()
    publishing.save_revision(topic, author=editor)
    published(topic)

    def of(user) -> list[str]:
        return titles("never-opened", owner=str(user.pk))

    assert (of(editor), of(person("author"))) == (["Cells"], [])
    assert [pk for pk, _ in worklist.possible_owners()].count(str(editor.pk)) == 1
    editor.is_active = False
    editor.save()
    assert of(person("author")) == ["Cells"]
    person("author").groups.clear()
    assert titles("never-opened", owner=worklist.UNOWNED) == ["Cells"]
    assert "Cells" not in of(person("author"))


def test_lists_are_narrowed():
    published(overview("cells"))
    published(therapy("transplant", CITED))
    assert titles("never-opened", kind="therapy") == ["Transplant"]
    assert titles("never-opened", q="CELL") == ["Cells"]
    assert titles("never-opened", area="risks") == []
    published(condition("leukemia"))
    assert titles("statements", certainty="high") == []
    assert len(titles("statements", certainty="ungraded")) == 3


def test_the_numbers_cost_four_queries_with_few_and_many(django_assert_num_queries):
    published(overview("first"))
    # Permissions are read once.
    user = person("all-rounder")
    user.has_perm("topics.view_topic")
    with django_assert_num_queries(4):
        worklists.counts(user)
    for number in range(4):
        published(overview(f"more-{number}"))
        submitted(f"asked-{number}")
    with django_assert_num_queries(4):
        found = worklists.counts(user)
    assert found["my-reviews"] == 4


def test_a_list_costs_as_much_with_many_rows(django_assert_max_num_queries):
    client = logged_in("editor")
    published(overview("first"))
    address = "/admin/topics/topic/lists/statements/"
    client.get(address)
    with django_assert_max_num_queries(12) as few:
        client.get(address)
    for number in range(4):
        published(overview(f"more-{number}"))
    with django_assert_max_num_queries(len(few)):
        assert client.get(address).context["page"].paginator.count == 5


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_exported_list_runs_no_formula(kind):
    topic = overview("cells", "=HYPERLINK(1) is no statement\\\nof ours.")
    topic.title = "=1+1"
    topic.save()
    publishing.save_revision(topic, author=person("author"))
    published(topic)
    answer = logged_in("editor").get(f"/admin/topics/topic/lists/uncited/?format={kind}")
    assert f".{kind}" in answer["Content-Disposition"]
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).active
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert rows[0][:2] == ["Topic", "Statement"]
    assert rows[1][0] == "'=1+1"
    assert rows[1][1].startswith("'=HYPERLINK(1)")
    assert rows[1][-1] == "Dr Author"


def test_an_export_has_all_that_fits_and_nothing_else():
    published(overview("topic", "\n\n".join(f"{CITED} {number}" for number in range(55))))
    published(therapy())
    answer = logged_in("editor").get(
        "/admin/topics/topic/lists/statements/?kind=overview&page=2&format=csv"
    )
    assert len(answer.content.decode().splitlines()) == 56


def test_the_map_counts_what_the_lists_show():
    published(overview("cells", f"{CITED}\n\nIt is. [@smith2020]{{certainty=high}}"))
    published(therapy())
    page, lines = evidence_map.page({}, "high", 1)
    told = [(line.name, [cell.number for cell in line.cells]) for line in lines]
    assert told == [("Cells", [1, 0, 0, 0, 1]), ("Transplant", [0, 0, 0, 0, 1])]
    assert page.paginator.count == 2
    every, biology = evidence_map.areas({})
    assert (every.name, every.number, biology.name, biology.number) == (
        "All topics", 3, "Stem cell biology", 3,
    )  # fmt: skip
    assert [line.number for line in evidence_map.areas({"kind": "therapy"})] == [1, 1]
    for cell in lines[0].cells:
        assert len(titles("statements", topic=lines[0].of["topic"], certainty=cell.grade)) == (
            cell.number
        )


def test_openings_are_summed_by_day_and_by_nobody(monkeypatch, rf):
    topic = published(overview("cells"))
    counts = openings.Counts()
    monkeypatch.setattr(openings, "counts", counts)
    reader = {"HTTP_USER_AGENT": "Mozilla/5.0"}
    openings.note(rf.get("/", **reader), "cells")
    # Tests and commands count nothing.
    assert not counts.found
    counts.is_on = True
    team = rf.get("/", **reader)
    team.COOKIES["sessionid"] = "x"
    for request in (
        rf.get("/", **reader), rf.get("/", HTTP_SEC_FETCH_MODE="navigate", **reader),
        rf.head("/", **reader), rf.get("/", HTTP_SEC_PURPOSE="prefetch", **reader),
        rf.get("/", HTTP_SEC_FETCH_MODE="cors", **reader),
        rf.get("/", HTTP_USER_AGENT="Googlebot/2.1"), team,
    ):  # fmt: skip
        openings.note(request, "cells")
    openings.note(rf.get("/", **reader), "never-published")
    openings.write()
    openings.note(rf.get("/", **reader), "cells")
    # Not yet written: a minute is not over.
    openings.write()
    assert Opening.objects.get().times == 2
    counts.write_at = 0
    openings.write()
    assert Opening.objects.values_list("topic", "times").get() == (topic.pk, 3)
    assert not connection.needs_rollback


def test_an_opened_page_costs_no_query_more(client, django_assert_num_queries, monkeypatch):
    published(overview("cells"))
    client.get("/topics/cells/")
    counts = openings.Counts()
    counts.is_on = True
    monkeypatch.setattr(openings, "counts", counts)
    with django_assert_num_queries(1):
        client.get("/topics/cells/", headers={"User-Agent": "Mozilla/5.0"})
    assert counts.found.total() == 1


def test_old_openings_are_forgotten():
    topic = approved(overview("cells"))
    today = timezone.localdate()
    for days in (10, 500):
        Opening.objects.create(topic=topic, day=today - timedelta(days=days), times=1)
    openings.forget()
    assert Opening.objects.count() == 1
