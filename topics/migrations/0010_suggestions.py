import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("topics", "0009_vectors")]

    operations = [
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[(1, "Topic"), (2, "Glossary term"), (3, "Question")]
                    ),
                ),
                ("entry_id", models.IntegerField()),
                ("words", models.CharField(db_collation="C", max_length=400)),
                ("about", models.CharField(blank=True, max_length=400)),
                ("label", models.CharField(max_length=200)),
                ("hint", models.CharField(blank=True, max_length=200)),
                ("slug", models.CharField(blank=True, max_length=80)),
                ("anchor", models.CharField(blank=True, max_length=140)),
                ("rank", models.SmallIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["kind", "entry_id", "rank"], name="suggestion_by_entry"
                    ),
                    models.Index(
                        django.db.models.functions.text.Left("words", 2),
                        models.F("rank"),
                        include=("words", "id"),
                        name="suggestion_two_letters",
                    ),
                    models.Index(
                        django.db.models.functions.text.Left("words", 3),
                        models.F("rank"),
                        include=("words", "id"),
                        name="suggestion_three_letters",
                    ),
                    models.Index(
                        fields=["words", "rank"], include=("id",), name="suggestion_words"
                    ),
                ],
            },
        ),
    ]
