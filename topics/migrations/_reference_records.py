"""What changes in the record of a reference comes into the log, whoever changes it and however.

Records are written by many: forms, imports, registries, bulk statements. So the database itself
notes it. It does so at the end of the transaction, since a line of the log makes all others that
write one wait, and an import may take its time. The line names the reference by its key and does
not refer to the row, which may still be deleted while nothing cites it.
"""

from django.db import migrations, models

KINDS = [
    ("submitted", "Submitted for review"),
    ("reviewed", "Reviewed"),
    ("published", "Published"),
    ("withdrawn", "Withdrawn"),
    ("restored", "Earlier text restored as draft"),
    ("reference-status", "Status of a reference changed"),
    ("reference-merged", "Reference merged into another"),
    ("reference-parted", "Merging of a reference undone"),
    ("reference-record", "Record of a reference changed"),
    ("looked-again", "Looked at again after a notice was lifted"),
    ("glossary", "Glossary changed"),
]

# The status follows from the notices, and merging is logged as such: both need no line here.
NOTE_RECORDS = """
CREATE FUNCTION note_record(key text, what text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO topics_event (kind, actor_name, note, data, created_at) VALUES (
        'reference-record', 'the portal', '', jsonb_build_object('key', key, 'what', what), now());
$$;
CREATE FUNCTION note_reference_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM note_record(NEW.key, 'added');
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM note_record(OLD.key, 'removed');
    ELSIF OLD.key = NEW.key THEN
        PERFORM note_record(NEW.key, 'changed');
    ELSE
        PERFORM note_record(OLD.key, 'removed');
        PERFORM note_record(NEW.key, 'added');
    END IF;
    RETURN NULL;
END;
$$;
CREATE FUNCTION note_reference_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_record(key, 'changed') FROM references_reference WHERE id = NEW.reference_id;
    RETURN NULL;
END;
$$;
CREATE CONSTRAINT TRIGGER note_record_made AFTER INSERT OR DELETE ON references_reference
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_reference_record();
CREATE CONSTRAINT TRIGGER note_record_changed AFTER UPDATE ON references_reference
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.key, OLD.csl, OLD.study_type) IS DISTINCT FROM (NEW.key, NEW.csl, NEW.study_type))
    EXECUTE FUNCTION note_reference_record();
CREATE CONSTRAINT TRIGGER note_record_noticed AFTER INSERT ON references_notice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_reference_notice();
"""
FORGET_RECORDS = """
DROP FUNCTION note_reference_record, note_reference_notice CASCADE;
DROP FUNCTION note_record;
"""

OPERATIONS = [
    migrations.RemoveConstraint(model_name="event", name="event_kind"),
    migrations.RemoveConstraint(model_name="event", name="event_has_actor"),
    migrations.AlterField(
        model_name="event", name="kind", field=models.CharField(choices=KINDS, max_length=16)
    ),
    migrations.AddConstraint(
        model_name="event",
        constraint=models.CheckConstraint(
            condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="event_kind"
        ),
    ),
    migrations.AddConstraint(
        model_name="event",
        constraint=models.CheckConstraint(
            condition=models.Q(
                ("actor__isnull", False),
                ("kind__in", ["reference-status", "reference-record"]),
                _connector="OR",
            ),
            name="event_has_actor",
        ),
    ),
    migrations.RunSQL(NOTE_RECORDS, FORGET_RECORDS),
]
