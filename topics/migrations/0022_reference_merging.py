"""Merging of references, in the log."""

from django.db import migrations, models

KINDS = [
    ("submitted", "Submitted for review"),
    ("reviewed", "Reviewed"),
    ("published", "Published"),
    ("withdrawn", "Withdrawn"),
    ("restored", "Earlier text restored as draft"),
    ("reference-status", "Status of a reference changed"),
    ("reference-merged", "Reference merged into another"),
    ("reference-parted", "Merging of a reference undone"),
    ("looked-again", "Looked at again after a notice was lifted"),
    ("glossary", "Glossary changed"),
]


class Migration(migrations.Migration):
    dependencies = [("topics", "0021_library_events")]

    operations = [
        migrations.RemoveConstraint(model_name="event", name="event_kind"),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=16),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="event_kind"
            ),
        ),
    ]
