"""What an assistant names: a topic by its slug, or by the address of anything of it."""

import re

from topics import reading
from topics.embedding import naming
from topics.embedding.naming import Named
from topics.views.topics import past_day

SLUG = re.compile(r"[-\w]+")
API = "/api/v1/"


class Refused(Exception):
    """There is no such answer; the text says why, and what may be asked instead."""


def named(topic: str) -> Named:
    """Return what is named. The slug is "" if it can be none."""
    text = topic.strip()
    if found := naming.parse(text.replace(API, "/", 1)):
        return found
    slug, _, anchor = text.partition("#")
    return Named(slug.rstrip("/") if SLUG.fullmatch(slug.rstrip("/")) else "", anchor=anchor)


def find(asked: Named) -> reading.Reading:
    """Return the edition that is named. Raises Refused for its day, and as `topics.reading`."""
    if asked.number is not None:
        return reading.edition(asked.slug, asked.number)
    if asked.day is None:
        return reading.current(asked.slug)
    try:
        return reading.as_of(asked.slug, past_day(asked.day))
    except ValueError as error:
        raise Refused(f"as_of: {error}") from None
    except reading.NotPublishedThen:
        raise Refused(f"“{asked.slug}” was not published yet on {asked.day}.") from None
    except reading.WithdrawnThen as withdrawn:
        return withdrawn.reading
