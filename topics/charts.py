"""What a page shows of a chart. The kinds of topics make these; a template shows them."""

from dataclasses import dataclass, field

from django.utils.safestring import SafeString


@dataclass
class Chart:
    """A chart under a heading, drawn as SVG once for wide places and once for narrow ones.

    `tables` has title and anchor of each table of the page that holds the same figures; `undrawn`
    names the rows that have no days and so no place in the chart. `key` has a small picture of
    each look that needs words, and the words.
    """

    name: str
    title: str
    svg: SafeString
    summary: str
    tables: list[tuple[str, str]] = field(default_factory=list)
    undrawn: list[str] = field(default_factory=list)
    key: list[tuple[SafeString, str]] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        # With an underscore, which no statement's name has.
        return f"chart_{self.name}"
