"""Asking an address of the web whether anything is there: see `hsc_portal.asking`.

Nothing but the head of an answer is read.
"""

from dataclasses import dataclass

from django.conf import settings

from hsc_portal import asking as web

GONE = {404, 410}
# Said by servers that are there and do not talk to programs.
REFUSALS = {401, 402, 403, 405, 406, 418, 423, 425, 426, 429, 451, 501, 999}


@dataclass(frozen=True)
class Answer:
    """What an address answered. `is_there` is None if that cannot be said, at least not yet.

    `is_gone`: the server is there, and says that the page is not.
    """

    words: str
    is_there: bool | None = None
    is_gone: bool = False


def ask(url: str) -> Answer:
    """Return what an address answers, after all redirects: to HEAD, and to GET if that fails."""
    answer = _asked(url, "HEAD")
    return answer if answer.is_there else _asked(url, "GET")


def _asked(url: str, method: str) -> Answer:
    headers = {"User-Agent": f"HSC-Portal-link-check/1.0 (+{settings.SITE_URL})"}
    try:
        return _told(web.follow(url, web.Question(method, headers)))
    except web.NotAsked as error:
        return Answer(str(error))
    except web.Unanswered as error:
        return Answer(str(error), is_there=False)


def _told(response: web.Response) -> Answer:
    if response.status in GONE:
        return Answer(response.words, is_there=False, is_gone=True)
    if response.status in REFUSALS:
        return Answer(f"{response.words} (it refuses programs)")
    return Answer(response.words, is_there=response.status < 400)
