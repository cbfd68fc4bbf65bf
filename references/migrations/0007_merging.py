"""Publications that are the same: one is kept, and the key of the other works for ever."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

# One step leads from any key to the publication that is kept. The other row is locked, so that two
# mergers crosswise cannot both be right.
ONE_STEP = """
CREATE FUNCTION reference_merged_in_one_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    further bigint;
BEGIN
    IF NEW.merged_into_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT merged_into_id INTO further FROM references_reference
        WHERE id = NEW.merged_into_id FOR NO KEY UPDATE;
    IF further IS NOT NULL
        OR EXISTS (SELECT 1 FROM references_reference WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'A reference is merged in one step, not by way of a third'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reference_merged_in_one_step';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER merged_in_one_step BEFORE INSERT OR UPDATE OF merged_into_id ON references_reference
    FOR EACH ROW EXECUTE FUNCTION reference_merged_in_one_step();
"""


class Migration(migrations.Migration):
    dependencies = [("references", "0006_notices")]

    operations = [
        migrations.AddField(
            model_name="reference",
            name="merged_into",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="references.reference",
            ),
        ),
        migrations.RemoveConstraint(model_name="reference", name="reference_doi_unique"),
        migrations.RemoveConstraint(model_name="reference", name="reference_pmid_unique"),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                condition=Q(merged_into=None),
                fields=("doi",),
                name="reference_doi_unique",
                violation_error_message="A reference with this DOI exists already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                condition=Q(merged_into=None),
                fields=("pmid",),
                name="reference_pmid_unique",
                violation_error_message="A reference with this PMID exists already.",
            ),
        ),
        migrations.AddIndex(
            model_name="reference", index=models.Index(fields=["doi"], name="reference_by_doi")
        ),
        migrations.AddIndex(
            model_name="reference", index=models.Index(fields=["pmid"], name="reference_by_pmid")
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.CheckConstraint(
                condition=~Q(merged_into=F("pk")), name="reference_not_merged_into_itself"
            ),
        ),
        migrations.CreateModel(
            name="Distinct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("said_by", models.CharField(max_length=150)),
                ("said_at", models.DateTimeField(auto_now_add=True)),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="references.reference",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="references.reference",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="distinct",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="distinct_once"),
        ),
        migrations.AddConstraint(
            model_name="distinct",
            constraint=models.CheckConstraint(
                condition=Q(one__lt=F("other")), name="distinct_in_order"
            ),
        ),
        migrations.RunSQL(ONE_STEP, "DROP FUNCTION reference_merged_in_one_step CASCADE"),
    ]
