"""The clinical tables of a topic, each on a page of its own, some rows at a time."""

import re
from math import ceil
from urllib.parse import urlencode

from topics.admin.places import change_url

ROWS_ON_A_PAGE = 20
# As `checking.placed_rows` names them.
_ROW = re.compile(r"(\w+), row (\d{1,6})")


class TablePart:
    """An inline that is a clinical table: named as in the Document, and cut into pages."""

    @classmethod
    def relation(cls) -> str:
        """Return the name of the topic's relation that holds the rows."""
        return cls.model._meta.get_field(cls.model.OWNER).remote_field.related_name

    @classmethod
    def label(cls) -> str:
        return str(cls.model._meta.verbose_name_plural).capitalize()

    @classmethod
    def rows_of(cls, topic):
        """Return the rows of a topic, which may have been read as one of any kind."""
        return cls.model.objects.filter(**{cls.model.OWNER: topic.pk})

    def count(self, rows: int) -> None:
        """Leave the heading as it is: the link to the table has the number of all its rows."""

    def page_of(self, rows, request):
        owner = request.resolver_match.kwargs.get("object_id")
        first = (page_number(request) - 1) * ROWS_ON_A_PAGE
        own = rows.filter(**{self.model.OWNER: owner})
        keys = list(own.values_list("pk", flat=True)[first : first + ROWS_ON_A_PAGE])
        # Rows that somebody else added meanwhile may have pushed others to the next page.
        keys += own.filter(pk__in=self.sent_keys(request)).values_list("pk", flat=True)
        return rows.filter(pk__in=keys)

    @classmethod
    def sent_keys(cls, request) -> list[int]:
        """Return the keys of the rows that a form has sent."""
        name = re.compile(rf"{cls.relation()}-\d{{1,6}}-id")
        sent = (value for field, value in request.POST.items() if name.fullmatch(field))
        return [int(key) for key in sent if key.isascii() and key.isdigit() and len(key) < 18]


def chosen(admin, request):
    """Return the inline of the table that a request asks for, None for the topic's own form."""
    # A topic that is being added has no rows yet, so its form is always the whole one.
    is_saved = "object_id" in request.resolver_match.kwargs
    name = request.GET.get("table") if is_saved else None
    return next((table for table in admin.tables if table.relation() == name), None)


def page_number(request) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def links(admin, request, topic) -> list[dict]:
    """Return label, number of rows and address of each table of a topic's kind."""
    now = chosen(admin, request)
    return [
        {
            "label": table.label(),
            "rows": table.rows_of(topic).count(),
            "url": _url(topic, table),
            "is_current": table is now,
        }
        for table in admin.tables
    ]


def page(admin, request, topic) -> dict | None:
    """Return which page of which table is shown, and the addresses of the other pages."""
    table = chosen(admin, request)
    if table is None:
        return None
    count = ceil(table.rows_of(topic).count() / ROWS_ON_A_PAGE)
    return {
        "label": table.label(),
        "number": page_number(request),
        "pages": [{"number": n, "url": _url(topic, table, n)} for n in range(1, count + 1)],
        "back_url": change_url(topic),
    }


def row_url(topic, place: str, *, sources: bool) -> str:
    """Return where the row is edited that a check names as `risks, row 2`, "" for another place.

    `sources`: at what it rests on, rather than at its first field.
    """
    named = _ROW.fullmatch(place)
    model = topic.class_for(topic.kind)
    if not named or named[1] not in model.TABLES:
        return ""
    name, number = named[1], int(named[2]) - 1
    page, place_on_it = divmod(number, ROWS_ON_A_PAGE)
    field = "references" if sources else model.row_model(name).DOCUMENT_FIELDS[0]
    return f"{_address(topic, name, page + 1)}#id_{name}-{place_on_it}-{field}"


def _url(topic, table, number: int = 1) -> str:
    return _address(topic, table.relation(), number)


def _address(topic, table: str, number: int) -> str:
    query = {"table": table} | ({"page": number} if number > 1 else {})
    return f"{change_url(topic)}?{urlencode(query)}"
