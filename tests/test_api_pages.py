"""The pages of a list, joined, are the list: whatever it is filtered by and in whatever order."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from hypothesis import assume, given
from hypothesis import strategies as st

from hsc_portal.api import v1
from hsc_portal.rest import Cacheable
from tests import api_data, sharing
from tests.trying import tries
from topics.models import Event

# What a path and a filter need of a text; the other filters have choices.
TEXTS = {
    "q": ["antibody", "remission", "trial", "nothing at all"],
    "code": ["L04AA", "D009101", "X1"],
    "system": ["ATC"],
    "topic": ["findings", "multiple-myeloma"],
    "condition": ["lymphoma", "multiple-myeloma"],
    "reference": ["copelan2006", "snowden2022"],
    "related": ["plerixafor", "multiple-myeloma"],
    "disease": ["a"],
    "status": ["remission"],
    "year_min": ["2007"],
    "drug_class": ["antibody"],
}
NEEDED_OF_THE_PAST = {"statements/": "topic", "indications/": "condition", "codes/": "code"}


def lists() -> dict[str, type]:
    """Return the view of each list that has pages, by its path."""
    views = {one: getattr(one.callback, "view_class", None) for one in v1}
    return {
        reverse(f"api:{one.name}", args=["niche"] if "<" in str(one.pattern) else ())
        .removeprefix("/api/v1/"): view
        for one, view in views.items()
        if view and issubclass(view, Cacheable) and getattr(view, "pagination_class", None)
    }  # fmt: skip


def filters(view) -> dict:
    filterset = getattr(view, "filterset_class", None)
    return dict(filterset.base_filters) if filterset else {}


def questions(view) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Draw up to three filters or orders, each once and with a value that it knows."""
    known = {name: values(name, one) for name, one in filters(view).items()}
    pairs = [(name, value) for name, found in known.items() for value in found]
    if not pairs:
        return st.just([])
    return st.lists(st.sampled_from(pairs), max_size=3, unique_by=lambda pair: pair[0])


def values(name: str, one) -> list[str]:
    choices = [value for value, _ in one.field.choices] if hasattr(one.field, "choices") else []
    return [str(value) for value in choices if value] or TEXTS.get(name, [])


@pytest.fixture(scope="module")
def made_pages(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        api_data.make_library()
        make_more()
        yield


def make_more() -> None:
    """Publish enough of each thing for several pages of it."""
    codes = [{"system": "ATC", "code": "L04AA", "match": "exact"}]
    cells = [
        api_data.cell(option, status=f"Remission {n}")
        for n in range(6)
        for option in ("MSD", "MUD")
    ]
    body = "\n\n".join(f"Finding {n}. [@copelan2006; @snowden2022]" for n in range(14))
    for n in range(9):
        api_data.Reference.objects.create(key=f"trial{n}", csl={"title": "Trial", "type": "book"})
    api_data.publish(
        api_data.document("condition", "lymphoma", facts={"category": "malignant"},
                          tables={"indications": cells}),
        api_data.document("overview", "findings", sections=[api_data.section(body)]),
        *(api_data.document(kind, f"{kind}-{n}", title="One title for all", codes=codes,
                            facts={fact: value})
          for kind, fact, value in [("agent", "drug_class", "antibody"),
                                    ("therapy", "category", "conditioning"),
                                    ("complication", "category", "graft")]
          for n in range(5)),
    )  # fmt: skip
    for n in range(8):
        api_data.publish(api_data.document("overview", "niche", summary=f"Summary {n}"))


def test_every_list_is_asked():
    assert {"topics/", "statements/", "codes/", "references/", "indications/",
            "topics/niche/editions/"} <= set(lists())  # fmt: skip


@pytest.mark.parametrize("path", lists())
def test_the_pages_joined_are_the_list(client, db, made_pages, path):
    @tries(5)
    @given(questions(lists()[path]), st.integers(2, 9))
    def ask(asked, size):
        check_pages(client, path, asked, size)

    ask()


@pytest.mark.parametrize(
    "path", [path for path, view in lists().items() if hasattr(view, "of_then")]
)
def test_the_pages_of_the_past_joined_are_the_list_of_then(client, db, made_pages, path):
    asked = [("as_of", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")]
    if name := NEEDED_OF_THE_PAST.get(path):
        asked.append((name, TEXTS[name][0]))

    assert check_pages(client, path, asked, size=1) > 1


def check_pages(client, path: str, asked: list[tuple[str, str]], size: int) -> int:
    """Fail if the pages of a list are not the list. Returns how many rows it has."""
    whole = client.get(f"/api/v1/{path}?{urlencode([*asked, ('page_size', 100)])}")
    # Some filters exclude each other.
    assume(whole.status_code == 200)
    rows, number = [], 0
    url = f"/api/v1/{path}?{urlencode([*asked, ('page_size', size)])}"
    while url:
        number += 1
        answer = client.get(url)
        page, links = answer.json(), links_of(answer)
        rows += page["results"]
        assert page["count"] == whole.json()["count"]
        assert page["next"] == links.get("next")
        assert page["previous"] == links.get("prev")
        assert ("next" in links) == (len(rows) < page["count"])
        assert ("prev" in links) == (number > 1)
        url = page["next"]

    assert client.get(links["last"]).json()["results"] == page["results"]

    assert rows == whole.json()["results"]
    assert len({json.dumps(row, sort_keys=True) for row in rows}) == len(rows) == page["count"]
    return len(rows)


def links_of(answer) -> dict[str, str]:
    return {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="([^"]+)"', answer["Link"])}


@pytest.mark.parametrize("path", [path for path, view in lists().items() if filters(view)])
def test_a_filter_takes_rows_away_and_changes_nothing_else(client, db, made_pages, path):
    def rows(asked) -> list[str]:
        answer = client.get(f"/api/v1/{path}?{urlencode([*asked, ('page_size', 100)])}").json()
        return [json.dumps(row, sort_keys=True) for row in answer["results"]]

    @tries(5)
    @given(questions(lists()[path]))
    def ask(asked):
        # By words the best comes first; the codes that were not verified are added.
        asked = [(name, value) for name, value in asked if name not in ("q", "unverified")]
        order = [(name, value) for name, value in asked if name == "ordering"]
        found, beside = set(rows(asked)), rows(order)
        assert [row for row in beside if row in found] == rows(asked)

    ask()


def test_who_reads_page_by_page_sees_that_something_was_published(client, db, made_pages):
    first = client.get("/api/v1/topics/?page_size=5&area=transplantation")
    again = client.get(first.json()["next"])
    assert first["Content-Sequence"] == again["Content-Sequence"]
    assert int(first["Content-Sequence"]) == Event.objects.latest("pk").pk

    api_data.publish(api_data.document("overview", "a-new-one"))

    assert int(client.get(first.json()["next"])["Content-Sequence"]) > int(
        first["Content-Sequence"]
    )
    empty = client.get("/api/v1/topics/?q=kidney")
    assert int(empty["Content-Sequence"]) == Event.objects.latest("pk").pk
    assert "Content-Sequence" in empty["Access-Control-Expose-Headers"]
