"""Putting a mistyped word right, by the words of the content."""

from django.db import connection

LEAST_LETTERS = 4
MOST_DISTANCE = 2
CANDIDATES = 20

# The lexeme must still stand somewhere: words of withdrawn topics stay in the list.
LIKE = """
    SELECT w.word, l.topics + l.statements + l.terms + l."references"
    FROM topics_word w JOIN topics_lexeme l ON l.id = w.lexeme_id
    WHERE w.word %% %s AND l.topics + l.statements + l.terms + l."references" > 0
    ORDER BY similarity(w.word, %s) DESC, 2 DESC LIMIT %s
"""


def correction(word: str) -> str:
    """Return the word of the content that was most likely meant, "" if none is near.

    `word` is in plain small letters and stands nowhere in the content.
    """
    if len(word) < LEAST_LETTERS or not word.isalpha():
        return ""
    with connection.cursor() as cursor:
        cursor.execute(LIKE, [word, word, CANDIDATES])
        found = [(distance(word, each), -count, each) for each, count in cursor.fetchall()]
    most = 1 if len(word) == LEAST_LETTERS else MOST_DISTANCE
    near = sorted(one for one in found if one[0] <= most)
    return near[0][2] if near else ""


def distance(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, too many, or swapped with their neighbour.

    >>> distance("plerixafro", "plerixafor")
    1
    """
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], before_last[j - 2] + 1)
        before_last, last = last, row
    return last[-1]
