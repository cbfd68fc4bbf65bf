"""Each named constraint refuses what it is there to refuse, in the database itself."""

import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from references.access.models import ApiKey, Usage
from references.models import Distinct, Partner, Reference, Typeset
from tests.constraints_world import MOMENT, make_world
from therapies import models as clinical
from topics.models import (
    Assignment,
    Code,
    Comment,
    Delivery,
    DeskMail,
    DraftLink,
    ErrorReport,
    Event,
    Figure,
    Follower,
    GlossaryTerm,
    LinkCheck,
    Name,
    Notice,
    Opening,
    Pin,
    Presence,
    Relation,
    Review,
    Schedule,
    SearchCount,
    Section,
    Statement,
    Subscription,
    Synonym,
    Topic,
    Webhook,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One of everything that the attacks change, made once and taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_world()
        yield
        transaction.set_rollback(True)


def first(model: type[models.Model]) -> models.Subquery:
    return models.Subquery(model.objects.order_by("pk").values("pk")[:1])


def last(model: type[models.Model]) -> models.Subquery:
    return models.Subquery(model.objects.order_by("-pk").values("pk")[:1])


# Constraint → the model and the values that it must refuse for a row of that model.
ATTACKS: dict[str, tuple[type[models.Model], dict]] = {
    "topic_kind": (Topic, {"kind": "wish"}),
    "topic_slug_form": (Topic, {"slug": "Not a slug"}),
    "topic_has_title": (Topic, {"title": ""}),
    "topic_has_summary": (Topic, {"summary": ""}),
    "topic_areas": (Topic, {"areas": ["astrology"]}),
    "section_kind": (Section, {"kind": "wish"}),
    "section_has_heading": (Section, {"heading": ""}),
    "code_system": (Code, {"system": "HOME"}),
    "code_match": (Code, {"match": "nearly"}),
    "code_exact_only_if_verified": (Code, {"verified": False}),
    "code_once_per_topic": (Code, {"code": "D000001"}),
    "relation_kind": (Relation, {"kind": "likes"}),
    "relation_once": (Relation, {"kind": "treats"}),
    "figure_once_per_topic": (Figure, {"key": "same"}),
    "figure_key_form": (Figure, {"key": "No key"}),
    "figure_sha256_form": (Figure, {"sha256": "../../etc/passwd"}),
    "figure_size": (Figure, {"width": 6001}),
    "figure_has_alt": (Figure, {"alt": ""}),
    "figure_has_credit": (Figure, {"credit": ""}),
    "figure_permission_has_note": (Figure, {"license": "permission"}),
    "figure_format": (Figure, {"format": "svg"}),
    "figure_license": (Figure, {"license": "wish"}),
    "relation_not_to_itself": (Relation, {"target_id": models.F("topic_id")}),
    "glossary_term_unique": (GlossaryTerm, {"term": "GRAFT"}),
    "glossary_term_has_definition": (GlossaryTerm, {"definition": ""}),
    "reference_key_form": (Reference, {"key": "Not A Key"}),
    "reference_doi_normalised": (Reference, {"doi": "https://doi.org/10.1/X"}),
    "reference_doi_unique": (Reference, {"doi": "10.1000/same"}),
    "reference_pmid_unique": (Reference, {"pmid": "1"}),
    "reference_not_merged_into_itself": (Reference, {"merged_into": models.F("pk")}),
    "distinct_once": (Distinct, {"other": last(Reference)}),
    "distinct_in_order": (Distinct, {"other": models.F("one")}),
    "typeset_once": (Typeset, {"digest": "same", "style": "apa"}),
    "partner_logo_sha256_form": (
        Partner,
        {
            "logo_sha256": "A" * 64,
            "logo_format": "png",
            "logo_width": 1,
            "logo_height": 1,
            "logo_alt": "x",
        },
    ),
    "partner_logo_size": (Partner, {"logo_sha256": "a" * 64, "logo_alt": "x"}),
    "partner_logo_has_alt": (
        Partner,
        {"logo_sha256": "a" * 64, "logo_format": "png", "logo_width": 1, "logo_height": 1},
    ),
    "api_key_prefix_unique": (ApiKey, {"prefix": "samesame"}),
    "api_key_prefix_form": (ApiKey, {"prefix": "No_prefx"}),
    "api_key_digest_form": (ApiKey, {"digest": "the secret itself"}),
    "api_key_old_secret_ends": (ApiKey, {"old_digest": "0" * 64}),
    "api_key_scopes": (ApiKey, {"scopes": ["root"]}),
    "api_key_has_name": (ApiKey, {"name": ""}),
    "api_key_per_minute": (ApiKey, {"per_minute": 0}),
    "usage_once_a_day": (Usage, {"endpoint": "same"}),
    "webhook_url_is_https": (Webhook, {"url": "http://hooks.example/"}),
    "webhook_secret_form": (Webhook, {"secret": "whsec_short"}),
    "webhook_old_secret_ends": (Webhook, {"old_until": MOMENT}),
    "webhook_disabled_says_why": (Webhook, {"disabled_at": MOMENT}),
    "delivery_once": (Delivery, {"event_id": 1}),
    "delivery_message_unique": (Delivery, {"message": "same"}),
    "delivery_sent_is_not_due": (Delivery, {"sent_at": MOMENT, "due_at": MOMENT}),
    "statement_anchor_unique": (Statement, {"anchor": "same"}),
    "error_report_status": (
        ErrorReport,
        {"status": "lost", "closed_at": MOMENT, "closed_by_name": "x"},
    ),
    "error_report_has_message": (ErrorReport, {"message": ""}),
    "error_report_open_or_closed": (ErrorReport, {"closed_by_name": "Emil Editor"}),
    "error_report_closed_has_no_address": (
        ErrorReport,
        {"status": "answered", "closed_at": MOMENT, "closed_by_name": "x", "email": "a@b.example"},
    ),
    "follower_email_unique": (Follower, {"email": "ada@hospital.example"}),
    "follower_email_lower": (Follower, {"email": "Ada@hospital.example"}),
    "follower_key_unique": (Follower, {"key": uuid.UUID(int=1)}),
    "subscription_once": (Subscription, {"area": ""}),
    "subscription_one_subject": (Subscription, {"area": "risks", "topic_id": 1}),
    "subscription_area": (Subscription, {"area": "astrology"}),
    "subscription_frequency": (Subscription, {"frequency": "hourly"}),
    "subscription_language": (Subscription, {"language": "xx"}),
    "notice_once": (Notice, {"event": None}),
    "notice_sent_is_not_due": (Notice, {"sent_at": MOMENT, "due_at": MOMENT}),
    "name_once": (Name, {"kind": 1, "entry_id": 1, "key": "same"}),
    "synonym_has_two_names": (Synonym, {"names": ["alone"]}),
    "search_counted_once_a_week": (SearchCount, {"digest": "same"}),
    "search_chosen_of_asked": (SearchCount, {"chosen": 9}),
    "pinned_once": (Pin, {"key": "same"}),
    "presence_once": (Presence, {"user": first(get_user_model())}),
    "presence_in_order": (Presence, {"seen": MOMENT - timedelta(days=9)}),
    "pin_has_words_and_place": (Pin, {"key": ""}),
    "assignment_task": (Assignment, {"task": "wish"}),
    "assignment_open_once": (Assignment, {"task": "update"}),
    "comment_has_text": (Comment, {"text": ""}),
    "comment_resolved_by_somebody": (Comment, {"resolved_by_name": "Emil"}),
    "comment_reply_belongs_to_its_remark": (Comment, {"anchor": "of-a-reply"}),
    "schedule_state": (Schedule, {"state": "wish", "finished_at": MOMENT}),
    "schedule_waiting_once": (Schedule, {"topic_id": first(Topic)}),
    "schedule_has_change_note": (Schedule, {"change_note": ""}),
    "schedule_digest_form": (Schedule, {"digest": "no digest"}),
    "schedule_published_has_edition": (Schedule, {"state": "published", "finished_at": MOMENT}),
    "schedule_failed_says_why": (Schedule, {"state": "failed", "finished_at": MOMENT}),
    "schedule_finished_or_waiting": (Schedule, {"finished_at": MOMENT}),
    "draft_link_token_unique": (DraftLink, {"token_hash": "0" * 64}),
    "draft_link_token_form": (DraftLink, {"token_hash": "the token itself"}),
    "draft_link_is_for_somebody": (DraftLink, {"recipient": ""}),
    "draft_link_expires": (DraftLink, {"expires_at": MOMENT + timedelta(days=99)}),
    "draft_link_revoked_by_somebody": (DraftLink, {"revoked_at": MOMENT}),
    "draft_link_opened_when": (DraftLink, {"opened": 1}),
    "desk_mail_once": (DeskMail, {"schedule_id": first(Schedule)}),
    "desk_mail_about_one_thing": (DeskMail, {"event_id": 1}),
    "desk_mail_sent_is_not_due": (DeskMail, {"sent_at": MOMENT, "due_at": MOMENT}),
    "opening_once_a_day": (Opening, {"topic_id": first(Topic)}),
    "link_check_url_unique": (LinkCheck, {"url": "https://same.example/"}),
    "link_check_state": (LinkCheck, {"state": "wish", "checked_at": MOMENT}),
    "link_check_unchecked_or_when": (LinkCheck, {"checked_at": MOMENT}),
    "link_check_broken_since_when": (LinkCheck, {"broken_since": MOMENT}),
    "milestone_measure": (clinical.Milestone, {"measure": "wish"}),
    "therapy_category": (clinical.Therapy, {"category": "wish"}),
    "therapy_graft_origin": (clinical.Therapy, {"graft_origin": "wish"}),
    "therapy_donor_type": (clinical.Therapy, {"donor_type": "wish"}),
    "therapy_cell_source": (clinical.Therapy, {"cell_source": "wish"}),
    "agent_certainty": (clinical.Agent, {"certainty": "sure"}),
    "agent_has_class": (clinical.Agent, {"drug_class": ""}),
    "condition_category": (clinical.Condition, {"category": "wish"}),
    "complication_category": (clinical.Complication, {"category": "wish"}),
    "therapy_agent_role": (clinical.TherapyAgent, {"role": "wish"}),
    "therapy_agent_once": (clinical.TherapyAgent, {"role": "mobilizing"}),
    "risk_once_per_onset": (clinical.Risk, {"from_day": None}),
    "step_phase": (clinical.Step, {"phase": "wish"}),
    "milestone_subset": (clinical.Milestone, {"subset": "wish"}),
    "milestone_cell_source": (clinical.Milestone, {"cell_source": "wish"}),
    "engraftment_factor_effect": (clinical.EngraftmentFactor, {"effect": "wish"}),
    "trial_phase": (clinical.Trial, {"phase": "9"}),
    "trial_status": (clinical.Trial, {"status": "wish"}),
    "trial_registry_id_form": (clinical.Trial, {"registry_id": "12345"}),
    "indication_cell_once": (clinical.Indication, {"option": "MSD"}),
    "indication_category_of_its_scheme": (clinical.Indication, {"category": "N"}),
    "indication_option": (clinical.Indication, {"option": "WISH"}),
    "indication_population": (clinical.Indication, {"population": "wish"}),
    "indication_evidence": (clinical.Indication, {"evidence": "IV"}),
    "indication_confidence": (clinical.Indication, {"confidence": "wish"}),
    "indication_has_source": (clinical.Indication, {"source": ""}),
    "indication_certainty": (clinical.Indication, {"certainty": "sure"}),
    "benefit_certainty": (clinical.Benefit, {"certainty": "sure"}),
}
for name, model in {
    "therapy_agent": clinical.TherapyAgent,
    "step": clinical.Step,
    "risk": clinical.Risk,
    "milestone": clinical.Milestone,
}.items():
    ATTACKS[f"{name}_window_in_order"] = (model, {"from_day": 5, "to_day": 4})
    ATTACKS[f"{name}_window_days"] = (model, {"from_day": None, "to_day": 99999})
for name, model in {
    "therapy_agent": clinical.TherapyAgent,
    "step": clinical.Step,
    "risk": clinical.Risk,
    "milestone": clinical.Milestone,
    "engraftment_factor": clinical.EngraftmentFactor,
    "trial": clinical.Trial,
}.items():
    ATTACKS[f"{name}_certainty"] = (model, {"certainty": "sure"})

# Rows that never change are attacked when they are inserted: below, and in test_immutability.
ON_INSERT = {
    "review_verdict",
    "review_declares_interests",
    "review_says_what_to_change",
    "event_kind",
    "event_has_actor",
    "reference_notice_kind",
    "reference_notice_source",
    "reference_notice_found_by",
    "reference_notice_once",
    "event_withdrawn_once",
    "event_withdrawal_has_edition_and_reason",
    "revision_number_unique",
    "revision_number_from_1",
    "revision_digest_fits_text",
    "edition_number_unique",
    "edition_hash_unique",
    "edition_chain_has_no_fork",
    "edition_has_change_note",
    "edition_reviewed_or_not",
    "edition_four_eyes",
    "edition_hash_form",
    "citation_once",
    "published_figure_once",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_row_cannot_be_made_wrong(world, name):
    model, values = ATTACKS[name]
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        # All rows get the same values, so what must be unique no longer is.
        model.objects.update(**values)


def copy_of(row: models.Model, **changes) -> models.Model:
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    if row._meta.pk.name == "id":
        values["id"] = None
    return type(row)(**(values | changes))


def insert_attacks():
    """Yield constraint, and a function that makes the row it must refuse."""

    def event(**changes):
        return lambda: copy_of(Event.objects.filter(kind="published").first(), **changes)

    def review(**changes):
        return lambda: copy_of(Review.objects.first(), **changes)

    def last(model, app="topics", **changes):
        return lambda: copy_of(apps.get_model(app, model).objects.last(), **changes)

    yield "review_verdict", review(verdict="wish", comment="x")
    yield "review_declares_interests", review(interests="")
    yield "review_says_what_to_change", review(verdict="request-changes", comment="")
    yield "reference_notice_kind", last("Notice", "references", kind="wish")
    yield "reference_notice_source", last("Notice", "references", source="hearsay")
    yield "reference_notice_found_by", last("Notice", "references", found_by="", date="2020-01-01")
    # Two without a date are the same as well.
    yield "reference_notice_once", last("Notice", "references")
    yield "event_kind", event(kind="wish")
    yield "event_has_actor", event(actor_id=None)
    yield "event_withdrawal_has_edition_and_reason", event(kind="withdrawn", note="")
    yield "event_withdrawal_has_edition_and_reason", event(kind="withdrawn", edition_id=None)
    yield "revision_number_unique", last("Revision")
    yield "revision_number_from_1", last("Revision", number=0)
    yield "revision_digest_fits_text", last("Revision", number=9, text="{}")
    yield "citation_once", last("Citation")
    yield "published_figure_once", last("PublishedFigure")


@pytest.mark.parametrize(("name", "make"), list(insert_attacks()))
def test_a_row_cannot_be_inserted_wrong(world, name, make):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make().save(force_insert=True)


EDITION_ATTACKS = {
    "edition_has_change_note": {"change_note": ""},
    "edition_reviewed_or_not": {"approved_by_name": "Somebody"},
    "edition_hash_unique": {"hash": "the first one's"},
    "edition_hash_form": {"hash": "not a hash"},
}


@pytest.mark.parametrize("name", EDITION_ATTACKS)
def test_an_edition_cannot_be_inserted_wrong(world, name):
    topic = Topic.objects.get(slug="filgrastim")
    first = topic.editions.get()
    changes = dict(EDITION_ATTACKS[name])
    if name == "edition_hash_unique":
        changes = {"hash": first.hash}
    made = copy_of(first, number=2, previous_hash=first.hash, **({"hash": "f" * 64} | changes))
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        made.save(force_insert=True)


def test_an_edition_is_withdrawn_once(world):
    edition = Topic.objects.get(slug="filgrastim").editions.get()
    values = {"kind": "withdrawn", "edition": edition, "note": "x", "actor": edition.published_by,
              "actor_name": "x", "created_at": timezone.now()}  # fmt: skip
    with pytest.raises(IntegrityError, match="event_withdrawn_once"), transaction.atomic():
        Event.objects.create(**values)
        Event.objects.create(**values)


def test_a_topic_has_one_current_edition_at_most(world):
    topic = Topic.objects.get(slug="filgrastim")
    with pytest.raises(IntegrityError, match="topics_listing_pkey"), transaction.atomic():
        copy_of(topic.listing, slug="another").save(force_insert=True)


def test_every_named_constraint_is_attacked():
    named = {
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in {"references", "topics", "therapies"}
        for constraint in model._meta.constraints
    }
    assert named == set(ATTACKS) | ON_INSERT
