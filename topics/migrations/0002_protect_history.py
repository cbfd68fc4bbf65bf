"""Let the database itself keep history as it was, against every client and raw SQL.

Plain triggers, which no setting of a session can switch off. Only the owner of the tables can, by
taking them away on purpose; and superusers, whom nothing holds back, so the portal should not
connect as one. Row triggers do not see TRUNCATE, so that right is taken away.
"""

from django.db import migrations

HISTORY = (
    "topics_revision",
    "topics_review",
    "topics_edition",
    "topics_citation",
    "topics_publishedslug",
    "topics_event",
)

IMMUTABLE = """
CREATE FUNCTION history_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Cannot % a row of %: history never changes', lower(TG_OP), TG_TABLE_NAME;
END;
$$;
""" + "".join(
    f"""
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION history_never_changes();
"""
    for table in HISTORY
)

# A sequence alone gives a lower id to a transaction that commits later, and a partner who asks for
# "all after N" would never see that row. So the id is taken only under a lock that is held until
# the end of the transaction. 7401 is any number that nothing else in the database locks.
COMMIT_ORDER = """
CREATE FUNCTION event_id_in_commit_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7401);
    NEW.id := nextval(pg_get_serial_sequence('topics_event', 'id'));
    RETURN NEW;
END;
$$;
CREATE TRIGGER id_in_commit_order BEFORE INSERT ON topics_event
    FOR EACH ROW EXECUTE FUNCTION event_id_in_commit_order();
"""

# The rules are those of topics/publishing.py and topics/editions.py, checked once more.
EDITION_IS_TRUE = """
CREATE FUNCTION edition_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    published topics_revision%ROWTYPE;
    reviewed topics_review%ROWTYPE;
    prior topics_edition%ROWTYPE;
    last_reviewed integer;
    wrote bigint[];
BEGIN
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

    SELECT max(v.number) INTO last_reviewed FROM topics_edition e
        JOIN topics_revision v ON v.id = e.revision_id
        WHERE e.topic_id = NEW.topic_id AND e.review_id IS NOT NULL;
    SELECT coalesce(array_agg(DISTINCT author_id ORDER BY author_id), '{}') INTO wrote
        FROM topics_revision
        WHERE topic_id = NEW.topic_id
            AND (number > coalesce(last_reviewed, 0) OR digest = NEW.digest);
    IF NOT (NEW.writers @> wrote AND wrote @> NEW.writers) THEN
        RAISE EXCEPTION 'edition_is_true: the writers are not those of the revisions';
    END IF;

    IF NEW.review_id IS NULL THEN
        IF last_reviewed IS NOT NULL THEN
            RAISE EXCEPTION 'edition_is_true: a reviewed topic needs a review for each edition';
        END IF;
        RETURN NEW;
    END IF;

    SELECT r.* INTO reviewed FROM topics_review r
        JOIN topics_revision v ON v.id = r.revision_id
        WHERE r.id = NEW.review_id AND v.topic_id = NEW.topic_id AND v.digest = NEW.digest;
    IF reviewed.id IS NULL OR reviewed.verdict <> 'approve'
            OR (reviewed.reviewer_id, reviewed.reviewer_name, reviewed.created_at,
                reviewed.interests) IS DISTINCT FROM
               (NEW.approved_by_id, NEW.approved_by_name, NEW.approved_at, NEW.interests) THEN
        RAISE EXCEPTION 'edition_is_true: the review does not approve this text';
    END IF;
    IF EXISTS (SELECT 1 FROM topics_event w WHERE w.topic_id = NEW.topic_id
            AND w.kind = 'withdrawn' AND w.created_at >= reviewed.created_at) THEN
        RAISE EXCEPTION 'edition_is_true: the topic was withdrawn after this review';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER edition_is_true BEFORE INSERT ON topics_edition
    FOR EACH ROW EXECUTE FUNCTION edition_is_true();
"""

UNDO = """
DROP FUNCTION history_never_changes, event_id_in_commit_order, edition_is_true CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("topics", "0001_initial")]

    operations = [
        migrations.RunSQL(IMMUTABLE + COMMIT_ORDER + EDITION_IS_TRUE, UNDO),
        migrations.RunSQL(
            f"REVOKE TRUNCATE ON {', '.join(HISTORY)} FROM PUBLIC, CURRENT_USER",
            f"GRANT TRUNCATE ON {', '.join(HISTORY)} TO CURRENT_USER",
        ),
    ]
