"""The mail that tells a partner that one of its webhooks was disabled. It is English."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from hsc_portal.mail import can_be_sent
from topics.models import Webhook

logger = logging.getLogger(__name__)

# A mail server may be away for longer than a task is put back for.
TRY_AGAIN_AFTER, TRY_FOR = timedelta(minutes=30), timedelta(days=3)


@task()
@transaction.atomic
def tell_disabled(webhook_id: int) -> bool:
    """Tell a partner by mail, once, and return whether that was done now.

    If the mail server fails the task does, and is done again; the mail has the same Message-ID.
    """
    found = Webhook.objects.select_for_update(of=("self",)).select_related("partner")
    webhook = found.filter(pk=webhook_id, disabled_at__isnull=False, told_at=None).first()
    if webhook is None or not can_be_sent():
        return False
    if not webhook.partner.contact:
        logger.warning("Webhook %s was disabled; its partner has no contact", webhook_id)
        return False
    compose(webhook).send()
    webhook.told_at = timezone.now()
    webhook.save(update_fields=["told_at"])
    return True


def try_again() -> int:
    """Queue the mails that could not be sent for a while, some days long. Return how many."""
    now = timezone.now()
    failed = DBTaskResult.objects.filter(
        task_path=tell_disabled.module_path, status=TaskResultStatus.FAILED,
        finished_at__lt=now - TRY_AGAIN_AFTER, enqueued_at__gt=now - TRY_FOR,
    )  # fmt: skip
    return failed.update(status=TaskResultStatus.READY, worker_ids=[])


def compose(webhook: Webhook) -> EmailMessage:
    host = settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    ident = f"webhook-{webhook.pk}-{int(webhook.disabled_at.timestamp())}"
    context = {"webhook": webhook, "site_url": settings.SITE_URL}
    return EmailMessage(
        subject="HSC Portal: a webhook was disabled",
        body=render_to_string("mail/webhook.txt", context),
        to=[webhook.partner.contact],
        headers={"Message-ID": f"<{ident}@{host}>", "Auto-Submitted": "auto-generated"},
    )
