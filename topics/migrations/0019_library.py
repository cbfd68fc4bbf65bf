from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("topics", "0018_link_checks"), ("references", "0006_imports")]

    operations = []
