"""References as styles print them, kept so that each is set once.

What was set is found by what it was set of, so that a corrected publication is set anew by itself,
and an edition prints the publication as it was. Beside the table each process keeps what it used.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice

from references import styles
from references.models import Typeset

# Another number has all set anew: for a change of `references.styles`.
VERSION = 1
KEPT = 5_000
BATCH = 200

_kept: OrderedDict[tuple[str, str], str] = OrderedDict()


def digest(item: dict) -> str:
    """Return by what a CSL-JSON item is known: all of it that a style may print."""
    printed = {name: value for name, value in item.items() if name not in styles.UNREAD}
    text = json.dumps([VERSION, printed], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


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
    """Return items as lines of plain text, in batches."""
    items = iter(items)
    while batch := list(islice(items, BATCH)):
        yield "".join(f"{styles.plain(text)}\n" for text in typeset(batch, style))


def _set(items: dict[str, dict], style: str) -> dict[str, str]:
    made = {key: styles.typeset(item, style) for key, item in items.items()}
    rows = [Typeset(digest=key, style=style, html=text) for key, text in made.items()]
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
