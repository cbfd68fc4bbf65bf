"""How wide words will be in a chart, and where they are broken.

The server cannot measure text, so the charts are set in Arial or a face with the same widths
(charts.css names them), and a little is added for faces that are wider.
"""

_SLACK = 1.03


class _Widths(dict):
    """Widths of Arial's characters in thousandths of the font size. Unknown ones are wide."""

    def __missing__(self, character: str) -> int:
        return 1000


_WIDTHS = _Widths(
    (character, width)
    for width, characters in {
        191: "'",
        222: "ijl’‘‚",
        260: "|",
        278: " !,./:;I[\\]ft·íÍìï\N{NO-BREAK SPACE}",
        333: "()-`r“”{}„¡‑›‹",
        355: '"',
        365: "º",
        370: "ª",
        389: "*",
        469: "^",
        500: "Jcksvxyzγç",
        556: "#$0123456789?L_abdeghnopqu–δäöüáàâéèêëñóòúù«»",
        584: "+<=>~−×µ≥≤",
        611: "FTZß¿",
        667: "&ABEKPSVXYÄÁÉ",
        722: "CDHNRUwÜÚÑ",
        778: "GOQÖÓ",
        833: "Mm",
        889: "%",
        944: "W",
    }.items()
    for character in characters
)


def width(text: str, size: float) -> float:
    """Return the width of a line of text at a font size, in the same unit."""
    return sum(map(_WIDTHS.__getitem__, text)) * size * _SLACK / 1000


def wrap(text: str, size: float, room: float) -> list[str]:
    """Return text in lines no wider than `room`. A word that is wider is broken."""
    space = width(" ", size)
    lines, used = [""], 0.0
    for word in text.split(" "):
        needed = width(word, size)
        if lines[-1] and used + space + needed <= room:
            lines[-1] += f" {word}"
            used += space + needed
            continue
        *full, rest = _pieces(word, size, room) if needed > room else [word]
        lines += [*full, rest]
        used = width(rest, size)
    return [line for line in lines if line]


def _pieces(word: str, size: float, room: float) -> list[str]:
    """Return a word in as many pieces as it takes for each to fit."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width(pieces[-1] + character, size) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces
