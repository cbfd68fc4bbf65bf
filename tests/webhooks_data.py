"""A partner's server, over TLS, that keeps what it is told and misbehaves where it is told to."""

import datetime
import http.server
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook as Standard

from hsc_portal import asking
from references.access import keys
from references.models import Partner
from tests import clinic
from tests.following_data import work
from topics import publishing
from topics.models import Delivery, GlossaryTerm, Webhook
from topics.webhooks import collecting, keeping, sending

CONTACT = "it@marrow.example"


def partner(slug: str = "marrow") -> Partner:
    made, _ = Partner.objects.get_or_create(
        slug=slug,
        defaults={"name": slug.title(), "url": f"https://{slug}.example/", "contact": CONTACT},
    )
    return made


def api_client(slug: str = "marrow", scopes: tuple = ("read", "webhooks")) -> Client:
    _, told = keys.make(partner(slug), "script", list(scopes))
    return Client(headers={"Authorization": f"Bearer {told}"})


def webhook(url: str = "https://hooks.marrow.example/in", *types: str) -> Webhook:
    return keeping.make(partner(), url, types)


def send() -> None:
    """Have all that is queued done, as the worker does."""
    work()


def delivery() -> Delivery:
    """Return the one delivery, as it is now."""
    return Delivery.objects.select_related("webhook").get()


def with_test(server) -> Webhook:
    """Return a webhook whose test is due."""
    made = webhook(server.url)
    collecting.send_test(made)
    return made


def with_event(server) -> Webhook:
    """Return a webhook that is to be told of one event."""
    made = webhook(server.url)
    tell("Blast")
    return made


def tell(term: str) -> None:
    publishing.save_term(GlossaryTerm(term=term, definition="A cell."), actor=clinic.editor())
    collecting.collect.call()


def end_rest() -> None:
    Webhook.objects.update(quiet_until=None)


def come_due() -> None:
    Delivery.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    end_rest()
    sending.deliver.enqueue()
    send()


class Listening(http.server.BaseHTTPRequestHandler):
    """Takes what it is told. What `server.script` holds is done once, in that order."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((dict(self.headers.items()), body.decode()))
        act = self.server.script.pop(0) if self.server.script else answer(204)
        act(self)

    def log_message(self, *args):
        pass


def answer(status: int, **headers) -> Callable:
    def act(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return act


def silent(handler) -> None:
    time.sleep(0.3)


def cut_off(handler) -> None:
    handler.connection.close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext):
        super().__init__(("127.0.0.1", 0), Listening)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.taken: list[tuple[dict, str]] = []
        self.script: list[Callable] = []
        self.url = f"https://127.0.0.1:{self.server_port}/hook"

    def handle_error(self, request, client_address):
        pass


def certificate(folder) -> tuple[str, str]:
    """Write a certificate for 127.0.0.1 and its key, and return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day).not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    for path, content in zip(paths, (made.public_bytes(pem), private), strict=True):
        path.write_bytes(content)
    return str(paths[0]), str(paths[1])


@contextmanager
def served(monkeypatch, folder) -> Iterator[Server]:
    """Serve, as the one address that may be asked beside the Internet."""
    found, key = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(found, key)
    server = Server(context)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", found)
    is_public = asking.is_public
    monkeypatch.setattr(asking, "is_public", lambda ip: ip == "127.0.0.1" or is_public(ip))
    monkeypatch.setattr(asking, "is_allowed_port", lambda scheme, port: True)
    monkeypatch.setattr(keeping, "checked_address", lambda url: url)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def verified(taken: tuple[dict, str], secret: str) -> dict:
    """Return what a message says, if it is signed with a secret. Raises if it is not."""
    headers, body = taken
    Standard(secret).verify(body, headers)
    return json.loads(body)
