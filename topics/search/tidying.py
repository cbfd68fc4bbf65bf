"""Making the index whole again, while it is asked: `manage.py rebuild_listings` ends with it."""

from django.db import connection

from topics.models.search import Indexed
from topics.search import index, suggesting

TOPIC, REFERENCE, TERM, STATEMENT = (
    int(kind) for kind in (Indexed.TOPIC, Indexed.REFERENCE, Indexed.TERM, Indexed.STATEMENT)
)


def tidy() -> None:
    """Take out what belongs to nothing that is there, and count everything anew.

    Lexemes that still stand somewhere keep their numbers, by which a search that is under way
    knows them.
    """
    index.remove_topics(_numbers(TOPICS_GONE))
    index.remove_references(_numbers(REFERENCES_GONE))
    for number in _numbers(TERMS_GONE):
        index.remove_term(number)
    suggesting.tidy()
    with connection.cursor() as cursor:
        for sql in RECOUNT:
            cursor.execute(sql)


def _numbers(sql: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [number for (number,) in cursor.fetchall()]


TOPICS_GONE = f"""
    SELECT number FROM (
        SELECT entry_id AS number FROM topics_posting WHERE kind = {TOPIC}
        UNION SELECT listing_id FROM topics_statementposting
        UNION SELECT entry_id FROM topics_name WHERE kind = {TOPIC}
    ) indexed WHERE number NOT IN (SELECT topic_id FROM topics_listing)
"""
REFERENCES_GONE = f"""
    SELECT DISTINCT entry_id FROM topics_posting
    WHERE kind = {REFERENCE} AND entry_id NOT IN (SELECT id FROM references_reference)
"""
TERMS_GONE = f"""
    SELECT DISTINCT entry_id FROM topics_posting
    WHERE kind = {TERM} AND entry_id NOT IN (SELECT id FROM topics_glossaryterm)
"""
RECOUNT = (
    f"""
    UPDATE topics_lexeme SET topics = counted.topics, "references" = counted.of_references,
        terms = counted.terms, statements = counted.statements
    FROM (
        SELECT id, coalesce(sum(n) FILTER (WHERE kind = {TOPIC}), 0) AS topics,
            coalesce(sum(n) FILTER (WHERE kind = {REFERENCE}), 0) AS of_references,
            coalesce(sum(n) FILTER (WHERE kind = {TERM}), 0) AS terms,
            coalesce(sum(n) FILTER (WHERE kind = {STATEMENT}), 0) AS statements
        FROM topics_lexeme LEFT JOIN (
            SELECT kind, lexeme_id, count(*) AS n FROM topics_posting GROUP BY 1, 2
            UNION ALL
            SELECT {STATEMENT}, lexeme_id, count(*) FROM topics_statementposting
            WHERE times > 0 GROUP BY 2
        ) places ON lexeme_id = id
        GROUP BY id
    ) counted
    WHERE topics_lexeme.id = counted.id
        AND (topics_lexeme.topics, "references", topics_lexeme.terms, topics_lexeme.statements)
            IS DISTINCT FROM
            (counted.topics, counted.of_references, counted.terms, counted.statements)
    """,
    """
    DELETE FROM topics_lexeme
    WHERE topics = 0 AND "references" = 0 AND terms = 0 AND statements = 0
        AND lexeme NOT IN (SELECT unnest(string_to_array(key, ' ')) FROM topics_name)
    """,
    "DELETE FROM topics_word WHERE lexeme_id NOT IN (SELECT id FROM topics_lexeme)",
    "DELETE FROM topics_indextotal",
    f"""
    INSERT INTO topics_indextotal (kind, entries, length)
    SELECT kind, count(*), sum(length) FROM (
        SELECT DISTINCT kind, entry_id, length FROM topics_posting
        UNION ALL
        SELECT DISTINCT {STATEMENT}, statement_id, length FROM topics_statementposting
    ) entries GROUP BY kind
    """,
)
