"""HTML is refused wherever words reach readers as they stand, and nothing else is taken for it."""

import pytest
from django.core.exceptions import ValidationError

from tests.admin_data import (
    complication,
    filled_in,
    form_url,
    logged_in,
    new_row,
    overview,
    reference,
    said,
    save,
    therapy,
)
from topics import rendering, statements, writing
from topics.desk import preview
from topics.models import Section, Topic

pytestmark = pytest.mark.django_db
REFUSED = "was not understood: HTML is not allowed."


@pytest.mark.parametrize("field", ["title", "summary", "synonyms", "note", "sections-0-heading"])
def test_html_is_refused_at_its_field(field):
    topic = overview()
    response = save(logged_in("author"), form_url(topic), **{field: "<p>Early <b>fever</b>"})
    assert REFUSED in said(response)
    assert topic.revisions.count() == 1


@pytest.mark.parametrize("words", ["Below <5% of them", "x < y and y > z", "CD34 <2 ×10⁶/kg, >5"])
def test_comparisons_are_no_html(words):
    topic = overview()
    assert save(logged_in("author"), form_url(topic), summary=words).status_code == 302
    assert Topic.objects.get().summary == words


def test_html_is_refused_in_clinical_tables():
    topic, found = therapy(), complication()
    row = {"complication": found.pk, "frequency": "<i>Often</i>", "certainty": "ungraded"}
    response = save(
        logged_in("author"), f"{form_url(topic)}?table=risks", **new_row("risks", 0, **row)
    )
    assert REFUSED in said(response)
    assert topic.risks.count() == 0


def test_html_is_refused_where_no_form_is():
    with pytest.raises(ValidationError, match="HTML is not allowed"):
        overview("other").load_fields(
            {"slug": "other", "title": "<b>Other</b>", "areas": ["biology"], "summary": "So."}
        )
    with pytest.raises(ValidationError, match="HTML is not allowed"):
        statements.parse("### <b>Heading</b>\n\nWords.")


def test_the_preview_covers_the_summary():
    client = logged_in("author")
    address = "/admin/topics/topic/writing/preview/"
    told = client.post(address, {"what": "words", "text": "After G-CSF <5%, 3-5 days."}).json()
    assert told["faults"] == []
    assert "&lt;5%" in told["html"]
    assert "3–5 days" in told["html"]
    told = client.post(address, {"what": "words", "text": "<b>So</b>"}).json()
    assert REFUSED in told["faults"][0]
    assert "<b>" not in told["html"]


def seen(text: str) -> preview.Preview:
    return preview.of_section(text, rendering.Figures())


def test_one_bad_line_hides_nothing_else():
    reference()
    found = seen("Good. [@smith2020]\n\nBad. {certainty=sure}\n\nUnknown. [@nobody1999]\n\nLast.")
    assert "Line 3" in found.faults[0]
    assert found.faults[1] == "Line 5: there is no publication “nobody1999” in the library."
    assert [mark["line"] for mark in found.marks] == [1, 5, 7]
    # What is not in the library is cited by nobody.
    assert [mark["cited"] for mark in found.marks] == [True, False, False]
    assert 'class="statement"' in found.html
    assert "Last." in found.html
    assert '<code class="language-fault">Bad. {certainty=sure}' in found.html
    assert '<code class="language-fault">Unknown. [@nobody1999]' in found.html


def test_names_that_say_nothing_are_not_shown_and_kept():
    words = "Cells divide."
    name = statements.default_anchor(words)
    body = f"{words} [@smith2020]{{#{name} certainty=high}}\n\nThey rest.{{#rest}}"
    topic = overview(body=body)
    client = logged_in("author")
    data = filled_in(client.get(form_url(topic)))
    shown = f"{words} [@smith2020]{{certainty=high}}\r\n\r\nThey rest.{{#rest}}"
    assert data["sections-0-body"] == shown
    client.post(form_url(topic), data | {"title": "Anew"})
    assert Section.objects.get().body == body
    assert writing.without_needless_names(f"So.{{#{name}}}") == f"So.{{#{name}}}"


def test_a_citation_joins_a_group_that_is_still_open_at_its_end():
    written = writing.cite("So. [@smith2020; ]", 17, "petit2002")
    assert written.text == "So. [@smith2020; @petit2002]"
