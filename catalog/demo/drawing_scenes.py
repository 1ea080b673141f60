"""The wide picture of the home page and the square ones of the top categories."""

from __future__ import annotations

import random
from collections.abc import Callable

from catalog.demo.drawing_backdrop import arch, glow, linen, planks, sun, table, window
from catalog.demo.drawing_colours import BEECH, CREAM, OAK, PALETTES, WALNUT, Palette, mix, rgb
from catalog.demo.drawing_kinds import KINDS
from catalog.demo.drawing_pen import Pen


def _put(page: Pen, kind: str, palette: str, form: int, x: float, y: float, scale: float, turn: float = 0) -> None:
    rng = random.Random(f"{kind}:{palette}:{form}")
    KINDS[kind].paint(page.at(x, y, scale, turn), PALETTES[palette], rng, form)


def hero(page: Pen) -> None:
    """1600 by 700: quiet wall on the left for a headline, the shop's things on the right."""
    rng = random.Random("hero")
    wall = rgb("e6dfce")
    table(page, wall, OAK, edge=508, width=1600, height=700)
    planks(page, mix(OAK, CREAM, 0.12), rng, top=508, width=1600, height=700)
    window(page, rng, 170, 60, 1.25)
    arch(page, rgb("3d6b5c"), 1130, 508, 216, 430)
    sun(page, rgb("d98f63"), 1452, 150, 92)
    _put(page, "planter", "chalk", 3, 1448, 560, 0.92)
    _put(page, "vase", "clay", 1, 1040, 540, 0.84)
    _put(page, "pitcher", "chalk", 0, 1236, 556, 0.86)
    _put(page, "lamp", "juniper", 0, 806, 544, 0.80)
    _put(page, "bowl", "ochre", 1, 1096, 634, 0.60)
    _put(page, "candle", "sage", 0, 1328, 642, 0.62)
    _put(page, "mug", "juniper", 1, 912, 636, 0.60)
    _put(page, "soap", "blush", 0, 720, 646, 0.42)
    glow(page, 420, 200, 620, (255, 250, 236), 0.30)


def _room(page: Pen, palette: Palette, top: tuple[int, int, int], seed: str, *, niche: bool) -> None:
    rng = random.Random(seed)
    wall = mix(palette.paper, palette.main, 0.26)
    table(page, wall, top, edge=600)
    planks(page, top, rng, top=600)
    if niche:
        arch(page, mix(wall, palette.main, 0.5), 470, 600, 300, 500)
    else:
        sun(page, mix(wall, palette.accent, 0.5), 600, 250, 170)
    window(page, rng, 40, 110, 1.1)


def kitchen(page: Pen) -> None:
    _room(page, PALETTES["juniper"], OAK, "kitchen", niche=True)
    _put(page, "jar", "chalk", 1, 250, 640, 0.98)
    _put(page, "pitcher", "clay", 1, 640, 646, 1.12)
    _put(page, "casserole", "juniper", 0, 430, 760, 1.0)
    _put(page, "mug", "ochre", 1, 730, 800, 0.78)


def living(page: Pen) -> None:
    _room(page, PALETTES["clay"], WALNUT, "living", niche=False)
    _put(page, "frame", "juniper", 0, 250, 300, 0.78)
    _put(page, "lamp", "clay", 0, 640, 660, 1.08)
    _put(page, "candle", "sage", 0, 220, 730, 0.86)
    _put(page, "vase", "chalk", 3, 420, 770, 0.74)
    _put(page, "throw", "blush", 0, 690, 850, 0.66)


def garden(page: Pen) -> None:
    _room(page, PALETTES["moss"], BEECH, "garden", niche=True)
    _put(page, "planter", "clay", 3, 300, 660, 1.04)
    _put(page, "planter", "chalk", 1, 690, 680, 0.92)
    _put(page, "watering_can", "juniper", 0, 500, 800, 0.96)


def bath(page: Pen) -> None:
    _room(page, PALETTES["sky"], mix(CREAM, BEECH, 0.4), "bath", niche=True)
    _put(page, "basket", "chalk", 0, 290, 664, 1.06)
    _put(page, "bottle", "juniper", 0, 640, 668, 1.06)
    _put(page, "towels", "sky", 0, 420, 810, 0.84)
    _put(page, "soap", "blush", 0, 740, 810, 0.66)


def desk(page: Pen) -> None:
    """From above: a writing table."""
    linen(page, mix(CREAM, PALETTES["oat"].paper, 0.5), random.Random("desk"))
    _put(page, "cards", "clay", 0, 650, 250, 0.86, 10)
    _put(page, "notebook", "juniper", 0, 300, 360, 0.98, 2)
    _put(page, "tray", "oat", 1, 620, 690, 0.74, 4)
    _put(page, "pencils", "clay", 0, 210, 750, 0.56, 74)
    window(page, random.Random("desk"), -100, -80, 1.8, 0.18)


CATEGORIES: dict[str, Callable[[Pen], None]] = {
    "kitchen": kitchen,
    "living": living,
    "garden": garden,
    "bath-linen": bath,
    "desk-paper": desk,
}
