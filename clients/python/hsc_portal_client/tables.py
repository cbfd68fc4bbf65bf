"""The tables of a copy."""

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
-- What readers can find now: one row for each topic, with the Document of its current edition as
-- the JSON that was hashed. `facts` has edition and review, from which its hash can be proven.
CREATE TABLE IF NOT EXISTS topics (
    topic_id INTEGER PRIMARY KEY, slug TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    edition INTEGER NOT NULL, digest TEXT NOT NULL, hash TEXT NOT NULL,
    published_at TEXT NOT NULL, facts TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS topics_by_slug ON topics (slug);
-- Topics that were withdrawn since the copy was loaded: show the reason, not the text.
CREATE TABLE IF NOT EXISTS withdrawn (
    topic_id INTEGER PRIMARY KEY, slug TEXT NOT NULL, title TEXT NOT NULL,
    edition INTEGER NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL
);
-- All editions that were ever seen, chained by their hashes.
CREATE TABLE IF NOT EXISTS editions (
    topic_id INTEGER, number INTEGER, digest TEXT NOT NULL, hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL, PRIMARY KEY (topic_id, number)
);
-- Publications with their notices; `record` is the JSON of the API.
CREATE TABLE IF NOT EXISTS "references" (
    key TEXT PRIMARY KEY, title TEXT NOT NULL, doi TEXT, pmid TEXT, status TEXT NOT NULL,
    record TEXT NOT NULL
);
-- Other keys of publications, as Documents may cite them.
CREATE TABLE IF NOT EXISTS aliases (key TEXT PRIMARY KEY, kept TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS glossary (
    term TEXT PRIMARY KEY, abbreviation TEXT NOT NULL, variants TEXT NOT NULL,
    definition TEXT NOT NULL
);
"""

# What is the same in each copy of one moment.
IDENTICAL = {
    "topics": (
        "topic_id", "slug", "kind", "title", "edition", "digest", "hash", "published_at", "facts",
        "document",
    ),
    '"references"': ("key", "title", "doi", "pmid", "status", "record"),
    "aliases": ("key", "kept"),
    "glossary": ("term", "abbreviation", "variants", "definition"),
}  # fmt: skip
