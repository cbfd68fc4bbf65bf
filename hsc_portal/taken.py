"""Static files may be taken by pages of others. The settings read this, so it imports no Django."""

from wsgiref.headers import Headers


def by_everybody(headers: Headers, path: str, url: str) -> None:
    """Let a static file be loaded from anywhere.

    A card in a frame with a sandbox has no origin, so its own styles are another site's to it.
    """
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
