"""What stands between a draft and its readers: what forbids publishing, and what should be mended.

What should be mended forbids nothing: an editor may publish although it is open, knowingly.
"""

import hashlib

from django.core.exceptions import ValidationError

from topics import checking, documents
from topics.checking import ERROR
from topics.desk import discussing, inspecting
from topics.editions import Past
from topics.errors import PublishingError
from topics.models import Comment, Topic

QUOTED = 120


def refusal(topic: Topic) -> str:
    """Return why the draft cannot be published as it is, "" if its very words are approved."""
    try:
        text = documents.canonical(documents.build_all([topic])[0])
        Past.of([topic])[topic.pk].new_edition(topic, text, reviewed=True)
    except ValidationError as error:
        return "; ".join(error.messages)
    except PublishingError as error:
        return str(error)
    return ""


def to_be_mended(topic: Topic) -> list[str]:
    """Return what is to be mended in the latest text of a topic, each in a sentence."""
    latest = topic.revisions.last()
    if latest is None:
        return []
    faults = [one for one in inspecting.inspect(documents.read(latest.document))
              if one.level == ERROR]  # fmt: skip
    return [*map(_fault, faults), *map(_remark, discussing.open_remarks(topic))]


def digest(fault: str) -> str:
    """Return a short name of a fault, so that no other one is confirmed in its place."""
    return hashlib.sha256(fault.encode()).hexdigest()[:16]


def _fault(found: checking.Finding) -> str:
    place = f"{found.place}: " if found.place else ""
    return f"{found.check.capitalize()}. {place}{found.message}"


def _remark(remark: Comment) -> str:
    return f"Open remark of {remark.author_name}. {checking.shortened(remark.text, QUOTED)}"
