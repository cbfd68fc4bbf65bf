import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("references", "0008_partners")]

    operations = [
        migrations.CreateModel(
            name="RequestWindow",
            fields=[
                ("who", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField()),
                ("number", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What it is for, as “replica in Leiden”.", max_length=100
                    ),
                ),
                ("prefix", models.CharField(editable=False, max_length=8)),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("old_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "old_until",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="old secret works until"
                    ),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read", "Read with higher limits"),
                                ("webhooks", "Manage webhooks"),
                                ("usage", "See how much was asked"),
                                ("keys", "Manage the partner’s keys"),
                            ],
                            max_length=10,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "per_minute",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: as many as usual for keys.",
                        null=True,
                        verbose_name="requests a minute",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="made")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                (
                    "revoked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="revoked"),
                ),
                (
                    "last_used_on",
                    models.DateField(editable=False, null=True, verbose_name="last used"),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keys",
                        to="references.partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "ordering": ["partner__name", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("prefix",), name="api_key_prefix_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("prefix__regex", "^[a-z0-9]{8}$")),
                        name="api_key_prefix_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                        name="api_key_digest_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("old_digest", ""), ("old_until__isnull", True)),
                            models.Q(
                                ("old_digest__regex", "^[0-9a-f]{64}$"),
                                ("old_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="api_key_old_secret_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scopes__contained_by", ["read", "webhooks", "usage", "keys"])
                        ),
                        name="api_key_scopes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="api_key_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("per_minute__isnull", True), ("per_minute__gte", 1), _connector="OR"
                        ),
                        name="api_key_per_minute",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("endpoint", models.CharField(max_length=80)),
                ("day", models.DateField()),
                ("number", models.PositiveBigIntegerField()),
                (
                    "partner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usage",
                        to="references.partner",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "usage",
                "ordering": ["-day", "endpoint"],
                "indexes": [models.Index(fields=["day"], name="usage_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("partner", "endpoint", "day"),
                        name="usage_once_a_day",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        # Counts of a minute: nothing need be written to disk for them, nor kept after a crash.
        migrations.RunSQL(
            "ALTER TABLE references_requestwindow SET UNLOGGED",
            "ALTER TABLE references_requestwindow SET LOGGED",
        ),
    ]
