"""The models of the heart of the portal, one file for each part of the way to the reader.

`topic` holds the draft, `history` what never changes, `listing` what readers can find now,
`reports` what readers found wrong, `following` who is to be told of what, and `search` what words
are looked up in.
"""

from topics.models.following import Follower, Notice, Subscription
from topics.models.glossary import GlossaryTerm
from topics.models.history import Citation, Edition, Event, PublishedSlug, Review, Revision
from topics.models.listing import ListedCode, Listing, Statement, StatementCitation
from topics.models.reports import ErrorReport, ReportSender
from topics.models.rows import GradedRow, Row
from topics.models.search import (
    IndexTotal,
    Lexeme,
    Name,
    Pin,
    Posting,
    SearchCount,
    SearchSender,
    StatementPosting,
    Suggestion,
    Synonym,
    Vector,
    Word,
)
from topics.models.topic import Code, Relation, Section, Topic

__all__ = [
    "Citation",
    "Code",
    "Edition",
    "ErrorReport",
    "Event",
    "Follower",
    "GlossaryTerm",
    "GradedRow",
    "IndexTotal",
    "Lexeme",
    "ListedCode",
    "Listing",
    "Name",
    "Notice",
    "Pin",
    "Posting",
    "PublishedSlug",
    "Relation",
    "ReportSender",
    "Review",
    "Revision",
    "Row",
    "SearchCount",
    "SearchSender",
    "Section",
    "Statement",
    "StatementCitation",
    "StatementPosting",
    "Subscription",
    "Suggestion",
    "Synonym",
    "Topic",
    "Vector",
    "Word",
]
