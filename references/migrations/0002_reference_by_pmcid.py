from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("references", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="reference",
            index=models.Index(fields=["pmcid"], name="reference_by_pmcid"),
        ),
    ]
