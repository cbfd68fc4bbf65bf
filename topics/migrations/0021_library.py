from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("topics", "0020_one_way_synonyms"), ("references", "0006_imports")]

    operations = []
