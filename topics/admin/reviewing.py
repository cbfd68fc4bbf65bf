"""Pages of the review desk beside the steps: queue, discussion, comparing, preview, links."""

from csp.constants import SELF
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from hsc_portal import languages
from hsc_portal.pages import origin
from topics import telling
from topics.admin import desk, drafts, faults, figures, queue, review_screen, verdicts
from topics.admin.desk_forms import DraftLinkForm, MailForm, RemarkForm
from topics.admin.steps import Review
from topics.desk import assigning, discussing, draft_pages, draftlinks
from topics.errors import PublishingError
from topics.models import Assignment, Comment, DraftLink, MailPreference, Revision, Topic

PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin"}
# The cookie by which a new link is shown on the page after it was made.
MADE_LINK = "draft_link"
VERBS = {"reply", "resolve", "reopen"}


def urls(admin) -> list:
    return Pages(admin).urls()


class Pages:
    """The views, for the admin of all topics. Each is for whoever may see drafts."""

    def __init__(self, admin):
        self.admin = admin

    def urls(self) -> list:
        return [
            self._path("queue/", self.queue, "queue"),
            self._path("mine/", self.mine, "mine"),
            self._path("mine/<int:number>/finish/", self.finish, "finish"),
            self._path("mails/", self.mails, "mails"),
            self._path("<int:pk>/discussion/", self.discussion, "discussion"),
            self._path("<int:pk>/discussion/<int:number>/<slug:verb>/", self.answer, "remark"),
            self._path("<int:pk>/compare/", self.compare, "compare"),
            self._path("<int:pk>/preview/<int:number>/", self.preview, "preview"),
            self._path("<int:pk>/links/", self.links, "links"),
            self._path("<int:pk>/links/<int:number>/revoke/", self.revoke, "revoke"),
        ]

    def _path(self, address: str, view, name: str):
        def guarded(request, **named):
            if not self.admin.has_view_permission(request):
                raise PermissionDenied("You may not see drafts.")
            return view(request, **named)

        site = self.admin.admin_site
        return path(address, site.admin_view(guarded), name=f"topics_topic_{name}")

    def page(self, request, topic: Topic | None, template: str, context: dict, **options):
        return desk.page(self.admin, request, topic, template, context, **options)

    def queue(self, request):
        context = {"title": "Review queue", **queue.context(request)}
        return self.page(request, None, "admin/topics/queue.html", context)

    def mine(self, request):
        context = {"title": "Assigned to me", "tasks": queue.tasks_of(request.user)}
        return self.page(request, None, "admin/topics/mine.html", context)

    @method_decorator(require_POST)
    def finish(self, request, number):
        assignment = get_object_or_404(Assignment, pk=number)
        done = _try(request, assigning.finish, assignment, actor=request.user)
        if done:
            messages.success(request, f"“{assignment}” was taken off the list.")
        return HttpResponseRedirect(reverse("admin:topics_topic_mine"))

    def mails(self, request):
        """Let everybody choose whether they want emails."""
        initial = {"wants_mails": telling.wants_mails(request.user)}
        form = MailForm(request.POST if request.method == "POST" else None, initial=initial)
        if form.is_valid():
            MailPreference.objects.update_or_create(user=request.user, defaults=form.cleaned_data)
            messages.success(request, "Your choice was saved.")
            return HttpResponseRedirect(request.path)
        context = {"title": "Your emails", "form": form}
        return self.page(request, None, "admin/topics/mails.html", context)

    def discussion(self, request, pk):
        topic = get_object_or_404(Topic, pk=pk)
        if request.method != "POST":
            return self._discussion(request, topic)
        revision = _revision(topic, request.POST.get("remark-revision"))
        form = RemarkForm(revision, request.POST)
        if form.is_valid():
            said = {"text": form.cleaned_data["text"], "anchor": form.cleaned_data["about"]}
            try:
                discussing.remark(revision, actor=request.user, **said)
            except PublishingError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "Your remark stands in the discussion.")
                answer = HttpResponseRedirect(_discussion_url(request, topic))
                return drafts.tell_saved(request, answer)
        if request.POST.get("back") == "step" and request.user.has_perm(Review.permission):
            step = Review(topic)
            verdict = verdicts.form(topic, step.initial(request.user), request.POST, remark=form)
            return desk.show_step(self.admin, request, step, verdict)
        refused = {"remark_form": form, "faults": faults.of_forms(form)}
        return self._discussion(request, topic, **refused)

    def _discussion(self, request, topic: Topic, **changes):
        context = {
            "title": f"Review: {topic}",
            "tabs": desk.tabs(self.admin, request, topic, "review"),
            "may_review": request.user.has_perm("topics.review_topic"),
            **review_screen.context(topic, request.user, request.GET),
            **changes,
        }
        return self.page(request, topic, "admin/topics/discussion.html", context)

    @method_decorator(require_POST)
    def answer(self, request, pk, number, verb):
        """Reply to a remark, call it resolved, or open it again."""
        if verb not in VERBS:
            raise Http404(f"There is nothing to do called “{verb}”.")
        topic = get_object_or_404(Topic, pk=pk)
        comment = get_object_or_404(topic.comments, pk=number)
        try:
            _answer(comment, verb, request)
        except PublishingError as error:
            refused = {"comment": comment, "fault": str(error), "text": request.POST.get("text")}
            return self._discussion(request, topic, refused=refused)
        return HttpResponseRedirect(_discussion_url(request, topic, f"remark-{comment.pk}"))

    def compare(self, request, pk):
        """Set any two revisions of a topic beside each other."""
        topic = get_object_or_404(Topic, pk=pk)
        numbers = list(topic.revisions.order_by("-number").values_list("number", flat=True))
        if not numbers:
            raise Http404("Nothing of this topic was ever saved.")
        latest = numbers[0]
        before = _number(request.GET.get("from"), max(latest - 1, 1))
        after = _number(request.GET.get("to"), latest)
        earlier = get_object_or_404(topic.revisions, number=before)
        later = get_object_or_404(topic.revisions, number=after)
        context = {
            "title": f"Revisions {before} and {after}: {topic}",
            "tabs": desk.tabs(self.admin, request, topic, "history"),
            "earlier": earlier,
            "later": later,
            "numbers": numbers,
            "changed": review_screen.compared(earlier, later),
            "may_restore": request.user.has_perm("topics.change_topic"),
            "latest_number": latest,
        }
        return self.page(request, topic, "admin/topics/compare.html", context)

    def preview(self, request, pk, number):
        """Show a revision as readers would see it, on a page of its own or within the review."""
        revision = get_object_or_404(Revision, topic=pk, number=number)
        is_framed = "framed" in request.GET
        banner = {
            "back_url": reverse("admin:topics_topic_discussion", args=[pk]),
            "is_framed": is_framed,
        }
        # The page itself is in one language; its links to others lead to the home page.
        with languages.at("/"):
            text = draft_pages.page(revision, origin(request), figures.draft_address, banner)
        answer = HttpResponse(text, headers=PRIVATE)
        if is_framed:
            answer.headers["X-Frame-Options"] = "SAMEORIGIN"
            answer._csp_replace = {"frame-ancestors": [SELF]}
        return answer

    def links(self, request, pk):
        """Links to a draft for people without an account: those there are, and a new one."""
        topic = get_object_or_404(Topic, pk=pk)
        form = DraftLinkForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                _, token = _make_link(topic, request.user, **form.cleaned_data)
            except PublishingError as error:
                form.add_error(None, str(error))
            else:
                return _told_once(request, token)
        context = {
            "title": f"Links for outside readers: {topic}",
            "form": form,
            "links": [(link, draftlinks.works(link)) for link in topic.draft_links.all()],
            "may_make": request.user.has_perm("topics.add_draftlink"),
            "may_revoke": request.user.has_perm("topics.change_draftlink"),
            **_just_made(request, topic),
        }
        response = self.page(request, topic, "admin/topics/links.html", context)
        response.headers["Cache-Control"] = PRIVATE["Cache-Control"]
        if MADE_LINK in request.COOKIES:
            response.delete_cookie(MADE_LINK, path=request.path, samesite="Strict")
        return response

    @method_decorator(require_POST)
    def revoke(self, request, pk, number):
        link = get_object_or_404(DraftLink, topic=pk, pk=number)
        if _try(request, draftlinks.revoke, link, actor=request.user):
            messages.success(request, f"The link for {link.recipient} works no longer.")
        return HttpResponseRedirect(reverse("admin:topics_topic_links", args=[pk]))


def _try(request, act, *args, **named) -> bool:
    """Do something, or say why it was refused."""
    try:
        act(*args, **named)
    except PublishingError as error:
        messages.error(request, str(error))
        return False
    return True


def _told_once(request, token: str) -> HttpResponseRedirect:
    """Show a new link on the next page, once.

    Its token goes there with the browser, since the server keeps none, also not in a session.
    """
    response = HttpResponseRedirect(request.path)
    response.set_cookie(
        MADE_LINK, token, max_age=60, path=request.path, httponly=True, samesite="Strict",
        secure=request.is_secure(),
    )  # fmt: skip
    return response


def _just_made(request, topic: Topic) -> dict:
    token = request.COOKIES.get(MADE_LINK, "")
    try:
        made = draftlinks.find(token)
    except (draftlinks.Unknown, draftlinks.Over):
        return {}
    if made.topic_id != topic.pk:
        return {}
    return {
        "made": made,
        "made_url": request.build_absolute_uri(languages.permanent("draft", token)),
    }


def _make_link(topic: Topic, user, *, recipient: str, days: int, shows: str):
    revision = topic.revisions.last() if shows == "this" else None
    return draftlinks.make(topic, actor=user, recipient=recipient, days=days, revision=revision)


def _answer(comment: Comment, verb: str, request) -> None:
    if verb == "reply":
        discussing.reply(comment, actor=request.user, text=request.POST.get("text", ""))
    elif verb == "resolve":
        discussing.resolve(comment, actor=request.user)
    else:
        discussing.reopen(comment, actor=request.user)


def _discussion_url(request, topic: Topic, place: str = "discussion") -> str:
    """Return where whoever took part goes on reading: reviewers at the page with their verdict."""
    step = request.POST.get("back") == "step"
    name = "topics_topic_step" if step else "topics_topic_discussion"
    address = reverse(f"admin:{name}", args=[topic.pk, *(["review"] if step else [])])
    return f"{address}#{place}"


def _revision(topic: Topic, number: str | None) -> Revision:
    if not number or not number.isascii() or not number.isdigit():
        raise Http404("The form names no revision.")
    return get_object_or_404(topic.revisions, pk=int(number))


def _number(text: str | None, usual: int) -> int:
    if not text:
        return usual
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Http404(f"There is no revision “{text}”.")
    return int(text)
