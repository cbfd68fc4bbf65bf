"""Where mail goes: to the terminal, or to the mail server that the environment names."""

import os
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured

FORM = "smtp+tls://user:password@host:587"
# The scheme of EMAIL_URL: its usual port, and how the connection is encrypted.
SCHEMES = {
    "smtp": (25, {}),
    "smtp+tls": (587, {"EMAIL_USE_TLS": True}),
    "smtps": (465, {"EMAIL_USE_SSL": True}),
}
BACKENDS = "django.core.mail.backends"
TERMINAL = f"{BACKENDS}.console.EmailBackend"
# The portal's own address where nobody set one.
UNSET = "http://127.0.0.1:8000"
# A server that hangs must not hold up the worker for longer.
TIMEOUT_SECONDS = 15


def settings(site_url: str) -> dict[str, object]:
    """Return Django's settings for mail, for a portal at an address.

    A server is named by EMAIL_URL, or part by part by EMAIL_HOST and its like. Raises
    ImproperlyConfigured, never repeating EMAIL_URL, since a password may be in it.
    """
    host = urlsplit(site_url).hostname or ""
    domain = host if any(letter.isalpha() for letter in host) else "localhost"
    common = {
        "EMAIL_BACKEND": TERMINAL,
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
        "DEFAULT_FROM_EMAIL": os.environ.get("EMAIL_FROM") or f"HSC Portal <noreply@{domain}>",
    }
    if url := os.environ.get("EMAIL_URL"):
        server = read_url(url)
    elif os.environ.get("EMAIL_HOST"):
        server = _read_parts()
    else:
        return common
    return common | {"EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend"} | server


def can_be_sent() -> bool:
    """Whether mails to readers may be made.

    The terminal of a public portal is a log. Addresses do not belong there, nor the links that
    only their owners are to have.
    """
    return not (configured.BEHIND_HTTPS and configured.EMAIL_BACKEND == TERMINAL)


def read_url(url: str) -> dict[str, object]:
    """Return the settings that an EMAIL_URL stands for. Raises ImproperlyConfigured."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # Not chained: the error may quote the password.
        raise ImproperlyConfigured(f"EMAIL_URL is no address; write it as {FORM}.") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        schemes = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ImproperlyConfigured(
            f"EMAIL_URL must begin with one of {schemes} and name a host, as in {FORM}."
        )
    usual, encryption = SCHEMES[parts.scheme]
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or usual,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        **encryption,
    }


def _read_parts() -> dict[str, object]:
    encryption = {
        name: True for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL") if os.environ.get(name) == "1"
    }
    if len(encryption) > 1:
        raise ImproperlyConfigured("Set only one of EMAIL_USE_TLS=1 and EMAIL_USE_SSL=1.")
    usual = {"EMAIL_USE_TLS": 587, "EMAIL_USE_SSL": 465}
    port = os.environ.get("EMAIL_PORT") or str(usual.get(next(iter(encryption), ""), 25))
    if not port.isdecimal():
        raise ImproperlyConfigured("EMAIL_PORT is not a port number.")
    return {
        "EMAIL_HOST": os.environ["EMAIL_HOST"],
        "EMAIL_PORT": int(port),
        "EMAIL_HOST_USER": os.environ.get("EMAIL_HOST_USER", ""),
        "EMAIL_HOST_PASSWORD": os.environ.get("EMAIL_HOST_PASSWORD", ""),
        **encryption,
    }


def site_url() -> str:
    """Return the portal's own address for links in mails, without a slash at the end.

    Raises ImproperlyConfigured if SITE_URL is not one.
    """
    url = (os.environ.get("SITE_URL") or UNSET).rstrip("/")
    if not url.startswith(("http://", "https://")) or not urlsplit(url).hostname:
        raise ImproperlyConfigured(
            "SITE_URL must be the portal's address with its scheme, as in https://hsc.example.org."
        )
    return url


def contact() -> str:
    """Return the address for other people's servers to write to: CONTACT_EMAIL, else EMAIL_FROM."""
    return os.environ.get("CONTACT_EMAIL") or parseaddr(os.environ.get("EMAIL_FROM", ""))[1]
