"""SVG elements as text. Whatever is written into one is escaped here."""

from functools import cache
from html import escape

from django.utils.safestring import SafeString


def element(tag: str, *children: str, **attributes: str | float | None) -> SafeString:
    """Return an element. Children that are not yet safe are escaped; so are all values.

    Names of attributes are Python's: `class_`, `text_anchor`. One with the value None is left out,
    and numbers are rounded, since nobody sees parts of a unit.

        >>> element("text", "A & B", x=3.14159, text_anchor="end")
        '<text x="3" text-anchor="end">A &amp; B</text>'
    """
    parts = [f"<{tag}"]
    for name, value in attributes.items():
        if type(value) is float:
            parts.append(f'{_name(name)}="{round(value)}"')
        elif value is not None:
            parts.append(f'{_name(name)}="{escape(str(value))}"')
    opened = " ".join(parts)
    return SafeString(f"{opened}>{_inside(children)}</{tag}>" if children else f"{opened}/>")


def group(*children: str, **attributes: str | float | None) -> SafeString:
    return element("g", *children, **attributes)


def joined(parts: list[SafeString]) -> SafeString:
    return SafeString("".join(parts))


def path(*parts: str | float) -> str:
    """Return the `d` of a path: letters as they are, numbers rounded."""
    return " ".join([part if isinstance(part, str) else str(round(part)) for part in parts])


def _inside(children: tuple[str, ...]) -> str:
    # SafeString + SafeString would ask each time whether the sum is safe.
    return "".join([c if isinstance(c, SafeString) else escape(c) for c in children])


@cache
def _name(name: str) -> str:
    return name if name == "viewBox" else name.rstrip("_").replace("_", "-")
