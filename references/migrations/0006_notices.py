"""Notices about publications, which never change; the status of a publication follows from them."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

KINDS = [
    ("retraction", "Retraction"),
    ("removal", "Removal or withdrawal"),
    ("correction", "Correction"),
    ("concern", "Expression of concern"),
    ("reinstatement", "Reinstatement"),
    ("other", "Other notice"),
    ("mistake", "Earlier notices recorded by mistake"),
]
SOURCES = [
    ("crossref", "Crossref"),
    ("pubmed", "PubMed"),
    ("retraction-watch", "Retraction Watch"),
    ("editor", "Editors of the portal"),
]
BY_STATUS = {
    "retracted": "retraction", "corrected": "correction", "concern": "concern",
    "current": "reinstatement",
}  # fmt: skip

# As for the history of topics; a function of its own, since topics build upon references.
IMMUTABLE = """
CREATE FUNCTION notice_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Cannot % a row of %: notices never change', lower(TG_OP), TG_TABLE_NAME;
END;
$$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON references_notice
    FOR EACH ROW EXECUTE FUNCTION notice_never_changes();
"""


def carry_over(apps, schema_editor):
    """Write what was known of each publication as a notice by the editors."""
    reference, notice = (apps.get_model("references", name) for name in ("Reference", "Notice"))
    told = reference.objects.exclude(status="current", status_on=None)
    notice.objects.bulk_create(
        notice(
            reference=each,
            kind=BY_STATUS[each.status],
            date=each.status_on,
            address=each.status_source,
            words=each.status_notice,
            source="editor",
            found_at=timezone.now(),
            found_by="Recorded before there was a history",
        )
        for each in told.order_by("pk")
    )


class Migration(migrations.Migration):
    dependencies = [("references", "0005_registry_answers")]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(choices=KINDS, max_length=16)),
                ("date", models.DateField(null=True, verbose_name="date of the notice")),
                (
                    "doi",
                    models.CharField(blank=True, max_length=250, verbose_name="DOI of the notice"),
                ),
                (
                    "pmid",
                    models.CharField(blank=True, max_length=9, verbose_name="PMID of the notice"),
                ),
                ("address", models.CharField(blank=True, max_length=1000)),
                ("words", models.TextField(blank=True)),
                ("source", models.CharField(choices=SOURCES, max_length=16)),
                ("found_at", models.DateTimeField()),
                ("found_by", models.CharField(max_length=150)),
                (
                    "reference",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="references.reference",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _ in KINDS]),
                name="reference_notice_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(source__in=[source for source, _ in SOURCES]),
                name="reference_notice_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=~models.Q(found_by=""), name="reference_notice_found_by"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=~models.Q(source="editor"),
                fields=("reference", "source", "kind", "date", "doi", "pmid"),
                name="reference_notice_once",
                nulls_distinct=False,
            ),
        ),
        # Not every source tells the day of a notice.
        migrations.RemoveConstraint(model_name="reference", name="reference_notice_has_date"),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RunSQL(IMMUTABLE, "DROP FUNCTION notice_never_changes CASCADE"),
        migrations.RunSQL(
            "REVOKE TRUNCATE ON references_notice FROM PUBLIC, CURRENT_USER",
            "GRANT TRUNCATE ON references_notice TO CURRENT_USER",
        ),
    ]
