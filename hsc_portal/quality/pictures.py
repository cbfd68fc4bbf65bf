"""Making pictures small enough to be kept beside the code."""

import io
from operator import sub

from PIL import Image

COLORS, EXACT_COLORS, SAME = 40, 10, 6


def small(picture: bytes) -> bytes:
    """Return a picture with few colors, which takes a third of the room."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    # Every fourth pixel has all colors, and a quarter of the work.
    some = image.resize((image.width // 2, image.height // 2), Image.Resampling.NEAREST)
    # Papers and inks stay as they are; the rest is shades of the edges of letters. This method
    # keeps colors of which there is little, as those of warnings.
    counted = sorted(some.getcolors(some.width * some.height), reverse=True)
    rest = some.quantize(COLORS - EXACT_COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=2)
    colors = []
    for _, color in counted[:EXACT_COLORS] + rest.convert("RGB").getcolors():
        # Pillow takes colors that are almost the same for one another.
        if all(max(map(abs, map(sub, color, other))) > SAME for other in colors):
            colors.append(color)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for color in colors for part in color])
    written = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()
