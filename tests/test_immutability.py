"""Attacks on what must never change: by ORM, in bulk, by raw SQL, by cascades."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from references.models import Notice, Reference
from tests import clinic, figures_data
from topics import publishing
from topics.models import Citation, Edition, Event, PublishedFigure, PublishedSlug, Review, Revision

pytestmark = pytest.mark.django_db

HISTORY = {
    Revision: {"note": "forged"},
    Review: {"comment": "forged"},
    Edition: {"change_note": "forged"},
    Citation: {"reference_id": 1},
    PublishedSlug: {"slug": "forged"},
    Event: {"note": "forged"},
    PublishedFigure: {"sha256": "f" * 64},
    Notice: {"words": "forged"},
}


@pytest.fixture
def topic():
    topic = clinic.published(clinic.overview(schema=2, figures=[figures_data.figure()]))
    publishing.record_reference_status(
        Reference.objects.get(key="petit2002"), actor=clinic.editor(), status="corrected",
        on="2026-01-02",
    )  # fmt: skip
    return topic


def refused(action, match="Cannot (update|delete)"):
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        action()


@pytest.mark.parametrize("model", HISTORY, ids=lambda m: m.__name__)
def test_the_orm_cannot_change_or_delete_history(topic, model):
    row = model.objects.first()
    change = {"reference_id": Reference.objects.last().pk} if model is Citation else HISTORY[model]
    for name, value in change.items():
        setattr(row, name, value)
    if model is not PublishedSlug:  # its only field is its key: saving would add a row
        refused(row.save)
    refused(lambda: model.objects.update(**change))
    refused(lambda: model.objects.filter(pk=model.objects.first().pk)._raw_delete("default"))
    with pytest.raises((ProtectedError, DatabaseError)), transaction.atomic():
        model.objects.all().delete()


@pytest.mark.parametrize(
    "model", [m for m in HISTORY if m is not PublishedSlug], ids=lambda m: m.__name__
)
def test_bulk_update_and_upsert_cannot_change_history(topic, model):
    field = next(iter(HISTORY[model]))
    rows, before = list(model.objects.all()), list(model.objects.values())
    for row in rows:
        value = Reference.objects.last().pk if model is Citation else "forged"
        setattr(row, field, value)
    refused(lambda: model.objects.bulk_update(rows, [field]))
    try:
        with transaction.atomic():
            model.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["id"], update_fields=[field]
            )
    except DatabaseError as error:
        assert re.search("Cannot update|edition_is_true", str(error))
    else:
        # An event gets a new id whatever is asked for, so the upsert can only add one.
        assert model is Event
    assert list(model.objects.filter(pk__in=[row["id"] for row in before]).values()) == before


@pytest.mark.parametrize("model", HISTORY, ids=lambda m: m.__name__)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_raw_sql_cannot_change_history(topic, model, statement):
    table, key = model._meta.db_table, model._meta.pk.column

    def attack():
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table, key))

    refused(attack)


@pytest.mark.parametrize("model", HISTORY, ids=lambda m: m.__name__)
def test_the_portals_role_cannot_empty_the_tables(topic, model):
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        # The tests were given the right for their own cleaning; migrate leaves it taken away.
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute(f"REVOKE TRUNCATE ON {table} FROM CURRENT_USER")
        cursor.execute("SELECT has_table_privilege(current_user, %s, 'TRUNCATE')", [table])
        assert cursor.fetchone() == (False,)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_deleting_people_does_not_touch_history(topic):
    for person in (clinic.author(), clinic.reviewer(), clinic.editor()):
        with pytest.raises(ProtectedError):
            person.delete()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_user_groups WHERE user_id = %s", [person.pk])
            cursor.execute("DELETE FROM auth_user WHERE id = %s", [person.pk])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_deleting_a_topic_or_a_cited_reference_is_refused(topic):
    with pytest.raises(ProtectedError):
        topic.delete()
    with pytest.raises(ProtectedError):
        Reference.objects.get(key="petit2002").delete()
    for table in ("topics_topic", "references_reference"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM topics_section")
            cursor.execute("DELETE FROM topics_statementcitation")
            cursor.execute("DELETE FROM topics_statement")
            cursor.execute("DELETE FROM topics_listing")
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_every_historic_model_is_attacked_here():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'immutable'")
        protected = {table for (table,) in cursor.fetchall()}
    assert protected == {model._meta.db_table for model in HISTORY}


def test_no_setting_of_a_session_switches_the_protection_off(topic):
    with connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute("SET session_replication_role = replica")
        # How a library of triggers would be told to look away.
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{immutable}', true)")
    refused(lambda: Edition.objects.update(change_note="forged"))


def forged(topic, **changes):
    """Insert a second edition of a topic by hand, with what an attacker would like to say."""
    first = topic.editions.get()
    values = {
        field.attname: getattr(first, field.attname)
        for field in Edition._meta.concrete_fields
        if not field.primary_key
    }
    values |= {"number": 2, "previous_hash": first.hash, "hash": "f" * 64}
    return Edition.objects.create(**(values | changes))


def test_the_database_checks_what_an_edition_says(topic):
    other = clinic.published(clinic.overview("niche"))
    first = topic.editions.get()
    anna = clinic.author().pk
    wrong_review = other.editions.get().review_id
    attacks = [
        {"number": 3},
        {"number": 1},
        {"previous_hash": "0" * 64},
        {"digest": "0" * 64},
        {"revision_id": other.revisions.get().pk},
        {"writers": []},
        {"review_id": wrong_review},
        {"approved_by_id": anna},
        {"approved_by_name": "Prof. Somebody Else"},
        {"approved_at": first.approved_at - timedelta(days=4000)},
        {"interests": "forged"},
    ]
    for attack in attacks:
        refused(lambda attack=attack: forged(topic, **attack), match="edition_is_true|unique")


def test_an_edition_cannot_be_approved_by_a_writer(topic):
    clinic.edit(topic, title="Second")
    revision = topic.revisions.last()
    # What `publishing.review` would refuse: the author's own approval, written past it.
    own = Review.objects.create(
        revision=revision,
        reviewer=revision.author,
        reviewer_name=revision.author_name,
        verdict="approve",
        interests="none",
        created_at=revision.created_at,
    )
    with pytest.raises(IntegrityError, match="edition_four_eyes"), transaction.atomic():
        forged(
            topic,
            revision_id=revision.pk,
            digest=revision.digest,
            review_id=own.pk,
            writers=[revision.author_id],
            approved_by_id=own.reviewer_id,
            approved_by_name=own.reviewer_name,
            approved_at=own.created_at,
            interests=own.interests,
        )


def test_a_revision_cannot_lie_about_its_text(topic):
    revision = topic.revisions.get()
    with pytest.raises(IntegrityError, match="revision_digest_fits_text"), transaction.atomic():
        Revision.objects.create(
            topic=revision.topic,
            number=2,
            text='{"title":"forged"}',
            digest=revision.digest,
            author=revision.author,
            author_name="x",
            created_at=revision.created_at,
        )
