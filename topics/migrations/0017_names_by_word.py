import django.contrib.postgres.indexes
from django.db import migrations
from django.db.models import F, Func, Value


class Migration(migrations.Migration):
    dependencies = [("topics", "0016_presence")]

    operations = [
        migrations.AddIndex(
            model_name="name",
            index=django.contrib.postgres.indexes.GinIndex(
                Func(F("key"), Value(" "), function="string_to_array"),
                name="name_by_word",
            ),
        ),
        # Or it would not be used before much has changed.
        migrations.RunSQL("ANALYZE topics_name", migrations.RunSQL.noop),
    ]
