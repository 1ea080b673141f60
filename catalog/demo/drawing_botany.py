"""Leaves, stems and small plants."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from catalog.demo.drawing_colours import LEAF, RGB, Palette, mix, rgb, tone
from catalog.demo.drawing_paths import Path, arm, blade, oval, ribbon
from catalog.demo.drawing_pen import Fade, Part, Pen
from catalog.demo.drawing_solid import rounded, solid

_STRAW = rgb("c9a871")
_EUCALYPTUS = rgb("7f9c8c")


def leaf(pen: Pen, spine: Path, width: float, colour: RGB, *, belly: float = 0.45, vein: bool = True) -> Part:
    """A leaf in two halves, one in the light and one turned away."""
    whole = ribbon(spine, lambda s: width * blade(s, belly=belly))
    half = len(whole) // 2
    part = pen.fill(whole, paint=Fade(tone(colour, 0.62), tone(colour, 0.44), 70))
    shady = [*spine, *whole[half:]] if spine[-1][0] <= spine[0][0] + 1e-6 else [*whole[:half], *spine[::-1]]
    pen.fill(shady, paint=tone(colour, 0.3), inside=part, opacity=0.5)
    if vein:
        pen.stroke(spine, max(1.2, width * 0.035), paint=tone(colour, 0.82), inside=part, opacity=0.6)
    return part


def dried_stems(pen: Pen, palette: Palette, rng: random.Random, *, kind: int, spread: float) -> None:
    """Three to seven dried stems that rise from a narrow mouth."""
    painters: tuple[Callable[[Pen, Palette, random.Random, float], None], ...] = (
        _grass,
        _eucalyptus,
        _lunaria,
        _cotton,
    )
    stems = (5, 4, 5, 4)[kind % 4]
    for i in range(stems):
        lean = (i - (stems - 1) / 2) * 15 + rng.uniform(-4, 4)
        painters[kind % 4](pen.at(lean / 40 * spread * 0.5, 0), palette, rng, lean)


def _grass(pen: Pen, palette: Palette, rng: random.Random, lean: float) -> None:
    spine = arm(0, 0, lean * 0.5, rng.uniform(210, 290), lean * 0.9, 20)
    pen.stroke(spine, 3, paint=tone(_STRAW, 0.34))
    plume = spine[11:]
    colour = mix(_STRAW, palette.cream, rng.uniform(0.15, 0.5))
    body = pen.fill(
        ribbon(plume, lambda s: 34 * blade(s, belly=0.35)),
        paint=Fade(tone(colour, 0.7), tone(colour, 0.42), 60),
        soft=2.5,
    )
    for i in range(len(plume) - 1):
        for side in (-28, 28):
            hair = arm(*plume[i], lean + side, 26, -side * 0.5, 5)
            pen.stroke(
                hair, 1.6, paint=tone(colour, 0.36 if side > 0 else 0.8), opacity=0.6, inside=body if i == 0 else None
            )


def _eucalyptus(pen: Pen, palette: Palette, rng: random.Random, lean: float) -> None:
    spine = arm(0, 0, lean * 0.6, rng.uniform(220, 290), lean * 0.8, 20)
    pen.stroke(spine, 3.4, paint=rgb("7a6a55"))
    for i in range(5, 21, 2):
        size = 46 - i * 1.1
        for side in (-1, 1):
            reach = arm(*spine[i], lean + side * 72 + rng.uniform(-12, 12), size, side * 12, 8)
            colour = mix(_EUCALYPTUS, palette.main, 0.12)
            leaf(pen, reach, size * 0.82, tone(colour, rng.uniform(0.42, 0.6)), belly=0.55)


def _lunaria(pen: Pen, palette: Palette, rng: random.Random, lean: float) -> None:
    spine = arm(0, 0, lean * 0.6, rng.uniform(190, 260), lean * 0.7, 20)
    pen.stroke(spine, 3, paint=tone(_STRAW, 0.3))
    for i in range(7, 21, 2):
        side = 1 if i // 2 % 2 else -1
        x, y = arm(*spine[i], lean + side * 60, 30, 0, 4)[-1]
        coin = pen.fill(oval(x, y, 23, 27), paint=Fade(rgb("fbf3e2"), rgb("dcc7a0"), 60), opacity=0.93)
        pen.stroke(oval(x, y, 22, 26), 1.6, paint=tone(_STRAW, 0.36), inside=coin, opacity=0.7)
        pen.fill(oval(x - 4, y + 2, 3, 4), paint=tone(_STRAW, 0.3), opacity=0.45)


def _cotton(pen: Pen, palette: Palette, rng: random.Random, lean: float) -> None:
    spine = arm(0, 0, lean * 0.7, rng.uniform(150, 250), lean * 0.6, 20)
    pen.stroke(spine, 4, paint=rgb("6b4c37"))
    x, y = spine[-1]
    for k in range(5):
        a = math.radians(72 * k + lean)
        puff = pen.fill(
            oval(x + 15 * math.cos(a), y + 15 * math.sin(a), 20, 20), paint=Fade(rgb("fffaf0"), rgb("e4d6c0"), 60)
        )
        pen.puff(puff, 8, shade=0.3, light=0.2)
    for side in (-38, 0, 38):
        leaf(pen, arm(x, y + 26, lean + side, 26, 0, 6), 11, rgb("8a6444"), vein=False)


def plant(pen: Pen, rng: random.Random, form: int) -> None:
    """Something green that grows from the origin upwards."""
    (_snake, _pilea, _olive, _monstera, _fern, _cactus)[form % 6](pen, rng)


def _snake(pen: Pen, rng: random.Random) -> None:
    for i, lean in enumerate((-24, 22, -10, 12, -2)):
        height = (210, 225, 290, 250, 330)[i]
        spine = arm(lean * 1.6, 6, lean * 0.5, height, lean * 0.5, 18)
        whole = ribbon(spine, lambda s: 52 * (1 - s) ** 0.55 * (0.75 + 0.5 * s))
        part = pen.fill(whole, paint=Fade(rgb("6d8f58"), rgb("3c6148"), 75))
        for k in range(2, 18):
            x, y = spine[k]
            pen.stroke(
                [(x - 26, y - 3), (x - 6, y + 3), (x + 9, y - 3), (x + 26, y + 4)],
                4,
                paint=rgb("2f5140"),
                inside=part,
                opacity=0.4,
            )
        for side in (whole[: len(spine)], whole[len(spine) :]):
            pen.stroke(side, 5, paint=rgb("d8cf86"), inside=part, opacity=0.85)


def _pilea(pen: Pen, rng: random.Random) -> None:
    for i in range(17):
        lean = -80 + 160 * ((i * 7) % 17) / 16
        reach = rng.uniform(120, 190) * (0.75 + 0.25 * math.cos(math.radians(lean)))
        spine = arm(0, 0, lean * 0.7, reach, lean * 0.5, 12)
        pen.stroke(spine, 3, paint=rgb("8a9a5c"))
        x, y = spine[-1]
        r = rng.uniform(32, 46)
        colour = tone(LEAF, rng.uniform(0.36, 0.62))
        pad = pen.fill(oval(x, y, r, r * 0.86), paint=Fade(tone(colour, 0.66), tone(colour, 0.36), 60))
        pen.puff(pad, 8, shade=0.3, light=0.25)
        pen.fill(oval(x, y - 2, 4, 4), paint=rgb("e9edc4"), opacity=0.85)


def _olive(pen: Pen, rng: random.Random) -> None:
    for lean in (-34, 30, -12, 14, 1):
        spine = arm(0, 4, lean * 0.4, rng.uniform(240, 320), lean * 0.8, 22)
        pen.stroke(spine, lambda s: 6 - 4 * s, paint=rgb("75624a"))
        for i in range(5, 23, 2):
            for side in (-1, 1):
                reach = arm(*spine[i], lean + side * rng.uniform(38, 58), rng.uniform(48, 66), side * 10, 8)
                leaf(pen, reach, 17, tone(rgb("7f9470"), rng.uniform(0.36, 0.66)))


def _monstera(pen: Pen, rng: random.Random) -> None:
    for lean, length, size in ((-62, 150, 150), (60, 160, 150), (-24, 215, 170), (28, 205, 160), (2, 250, 150)):
        stalk = arm(0, 0, lean * 0.5, length, lean * 0.6, 14)
        pen.stroke(stalk, 6, paint=rgb("5d7f4a"))
        spine = arm(*stalk[-1], lean * 1.15, size, lean * 0.35, 14)
        colour = tone(rgb("4f7d57"), rng.uniform(0.42, 0.58))
        part = leaf(pen, spine, size * 0.78, colour, belly=0.34)
        for i in range(4, 12, 2):
            for side in (-1, 1):
                vein = arm(*spine[i], lean + side * 58, size * 0.26, -side * 12, 6)
                pen.stroke(vein, 2, paint=tone(colour, 0.75), inside=part, opacity=0.55)


def _fern(pen: Pen, rng: random.Random) -> None:
    for i in range(11):
        lean = -75 + 15 * ((i * 5) % 11)
        spine = arm(0, 0, lean * 0.6, rng.uniform(200, 260), lean * 1.0, 26)
        colour = tone(rgb("6b9257"), rng.uniform(0.38, 0.6))
        pen.stroke(spine, 3, paint=tone(colour, 0.3))
        for k in range(3, 26, 2):
            size = 46 * math.sin(math.pi * (0.16 + 0.84 * k / 27)) + 4
            ax, ay = spine[k - 1]
            heading = math.degrees(math.atan2(spine[k][0] - ax, ay - spine[k][1]))
            for side in (-1, 1):
                frond = arm(*spine[k], heading + side * 66, size, -side * 22, 5)
                pen.fill(ribbon(frond, lambda s: 13 * blade(s)), paint=tone(colour, 0.55 if side < 0 else 0.4))


def _cactus(pen: Pen, rng: random.Random) -> None:
    body = solid(
        pen,
        rounded([(-250, 0), (-246, 30), (-200, 74), (-110, 88), (-20, 70), (6, 60)]),
        rgb("6d946f"),
        flutes=14,
        depth=0.7,
    )
    for angle in range(-77, 80, 26):
        for share in (0.3, 0.42, 0.54, 0.66, 0.78, 0.9):
            x, y = body.at(share, angle + 12.8)
            for side in (-40, 0, 40):
                pen.stroke(arm(x, y, side, 9, 0, 2), 1.3, paint=rgb("f6edd0"), opacity=0.9)
    for x in (-20, 14, -2):
        for petal in range(5):
            leaf(pen, arm(x, -244 + abs(x) * 0.3, -64 + 32 * petal, 30, 0, 6), 13, rgb("d97f86"), vein=False)
