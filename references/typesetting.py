"""References as styles print them, kept so that each is set once.

What was set is found by what it was set of, so that a corrected publication is set anew by itself,
and an edition prints the publication as it was. Beside the table each process keeps what it used.

Who asks for one publication or a file writes what was missing. A topic page cites many, is made
with two queries and writes nothing (`printed`); the worker sets for it what is missing (`fill`).
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from references import styles
from references.models import Typeset

# Another number has all set anew: for a change of `references.styles`.
VERSION = 3
KEPT = 5_000
BATCH = 200
# The key of an item stays in its digest: who has the keys finds all that was set of them.
UNREAD = styles.UNREAD - {"id"}

# Made once: that takes as long as to write an item.
_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, check_circular=False).encode
_kept: OrderedDict[tuple[str, str], str] = OrderedDict()


def digest(item: dict) -> str:
    """Return by what a CSL-JSON item is known: all of it that a style may print."""
    printed = {name: value for name, value in item.items() if name not in UNREAD}
    return hashlib.sha256(_canonical([VERSION, printed]).encode()).hexdigest()


def typeset(items: Iterable[dict], style: str) -> list[str]:
    """Return items as a style prints them, as HTML, with one query for those not kept here."""
    wanted = [(digest(item), item) for item in items]
    lacking = {key: item for key, item in wanted if (key, style) not in _kept}
    found = {}
    if lacking:
        rows = Typeset.objects.filter(style=style, digest__in=lacking)
        found = dict(rows.values_list("digest", "html"))
        found |= _set({key: item for key, item in lacking.items() if key not in found}, style)
    return [_keep(key, style, found) for key, _ in wanted]


def pieces(items: Iterable[dict], style: str = styles.DEFAULT) -> Iterator[str]:
    """Return items as lines of plain text, in batches, each with the warning in its `custom`."""
    items = iter(items)
    while batch := list(islice(items, BATCH)):
        texts = zip(batch, typeset(batch, style), strict=True)
        yield "".join(f"{styles.plain(text)}{_warning(item)}\n" for item, text in texts)


def _warning(item: dict) -> str:
    told = (item.get("custom") or {}).get("warning")
    return f" [{told}]" if told else ""


def printed(items: Iterable[dict], style: str, found: Mapping[str, str]) -> list[str]:
    """Return items as a style prints them, as HTML, without any query.

    `found` has what was set before, by digest. What is missing is set, and kept by this process.
    """
    texts = []
    for item in items:
        name = digest(item)
        kept = found.get(name) or _kept.get((name, style)) or styles.typeset(item, style)
        texts.append(_keep(name, style, {name: kept}))
    return texts


def fill(items: Iterable[dict], style: str) -> int:
    """Set the items that are missing in a style, and write them. Return how many were."""
    count, items = 0, iter(items)
    while batch := list(islice(items, BATCH)):
        wanted = {digest(item): item for item in batch}
        rows = Typeset.objects.filter(style=style, digest__in=wanted)
        there = set(rows.values_list("digest", flat=True))
        count += len(_set({key: wanted[key] for key in wanted.keys() - there}, style))
    return count


def _set(items: dict[str, dict], style: str) -> dict[str, str]:
    made = {key: styles.typeset(item, style) for key, item in items.items()}
    rows = [
        Typeset(digest=key, style=style, html=text, key=str(items[key].get("id", ""))[:200])
        for key, text in made.items()
    ]
    # Somebody else may have set the same at this moment.
    Typeset.objects.bulk_create(rows, ignore_conflicts=True)
    return made


def _keep(key: str, style: str, found: dict[str, str]) -> str:
    text = found.get(key) or _kept[key, style]
    _kept[key, style] = text
    _kept.move_to_end((key, style))
    if len(_kept) > KEPT:
        _kept.popitem(last=False)
    return text


def forget() -> None:
    """Forget what this process keeps."""
    _kept.clear()
