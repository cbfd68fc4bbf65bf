"""The starter content: loads whole, says that nobody reviewed it, and comes back as it was."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from references.models import Reference
from tests import clinic
from therapies import models as clinical
from topics import content, reading
from topics.choices import Kind
from topics.models import Edition, Event, GlossaryTerm, Listing, Revision, Topic

pytestmark = pytest.mark.django_db
BASE: Path = settings.BASE_DIR


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    """The whole starter content, loaded once for this file and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_content", verbosity=0)
        yield
        transaction.set_rollback(True)


def test_the_content_covers_what_readers_asked_about(starter):
    """At least what the portal promised to start with, counted in what is published."""
    count = {kind: Listing.objects.filter(kind=kind).count() for kind in Kind.values}
    assert count["overview"] >= 5
    assert count["therapy"] >= 4
    assert count["agent"] >= 4
    assert count["condition"] >= 6
    assert count["complication"] >= 6
    assert {"autologous-transplantation", "allogeneic-transplantation"} <= set(
        Listing.objects.values_list("slug", flat=True)
    )
    mobilization = Listing.objects.filter(facets__contains={"category": ["mobilization"]})
    assert mobilization.count() >= 2
    assert GlossaryTerm.objects.count() >= 45


def test_every_clinical_table_is_filled_for_one_therapy_at_least(starter):
    documents = [
        reading.current(listing.slug).document for listing in Listing.objects.filter(kind="therapy")
    ]
    assert any(set(d["tables"]) == set(clinical.Therapy.TABLES) for d in documents)
    assert clinical.ListedIndication.objects.exists()


def test_everything_says_that_no_clinician_reviewed_it(starter):
    assert not Edition.objects.exclude(review=None).exists()
    assert not Listing.objects.exclude(reviewed_at=None).exists()
    assert set(Edition.objects.values_list("published_by_name", flat=True)) == {"Content loader"}
    loader = content.loader_account()
    assert not loader.has_usable_password()
    assert not loader.is_staff


def test_loading_twice_changes_nothing(starter):
    counted = (Revision, Edition, Event, Reference, GlossaryTerm, Topic)
    before = [model.objects.count() for model in counted]
    call_command("load_content", verbosity=0)
    assert [model.objects.count() for model in counted] == before


def test_exporting_writes_the_same_files_byte_for_byte(starter, tmp_path):
    call_command("export_content", folder=tmp_path, verbosity=0)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(BASE) for _, path in content.topic_files(BASE)}
    assert written == kept | {content.REFERENCES, content.GLOSSARY}
    for path in written:
        assert (tmp_path / path).read_bytes() == (BASE / path).read_bytes(), path


def test_a_topic_that_an_editor_changed_is_left_alone(starter):
    with transaction.atomic():
        topic = Topic.objects.get(slug="plerixafor")
        clinic.edit(topic, by=clinic.editor(), title="Plerixafor, edited here")
        call_command("load_content", verbosity=0)
        assert Topic.objects.get(slug="plerixafor").title == "Plerixafor, edited here"
        assert topic.editions.count() == 1
        transaction.set_rollback(True)
