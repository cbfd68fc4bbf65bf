"""Home, references, glossary, about, and what is answered when something goes wrong."""

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from pages_data import (
    condition_with_grid,
    document,
    draft,
    drafts,
    editor,
    new_edition,
    publication,
    publish_unreviewed,
    retract,
    section,
    therapy_with_tables,
    unreviewed,
    withdraw,
)

from hsc_portal import error_pages
from hsc_portal.pages import KeptPages
from topics import journey, publishing
from topics.models import GlossaryTerm
from topics.views import site

pytestmark = pytest.mark.django_db


def html_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_home_of_an_empty_portal(client):
    assert "Nothing is published yet." in html_of(client, "/")


def test_home_counts_topics_and_shows_what_changed(client):
    unreviewed("graft", "therapy", areas=["conditioning"])

    html = html_of(client, "/")

    assert '<a href="/therapies/">Therapies</a> <span>1</span>' in html
    assert '?area=conditioning">Conditioning</a></h3>' in html
    assert '<p class="meta">1 topic</p>' in html
    assert "None of the 1 published topics has been reviewed" in html
    assert "Starter content" in html


def test_home_tells_what_came_together_in_one_line(client):
    brought = drafts(*(document(f"brought-{n}") for n in range(9)))
    publish_unreviewed(*brought)
    new_edition(unreviewed("graft"), "A figure was wrong", summary="Said anew.")

    latest = latest_of(html_of(client, "/"))

    assert '<a href="/whats-new/">9 topics</a> <span class="meta">Edition 1, published' in latest
    assert "Graft" in latest
    assert "Brought" not in latest
    assert latest.count("<li>") == 2


def test_home_names_each_of_a_few_that_came_together(client):
    publish_unreviewed(*drafts(*(document(f"brought-{n}") for n in range(3))))

    assert latest_of(html_of(client, "/")).count("Brought") == 3


def latest_of(html: str) -> str:
    return html.partition('<ul class="latest">')[2].partition("</ul>")[0]


def test_home_promises_no_more_than_it_shows(client):
    assert "or says that it is not graded yet or uncited" in html_of(client, "/")


def test_home_offers_examples_that_are_published(client):
    unreviewed("gvhd-prevention"), draft("sickle-cell-disease")

    examples = html_of(client, "/").partition('<ul class="tries">')[2].partition("</ul>")[0]

    assert '<a href="/topics/gvhd-prevention/">Gvhd prevention</a>' in examples
    assert examples.count("<a ") == 1


def test_the_examples_of_the_home_page_are_in_the_starter_content():
    files = {path.stem for path in settings.BASE_DIR.glob("*/content/**/*.md")}
    assert files.issuperset([*site.TRIES, *journey.SLUGS])


def test_a_reference_leads_to_the_statements_that_cite_it(client):
    publication("petit2002", DOI="10.1038/nature", PMID="12345")
    unreviewed("graft", sections=[section("Cells move. [@petit2002, p. 690]{#cells-move}")])

    html = html_of(client, "/references/petit2002/")

    assert '<a href="/topics/graft/#cells-move">Cells move.</a> <small>p. 690</small>' in html
    assert 'href="https://doi.org/10.1038/nature"' in html
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/12345/"' in html


def test_a_reference_names_topics_that_cite_it_in_a_table_only(client):
    condition_with_grid()

    html = html_of(client, "/references/snowden2022/")

    assert '<a href="/topics/leukemia/">Leukemia</a>' in html
    assert "In a table or in the facts of the page." in html


def test_a_reference_forgets_a_withdrawn_topic(client):
    publication("petit2002")
    topic = unreviewed("graft", sections=[section("Cells move. [@petit2002]")])

    withdraw(topic, "Wrong.")

    assert "No published topic cites it now." in html_of(client, "/references/petit2002/")


def test_a_retracted_reference_says_so(client):
    retract(publication("petit2002"))

    assert "notice of 4 May 2026" in html_of(client, "/references/petit2002/")
    assert "Retracted" in html_of(client, "/references/")


@pytest.mark.parametrize("number", [1, 50])
def test_the_queries_of_a_list_do_not_grow(client, django_assert_num_queries, number):
    publication("petit2002")
    topics = drafts(*(
        document(f"topic-{n}", sections=[section(f"Number {n}. [@petit2002]")])
        for n in range(number)
    ))  # fmt: skip
    publish_unreviewed(*topics)
    for n in range(number):
        publication(f"author{n:04}", issued={"date-parts": [[2000]]})
        term = GlossaryTerm(term=f"term {n}", definition="A word.", topic=topics[0])
        publishing.save_term(term, actor=editor())
    budget = {
        "/": 3, "/topics/": 2, "/therapies/": 1, "/references/": 2, "/references/petit2002/": 3,
        "/glossary/": 1, "/about/": 0,
    }  # fmt: skip
    for path, queries in budget.items():
        with django_assert_num_queries(queries):
            client.get(path)


def test_the_glossary_names_topics_only_while_they_are_published(client):
    topic = unreviewed("graft")
    term = GlossaryTerm(term="graft", abbreviation="Gr", definition="Cells given.", topic=topic)
    publishing.save_term(term, actor=editor())
    assert '<a href="/topics/graft/">Graft</a>' in html_of(client, "/glossary/")

    withdraw(topic, "Wrong.")

    html = html_of(client, "/glossary/")
    assert "Cells given." in html
    assert "/topics/graft/" not in html


def test_pages_about_the_portal(client):
    about = html_of(client, "/about/")
    for part in ("certainty", "people", "review", "interests", "corrections", "report", "privacy"):
        assert f'<h2 id="{part}">' in about
    assert 'href="/report/"' in about
    assert "Disallow: /admin/" in html_of(client, "/robots.txt")
    assert client.get("/favicon.ico")["Location"].endswith("favicon.svg")


def test_every_page_is_well_made(client):
    therapy_with_tables()
    condition_with_grid()
    for path in ("/", "/topics/", "/therapies/", "/glossary/", "/about/", "/references/",
                 "/topics/leukemia/", "/topics/infusion-of-a-graft/", "/references/petit2002/",
                 "/topics/leukemia/editions/"):  # fmt: skip
        html = html_of(client, path)
        assert html.count("<h1") == 1
        assert html.count("<main ") == 1
        assert 'lang="en"' in html
        assert 'href="#main"' in html
        assert " style=" not in html and "<script>" not in html and "{#" not in html
        ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
        assert len(ids) == len(set(ids))


def test_an_unknown_page_and_an_unknown_path_of_the_api(client):
    assert "There is nothing at this address" in html_of(client, "/nothing/", 404)

    problem = client.get("/api/nothing")
    assert problem.status_code == 404
    assert problem["Content-Type"] == "application/problem+json"


def test_pages_of_errors_need_no_database(django_assert_num_queries):
    request = RequestFactory().get("/anything/")
    with django_assert_num_queries(0):
        answers = [
            error_pages.bad_request(request, None),
            error_pages.forbidden(request, None),
            error_pages.not_found(request, None),
            error_pages.failed(request),
        ]
    assert [answer.status_code for answer in answers] == [400, 403, 404, 500]
    assert all(b"<h1>" in answer.content for answer in answers)


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/logout/"])
def test_a_form_that_was_too_old_is_said_to_be_so(path):
    response = Client(enforce_csrf_checks=True).post(path, {"username": "a", "password": "b"})

    assert response.status_code == 403
    assert "the form you sent was too old" in response.content.decode()


def test_only_the_last_pages_are_kept():
    pages = KeptPages(2)
    for name in ("a", "b", "a", "c"):
        pages.find_or_make(name, name.encode)

    assert list(pages.pages) == ["a", "c"]
    assert pages.find_or_make("a", lambda: b"made anew") == b"a"
