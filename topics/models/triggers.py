"""Rules that the database keeps by itself, against every client and raw SQL."""

import pgtrigger

# Any number that nothing else in the database locks.
EVENT_LOCK = 7401


def immutable() -> pgtrigger.Protect:
    """Refuse each update and deletion of a row."""
    return pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)


def id_in_commit_order() -> pgtrigger.Trigger:
    """Hand out ids in the order of the commits.

    A sequence alone gives a lower id to a transaction that commits later, and a partner who asks
    for "all after N" would never see that row. So the id is taken only under a lock that is held
    until the end of the transaction.
    """
    return pgtrigger.Trigger(
        name="id_in_commit_order",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        func=f"""
            PERFORM pg_advisory_xact_lock({EVENT_LOCK});
            NEW.id := nextval(pg_get_serial_sequence('topics_event', 'id'));
            RETURN NEW;
        """,
    )


_EDITION_IS_TRUE = """
    SELECT * INTO published FROM topics_revision WHERE id = NEW.revision_id;
    IF published.topic_id <> NEW.topic_id OR published.digest <> NEW.digest THEN
        RAISE EXCEPTION 'edition_is_true: the revision is not of this topic and digest';
    END IF;

    SELECT * INTO prior FROM topics_edition
        WHERE topic_id = NEW.topic_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(prior.number, 0) + 1
            OR NEW.previous_hash <> coalesce(prior.hash, '') THEN
        RAISE EXCEPTION 'edition_is_true: the chain of editions is broken';
    END IF;

    SELECT max(v.number) INTO last_number FROM topics_edition e
        JOIN topics_revision v ON v.id = e.revision_id
        WHERE e.topic_id = NEW.topic_id AND e.review_id IS NOT NULL;
    SELECT coalesce(array_agg(DISTINCT author_id ORDER BY author_id), '{}') INTO wrote
        FROM topics_revision
        WHERE topic_id = NEW.topic_id AND number > coalesce(last_number, 0);
    IF NOT (NEW.writers @> wrote AND wrote @> NEW.writers) THEN
        RAISE EXCEPTION 'edition_is_true: the writers are not those of the revisions';
    END IF;

    IF NEW.review_id IS NOT NULL THEN
        SELECT r.* INTO reviewed FROM topics_review r
            JOIN topics_revision v ON v.id = r.revision_id
            WHERE r.id = NEW.review_id AND v.topic_id = NEW.topic_id
                AND v.digest = NEW.digest;
        IF reviewed.id IS NULL OR reviewed.verdict <> 'approve'
                OR reviewed.reviewer_id <> NEW.approved_by_id THEN
            RAISE EXCEPTION 'edition_is_true: the review does not approve this text';
        END IF;
    END IF;
    RETURN NEW;
"""


def edition_is_true() -> pgtrigger.Trigger:
    """Refuse an edition whose number, chain, document, writers or approval are not true."""
    return pgtrigger.Trigger(
        name="edition_is_true",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        declare=[
            ("published", "topics_revision%ROWTYPE"),
            ("reviewed", "topics_review%ROWTYPE"),
            ("prior", "topics_edition%ROWTYPE"),
            ("last_number", "integer"),
            ("wrote", "bigint[]"),
        ],
        func=_EDITION_IS_TRUE,
    )
