"""From words to lexemes, the same way for what is searched and for what is asked.

A lexeme is what two spellings of one word have in common: `haematopoietic` and `hematopoietic`,
`β-thalassaemia` and `beta thalassemia`, `G-CSF` and `GCSF` meet in one. It need not look well, as
nobody sees it; each keeps the place of its word, so that what was found can be marked.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "σ": "sigma", "τ": "tau", "ω": "omega",
}  # fmt: skip

# British to American, by letters. Both sides go through it, so what it does to other words is
# harmless as long as no two words that mean different things become one.
SPELLINGS = [
    (re.compile(pattern), american)
    for pattern, american in (
        (r"ae(?=[a-z])", "e"),
        (r"(?<=rrh)oe", "e"),
        (r"^(f|am|c|s)oe(?=[a-z]{3})", r"\1e"),
        (r"oe(?=d[ei]m|soph|str|mat)", "e"),
        (r"(?<=[a-z]{3})our(?=$|s$|ed$|ing$|al$|able$)", "or"),
        (r"is(?=ations?$|e$|ed$|es$|ing$|ers?$)", "iz"),
        (r"ys(?=e$|ed$|es$|ing$)", "yz"),
        (r"^sulph", "sulf"),
        (r"ogues?$", "og"),
        (r"(?<=[a-z]{2}[nt])re$", "er"),
        # labelled, signalling; not swelling, recalled.
        (r"((?:[a-z]{3}e|signa|equa))ll(?=ed$|ing$)", r"\1l"),
        (r"^p(?:a?edo|aedi)", "pedi"),
        (r"mme(?=s?$)", "m"),
    )
]

# Endings of one medical word as noun and as adjective: neutropenia and neutropenic, fibrosis and
# fibrotic, pancreatitis and pancreatitic. The stemmer knows no Greek.
FAMILIES = [
    (re.compile(r"(?<=[a-z]{3})(?:osis|oses|otics?)$"), "os"),
    (re.compile(r"(?<=[a-z]{3})(?:ysis|yses|ytics?)$"), "ys"),
    (re.compile(r"(?<=[a-z]{3})(?:itis|itides|itics?)$"), "it"),
    (re.compile(r"(?<=[a-z]{5})(?:ias?|ics?)$"), ""),
]

# Words that say nothing of what is looked for. "no", "not" and "without" do.
STOPWORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a about above after again all also am an and any are as at be because been before being
        below between both but by can could did do does doing down during each few for from further
        get give given had has have having he her here hers him his how i if in into is it its
        itself just let like ll me mean means more most much my of off on once one only or other
        our ours out over own per please re s same say see shall she should so some such tell
        than that the their theirs them then there these they this those through to too under until
        up upon us used uses using ve very via was we were what when where whether which while who
        whom whose why will with would you your yours
        """,
    )
)

# Acute lymphoblastic leukemia, which only its capitals tell from "all".
LEUKEMIA = "ALL"

# Of an abbreviation: LFTs, HSCs. The stemmer takes no s from what has no vowel.
SEVERAL = re.compile(r"[A-Z]{2,}s")

WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*", re.UNICODE)
# What joins the parts of one word: G-CSF, graft-versus-host.
JOINTS = "-‐‑–'’"
APOSTROPHES = "'’"
NUMBER_AND_UNIT = re.compile(
    r"(\d+(?:[.,]\d+)*)(mg|mcg|ug|g|kg|ml|l|gy|cgy|iu|mmol|h|d|days?|weeks?|months?|years?|yr)"
)
LONGEST = 60


class Token(NamedTuple):
    """A lexeme, and the word it was made of: its letters, and where these start and end."""

    lexeme: str
    start: int
    end: int
    word: str
    position: int
    # Of a word whose parts come one by one as well.
    is_whole: bool = False


@lru_cache(maxsize=1)
def _stemmer():
    return snowballstemmer.stemmer("english")


def plain(text: str) -> str:
    """Return a word in small letters, without accents, Greek letters by their names."""
    if text.isascii():
        return text.lower()
    text = "".join(GREEK.get(letter, letter) for letter in text.lower())
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def american(word: str) -> str:
    """Return a plain word as it is spelled in America."""
    if len(word) < 5 or not word.isalpha():
        return word
    for pattern, spelled in SPELLINGS:
        word = pattern.sub(spelled, word)
    return word


def _family(word: str) -> str:
    for pattern, ending in FAMILIES:
        word, changed = pattern.subn(ending, word)
        if changed:
            break
    return word


@lru_cache(maxsize=200_000)
def lexeme(word: str) -> str:
    """Return the lexeme of one word, "" if it says nothing."""
    word = word[:-1] if SEVERAL.fullmatch(word) else word
    letters = plain(word)[:LONGEST]
    if word == LEUKEMIA:
        return letters
    if letters in STOPWORDS or not letters:
        return ""
    if not letters.isascii() or not letters.isalpha():
        return letters.replace(",", ".")
    stem = _stemmer().stemWord(_family(american(letters)))
    # Yearly and year; allergy and allergic: the stemmer writes i for y.
    if len(stem) > 5 and stem.endswith("li"):
        return stem[:-2]
    return stem[:-1] if len(stem) > 6 and stem.endswith("i") else stem


def tokens(text: str) -> Iterator[Token]:
    """Yield the lexemes of a text with their places.

    Parts of a word with hyphens come one by one, and short ones (G-CSF) also as a whole, at the
    place of the first part.
    """
    position, end = 0, -1
    joined: list[re.Match] = []
    for found in WORD.finditer(text):
        begin = found.start()
        if begin != end + 1 or text[end] not in JOINTS:
            if len(joined) > 1:
                yield from _compound(text, joined, position)
            joined = []
        joined.append(found)
        end = found.end()
        for part in _parts(found) if text[begin].isdigit() else (found.span(),):
            word = text[slice(*part)]
            # Of "doesn't"; T cells are some.
            is_ending = word == "t" and len(joined) > 1 and text[begin - 1] in APOSTROPHES
            if made := not is_ending and lexeme(word):
                yield Token(made, *part, word, position)
            position += 1
    if len(joined) > 1:
        yield from _compound(text, joined, position)


def key(name: str) -> str:
    """Return the lexemes of a name, one for each word, with spaces between them."""
    return " ".join(token.lexeme for token in tokens(name) if not token.is_whole)


def _parts(found: re.Match) -> list[tuple[int, int]]:
    """Return where a word starts and ends; a number that its unit follows at once is two words."""
    start, end = found.span()
    split = NUMBER_AND_UNIT.fullmatch(found.group().lower())
    return [(start, start + split.end(1)), (start + split.end(1), end)] if split else [(start, end)]


def _compound(text: str, parts: list[re.Match], position: int) -> Iterator[Token]:
    """Yield the whole of a word whose parts are joined, if it is short enough to be a name."""
    if not 2 <= len(parts) <= 3 or all(len(plain(part.group())) > 2 for part in parts):
        return
    start, end = parts[0].start(), parts[-1].end()
    whole = plain("".join(part.group() for part in parts))
    if len(whole) <= 20 and not whole.isdigit():
        yield Token(lexeme(whole), start, end, text[start:end], position - len(parts), True)
