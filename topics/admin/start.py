"""The start page of the desk, the lists that it leads to, and the evidence map."""

from collections import Counter
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from tablib import Dataset

from topics import noticing, openings
from topics.admin import desk
from topics.admin.fields import ThemedForm
from topics.bulk import files
from topics.choices import Area, Certainty, Kind, LinkState
from topics.desk import evidence_map, worklists
from topics.desk.worklist import (
    LINKS,
    NOBODY,
    STATEMENTS,
    UNOWNED,
    Worklist,
    areas,
    kind_of,
    possible_owners,
)
from topics.errors import PublishingError
from topics.models import Citation, LinkCheck, Section, Topic

ROWS = 50
# A spreadsheet of more is no longer read by anybody; the filters make it smaller.
MOST_EXPORTED = 20_000
FORMATS = ("csv", "xlsx")
# What a file for Excel cannot hold.
CONTROLS = dict.fromkeys(n for n in range(32) if n not in (9, 10, 13))


class FilterForm(ThemedForm, forms.Form):
    """What narrows a list or the map."""

    kind = forms.ChoiceField(required=False, choices=[("", "All kinds"), *Kind.choices])
    area = forms.ChoiceField(required=False, choices=[("", "All areas"), *Area.choices])
    owner = forms.ChoiceField(required=False)

    def __init__(self, data):
        super().__init__(data)
        everybody = [("", "Everybody"), (UNOWNED, f"{NOBODY} (no owner)")]
        self.names = possible_owners()
        self.fields["owner"].choices = everybody + self.names

    @property
    def chosen(self) -> dict:
        """What was chosen. What is no choice is as if it were not said."""
        self.is_valid()
        return self.cleaned_data


class ListForm(FilterForm):
    q = forms.CharField(label="Topic", required=False, max_length=200)
    topic = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1,
                               widget=forms.HiddenInput)  # fmt: skip


class StatementForm(ListForm):
    certainty = forms.ChoiceField(
        required=False, choices=[("", "Any certainty"), *Certainty.choices]
    )


class MapForm(FilterForm):
    order = forms.ChoiceField(
        required=False, choices=[(name, words) for name, (words, _) in evidence_map.ORDERS.items()]
    )


def dashboard(request, context: dict) -> dict:
    """Add to the start page what is to be done, for those who may see drafts."""
    if request.user.has_perm("topics.view_topic"):
        numbers = worklists.counts(request.user)
        lists = [
            {"title": each.title, "about": each.about, "number": numbers[each.name],
             "url": _url(each), "is_mine": each.is_personal}
            for each in worklists.of(request.user)
        ]  # fmt: skip
        context["new"] = _new_topics(request.user)
        context["mine"] = [each for each in lists if each["is_mine"]]
        context["everybodys"] = [each for each in lists if not each["is_mine"]]
    return context


def _new_topics(user) -> list[dict]:
    """Return where somebody begins a topic, for each kind that they may write."""
    found = []
    for kind in Kind:
        opts = Topic.class_for(kind)._meta
        if user.has_perm(f"{opts.app_label}.add_{opts.model_name}"):
            url = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
            found.append({"label": kind.label, "url": url})
    return found


def urls(admin) -> list:
    """Return the pages of the lists and of the map."""

    def show(request, name):
        worklist = worklists.BY_NAME.get(name)
        if worklist is None:
            raise Http404(f"There is no list “{name}”.")
        _require(request, worklist.permission)
        if request.method == "POST":
            return _look_again(request, worklist)
        form = (StatementForm if worklist.source is STATEMENTS else ListForm)(request.GET)
        rows = worklists.narrowed(worklist, worklist.rows(request.user), form.chosen)
        if request.GET.get("format") in FORMATS:
            return _exported(worklist, rows, form, request.GET["format"])
        context = _list(request, worklist, rows, form)
        return desk.page(admin, request, None, "admin/topics/worklist.html", context)

    def show_map(request):
        _require(request, Worklist.permission)
        return desk.page(admin, request, None, "admin/topics/evidence_map.html", _map(request))

    view = admin.admin_site.admin_view
    return [
        path("lists/<slug:name>/", view(show), name="topics_topic_list"),
        path("evidence-map/", view(show_map), name="topics_topic_evidence_map"),
    ]


def _look_again(request, worklist) -> HttpResponseRedirect:
    """Take from a list what somebody says to be in order."""
    number = request.POST.get("row", "")
    if not (worklist.is_ticked and number.isdecimal() and len(number) < 19):
        raise Http404("Nothing like this is ticked off this list.")
    citation = get_object_or_404(Citation, pk=number)
    try:
        noticing.look_again(citation, actor=request.user)
    except PublishingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{citation.edition.topic} is off the list.")
    return HttpResponseRedirect(request.get_full_path())


def _require(request, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied("You may not see this list.")


def _url(worklist, **query) -> str:
    address = reverse("admin:topics_topic_list", args=[worklist.name])
    return f"{address}?{urlencode(query)}" if query else address


def _list(request, worklist, rows, form: ListForm) -> dict:
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    topic = form.chosen.get("topic")
    return {
        "title": worklist.title,
        "worklist": worklist,
        "headings": _headings(worklist),
        "form": form,
        "page": page,
        "rows": _linked_rows(worklist, page.object_list, dict(form.names)),
        "only": Topic.objects.filter(pk=topic).first() if topic else None,
        "query": _query(request, "page"),
        "formats": [
            (form.upper(), f"?{_query(request, 'page', 'format', format=form)}") for form in FORMATS
        ],
        "is_narrowed": any(form.chosen.values()),
        "can_tick": worklist.is_ticked and request.user.has_perm("references.change_reference"),
        "note": _note(worklist),
    }


def _headings(worklist) -> list[str]:
    return ["Topic", *(column.label for column in worklist.columns), "Kind", "Areas", "Owner"]


def _row(worklist, row, names: dict) -> dict:
    """Return a row as it is shown: its topic, and the other cells."""
    topic = worklist.source.topic_of(row)
    told = [str(column.told(row) or "") for column in worklist.columns]
    owner = names.get(str(row.owner), NOBODY)
    cells = [*told, kind_of(topic), areas(topic), owner]
    return {"topic": topic.title, "cells": list(zip(_headings(worklist)[1:], cells, strict=True))}


def _linked_rows(worklist, rows, names: dict) -> list[dict]:
    """Return the rows of a page, each with where what it tells of is done."""
    topics = [worklist.source.topic_of(row) for row in rows]
    addresses = [_work_url(worklist, topic) for topic in topics]
    if worklist.source is STATEMENTS:
        fields = _fields(topics)
        addresses = [
            address + fields.get((topic.pk, row.section_heading), "")
            for address, topic, row in zip(addresses, topics, rows, strict=True)
        ]
    return [
        _row(worklist, row, names)
        | {"url": address, "reader_url": _reader_url(worklist, row), "number": row.pk}
        for row, address in zip(rows, addresses, strict=True)
    ]


def _work_url(worklist, topic: Topic) -> str:
    if worklist.leads_to == "form":
        return desk.change_url(topic)
    if worklist.leads_to == "discussion":
        return reverse("admin:topics_topic_discussion", args=[topic.pk])
    return reverse("admin:topics_topic_step", args=[topic.pk, worklist.leads_to])


def _fields(topics: list[Topic]) -> dict[tuple[int, str], str]:
    """Return where in the form of its topic the text of a section stands, by topic and heading."""
    found, places = {}, Counter()
    # In the order of the form.
    for section in Section.objects.filter(topic__in=topics).order_by("topic", "position", "pk"):
        place = places[section.topic_id]
        found.setdefault((section.topic_id, section.heading), f"#id_sections-{place}-body")
        places[section.topic_id] += 1
    return found


def _reader_url(worklist, row) -> str:
    """Return where readers find a statement, "" of rows of other lists."""
    if worklist.source is not STATEMENTS:
        return ""
    return row.get_absolute_url()


def _query(request, *without: str, **more) -> str:
    query = request.GET.copy()
    for name in without:
        query.pop(name, None)
    return urlencode([*((k, v) for k, vs in query.lists() for v in vs), *more.items()])


def _note(worklist) -> str:
    """Return what must be known to understand that a list is empty."""
    if isinstance(worklist, worklists.NeverOpened):
        return (
            f"Openings are counted by day, for {openings.KEEP.days} days, without anything about "
            "readers. What a browser or a cache shows again from its own copy is not seen."
        )
    if worklist.source is not LINKS:
        return ""
    asked = LinkCheck.objects.exclude(state=LinkState.UNCHECKED).count()
    known = LinkCheck.objects.count()
    unclear = LinkCheck.objects.filter(state=LinkState.UNCLEAR).count()
    if not known:
        return (
            "No link was asked yet. The worker asks them if the portal runs with CHECK_LINKS=1; "
            "“manage.py check_links” does so at once."
        )
    return (
        f"{known} addresses are known, {asked} of them were asked. {unclear} are unclear: they "
        "refuse programs, or failed only once."
    )


def _exported(worklist, rows, form: ListForm, kind: str) -> HttpResponse:
    """Return all rows of a list as a file, in which nothing is a formula."""
    names = dict(form.names)
    table = Dataset(headers=_headings(worklist))
    for row in rows[:MOST_EXPORTED]:
        told = _row(worklist, row, names)
        table.append([cell.translate(CONTROLS) for cell in
                      (told["topic"], *(cell for _, cell in told["cells"]))])  # fmt: skip
    name = f"{worklist.name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    return HttpResponse(
        files.write(table, kind),
        content_type=files.FORMATS[kind][1],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _map(request) -> dict:
    form = MapForm(request.GET)
    chosen = form.chosen
    order = chosen.get("order") or "title"
    page, lines = evidence_map.page(chosen, order, request.GET.get("page"))
    areas = evidence_map.areas(chosen)
    narrowing = {name: chosen[name] for name in ("kind", "area", "owner") if chosen.get(name)}
    return {
        "title": "Evidence map",
        "form": form,
        "page": page,
        "grades": evidence_map.GRADES,
        "areas": [_linked(line, narrowing) for line in areas],
        "lines": [_linked(line, narrowing) for line in lines],
        "query": _query(request, "page"),
        "statements_url": reverse("admin:topics_topic_list", args=["statements"]),
    }


def _linked(line: evidence_map.Line, narrowing: dict) -> dict:
    """Return a row of the map, with where the list of each cell is."""
    # A topic is narrow enough, and need not have the area that was chosen any more.
    of = line.of if "topic" in line.of else narrowing | line.of
    statements = worklists.BY_NAME["statements"]
    return {
        "name": line.name,
        "number": line.number,
        "url": _url(statements, **of),
        "cells": [
            {"cell": cell, "url": _url(statements, **of, certainty=cell.grade.value)}
            for cell in line.cells
        ],
    }
