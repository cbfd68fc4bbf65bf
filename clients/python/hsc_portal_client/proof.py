"""Proving that what was received is what was published, without trusting whoever sent it."""

import hashlib
import json
from datetime import UTC, datetime

from hsc_portal_client.errors import NotProven


def canonical(value) -> str:
    """Return JSON in the one way in which it is hashed: keys sorted, no spaces, no escapes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def chain_hash(edition: dict, review: dict) -> str:
    """Return the hash that an edition must have: of the one before it and of all that it says."""
    parts = [
        edition["previous_hash"],
        edition["topic_id"],
        edition["number"],
        edition["digest"],
        review["by"] or "",
        _moment(review["at"]),
        review["interests"] or "",
        edition["published_by"],
        _moment(edition["published_at"]),
        edition["change_note"],
    ]
    return sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))


def prove(envelope: dict) -> str:
    """Return the Document of an edition as canonical JSON. Raises NotProven."""
    edition, text = envelope["edition"], canonical(envelope["document"])
    where = edition["url"]
    if sha256(text) != edition["digest"]:
        raise NotProven(f"{where}: the Document does not have the digest {edition['digest']}.")
    if chain_hash(edition, envelope["review"]) != edition["hash"]:
        raise NotProven(f"{where}: who published it, when or why does not fit its hash.")
    return text


def prove_chain(editions: list[dict]) -> None:
    """Check all editions of a topic, newest first, as the API lists them. Raises NotProven."""
    before = ""
    for edition in reversed(editions):
        if edition["previous_hash"] != before:
            raise NotProven(f"{edition['url']}: it does not follow the edition before it.")
        if chain_hash(edition, edition["review"]) != edition["hash"]:
            raise NotProven(f"{edition['url']}: what is told of it does not fit its hash.")
        before = edition["hash"]


def _moment(text: str | None) -> str | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    return moment.isoformat(timespec="microseconds")
