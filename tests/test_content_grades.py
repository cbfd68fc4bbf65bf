"""A figure of a publication is graded alike wherever the starter content prints it.

Read from the content files alone, without a database.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from topics import content, contentfile, documents
from topics.models import Topic

BASE = Path(__file__).parent.parent
# Percentages, decimal numbers and cell counts. Whole numbers are mostly days, doses or ages.
FIGURE = re.compile(r"(?<![\w.])(?:\d+(?:\.\d+)?%|\d+\.\d+|\d+/µL)")
NO_FIGURES = {"references", "certainty", "awaiting_check"}


def graded_parts(base: Path) -> Iterator[tuple[str, frozenset, str, dict]]:
    """Yield page, cited keys, text and the whole of each statement, fact and row with sources."""
    for kind, path in content.topic_files(base):
        document = contentfile.from_text(path.read_text(), tuple(Topic.class_for(kind).TABLES))
        documents.add_statements(document)
        for statement in documents.all_statements(document):
            keys = frozenset(citation["key"] for citation in statement.get("citations", []))
            if keys:
                yield path.stem, keys, statement["text"], statement
        for row in documents.graded_rows(document):
            if row.get("references"):
                text = " | ".join(str(row[name]) for name in row if name not in NO_FIGURES)
                yield path.stem, frozenset(row["references"]), text, row


def disagreements(base: Path) -> list[str]:
    """Return one line for each two parts that share sources and a figure, but not the grade."""
    by_figure = defaultdict(list)
    for page, keys, text, part in graded_parts(base):
        grade = (part.get("certainty", "ungraded"), part.get("awaiting_check", False))
        for figure in set(FIGURE.findall(text)):
            by_figure[keys, figure].append((page, grade, text))
    return [
        f"{', '.join(sorted(keys))} {figure}: {one[0]} has {one[1]}, {other[0]} has {other[1]}"
        for (keys, figure), parts in by_figure.items()
        for one, other in combinations(parts, 2)
        if one[1] != other[1]
    ]


def test_a_figure_of_a_publication_has_one_certainty_and_one_check_mark():
    assert not disagreements(BASE)


def test_a_disagreement_between_two_pages_is_found(tmp_path):
    (tmp_path / "topics/content").mkdir(parents=True)
    for slug, certainty in (("one", "low"), ("two", "moderate")):
        (tmp_path / "topics/content" / f"{slug}.md").write_text(
            f"---\nkind: overview\nslug: {slug}\n---\n\n## Does it help? {{kind=evidence}}\n\n"
            f"- Response was 62% against 39%. [@zeiser2020]{{certainty={certainty}}}\n"
        )
    assert len(disagreements(tmp_path)) == 2  # one for each figure
