import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("topics", "0010_suggestions")]

    operations = [
        migrations.CreateModel(
            name="SearchCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("week", models.DateField(help_text="The Monday that it begins with.")),
                ("words", models.CharField(blank=True, max_length=200)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("senders", models.PositiveIntegerField(default=0)),
                ("without_result", models.PositiveIntegerField(default=0)),
                ("chosen", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["-week", "-asked"],
                "verbose_name": "search by readers",
                "verbose_name_plural": "searches by readers",
                "indexes": [
                    models.Index(fields=["week"], name="search_count_by_week"),
                    models.Index(
                        condition=~models.Q(words=""),
                        fields=["digest"],
                        name="search_count_with_words",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("digest", "week"), name="search_counted_once_a_week"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(chosen__lte=models.F("asked")),
                        name="search_chosen_of_asked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchSender",
            fields=[
                ("mark", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "week",
                    models.DateField(
                        help_text="The Monday that the week begins with in which it counted."
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["week"], name="search_sender_by_week")],
            },
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("query", models.CharField(max_length=200)),
                ("key", models.CharField(editable=False, max_length=300)),
                ("statement", models.CharField(blank=True, max_length=64)),
                ("position", models.PositiveSmallIntegerField(default=1)),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pins",
                        to="topics.topic",
                    ),
                ),
            ],
            options={
                "ordering": ["query", "position", "pk"],
                "verbose_name": "pinned result",
                "verbose_name_plural": "pinned results",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "topic", "statement"),
                        name="pinned_once",
                        violation_error_message="This is pinned for this query already.",
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(key="") & models.Q(position__gte=1),
                        name="pin_has_words_and_place",
                        violation_error_message="A pin needs words, and a place from 1 on.",
                    ),
                ],
            },
        ),
    ]
