"""The content security policy of single answers: a page is allowed its own styles alone."""

import re

import pytest
from django.http import HttpResponse

from hsc_portal import policy, styles


def allowed(response) -> list[str]:
    header = response["Content-Security-Policy"]
    return re.search("style-src ([^;]*)", header)[1].split()[1:]


@pytest.mark.parametrize("path", ["/", "/topics/", "/topics/multiple-myeloma/", "/search/?q=cells"])
def test_a_page_is_allowed_the_styles_that_stand_in_it(client, library, path):
    response = client.get(path)
    inlined = re.findall("<style>(.*?)</style>", response.content.decode(), re.DOTALL)

    assert inlined
    assert sorted(allowed(response)) == sorted({styles.digest(each) for each in inlined})


@pytest.mark.parametrize(
    "path", ["/manifest.webmanifest", "/api/v1/topics/", "/glossary/names.json"]
)
def test_what_is_no_page_has_no_styles(client, library, path):
    assert allowed(client.get(path)) == []


def test_an_unchanged_page_keeps_all_its_styles(client, library):
    first = client.get("/topics/multiple-myeloma/")
    again = client.get("/topics/multiple-myeloma/", headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    # Browsers write these headers over those of the page that they kept.
    assert set(allowed(first)) <= set(allowed(again))


def test_a_style_of_somebody_else_is_not_allowed(rf):
    page = HttpResponse("<style>body { display: none }</style>")
    middleware = policy.PagePolicy(lambda request: page)

    assert middleware(rf.get("/"))._csp_replace == {"style-src": ["'self'"]}
