from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("references", "0003_notices")]

    operations = []
