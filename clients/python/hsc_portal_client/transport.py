"""Asking over HTTP: kept answers, pauses that the portal asks for, and plain errors."""

import email.utils
import gzip
import hashlib
import http.client
import json
import random
import time
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO
from urllib.parse import urlsplit

from hsc_portal_client.errors import Unreachable, problem

KEPT_ANSWERS = 256
# Worth another try: too many requests, and what passes by itself.
TRY_AGAIN = {429, 502, 503, 504}
CHUNK = 1 << 16


class Transport:
    """Asks one portal.

    The key is sent to the origin of `base_url` only, whatever address an answer names or leads to.
    Answers are kept with their ETag, so that what did not change is not sent again. `tries` is how
    often one request is tried, and `longest_wait` the most seconds that it waits between two tries,
    also if the portal asks for more (then it gives up).
    """

    def __init__(
        self, base_url: str, *, key: str = "", timeout: float = 30, tries: int = 5,
        longest_wait: float = 120, wait: Callable[[float], None] = time.sleep,
    ):  # fmt: skip
        self.origin = _origin(base_url)
        self.key = key
        self.opener = urllib.request.build_opener(_Redirects)
        self.timeout = timeout
        self.tries = tries
        self.longest_wait = longest_wait
        self.wait = wait
        self.kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def get(self, url: str, *, fresh: bool = False) -> dict:
        """Return the JSON at an address. With `fresh` no cache on the way may answer from memory.

        Raises Problem, or Unreachable.
        """
        etag, body = self.kept.get(url, ("", b""))
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"Cache-Control": "no-cache"} if fresh else {}
        with self._open(url, headers) as answer:
            if answer.status != 304:
                body = _unpacked(answer)
                self._keep(url, answer.headers.get("ETag"), body)
        return json.loads(body)

    def download(self, url: str, file: BinaryIO) -> tuple[int, str]:
        """Write what is at an address to a file. Return the number of bytes and their sha256."""
        size, digest = 0, hashlib.sha256()
        with self._open(url, {"Accept-Encoding": "gzip"}) as answer:
            packed = answer.headers.get("Content-Encoding") == "gzip"
            source = gzip.GzipFile(fileobj=answer) if packed else answer
            try:
                while chunk := source.read(CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
            except (OSError, EOFError, http.client.HTTPException) as error:
                raise Unreachable(f"{url}: the download broke off ({error}).") from error
        return size, digest.hexdigest()

    def _keep(self, url: str, etag: str | None, body: bytes) -> None:
        if not etag:
            return
        self.kept[url] = (etag, body)
        self.kept.move_to_end(url)
        while len(self.kept) > KEPT_ANSWERS:
            self.kept.popitem(last=False)

    def _open(self, url: str, headers: dict[str, str]):
        """Return the answer, 200 or 304, after as many tries as it takes."""
        for number in range(1, self.tries + 1):
            pause = min(0.5 * 2**number, 30) * random.uniform(0.5, 1)
            try:
                return self._ask(url, headers)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code == 304:
                        return _NotModified()
                    members = _members(error)
                    asked = _seconds(error.headers.get("Retry-After"))
                fault = problem(error.code, members)
                if error.code not in TRY_AGAIN:
                    raise fault from None
                pause = pause if asked is None else asked
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                fault = Unreachable(f"{url} could not be asked: {reason}")
            if number == self.tries or pause > self.longest_wait:
                raise fault from None
            self.wait(pause)
        raise AssertionError("tries must be at least 1")

    def _ask(self, url: str, headers: dict[str, str]):
        headers = {"User-Agent": "hsc-portal-client/1.0 (Python)"} | headers
        if not url.startswith(("http://", "https://")):
            raise Unreachable(f"{url} is no address of the web.")
        if self.key and _origin(url) == self.origin:
            headers["Authorization"] = f"Bearer {self.key}"
        return self.opener.open(urllib.request.Request(url, headers=headers), timeout=self.timeout)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but tells no other origin the key."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made and _origin(newurl) != _origin(req.full_url):
            made.remove_header("Authorization")
        return made


class _NotModified:
    """What stands for an answer that is known already."""

    status = 304

    def __enter__(self):
        return self

    def __exit__(self, *told):
        return False


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError as error:
        raise Unreachable(f"{url} is no address of the web.") from error
    return parts.scheme, parts.hostname or "", port


def _unpacked(answer) -> bytes:
    body = answer.read()
    return gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body


def _members(error: urllib.error.HTTPError) -> dict:
    """Return the problem that was answered, or what is known without one."""
    try:
        members = json.loads(_unpacked(error))
    except (ValueError, OSError):
        members = None
    return members if isinstance(members, dict) else {"title": error.reason, "detail": error.url}


def _seconds(retry_after: str | None) -> float | None:
    """Return how long the portal asks to wait: it says seconds or a date."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
