"""Synonyms with members: what is of a kind finds its kind, and does not mean the same."""

import django.contrib.postgres.fields
from django.db import migrations, models

KINDS = [
    (1, "Topic"),
    (2, "Reference"),
    (3, "Glossary term"),
    (4, "Statement"),
    (5, "Synonym"),
    (6, "Member of a class"),
]
FIELDS = (
    ("name", models.SmallIntegerField(choices=KINDS)),
    ("posting", models.SmallIntegerField(choices=KINDS)),
    ("vector", models.SmallIntegerField(choices=KINDS)),
    ("indextotal", models.SmallIntegerField(choices=KINDS, primary_key=True, serialize=False)),
)


class Migration(migrations.Migration):
    dependencies = [("topics", "0018_link_checks")]

    operations = [
        migrations.AddField(
            model_name="synonym",
            name="members",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=120),
                blank=True,
                default=list,
                help_text="Names of things of this kind.",
                size=None,
            ),
        ),
        migrations.RemoveConstraint(model_name="synonym", name="synonym_has_two_names"),
        migrations.AddConstraint(
            model_name="synonym",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("names__len__gte", 2),
                    models.Q(("members__len__gte", 1), ("names__len__gte", 1)),
                    _connector="OR",
                ),
                name="synonym_has_two_names",
            ),
        ),
        *(
            migrations.AlterField(model_name=model, name="kind", field=field)
            for model, field in FIELDS
        ),
    ]
