"""What registries answered, kept for a day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("references", "0004_typeset")]

    operations = [
        migrations.CreateModel(
            name="RegistryAnswer",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("url", models.TextField(verbose_name="address")),
                ("body", models.BinaryField()),
                ("read_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
