"""What is written in a format is read from it again, for whatever it can hold."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from references.formats import FORMATS
from tests.test_library_formats import read

# What every format can hold. Braces, stars and such have tests of their own.
WORDS = st.from_regex(r"[A-Za-zÄÖÜäöüßéøł0-9α-ω]{1,9}", fullmatch=True)
TITLES = st.lists(WORDS, min_size=2, max_size=9).map(" ".join)
SIGNS = st.sampled_from(["&", "%", "$5", "#1", "a_b", "{x}", "~", "^2", "\\n", "--", "``q''", "<5"])
SIGNED = st.lists(st.one_of(WORDS, SIGNS), min_size=2, max_size=9).map(" ".join)
FAMILY = st.from_regex(r"[A-ZÄÖ][a-zäöéø]{1,8}(?:[- ][A-Z][a-z]{1,8})?", fullmatch=True)
GIVEN = st.from_regex(r"[A-Z][a-zé]{0,6}(?: [A-Z])?", fullmatch=True)
PEOPLE = st.lists(
    st.one_of(
        st.fixed_dictionaries({"family": FAMILY, "given": GIVEN}),
        st.fixed_dictionaries({"family": FAMILY, "given": GIVEN, "suffix": st.just("Jr")}),
        TITLES.map(lambda words: {"literal": f"{words} Study Group"}),
    ),
    min_size=1, max_size=5, unique_by=str,
)  # fmt: skip
FIRST_DAY = date(1900, 1, 1)
DATES = st.one_of(
    st.integers(1900, 2090).map(lambda year: [year]),
    st.dates(min_value=FIRST_DAY).map(lambda d: [d.year, d.month]),
    st.dates(min_value=FIRST_DAY).map(lambda d: [d.year, d.month, d.day]),
).filter(lambda parts: parts[0] < 2100)
PAGES = st.one_of(
    st.integers(1, 9_000).flatmap(lambda a: st.integers(a + 1, 9_999).map(lambda b: f"{a}-{b}")),
    st.from_regex(r"e[1-9][0-9]{1,4}", fullmatch=True),
)
ITEM = {
    "title": TITLES,
    "author": PEOPLE,
    "issued": DATES.map(lambda parts: {"date-parts": [parts]}),
    "container-title": TITLES,
    "volume": st.integers(1, 999).map(str),
    "issue": st.integers(1, 99).map(str),
    "page": PAGES,
    "DOI": st.from_regex(r"10\.[0-9]{4}/[A-Za-z0-9._()-]{0,12}[A-Za-z0-9]", fullmatch=True).filter(
        lambda doi: doi.count("(") == doi.count(")")
    ),
    "PMID": st.integers(1_000_000, 99_999_999).map(str),
    "PMCID": st.integers(1, 9_999_999).map("PMC{}".format),
    "custom": st.just({"authors_truncated": True}),
}


def items(**more):
    optional = {name: value for name, value in ITEM.items() if name not in ("title", "author")}
    required = {"title": ITEM["title"], "author": PEOPLE, "type": st.just("article-journal")}
    return st.fixed_dictionaries(
        required | more | {"id": st.just("x1")},
        optional=optional,
    )


@pytest.mark.parametrize("ending", FORMATS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_again(ending, data):
    written = data.draw(st.lists(items(), min_size=1, max_size=3))

    label, found = read(FORMATS[ending].write(written))

    assert label == FORMATS[ending].label
    expected = [{name: one[name] for name in sorted(one) if name != "id"} for one in written]
    order = _groups_last if ending == "nbib" else list
    for record, item in zip(found, expected, strict=True):
        assert record.item == item | {"author": order(item["author"])}


def _groups_last(people: list[dict]) -> list[dict]:
    """Return people as MEDLINE has them: groups after all others."""
    return sorted(people, key=lambda person: "literal" in person)


@pytest.mark.parametrize("ending", ["ris", "bib", "nbib", "json"])
@settings(max_examples=60, deadline=None)
@given(title=SIGNED)
def test_signs_that_mean_something_to_a_format_stay_signs(ending, title):
    item = {"id": "x1", "type": "article-journal", "title": title}

    (found,) = read(FORMATS[ending].write([item]))[1]

    assert found.item["title"] == title


def test_nothing_is_written_of_nothing():
    assert [form.write([]).strip() for form in FORMATS.values()] == ["", "", "", "[\n]"]
