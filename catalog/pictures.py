"""Uploaded pictures: checked, made smaller, and stored as our own file, never as the bytes that came."""

from __future__ import annotations

import io
import secrets
from typing import IO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from catalog.errors import InvalidProduct

MAX_BYTES = 15_000_000
MAX_SIDE = 1600
MAX_PIXELS = 25_000_000
# A JPEG is decoded at a fraction of its size, so a large one costs no more memory.
MAX_JPEG_PIXELS = 120_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


def reencoded(upload: IO[bytes], *, size: int) -> ContentFile[bytes]:
    """The uploaded picture of `size` bytes as a WebP of at most 1600 pixels a side, without its metadata.

    Raises InvalidProduct (field `image`) for anything that is no JPEG, PNG or WebP, is broken, or too large.
    """
    if size > MAX_BYTES:
        raise InvalidProduct("This file is larger than 15 MB.", field="image")
    try:
        upload.seek(0)
        with Image.open(upload, formats=FORMATS) as picture:
            return ContentFile(_as_webp(picture), name=f"{secrets.token_hex(8)}.webp")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidProduct("This is not a JPEG, PNG or WebP picture.", field="image") from error


def _as_webp(picture: Image.Image) -> bytes:
    allowed = MAX_JPEG_PIXELS if picture.format == "JPEG" else MAX_PIXELS
    if picture.width * picture.height > allowed:
        raise InvalidProduct("This picture has too many pixels.", field="image")
    picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    out = io.BytesIO()
    upright.convert("RGBA" if has_alpha else "RGB").save(out, "WEBP", quality=85, method=4)
    return out.getvalue()
