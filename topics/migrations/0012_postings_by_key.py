"""Postings are read by their keys alone. They are derived, so they are made anew: by the next
`make run`, or by `rebuild_listings`."""

from django.db import migrations, models

KINDS = [
    (1, "Topic"),
    (2, "Reference"),
    (3, "Glossary term"),
    (4, "Statement"),
    (5, "Synonym"),
]
# Without its totals the index counts as missing.
EMPTY = """
    DELETE FROM topics_indextotal;
    UPDATE topics_lexeme SET topics = 0, "references" = 0, terms = 0, statements = 0;
"""


def key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    dependencies = [("topics", "0011_search_counts")]

    operations = [
        migrations.DeleteModel(name="Posting"),
        migrations.DeleteModel(name="StatementPosting"),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("pk", key("kind", "lexeme_id", "entry_id", "weight", "length")),
                ("kind", models.SmallIntegerField(choices=KINDS)),
                ("entry_id", models.IntegerField()),
                ("lexeme_id", models.IntegerField()),
                ("weight", models.FloatField()),
                ("length", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "entry_id"], name="posting_by_entry")],
            },
        ),
        migrations.CreateModel(
            name="StatementPosting",
            fields=[
                (
                    "pk",
                    key(
                        "listing_id", "lexeme_id", "statement_id",
                        "times", "in_heading", "in_name", "length",
                    ),
                ),
                ("listing_id", models.IntegerField()),
                ("lexeme_id", models.IntegerField()),
                ("statement_id", models.BigIntegerField()),
                ("times", models.SmallIntegerField()),
                ("in_heading", models.BooleanField()),
                ("in_name", models.BooleanField()),
                ("length", models.SmallIntegerField()),
            ],
        ),
        migrations.RunSQL(EMPTY, migrations.RunSQL.noop),
    ]
