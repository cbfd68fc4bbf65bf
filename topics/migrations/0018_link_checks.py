"""Which external links answer, and how often topics are opened."""

import django.db.models.deletion
from django.db import migrations, models

STATES = [
    ("unchecked", "Not asked yet"),
    ("fine", "Answers"),
    ("unclear", "Unclear"),
    ("broken", "Broken"),
]


def key():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [("topics", "0017_names_by_word")]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", key()),
                ("day", models.DateField()),
                ("times", models.PositiveIntegerField()),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="openings",
                        to="topics.topic",
                    ),
                ),
            ],
            options={
                "ordering": ["-day"],
                "constraints": [
                    models.UniqueConstraint(fields=("topic", "day"), name="opening_once_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                ("id", key()),
                ("url", models.CharField(max_length=1000, verbose_name="address")),
                ("state", models.CharField(choices=STATES, default="unchecked", max_length=9)),
                ("answer", models.CharField(blank=True, max_length=200)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True, verbose_name="last asked")),
                ("broken_since", models.DateTimeField(null=True)),
                (
                    "topics",
                    models.ManyToManyField(editable=False, related_name="+", to="topics.topic"),
                ),
            ],
            options={
                "verbose_name": "external link",
                "verbose_name_plural": "external links",
                "ordering": ["url"],
                "indexes": [models.Index(fields=["checked_at"], name="link_check_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("url",), name="link_check_url_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", [value for value, _ in STATES])),
                        name="link_check_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "unchecked"), ("checked_at__isnull", False), _connector="XOR"
                        ),
                        name="link_check_unchecked_or_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("broken_since__isnull", False), ("state", "broken")),
                            models.Q(
                                models.Q(("state", "broken"), _negated=True),
                                ("broken_since__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="link_check_broken_since_when",
                    ),
                ],
            },
        ),
    ]
