"""From Markdown to HTML: numbers, names, marks, links, and what hostile words come to."""

import re

import pytest
from django.core.exceptions import ValidationError
from pages_data import section

from therapies.days import window
from topics import documents, numbering, rendering, statements
from topics.rendering import Sources, TopicLinks, marks, section_html

KEYS = ["worel2024", "petit2002", "duhrsen1988", "copelan2006"]


def sources(flagged=None) -> Sources:
    publications = {
        key: {"title": key, "author": [{"family": key[:-4].capitalize()}],
              "issued": {"date-parts": [[int(key[-4:])]]}}
        for key in KEYS
    }  # fmt: skip
    return Sources(numbering.number(KEYS), publications, flagged or {})


def html_of(body: str, links=None, flagged=None) -> str:
    document = {"sections": [{"heading": "What?", "kind": "overview", "body": body}]}
    documents.add_statements(document)
    return section_html(document["sections"][0], sources(flagged), TopicLinks(links or {}))


def test_references_are_numbered_by_first_appearance():
    parts = [
        {"references": ["facts2001"]},
        {"statements": [{"citations": [{"key": "b2002"}, {"key": "facts2001"}]}, {}]},
        {"references": ["row2003", "b2002"]},
    ]

    numbers = numbering.number(numbering.keys_in_order(parts))

    assert numbers == {"facts2001": 1, "b2002": 2, "row2003": 3}


@pytest.mark.parametrize(
    ("numbers", "apart", "runs"),
    [
        ([], (), []),
        ([2], (), [(2, 2)]),
        ([3, 4], (), [(3, 3), (4, 4)]),
        ([5, 3, 4, 4, 1], (), [(1, 1), (3, 5)]),
        ([3, 4, 5, 6], {3}, [(3, 3), (4, 6)]),
        ([3, 4, 5], {4}, [(3, 3), (4, 4), (5, 5)]),
    ],
)
def test_neighbouring_numbers_become_a_range(numbers, apart, runs):
    assert numbering.ranges(numbers, apart) == runs


def test_citations_and_marks_stay_with_the_word_before_them():
    cited = html_of("Cells move. [@worel2024]")
    assert 'move.\u00a0<span class="cites">' in cited.replace("&nbsp;", "\u00a0")
    assert '</span>\u00a0<span class="marks">' in cited.replace("&nbsp;", "\u00a0")
    uncited = html_of("Cells move.")
    assert 'move.\u00a0<span class="marks">' in uncited.replace("&nbsp;", "\u00a0")


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("after G-CSF alone", "G-CSF"),
        ("T-cell depletion", "T-cell"),
        ("GM-CSF", "GM-CSF"),
        ("CAR-T cells", "CAR-T"),
        ("G-CSF-mobilized cells", "G-CSF"),
        ("HLA-identical siblings", ""),
        ("graft-versus-host disease", ""),
        ("anti-T-cell", ""),
    ],
)
def test_short_names_are_held_on_one_line_with_the_letters_that_were_written(words, held):
    html = html_of(f"Seen {words}.")
    assert re.findall(r'<span class="nb">(.*?)</span>', html) == ([held] if held else [])
    assert words in re.sub(r"<[^>]*>", "", html)


def test_citations_link_to_the_list_and_name_the_place():
    html = html_of(
        "Cells move. [@worel2024; @petit2002; @duhrsen1988] Then more. [@copelan2006, p. 3]"
    )

    assert '[<a href="#ref_1" title="Worel 2024">1</a>–<a href="#ref_3"' in html
    assert '[<a href="#ref_4" title="Copelan 2006, p. 3">4</a>]' in html


def test_a_statement_carries_its_name_and_marks():
    html = html_of("- Sure. [@worel2024]{#sure certainty=high}\n- Open. {check=awaiting}")

    assert '<span class="statement" id="sure">Sure.' in html
    assert 'data-grade="high">high certainty<' in html
    assert 'href="#sure" aria-label="Link to this statement"' in html
    assert html.count("uncited") == 2  # its class and its word
    assert html.count("source check awaited") == 1
    assert html.count("not graded") == 1


def test_two_statements_of_the_same_words_have_two_names():
    html = html_of("Alike.\n\nAlike.")

    names = [part.split('"')[0] for part in html.split('class="statement" id="')[1:]]
    assert len(names) == len(set(names)) == 2


def test_a_retracted_publication_is_named_at_the_statement():
    flagged = {"petit2002": {"status": "retracted", "status_on": None, "status_notice": ""}}

    html = html_of("Cells. [@worel2024; @petit2002; @duhrsen1988]", flagged=flagged)

    assert "cites a retracted publication" in html
    assert '2 <strong class="flag">retracted</strong>' in html


def test_marks_say_nothing_of_a_certainty_that_is_said_elsewhere():
    assert "grade" not in marks("", False, True)


def test_links_lead_to_where_a_topic_is_now():
    links = {"old-name": {"slug": "new-name", "title": "New name"}, "gone": None}

    html = html_of("[One](topic:old-name), [two](topic:gone), [three](topic:of-old).", links)

    gone = 'two <strong class="mark mark-warning">withdrawn</strong>'
    assert '<a href="/topics/new-name/">One</a>' in html
    assert f'{gone}, <a href="/topics/of-old/">three</a>' in html


@pytest.mark.parametrize("later", ["split", "refused", "other words", "other citations"])
def test_what_a_later_reader_reads_otherwise_is_shown_as_it_was_published(
    monkeypatch, caplog, later
):
    document = {
        "sections": [section("Sure < safe. [@petit2002, p. 3]{#sure certainty=high}\n\n*Open.*")]
    }
    documents.add_statements(document)
    read_before = statements.parse_markdown

    def parse(body: str):
        if later == "refused":
            raise ValidationError("Line 1: not Markdown any more.")
        tokens, found = read_before(body)
        if later == "other words":
            found[0].text = "Not sure."
        if later == "other citations":
            found[0].citations = [statements.Citation("nobody1999")]
        return tokens, found[:1] if later == "split" else found

    monkeypatch.setattr(statements, "parse_markdown", parse)
    html = section_html(document["sections"][0], sources(), TopicLinks({}))

    assert html.count("<p>") == 2
    assert '<span class="statement" id="sure">Sure &lt; safe.&nbsp;<span class="cites">' in html
    assert 'title="Petit 2002, p. 3">2</a>]' in html
    assert 'data-grade="high"' in html
    assert ">Open. " in html
    assert "What is known?" in caplog.text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "[click](vbscript:x)",
        '[click](https://a.example/"onmouseover="alert(1))',
        '[click](https://a.example "x\\" onmouseover=\\"alert(1)")',
        "![<script>](javascript:alert(1))",
        "<a href='javascript:alert(1)'>x</a>",
        "`<script>`\n\n    <script>\n",
        '[x](topic:a"><script>alert(1)</script>)',
        "| a |\n|:-:|\n| <b style=x> |",
        "&lt;script&gt; &#x3c;script&#x3e;",
    ],
)
@pytest.mark.parametrize("is_still_read", [True, False])
def test_hostile_words_stay_words(hostile, is_still_read, monkeypatch):
    # An edition may have what an editor is refused today.
    with monkeypatch.context() as before:
        before.setattr(statements, "_LEFTOVERS", ())
        document = {"sections": [section(hostile)]}
        documents.add_statements(document)
        if is_still_read:
            html = section_html(document["sections"][0], sources(), TopicLinks({})).lower()
    if not is_still_read:
        html = rendering.clean(rendering._plain_html(document["sections"][0], sources())).lower()

    tags = [part.split(">")[0] for part in html.split("<")[1:]]
    assert not any(tag.startswith(("script", "img", "b ", "iframe")) for tag in tags)
    assert not any(" on" in tag or "style=" in tag or "javascript:" in tag for tag in tags)
    assert not any("data:" in tag or "vbscript:" in tag for tag in tags)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((None, None), ""), ((-8, -1), "Day −8 to −1"), ((0, 0), "Day 0"),
        ((30, 100), "Day +30 to +100"), ((None, -8), "Until day −8"),
        ((365, None), "From day +365"),
    ],
)  # fmt: skip
def test_days_are_written_as_clinicians_write_them(days, words):
    assert window(*days).replace("\N{NO-BREAK SPACE}", " ") == words
