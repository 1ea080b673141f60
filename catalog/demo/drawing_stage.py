"""How a product is photographed: alone on paper, close up, or in a room with company."""

from __future__ import annotations

import random
from collections.abc import Callable

from catalog.demo.drawing_backdrop import arch, linen, planks, studio, sun, table, window
from catalog.demo.drawing_botany import leaf
from catalog.demo.drawing_colours import BEECH, CREAM, OAK, WALNUT, Palette, brightness, mix, rgb, tone
from catalog.demo.drawing_kinds import KINDS, Kind
from catalog.demo.drawing_paths import arm
from catalog.demo.drawing_pen import SHADOW, Pen

Stage = Callable[[Pen, Kind, Palette, random.Random, int], None]
_PLACE = {"standing": (450.0, 712.0), "flat": (450.0, 452.0), "wall": (450.0, 440.0)}


def front(page: Pen, kind: Kind, palette: Palette, rng: random.Random, form: int) -> None:
    """The thing alone on a sweep of paper."""
    studio(page, palette.paper)
    x, y = _PLACE[kind.stance]
    kind.paint(page.at(x + kind.shift, y, kind.size), palette, rng, form)


def detail(page: Pen, kind: Kind, palette: Palette, rng: random.Random, form: int) -> None:
    """A close look at glaze, grain or weave."""
    studio(page, palette.paper)
    scale = kind.size * kind.zoom
    kind.paint(page.at(450 - kind.focus[0] * scale, 450 - kind.focus[1] * scale, scale), palette, rng, form)


def scene(page: Pen, kind: Kind, palette: Palette, rng: random.Random, form: int) -> None:
    """The thing at home."""
    _SCENES[kind.stance](page, kind, palette, rng, form)


def companion(palette: Palette) -> Palette:
    """A palette for the thing beside: the second colour leads, in a quieter tone."""
    far = abs(brightness(palette.accent) - brightness(palette.main)) > 0.1
    lead = palette.accent if far else palette.cream
    return Palette(mix(lead, palette.paper, 0.12), palette.main, palette.paper)


def _on_a_table(page: Pen, kind: Kind, palette: Palette, rng: random.Random, form: int) -> None:
    wall = mix(palette.paper, palette.main, 0.10 if brightness(palette.main) < 0.5 else 0.22)
    setting = rng.randrange(4)
    tops = (OAK, mix(CREAM, palette.paper, 0.4), WALNUT, BEECH)
    table(page, wall, tops[setting], edge=606)
    if setting in (0, 2):
        planks(page, tops[setting], rng, top=606)
        window(page, rng, 90, 130)
    elif setting == 1:
        arch(page, mix(wall, palette.accent, 0.45), 470, 606, 262, 480)
    else:
        sun(page, mix(wall, palette.accent, 0.5), 560, 300, 190)
        window(page, rng, 60, 190, 0.9)
    beside = KINDS[kind.beside]
    far = page.at(682, 650, beside.size * 0.62)
    if beside.stance != "standing":
        far = page.at(690, 652, 0.8)
        beside = KINDS["candle"]
    beside.paint(far, companion(palette), rng, form + 1)
    kind.paint(page.at(372 + kind.shift * 0.6, 762, kind.size * 0.84), palette, rng, form)


def _from_above(page: Pen, kind: Kind, palette: Palette, rng: random.Random, form: int) -> None:
    if rng.random() < 0.5 and brightness(palette.main) < 0.85:
        linen(page, mix(palette.paper, CREAM, 0.4), rng)
    else:
        woody = abs(brightness(palette.main) - brightness(WALNUT)) > 0.2
        planks(page, mix(WALNUT if woody else BEECH, palette.paper, 0.25), rng)
    beside = KINDS[kind.beside]
    if beside.stance == "flat":
        beside.paint(page.at(742, 236, beside.size * 0.66, 24), companion(palette), rng, form + 1)
    _sprigs(page, rng)
    kind.paint(page.at(390, 500, kind.size * 0.84, -6), palette, rng, form)
    window(page, rng, -120, -90, 1.7, 0.17)


def _sprigs(page: Pen, rng: random.Random) -> None:
    for x, y, turn in ((96, 900, 22), (30, 800, 48)):
        stem = arm(x, y, turn, 330, 26, 18)
        page.stroke([(a + 9, b + 12) for a, b in stem], 22, paint=SHADOW, opacity=0.16, soft=9)
        page.stroke(stem, 4, paint=rgb("6f6a4c"))
        for i in range(3, 19, 2):
            for side in (-1, 1):
                reach = arm(*stem[i], turn + 10 + side * 56, rng.uniform(50, 66), side * 12, 8)
                leaf(page, reach, 25, tone(rgb("7f9878"), rng.uniform(0.4, 0.6)))


def _on_a_wall(page: Pen, kind: Kind, palette: Palette, rng: random.Random, form: int) -> None:
    wall = mix(palette.paper, palette.main, 0.16 if brightness(palette.main) < 0.5 else 0.3)
    table(page, wall, OAK, edge=742)
    window(page, rng, 20, 120, 1.15)
    planks(page, (OAK, WALNUT)[form % 2], rng, top=742)
    kind.paint(page.at(400, 338, kind.size * 0.80), palette, rng, form)
    beside = KINDS[kind.beside]
    beside.paint(page.at(712, 790, beside.size * 0.62), companion(palette), rng, form)
    KINDS["candle"].paint(page.at(196, 812, 0.56), palette, rng, 0)


_SCENES: dict[str, Stage] = {"standing": _on_a_table, "flat": _from_above, "wall": _on_a_wall}
STAGES: dict[str, Stage] = {"front": front, "scene": scene, "detail": detail}
