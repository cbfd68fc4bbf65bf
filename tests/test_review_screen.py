"""The review screen: only what was submitted is judged, and nothing a reviewer typed is lost."""

import re

import pytest
from admin_data import (
    approved,
    form_url,
    logged_in,
    overview,
    person,
    published,
    reference,
    said,
    save,
    step_url,
    submitted,
    therapy,
)
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import clinic
from therapies.models import Benefit
from topics import checking, documents, publishing
from topics.desk import discussing, readiness, worklists
from topics.errors import NotSubmitted
from topics.models import Comment, Review, Topic

pytestmark = pytest.mark.django_db

UNSUBMITTED = "This text was not submitted: its author may still be writing."
GOOD = {"verdict": "approve", "interests": "none", "whole_text": "on"}


def judge(topic, role: str = "reviewer", **verdict) -> Review:
    values = {"verdict": "approve", "interests": "none", "whole_text": True} | verdict
    return publishing.review(topic.revisions.last(), reviewer=person(role), **values)


def wanted(topic) -> Topic:
    """Return a topic of which changes were requested."""
    submitted(topic)
    judge(topic, verdict="request-changes", comment="Cite the trial.")
    return topic


def sent(topic, **more) -> dict:
    return GOOD | {"revision": topic.revisions.last().pk} | more


def remark(topic, text: str, **more) -> dict:
    named = {"revision": topic.revisions.last().pk, "text": text, "about": ""} | more
    return {f"remark-{name}": value for name, value in named.items()}


# --- Only what was submitted ---


def test_what_nobody_submitted_is_judged_by_nobody():
    topic = overview()
    for verdict in ({}, {"verdict": "request-changes", "comment": "No."}):
        with pytest.raises(NotSubmitted, match=re.escape(UNSUBMITTED)):
            judge(topic, **verdict)
    submitted(topic)
    clinic.edit(topic, by=person("author"), title="Changed since")
    with pytest.raises(NotSubmitted):
        judge(topic)
    # The words that were submitted, written once more, are submitted.
    clinic.edit(topic, by=person("author"), title="Stem cells")
    judge(topic)


def test_what_is_approved_may_be_approved_again():
    topic = approved(overview())
    second = clinic.user("siri.second", "Clinical reviewer")
    publishing.review(
        topic.revisions.last(), reviewer=second, verdict="approve", interests="none",
        whole_text=True,
    )  # fmt: skip
    assert Review.objects.count() == 2


def test_a_withdrawal_takes_a_submission_back():
    topic = published(overview())
    clinic.edit(topic, by=person("author"), title="Better")
    submitted(topic)
    publishing.withdraw(topic, actor=person("editor"), reason="Wrong")
    with pytest.raises(NotSubmitted):
        judge(topic)
    submitted(topic)
    judge(topic)


def test_the_screen_says_so_and_offers_no_verdict():
    topic = overview()
    publishing.submit(topic, actor=person("author"), note="Is it short enough?")
    url, reviewer = step_url(topic, "review"), logged_in("reviewer")
    page = said(reviewer.get(url))
    assert "Submitted by Dr Author" in page and "Is it short enough?" in page
    assert 'name="verdict"' in page
    clinic.edit(topic, by=person("author"), title="Changed since")
    page = said(reviewer.get(url))
    assert UNSUBMITTED in page
    assert 'name="verdict"' not in page
    assert "revision 1 was, by Dr Author" in page and "Submitted by" not in page
    assert UNSUBMITTED in said(reviewer.post(url, sent(topic)))
    assert not Review.objects.exists()
    # Remarks can be made all the same.
    reviewer.post(f"/admin/topics/topic/{topic.pk}/discussion/", remark(topic, "Short."))
    assert Comment.objects.get().text == "Short."


# --- What was typed ---


def test_a_remark_that_was_not_added_goes_along_with_the_verdict():
    topic = submitted(overview())
    anchor = discussing.statements_of(topic.revisions.last())[0]["anchor"]
    data = sent(topic) | remark(topic, "All of them?", about=anchor)
    assert logged_in("reviewer").post(step_url(topic, "review"), data).status_code == 302
    comment = Comment.objects.get()
    assert (comment.text, comment.anchor) == ("All of them?", anchor)
    assert Review.objects.exists()


def test_a_remark_that_is_refused_stops_the_verdict_and_both_stay():
    topic = submitted(overview())
    data = sent(topic, comment="Fine.") | remark(topic, "x" * (discussing.LONGEST + 1))
    response = logged_in("reviewer").post(step_url(topic, "review"), data)
    assert [fault.where for fault in response.context["faults"]] == ["Your remark"]
    assert "xxx" in said(response) and "Fine." in said(response)
    assert not Review.objects.exists() and not Comment.objects.exists()
    # Nor does a verdict that is refused leave half of it.
    data = sent(topic, revision=0) | remark(topic, "All of them?")
    assert "All of them?" in said(logged_in("reviewer").post(step_url(topic, "review"), data))
    assert not Comment.objects.exists()


def test_a_remark_that_is_refused_leaves_the_verdict_that_is_being_written():
    topic = submitted(overview())
    data = sent(topic, comment="Fine.", back="step") | remark(topic, " ")
    url = f"/admin/topics/topic/{topic.pk}/discussion/"
    response = logged_in("reviewer").post(url, data)
    assert [fault.where for fault in response.context["faults"]] == ["Your remark"]
    assert response.context["form"]["comment"].value() == "Fine."
    assert response.context["form"]["verdict"].value() == "approve"
    # The page has one form for both still.
    page = said(response).split('id="remark"')[1]
    assert re.search(r'<textarea[^>]*name="remark-text"[^>]*form="verdict-form"', page)


def test_what_a_browser_kept_is_shown_again_and_nothing_is_done():
    topic = submitted(overview())
    data = sent(topic, comment="Kept words.", _restore="1") | remark(topic, "A kept remark.")
    page = logged_in("reviewer").post(step_url(topic, "review"), data)
    assert "Kept words." in said(page) and "A kept remark." in said(page)
    assert page.context["form"]["verdict"].value() == "approve"
    assert not Review.objects.exists()


# --- Refused, or of a text that was changed ---


def test_faults_stand_at_the_head_and_lead_to_their_fields():
    topic = submitted(overview())
    data = sent(topic, verdict="request-changes", interests=" ")
    response = logged_in("reviewer").post(step_url(topic, "review"), data)
    page = said(response)
    assert page.index('id="desk-faults"') < page.index('id="checks"')
    targets = [fault.target for fault in response.context["faults"]]
    assert sorted(targets) == ["id_comment", "id_interests"]
    assert all(f'id="{target}"' in page for target in targets)
    # The end of an address, as #discussion, is not kept.
    assert f'action="{step_url(topic, "review")}"' in page


def test_a_verdict_on_a_text_that_was_changed_meanwhile_keeps_only_its_words():
    topic = submitted(overview())
    data = sent(topic, comment="Good work.") | remark(topic, "A remark.")
    clinic.edit(topic, by=person("author"), title="Changed meanwhile")
    submitted(topic)
    response = logged_in("reviewer").post(step_url(topic, "review"), data)
    page, form = said(response), response.context["form"]
    assert '<p class="desk-fault" id="review-newer" role="alert"' in page
    assert "compare/?from=1&amp;to=2" in page
    assert not form.is_bound
    assert form["comment"].value() == "Good work." and form["interests"].value() == "none"
    assert not form["verdict"].value() and not form["whole_text"].value()
    assert form["revision"].value() == topic.revisions.last().pk
    assert "A remark." in page
    assert not Review.objects.exists()


def test_words_on_a_text_that_is_no_longer_submitted_become_a_remark():
    topic = submitted(overview())
    data = sent(topic, comment="Good work.") | remark(topic, "And one thing.")
    clinic.edit(topic, by=person("author"), title="Changed meanwhile")
    response = logged_in("reviewer").post(step_url(topic, "review"), data)
    assert response.context["form"].remark["text"].value() == "And one thing.\n\nGood work."
    assert "verdict-form" not in said(response)


# --- Changes requested, until they are answered ---


def state(topic) -> str:
    return said(logged_in("author").get(form_url(topic)))


def test_requested_changes_stay_until_the_text_is_submitted_again():
    topic = wanted(overview())
    discussing.remark(topic.revisions.last(), actor=person("reviewer"), text="Who says so?")
    for title in ("First save", "Second save"):
        save(logged_in("author"), form_url(topic), title=title)
        page = state(topic)
        assert "Changes requested" in page
        assert "Cite the trial." in page
        assert "1 open remark</a>" in page
        assert worklists.counts(person("author"))["my-changes"] == 1
        listed = said(logged_in("editor").get("/admin/topics/topic/?review=changes"))
        assert title in listed
    submitted(topic)
    assert "Cite the trial." not in state(topic)
    assert worklists.counts(person("author"))["my-changes"] == 0
    save(logged_in("author"), form_url(topic), title="Third save")
    assert "Changes requested" not in state(topic)


def test_requested_changes_end_with_the_edition():
    topic = published(overview())
    clinic.reword(topic, "Cells divide twice. [@smith2020]", by=person("author"))
    wanted(topic)
    clinic.reword(topic, "Cells divide thrice. [@smith2020]", by=person("author"))
    assert "Changes requested" in state(topic)
    approved(topic)
    publishing.publish(topic, publisher=person("editor"), change_note="Now")
    clinic.reword(topic, "Cells divide often. [@smith2020]", by=person("author"))
    assert "Changes requested" not in state(topic)


# --- The checks ---


def with_benefits() -> Topic:
    """Return a therapy with a row that cites a publication, and one that cites nothing."""
    cited_by_both = reference()
    topic = therapy(body="It cures. [@smith2020]")
    cited = Benefit.objects.create(therapy=topic, outcome="Survival", position=1)
    cited.references.set([cited_by_both])
    Benefit.objects.create(therapy=topic, outcome="Fewer relapses", position=2)
    publishing.save_revision(topic, author=person("author"))
    return topic


def test_a_row_without_source_is_uncited_wherever_readers_see_it_so():
    topic = with_benefits()
    latest = topic.revisions.last()
    document = documents.read(latest.document)
    assert [place for place, _ in checking.uncited_rows(document)] == ["benefits, row 2"]
    shown = said(logged_in("reviewer").get(f"/admin/topics/topic/{topic.pk}/preview/2/"))
    assert shown.count('class="mark mark-uncited"') == 1
    url = f"{form_url(topic)}?table=benefits#id_benefits-1-references"
    for step, role in (("submit", "author"), ("review", "reviewer")):
        page = said(logged_in(role).get(step_url(topic, step)))
        assert f'<a href="{url}">benefits, row 2</a>: Fewer relapses' in page
    approved(topic)
    assert url in said(logged_in("editor").get(step_url(topic, "publish")))
    form = logged_in("author").get(url)
    assert said(form).count("This row cites nothing") == 1
    assert 'id="id_benefits-1-references"' in said(form)


def test_published_rows_without_source_are_listed_with_no_query_more(
    django_assert_num_queries,
):
    editor = person("editor")
    worklists.counts(editor)
    with CaptureQueriesContext(connection) as before:
        worklists.counts(editor)
    topic = with_benefits()
    assert worklists.counts(editor)["uncited-rows"] == 0
    approved(topic)
    publishing.publish(topic, publisher=editor, change_note="Now")
    with django_assert_num_queries(len(before)):
        assert worklists.counts(editor)["uncited-rows"] == 1
    page = said(logged_in("editor").get("/admin/topics/topic/lists/uncited-rows/"))
    assert "benefits, row 2: Fewer relapses" in page
    # Readers and partners are not told of it in this way.
    assert "uncited_rows" not in said(Client().get("/api/v1/topics/transplant/"))


def test_a_topic_without_review_date_is_published_knowingly():
    topic = overview()
    page = said(logged_in("author").get(step_url(topic, "submit")))
    assert "No review date" in page
    assert any(one.startswith("No review date.") for one in readiness.to_be_mended(topic))
    save(logged_in("author"), form_url(topic), next_review="2031-01-01")
    assert not any(one.startswith("No review date.") for one in readiness.to_be_mended(topic))


# --- What changed ---


def test_words_that_were_never_published_are_compared_word_by_word():
    body = "Cells divide in the marrow every day. [@smith2020]{certainty=high}"
    topic = wanted(overview(body=body))
    later = (
        "Cells divide in the marrow every week. [@smith2020]{certainty=high}\n\nNew. [@smith2020]"
    )
    clinic.reword(topic, later, by=person("author"))
    submitted(topic)
    page = said(logged_in("reviewer").get(step_url(topic, "review")))
    changed = page.split('class="changes"')[1].split('id="whole-text"')[0]
    assert "Reworded" in changed and "1 statement added" in changed
    assert "Removed" not in changed
    reworded = changed.split("Reworded")[1].split('data-change="added"')[0]
    # What stays is told as well.
    assert re.search(r"<dt>Certainty</dt>\s*<dd>high", reworded, re.IGNORECASE)
    assert "<dt>Source</dt>" in reworded
