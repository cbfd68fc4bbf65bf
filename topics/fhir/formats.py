"""In which format, and of which version of FHIR, an answer is wanted."""

from django.http import HttpRequest
from django.http.request import MediaType

from topics.fhir.outcomes import FHIR_JSON, VERSION, Refusal

# What is understood as FHIR's own JSON; a browser sends the last one.
_ALIKE = ("application/json", "text/json", "text/html")
_SHORT = ("json", FHIR_JSON, "application/json", "text/json")
_VERSIONS = ("", VERSION, "5.0.0")


def refuse_others(request: HttpRequest) -> None:
    """Raise Refusal if neither `_format` nor else `Accept` takes what is offered."""
    # A plus that nobody escaped arrives as a space.
    wanted = request.GET.get("_format", "").strip().replace(" ", "+").lower()
    is_offered = _is_named(wanted) if wanted else _is_accepted(request.headers.get("Accept", ""))
    if not is_offered:
        why = f"Answers are {FHIR_JSON} with fhirVersion={VERSION}; nothing else is offered."
        raise Refusal(406, "not-supported", why)


def _is_named(wanted: str) -> bool:
    kind = MediaType(wanted.replace(";+", ";"))
    name = f"{kind.main_type}/{kind.sub_type}".rstrip("/")
    # Names of parameters are in small letters here.
    return name in _SHORT and kind.params.get("fhirversion", "") in _VERSIONS


def _is_accepted(header: str) -> bool:
    """Say whether an Accept header takes FHIR's JSON; of two ranges the narrower one counts."""
    ranges = [MediaType(each) for each in header.split(",") if each.strip()]
    if not ranges:
        return True
    offered = [each for each in ranges if each.params.get("fhirversion", "") in _VERSIONS]
    own = [each for each in offered if _takes(each, FHIR_JSON)]
    if own:
        return max(own, key=_narrowness).quality > 0
    return any(each.quality > 0 for each in offered if any(_takes(each, one) for one in _ALIKE))


def _takes(kind: MediaType, name: str) -> bool:
    main, _slash, sub = name.partition("/")
    return kind.main_type in ("*", main) and kind.sub_type in ("*", sub)


def _narrowness(kind: MediaType) -> tuple[bool, bool, bool]:
    return kind.main_type != "*", kind.sub_type != "*", "fhirversion" in kind.params
