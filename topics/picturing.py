"""The picture of a figure amid what differs between two texts: nobody can read its digest."""

from collections.abc import Callable

from django.utils.html import format_html
from django.utils.safestring import SafeString

from topics.differences import ADDED, REMOVED, SAME, RowDifference

# The fields of a figure that say together which picture it is.
PARTS = ("sha256", "format", "width", "height")


def sides(row: RowDifference, address: Callable[[str, str], str]) -> list[tuple]:
    """Return the picture of a figure before and after, if it is new, gone or another one."""
    if "sha256" not in row.row or row.change == SAME:
        return []
    if row.change == ADDED:
        return [("", pictured(row.row, address))]
    if row.change == REMOVED:
        return [(pictured(row.row, address), "")]
    earlier = row.row | {value.name: value.before for value in row.values}
    if earlier["sha256"] == row.row["sha256"]:
        return []
    return [(pictured(earlier, address), pictured(row.row, address))]


def pictured(figure: dict, address: Callable[[str, str], str]) -> SafeString:
    """Return the picture of a figure with its credit. See `topics.rendering.Figures`."""
    return format_html(
        '<span class="change-picture"><img src="{}" alt="{}" width="{}" height="{}" '
        'loading="lazy" decoding="async"> <small>{}</small></span>',
        address(figure["sha256"], figure["format"]), figure.get("alt", ""),
        figure["width"], figure["height"], figure.get("credit", ""),
    )  # fmt: skip
