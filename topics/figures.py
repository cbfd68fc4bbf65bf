"""Pictures: which ones may be uploaded, and where their bytes are kept.

A picture is read, drawn anew and kept under the sha256 of what was drawn. Drawing anew leaves
behind whatever is no picture: the place and time of a photograph, a patient's name among the notes
of a screenshot, scripts behind the last pixel. A file is never changed and never removed, so each
edition shows what it showed when it was published.
"""

import hashlib
import io
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageOps

from topics.choices import PictureFormat

MAX_BYTES = 5 * 1024 * 1024
MAX_SIDE = 6000
FORMATS = {"PNG": PictureFormat.PNG, "JPEG": PictureFormat.JPEG, "WEBP": PictureFormat.WEBP,
           # What phones call a JPEG with a small copy of itself beside it.
           "MPO": PictureFormat.JPEG}  # fmt: skip
KINDS = "PNG, JPEG or WebP"
# What tells of a damaged file, by whatever part of it is looked at first.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError,
              MemoryError, struct.error)  # fmt: skip
JPEG_QUALITY = 95
_ORIENTATION = 0x0112
_PLAIN_MODES = {"1", "L", "LA", "P", "RGB", "RGBA"}


@dataclass(frozen=True)
class Picture:
    """A file of the store: its sha256, which is its name, and what is known of it."""

    sha256: str
    format: str
    width: int
    height: int


def take_in(file: IO[bytes]) -> Picture:
    """Keep an uploaded picture for good, and return what it is called.

    Raises ValidationError, in words for the editor, for whatever is no picture that may be kept.
    """
    file.seek(0)
    content = file.read(MAX_BYTES + 1)
    file.seek(0)
    if len(content) > MAX_BYTES:
        raise ValidationError("The file has more than 5 MB. Make the picture smaller.")
    kind, width, height, drawn = _drawn_anew(content)
    picture = Picture(digest_of(drawn), str(kind), width, height)
    _keep(path_of(picture.sha256, picture.format), drawn)
    return picture


def path_of(sha256: str, kind: str) -> Path:
    """Return where a picture is kept, whether it is there or not."""
    return Path(settings.MEDIA_ROOT) / "figures" / sha256[:2] / f"{sha256}.{kind}"


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_kept(sha256: str, kind: str) -> bool:
    return path_of(sha256, kind).is_file()


def copy_in(source: Path) -> None:
    """Take a picture over from the store of another portal, byte for byte.

    Raises ValidationError if it is not what its name says.
    """
    sha256, _, kind = source.name.partition(".")
    content = source.read_bytes()
    if digest_of(content) != sha256 or _opened(content)[0] != kind:
        raise ValidationError(f"{source.name} is not the picture that its name says.")
    _keep(path_of(sha256, kind), content)


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, also if the power fails or two people send it at once."""
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # A temporary file is for its owner alone; a web server may want to read this one.
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def _drawn_anew(content: bytes) -> tuple[str, int, int, bytes]:
    """Return format, width, height and bytes of the picture that a file shows."""
    kind, image = _opened(content)
    try:
        image.load()
        is_still = getattr(image, "n_frames", 1) == 1 or image.format == "MPO"
        if not is_still:
            raise ValidationError("The picture moves. Upload a still one.")
        image, is_as_it_was = _upright(image)
        drawn = io.BytesIO()
        image.save(drawn, **_options(kind, image, is_as_it_was))
    except UNREADABLE as error:
        raise ValidationError(
            "The picture is damaged or not complete. Save it again, and upload the new file."
        ) from error
    return kind, image.width, image.height, drawn.getvalue()


def _opened(content: bytes) -> tuple[str, Image.Image]:
    """Return the format of a picture and the picture itself, of which only the head is read."""
    try:
        # By what is in the file: its name and what the browser says of it may be anything.
        image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP"))
    except Image.DecompressionBombError as error:
        raise ValidationError(_too_large()) from error
    except UNREADABLE as error:
        raise ValidationError(_no_picture(content)) from error
    if max(image.size) > MAX_SIDE:
        raise ValidationError(_too_large(image))
    return FORMATS[image.format], image


def _no_picture(content: bytes) -> str:
    if b"<svg" in content[:4096].lower():
        return f"SVG may hold scripts, so it cannot be used. Export the drawing as {KINDS}."
    return f"This is no picture that can be read. Upload {KINDS}; the name of a file says nothing."


def _too_large(image: Image.Image | None = None) -> str:
    size = f"{image.width} × {image.height}" if image else "far too many"
    return f"The picture has {size} pixels, of at most {MAX_SIDE} a side. Make it smaller."


def _upright(image: Image.Image) -> tuple[Image.Image, bool]:
    """Return a picture as it is meant to be seen, without notes; and whether it was so before."""
    before = image
    profile = image.info.get("icc_profile")
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    if profile:
        image = _in_plain_colors(image, profile)
    if image.mode.startswith("I;16"):
        # As microscopes and scanners write. Without this all but the darkest would become white.
        image = image.point(lambda value: value / 256).convert("L")
    elif image.mode in {"I", "F"}:
        raise ValidationError("Its grey has too many steps. Save it with 8 bits a channel.")
    if image.mode not in _PLAIN_MODES:
        image = image.convert("RGB")
    # Which color of a palette is clear belongs to the picture; all else is about it.
    image.info = {name: image.info[name] for name in ("transparency",) if name in image.info}
    return image, image is before


def _in_plain_colors(image: Image.Image, profile: bytes) -> Image.Image:
    """Return a picture in the colors that every screen knows (sRGB), as far as that is possible."""
    if image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, *UNREADABLE):
        return image


def _options(kind: str, image: Image.Image, is_as_it_was: bool) -> dict:
    """Return how a picture is written: without loss, or if it had some with no more than needed."""
    if kind == PictureFormat.JPEG:
        if is_as_it_was and image.format == "JPEG":
            return {"format": "JPEG", "quality": "keep"}
        return {"format": "JPEG", "quality": JPEG_QUALITY}
    if kind == PictureFormat.WEBP:
        return {"format": "WEBP", "quality": JPEG_QUALITY, "method": 4}
    return {"format": "PNG", "optimize": True}
