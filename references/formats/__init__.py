"""The formats in which publications come and go, all read to and written from CSL-JSON items.

Reading never stops at a bad record: each is an item or a reason why it is none. The format of a
file is told by its content, whatever its name.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from references.formats import bibtex, csl_json, endnote, nbib, pubmed, ris
from references.formats.records import Record, Unreadable, numbered_lines

__all__ = ["FORMATS", "READERS", "Format", "Record", "Unreadable", "read", "recognise"]

# Enough of a file to see its first record behind a preface.
HEAD_BYTES = 65_536


@dataclass(frozen=True)
class Format:
    """A format of export: its name, its media type and what writes it, piece by piece."""

    label: str
    content_type: str
    pieces: Callable[[Iterable[dict]], Iterator[str]]

    def write(self, items: Iterable[dict]) -> str:
        return "".join(self.pieces(items))


# By the ending of the file.
FORMATS = {
    "ris": Format("RIS", "application/x-research-info-systems; charset=utf-8", ris.write),
    "bib": Format("BibTeX", "application/x-bibtex; charset=utf-8", bibtex.write),
    "nbib": Format("PubMed (nbib)", "application/nbib; charset=utf-8", nbib.write),
    "json": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", csl_json.write),
}


@dataclass(frozen=True)
class Reader:
    """A format that is read, and how a file of it is told from others."""

    label: str
    read: Callable[[BinaryIO], Iterator[Record]]
    sign: re.Pattern


READERS = {
    "pubmed": Reader("PubMed XML", pubmed.read, re.compile(r"\A\s*<.*<Pubmed(Article|Book)", re.S)),
    "endnote": Reader("EndNote XML", endnote.read, re.compile(r"\A\s*<.*<records?\b", re.S)),
    "csl": Reader("CSL-JSON", csl_json.read, re.compile(r"\A\s*[\[{]\s*(?:[\]}]|[{\"])")),
    "ris": Reader("RIS", ris.read, re.compile(r"^\s{0,3}TY\s{1,2}-", re.M)),
    "nbib": Reader(
        "PubMed (nbib)", nbib.read, re.compile(r"^(?:PMID|OWN|STAT|TI|FAU)\s{0,2}- ", re.M)
    ),
    "bibtex": Reader("BibTeX", bibtex.read, re.compile(r"^\s*@\s*\w+\s*[{(]", re.M)),
}
# What people try that is none of these, and what to do instead.
ALMOST = (
    (re.compile(r"\A%PDF"), "This is a PDF."),
    (re.compile(r"\APK\x03\x04"), "This is a packed file (ZIP, DOCX, XLSX)."),
    (re.compile(r"^%[0A] ", re.M), "This is EndNote's own tagged format."),
    (re.compile(r"^(?:FN|PT) ", re.M), "This is the format of Web of Science."),
    (re.compile(r"\A\s*<", re.S), "This is XML or HTML without publications that are known here."),
)
UNDERSTOOD = "RIS, BibTeX, PubMed (nbib or XML), CSL-JSON and EndNote XML are understood."


def recognise(head: bytes) -> Reader:
    """Return the reader for a file by how it begins. Raises Unreadable with what may be done."""
    text = "\n".join(line for _, line in numbered_lines(io.BytesIO(head)))
    if not text.strip("\ufeff\x00 \n\t"):
        raise Unreadable("There is nothing in it.")
    for reader in READERS.values():
        if reader.sign.search(text.lstrip("\ufeff")):
            return reader
    for sign, words in ALMOST:
        if sign.search(text):
            raise Unreadable(f"{words} {UNDERSTOOD}")
    raise Unreadable(f"The format was not recognised. {UNDERSTOOD}")


def read(stream: BinaryIO) -> tuple[str, Iterator[Record]]:
    """Return the name of a file's format, and its records. The stream must be able to seek."""
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    reader = recognise(head)
    return reader.label, reader.read(stream)
