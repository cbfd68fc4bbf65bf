"""The worker that does what is queued, and what keeps the queue from losing anything.

The library's worker takes each task once. What a killed worker had begun, and what failed, is put
back here; so tasks must do no more when they are done twice than when they are done once.
"""

import time
from datetime import timedelta

from django.db.models import Func, IntegerField, Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME, TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from references.access import limits, usage
from topics import following, openings, retractions, scheduling, telling
from topics.following import sending
from topics.library import typesetting
from topics.links import checking
from topics.replicating import making
from topics.search import counting
from topics.webhooks import collecting, keeping, mails
from topics.webhooks import sending as calling

# How often the queue is looked at, and how often what was forgotten is looked for.
POLL_SECONDS = 1
LOOK_AROUND_SECONDS = 30
# No task takes so long: whatever runs for longer has lost its worker.
LOST_AFTER = timedelta(minutes=10)
ATTEMPTS = retractions.ATTEMPTS
RETRY_AFTER = timedelta(minutes=2)
TIDY_EVERY = timedelta(hours=1)
KEEP_RESULTS = timedelta(days=14)


def new_worker() -> Worker:
    """Return a worker whose `run` does what is queued now and then returns."""
    return Worker(
        queue_names=[DEFAULT_TASK_QUEUE_NAME], interval=0, batch=True,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS, startup_delay=False, max_tasks=None,
        worker_id=get_random_string(32), excluded_queue_names=[],
    )  # fmt: skip


def work() -> None:
    """Do what is queued, until TERM or INT; what has been begun is finished first."""
    worker = new_worker()
    worker.configure_signals()
    making.begin()
    look_around_at = 0.0
    while worker.running:
        if time.monotonic() >= look_around_at:
            look_around()
            look_around_at = time.monotonic() + LOOK_AROUND_SECONDS
        worker.run()
        if worker.running:
            time.sleep(POLL_SECONDS)


def look_around() -> None:
    """Queue what is due though nobody asked for it: lost tasks, mails to be tried again, tidying.
    So is what came due while no worker ran.

    Several workers may do this at one moment; the worst is a task that finds nothing to do.
    """
    put_back()
    mails.try_again()
    now = timezone.now()
    waiting = DBTaskResult.objects.ready()
    for is_due, work in (
        (sending.is_due, sending.deliver),
        (telling.is_due, telling.deliver),
        (scheduling.is_due, scheduling.publish_due),
        (checking.is_collecting_due, checking.collect),
        (checking.is_due, checking.check_due),
        (retractions.is_due, retractions.begin),
        (typesetting.is_due, typesetting.typeset_cited),
        (collecting.is_due, collecting.collect),
        (calling.is_due, calling.deliver),
    ):
        if is_due() and not waiting.filter(task_path=work.module_path).exists():
            work.enqueue()
    tidied = DBTaskResult.objects.filter(
        task_path=following.forget.module_path, enqueued_at__gt=now - TIDY_EVERY
    )
    if not tidied.exists():
        DBTaskResult.objects.finished().filter(finished_at__lt=now - KEEP_RESULTS).delete()
        following.forget.enqueue()
        telling.forget(before=now - following.REMEMBER_SENT)
        counting.forget()
        openings.forget()
        keeping.forget()
        limits.forget()
        usage.forget()


def put_back() -> int:
    """Put tasks back into the queue whose worker was lost, or that failed. Return how many.

    One that was tried often enough stays failed, for administrators to see.
    """
    now = timezone.now()
    lost = Q(status=TaskResultStatus.RUNNING, started_at__lt=now - LOST_AFTER)
    failed = Q(status=TaskResultStatus.FAILED, finished_at__lt=now - RETRY_AFTER)
    attempts = Func("worker_ids", function="jsonb_array_length", output_field=IntegerField())
    begun = DBTaskResult.objects.filter(lost | failed).annotate(attempts=attempts)
    return begun.filter(attempts__lt=ATTEMPTS).update(status=TaskResultStatus.READY)


def retry(task_ids: list) -> int:
    """Have tasks that failed done anew, as often as new ones. Return how many."""
    failed = DBTaskResult.objects.filter(pk__in=task_ids, status=TaskResultStatus.FAILED)
    return failed.update(status=TaskResultStatus.READY, worker_ids=[])
