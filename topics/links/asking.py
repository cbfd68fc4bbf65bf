"""Asking an address of the web whether anything is there, without being led astray by it.

The name is resolved here, every address that it has must belong to the public Internet, and the
connection goes to one that was looked at: so no name that answers differently the second time, and
no redirect, leads into the network that the portal runs in. Nothing but the head of an answer is
read, and each try ends in time, however slowly the other side speaks.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings

SECONDS = 8
MOST_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
GONE = {404, 410}
# Said by servers that are there and do not talk to programs.
REFUSALS = {401, 402, 403, 405, 406, 418, 423, 425, 426, 429, 451, 501, 999}
PORTS = {"http": 80, "https": 443}
# They lead to IPv4 addresses, which could be any.
TRANSLATED = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")]


@dataclass(frozen=True)
class Answer:
    """What an address answered. `is_there` is None if that cannot be said, at least not yet.

    `is_gone`: the server is there, and says that the page is not.
    """

    words: str
    is_there: bool | None = None
    is_gone: bool = False


class Unanswered(Exception):
    """There was no answer; the text says why."""


class NotAsked(Exception):
    """The portal may not ask this address; the text says why."""


def ask(url: str) -> Answer:
    """Return what an address answers, after all redirects: to HEAD, and to GET if that fails."""
    answer = _asked(url, "HEAD")
    return answer if answer.is_there else _asked(url, "GET")


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public Internet."""
    found = ipaddress.ip_address(address)
    if found.version == 6:
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        # Given up, but some old networks still use it.
        if found.is_site_local:
            return False
        if found.scope_id or any(found in network for network in TRANSLATED):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_allowed_port(scheme: str, port: int) -> bool:
    return port == PORTS[scheme]


def _asked(url: str, method: str) -> Answer:
    try:
        return _followed(url, method)
    except NotAsked as error:
        return Answer(str(error))
    except Unanswered as error:
        return Answer(str(error), is_there=False)


def _followed(url: str, method: str) -> Answer:
    """Return the answer at the end of the redirects. Raises Unanswered or NotAsked."""
    for _ in range(MOST_REDIRECTS + 1):
        status, reason, location = _request(url, method)
        if status not in REDIRECTS or not location:
            return _told(status, reason)
        try:
            url = urljoin(url, location)
        except ValueError as error:
            raise Unanswered("It leads on to what is no address") from error
    raise Unanswered("It leads on and on")


def _told(status: int, reason: str) -> Answer:
    words = f"{status} {reason}".strip()[:200]
    if status in GONE:
        return Answer(words, is_there=False, is_gone=True)
    if status in REFUSALS:
        return Answer(f"{words} (it refuses programs)")
    return Answer(words, is_there=status < 400)


def _request(url: str, method: str) -> tuple[int, str, str]:
    """Return status, reason and new location. Raises Unanswered or NotAsked."""
    scheme, host, port, path = _parts(url)
    connection = _connected(host, port)
    # Before anything is said, so that the timer holds the socket that is spoken through.
    if scheme == "https":
        context = ssl.create_default_context()
        connection = context.wrap_socket(
            connection, server_hostname=host, do_handshake_on_connect=False
        )
    # However slowly the other side speaks: when the time is over the connection is cut.
    timer = threading.Timer(SECONDS, _cut, [connection])
    timer.start()
    try:
        with connection:
            return _spoken(connection, scheme, host, port, method, path)
    except ssl.SSLCertVerificationError as error:
        raise Unanswered(f"Its certificate is not valid: {error.verify_message}") from error
    except TimeoutError as error:
        raise Unanswered(f"No answer in {SECONDS} seconds") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if not timer.is_alive():
            raise Unanswered(f"No answer in {SECONDS} seconds") from error
        raise Unanswered(f"The connection broke off ({type(error).__name__})") from error
    finally:
        timer.cancel()


def _spoken(line: socket.socket, scheme: str, host: str, port: int, method: str, path: str):
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    connection.sock = line
    usual = port == PORTS[scheme]
    name = f"[{host}]" if ":" in host else host
    headers = {
        "Host": name if usual else f"{name}:{port}",
        "User-Agent": f"HSC-Portal-link-check/1.0 (+{settings.SITE_URL})",
        "Accept": "*/*",
        "Connection": "close",
    }
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    return response.status, response.reason, response.headers.get("Location", "")


def _parts(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path. Raises NotAsked for what is no address of the web."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna" if ":" not in parts.netloc else "ascii")
    except (ValueError, UnicodeError) as error:
        raise Unanswered("It is no address") from error
    if parts.scheme not in PORTS or not host:
        raise NotAsked("It is no address of the web")
    if parts.username or not is_allowed_port(parts.scheme, port):
        raise NotAsked("Only public pages are asked, without passwords or ports")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|")
    return parts.scheme, host.decode(), port, path


def _connected(host: str, port: int) -> socket.socket:
    """Return a connection to an address of a host that was looked at before."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unanswered("There is no server of this name") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not addresses or not all(map(is_public, addresses)):
        raise NotAsked("It leads into an internal network")
    fault: OSError | None = None
    for address in addresses[:2]:
        try:
            return socket.create_connection((address, port), timeout=SECONDS)
        except OSError as error:
            fault = error
    raise Unanswered("The server does not answer") from fault


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is closed already.
        return
