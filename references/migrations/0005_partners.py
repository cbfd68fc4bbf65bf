from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("references", "0004_merging")]

    operations = []
