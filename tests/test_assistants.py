"""What assistants are told, and how: the tools over a real pipe, with the protocol's own client."""

import json
import os
import sys
from contextlib import asynccontextmanager
from urllib.parse import quote

import anyio
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.server.fastmcp.exceptions import ToolError
from pages_data import (
    draft,
    editor,
    new_edition,
    publication,
    retract,
    reviewed,
    section,
    therapy_with_tables,
    unreviewed,
    withdraw,
)

from topics import assistants, publishing
from topics.assistants import server
from topics.assistants.answers import Answers
from topics.assistants.asking import Refused
from topics.library import merging
from topics.models import GlossaryTerm

SITE = "https://hsc.example.org"
TOLD = Answers(SITE)
BODY = """\
Cells find their way. [@petit2002, p. 690]{#way certainty=high}

Some stay in the blood. [@snowden2022]{#stay certainty=low check=awaiting}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def homing(db):
    publication("petit2002"), publication("snowden2022")
    text = section("Cells go home.", "Key points", "key_points")
    return unreviewed("homing", sections=[text, section(BODY, "How?", "mechanism")])


def test_a_topic_with_all_that_must_be_known_of_it(homing):
    retract(publication("petit2002"))
    found = TOLD.topic("homing")

    assert found["edition"]["number"] == 1
    assert found["edition"]["status"] == "current"
    assert found["review"]["status"] == "not yet reviewed by a clinician"
    assert found["permanent_url"] == f"{SITE}/topics/homing/editions/1/"
    assert found["license"].startswith("https://creativecommons.org/licenses/by/4.0")
    assert [warning["status"] for warning in found["warnings"]] == ["retracted"]
    way = found["sections"][1]["statements"][0]
    assert way["text"] == "Cells find their way."
    assert way["certainty"] == "high"
    assert way["permanent_url"] == f"{SITE}/topics/homing/editions/1/#way"
    assert way["citations"] == [{"key": "petit2002", "locator": "p. 690", "status": "retracted"}]
    assert "What petit2002 found" in found["references"]["petit2002"]


def test_who_reviewed_it(db):
    reviewed("thawing")

    review = TOLD.topic("thawing")["review"]
    assert review["status"] == "reviewed by a clinician"
    assert review["by"] == "Clara Clinician"


@pytest.mark.parametrize("name", ["homing", f"{SITE}/topics/homing/", "/de/topics/homing/#way",
                                  " homing "])  # fmt: skip
def test_a_topic_is_found_by_slug_or_address(homing, name):
    assert TOLD.topic(name)["slug"] == "homing"


def test_sections_and_tables_that_are_asked_for(db):
    therapy_with_tables("graft")
    found = TOLD.topic("graft", tables=["risks"])

    assert [row["complication"] for row in found["tables"]["risks"]] == ["graft-failure"]
    assert found["other_tables"]["steps"] == 3
    assert "risks" not in found["other_tables"]
    with pytest.raises(Refused, match=r"no table prices\. The topic has: .*risks"):
        TOLD.topic("graft", tables=["prices"])


def test_one_section(homing):
    found = TOLD.topic("homing", sections=["Mechanism"])

    assert [one["heading"] for one in found["sections"]] == ["How?"]
    assert found["other_sections"] == ["Key points"]
    assert set(found["references"]) == {"petit2002", "snowden2022"}
    assert TOLD.topic("homing", sections=["key_points"])["references"] == {}
    with pytest.raises(Refused, match=r"no such section: “dosing”\. The topic has: “Key"):
        TOLD.topic("homing", sections=["key_points", "dosing"])


def test_an_earlier_edition(homing):
    new_edition(homing, summary="Another summary.")
    found = TOLD.topic("homing", edition=1)

    assert found["summary"] == "A summary of homing."
    assert found["edition"]["status"] == "superseded"
    assert found["edition"]["current_number"] == 2
    assert found["permanent_url"].endswith("/editions/1/")


def test_a_topic_that_moved_is_found(homing):
    new_edition(homing, slug="finding-home")

    assert TOLD.topic("homing")["slug"] == "finding-home"


def test_what_was_withdrawn_is_refused_with_the_reason(homing):
    withdraw(homing, "A dose was wrong.")

    for asked in ({}, {"edition": 1}):
        with pytest.raises(Refused, match=r"withdrawn on .* Reason: A dose was wrong\."):
            TOLD.topic("homing", **asked)
    with pytest.raises(Refused, match=r"Reason: A dose was wrong\."):
        TOLD.statements(topic="homing")


def test_what_is_unknown_is_refused_with_suggestions(homing):
    draft("hidden-secret", title="Hidden homing")

    with pytest.raises(Refused, match=r"“homing cells”\. Perhaps one of: homing \(Homing\)"):
        TOLD.topic("homing cells")
    with pytest.raises(Refused, match="No topic is published as “hidden-secret”") as refused:
        TOLD.topic("hidden-secret")
    assert "Hidden" not in str(refused.value)
    with pytest.raises(Refused, match="no edition 9"):
        TOLD.topic("homing", edition=9)
    with pytest.raises(Refused, match="Use its key, DOI or PMID"):
        TOLD.reference("nobody1900")


def test_single_statements(homing):
    retract(publication("petit2002"))
    found = TOLD.statements(topic="homing", certainty="high")

    (one,) = found["statements"]
    assert found["total"] == 1
    assert one["text"] == "Cells find their way."
    assert one["warnings"] == TOLD.topic("homing")["warnings"]
    assert one["warnings"][0]["label"] == "Retracted"
    assert one["edition"] == 1
    assert one["review"]["status"] == "not yet reviewed by a clinician"
    assert one["permanent_url"] == f"{SITE}/topics/homing/editions/1/#way"
    cites = TOLD.statements(cites="snowden2022")["statements"]
    assert [each["text"] for each in cites] == ["Some stay in the blood."]
    assert cites[0]["source_check_awaited"]
    with pytest.raises(Refused, match="Name a topic"):
        TOLD.statements()


def test_searching(homing):
    retract(publication("petit2002"))
    found = TOLD.search("homing way")

    assert found["topics"][0]["permanent_url"] == f"{SITE}/topics/homing/editions/1/"
    assert found["topics"][0]["review"]["status"] == "not yet reviewed by a clinician"
    for one in (found["topics"][0], found["statements"][0]):
        assert [warning["key"] for warning in one["warnings"]] == ["petit2002"]
    assert found["statements"][0]["topic"]["slug"] == "homing"
    assert TOLD.search("homing", kind="agent")["topics"] == []
    for nothing in ("", "  ", "?"):
        with pytest.raises(Refused, match="Say in words"):
            TOLD.search(nothing)


def test_a_publication(homing):
    retract(publication("petit2002"))
    found = TOLD.reference("petit2002")

    assert found["status"] == "retracted"
    assert found["notice"] == "The data were made up."
    (by,) = found["cited_by"]
    assert (by["slug"], by["edition"], by["url"]) == ("homing", 1, f"{SITE}/topics/homing/")
    assert by["permanent_url"] == f"{SITE}/topics/homing/editions/1/"
    assert by["review"]["status"] == "not yet reviewed by a clinician"


def test_who_reviewed_what_is_found_and_when_that_is_due(db):
    reviewed("thawing", next_review="2020-01-31")

    whole = TOLD.topic("thawing")["review"]
    assert whole["is_overdue"]
    found = TOLD.search("thawing")
    assert found["topics"][0]["review"] == whole
    for one in TOLD.statements(topic="thawing")["statements"]:
        assert one["review"] == whole


def test_who_cites_a_publication_under_another_key(homing):
    other = publication("gallipoli2003")
    merging.merge(other, publication("petit2002"), actor=editor())

    cited_by = TOLD.reference("gallipoli2003")["cited_by"]
    assert [one["slug"] for one in cited_by] == ["homing"]


def test_terms_say_where_they_stand(homing):
    term = GlossaryTerm(term="Leukapheresis", definition="Taking cells.", topic=homing)
    publishing.save_term(term, actor=editor())

    (one,) = TOLD.search("leukapheresis")["terms"]
    assert one["url"] == f"{SITE}/glossary/#term_leukapheresis"
    assert one["topic"] == {"slug": "homing", "title": "Homing"}


@pytest.mark.parametrize(
    ("address", "edition"),
    [
        (f"{SITE}/topics/homing/editions/1/", 1),
        (f"{SITE}/de/topics/homing/editions/1/#way", 1),
        (f"{SITE}/embed/homing/editions/1/way/", 1),
        (f"{SITE}/api/v1/topics/homing/editions/1/", 1),
        (f"{SITE}/topics/homing/", 2),
    ],
)
def test_an_address_names_its_edition(homing, address, edition):
    new_edition(homing, summary="Another summary.")

    found = TOLD.topic(address)
    assert found["edition"]["number"] == edition
    if "way" in address:
        assert [one["heading"] for one in found["sections"]] == ["How?"]
    if edition == 1:
        with pytest.raises(Refused, match="current editions, which is edition 2"):
            TOLD.statements(topic=address)


def test_an_address_names_its_day(homing):
    day = timezone.localdate()

    assert TOLD.topic(f"{SITE}/topics/homing/?as_of={day}")["edition"]["number"] == 1
    with pytest.raises(Refused, match="not published yet on 2020-01-31"):
        TOLD.topic(f"{SITE}/topics/homing/?as_of=2020-01-31")
    with pytest.raises(Refused, match="still to come"):
        TOLD.topic(f"{SITE}/topics/homing/?as_of=9999-12-31")


def test_statements_go_on_where_they_ended(homing):
    told, start = [], 0
    while start is not None:
        found = TOLD.statements(topic="homing", limit=2, offset=start)
        told += [one["text"] for one in found["statements"]]
        assert found["total"] == 3
        start = found["next_offset"]

    assert told == ["Cells go home.", "Cells find their way.", "Some stay in the blood."]


def test_what_goes_wrong_inside_is_logged_and_not_told(homing, caplog):
    def fails():
        raise RuntimeError("secret")

    with pytest.raises(server.Failed) as failed:
        server._safely(fails)

    ident = str(failed.value).rstrip(".").rpartition(" ")[2]
    assert "secret" not in str(failed.value)
    assert ident in caplog.text
    assert "secret" in caplog.text


def test_the_server_tells_the_version_of_the_portal():
    told = server.build(SITE)._mcp_server.create_initialization_options()
    assert told.server_version == settings.SPECTACULAR_SETTINGS["VERSION"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"question": "x", "limit": 31}, "limit: Input should be less than or equal to 30."),
        ({"question": "x", "certainty": "sure"}, "certainty: Input should be 'high'"),
        ({}, "question: Field required."),
    ],
)
def test_a_value_that_a_tool_does_not_take_is_refused_in_words(asked, why):
    with pytest.raises(ToolError) as refused:
        anyio.run(server.build(SITE).call_tool, "search", asked)

    assert str(refused.value).startswith(why)
    assert "pydantic" not in str(refused.value)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "topics.assistants.server", raising=False)
    monkeypatch.delattr(assistants, "server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.fastmcp", None)

    with pytest.raises(CommandError, match=r"\.venv/bin/pip install '\.\[assistants\]'"):
        call_command("serve_mcp")


@asynccontextmanager
async def asking():
    """Have a session with the server, as a program of its own with the database of the tests."""
    place = connection.settings_dict
    host, port = quote(place["HOST"], safe=""), place["PORT"]
    address = f"postgresql://{place['USER']}@/{place['NAME']}?host={host}&port={port}"
    command = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "serve_mcp", "--site", SITE],
        env=os.environ | {"DATABASE_URL": address},
        cwd=settings.BASE_DIR,
    )
    async with stdio_client(command) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        yield session


async def ask_each_tool() -> tuple[list, dict, list]:
    """Return the tools of a server that runs, an answer of each, and what it refuses."""
    answers = {
        "search": {"question": "cells in the blood"},
        "get_topic": {"topic": "homing"},
        "get_statements": {"topic": "homing", "certainty": "high"},
        "get_reference": {"reference": "petit2002"},
    }
    async with asking() as session:
        tools = (await session.list_tools()).tools
        found = {name: await session.call_tool(name, asked) for name, asked in answers.items()}
        faults = [
            await session.call_tool("get_topic", {"topic": "wrong"}),
            await session.call_tool("get_topic", {"topic": "hidden"}),
            await session.call_tool("search", {"question": "x", "kind": "nonsense"}),
        ]
        return tools, found, faults


@pytest.mark.django_db(transaction=True)
def test_over_a_pipe(transactional_db):
    publication("petit2002"), publication("snowden2022")
    unreviewed("homing", sections=[section(BODY, "How?", "mechanism")])
    withdraw(unreviewed("wrong"), "A dose was wrong.")
    draft("hidden", summary="Nobody may read this.")

    tools, found, faults = anyio.run(ask_each_tool)

    assert [tool.name for tool in tools] == list(found)
    for tool in tools:
        assert tool.annotations.readOnlyHint
        assert tool.inputSchema["type"] == "object"
        assert all(one["description"] for one in tool.inputSchema["properties"].values())
        assert tool.outputSchema["type"] == "object"
    for name, answer in found.items():
        assert not answer.isError, name
        assert json.loads(answer.content[0].text) == answer.structuredContent
    assert found["get_topic"].structuredContent["edition"]["number"] == 1
    (one,) = found["get_statements"].structuredContent["statements"]
    assert one["citations"][0]["key"] == "petit2002"
    told = [fault.content[0].text for fault in faults]
    assert all(fault.isError for fault in faults)
    assert "A dose was wrong." in told[0]
    assert "No topic is published as “hidden”" in told[1]
    assert "'overview', 'therapy'" in told[2]
    assert "Nobody may read this." not in "".join(told) + str(found)
