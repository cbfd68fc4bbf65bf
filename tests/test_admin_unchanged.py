"""A form that nobody touched changes nothing, however a browser sends it."""

import pytest
from admin_data import form_url, logged_in, person, reference, said
from lxml import html

from tests import clinic

pytestmark = pytest.mark.django_db

AREAS = ["transplantation", "mobilization", "biology"]
MAKE = (clinic.overview, clinic.therapy, clinic.agent, clinic.condition, clinic.complication)


def as_a_browser_sends_it(response) -> dict[str, list[str]]:
    """Return the fields of the form on a page: boxes in the order in which they stand there."""
    forms = html.fromstring(said(response)).forms
    form = next(form for form in forms if form.get("id", "").endswith("_form"))
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value.replace("\n", "\r\n"))
    return sent


def topic_of(make):
    """Return a topic as the starter content has them: its areas in an order of their own."""
    reference()
    return clinic.draft(make(areas=AREAS, synonyms=["Zeta", "Alpha"]), by=person("author"))


@pytest.mark.parametrize("make", MAKE)
def test_saving_what_nobody_changed_makes_no_revision_and_says_so(make):
    topic, client = topic_of(make), logged_in("editor")
    sent = as_a_browser_sends_it(client.get(form_url(topic)))
    response = client.post(form_url(topic), sent, follow=True)
    assert "Nothing was changed, so there is no new revision." in said(response)
    assert "successfully" not in said(response)
    assert topic.revisions.count() == 1


def test_an_area_that_is_ticked_comes_behind_the_others():
    topic, client = topic_of(clinic.overview), logged_in("editor")
    sent = as_a_browser_sends_it(client.get(form_url(topic)))
    sent["areas"] = ["conditioning", *(each for each in sent["areas"] if each != "biology")]
    response = client.post(form_url(topic), sent, follow=True)
    assert "successfully" in said(response)
    topic.refresh_from_db()
    assert topic.areas == ["transplantation", "mobilization", "conditioning"]


def test_only_what_the_other_one_changed_is_told():
    topic, author = topic_of(clinic.overview), logged_in("author")
    mine = as_a_browser_sends_it(author.get(form_url(topic)))
    editor = logged_in("editor")
    theirs = as_a_browser_sends_it(editor.get(form_url(topic)))
    editor.post(form_url(topic), theirs | {"synonyms": "Zeta\nAlpha\nBeta"})
    page = said(author.post(form_url(topic), mine | {"summary": "Mine."}, follow=True))
    assert "Changes of Dr Editor to Synonyms were taken over." in page


# Two who change one section


BODY = "Cells divide fast. [@duhrsen1988]\n\nThey stay for life in the marrow.\n\n- Bone pain."


def both_changed(mine: str, theirs: str):
    """Return a topic that the editor saved, and the answer to the author who saved after."""
    reference()
    section = {"kind": "mechanism", "heading": "How?", "body": BODY}
    topic = clinic.published(clinic.overview(sections=[section]))
    editor, author = logged_in("editor"), logged_in("author")
    sent = as_a_browser_sends_it(author.get(form_url(topic)))
    editor.post(form_url(topic), sent | {"sections-0-body": theirs})
    return topic, author.post(form_url(topic), sent | {"sections-0-body": mine}, follow=True)


def body_of(topic) -> str:
    return topic.sections.get().body


def test_two_who_change_other_statements_of_one_section_are_asked_nothing():
    mine = f"{BODY}\n- Fever."
    theirs = BODY.replace("for life", "for a whole life") + "\n\nNobody knows why."
    topic, page = both_changed(mine, theirs)
    assert "Changes of Dr Editor to Section “How?”: text were taken over." in said(page)
    for words in ("for a whole life", "- Bone pain.\n- Fever.", "Nobody knows why."):
        assert words in body_of(topic)


@pytest.mark.parametrize(
    ("side", "stays"),
    [("theirs", ["for days"]), ("mine", ["for years"]), ("both", ["for days", "for years"])],
)
def test_of_one_statement_theirs_or_mine_or_both_can_stay(side, stays):
    mine, theirs = (BODY.replace("for life", words) for words in ("for years", "for days"))
    topic, page = both_changed(mine, theirs.replace("fast", "slowly"))
    assert "{#s-" not in said(page).partition("desk-conflict")[2].partition("desk-panel")[0]
    assert said(page).count('<fieldset class="desk-question"') == 1
    sent = as_a_browser_sends_it(page) | {"_take-sections-b0-body-b1": side}
    logged_in("author").post(form_url(topic), sent)
    found = body_of(topic)
    assert [words for words in ("for days", "for years") if words in found] == stays
    assert "Cells divide slowly." in found
