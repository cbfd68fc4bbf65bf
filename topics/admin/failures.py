"""What failed in the background: tasks with the reason in words and a button to try them again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from topics import following, retractions, scheduling, telling, working
from topics.admin import desk
from topics.choices import ScheduleState
from topics.following import sending
from topics.links import checking
from topics.models import Delivery, DeskMail, Notice, Schedule
from topics.webhooks import collecting
from topics.webhooks import mails as calling_mails
from topics.webhooks import sending as calling

PERMISSION = "django_tasks_database.change_dbtaskresult"
SHOWN = 100
WORDS = {
    following.tell.module_path: "Writing down which followers are told of an event",
    following.forget.module_path: "Deleting what is no longer needed of followers",
    sending.deliver.module_path: "Sending emails to followers",
    telling.tell.module_path: "Writing down who of the team is told of a step",
    telling.deliver.module_path: "Sending emails to the team",
    scheduling.publish_due.module_path: "Publishing at a set time",
    checking.collect.module_path: "Finding the external links of topics",
    checking.check_due.module_path: "Asking external links whether they answer",
    collecting.collect.module_path: "Writing down what partners are told of an event",
    calling.deliver.module_path: "Sending events to webhooks of partners",
    calling_mails.tell_disabled.module_path: "Telling a partner that a webhook was disabled",
    retractions.begin.module_path: "Beginning to look for retractions",
    retractions.check_batch.module_path: "Asking a registry for retractions and corrections",
}


def urls(admin) -> list:
    """Return the page of what failed."""

    def show(request):
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied("You may not see what failed.")
        if request.method == "POST":
            return _retry(request)
        return desk.page(admin, request, None, "admin/topics/failures.html", _context())

    view = admin.admin_site.admin_view(show)
    return [path("failures/", view, name="topics_topic_failures")]


def _retry(request):
    number = working.retry(request.POST.getlist("task"))
    if number:
        messages.success(request, f"{number} will be tried again in a moment.")
    else:
        messages.warning(request, "Nothing was tried again: it is under way or done already.")
    return HttpResponseRedirect(reverse("admin:topics_topic_failures"))


def _context() -> dict:
    failed = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).order_by("-finished_at")
    given_up = {"sent_at__isnull": True, "due_at__isnull": True}
    return {
        "title": "Failures",
        "tasks": [_told(task) for task in failed[:SHOWN]],
        "number": failed.count(),
        "attempts": working.ATTEMPTS,
        "schedules": Schedule.objects.filter(state=ScheduleState.FAILED).select_related("topic")[
            :SHOWN
        ],
        "mails": Notice.objects.filter(**given_up).count(),
        "deliveries": Delivery.objects.filter(**given_up).count(),
        "desk_mails": DeskMail.objects.filter(**given_up).count(),
        "waiting": DBTaskResult.objects.ready().count(),
    }


def _told(task: DBTaskResult) -> dict:
    """Return what failed, why, and whether it will be tried again by itself."""
    lines = task.traceback.strip().splitlines()
    return {
        "id": task.pk,
        "what": WORDS.get(task.task_path, task.task_name),
        "why": lines[-1] if lines else task.exception_class_path,
        "traceback": task.traceback,
        "finished_at": task.finished_at,
        "tries": len(task.worker_ids),
        "goes_on": len(task.worker_ids) < working.ATTEMPTS,
    }
