"""By what a publication without DOI and PMID is known again."""

from django.db import migrations, models

from references.fingerprints import fingerprint


def write_fingerprints(apps, schema_editor):
    references = apps.get_model("references", "Reference").objects
    for reference in references.only("csl").iterator(1000):
        reference.fingerprint = fingerprint(reference.csl)
        reference.save(update_fields=["fingerprint"])


class Migration(migrations.Migration):
    dependencies = [("references", "0002_reference_by_pmcid")]

    operations = [
        migrations.AddField(
            model_name="reference",
            name="fingerprint",
            field=models.CharField(default="", editable=False, max_length=250),
        ),
        migrations.RunPython(write_fingerprints, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="reference",
            index=models.Index(fields=["fingerprint"], name="reference_by_fingerprint"),
        ),
    ]
