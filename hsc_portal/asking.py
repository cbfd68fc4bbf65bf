"""Asking an address of the web without being led astray by it.

The name is resolved here, every address that it has must belong to the public Internet, and the
connection goes to one that was looked at: so no name that answers differently the second time, and
no redirect, leads into the network that the portal runs in. No more of an answer is read than is
wanted, and each try ends in time, however slowly the other side speaks.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import quote, urljoin, urlsplit

SECONDS = 8
MOST_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}
# They lead to IPv4 addresses, which could be any.
TRANSLATED = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")]
_BLOCK = 65_536


@dataclass(frozen=True)
class Response:
    """What was answered. The body has no more bytes than were asked for."""

    status: int
    reason: str
    headers: Message
    body: bytes = b""

    @property
    def words(self) -> str:
        """The status in words, without what a server may hide in them: no column takes a NUL."""
        reason = "".join(letter for letter in self.reason if letter.isprintable())
        return f"{self.status} {reason}".strip()[:200]


@dataclass(frozen=True)
class Question:
    """What is asked of an address: all but the address itself.

    `most_bytes`: how long the body of an answer may be, 0 if it is not read at all. `ends` is the
    moment, by `time.monotonic`, when it is over; without it each request has SECONDS, or `longest`.
    """

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = 0
    ends: float | None = None
    body: bytes | None = None
    longest: float | None = None

    @property
    def seconds(self) -> float:
        longest = self.longest or SECONDS
        return longest if self.ends is None else min(longest, self.ends - time.monotonic())


class Unanswered(Exception):
    """There was no answer; the text says why."""


class TooLong(Unanswered):
    """The answer is longer than it may be."""


class NoSuchHost(Unanswered):
    """There is no server of this name, or no network to look for one."""


class NotAsked(Exception):
    """The portal may not ask this address; the text says why."""


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


def follow(url: str, question: Question) -> Response:
    """Return the answer at the end of the redirects. Raises Unanswered or NotAsked."""
    for _ in range(MOST_REDIRECTS + 1):
        response = request(url, question)
        location = response.headers.get("Location", "")
        if response.status not in REDIRECTS or not location:
            return response
        try:
            url = urljoin(url, location)
        except ValueError as error:
            raise Unanswered("It leads on to what is no address") from error
    raise Unanswered("It leads on and on")


def request(url: str, question: Question) -> Response:
    """Return what one address answers, a redirect too. Raises Unanswered or NotAsked."""
    scheme, host, port, path = _parts(url)
    seconds = question.seconds
    if seconds <= 0:
        raise Unanswered("There was no time left")
    connection = _connected(host, port, seconds)
    # Before anything is said, so that the timer holds the socket that is spoken through.
    if scheme == "https":
        context = ssl.create_default_context()
        connection = context.wrap_socket(
            connection, server_hostname=host, do_handshake_on_connect=False
        )
    late = Unanswered(f"No answer in {max(1, round(seconds))} seconds")
    # However slowly the other side speaks: when the time is over the connection is cut.
    left = max(0, question.seconds)
    timer, cut_at = threading.Timer(left, _cut, [connection]), time.monotonic() + left
    timer.start()
    try:
        with connection:
            response = _spoken(connection, (scheme, host, port, path), question, seconds)
        # A body that ends with the connection looks whole when that was cut.
        if time.monotonic() >= cut_at:
            raise late
    except ssl.SSLCertVerificationError as error:
        raise Unanswered(f"Its certificate is not valid: {error.verify_message}") from error
    except TimeoutError as error:
        raise late from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= cut_at:
            raise late from error
        raise Unanswered(f"The connection broke off ({type(error).__name__})") from error
    finally:
        timer.cancel()
    return response


def _spoken(line: socket.socket, place: tuple, question: Question, seconds: float) -> Response:
    scheme, host, port, path = place
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    connection.sock = line
    name = f"[{host}]" if ":" in host else host
    headers = {
        "Host": name if port == PORTS[scheme] else f"{name}:{port}",
        "Accept": "*/*",
        "Connection": "close",
    }
    headers |= dict(question.headers)
    connection.request(question.method, path, body=question.body, headers=headers)
    response = connection.getresponse()
    body = _body(response, question.most_bytes) if question.most_bytes else b""
    return Response(response.status, response.reason, response.headers, body)


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    """Return a whole body. Raises TooLong, and IncompleteRead for one that was cut off."""
    announced, body = response.length, bytearray()
    while block := response.read(_BLOCK):
        body += block
        if len(body) > most:
            raise TooLong("Its answer is too long")
    if announced is not None and len(body) < announced:
        raise http.client.IncompleteRead(bytes(body), announced - len(body))
    return bytes(body)


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


def _connected(host: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to an address of a host that was looked at before."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoSuchHost("There is no server of this name") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not addresses or not all(map(is_public, addresses)):
        raise NotAsked("It leads into an internal network")
    fault: OSError | None = None
    for address in addresses[:2]:
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError as error:
            fault = error
    raise Unanswered("The server does not answer") from fault


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is closed already.
        return
