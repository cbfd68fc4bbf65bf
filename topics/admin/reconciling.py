"""The rows of a form that was opened before somebody else saved, as those who typed them mean them.

The form names its rows by numbers that may be gone, and must become the rows of one's own side of a
conflict (conflicts.py): what was sent, and nothing of what the other person did in it.
"""

import re

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict


def reconciled(options: dict) -> dict:
    """Return the arguments of a formset, its rows brought together with those that there are now.

    A row that the other person deleted becomes a new one again; one that they replaced or added
    and that stands for the same thing is the one that is meant.
    """
    data, prefix = options["data"], options["prefix"]
    model = options["queryset"].model
    now = options["queryset"].filter(**{model.OWNER: options["instance"].pk})
    rows = {str(row.pk): row for row in now}
    sent = _sent_rows(data, prefix)
    files = _sent_rows(options["files"], prefix)
    posted = {_first(row, "id") for row in sent.values()}
    added = [row for key, row in rows.items() if key not in posted]
    kept, new = [], []
    for number, row in sent.items():
        like = None if _first(row, "id") in rows else _take_like(model, row, added)
        if like or _first(row, "id") in rows:
            kept.append((row | ({"id": [str(like.pk)]} if like else {}), files.get(number, {})))
        elif not (_first(row, "id") and "DELETE" in row):
            new.append((row | {"id": [""]}, files.get(number, {})))
    return options | {
        "data": _with_rows(data, prefix, [row for row, _ in kept + new], len(kept)),
        "files": _files_with_rows(options["files"], prefix, [row for _, row in kept + new]),
    }


def leave_only(formsets) -> None:
    """Delete the rows that whole formsets did not hold: somebody else added them meanwhile."""
    for formset in formsets:
        sent = [form.instance.pk for form in formset.forms if form.instance.pk]
        model = formset.model
        rows = model.objects.filter(**{model.OWNER: formset.instance.pk})
        rows.exclude(pk__in=sent).delete()


def _sent_rows(data, prefix: str) -> dict[int, dict[str, list]]:
    """Return the fields of each row that was sent, by its number."""
    form = re.compile(rf"{re.escape(prefix)}-(\d{{1,6}})-(.+)", re.DOTALL)
    rows: dict[int, dict[str, list]] = {}
    for name, values in data.lists():
        if found := form.fullmatch(name):
            rows.setdefault(int(found.group(1)), {})[found.group(2)] = values
    return dict(sorted(rows.items()))


def _first(row: dict[str, list], name: str) -> str:
    return (row.get(name) or [""])[0]


def _take_like(model, sent: dict[str, list], added: list):
    """Take from the rows that were added one that stands for the same thing as a row sent."""
    names = model.known_by()
    wanted = [_first(sent, name) for name in names]
    for row in added:
        attributes = (model._meta.get_field(name).attname for name in names)
        values = [getattr(row, attribute) for attribute in attributes]
        if ["" if value is None else str(value) for value in values] == wanted:
            added.remove(row)
            return row
    return None


def _with_rows(data, prefix: str, rows: list[dict], kept: int) -> QueryDict:
    made = QueryDict(mutable=True)
    others = re.compile(rf"{re.escape(prefix)}-\d{{1,6}}-.+", re.DOTALL)
    for name, values in data.lists():
        if not others.fullmatch(name):
            made.setlist(name, values)
    for number, row in enumerate(rows):
        for name, values in row.items():
            made.setlist(f"{prefix}-{number}-{name}", values)
    made[f"{prefix}-INITIAL_FORMS"], made[f"{prefix}-TOTAL_FORMS"] = str(kept), str(len(rows))
    return made


def _files_with_rows(files, prefix: str, rows: list[dict]) -> MultiValueDict:
    made = MultiValueDict()
    for name, values in files.lists():
        if not name.startswith(f"{prefix}-"):
            made.setlist(name, values)
    for number, row in enumerate(rows):
        for name, values in row.items():
            made.setlist(f"{prefix}-{number}-{name}", values)
    return made
