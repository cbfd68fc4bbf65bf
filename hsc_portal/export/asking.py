"""Asking the portal for a page in this process: the URL map with all its middleware, no server."""

import io
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import FileResponse


@dataclass(frozen=True)
class Answer:
    """What the portal answered. `location` is where a redirect leads, else ""."""

    status: int
    media_type: str
    location: str
    body: bytes


class _Request(WSGIRequest):
    """A request that comes from nowhere, so its host need not be one of ALLOWED_HOSTS."""

    def get_host(self) -> str:
        return self.META["HTTP_HOST"]


class Portal(BaseHandler):
    """The portal, at the address that its pages name as their own."""

    def __init__(self, origin: str):
        super().__init__()
        parts = urlsplit(origin)
        # A portal behind https redirects whatever is not.
        scheme = "https" if settings.SECURE_SSL_REDIRECT else parts.scheme
        self._environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": parts.hostname,
            "SERVER_PORT": str(parts.port or (443 if scheme == "https" else 80)),
            "HTTP_HOST": parts.netloc,
            "HTTP_X_FORWARDED_PROTO": scheme,
            "wsgi.url_scheme": scheme,
        }
        self.load_middleware()

    def ask(self, address: str) -> Answer:
        """Return what the portal answers to a path with its query."""
        path, _, query = address.partition("?")
        environ = {
            **self._environ,
            "PATH_INFO": unquote(path).encode().decode("latin-1"),
            "QUERY_STRING": query,
            "wsgi.input": io.BytesIO(),
        }
        response = self.get_response(_Request(environ))
        body = response.getvalue()
        # Not response.close(), which has Django drop the connection, transaction and all.
        if isinstance(response, FileResponse):
            response.file_to_stream.close()
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        location = response.headers.get("Location", "")
        return Answer(response.status_code, media_type, location, body)
