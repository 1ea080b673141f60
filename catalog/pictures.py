"""Uploaded pictures: checked, made smaller, and stored as our own file, never as the bytes that came.

The one place that decodes what others have made.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from catalog.errors import InvalidProduct

MAX_BYTES = 15_000_000
MAX_SIDE = 1600
MAX_PIXELS = 25_000_000
# A JPEG is decoded at a fraction of its size, so a large one costs no more memory.
MAX_JPEG_PIXELS = 120_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
UNREADABLE = "This is not a JPEG, PNG, WebP, AVIF or GIF picture."

WIDTHS = (320, 640, 960, 1600)


@dataclass(frozen=True)
class Encoded:
    """A picture in a file of our own making."""

    format: str
    width: int
    height: int
    content: bytes


def reencoded(upload: IO[bytes], *, size: int) -> ContentFile[bytes]:
    """The uploaded picture of `size` bytes, as `checked` makes it, under a name of our own."""
    return ContentFile(checked(upload, size=size).content, name=new_name())


def checked(upload: IO[bytes], *, size: int) -> Encoded:
    """The picture of `size` bytes as a WebP of at most 1600 pixels a side, upright and without its metadata.

    Raises InvalidProduct (field `image`) for anything that is no JPEG, PNG, WebP, AVIF or GIF, is broken, or too
    large. Of what moves, the first frame is taken.
    """
    if size > MAX_BYTES:
        raise InvalidProduct("This file is larger than 15 MB.", field="image")
    try:
        upload.seek(0)
        with Image.open(upload, formats=FORMATS) as picture:
            return _as_webp(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidProduct(UNREADABLE, field="image") from error


def new_name() -> str:
    return f"{secrets.token_hex(8)}.webp"


def renditions(original: IO[bytes]) -> Iterator[Encoded]:
    """Copies of a picture that `checked` has made, from small to large and never larger than itself."""
    with Image.open(original, formats=("WEBP",)) as picture:
        widths = [width for width in WIDTHS if width < picture.width]
        for width in widths:
            small = picture.resize((width, max(1, round(picture.height * width / picture.width))), reducing_gap=3)
            yield _encoded(small, "avif")
            yield _encoded(small, "webp")
        yield _encoded(picture, "avif")


def _as_webp(picture: Image.Image) -> Encoded:
    allowed = MAX_JPEG_PIXELS if picture.format == "JPEG" else MAX_PIXELS
    if picture.width * picture.height > allowed:
        raise InvalidProduct("This picture has too many pixels.", field="image")
    picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    return _encoded(upright.convert("RGBA" if has_alpha else "RGB"), "webp", quality=85)


def _encoded(picture: Image.Image, format: str, quality: int = 0) -> Encoded:
    out = io.BytesIO()
    if format == "avif":
        picture.save(out, "AVIF", quality=quality or 60, speed=6, max_threads=1)
    else:
        picture.save(out, "WEBP", quality=quality or 80, method=4)
    return Encoded(format, picture.width, picture.height, out.getvalue())
