"""The desk: assignments, remarks, publications at a set time, links to drafts, emails to the team."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('topics', '0014_figures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MailPreference',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='mail_preference', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('wants_mails', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(choices=[('review', 'Review'), ('changes', 'Make the requested changes'), ('update', 'Bring up to date')], max_length=8)),
                ('assigned_by_name', models.CharField(max_length=150, verbose_name='assigned by')),
                ('note', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='since')),
                ('done_at', models.DateTimeField(null=True, verbose_name='done')),
                ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignee', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to=settings.AUTH_USER_MODEL)),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='topics.topic')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('anchor', models.CharField(blank=True, max_length=80, verbose_name='statement')),
                ('quote', models.TextField(blank=True, verbose_name='its words')),
                ('text', models.TextField(verbose_name='remark')),
                ('author_name', models.CharField(max_length=150, verbose_name='by')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('resolved_at', models.DateTimeField(null=True, verbose_name='resolved')),
                ('resolved_by_name', models.CharField(blank=True, max_length=150, verbose_name='resolved by')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='topics.comment')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='topics.revision')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='topics.topic')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DraftLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.CharField(max_length=150, verbose_name='for whom')),
                ('token_hash', models.CharField(editable=False, max_length=64)),
                ('made_by_name', models.CharField(max_length=150, verbose_name='made by')),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('expires_at', models.DateTimeField(verbose_name='works until')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='revoked')),
                ('revoked_by_name', models.CharField(blank=True, max_length=150, verbose_name='revoked by')),
                ('opened', models.PositiveIntegerField(default=0, verbose_name='times opened')),
                ('last_opened_at', models.DateTimeField(null=True, verbose_name='last opened')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='topics.revision')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='draft_links', to='topics.topic')),
            ],
            options={
                'verbose_name': 'link to a draft',
                'verbose_name_plural': 'links to drafts',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, verbose_name='digest of the text')),
                ('change_note', models.TextField()),
                ('due_at', models.DateTimeField(verbose_name='to be published')),
                ('scheduled_by_name', models.CharField(max_length=150, verbose_name='scheduled by')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='scheduled')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('published', 'Published'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=9)),
                ('error', models.TextField(blank=True, verbose_name='why not')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='published, failed or cancelled')),
                ('edition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='topics.edition')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='topics.revision')),
                ('scheduled_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schedules', to='topics.topic')),
            ],
            options={
                'verbose_name': 'scheduled publication',
                'ordering': ['-due_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DeskMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('due_at', models.DateTimeField(null=True, verbose_name='next try')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('fault', models.CharField(blank=True, max_length=200, verbose_name='why it failed')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                ('assignment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='topics.assignment')),
                ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='topics.event')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('schedule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='topics.schedule')),
            ],
            options={
                'verbose_name': 'email to the team',
                'verbose_name_plural': 'emails to the team',
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('task__in', ['review', 'changes', 'update'])), name='assignment_task'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('topic', 'task', 'assignee'), name='assignment_open_once'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='comment_has_text'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', True), ('resolved_by_name', '')), models.Q(('resolved_at__isnull', False), models.Q(('resolved_by_name', ''), _negated=True)), _connector='OR'), name='comment_resolved_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('anchor', ''), ('resolved_at__isnull', True)), _connector='OR'), name='comment_reply_belongs_to_its_remark'),
        ),
        migrations.AddConstraint(
            model_name='draftlink',
            constraint=models.UniqueConstraint(fields=('token_hash',), name='draft_link_token_unique'),
        ),
        migrations.AddConstraint(
            model_name='draftlink',
            constraint=models.CheckConstraint(condition=models.Q(('token_hash__regex', '^[0-9a-f]{64}$')), name='draft_link_token_form'),
        ),
        migrations.AddConstraint(
            model_name='draftlink',
            constraint=models.CheckConstraint(condition=models.Q(('recipient', ''), _negated=True), name='draft_link_is_for_somebody'),
        ),
        migrations.AddConstraint(
            model_name='draftlink',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=30))))), name='draft_link_expires'),
        ),
        migrations.AddConstraint(
            model_name='draftlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by_name', '')), models.Q(('revoked_at__isnull', False), models.Q(('revoked_by_name', ''), _negated=True)), _connector='OR'), name='draft_link_revoked_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='draftlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('last_opened_at__isnull', True), ('opened', 0)), models.Q(('last_opened_at__isnull', False), ('opened__gt', 0)), _connector='OR'), name='draft_link_opened_when'),
        ),
        migrations.AddIndex(
            model_name='schedule',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='schedule_waiting_by_time'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'published', 'failed', 'cancelled'])), name='schedule_state'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('topic',), name='schedule_waiting_once'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(('change_note', ''), _negated=True), name='schedule_has_change_note'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='schedule_digest_form'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('edition__isnull', False), ('state', 'published')), models.Q(models.Q(('state', 'published'), _negated=True), ('edition__isnull', True)), _connector='OR'), name='schedule_published_has_edition'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='schedule_failed_says_why'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='schedule_finished_or_waiting'),
        ),
        migrations.AddIndex(
            model_name='deskmail',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='desk_mail_due'),
        ),
        migrations.AddConstraint(
            model_name='deskmail',
            constraint=models.UniqueConstraint(fields=('recipient', 'event', 'assignment', 'schedule'), name='desk_mail_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='deskmail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('assignment__isnull', True), ('event__isnull', False), ('schedule__isnull', True)), models.Q(('assignment__isnull', False), ('event__isnull', True), ('schedule__isnull', True)), models.Q(('assignment__isnull', True), ('event__isnull', True), ('schedule__isnull', False)), _connector='OR'), name='desk_mail_about_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='deskmail',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at__isnull', True), ('due_at__isnull', True), _connector='OR'), name='desk_mail_sent_is_not_due'),
        ),
    ]
