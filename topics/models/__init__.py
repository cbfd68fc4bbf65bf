"""The models of the heart of the portal, one file for each part of the way to the reader.

`topic` holds the draft, `history` what never changes, `listing` what readers can find now,
`reports` what readers found wrong, `desk` who of the team is to do what, `following` who is to be
told of what, `search` what words are looked up in, `watching` what is opened and linked to, and
`webhooks` where partners are told of events.
"""

from topics.models.desk import (
    Assignment,
    Comment,
    DeskMail,
    DraftLink,
    MailPreference,
    Schedule,
)
from topics.models.figures import Figure, PublishedFigure
from topics.models.following import Follower, Notice, Subscription
from topics.models.glossary import GlossaryTerm
from topics.models.history import Citation, Edition, Event, PublishedSlug, Review, Revision
from topics.models.listing import ListedCode, Listing, Statement, StatementCitation
from topics.models.presence import Presence
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
from topics.models.watching import LinkCheck, Opening
from topics.models.webhooks import Delivery, Webhook

__all__ = [
    "Assignment",
    "Citation",
    "Code",
    "Comment",
    "Delivery",
    "DeskMail",
    "DraftLink",
    "Edition",
    "ErrorReport",
    "Event",
    "Figure",
    "Follower",
    "GlossaryTerm",
    "GradedRow",
    "IndexTotal",
    "Lexeme",
    "LinkCheck",
    "ListedCode",
    "Listing",
    "MailPreference",
    "Name",
    "Notice",
    "Opening",
    "Pin",
    "Posting",
    "Presence",
    "PublishedFigure",
    "PublishedSlug",
    "Relation",
    "ReportSender",
    "Review",
    "Revision",
    "Row",
    "Schedule",
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
    "Webhook",
    "Word",
]
