from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("references", "0005_partners")]

    operations = []
