"""What happens to the library, in the log: also what no person did."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = [
    ("submitted", "Submitted for review"),
    ("reviewed", "Reviewed"),
    ("published", "Published"),
    ("withdrawn", "Withdrawn"),
    ("restored", "Earlier text restored as draft"),
    ("reference-status", "Status of a reference changed"),
    ("looked-again", "Looked at again after a notice was lifted"),
    ("glossary", "Glossary changed"),
]


class Migration(migrations.Migration):
    dependencies = [("topics", "0020_one_way_synonyms"), ("references", "0008_partners")]

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
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("actor__isnull", False), ("kind", "reference-status"), _connector="OR"
                ),
                name="event_has_actor",
            ),
        ),
    ]
