"""The two addresses of the Infobutton: one for programs, one for the browsers of clinicians.

A request may tell of a patient. So nothing of it is logged here, what tells of somebody is kept by
no cache, and no page that is reached from here is told by which address (`Referrer-Policy`).
"""

from functools import partial, wraps

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from hsc_portal import error_pages, languages, rest
from hsc_portal.pages import CACHE_CONTROL, html, origin
from topics import codesystems
from topics.infobutton import asking, feed
from topics.infobutton.answering import Answer, answering
from topics.infobutton.asking import Asked, NotUnderstood

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
LONGEST_BODY = 64 * 1024
XML_TYPES = ("text/xml", "application/xml", "application/atom+xml")


def _open(view):
    """Let anybody ask by any of the methods, and tell nobody what was asked, whatever happens."""

    @csrf_exempt
    @sensitive_post_parameters()
    @sensitive_variables()
    @wraps(view)
    def answering_openly(request):
        try:
            response = _answer(view, request)
        except NotUnderstood as error:
            response = _refusal(request, error.status, str(error))
        # Handled here, since the headers below belong to the answer to a fault, too.
        except Exception:
            response = _failed(request)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answering_openly


def _answer(view, request: HttpRequest) -> HttpResponse:
    allowed = {"Allow": ", ".join(METHODS)}
    if request.method == "OPTIONS":
        return HttpResponse(headers=allowed)
    if request.method not in METHODS:
        detail = f"Use one of {allowed['Allow']}."
        return _refusal(request, 405, detail, headers=allowed)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        raise asking.TooLong
    return view(request, asking.of(request))


def _refusal(request: HttpRequest, status: int, detail: str, **more) -> HttpResponse:
    # Nothing of the query, which the path of a problem has otherwise.
    return error_pages.problem_response(request, status, detail, instance=request.path, **more)


def _failed(request: HttpRequest) -> HttpResponse:
    """Return a problem to a program and a page to a clinician."""
    got_request_exception.send(sender=None, request=request)
    if request.path.startswith(error_pages.FOR_PROGRAMS):
        return _refusal(request, 500, "Something went wrong on this side. It was logged.")
    rest.log_failure(request)
    return error_pages.failed(request)


def _may_be_kept(request: HttpRequest, asked: Asked) -> bool:
    return request.method != "POST" and not asked.of_somebody


@_open
def service(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The knowledge response: XML, or JSON or JSON-P where `knowledgeResponseType` says so."""
    response = answering(asked, partial(_response, asked, origin(request)))
    if _may_be_kept(request, asked):
        response.headers["Cache-Control"] = CACHE_CONTROL
    if request.method in ("GET", "HEAD"):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _response(asked: Asked, own: str, answers: list[Answer]) -> HttpResponse:
    told = feed.of(asked, answers, own)
    if "javascript" in asked.kind or "jsonp" in asked.kind:
        if not asked.callback:
            raise NotUnderstood("JSON-P needs the name of a function as `callback`.")
        # The comment keeps the answer from being read as anything but a script.
        script = f"/**/{asked.callback}({feed.as_json(told)});"
        return HttpResponse(script, content_type="application/javascript; charset=utf-8")
    if "json" in asked.kind:
        return HttpResponse(feed.as_json(told), content_type="application/json")
    kind = asked.kind if asked.kind in XML_TYPES else XML_TYPES[0]
    return HttpResponse(feed.as_xml(told), content_type=f"{kind}; charset=utf-8")


@_open
def application(request: HttpRequest, asked: Asked) -> HttpResponse:
    """One topic: its page. Several: a list of them. None: the words, in a form for searching."""
    response = answering(asked, partial(_page, asked))
    if _may_be_kept(request, asked):
        response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _page(asked: Asked, answers: list[Answer]) -> HttpResponse:
    if len(answers) == 1 and answers[0].found.is_sure:
        return HttpResponseRedirect(answers[0].path(asked.language))
    words, said = _words(asked), {"q": _name_asked(asked)}
    # Where the links to other languages lead: this page has one address for all.
    with translation.override(asked.language):
        search = languages.permanent("search")
        prefix = "" if languages.is_content_language() else f"/{asked.language}"
        with languages.at(f"{prefix}{search}?{urlencode(said)}"):
            page = html("infobutton/matches.html", _shown(asked, answers, words) | said)
    return HttpResponse(page, headers={"Content-Language": asked.language})


def _shown(asked: Asked, answers: list[Answer], words: str) -> dict:
    codes = [(_name_of(one.system), one.code) for one in asked.criteria if one.code]
    rows = [(answer, answer.path(asked.language)) for answer in answers]
    is_by_words = bool(answers) and not any(answer.found.code for answer in answers)
    return {"words": words, "codes": codes, "rows": rows, "is_by_words": is_by_words}


def _name_of(system: str) -> str:
    known = codesystems.named(system)
    return str(known.label) if known else system


def _words(asked: Asked) -> str:
    """Return what was asked as somebody would type it."""
    first = asked.criteria[0] if asked.criteria else None
    return (first.words or first.display or first.code) if first else ""


def _name_asked(asked: Asked) -> str:
    """Return what may stand in links: the name of a code. Free words may be those of a person."""
    first = asked.criteria[0] if asked.criteria else None
    return (first.display or first.code) if first else ""
