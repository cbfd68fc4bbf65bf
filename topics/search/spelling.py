"""Putting a mistyped word right, by the words of the content.

A word is only replaced if it cannot be another one: hypotension is no slip for hypertension, though
the content has the one and not the other. What else is near is offered.
"""

import re
from functools import cache

from django.db import connection
from spellchecker import SpellChecker

from topics.models.search import Indexed
from topics.search import text

# Letters that sound alike, where people write the one for the other.
SOUNDS = (("ph", "f"), ("th", "t"), ("ae", "e"), ("oe", "e"), ("ck", "k"), ("y", "i"), ("z", "s"))
DOUBLED = re.compile(r"(.)\1")
# Letters that are missing or too many, of what sounds the same but for them.
MOST_SLIPS = 2
LEAST_LETTERS = 4
MOST_DISTANCE = 2
# Words from so many letters on are put right by any word of the content.
SURE_LETTERS = 9
CANDIDATES = 20

# A word of everyday in a synonym ("shot", "home") is near to others that are no slips.
SYNONYM_LETTERS = 6
# Words that a beginning may stand for. One that begins more of them says too little.
MOST_COMPLETED = 8
MOST_BEGUN = 60

LIKE = """
    SELECT w.word, l.topics + l.statements + l.terms + l."references", l.lexeme
    FROM topics_word w JOIN topics_lexeme l ON l.id = w.lexeme_id
    WHERE w.word %% %s ORDER BY similarity(w.word, %s) DESC, 2 DESC LIMIT %s
"""
NAMED = """
    SELECT EXISTS (
        SELECT 1 FROM topics_name
        WHERE string_to_array(key, ' ') @> ARRAY[%s] AND kind = ANY(%s)
    )
"""
BEGUN = """
    SELECT w.word, l.topics + l.statements + l.terms + l."references", l.lexeme
    FROM topics_word w JOIN topics_lexeme l ON l.id = w.lexeme_id
    WHERE w.word LIKE %s ORDER BY 1 LIMIT %s
"""
IN_NAMES = """
    SELECT key FROM topics_name WHERE string_to_array(key, ' ') && %s::text[]
"""


def correction(word: str) -> str:
    """Return the word of the content that was most likely meant, "" if none is near.

    `word` is in plain small letters and stands nowhere in the content. Many a word that does not is
    a right one of everyday English: so a slip keeps the first letter, and a short word is only put
    right to one that something is called by (`curve` is no slip for `cure`).
    """
    if len(word) < LEAST_LETTERS or not word.isalpha():
        return ""
    found = [
        (distance(word, each), -count, each, lexeme)
        for each, count, lexeme in _standing(LIKE, [word, word, CANDIDATES])
        if each[0] == word[0]
    ]
    is_short = len(word) < SURE_LETTERS
    near = sorted(one for one in found if one[0] <= (1 if is_short else MOST_DISTANCE))
    if is_short:
        near = [one for one in near if is_name(one[2], one[3])]
    return near[0][2] if near else ""


def is_slip(word: str, meant: str) -> bool:
    """Return whether a word can only be a slip for another, which may then replace it.

    >>> is_slip("plerixaphor", "plerixafor"), is_slip("hypokalemia", "hypocalcemia")
    (True, False)
    """
    if word in _english():
        return False
    one, other = _sound(word), _sound(meant)
    return len(one) + len(other) - 2 * _shared(one, other) <= MOST_SLIPS


@cache
def _english() -> frozenset[str]:
    """Return the words of everyday English, with the medical ones that everybody knows."""
    return frozenset(SpellChecker("en").word_frequency.words())


def _sound(word: str) -> str:
    for written, heard in SOUNDS:
        word = word.replace(written, heard)
    return DOUBLED.sub(r"\1", word)


def _shared(one: str, other: str) -> int:
    """Return how many letters two words have in common, in their order."""
    last = [0] * (len(other) + 1)
    for a in one:
        row = [0]
        for j, b in enumerate(other, start=1):
            row.append(last[j - 1] + 1 if a == b else max(last[j], row[-1]))
        last = row
    return last[-1]


def is_common(word: str) -> bool:
    """Return whether a word is one that says nothing, with a slip: `wich`, `befor`."""
    return len(word) >= LEAST_LETTERS and any(
        abs(len(word) - len(each)) <= 1 and distance(word, each) <= 1
        for each in text.STOPWORDS
        if len(each) > LEAST_LETTERS and each[0] == word[0]
    )


def completions(word: str) -> dict[str, str]:
    """Return the few words of the content that begin so, by lexeme: `prophy` for prophylaxis.

    `word` is in plain small letters and stands nowhere in the content.
    """
    if len(word) < LEAST_LETTERS or not word.isalpha():
        return {}
    found: dict[str, str] = {}
    for each, _count, lexeme in _standing(BEGUN, [f"{word}%", MOST_BEGUN]):
        found.setdefault(lexeme, each)
    return found if len(found) <= MOST_COMPLETED else {}


def _standing(sql: str, given: list) -> list[tuple[str, int, str]]:
    """Return words with how often each stands somewhere, and its lexeme.

    Words of withdrawn topics stay in the list: a lexeme must stand somewhere, or be in a name.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows = cursor.fetchall()
        nowhere = [lexeme for _word, count, lexeme in rows if not count]
        if nowhere:
            cursor.execute(IN_NAMES, [nowhere])
            nowhere = set(" ".join(key for (key,) in cursor.fetchall()).split())
    return [row for row in rows if row[1] or row[2] in nowhere]


def is_name(word: str, lexeme: str) -> bool:
    """Return whether the lexeme of a word stands in what something is called."""
    kinds = [Indexed.TOPIC, Indexed.TERM]
    if len(word) >= SYNONYM_LETTERS:
        kinds += [Indexed.SYNONYM, Indexed.MEMBER]
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [lexeme, kinds])
        return cursor.fetchone()[0]


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
