"""Content files written by hand: what is wrong with them is said, and nothing is half loaded."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import clinic
from topics import publishing, reading
from topics.models import Topic

pytestmark = pytest.mark.django_db


def small_folder(base: Path, **files: str) -> Path:
    (base / "references/content").mkdir(parents=True)
    (base / "references/content/references.json").write_text("[]")
    (base / "topics/content").mkdir(parents=True)
    for name, text in files.items():
        (base / "topics/content" / f"{name.replace('_', '-')}.md").write_text(text)
    return base


GOOD = "---\nkind: overview\nslug: niche\ntitle: Niche\nareas: [biology]\nsummary: A home.\n---\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no head", "needs a YAML head"),
        ("---\na: [b\n---\n", "cannot be read"),
        ("---\n- a\n---\n", "must have keys"),
        (GOOD.replace("title", "tittle"), "Unknown key tittle"),
        (GOOD.replace("niche", "other"), "The slug must be the file's name"),
        (GOOD.replace("overview", "agent"), "in the folder of the kind overview"),
        (GOOD + "stray words\n", "stands outside a section"),
        (GOOD + "\n## How? {kind=wish}\n\nText.\n", "is not a valid choice"),
        (GOOD + "\n## How? {kind=mechanism}\n\nText. [@nobody2020]\n", "Unknown reference"),
        (GOOD + "\n## How? {kind=mechanism}\n\nText. {certainty=sure}\n", "certainty=sure"),
        (GOOD.replace("title: Niche\n", ""), "title"),
        (GOOD.replace("[biology]", "[biology]\nrelations:\n- {kind: related, topic: gone}"),
         "There is no topic “gone”"),
        (GOOD.replace("[biology]", "[biology]\nrelations:\n- {kind: related}"),
         "must have a kind and a topic"),
    ],
)  # fmt: skip
def test_faulty_files_are_named_and_nothing_is_loaded(tmp_path, text, message):
    folder = small_folder(tmp_path, niche=text, fine=GOOD.replace("niche", "fine"))
    with pytest.raises(CommandError) as caught:
        call_command("load_content", folder=folder, verbosity=0)
    assert message in str(caught.value)
    assert "niche.md" in str(caught.value)
    assert not Topic.objects.exists()


def test_a_file_written_by_hand_is_loaded_and_changed(tmp_path):
    folder = small_folder(tmp_path, niche=GOOD + "\n## Why? {kind=overview}\n\n\nA home.  \n")
    call_command("load_content", folder=folder, verbosity=0)
    assert reading.current("niche").edition.number == 1
    path = folder / "topics/content/niche.md"
    path.write_text(path.read_text().replace("A home.  ", "A quiet home."))
    call_command("load_content", folder=folder, verbosity=0)
    found = reading.current("niche")
    assert found.edition.number == 2
    # Readers of the history are told that it is no longer the first text.
    assert "brought up to date" in found.edition.change_note
    # The statement was reworded, so it keeps the name that it was published with.
    assert found.document["sections"][0]["body"].startswith("A quiet home.{#s-")


def test_a_topic_that_a_clinician_reviewed_is_left_alone(tmp_path):
    folder = small_folder(tmp_path, niche=GOOD)
    call_command("load_content", folder=folder, verbosity=0)
    topic = Topic.objects.get(slug="niche")
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Reviewed")
    (folder / "topics/content/niche.md").write_text(GOOD.replace("A home.", "Another home."))
    call_command("load_content", folder=folder, verbosity=0)
    assert reading.current("niche").edition.is_reviewed


def test_a_withdrawn_topic_is_not_published_again_by_loading(tmp_path):
    folder = small_folder(tmp_path, niche=GOOD)
    call_command("load_content", folder=folder, verbosity=0)
    topic = Topic.objects.get(slug="niche")
    publishing.withdraw(topic, actor=clinic.editor(), reason="Wrong")
    call_command("load_content", folder=folder, verbosity=0)
    with pytest.raises(reading.Withdrawn):
        reading.current("niche")
