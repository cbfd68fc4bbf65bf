from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('topics', '0005_following'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='language',
            field=models.CharField(choices=[('en', 'English'), ('de', 'German'), ('es', 'Spanish')], default='en', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['en', 'de', 'es'])), name='subscription_language'),
        ),
    ]
