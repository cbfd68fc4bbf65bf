"""The way from draft to reader: each rule, and what an editor is told when it refuses."""

import pytest

from references.models import Reference
from tests import clinic
from topics import documents, publishing, reading
from topics.choices import EventKind, Verdict
from topics.editions import chain_hash
from topics.errors import Invalid, Nameless, NotApproved, NothingToDo, NotPermitted
from topics.logbook import name_of
from topics.models import Edition, Event, GlossaryTerm, Listing, Revision, Topic

pytestmark = pytest.mark.django_db


def test_saving_an_unchanged_draft_makes_no_new_revision():
    topic = clinic.draft()
    again = publishing.save_revision(topic, author=clinic.editor())
    assert again.number == 1
    assert Revision.objects.count() == 1


def test_a_revision_keeps_the_whole_document_under_its_digest():
    revision = clinic.draft().revisions.get()
    assert revision.digest == documents.digest(revision.text)
    assert revision.document["sections"][0]["statements"][0]["certainty"] == "high"
    assert [item["id"] for item in revision.document["references"]] == ["duhrsen1988", "petit2002"]
    assert revision.author_name == "Anna Author"


def test_from_draft_to_reader():
    topic = clinic.draft()
    publishing.submit(topic, actor=clinic.author(), note="Please read")
    with pytest.raises(reading.NotPublished):
        reading.current("mobilization")
    clinic.approve(topic)
    edition = publishing.publish(topic, publisher=clinic.editor(), change_note="First edition")

    assert reading.current("mobilization").edition == edition
    assert (edition.number, edition.approved_by_name) == (1, "Rosa Reviewer")
    assert (edition.published_by_name, edition.interests) == ("Emil Editor", "none")
    assert list(topic.events.values_list("kind", flat=True)) == [
        EventKind.SUBMITTED,
        EventKind.REVIEWED,
        EventKind.PUBLISHED,
    ]


def test_readers_see_the_edition_and_not_the_draft():
    topic = clinic.published()
    clinic.edit(topic, title="Draft title", summary="Draft summary.")
    found = reading.current("mobilization")
    assert found.listing.title == found.document["title"] == "Mobilization"
    assert publishing.has_unpublished_changes(topic)


def test_nothing_is_published_without_approval():
    topic = clinic.draft()
    with pytest.raises(NotApproved, match="Nobody has approved"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="x")
    assert not Edition.objects.exists()


def test_an_approval_is_outdated_by_any_edit():
    topic = clinic.draft()
    clinic.approve(topic)
    clinic.edit(topic, summary="Stem cells are moved from the marrow into the blood!")
    with pytest.raises(NotApproved, match="was changed since it was approved"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="x")


def test_rows_changed_behind_the_revision_are_not_published():
    topic = clinic.draft()
    clinic.approve(topic)
    topic.sections.update(heading="Changed without saving a revision")
    with pytest.raises(NotApproved, match="changed since its last saved revision"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="x")


def test_an_approval_holds_again_when_the_text_is_exactly_as_it_was():
    topic = clinic.draft()
    clinic.approve(topic)
    clinic.edit(topic, summary="Another summary.")
    publishing.restore(topic.revisions.get(number=1), actor=clinic.author())
    edition = publishing.publish(topic, publisher=clinic.editor(), change_note="x")
    assert edition.revision.number == 3
    assert edition.approved_by_name == "Rosa Reviewer"


def test_requested_changes_stop_publication_until_that_reviewer_approves():
    topic = clinic.draft()
    second = clinic.user("siri.second", "Clinical reviewer")
    clinic.approve(topic)
    publishing.review(
        topic.revisions.last(),
        reviewer=second,
        verdict=Verdict.REQUEST_CHANGES,
        comment="Cite the trial",
        interests="none",
    )
    with pytest.raises(NotApproved, match="Siri Second requested changes: Cite the trial"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="x")
    clinic.approve(topic, by=second)
    assert publishing.publish(topic, publisher=clinic.editor(), change_note="x").number == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"interests": " ", "verdict": Verdict.APPROVE}, "Declare your interests"),
        ({"interests": "none", "verdict": Verdict.REQUEST_CHANGES}, "what should be changed"),
        ({"interests": "none", "verdict": "perhaps"}, "“perhaps” is no verdict"),
    ],
)
def test_a_review_needs_its_words(words, message):
    revision = clinic.draft().revisions.get()
    with pytest.raises(Invalid, match=message):
        publishing.review(revision, reviewer=clinic.reviewer(), **words)


def test_only_the_latest_revision_is_reviewed():
    topic = clinic.draft()
    clinic.edit(topic, title="Newer")
    with pytest.raises(NotApproved, match="Review the latest one"):
        publishing.review(
            topic.revisions.first(),
            reviewer=clinic.reviewer(),
            verdict=Verdict.APPROVE,
            interests="none",
        )


def test_an_unchanged_topic_is_not_submitted_or_published_again():
    topic = clinic.published()
    with pytest.raises(NothingToDo, match="since edition 1"):
        publishing.submit(topic, actor=clinic.author())
    with pytest.raises(NothingToDo, match="since edition 1"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="x")


def test_publishing_needs_a_change_note():
    topic = clinic.draft()
    clinic.approve(topic)
    with pytest.raises(Invalid, match="change note"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="  ")


def test_unreviewed_publication_needs_a_right_of_its_own_and_shows():
    topic = clinic.draft()
    with pytest.raises(NotPermitted):
        publishing.publish_unreviewed([topic], publisher=clinic.editor(), change_note="x")
    (edition,) = clinic.publish_unreviewed(topic)
    assert not edition.is_reviewed
    assert reading.current("mobilization").listing.reviewed_at is None


def renamed_neighbours():
    """Return two published topics, one linked to the other, whose draft has a new address."""
    niche = clinic.draft(clinic.overview("niche"))
    clinic.publish_unreviewed(niche)
    linked = clinic.draft(clinic.overview(relations=[{"kind": "related", "target": "niche"}]))
    clinic.approve(linked)
    publishing.publish(linked, publisher=clinic.editor(), change_note="First")
    clinic.edit(niche, slug="stem-cell-niche")
    return linked, niche


def test_a_new_address_that_is_still_a_draft_changes_no_other_topic():
    linked, _ = renamed_neighbours()
    assert not publishing.has_unpublished_changes(linked)


def test_texts_that_name_an_old_address_can_be_restored_and_published():
    linked, niche = renamed_neighbours()
    clinic.approve(niche)
    publishing.publish(niche, publisher=clinic.editor(), change_note="New address")
    first = linked.revisions.get(number=1)
    clinic.edit(linked, title="Second")
    publishing.restore(first, actor=clinic.author())
    assert linked.relations.get().target.pk == niche.pk
    assert reading.current(linked.slug).listing.links["niche"]["slug"] == "stem-cell-niche"


def test_the_log_keeps_what_a_term_said_before():
    editor = clinic.editor()
    term = GlossaryTerm(term="Niche", definition="A home.")
    publishing.save_term(term, actor=editor)
    term.definition = "The place where stem cells live."
    event = publishing.save_term(term, actor=editor)
    assert event.data["before"]["definition"] == "A home."
    assert publishing.delete_term(term, actor=editor).data["after"] is None


STEPS = {
    "save": lambda topic, person: publishing.save_revision(topic, author=person),
    "submit": lambda topic, person: publishing.submit(topic, actor=person),
    "review": lambda topic, person: clinic.approve(topic, by=person),
    "publish": lambda topic, person: publishing.publish(topic, publisher=person, change_note="x"),
    "withdraw": lambda topic, person: publishing.withdraw(topic, actor=person, reason="x"),
    "restore": lambda topic, person: publishing.restore(topic.revisions.first(), actor=person),
}
ALLOWED = {
    "Author": {"save", "submit", "restore"},
    "Clinical reviewer": {"review"},
    "Editor": {"save", "submit", "restore", "publish", "withdraw"},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_takes_its_own_steps_only(role, step):
    topic = clinic.published() if step == "withdraw" else clinic.draft()
    if step == "publish":
        clinic.approve(topic)
    person = clinic.user("pat.person", role)
    if step in ALLOWED[role]:
        STEPS[step](topic, person)
    else:
        with pytest.raises(NotPermitted, match="You may not"):
            STEPS[step](topic, person)


def test_links_to_topics_never_published_are_refused_unless_published_together():
    linked = clinic.overview(
        "niche", relations=[{"kind": "related", "target": "mobilization"}], sections=[]
    )
    back = clinic.overview(relations=[{"kind": "related", "target": "niche"}])
    clinic.draft(clinic.overview("mobilization"))
    niche = clinic.draft(linked)
    mobilization = clinic.draft(back)
    for topic in (niche, mobilization):
        clinic.approve(topic)
    with pytest.raises(Invalid, match="links to mobilization, not yet published"):
        publishing.publish(niche, publisher=clinic.editor(), change_note="x")
    publishing.publish_together(
        [niche, mobilization], publisher=clinic.editor(), change_note="Together"
    )
    assert reading.current("niche").listing.links["mobilization"]["title"] == "Mobilization"


def test_a_withdrawn_topic_is_gone_with_its_reason_and_keeps_its_history():
    topic = clinic.published()
    clinic.edit(topic, title="Second")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Second edition")
    publishing.withdraw(topic, actor=clinic.editor(), reason="Unsafe advice")

    with pytest.raises(reading.Withdrawn) as caught:
        reading.current("mobilization")
    assert caught.value.event.note == "Unsafe advice"
    assert caught.value.edition.number == 2
    assert [e.number for e in reading.history("mobilization")] == [2, 1]
    assert reading.edition("mobilization", 1).document["title"] == "Mobilization"
    with pytest.raises(NothingToDo, match="is not published"):
        publishing.withdraw(topic, actor=clinic.editor(), reason="again")


def test_a_withdrawn_topic_comes_back_after_a_new_review():
    topic = clinic.published()
    publishing.withdraw(topic, actor=clinic.editor(), reason="A dose is wrong")
    with pytest.raises(NotApproved, match="was withdrawn: A dose is wrong"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="Back")
    clinic.approve(topic)
    edition = publishing.publish(topic, publisher=clinic.editor(), change_note="It was right")
    assert edition.number == 2
    assert reading.current("mobilization").edition == edition


def test_withdrawal_needs_a_reason():
    with pytest.raises(Invalid, match="reason"):
        publishing.withdraw(clinic.published(), actor=clinic.editor(), reason="")


def test_an_old_address_leads_to_the_new_one():
    topic = clinic.published()
    clinic.edit(topic, slug="stem-cell-mobilization")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Renamed")
    with pytest.raises(reading.Moved) as caught:
        reading.current("mobilization")
    assert caught.value.slug == "stem-cell-mobilization"
    with pytest.raises(documents.ValidationError, match="was once published at “mobilization”"):
        Topic(slug="mobilization", title="Another", summary="x", areas=["biology"]).full_clean()


def test_restore_brings_back_the_whole_text_as_a_draft():
    topic = clinic.draft(
        clinic.therapy(tables={"steps": [{"phase": "infusion", "title": "Day 0"}]})
    )
    first = topic.revisions.get()
    topic.specific.steps.all().delete()
    clinic.edit(topic, title="Without steps")
    restored = publishing.restore(first, actor=clinic.editor())
    assert restored.digest == first.digest
    assert topic.specific.steps.get().title == "Day 0"
    assert topic.events.last().kind == EventKind.RESTORED


def test_editions_are_chained_by_their_hashes():
    topic = clinic.published()
    clinic.edit(topic, title="Second")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Second edition")
    first, second = topic.editions.all()
    assert second.previous_hash == first.hash
    for edition in (first, second):
        assert edition.hash == chain_hash(edition)


def test_a_reworded_statement_keeps_its_name_through_publication():
    topic = clinic.published()
    before = [s["anchor"] for s in documents.all_statements(reading.current(topic.slug).document)]
    clinic.reword(
        topic,
        "- Bone pain is common indeed.\n- Elastase lowers CXCL12 in the marrow. [@petit2002]\n\n"
        "G-CSF moves many progenitors into the blood. [@duhrsen1988]{certainty=high}",
    )
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Clearer words")
    after = [s["anchor"] for s in documents.all_statements(reading.current(topic.slug).document)]
    assert after == [before[2], before[1], before[0]]


def test_a_retraction_is_seen_at_once_on_old_editions_too():
    topic = clinic.published()
    reference = Reference.objects.get(key="petit2002")
    clinic.edit(topic, title="Second")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Second")
    before = reading.current(topic.slug).state
    publishing.record_reference_status(
        reference, actor=clinic.editor(), status="retracted", on="2026-01-02", notice="Figures"
    )
    assert reading.current(topic.slug).flagged["petit2002"]["status"] == "retracted"
    assert reading.edition(topic.slug, 1).flagged["petit2002"]["status"] == "retracted"
    assert reading.current(topic.slug).state != before
    event = Event.objects.last()
    assert (event.kind, event.reference) == (EventKind.REFERENCE_STATUS, reference)


def test_a_retraction_does_not_change_any_digest():
    topic = clinic.published()
    publishing.record_reference_status(
        Reference.objects.get(key="petit2002"),
        actor=clinic.editor(),
        status="retracted",
        on="2026-01-02",
    )
    assert not publishing.has_unpublished_changes(topic)


def test_a_link_to_no_topic_is_refused_when_it_is_saved():
    topic = clinic.draft()
    with pytest.raises(Invalid, match="There is no topic nowhere"):
        clinic.reword(topic, "See [this](topic:nowhere).")


def test_an_unreadable_draft_is_refused_in_words():
    topic = clinic.draft()
    with pytest.raises(Invalid, match="Unknown reference nobody2020"):
        clinic.reword(topic, "A claim. [@nobody2020]")
    assert topic.revisions.count() == 1
    assert not Listing.objects.exists()


def test_who_has_no_name_takes_no_step_that_readers_are_told_of():
    def nameless(role: str):
        return clinic.user(f"{role.split()[0]}@x.example", role, first_name="", last_name="")

    topic = clinic.draft()
    steps = [
        lambda: publishing.submit(topic, actor=nameless("Author")),
        lambda: clinic.approve(topic, by=nameless("Clinical reviewer")),
        lambda: publishing.publish(topic, publisher=nameless("Editor"), change_note="New"),
        lambda: publishing.publish_unreviewed(
            [topic], publisher=nameless("Content loader"), change_note="New"
        ),
        lambda: publishing.withdraw(topic, actor=nameless("Editor"), reason="Old"),
    ]

    for step in steps:
        with pytest.raises(Nameless, match="Ask an administrator to enter your first and last"):
            step()


def test_an_email_address_never_stands_in_history():
    nameless = clinic.user("nobody@x.example", "Author", first_name="", last_name="")
    addressed = clinic.user("other", "Author", first_name="other@x.example", last_name="")

    topic = clinic.draft(by=nameless)

    assert topic.revisions.last().author_name == f"Account {nameless.pk}"
    assert name_of(addressed) == "other"
