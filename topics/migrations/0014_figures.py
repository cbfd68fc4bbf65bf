"""Figures of topics, and which pictures readers may see.

The latter is history, which the database never lets change (see 0002_protect_history).
"""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

IMMUTABLE = """
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON topics_publishedfigure
    FOR EACH ROW EXECUTE FUNCTION history_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("topics", "0013_code_by_any_case")]

    operations = [
        migrations.CreateModel(
            name="Figure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "key",
                    models.CharField(
                        help_text="Write ![](figure:name) on a line of its own to place it there.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9-]{0,39}\\Z",
                                "A name has lower-case letters, digits and hyphens, "
                                "and begins with a letter.",
                            )
                        ],
                        verbose_name="name in the text",
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="picture (sha256)")),
                (
                    "format",
                    models.CharField(
                        choices=[("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WebP")], max_length=4
                    ),
                ),
                ("width", models.PositiveSmallIntegerField(verbose_name="width in pixels")),
                ("height", models.PositiveSmallIntegerField(verbose_name="height in pixels")),
                (
                    "alt",
                    models.CharField(
                        help_text="What the picture shows, for who cannot see it.",
                        max_length=500,
                        verbose_name="alternative text",
                    ),
                ),
                ("caption", models.TextField(blank=True, help_text="Shown below the picture.")),
                (
                    "credit",
                    models.CharField(
                        help_text="Who made it, and where it was published first.", max_length=300
                    ),
                ),
                (
                    "license",
                    models.CharField(
                        choices=[
                            ("cc0-1.0", "CC0 1.0"),
                            ("public-domain", "Public domain"),
                            ("cc-by-4.0", "CC BY 4.0"),
                            ("cc-by-3.0", "CC BY 3.0"),
                            ("cc-by-2.0", "CC BY 2.0"),
                            ("cc-by-sa-4.0", "CC BY-SA 4.0"),
                            ("cc-by-sa-3.0", "CC BY-SA 3.0"),
                            ("permission", "With permission"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        help_text=(
                            "Needed for “with permission”: who permitted it, when, and for what."
                        ),
                        max_length=300,
                        verbose_name="note on the permission",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="topics.topic",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic", "key"),
                        name="figure_once_per_topic",
                        violation_error_message="Another figure of this topic has that name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z][a-z0-9-]{0,39}$")),
                        name="figure_key_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="figure_sha256_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("width__range", (1, 6000)), ("height__range", (1, 6000))
                        ),
                        name="figure_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("alt", ""), _negated=True),
                        name="figure_has_alt",
                        violation_error_message="A figure needs an alternative text.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("credit", ""), _negated=True),
                        name="figure_has_credit",
                        violation_error_message="A figure needs a credit.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("license", "permission"), _negated=True),
                            models.Q(("permission", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="figure_permission_has_note",
                        violation_error_message=(
                            "Say who permitted the use of the figure, when, and for what."
                        ),
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["png", "jpeg", "webp"])),
                        name="figure_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "license__in",
                                [
                                    "cc0-1.0",
                                    "public-domain",
                                    "cc-by-4.0",
                                    "cc-by-3.0",
                                    "cc-by-2.0",
                                    "cc-by-sa-4.0",
                                    "cc-by-sa-3.0",
                                    "permission",
                                ],
                            )
                        ),
                        name="figure_license",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                (
                    "format",
                    models.CharField(
                        choices=[("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WebP")], max_length=4
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="topics.edition",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sha256"], name="published_figure_by_sha256")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "sha256"), name="published_figure_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(IMMUTABLE, "DROP TRIGGER immutable ON topics_publishedfigure"),
        migrations.RunSQL(
            "REVOKE TRUNCATE ON topics_publishedfigure FROM PUBLIC, CURRENT_USER",
            "GRANT TRUNCATE ON topics_publishedfigure TO CURRENT_USER",
        ),
    ]
