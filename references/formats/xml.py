"""XML piece by piece, from files that nobody vouches for."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from references.formats import reading
from references.formats.records import Unreadable


def walk(stream: BinaryIO, names: tuple[str, ...]) -> Iterator[tuple[int, etree._Element]]:
    """Return number and element of each record, which is forgotten when the next is asked for.

    Neither entities nor a DTD nor the network are used. Raises Unreadable where the file ends to be
    well-formed.
    """
    number = 0
    try:
        events = etree.iterparse(
            stream, events=("end",), tag=names, resolve_entities=False, load_dtd=False,
            no_network=True, huge_tree=False,
        )  # fmt: skip
        for _, element in events:
            number += 1
            yield number, element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise Unreadable(
            f"The XML cannot be read beyond record {number}: {error.msg or 'it is cut off'}"
        ) from error


def text_of(element: etree._Element | None, path: str) -> str:
    """Return the words of the first element at a path, without the tags in them."""
    found = element.find(path) if element is not None else None
    return reading.tidy("".join(found.itertext())) if found is not None else ""


def texts(element: etree._Element, path: str) -> list[str]:
    """Return the words of all elements at a path."""
    return [
        text for found in element.findall(path) if (text := reading.tidy("".join(found.itertext())))
    ]
