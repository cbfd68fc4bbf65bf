"""The pictures of figures, as bytes."""

from django.http import FileResponse, Http404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from references.models import Partner
from topics import figures
from topics.models import PublishedFigure

# What a name with a digest leads to never changes.
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def figure(request, sha256, kind):
    """A picture that some edition shows, or the logo of a partner.

    That of a draft is not there, whoever knows its name.
    """
    published = PublishedFigure.objects.filter(sha256=sha256, format=kind)
    logos = Partner.objects.filter(logo_sha256=sha256, logo_format=kind)
    if not (published.exists() or logos.exists()):
        raise Http404("No edition shows this picture.")
    response = answer(request, sha256, kind, FOR_EVER)
    # A card on a page of others shows it there.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def answer(request, sha256: str, kind: str, cache_control: str):
    """Return a picture of the store. Raises Http404 if its file is not there."""
    etag = f'"{sha256}"'
    response = get_conditional_response(request, etag=etag) or _file(sha256, kind)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache_control
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _file(sha256: str, kind: str) -> FileResponse:
    try:
        file = figures.path_of(sha256, kind).open("rb")
    except OSError as error:
        raise Http404("The picture is not in the store.") from error
    return FileResponse(file, content_type=f"image/{kind}")
