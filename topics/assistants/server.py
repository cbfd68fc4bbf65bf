"""The Model Context Protocol over `answers`. Needs the extra `assistants`."""

import json
import logging
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils import translation
from mcp.server.fastmcp import FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field, ValidationError

from topics.assistants.answers import MOST, Answers
from topics.assistants.asking import Refused
from topics.choices import Certainty, Kind

NAME = "HSC Portal"
INSTRUCTIONS = """\
HSC Portal is an open clinical knowledge base about hematopoietic stem cells: mobilization, \
transplantation, conditioning, engraftment, gene therapy, complications, conditions treated.
Begin with `search`, then read whole topics with `get_topic` or single graded statements with \
`get_statements`. Quote the edition number and the permanent_url of what you use. Say so if it is \
"not yet reviewed by a clinician", how certain a statement is, and if a publication that it cites \
was retracted or corrected. Do not answer from what was withdrawn. It is information for \
clinicians and researchers, no advice for a single patient."""
READ_ONLY = ToolAnnotations(
    readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False
)

logger = logging.getLogger(__name__)


class Failed(Exception):
    """Something went wrong; the text has the id under which it was logged, and nothing else."""


Told = Annotated[CallToolResult, dict[str, Any]]
KindName = Literal[tuple(Kind.values)]
Grade = Literal[tuple(Certainty.values)]
TopicName = Annotated[
    str, Field(description="Slug of the topic, as acute-gvhd, or any address of it.")
]
Limit = Annotated[int, Field(ge=1, le=MOST, description="How many at the most.")]


class Tools:
    """What an assistant can ask; each name and word here is read by it."""

    def __init__(self, origin: str):
        self._told = Answers(origin)

    async def search(
        self,
        question: Annotated[str, Field(description="A question, words, a name or a code.")],
        kind: Annotated[KindName | None, Field(description="Only topics of this kind.")] = None,
        certainty: Annotated[
            Grade | None, Field(description="Only statements of this certainty (GRADE).")
        ] = None,
        limit: Limit = 5,
    ) -> Told:
        """Find topics, statements, publications and glossary terms that answer a question."""
        return await _tell(self._told.search, question, kind or "", certainty or "", limit)

    async def get_topic(
        self,
        topic: TopicName,
        edition: Annotated[
            int | None, Field(ge=1, description="An earlier edition, by its number.")
        ] = None,
        sections: Annotated[
            list[str] | None,
            Field(description="Only these sections, by heading or kind, as key_points."),
        ] = None,
        tables: Annotated[
            list[str] | None,
            Field(description="Clinical tables to show, by the names in other_tables."),
        ] = None,
    ) -> Told:
        """Read a topic: its text by sections with graded, cited statements, facts and codes."""
        return await _tell(self._told.topic, topic, edition, sections or (), tables or ())

    async def get_statements(
        self,
        topic: Annotated[str, Field(description="Slug of a topic, or nothing for all.")] = "",
        words: Annotated[str, Field(description="Words that the statement has.")] = "",
        certainty: Annotated[Grade | None, Field(description="Certainty (GRADE).")] = None,
        cites: Annotated[str, Field(description="Key of a publication that it cites.")] = "",
        limit: Limit = 20,
        offset: Annotated[
            int, Field(ge=0, description="How many to leave out; next_offset of the last answer.")
        ] = 0,
    ) -> Told:
        """List single statements of current editions with certainty and citations."""
        return await _tell(
            self._told.statements, topic, words, certainty or "", cites, limit, offset
        )

    async def get_reference(
        self, reference: Annotated[str, Field(description="Key, DOI, PMID or PMCID.")]
    ) -> Told:
        """Read a publication of the library: whether it was retracted, and which topics cite it."""
        return await _tell(self._told.reference, reference)


class Server(FastMCP):
    """Refuses values that a tool does not take in words, without those of the library."""

    async def call_tool(self, name: str, arguments: dict[str, Any]):
        try:
            return await super().call_tool(name, arguments)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            faults = error.__cause__.errors(include_url=False, include_context=False)
            told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}." for one in faults]
            raise ToolError(" ".join(told)) from None


def build(origin: str, **options) -> FastMCP:
    """Return the server of the portal at an address. `options` are those of FastMCP."""
    tools = Tools(origin)
    server = Server(NAME, instructions=INSTRUCTIONS, website_url=origin, **options)
    # FastMCP takes no version, and would tell the one of the library.
    server._mcp_server.version = settings.SPECTACULAR_SETTINGS["VERSION"]
    for tool in (tools.search, tools.get_topic, tools.get_statements, tools.get_reference):
        server.add_tool(tool, annotations=READ_ONLY)
    return server


def behind(origin: str, port: int) -> FastMCP:
    """Return the server for streamable HTTP on this machine, asked by the hosts of the portal."""
    hosts = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    allowed = TransportSecuritySettings(
        enable_dns_rebinding_protection="*" not in settings.ALLOWED_HOSTS,
        allowed_hosts=[*hosts, *(f"{host}:*" for host in hosts)],
        allowed_origins=[
            f"{scheme}://{host}{port}"
            for host in hosts
            for scheme in ("http", "https")
            for port in ("", ":*")
        ],
    )
    # Each question stands for itself, so any process may answer it.
    return build(
        origin, host="127.0.0.1", port=port, stateless_http=True, json_response=True,
        transport_security=allowed,
    )  # fmt: skip


async def _tell(answer: Callable[..., dict], *asked) -> CallToolResult:
    """Return what is told as data and as the same in text, without spaces that cost."""
    found = await sync_to_async(_safely)(_of_one_moment, answer, *asked)
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), default=str)
    content = [TextContent(type="text", text=text)]
    return CallToolResult(content=content, structuredContent=json.loads(text))


def _safely(answer: Callable[..., dict], *asked) -> dict:
    """Return an answer. Raises Refused, and Failed for whatever else goes wrong."""
    try:
        return answer(*asked)
    except Refused:
        raise
    except Exception:
        # Its words would tell strangers of our insides.
        ident = uuid.uuid4().hex
        logger.exception("Error %s in an answer to an assistant", ident)
        raise Failed(f"Something went wrong on this side. It was logged as {ident}.") from None


def _of_one_moment(answer: Callable[..., dict], *asked) -> dict:
    """Return an answer that is of one moment, by a transaction that can write nothing."""
    close_old_connections()
    try:
        with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return answer(*asked)
    finally:
        close_old_connections()
