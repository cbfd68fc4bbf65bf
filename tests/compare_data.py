"""Two grafts to set side by side, and what a comparison says of them."""

import re

import pytest
from pages_data import publication, publish_unreviewed, section

from hsc_portal.pages import kept
from tests import clinic, pages_data, sharing
from topics.models import Topic

MARROW, CORD = "marrow-graft", "cord-graft"
BOTH = f"/therapies/compare/?t={MARROW}&t={CORD}"


def text_of(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    words = re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(words.split())


def line_of(client, path: str, label: str) -> str:
    """Return the words of the line that has a label."""
    html = client.get(path).content.decode()
    lines = re.findall(r'<tr(?: class="is-\w+")?>\n<th scope="row".*?</tr>', html, re.S)
    words = [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in lines]
    return next(line for line in words if line.startswith(label)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def made_grafts(django_db_setup, django_db_blocker):
    with sharing.kept_for_a_file(django_db_blocker):
        yield make_grafts()


@pytest.fixture
def grafts(db, made_grafts):
    kept.pages.clear()
    return tuple(Topic.objects.get(pk=graft.pk).specific for graft in made_grafts)


def make_grafts():
    """Return two therapies that say some things alike and some differently, and some alone."""
    clinic.author()  # makes the roles anew, which go with a test with real transactions
    publication("anasetti2012")
    publication("rubinstein1998")
    publish_unreviewed(
        clinic.draft(clinic.agent()), clinic.draft(clinic.complication("graft-failure"))
    )
    marrow = pages_data.draft(
        MARROW, "therapy",
        facts={"category": "transplantation", "cell_source": "bone-marrow"},
        sections=[section("Marrow is taken from the hip. [@anasetti2012, p. 3]",
                          kind="key_points")],
        tables={
            "agents": [{"agent": "filgrastim", "role": "growth-factor", "timing": "Rarely"}],
            "steps": [{"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0}],
            "risks": [{"complication": "graft-failure", "frequency": "9%", "from_day": 28,
                       "certainty": "moderate", "references": ["anasetti2012"]}],
            "milestones": [{"subset": "neutrophils", "cell_source": "bone-marrow",
                            "from_day": 20, "to_day": 21}],
            "benefits": [{"outcome": "Overall survival at 2 years", "result": "50%"}],
        },
    )  # fmt: skip
    cord = pages_data.draft(
        CORD, "therapy",
        facts={"category": "transplantation", "cell_source": "cord-blood"},
        sections=[section("Cord blood is thawed.", kind="key_points")],
        tables={
            "steps": [{"phase": "infusion", "title": "Infusion", "from_day": 0, "to_day": 0}],
            "risks": [{"complication": "graft-failure", "frequency": "10%", "from_day": 42,
                       "awaiting_check": True, "references": ["rubinstein1998"]}],
            "milestones": [{"subset": "neutrophils", "cell_source": "cord-blood",
                            "from_day": 20, "to_day": 28}],
            "benefits": [{"outcome": "Overall survival", "result": "Less"}],
            "trials": [{"name": "COBLT", "phase": "2", "status": "completed"}],
        },
    )  # fmt: skip
    publish_unreviewed(marrow, cord)
    return marrow, cord
