from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("references", "0002_reference_by_pmcid")]

    operations = []
