"""Take from the portal's own database role the right to empty the tables of history at once.

The triggers that protect these tables work on rows and do not see TRUNCATE. The owner of a table
could grant itself the right again, but not by accident. Superusers cannot be held back at all:
the portal should not connect as one.
"""

from django.db import migrations

TABLES = (
    "topics_revision, topics_review, topics_edition, topics_citation, topics_publishedslug, "
    "topics_event"
)


class Migration(migrations.Migration):
    dependencies = [("topics", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"REVOKE TRUNCATE ON {TABLES} FROM PUBLIC, CURRENT_USER",
            f"GRANT TRUNCATE ON {TABLES} TO CURRENT_USER",
        )
    ]
