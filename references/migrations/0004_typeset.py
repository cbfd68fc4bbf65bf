"""References as styles of citation print them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("references", "0003_fingerprints")]

    operations = [
        migrations.CreateModel(
            name="Typeset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("style", models.CharField(max_length=20)),
                ("html", models.TextField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="typeset",
            constraint=models.UniqueConstraint(fields=("digest", "style"), name="typeset_once"),
        ),
    ]
