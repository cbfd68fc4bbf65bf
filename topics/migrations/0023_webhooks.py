import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from topics.migrations import _reference_records


class Migration(migrations.Migration):
    dependencies = [("topics", "0022_reference_merging"), ("references", "0009_access")]

    operations = [
        *_reference_records.OPERATIONS,
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        help_text="It begins with https://.", max_length=500, verbose_name="address"
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=200)),
                (
                    "types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="None: all.",
                        size=None,
                        verbose_name="types of events",
                    ),
                ),
                ("secret", models.CharField(editable=False, max_length=100)),
                ("old_secret", models.CharField(blank=True, editable=False, max_length=100)),
                (
                    "old_until",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="old secret signs until"
                    ),
                ),
                ("seen", models.BigIntegerField(editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="made")),
                ("quiet_until", models.DateTimeField(editable=False, null=True)),
                (
                    "disabled_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="disabled"),
                ),
                (
                    "disabled_why",
                    models.CharField(
                        blank=True, editable=False, max_length=200, verbose_name="why"
                    ),
                ),
                (
                    "told_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="partner told"),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to="references.partner",
                    ),
                ),
            ],
            options={
                "ordering": ["partner__name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("due_at", models.DateTimeField(null=True, verbose_name="next try")),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "fault",
                    models.CharField(blank=True, max_length=200, verbose_name="why it failed"),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                ("message", models.CharField(max_length=40, verbose_name="message id")),
                ("type", models.CharField(max_length=40)),
                ("body", models.TextField()),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="last answer")),
                ("tried_at", models.DateTimeField(null=True, verbose_name="last try")),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="topics.event",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="topics.webhook",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("url__startswith", "https://")),
                name="webhook_url_is_https",
                violation_error_message="The address must begin with https://.",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("secret__regex", "^whsec_[A-Za-z0-9+/]{32,88}=*$")),
                name="webhook_secret_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("old_secret", ""), ("old_until__isnull", True)),
                    models.Q(
                        models.Q(("old_secret", ""), _negated=True), ("old_until__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="webhook_old_secret_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("disabled_at__isnull", True),
                        ("disabled_why", ""),
                        ("told_at__isnull", True),
                    ),
                    models.Q(
                        ("disabled_at__isnull", False),
                        models.Q(("disabled_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="webhook_disabled_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["webhook", "id"],
                name="delivery_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["created_at"], name="delivery_by_time"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("event__isnull", False)),
                fields=("webhook", "event"),
                name="delivery_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("message",), name="delivery_message_unique"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_at__isnull", True), ("due_at__isnull", True), _connector="OR"
                ),
                name="delivery_sent_is_not_due",
            ),
        ),
    ]
