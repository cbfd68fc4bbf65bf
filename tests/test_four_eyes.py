"""Four eyes: nobody approves their own words, however they come to be published."""

import pytest

from tests import clinic
from topics import publishing, reading
from topics.errors import FourEyes, NotApproved, NothingToDo

pytestmark = pytest.mark.django_db


def test_nobody_approves_a_text_that_they_wrote_part_of():
    both = clinic.user("bea.both", "Author", is_superuser=True)
    topic = clinic.draft()
    clinic.edit(topic, by=both, note="One word")
    clinic.edit(topic, title="Mobilization of stem cells")
    with pytest.raises(FourEyes, match="somebody else must review it"):
        clinic.approve(topic, by=both)


def test_who_wrote_an_earlier_edition_may_approve_the_next():
    both = clinic.user("bea.both", "Author", is_superuser=True)
    topic = clinic.draft(by=both)
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="First")
    clinic.edit(topic, title="New title")
    clinic.approve(topic, by=both)
    assert publishing.publish(topic, publisher=clinic.editor(), change_note="Second").number == 2


def test_a_reviewer_who_writes_afterwards_does_not_count_as_approval():
    both = clinic.user("bea.both", "Author", is_superuser=True)
    topic = clinic.draft()
    clinic.approve(topic, by=both)
    clinic.edit(topic, by=both, title="Bea's title")
    publishing.restore(topic.revisions.get(number=1), actor=clinic.author())
    with pytest.raises(NotApproved):
        publishing.publish(topic, publisher=clinic.editor(), change_note="x")


def test_a_review_of_unchanged_words_replaces_an_unreviewed_edition():
    topic = clinic.draft()
    clinic.publish_unreviewed(topic)
    before = reading.current("mobilization").state
    publishing.submit(topic, actor=clinic.editor())
    clinic.approve(topic)
    edition = publishing.publish(topic, publisher=clinic.editor(), change_note="Reviewed")
    assert (edition.number, edition.is_reviewed) == (2, True)
    assert reading.current("mobilization").listing.reviewed_at == edition.approved_at
    assert reading.current("mobilization").state != before
    with pytest.raises(NothingToDo, match="since edition 2"):
        publishing.publish(topic, publisher=clinic.editor(), change_note="Again")


def test_who_wrote_an_unreviewed_edition_may_not_approve_it_afterwards():
    both = clinic.user("bea.both", "Author", is_superuser=True)
    topic = clinic.draft(by=both)
    clinic.publish_unreviewed(topic)
    with pytest.raises(FourEyes):
        clinic.approve(topic, by=both)


def test_a_reviewed_topic_is_never_replaced_by_an_unreviewed_edition():
    topic = clinic.published()
    clinic.edit(topic, by=clinic.loader(), title="Not read by anybody")
    with pytest.raises(NotApproved, match="was reviewed before"):
        clinic.publish_unreviewed(topic)
    assert reading.current("mobilization").edition.number == 1


def test_writers_may_not_approve_their_own_words_once_they_are_published():
    both = clinic.user("bea.both", "Author", is_superuser=True)
    topic = clinic.draft(by=both)
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="First")
    with pytest.raises(NothingToDo):
        clinic.approve(topic, by=both)
    publishing.withdraw(topic, actor=clinic.editor(), reason="x")
    with pytest.raises(FourEyes):
        clinic.approve(topic, by=both)


def test_writers_may_not_approve_their_own_words_when_another_restores_them():
    both = clinic.user("bea.both", "Author", is_superuser=True)
    topic = clinic.draft()
    rejected = clinic.edit(topic, by=both, title="Bea's title, never approved")
    clinic.edit(topic, title="A better title")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="First")
    publishing.restore(rejected, actor=clinic.editor())
    with pytest.raises(FourEyes):
        clinic.approve(topic, by=both)
