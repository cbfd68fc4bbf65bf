"""How much changed from one Document to another, in words."""

from collections import Counter

from django.utils.translation import ngettext_lazy

from topics.differences import ADDED, CHANGED, REMOVED, SAME, Differences, StatementDifference


def tally(found: Differences) -> list[str]:
    """Return in words how much changed, the weightiest first."""
    statements = [statement for section in found.sections for statement in section.statements]
    rows = [row for table in found.tables for row in table.rows]
    what = Counter(statement.change for statement in statements)
    of_rows = Counter(row.change for row in rows)
    graded = sum(bool(each.grading.certainty) for each in statements)
    cited = sum(bool(each.grading.citations) for each in statements)
    moved = sum(each.moved_from is not None for each in statements)
    counts = [
        (what[ADDED], ngettext_lazy("%d statement added", "%d statements added")),
        (what[REMOVED], ngettext_lazy("%d statement removed", "%d statements removed")),
        (sum(map(is_reworded, statements)),
         ngettext_lazy("%d statement reworded", "%d statements reworded")),
        (graded, ngettext_lazy("%d statement graded anew", "%d statements graded anew")),
        (cited, ngettext_lazy("%d statement with new sources", "%d statements with new sources")),
        (moved, ngettext_lazy("%d statement moved", "%d statements moved")),
        (of_rows[ADDED], ngettext_lazy("%d table row added", "%d table rows added")),
        (of_rows[REMOVED], ngettext_lazy("%d table row removed", "%d table rows removed")),
        (of_rows[CHANGED], ngettext_lazy("%d table row changed", "%d table rows changed")),
        (what[SAME], ngettext_lazy("%d statement unchanged", "%d statements unchanged")),
    ]  # fmt: skip
    return [told % count for count, told in counts if count]


def is_reworded(statement: StatementDifference) -> bool:
    return statement.change == CHANGED and any(piece.kind != SAME for piece in statement.text)
