"""What must be said beside a statement or row, in plain words, where there is no markup.

In markup `rendering.marks` says the same.
"""

from collections.abc import Iterable

from hsc_portal import languages
from topics import rendering
from topics.choices import Certainty


def plain(
    certainty: str, awaiting_check: bool, cited: Iterable[str], flagged: dict[str, dict]
) -> list[str]:
    """Return how sure something is and what is open about it.

    `cited` has the keys of what it rests on; `flagged` is that of a Reading. Without `certainty`
    nothing is said of it.
    """
    keys = set(cited)
    states = {flagged[key]["status"] for key in keys if key in flagged}
    found = [languages.in_sentence(Certainty(certainty).label)] if certainty else []
    found += [] if keys else ["uncited"]
    found += ["source check awaited"] if awaiting_check else []
    return found + [str(words) for status, words in rendering.WARNINGS.items() if status in states]


def of_statement(statement: dict, flagged: dict[str, dict]) -> str:
    """Return the marks of a statement of a Document, apart by semicolons."""
    cited = [one["key"] for one in statement.get("citations", [])]
    certainty = statement.get("certainty", Certainty.UNGRADED)
    return "; ".join(plain(certainty, statement.get("awaiting_check", False), cited, flagged))
