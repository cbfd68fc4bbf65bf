from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("topics", "0008_listing_publications")]

    operations = [
        migrations.CreateModel(
            name="Vector",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind",
                        "entry_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Topic"),
                            (2, "Reference"),
                            (3, "Glossary term"),
                            (4, "Statement"),
                            (5, "Synonym"),
                        ]
                    ),
                ),
                ("entry_id", models.BigIntegerField()),
                ("model", models.CharField(max_length=60)),
                ("vector", models.BinaryField()),
            ],
        ),
    ]
