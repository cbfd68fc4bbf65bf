"""Signatures as Standard Webhooks 1.0.0 has them, symmetric: HMAC-SHA256 in base64, `v1,…`."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

START = "whsec_"


def headers(message: str, timestamp: int, body: str, secrets: Iterable[str]) -> dict[str, str]:
    """Return what says who sent a body and when. Each secret signs."""
    signatures = [sign(message, timestamp, body, secret) for secret in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def sign(message: str, timestamp: int, body: str, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(START))
    signed = f"{message}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
