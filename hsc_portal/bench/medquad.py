"""Topics made of the questions and answers of MedQuAD, to measure search on as many as are asked.

MedQuAD (Ben Abacha and Demner-Fushman 2019; CC BY 4.0) is a folder of XML files, or the archive of
it that is distributed. It has some 16,000 questions with answers. More topics than that are made
by giving a question the first half of its answer and the second half of another one's: texts that
nobody wrote, but with the words of real ones, as often as these have them.
"""

import re
import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
SENTENCES_OF_A_STATEMENT = 2
MOST_SENTENCES = 60
# Shares no factor with any likely number of questions, so that each round mixes other answers.
STRIDE = 7919


@dataclass
class Answered:
    focus: str
    question: str
    sentences: list[str]


def read(path: Path) -> list[Answered]:
    """Return the questions that have an answer, in the order of the files' names."""
    found = []
    for content in _files(path):
        root = ET.fromstring(content)
        focus = root.findtext("Focus", "").strip()
        for pair in root.iter("QAPair"):
            answer = " ".join((pair.findtext("Answer") or "").split())
            question = " ".join((pair.findtext("Question") or "").split())
            if answer and question:
                sentences = SENTENCE_END.split(answer)[:MOST_SENTENCES]
                found.append(Answered(focus, question.replace(" ?", "?"), sentences))
    return found


def _files(path: Path) -> Iterator[bytes]:
    if path.is_dir():
        for file in sorted(path.rglob("*.xml")):
            yield file.read_bytes()
        return
    with tarfile.open(path) as archive:
        # In the order of the archive: going back in it means unpacking it anew.
        contents = {
            member.name: archive.extractfile(member).read()
            for member in archive
            if member.name.endswith(".xml")
        }
    yield from (contents[name] for name in sorted(contents))


def topics(answered: list[Answered], number: int) -> Iterator[dict]:
    """Yield so many documents of a collection: id, title and text."""
    for n in range(number):
        turn, place = divmod(n, len(answered))
        own = answered[place]
        other = answered[(place + turn * STRIDE) % len(answered)]
        half = len(own.sentences) // 2 if turn else len(own.sentences)
        sentences = own.sentences[:half] + other.sentences[len(other.sentences) // 2 :] * bool(turn)
        title = own.question if not turn else f"{own.question} {other.focus}"
        yield {"id": str(n), "title": title, "text": "\n\n".join(_paragraphs(sentences))}


def _paragraphs(sentences: list[str]) -> Iterator[str]:
    for begin in range(0, len(sentences), SENTENCES_OF_A_STATEMENT):
        yield " ".join(sentences[begin : begin + SENTENCES_OF_A_STATEMENT])
