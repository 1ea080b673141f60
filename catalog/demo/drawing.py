"""Pictures for the demo shop, drawn by the program: pure functions from a few words to WebP bytes.

The same words give the same bytes on every run (of one Pillow release), so a picture can be named
after them and drawn once.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

from PIL import Image, ImageChops

from catalog.demo.drawing_colours import PALETTES
from catalog.demo.drawing_kinds import KINDS
from catalog.demo.drawing_pen import Pen
from catalog.demo.drawing_scenes import CATEGORIES, hero
from catalog.demo.drawing_stage import STAGES

SIZE = 900
HERO_SIZE = (1600, 700)
VIEWS = tuple(STAGES)
_FINE = 2  # Everything is drawn this many times larger and reduced: smooth edges.


@dataclass(frozen=True, slots=True)
class Drawing:
    """The words that make one product picture."""

    kind: str
    palette: str
    seed: int = 0
    view: str = "front"

    @property
    def filename(self) -> str:
        """The same for equal drawings, different for others."""
        return f"{self.kind}-{self.palette}-{self.seed}-{self.view}.webp".replace("_", "-")


def draw(kind: str, palette: str, seed: int = 0, view: str = "front") -> bytes:
    """A square product picture as WebP.

    `kind` is one of KINDS, `palette` one of PALETTES, `view` one of VIEWS; the seed chooses the
    shape and all the small accidents. Raises KeyError for unknown words.
    """
    thing, colours, stage = KINDS[kind], PALETTES[palette], STAGES[view]
    rng = random.Random(f"{kind}:{palette}:{seed}:{view}")
    return _render((SIZE, SIZE), lambda page: stage(page, thing, colours, rng, seed))


def draw_hero() -> bytes:
    """The wide picture of the home page, with a quiet left side for a headline."""
    return _render(HERO_SIZE, hero)


def draw_category(slug: str) -> bytes:
    """The square picture of a top category. Raises KeyError for another slug."""
    return _render((SIZE, SIZE), CATEGORIES[slug])


def draw_many(drawings: Iterable[Drawing], *, processes: int = 1) -> Iterator[tuple[Drawing, bytes]]:
    """Each different drawing once, with its bytes, in the order given.

    More than one process draws in children that share nothing with this one: it may hold
    database connections.
    """
    wanted = list(dict.fromkeys(drawings))
    if processes <= 1 or len(wanted) < 8:
        yield from ((drawing, _draw(drawing)) for drawing in wanted)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from zip(wanted, pool.map(_draw, wanted, chunksize=4), strict=True)


def _draw(drawing: Drawing) -> bytes:
    return draw(drawing.kind, drawing.palette, drawing.seed, drawing.view)


def _render(size: tuple[int, int], paint: Callable[[Pen], None], *, quality: int = 85) -> bytes:
    image = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE))
    paint(Pen(image, 0, 0, _FINE))
    out = io.BytesIO()
    picture = _with_grain(image.reduce(_FINE))
    picture.save(out, "WEBP", quality=quality, method=4)
    if out.tell() > size[0] * size[1] // 14:  # 58 kB for a square: only the busiest weaves
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality - 12, method=4)
    return out.getvalue()


def _with_grain(image: Image.Image) -> Image.Image:
    """Paper grain of a few levels: without it wide soft gradients show steps once compressed."""
    tile = _grain()
    grain = Image.new("L", image.size)
    for x in range(0, image.width, tile.width):
        for y in range(0, image.height, tile.height):
            grain.paste(tile, (x, y))
    return ImageChops.add(image, Image.merge("RGB", (grain,) * 3), 1, -128)


@cache
def _grain() -> Image.Image:
    noise = random.Random("paper").randbytes(300 * 300)
    return Image.frombytes("L", (300, 300), noise).point(lambda v: 128 + round((v - 127.5) / 127.5 * 3))
