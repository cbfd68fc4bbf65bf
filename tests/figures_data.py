"""Pictures for tests, good and hostile, and topics that show them."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests import clinic
from topics import figures


def png(color="red", size=(60, 40), mode="RGB", **options) -> bytes:
    return made("PNG", Image.new(mode, size, color), **options)


def made(kind: str, image: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def uploaded(content: bytes, name="picture.png", media_type="image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, media_type)


def kept(color="red") -> figures.Picture:
    """Return a picture that is in the store."""
    return figures.take_in(io.BytesIO(png(color)))


def figure(key="course", color="red", **values) -> dict:
    """Return a figure as it stands in a Document, its picture in the store."""
    picture = kept(color)
    return {
        "key": key,
        "sha256": picture.sha256,
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "alt": "A red field",
        "caption": "The course of neutrophils.",
        "credit": "R. Painter, Journal of Fields, 2020",
        "license": "cc-by-4.0",
    } | values


def document(slug="mobilization", body="![](figure:course)\n\nBone pain is common.", **changes):
    """Return a Document with one figure, which its text places."""
    section = {"kind": "mechanism", "heading": "How does it work?", "body": body}
    made = clinic.overview(slug, schema=2, sections=[section], figures=[figure()])
    return made | changes
