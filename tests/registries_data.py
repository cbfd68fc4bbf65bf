"""A server that answers as the registries do, from files, and misbehaves where it is told to."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from hsc_portal import asking

FILES = Path(__file__).parent / "data" / "registries"
# What an address must contain, and the file and type that answer it.
FILED = {
    "/crossref/works/10.1000/blood.2019001": ("crossref.json", "application/json"),
    "/crossref/works/10.1000/978-3-16-148410-0_5": ("crossref_book.json", "application/json"),
    "/datacite/dois/10.5072/example.1": ("datacite.json", "application/vnd.api+json"),
    "/pubmed/efetch.fcgi": ("pubmed.xml", "text/xml; charset=UTF-8"),
    "/pmc/articles/": ("pmc.json", "application/json"),
    "/openlibrary/api/books": ("openlibrary.json", "application/json"),
    "/clinicaltrials/studies": ("clinicaltrials.json", "application/json"),
}
ANSWER = b'{"fine": true}'


def filed(name: str) -> bytes:
    return (FILES / name).read_bytes()


class Registries(http.server.BaseHTTPRequestHandler):
    """Plays all registries. What `server.script` holds for a path is done once, in that order."""

    def do_GET(self):
        path = unquote(self.path.partition("?")[0])
        self.server.asked.append((self.path, dict(self.headers)))
        script = self.server.script.get(path)
        act = script.pop(0) if script else None
        if act:
            act(self)
        else:
            self._file(path)

    def _file(self, path: str):
        name, kind = FILED.get(path, ("", ""))
        if name:
            self.send(200, filed(name), kind)
        else:
            self.send(404, b"Resource not found.", "text/plain")

    def send(self, status: int, body: bytes = ANSWER, kind: str = "application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def busy(status: int = 429, **headers) -> Callable:
    return lambda handler: handler.send(status, b"{}", **headers)


def moved(address: str) -> Callable:
    return lambda handler: handler.send(302, b"", Location=address)


def truncated(handler) -> None:
    """Announce more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "9999")
    handler.end_headers()
    handler.wfile.write(ANSWER[:5])


def cut_text(body: bytes, kind: str = "application/json") -> Callable:
    """Answer whole as HTTP has it, but with half of a text."""
    return lambda handler: handler.send(200, body[: len(body) // 2], kind)


def silent(handler) -> None:
    time.sleep(0.3)


def drips(handler) -> None:
    """Send a body that has no end, byte by byte."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    try:
        for _ in range(30):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        return


def huge(handler) -> None:
    handler.send(200, b" " * 200_000)


def page(handler) -> None:
    handler.send(200, b"<html>Log in to the hotel's network</html>", "text/html")


@contextmanager
def served(monkeypatch, settings) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve, and have the registries asked there, which alone may be asked beside the Internet."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registries)
    server.daemon_threads = True
    server.asked, server.script = [], {}
    server.base = f"http://127.0.0.1:{server.server_port}"
    # It looks for the end this often.
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    is_public = asking.is_public
    monkeypatch.setattr(asking, "is_public", lambda ip: ip == "127.0.0.1" or is_public(ip))
    monkeypatch.setattr(asking, "is_allowed_port", lambda scheme, port: True)
    settings.REGISTRIES = {name: f"{server.base}/{name}" for name in settings.REGISTRIES}
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def no_network(monkeypatch) -> Iterator[None]:
    """Have no name resolved, as on a machine without network."""

    def fail(*args, **kwargs):
        raise OSError("Temporary failure in name resolution")

    with monkeypatch.context() as patch:
        patch.setattr(asking.socket, "getaddrinfo", fail)
        yield


def parsed(name: str) -> dict:
    return json.loads(filed(name))
