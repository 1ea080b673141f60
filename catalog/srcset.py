"""A picture as pages show it: its address, its size, and the smaller copies that a browser may choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from django.core.files.storage import default_storage


class Rendition(TypedDict):
    """A smaller copy of a picture, or one in another format; `name` is what the media storage calls it."""

    format: str
    width: int
    name: str


@dataclass(frozen=True)
class Picture:
    """What an `img` needs. `avif` and `webp` are the values of a `srcset`, empty as long as there are no copies."""

    url: str
    alt: str
    width: int
    height: int
    avif: str = ""
    webp: str = ""


def picture(*, name: str, alt: str, width: int, height: int, renditions: Iterable[Rendition]) -> Picture:
    """The picture whose file, a WebP, the media storage knows by `name`."""
    url = default_storage.url(name)
    found: dict[str, list[str]] = {"avif": [], "webp": []}
    for each in renditions:
        found[each["format"]].append(f"{default_storage.url(each['name'])} {each['width']}w")
    if found["webp"]:
        found["webp"].append(f"{url} {width}w")
    return Picture(url, alt, width, height, avif=", ".join(found["avif"]), webp=", ".join(found["webp"]))
