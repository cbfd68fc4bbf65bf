"""What all pages for readers have in common: how they are rendered, kept, listed and answered.

No page for readers knows who reads it. Templates get no request, so nothing in them can touch a
session or a user, and any cache in front of the portal may keep what is answered here.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from threading import Lock

from django.conf import settings
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.forms import Form, Select
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django_filters import FilterSet

from hsc_portal import faults as faulty
from hsc_portal import languages, lists

KEPT_PAGES = 512
ROWS_ON_A_PAGE = 50
# Of pages and of the API. Short, since a retraction must show within two minutes at the most; an
# expired copy may be shown while a new one is fetched.
CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=60"
CODE = ("hsc_portal", "references", "templates", "therapies", "topics")


class KeptPages:
    """The pages that were rendered last, at most `size` of them, by what they were made of."""

    def __init__(self, size: int):
        self.size = size
        self.pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self.lock = Lock()

    def find_or_make(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        with self.lock:
            if key in self.pages:
                self.pages.move_to_end(key)
                return self.pages[key]
        page = make()
        with self.lock:
            self.pages[key] = page
            while len(self.pages) > self.size:
                self.pages.popitem(last=False)
        return page


kept = KeptPages(KEPT_PAGES)


def origin(request: HttpRequest) -> str:
    """Return the portal's own address as it was asked for, without a slash at the end."""
    return request.build_absolute_uri("/").rstrip("/")


def html(template: str, context: dict | None = None) -> str:
    """Return a template as text. Without a request no context processor runs."""
    return render_to_string(template, context or {})


def answer(template: str, context: dict | None = None, *, status: int = 200) -> HttpResponse:
    """Return a page that is made anew for each request."""
    headers = {"Cache-Control": CACHE_CONTROL if status in {200, 410} else "no-cache"}
    return HttpResponse(html(template, context), status=status, headers=headers)


def answer_kept(
    request: HttpRequest, key: tuple, make: Callable[[], str], asked: Iterable[str] = ()
) -> HttpResponse:
    """Return a page that its path and `key` describe wholly: 304 to who has it, else a kept or a
    new one. `asked` names the parts of the query that the page depends on.
    """
    address = languages.address_with(request, asked)
    whole = repr((code_version(), address, *key))
    etag = f'"{hashlib.sha256(whole.encode()).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        # Who works on a template wants to see it.
        with languages.at(address):
            page = make() if settings.DEBUG else kept.find_or_make(etag, lambda: make().encode())
        response = HttpResponse(page)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def answer_once(make: Callable[[], str]) -> HttpResponse:
    """Return a page that nobody may keep, since it may be of two moments."""
    return HttpResponse(make(), headers={"Cache-Control": "no-store"})


@cache
def code_version() -> str:
    """Return a digest of all that makes a page of a Document, so that an upgrade is seen."""
    digest = hashlib.sha256()
    for folder in (*CODE, "static"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".css", ".js", ".svg", ".mo"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def bad_values(
    request: HttpRequest, faults: dict[str, Iterable[str]], form: Form | None = None
) -> HttpResponse:
    """Return the page that says which values of an address cannot be meant, and why.

    `faults` has messages by the names in the address; `form` is the one of the filters there.
    """
    told = faulty.explained(request, faults, form)
    context = {"faults": told, "address_of_rest": faulty.without(request, faults)}
    return answer("errors/400.html", context, status=400)


def answer_list(
    request: HttpRequest,
    filters,
    template: str,
    context: dict,
    shown: tuple[str, ...] = (),
    tell: Callable[[list], list] = list,
    short: lists.Short | None = None,
    beside: Callable[[FilterSet], dict] = lambda filters: {},
) -> HttpResponse:
    """Return one page of a filtered list. `shown` names the filters that the form offers.

    `tell` makes what the template shows of the rows of the page. The template gets `page` (with
    `items`), `form_fields` and `is_filtered` beside the context. A list with a `short` form can be
    asked for from A to Z, and then has its rows in `letters` too. `beside` makes more for the
    template of filters that are valid; a `total` of it is not counted again.
    """
    faults, number, is_short = _asked(request, filters, short)
    if faults:
        return bad_values(request, faults, filters.form)
    context |= beside(filters)
    found = filters.qs.order_by(*short.order) if is_short and short.order else filters.qs
    rows = lists.ROWS_FROM_A_TO_Z if is_short else ROWS_ON_A_PAGE
    page = page_of(found, number, rows, context.get("total"))
    page.object_list = tell(page.object_list)
    chosen = lists.chosen(request, filters.form)
    context |= {
        "page": page,
        "next_page": other_page(request, page, +1),
        "previous_page": other_page(request, page, -1),
        "form_fields": _offered(request, filters.form, shown),
        "is_filtered": bool(chosen),
        "chosen": chosen,
        "unfiltered": f"?{lists.VIEW}={lists.A_TO_Z}" if is_short else "?",
        "letters": short.letters(page.object_list) if is_short else [],
        "is_short": is_short,
        "other_form": short and lists.address(request, view="" if is_short else lists.A_TO_Z),
    }
    return answer(template, context)


def _asked(request: HttpRequest, filters, short) -> tuple[dict[str, Iterable[str]], int, bool]:
    """Return what cannot be meant, the number of the page, and whether the short form is asked."""
    faults = {} if filters.is_valid() else dict(filters.errors)
    number, is_short = 1, False
    try:
        is_short = bool(short) and lists.is_short(request)
    except ValueError as error:
        faults[lists.VIEW] = [str(error)]
    try:
        number = int(request.GET.get("page") or 1)
    except ValueError:
        faults["page"] = [_("Enter a whole number.")]
    return faults, number, is_short


def _offered(request: HttpRequest, form, shown: tuple[str, ...]) -> list:
    """Return the fields that a form offers: those named, and those that are on."""
    on = {name for name in form.fields if request.GET.get(name)}
    return [_offer(form, name) for name in form.fields if name in {*shown, *on}]


def _offer(form, name: str):
    """Return a field of a filter form, able to be left open.

    A choice of two values without a third would choose the first one for everybody.
    """
    field = form.fields[name]
    if isinstance(field.widget, Select) and all(value for value, _label in field.choices):
        field.widget.choices = [("", _("Any")), *field.choices]
    return form[name]


def page_of(queryset, number: int, rows: int = ROWS_ON_A_PAGE, total: int | None = None) -> Page:
    """Return one page of rows, `total` if that is known. Raises Http404 if it is not there."""
    paginator = Paginator(queryset, rows)
    if total is not None:
        paginator.count = total
    try:
        return paginator.page(number)
    except (EmptyPage, PageNotAnInteger) as error:
        raise Http404("The list has no such page.") from error


def other_page(request: HttpRequest, page: Page, step: int) -> str:
    """Return the address of the page before or after, "" if there is none."""
    number = page.number + step
    if not 1 <= number <= page.paginator.num_pages:
        return ""
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
