"""Documents: rows → Document → rows without loss, one canonical text, one digest."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from references.models import Reference
from tests import clinic, documents_strategy
from topics import contentfile, documents
from topics.choices import Kind
from topics.models import Section, Topic

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden"

FULL_THERAPY = clinic.therapy(
    synonyms=["allo-HSCT"],
    next_review="2027-11-22",
    note="Why these grades.",
    codes=[
        {"system": "MeSH", "code": "D014184", "label": "Transplantation, Homologous",
         "match": "exact"},
        {"system": "ICD-10-CM", "code": "Z94.84", "match": "narrower", "verified": False},
    ],
    relations=[{"kind": "related", "target": "stem-cell-niche"}],
    tables={
        "agents": [{"agent": "some-agent", "role": "mobilizing", "from_day": -5, "to_day": -1,
                    "references": ["petit2002"]}],
        "steps": [{"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0}],
        "risks": [{"complication": "some-complication", "from_day": 10, "to_day": 100,
                   "frequency": "3 of 10", "certainty": "low", "awaiting_check": True}],
        "benefits": [{"outcome": "Survival", "result": "53% versus 35%", "certainty": "high"}],
        "milestones": [{"subset": "neutrophils", "cell_source": "cord-blood", "from_day": 20}],
        "engraftment_factors": [{"factor": "Cell dose", "effect": "speeds"}],
        "trials": [{"name": "GENESIS", "phase": "3", "status": "completed"}],
    },
)  # fmt: skip


@pytest.fixture
def neighbours():
    """The topics and publications that made Documents link to."""
    clinic.library()
    documents.load(clinic.overview("stem-cell-niche"))
    documents.load(clinic.agent("some-agent"))
    documents.load(clinic.complication("some-complication"))


def digest_of(topic: Topic) -> str:
    return documents.digest(documents.canonical(documents.build(topic)))


@pytest.mark.parametrize("kind", Kind.values)
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_build_load_build_gives_the_same_digest(neighbours, kind, data):
    made = data.draw(documents_strategy.document(kind))
    Topic.objects.filter(slug="the-topic").delete()
    first = documents.build(documents.load(made))
    Topic.objects.filter(slug="the-topic").delete()
    again = documents.build(documents.load(json.loads(documents.canonical(first))))
    assert documents.canonical(again) == documents.canonical(first)
    for name, value in made.items():
        if value and name not in {"sections", "facts", "tables"}:
            assert first[name] == value
    for name, rows in made["tables"].items():
        assert [without_defaults(row) for row in rows] == first.get("tables", {}).get(name, [])


def without_defaults(row: dict) -> dict:
    defaults = {"certainty": "ungraded", "awaiting_check": False, "status": "unknown"}
    return {name: value for name, value in row.items() if defaults.get(name) != value}


@pytest.mark.parametrize("kind", Kind.values)
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_document_goes_through_a_content_file_without_loss(neighbours, kind, data):
    made = data.draw(documents_strategy.document(kind))
    Topic.objects.filter(slug="the-topic").delete()
    first = documents.build(documents.load(made))
    text = contentfile.to_text(first)
    read = contentfile.from_text(text, tuple(Topic.class_for(kind).TABLES))
    again = documents.build(documents.load(read, Topic.objects.get(slug="the-topic")))
    assert documents.canonical(again) == documents.canonical(first)
    assert contentfile.to_text(again) == text


def test_the_canonical_text_is_the_one_on_record(neighbours):
    """The bytes under the digest must never change by accident: old digests would not fit."""
    text = documents.canonical(documents.build(documents.load(FULL_THERAPY)))
    golden = (GOLDEN / "therapy.json").read_text().rstrip("\n")
    assert text == golden
    assert documents.digest(text) == (GOLDEN / "therapy.sha256").read_text().strip()


def test_the_content_file_is_the_one_on_record(neighbours):
    document = documents.build(documents.load(FULL_THERAPY))
    assert contentfile.to_text(document) == (GOLDEN / "therapy.md").read_text()


def test_canonical_text_does_not_depend_on_the_order_of_keys():
    one = documents.canonical({"b": 1, "a": "ä→"})
    assert one == documents.canonical({"a": "ä→", "b": 1}) == '{"a":"ä→","b":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.canonical({"a": float("nan")})


def test_an_unknown_schema_is_refused():
    with pytest.raises(ValidationError, match="has schema 99"):
        documents.load(clinic.overview(schema=99))
    assert not Topic.objects.exists()


def test_older_schemas_are_upgraded_on_reading(monkeypatch, neighbours):
    """Upgrades run one after the other, and what is kept is not rewritten."""

    def from_minus_one(document):
        return document | {"schema": 0, "title": document["name"]}

    def from_zero(document):
        return document | {"schema": 1, "areas": ["biology"]}

    upgrades = {**documents.UPGRADES, -1: from_minus_one, 0: from_zero}
    monkeypatch.setattr(documents, "UPGRADES", upgrades)
    old = clinic.overview("old", schema=-1, name="Old title")
    assert documents.load(old).title == "Old title"
    assert old["schema"] == -1


def test_publications_that_are_missing_come_with_the_document():
    made = clinic.overview(references=[clinic.DUHRSEN, clinic.PETIT])
    documents.load(made)
    assert Reference.objects.get(key="petit2002").pmid == "12068293"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"relations": [{"kind": "related", "target": "nowhere"}]}, "There is no topic “nowhere”"),
        ({"areas": ["astrology"]}, "is not a valid choice"),
        ({"title": ""}, "cannot be blank"),
        ({"slug": "Not a slug"}, "slug"),
        ({"next_review": "tomorrow"}, "date"),
    ],
)
def test_a_document_that_cannot_be_loaded_changes_nothing(changes, message):
    clinic.library()
    topic = documents.load(clinic.overview())
    before = digest_of(topic)
    with pytest.raises(ValidationError) as caught:
        documents.load(clinic.overview() | changes, topic)
    assert message in str(caught.value)
    assert digest_of(Topic.objects.get(pk=topic.pk)) == before


def test_two_sections_of_one_heading_have_anchors_of_their_own(neighbours):
    sections = [{"kind": "risks", "heading": "Risks", "body": "One."},
                {"kind": "risks", "heading": "Risks", "body": "Two."}]  # fmt: skip
    built = documents.build(documents.load(clinic.overview(sections=sections)))
    assert [section["anchor"] for section in built["sections"]] == ["risks", "risks-2"]


def test_a_statement_cannot_take_the_name_of_a_section(neighbours):
    sections = [{"kind": "risks", "heading": "Risks", "body": "One. {#risks}"}]
    with pytest.raises(ValidationError, match="is that of a section"):
        documents.build(documents.load(clinic.overview(sections=sections)))


def test_bodies_are_kept_without_stray_space():
    section = Section(heading="H", body="One.  \r\nTwo.\r\n\r\n")
    section.clean()
    assert section.body == "One.\nTwo."
