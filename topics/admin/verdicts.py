"""The form of a verdict: what was typed outlives a remark, an ended session and a newer text.

The fields of a remark belong to the same form, so one that was typed and not added goes along with
the verdict. A verdict on a text that is no longer the latest is asked for again, its words stay.
"""

from django.db import transaction

from topics import publishing
from topics.admin import drafts
from topics.admin.desk_forms import RemarkForm, VerdictForm
from topics.desk import discussing
from topics.models import Review, Revision, Topic

WORDS = ("comment", "interests")
TICKS = ("verdict", "whole_text")


def form(topic: Topic, initial: dict, sent=None, remark: RemarkForm | None = None) -> VerdictForm:
    """Return the form of a verdict on the latest text of a topic, with what was sent if anything.

    It is bound only if it may be acted on. `remark`: one that was refused, which all waits for.
    """
    latest = topic.revisions.last()
    if latest is None or sent is None:
        return VerdictForm(initial=initial, remark=latest and _remark(latest, initial, initial))
    read = _revision_read(topic, sent)
    is_newer = read not in (latest, None)
    typed = {"about": sent.get("remark-about", ""), "text": _words_of_remark(sent, initial)}
    is_asked = not is_newer and not remark and drafts.RESTORE not in sent
    if is_asked and initial["is_open"]:
        added = _remark(latest, initial, typed, sent if typed["text"] else None)
        return VerdictForm(sent, initial=initial, remark=added)
    if remark and initial["is_open"]:
        remark.belong_to(VerdictForm.NAME)
    remark = remark or _remark(latest, initial, typed)
    if is_asked:
        return VerdictForm(sent, initial=initial, remark=remark)
    kept = WORDS if is_newer else (*WORDS, *TICKS)
    said = {name: sent[name] for name in kept if name in sent}
    made = VerdictForm(initial=initial | said, remark=remark)
    made.is_kept = drafts.RESTORE in sent
    made.read = read if is_newer else None
    return made


@transaction.atomic
def give(revision: Revision, user, *, remark: dict | None = None, **verdict) -> Review:
    """Give a verdict, and say before it what was typed as a remark."""
    if remark:
        discussing.remark(revision, actor=user, text=remark["text"], anchor=remark["about"])
    return publishing.review(revision, reviewer=user, **verdict)


def _remark(latest: Revision, initial: dict, typed: dict, sent=None) -> RemarkForm:
    """Return the form of a remark, a part of that of the verdict if one can be given."""
    words = {name: typed.get(name, "") for name in ("text", "about")}
    of = VerdictForm.NAME if initial["is_open"] else ""
    return RemarkForm(latest, sent, initial=words, of=of)


def _words_of_remark(sent, initial: dict) -> str:
    """Return what was typed as a remark; with the comment if no verdict is open to have it."""
    words = [sent.get("remark-text", "")]
    words += [] if initial["is_open"] else [sent.get("comment", "")]
    return "\n\n".join(each.strip() for each in words if each.strip())


def _revision_read(topic: Topic, sent) -> Revision | None:
    """Return the revision that was on the page, None if the form does not say."""
    number = sent.get("revision", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 18
    return topic.revisions.filter(pk=int(number)).first() if is_number else None
