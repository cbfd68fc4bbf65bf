"""The editor's bar over a topic, and the pages that its buttons lead to."""

from csp.constants import SELF
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from topics import checking, documents, publishing, scheduling
from topics.admin import drafts, faults, reading, state, timeline, writing
from topics.admin.desk_forms import KnowingPublishForm
from topics.admin.forms import latest_number
from topics.admin.places import change_url
from topics.admin.places import history_url as history_url
from topics.admin.steps import STEPS, Restore, Step
from topics.choices import Verdict
from topics.desk import discussing, readiness
from topics.errors import PublishingError
from topics.models import Topic

# What saving a change does to a text that was submitted, by how far its review is.
LEAVES = {
    "Awaiting review": "This text lies with a reviewer. If you save a change, it leaves the review "
    "queue until it is submitted again.",
    "Approved, not yet published": "This text is approved. If you save a change, the new text must "
    "be submitted and approved again before it is published.",
}
LEFT = {
    "Awaiting review": "The text was changed, so it left the review queue.",
    "Approved, not yet published": "The text was changed, so its approval no longer counts.",
}


def overview(user, topic: Topic) -> dict:
    """Return what the editor's bar shows over a topic's form."""
    topic = state.with_state(Topic.objects).get(pk=topic.pk)
    try:
        changed, fault = publishing.has_unpublished_changes(topic), ""
    except PublishingError as error:
        changed, fault = True, str(error)
    is_listed = topic.published_number is not None
    waiting = scheduling.waiting_of(topic)
    is_open = bool(topic.latest_digest) and (changed or state.is_reviewable(topic))
    offered = {
        "submit": is_open and not state.needs_no_submission(topic),
        "review": is_open,
        "publish": topic.verdict == Verdict.APPROVE and not readiness.refusal(topic),
        "unschedule": waiting is not None,
        "assign": bool(topic.latest_digest),
        "withdraw": is_listed,
    }
    may_lend = topic.latest_digest and user.has_perm("topics.add_draftlink")
    return {
        "progress": state.progress(topic),
        "review": state.review_progress(topic),
        "fault": fault,
        "requested": _requested(topic),
        "leaves_queue": LEAVES.get(state.review_progress(topic), ""),
        # The library can change the text of a citation without anybody saving the topic.
        "is_unsaved": changed and is_listed and not state.is_unpublished(topic),
        "saved_by": topic.saved_by,
        "saved_at": topic.saved_at,
        "buttons": _buttons(user, topic, offered),
        "scheduled": waiting,
        "scheduled_fits": waiting is None or scheduling.still_fits(waiting),
        "failed": scheduling.failed_last(topic),
        "links_url": reverse("admin:topics_topic_links", args=[topic.pk]) if may_lend else "",
        "site_url": topic.listing.get_absolute_url() if is_listed else "",
    }


def _requested(topic: Topic) -> dict | None:
    """Return what a reviewer asked for and nobody answered by submitting, None if nothing."""
    if state.review_progress(topic) != state.CHANGES_WANTED:
        return None
    return {
        "verdict": reading.newest_verdict(topic),
        "open_remarks": len(discussing.open_remarks(topic)),
        "url": reverse("admin:topics_topic_discussion", args=[topic.pk]),
    }


def _buttons(user, topic: Topic, offered: dict[str, bool]) -> list[dict]:
    """Return the steps that are offered and that somebody may take."""
    return [
        {
            "label": step.label,
            "url": _step_url(topic, name),
            "is_danger": step.is_danger,
            "is_quiet": step.is_quiet,
        }
        for name, step in STEPS.items()
        if offered[name] and user.has_perm(step.permission)
    ]


def needed_sections(model: type[Topic], topic: Topic | None) -> list[tuple[str, bool]]:
    """Return what a topic of a kind needs, in words, and whether its saved text has it."""
    latest = topic.revisions.last() if topic else None
    document = documents.read(latest.document) if latest else {"kind": model.KIND}
    return checking.needed_sections(document)


def warn_if_left(request, topic: Topic, seen) -> None:
    """Tell whoever saved a text that was submitted or approved that the new one is not.

    `seen` is the number of the revision that there was before.
    """
    saved = topic.revisions.last()
    if saved is None or str(saved.number) in ("1", str(seen)) or saved.author_id != request.user.pk:
        return
    before = topic.revisions.get(number=saved.number - 1)
    left, now = (_review_progress(saved.topic_id, each.digest) for each in (before, saved))
    if left not in LEFT or now in LEFT:
        return
    words = LEFT[left]
    if request.user.has_perm("topics.submit_topic"):
        address = reverse("admin:topics_topic_step", args=[saved.topic_id, "submit"])
        link = '{} <a class="button" href="{}">Submit it again</a>'
        words = format_html(link, words, address)
    messages.warning(request, words)


def _review_progress(topic: int, digest: str) -> str:
    """Return how far the review of a text is, also of one that is no longer the latest."""
    return state.review_progress(state.with_state(Topic.objects, digest).get(pk=topic))


def urls(admin) -> list:
    """Return the pages of the steps, the same for topics of every kind."""

    def take(request, pk, name):
        if name not in STEPS:
            raise Http404(f"There is no step “{name}”.")
        return take_step(admin, request, STEPS[name](get_object_or_404(Topic, pk=pk)))

    def restore(request, pk, number):
        topic = get_object_or_404(Topic, pk=pk)
        revision = get_object_or_404(topic.revisions, number=number)
        return take_step(admin, request, Restore(topic, revision))

    view = admin.admin_site.admin_view
    return [
        path("<int:pk>/step/<slug:name>/", view(take), name="topics_topic_step"),
        path("<int:pk>/restore/<int:number>/", view(restore), name="topics_topic_restore"),
    ]


def take_step(admin, request, step: Step):
    """Show the form of a step, or take the step and go back to the topic."""
    if not request.user.has_perm(step.permission):
        return _refused(admin, request, step)
    sent = request.POST if request.method == "POST" else None
    form = step.form(request.user, sent, request.GET)
    if form.is_valid():
        seen = latest_number(step.topic)
        try:
            done = step.act(request.user, form.cleaned_data)
        except PublishingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            warn_if_left(request, step.topic, seen)
            answer = HttpResponseRedirect(change_url(step.topic))
            return drafts.tell_saved(request, answer)
    return show_step(admin, request, step, form)


def show_step(admin, request, step: Step, form):
    """Show a step with its form, and what is wrong with that at the head of the page."""
    context = {
        **step.context(request.user, request.GET),
        "step": step,
        "title": f"{step.label}: {step.topic}",
        "form": form,
        "faults": faults.of_forms(form, getattr(form, "remark", None)),
        "writing": writing.context(request, step.topic),
        "tabs": tabs(admin, request, step.topic, step.name) if step.has_tab else [],
    }
    return page(admin, request, step.topic, step.template, context)


def tabs(admin, request, topic: Topic, shown: str) -> list[dict]:
    """Return the tabs over a topic, as the admin of its kind has them."""
    kind = Topic.class_for(topic.kind)
    return admin.admin_site.get_model_admin(kind).tabs(request, topic, shown)


def _refused(admin, request, step: Step):
    context = {"step": step, "title": "Not permitted"}
    return page(admin, request, step.topic, "admin/topics/refused.html", context, status=403)


def history(admin, request, object_id):
    """Show who did what with a topic, page by page."""
    topic = admin.get_object(request, object_id)
    if topic is None:
        raise Http404("There is no such topic.")
    if not admin.has_view_permission(request, topic):
        raise PermissionDenied
    may_restore = request.user.has_perm(Restore.permission)
    shown, entries = timeline.page(topic, request.GET.get("page"), may_restore=may_restore)
    context = {
        "title": f"History: {topic}",
        "page": shown,
        "entries": entries,
        "numbers": list(topic.revisions.values_list("number", flat=True).reverse()),
    }
    return page(admin, request, topic, "admin/topics/history.html", context)


def publish_together(admin, request, queryset):
    """Ask for the change note, then publish all selected topics or none."""
    topics = list(queryset)
    open_yet = [f"{topic}: {fault}" for topic in topics for fault in readiness.to_be_mended(topic)]
    sent = request.POST if "confirmed" in request.POST else None
    form = KnowingPublishForm(sent, initial={"faults": open_yet})
    if form.is_valid():
        note = form.cleaned_data["change_note"]
        try:
            editions = publishing.publish_together(topics, publisher=request.user, change_note=note)
        except PublishingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{len(editions)} topics were published together.")
            return None
    context = {"title": "Publish together", "topics": topics, "form": form}
    return page(admin, request, None, "admin/topics/publish_together.html", context)


def page(admin, request, topic: Topic | None, template: str, context: dict, **options):
    request.current_app = admin.admin_site.name
    opts = (topic.class_for(topic.kind) if topic else admin.model)._meta
    answer = TemplateResponse(
        request,
        template,
        {
            **admin.admin_site.each_context(request),
            "opts": opts,
            "topic": topic,
            # For the way here in the head of the page.
            "original": topic,
            "topic_url": change_url(topic) if topic else "",
            "list_url": reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
            "media": admin.media,
            **context,
        },
        **options,
    )
    if "preview_url" in context:
        # The review has the preview in it: see reviewing.Pages.preview.
        answer._csp_replace = {"frame-src": [SELF]}
    return answer


def _step_url(topic: Topic, name: str) -> str:
    return reverse("admin:topics_topic_step", args=[topic.pk, name])
