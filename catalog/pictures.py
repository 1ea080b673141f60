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
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
UNREADABLE = "This is not a JPEG, PNG, WebP, AVIF or GIF picture, or it is damaged."
WIDTHS = (320, 640, 960, 1600)

# Decoding takes so many bytes for each pixel at its peak, as measured, and shall take MAX_MEMORY at most.
MAX_MEMORY = 200_000_000
COSTS = {"PNG": 5, "GIF": 5, "AVIF": 10, "WEBP": 16.5, "JPEG": 1.6}
COST_OF_SEVERAL_SCANS = 3.2  # a JPEG is decoded at a fraction of its size, unless it has to be held as a whole
COST_OF_ALPHA = 4.5
MAX_PIXELS = 25_000_000  # what is not a JPEG takes its time, too
# A picture that gets clearer while it loads has about ten scans. Each goes over all of it, and takes a few bytes only.
MAX_SCANS = 40
PNG = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 20_000
START_OF_SCAN = b"\xff\xda"
Image.MAX_IMAGE_PIXELS = int(MAX_MEMORY / COSTS["JPEG"])  # more than twice as many are refused unseen


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
    upload.seek(0)
    content = upload.read(MAX_BYTES)
    try:
        _expect_few_chunks(content)
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _expect_affordable(picture, scans=content.count(START_OF_SCAN))
            return _encoded(_upright(picture), "webp", quality=85)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
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


def _expect_affordable(picture: Image.Image, *, scans: int) -> None:
    """Raises InvalidProduct for a picture that would take too much memory or time; it has not been decoded yet."""
    is_jpeg = picture.format == "JPEG"
    cost = COST_OF_SEVERAL_SCANS if is_jpeg and scans > 1 else COSTS[str(picture.format)]
    if _has_alpha(picture) or picture.mode == "P":
        cost += COST_OF_ALPHA
    pixels = picture.width * picture.height
    if pixels * cost > MAX_MEMORY or (pixels > MAX_PIXELS and not is_jpeg):
        raise InvalidProduct("This picture has too many pixels.", field="image")
    if is_jpeg and scans > MAX_SCANS:
        raise InvalidProduct("This JPEG picture has too many scans; save it as a plain one.", field="image")


def _expect_few_chunks(content: bytes) -> None:
    """Raises ValueError for a PNG of so many chunks that looking at them would take longer than the pixels do."""
    at = len(PNG)
    for _ in range(MAX_CHUNKS if content.startswith(PNG) else 0):
        if at >= len(content):
            return
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    if content.startswith(PNG):
        raise ValueError("a PNG of too many chunks")


def _upright(picture: Image.Image) -> Image.Image:
    """The picture in our size, turned as its camera noted, in eight bits of red, green and blue (and alpha)."""
    picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
    mode = "RGBA" if _has_alpha(picture) else "RGB"
    if picture.mode == "P":
        picture = picture.convert(mode)  # of a palette's colours there is no average
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    if picture.mode == "I;16":
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    return ImageOps.exif_transpose(picture).convert(mode)


def _has_alpha(picture: Image.Image) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _encoded(picture: Image.Image, format: str, quality: int = 0) -> Encoded:
    out = io.BytesIO()
    if format == "avif":
        picture.save(out, "AVIF", quality=quality or 60, speed=6, max_threads=1)
    else:
        picture.save(out, "WEBP", quality=quality or 80, method=4)
    return Encoded(format, picture.width, picture.height, out.getvalue())
