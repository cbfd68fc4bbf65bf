"""Make the role of administrators, and give all roles what was added since they were made."""

from django.db import migrations

from topics import roles


def install_roles(apps, schema_editor):
    roles.install()


class Migration(migrations.Migration):
    dependencies = [
        ("therapies", "0003_milestone_in_whom"),
        ("topics", "0018_link_checks"),
        ("django_tasks_database", "0001_initial"),
    ]

    operations = [migrations.RunPython(install_roles, migrations.RunPython.noop)]
