"""What readers of all formats share: the bytes of a file as lines, and its records."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

# A longer line is no text of a record; a record that has one is refused.
MAX_LINE = 1_000_000
_BLOCK = 65_536
_END = re.compile(rb"\r\n|\n|\r")


class Unreadable(Exception):
    """A file of which nothing more can be read."""


@dataclass(frozen=True)
class Record:
    """One record of a file: a CSL-JSON item, or why there is none.

    `place` is the line where it begins, in XML and JSON its number, both from 1. `key` is by what
    the file calls it, "" if the format has no such name.
    """

    place: int
    item: dict | None = None
    fault: str = ""
    title: str = ""
    key: str = ""


def refused(place: int, fault: str, title: str = "") -> Record:
    """Return a record that cannot be read, with the reason and what its title seems to be."""
    return Record(place, fault=fault, title=title[:200])


def numbered_lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Return number and text of each line, whatever ends it and however it is encoded.

    UTF-8 and UTF-16 with or without a mark; a line that is no UTF-8 is read as Windows-1252, which
    old programs write. Only one line is held at a time. A line longer than MAX_LINE is cut.
    """
    head = stream.read(4)
    if codec := _utf16(head):
        blocks = _recoded(head, stream, codec)
    else:
        blocks = _blocks(head.removeprefix(codecs.BOM_UTF8), stream)
    for number, line in enumerate(_split(blocks), 1):
        yield number, decode(line)


def decode(raw: bytes) -> str:
    """Return bytes as text: UTF-8, else Windows-1252."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _utf16(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Latin letters without a mark: every other byte is zero.
    if len(head) == 4 and head[1] == head[3] == 0 and head[0] and head[2]:
        return "utf-16-le"
    if len(head) == 4 and head[0] == head[2] == 0 and head[1] and head[3]:
        return "utf-16-be"
    return ""


def _blocks(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield head
    while block := stream.read(_BLOCK):
        yield block


def _recoded(head: bytes, stream: BinaryIO, codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    for block in _blocks(head, stream):
        yield decoder.decode(block).encode()


def _split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        held = rest + block
        # The second half of a CRLF may be in the next block.
        whole, last = (held[:-1], held[-1:]) if held.endswith(b"\r") else (held, b"")
        *lines, rest = _END.split(whole)
        yield from (line[:MAX_LINE] for line in lines)
        # Of a line without an end no more is kept than shows that it is too long.
        rest = rest[: MAX_LINE + 1] + last
    if rest:
        yield from _END.split(rest)[:1] if rest.endswith(b"\r") else [rest[:MAX_LINE]]


def is_too_long(line: str) -> bool:
    return len(line.encode()) >= MAX_LINE


def read_all(stream: BinaryIO, most: int) -> str:
    """Return a whole file as text. Raises Unreadable if it has more than `most` bytes."""
    raw = stream.read(most + 1)
    if len(raw) > most:
        raise Unreadable(
            f"A file of this format may have {most // 1_000_000} MB; part it into several."
        )
    if codec := _utf16(raw[:4]):
        return raw.decode(codec, errors="replace").lstrip("\ufeff")
    return decode(raw.removeprefix(codecs.BOM_UTF8))
