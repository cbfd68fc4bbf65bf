"""What heads the review: all that differs from the reviewed edition is counted, removals too."""

import re

import figures_data
import pytest
from admin_data import logged_in, overview, person, published, step_url
from admin_data import said as page_of

from topics import documents, publishing
from topics.models import Section

pytestmark = pytest.mark.django_db

BODY = "Cells divide. [@smith2020]\n\nThey stay."
QUEUE = "/admin/topics/topic/queue/"


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def said(response) -> str:
    """Return what can be read on a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", "", page_of(response)).split())


def changed(topic, **changes):
    """Save and submit a text that differs from the latest one."""
    document = {**documents.read(topic.revisions.last().document), **changes}
    documents.load(document, topic)
    publishing.save_revision(topic.specific, author=person("author"))
    publishing.submit(topic.specific, actor=person("author"))
    return topic


def section(body: str, heading="What is it?") -> list[dict]:
    kind = Section._meta.get_field("kind").default
    return [{"kind": kind, "heading": heading, "body": body}]


def test_removed_statements_and_new_figures_are_counted():
    topic = published(overview(body=BODY))
    changed(topic, sections=section("Cells divide. [@smith2020]"), figures=[figures_data.figure()])
    page = said(logged_in("reviewer").get(step_url(topic, "review")))
    assert "1 statement removed, 1 figure added since edition 1, which" in page
    assert "Its one statement is neither new nor changed." in page
    assert "row added" not in page
    assert "unchanged row" not in page
    assert "1 statement removed, 1 figure added" in said(logged_in("editor").get(QUEUE))
    history = said(logged_in("editor").get(f"/admin/topics/topic/{topic.pk}/history/"))
    assert "1 figure added" in history
    assert "in Figures" not in history


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sections": section(BODY.replace("]", "]{check=awaiting}"))},
         "1 statement with another source check"),
        ({"sections": section(BODY, "What are they?")}, "1 section with another heading or layout"),
    ],
)  # fmt: skip
def test_whatever_else_changed_is_counted(changes, told):
    topic = published(overview(body=BODY))
    page = said(logged_in("reviewer").get(step_url(changed(topic, **changes), "review")))
    assert f"{told} since edition 1" in page


def test_a_text_without_a_changed_word_says_so():
    topic = published(overview(body=BODY))
    assert "No word changed since edition 1" in said(
        logged_in("reviewer").get(step_url(topic, "review"))
    )
