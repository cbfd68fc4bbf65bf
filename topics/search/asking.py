"""What kind of answer a question asks for: a time, a share, an amount."""

import re

# Words of a question, and what an answer to it has.
KINDS = [
    (
        re.compile(
            r"\b(when|how (long|soon|late|old)|onset|timing|start|until|age|days?|weeks?|months?)",
            re.I,
        ),
        re.compile(r"\b(days?|weeks?|months?|years?|hours?)\b", re.I),
    ),
    (
        re.compile(
            r"\b(how (many|often|likely|frequent|common)|incidence|rates?|odds|survival|risk of|"
            r"mortality|percent|chances?|frequency|results?|outcomes?)\b",
            re.I,
        ),
        re.compile(r"\d ?%|\b\d+ of \d+\b|\b\d+ in \d+\b"),
    ),
    (
        re.compile(r"\b(doses?|dosing|dosage|how much|levels?|thresholds?|target)\b", re.I),
        re.compile(r"\d ?(mg|µg|mcg|g|mL|Gy|IU|h)\b|× ?10", re.I),
    ),
    (
        re.compile(r"\b(stop|stopped|stopping|wean|weaning|taper|continue|keep)\b", re.I),
        re.compile(r"\b(stop|stopped|stops|until|taper\w*|continue[ds]?|throughout)\b", re.I),
    ),
    (
        re.compile(r"\b(how often|every|frequency|intervals?)\b", re.I),
        re.compile(r"\b(every|daily|weekly|monthly|yearly|once|twice)\b", re.I),
    ),
    (
        re.compile(r"\b(interactions?|interacts?)\b", re.I),
        re.compile(r"\b(levels?|inhibit\w*|raises?|lowers?|interact\w*)\b", re.I),
    ),
]


def fits(question: str, text: str) -> int:
    """Return how many kinds of answer that a question asks for a text has."""
    return sum(bool(asks.search(question) and has.search(text)) for asks, has in KINDS)
