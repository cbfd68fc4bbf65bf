from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("topics", "0012_postings_by_key")]

    operations = [
        migrations.AddIndex(
            model_name="listedcode",
            index=models.Index(Upper("code"), name="listed_code_by_any_case"),
        ),
    ]
