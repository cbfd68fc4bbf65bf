from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("topics", "0007_search")]

    operations = [
        migrations.AddField(
            model_name="listing",
            name="publications",
            field=models.JSONField(default=list),
        ),
    ]
