"""Create the roles of the editorial team, once all models have their permissions."""

from django.db import migrations

from topics import roles


def install_roles(apps, schema_editor):
    roles.install()


class Migration(migrations.Migration):
    dependencies = [
        ("therapies", "0001_initial"),
        ("topics", "0002_protect_history"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(install_roles, migrations.RunPython.noop)]
