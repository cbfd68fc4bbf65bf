"""Logos of partners, and what was typeset by the publication that it is of."""

from django.db import migrations, models
from django.db.models import Q


def forget(apps, schema_editor):
    """Typeset references are made anew; of those there it is not known what they are of."""
    apps.get_model("references", "Typeset").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("references", "0007_merging")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.AddField(
            model_name="typeset",
            name="key",
            field=models.CharField(max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="typeset",
            index=models.Index(fields=["key", "style"], name="typeset_by_key"),
        ),
        migrations.AlterField(
            model_name="partner",
            name="kind",
            field=models.CharField(
                choices=[("network", "Content network"), ("site", "Site")],
                default="site",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="partner",
            name="logo_sha256",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="partner",
            name="logo_format",
            field=models.CharField(blank=True, default="", editable=False, max_length=4),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="partner",
            name="logo_width",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="partner",
            name="logo_height",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="partner",
            name="logo_alt",
            field=models.CharField(
                blank=True,
                default="",
                help_text="What the logo shows, for who cannot see it: mostly the name that is "
                "written in it.",
                max_length=200,
                verbose_name="alternative text of the logo",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=Q(logo_sha256="") | Q(logo_sha256__regex=r"^[0-9a-f]{64}$"),
                name="partner_logo_sha256_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=Q(logo_sha256="")
                | (Q(logo_width__gt=0) & Q(logo_height__gt=0) & ~Q(logo_format="")),
                name="partner_logo_size",
            ),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=Q(logo_sha256="") | ~Q(logo_alt=""),
                name="partner_logo_has_alt",
                violation_error_message="A logo needs an alternative text.",
            ),
        ),
    ]
