"""Files of pictures for tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def a_file(
    size: tuple[int, int] = (40, 30), format: str = "PNG", mode: str = "RGB", colour: Any = None, **options: Any
) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new(mode, size, 0 if colour is None else colour).save(out, format, **options)
    return out.getvalue()
