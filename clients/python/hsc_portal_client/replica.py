"""A copy of all that the portal publishes, in one SQLite file that is kept up to date.

The first time it is loaded from the export, later by following the changes. What of a change is
fetched is written together with the number of the last event, in one transaction: a copy that was
interrupted goes on where it was. Each edition is proven before it is written.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hsc_portal_client import proof
from hsc_portal_client.client import Client
from hsc_portal_client.errors import ClientError, LogIsShorter, NotFound, NotProven, Problem
from hsc_portal_client.loading import download
from hsc_portal_client.tables import IDENTICAL, SCHEMA

TOPIC_TYPES = ("topic.published", "topic.restored")


class Replica:
    """A copy in a file. Close it, or use it in a `with`.

    `database` is the open SQLite database, for questions of your own; see README.md for its tables.
    """

    def __init__(self, path: str | Path, client: Client):
        self.client = client
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(SCHEMA)
        self._check_origin()

    def __enter__(self):
        return self

    def __exit__(self, *told):
        self.close()

    def close(self) -> None:
        self.database.close()

    @property
    def sequence(self) -> int | None:
        """The number of the last event that is in the copy, None if nothing was loaded yet."""
        found = self._meta("sequence")
        return int(found) if found else None

    def sync(self) -> int:
        """Bring the copy up to date, and return how many events were followed.

        Raises NotProven, LogIsShorter, or what Client raises; the copy is whole nevertheless.
        """
        if self.sequence is None:
            self.load()
        return self.follow()

    def load(self) -> None:
        """Load all from the newest export."""
        with tempfile.TemporaryDirectory() as folder:
            told, files = download(self.client, Path(folder))
            with self._transaction():
                for table in (*IDENTICAL, "editions", "aliases", "withdrawn"):
                    self.database.execute(f"DELETE FROM {table}")
                for name, take in (
                    ("topics", self._take_topic),
                    ("references", self._take_reference),
                    ("glossary", self._take_term),
                ):
                    with files[name].open("rb") as lines:
                        for line in lines:
                            take(json.loads(line))
                self._note_sequence(told["sequence"], told["sequence_at"])

    def follow(self) -> int:
        """Follow the changes from where the copy is. Return how many there were."""
        number = 0
        try:
            for page in self.client.pages_of_changes(self.sequence or 0):
                self._check_log(page)
                if page["results"]:
                    self._apply(page["results"])
                    number += len(page["results"])
        except Problem as problem:
            if any(error.get("parameter") == "after" for error in problem.errors):
                raise LogIsShorter(
                    "The portal's log ends before what this copy has: its database was set back. "
                    "Delete the file and load it anew."
                ) from problem
            raise
        return number

    def _check_log(self, page: dict) -> None:
        """Raise LogIsShorter if the last event of the copy is not the one of that number there."""
        known = self._meta("sequence_at")
        if known and page["after_at"] != known:
            raise LogIsShorter(
                f"The portal's log says of event {self.sequence} that it was at "
                f"{page['after_at']}, and this copy {known}: its database was set back. "
                "Delete the file and load it anew."
            )

    def verify(self) -> int:
        """Prove all editions in the copy once more, and return how many. Raises NotProven."""
        rows = self.database.execute("SELECT document, facts FROM topics")
        for number, (document, facts) in enumerate(rows, 1):  # noqa: B007 - counted
            proof.prove(json.loads(facts) | {"document": json.loads(document)})
        for _topic, _number, previous, before in self.database.execute(
            "SELECT e.topic_id, e.number, e.previous_hash, b.hash FROM editions e "
            "JOIN editions b ON b.topic_id = e.topic_id AND b.number = e.number - 1"
        ):
            if previous != before:
                raise NotProven(f"The chain of topic {_topic} is broken at edition {_number}.")
        return self.database.execute("SELECT count(*) FROM topics").fetchone()[0]

    def content(self) -> Iterator[tuple]:
        """Go through all that two copies of one moment have in common, in a fixed order."""
        for table, columns in IDENTICAL.items():
            query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1"
            for row in self.database.execute(query):
                yield (table, *row)

    def fingerprint(self) -> str:
        """Return a digest that is the same for two copies if they say the same."""
        return proof.sha256("\n".join(proof.canonical(row) for row in self.content()))

    def _check_origin(self) -> None:
        self.database.execute(
            "INSERT OR IGNORE INTO meta VALUES ('base_url', ?)", [self.client.base_url]
        )
        (known,) = self.database.execute(
            "SELECT value FROM meta WHERE name = 'base_url'"
        ).fetchone()
        if known != self.client.base_url:
            raise ClientError(f"This file is a copy of {known}, not of {self.client.base_url}.")

    @contextmanager
    def _transaction(self):
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def _apply(self, events: list[dict]) -> None:
        """Write what some events changed. What is to be fetched is fetched first."""
        began_at = self.sequence or 0
        editions = {
            event["id"]: self.client.transport.get(event["edition"]["url"], fresh=True)
            for event in events
            if event["type"] in TOPIC_TYPES
        }
        records = {key: self._fetched(key) for key in _touched(events)}
        with self._transaction():
            if (self.sequence or 0) != began_at:
                raise ClientError("Somebody else brings this copy up to date at this moment.")
            for event in events:
                self._follow_event(event, editions.get(event["id"]))
            # They are as they are now, so they come last: a key may be gone since.
            for key, record in records.items():
                self._write_record(key, record)
            self._note_sequence(events[-1]["id"], events[-1]["at"])

    def _follow_event(self, event: dict, edition: dict | None) -> None:
        if event["type"] in TOPIC_TYPES:
            if edition["edition"]["digest"] != event["edition"]["digest"]:
                raise NotProven(f"{event['edition']['url']} is not what event {event['id']} told.")
            self._take_topic(edition)
        elif event["type"] == "topic.withdrawn":
            self._take_away(event)
        elif event["type"] == "glossary.changed":
            if event["before"]:
                self.database.execute(
                    "DELETE FROM glossary WHERE term = ?", [event["before"]["term"]]
                )
            if event["term"]:
                self._take_term(event["term"])

    def _fetched(self, key: str) -> dict | None:
        """Return the record of a reference as it is now, None if it was taken out."""
        try:
            return self.client.reference(key, fresh=True)
        except NotFound:
            return None

    def _take_topic(self, envelope: dict) -> None:
        text = proof.prove(envelope)
        edition, document = envelope["edition"], envelope["document"]
        topic, number = edition["topic_id"], edition["number"]
        before = self.database.execute(
            "SELECT hash FROM editions WHERE topic_id = ? AND number = ?", [topic, number - 1]
        ).fetchone()
        if before and before[0] != edition["previous_hash"]:
            raise NotProven(f"{edition['url']} does not follow the edition before it.")
        # Only what never changes: who asks for the rest asks the portal.
        facts = {name: value for name, value in edition.items() if name in FACTS}
        facts = {"edition": facts, "review": {n: envelope["review"][n] for n in REVIEW}}
        self.database.execute(
            "INSERT OR REPLACE INTO editions VALUES (?, ?, ?, ?, ?)",
            [topic, number, edition["digest"], edition["hash"], edition["previous_hash"]],
        )
        self.database.execute("DELETE FROM withdrawn WHERE topic_id = ?", [topic])
        self.database.execute(
            "INSERT OR REPLACE INTO topics VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                topic, document["slug"], document["kind"], document["title"], number,
                edition["digest"], edition["hash"], edition["published_at"],
                proof.canonical(facts), text,
            ],
        )  # fmt: skip

    def _take_away(self, event: dict) -> None:
        topic = event["topic"]
        self.database.execute("DELETE FROM topics WHERE topic_id = ?", [topic["id"]])
        self.database.execute(
            "INSERT OR REPLACE INTO withdrawn VALUES (?, ?, ?, ?, ?, ?)",
            [
                topic["id"], topic["slug"], topic["title"], event["edition"]["number"],
                event["at"], event["note"],
            ],
        )  # fmt: skip

    def _take_reference(self, record: dict) -> None:
        self._write_record(record["key"], record)

    def _write_record(self, key: str, record: dict | None) -> None:
        """Write a reference, or take it out if it is gone or goes on under another key."""
        if record is None or record["key"] != key:
            self.database.execute('DELETE FROM "references" WHERE key = ?', [key])
        if record is None:
            return
        kept = {name: value for name, value in record.items() if name not in CHANGING}
        kept["retraction"] = {
            name: value for name, value in record["retraction"].items() if name != "checked_on"
        }
        own = record["key"]
        self.database.execute(
            'INSERT OR REPLACE INTO "references" VALUES (?, ?, ?, ?, ?, ?)',
            [
                own, record["title"], record["doi"], record["pmid"],
                record["retraction"]["status"], proof.canonical(kept),
            ],
        )  # fmt: skip
        self.database.execute("DELETE FROM aliases WHERE kept = ?", [own])
        self.database.executemany(
            "INSERT OR REPLACE INTO aliases VALUES (?, ?)",
            [[other, own] for other in record["also_known_as"]],
        )

    def _take_term(self, term: dict) -> None:
        self.database.execute(
            "INSERT OR REPLACE INTO glossary VALUES (?, ?, ?, ?)",
            [
                term["term"], term["abbreviation"], proof.canonical(term["variants"]),
                term["definition"],
            ],
        )  # fmt: skip

    def _meta(self, name: str) -> str | None:
        found = self.database.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
        return found and found[0]

    def _note_sequence(self, sequence: int, at: str | None) -> None:
        self.database.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [["sequence", str(sequence)], ["sequence_at", at or ""]],
        )


# What the hash of an edition is made of, and where it is.
FACTS = (
    "url", "number", "digest", "hash", "previous_hash", "topic_id", "published_at", "published_by",
    "change_note",
)  # fmt: skip
REVIEW = ("reviewed", "by", "at", "interests")
# What changes without an event: it follows from other content, which the copy has.
CHANGING = ("cited_by",)


def _touched(events: list[dict]) -> list[str]:
    """Return the keys of references that events are about, each once."""
    keys: dict[str, None] = {}
    for event in events:
        if event["type"].startswith("reference."):
            keys[event["reference"]["key"]] = None
            if "into" in event:
                keys[event["into"]["key"]] = None
            keys |= dict.fromkeys(event.get("moved", []))
    return list(keys)
