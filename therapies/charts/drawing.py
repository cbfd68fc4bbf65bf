"""From bands of bars to SVG.

Days run to the right. In the narrow form each label stands above its bar, so that all of it can be
read on a phone without moving the picture; there the rows run downwards by day.

The axis is left out of what screen readers are told, since each bar says its days in words. Each
band is a list, and a bar that leads somewhere is a link; both come in the order of their days.
"""

from functools import cache

from django.utils.safestring import SafeString

from therapies.charts import layout, text
from therapies.charts.layout import Band, Bar, Form, Placed, Shape, Stand
from therapies.charts.scale import DayScale
from therapies.charts.svg import element, group, joined, path

HEADING, AXIS, CORNER = 26.0, 20.0, 3.0

# The looks that have a pattern beside their colour, and what it is made of on a square of six.
PATTERNS = {
    "risk": '<path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5"/>',
    "blood": '<path d="M0 3H6"/>',
    "marrow": '<path d="M3 0V6"/>',
    "cord": '<circle cx="3" cy="3" r="1.2"/>',
}


def both(name: str, bands: list[Band], scale: DayScale, label: str, *, wide=layout.WIDE):
    """Return a chart in both forms, of which the style sheet shows the one that fits."""
    return joined([draw(name, bands, scale, form, label) for form in (wide, layout.NARROW)])


def draw(name: str, bands: list[Band], scale: DayScale, form: Form, label: str) -> SafeString:
    """Return bands of bars along an axis of days.

    `name` tells the chart from others on its page, `label` is what screen readers call it.
    """
    parts, y = [_patterns(f"{name}_{form.name}", tuple(PATTERNS))], 0.0
    for band in bands:
        rows, height = layout.rows(band.bars, scale, form)
        top = y + HEADING + AXIS
        parts.append(_grid(scale, form, top, top + height))
        parts.append(_heading(band, y, form))
        items = {
            id(one.bar): _item(one, top + row.y, name, form) for row in rows for one in row.placed
        }
        listed = [items[id(bar)] for bar in band.bars]
        parts.append(group(*listed, role="list", aria_label=band.title))
        y = top + height + form.gap
    return element(
        "svg",
        *parts,
        class_=f"chart-picture chart-{form.name}",
        viewBox=f"0 0 {round(form.width)} {round(y)}",
        role="group",
        aria_label=label,
        font_size=form.size,
    )


def swatch(name: str, look: str) -> SafeString:
    """Return a small bar of a look, for the key of a chart."""
    prefix = f"{name}_key"
    pattern = f"url(#{prefix}_{look})" if look in PATTERNS else None
    bar = element(
        "rect", x=1, y=1, width=34, height=14, rx=CORNER, class_="chart-bar", fill=pattern
    )
    return element(
        "svg", _patterns(prefix, (look,) if pattern else ()), group(bar, class_=f"chart-{look}"),
        class_="chart-swatch", viewBox="0 0 36 16", width=36, height=16, aria_hidden="true",
    )  # fmt: skip


@cache
def _patterns(prefix: str, looks: tuple[str, ...]) -> SafeString:
    """Return the patterns of a picture. One that is not shown lends none to the other."""
    ground = element("rect", width=6, height=6, class_="chart-ground")
    return element("defs", *[
        element(
            "pattern", ground, SafeString(PATTERNS[look]), id=f"{prefix}_{look}",
            class_=f"chart-{look}", width=6, height=6, patternUnits="userSpaceOnUse",
        )
        for look in looks
    ])  # fmt: skip


def _grid(scale: DayScale, form: Form, top: float, bottom: float) -> SafeString:
    found = layout.ticks(scale, form)
    lines = [(day, path("M", x, top - 5, "V", bottom)) for x, day, _ in found]
    parts = [
        element("path", d="".join(line for day, line in lines if day), class_="chart-line"),
        element("path", d="".join(line for day, line in lines if not day), class_="chart-zero"),
        *(
            element(
                "text", words, x=x, y=top - 10, class_="chart-tick" if day else "chart-infusion"
            )
            for x, day, words in found
            if words
        ),
    ]
    return group(*parts, aria_hidden="true", font_size=form.tick_size, text_anchor="middle")


def _heading(band: Band, y: float, form: Form) -> SafeString:
    words = element(
        "text", band.title, x=layout.EDGE, y=y + HEADING - 9, font_size=form.size + 2,
        class_="chart-heading",
    )  # fmt: skip
    return element("a", words, href=band.address) if band.address else words


def _item(one: Placed, y: float, name: str, form: Form) -> SafeString:
    """Return a bar with its label, as one entry of its band's list."""
    bar, height = one.bar, one.height(form)
    pattern = f"url(#{name}_{form.name}_{bar.look})" if bar.look in PATTERNS else None
    outline = _outline(one.shape, y + height - form.bar, form.bar)
    drawn = [element("path", d=outline, class_="chart-bar", fill=pattern), _label(one, y, form)]
    if bar.address:
        # All of the row's height can be touched, not the bar alone.
        touch = element(
            "rect", x=one.left, y=y - form.gap / 2, width=one.right - one.left,
            height=height + form.gap, class_="chart-touch",
        )  # fmt: skip
        drawn = [element("a", touch, *drawn, href=bar.address)]
    # Nobody hovers where the narrow form is shown, and its label says the same.
    told = [] if form.labels_above else _told(bar)
    return group(*told, *drawn, role="listitem", class_=f"chart-{bar.look}")


def _told(bar: Bar) -> list[SafeString]:
    """Return what is said of a bar to who points at it."""
    # One text cannot be of two languages: that of most of its words is named.
    lang = bar.speech.lang if bar.is_content else None
    told = [element("title", f"{bar.name}: {bar.days_in_full}", lang=lang)]
    if bar.detail or bar.grade:
        lang = bar.speech.lang if bar.detail else None
        words = ". ".join(part for part in (bar.detail, bar.grade) if part)
        told.append(element("desc", words, lang=lang))
    return told


def _outline(shape: Shape, top: float, height: float) -> str:
    """Return the path of a bar: a diamond for a single day, a tip at each end that goes on."""
    left, right = shape.left, shape.right
    middle, bottom = top + height / 2, top + height
    if shape.is_point:
        x = (left + right) / 2
        return path("M", x, top, "L", right, middle, x, bottom, left, middle, "Z")
    tip, bend = min(height / 2, right - left), min(CORNER, (right - left) / 2)
    if shape.is_open_left:
        start = path("M", left + tip, bottom, "L", left, middle, left + tip, top)
    else:
        start = path("M", left + bend, bottom, "Q", left, bottom, left, bottom - bend,
                     "V", top + bend, "Q", left, top, left + bend, top)  # fmt: skip
    if shape.is_open_right:
        return start + path("H", right - tip, "L", right, middle, right - tip, bottom, "Z")
    return start + path(
        "H", right - bend, "Q", right, top, right, top + bend,
        "V", bottom - bend, "Q", right, bottom, right - bend, bottom, "Z",
    )  # fmt: skip


def _label(one: Placed, y: float, form: Form) -> SafeString:
    """Return the lines of a label on a plain ground; the days, which end it, are set apart."""
    above = one.stand is Stand.ABOVE
    middle = y + (form.line / 2 - 2 if above else form.bar / 2)
    ground = "chart-ground" if one.stand is Stand.INSIDE else "chart-paper"
    drawn, at = [], 0
    for line in one.lines:
        at = max(at, one.bar.label.find(line, at))
        wide = text.width(line, form.size)
        drawn.append(element(
            "rect", x=one.x - (wide if one.ends_at_x else 2), y=middle - form.size * 0.6,
            width=wide + 2, height=form.size * 1.2, class_=ground,
        ))  # fmt: skip
        drawn.append(element(
            "text", *_spoken(line, at, one.bar), x=one.x, y=middle + form.size * 0.35,
            text_anchor="end" if one.ends_at_x else None,
        ))  # fmt: skip
        middle += form.line
    return joined(drawn)


def _spoken(line: str, at: int, bar: Bar) -> list[str]:
    """Return a line in parts of one language each; it begins `at` a place of its bar's label."""
    days = bar.days if line.endswith(bar.days) else ""
    words, parts = line.removesuffix(days), []
    for part, is_content in bar.parts if bar.speech.lang else [(bar.label, False)]:
        own, at = words[: max(len(part) - at, 0)], max(at - len(part), 0)
        words = words[len(own) :]
        if own:
            parts.append(element("tspan", own, lang=bar.speech.lang) if is_content else own)
    # Before the days stands a space that is of no language.
    parts.append(words)
    return [*parts, element("tspan", days, class_="chart-days")] if days else parts
