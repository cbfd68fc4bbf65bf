"""Who has the form of a topic open. What a crash loses of it is told again within half a minute."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("topics", "0015_review_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("seen", models.DateTimeField()),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="topics.topic",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "presences",
                "ordering": ["since", "pk"],
                "indexes": [models.Index(fields=["seen"], name="presence_by_seen")],
                "constraints": [
                    models.UniqueConstraint(fields=("topic", "user"), name="presence_once"),
                    models.CheckConstraint(
                        condition=models.Q(("seen__gte", models.F("since"))),
                        name="presence_in_order",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE topics_presence SET UNLOGGED", "ALTER TABLE topics_presence SET LOGGED"
        ),
    ]
