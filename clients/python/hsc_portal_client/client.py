"""The portal's API as functions."""

from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from hsc_portal_client.proof import prove, prove_chain
from hsc_portal_client.transport import Transport


class Client:
    """Asks one portal. Lists are iterators that fetch their pages as they are read.

    `base_url` is the portal's address, as https://portal.example.org; a `key` is only needed for
    higher limits. Other options are those of Transport.
    """

    def __init__(self, base_url: str, *, key: str = "", **options):
        self.base_url = base_url.rstrip("/").removesuffix("/api/v1").removesuffix("/api")
        self.transport = Transport(self.base_url, key=key, **options)

    def get(self, path: str, *, fresh: bool = False, **params) -> dict:
        """Return what is at a path of the API, as `topics/`. A list gives a parameter many times.

        Raises Problem, NotFound, Gone, or Unreachable.
        """
        given = {name: value for name, value in params.items() if value is not None}
        query = f"?{urlencode(given, doseq=True)}" if given else ""
        return self.transport.get(f"{self.base_url}/api/v1/{path}{query}", fresh=fresh)

    def pages(self, path: str, **params) -> Iterator[dict]:
        """Go through all rows of a list, page by page."""
        page = self.get(path, **params)
        yield from page["results"]
        while page.get("next"):
            page = self.transport.get(page["next"])
            yield from page["results"]

    def search(self, query: str, **params) -> dict:
        """Return the topics, statements, references and terms that answer a question."""
        return self.get("search/", q=query, **params)

    def topics(self, **filters) -> Iterator[dict]:
        """Go through the topics, in short: topics(kind="therapy", area="gene-therapy")."""
        return self.pages("topics/", **filters)

    def topic(self, slug: str, **params) -> dict:
        """Return the current edition of a topic, with all that must be known beside it."""
        return self.get(f"topics/{quote(slug)}/", **params)

    def as_of(self, slug: str, moment: str) -> dict:
        """Return what the portal said of a topic at a day or time: "2026-11-22"."""
        return self.topic(slug, as_of=moment)

    def edition(self, slug: str, number: int) -> dict:
        """Return one edition for ever. Raises NotProven if its digest or hash is not right."""
        found = self.get(f"topics/{quote(slug)}/editions/{number}/")
        prove(found)
        return found

    def editions(self, slug: str) -> list[dict]:
        """Return all editions of a topic, newest first. Raises NotProven if the chain is broken."""
        found = list(self.pages(f"topics/{quote(slug)}/editions/"))
        prove_chain(found)
        return found

    def statements(self, **filters) -> Iterator[dict]:
        """Go through single statements: statements(certainty="high", topic="filgrastim")."""
        return self.pages("statements/", **filters)

    def indications(self, **filters) -> Iterator[dict]:
        """Go through the grid of indications: indications(condition="…", scheme="EBMT")."""
        return self.pages("indications/", **filters)

    def references(self, **filters) -> Iterator[dict]:
        """Go through the publications that the portal rests on."""
        return self.pages("references/", **filters)

    def reference(self, key: str, *, fresh: bool = False) -> dict:
        """Return one publication. Of one that was merged it is the one that was kept."""
        return self.get(f"references/{quote(key)}/", fresh=fresh)

    def changes(self, after: int = 0, types: Iterable[str] = ()) -> Iterator[dict]:
        """Go through what happened after an event, up to now."""
        for page in self.pages_of_changes(after, types):
            yield from page["results"]

    def pages_of_changes(self, after: int = 0, types: Iterable[str] = ()) -> Iterator[dict]:
        """Go through the log by pages up to its end. One of only some types may be empty before."""
        page = self.get("changes/", fresh=True, after=after, limit=500, type=list(types) or None)
        while True:
            yield page
            if not page["results"] and _goes_on_after(page) >= page["last"]:
                return
            page = self.transport.get(page["next"], fresh=True)

    def export(self) -> dict:
        """Return where all content is to be had at once, and how to go on from there."""
        return self.get("export/", fresh=True)


def _goes_on_after(page: dict) -> int:
    return int(parse_qs(urlsplit(page["next"]).query)["after"][-1])
