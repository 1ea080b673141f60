"""Woven rush and willow: baskets."""

from __future__ import annotations

import random

from catalog.demo.drawing_colours import RGB, Palette, mix, rgb, tone
from catalog.demo.drawing_paths import curve, moved, oval, ribbon
from catalog.demo.drawing_pen import Fade, Pen
from catalog.demo.drawing_solid import TILT, Profile, Solid, rounded, solid

_WICKER = rgb("c9a168")
_SHAPES: tuple[Profile, ...] = (
    [(-250, 176), (-240, 180), (-120, 178), (-20, 152), (0, 146)],
    [(-140, 226), (-132, 228), (-70, 216), (-12, 190), (0, 184)],
    [(-290, 150), (-280, 154), (-150, 184), (-40, 168), (0, 150)],
)
# The share of the height from which the foot is dipped in colour; above 1 it is not.
_DIPPED = (0.55, 1.1, 0.5)


def basket(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A tall one with linen in it, a low tray of oranges, or a belly with a dipped foot."""
    shape = form % 3
    profile = rounded(_SHAPES[shape])
    rush = mix(_WICKER, palette.main, 0.12)
    top, r = profile[0]
    pen.ground(profile[-1][1] + 14, 42, 240)
    for side in (-1, 1):
        inner, outer = [(side * r * 0.9, top + 14)], [(side * (r + 40), top - 34), (side * (r + 34), top + 40)]
        grip = curve([*inner, *outer, (side * r * 0.98, top + 62)])
        pen.tube(grip, 15, palette.accent if shape == 1 else rush, gloss=0)
    body = solid(pen, profile, rush)
    if _DIPPED[shape] < 1:
        solid(pen, profile, palette.main, span=lambda _: (_DIPPED[shape], 1.0))
    _strands(pen, body, rush, palette.main, round(-top / 17), _DIPPED[shape])
    pen.fill(oval(0, top, r, r * TILT), paint=tone(rush, 0.3))
    pen.fill(oval(0, top + 3, r - 12, (r - 12) * TILT), paint=Fade(tone(rush, 0.06), tone(rush, 0.4), 10))
    if shape == 1:
        _oranges(pen.at(0, top))
    else:
        _linen(pen.at(0, top), palette.cream, r)
    _rim(pen.at(0, top), rush, r, full=shape != 1)


def _strands(pen: Pen, body: Solid, rush: RGB, foot: RGB, rows: int, dipped: float) -> None:
    for i in range(rows):
        share = (i + 0.5) / rows
        colour = foot if share > dipped else rush
        for k in range(26):
            a = -90 + 180 * (k + (0.5 if i % 2 else 0)) / 26
            strand = body.ring(share, a - 3.3, a + 3.3, 3)
            pen.stroke(moved(strand, 1.5, 4.5), 7, paint=tone(colour, 0.08), inside=body.part, opacity=0.30)
            pen.stroke(strand, 8, paint=tone(colour, 0.78), inside=body.part, opacity=0.36)


def _oranges(pen: Pen) -> None:
    for x, y in ((-90, 4), (-10, 18), (76, 2), (30, -18), (-46, -20)):
        fruit = pen.fill(oval(x, y - 6, 54, 50), paint=Fade(rgb("f0b65a"), rgb("cf7b33"), 55))
        pen.puff(fruit, 22, shade=0.4, light=0.35)
        pen.fill(oval(x - 4, y - 44, 5, 3), paint=rgb("6b5a2c"))


def _linen(pen: Pen, cloth: RGB, r: float) -> None:
    heap = [(-0.7, 22), (-0.5, -40), (-0.1, -22), (0.25, -62), (0.6, -26), (0.75, 22)]
    part = pen.fill(curve([(r * x, float(y)) for x, y in heap]), paint=Fade(tone(cloth, 0.66), tone(cloth, 0.4), 50))
    pen.puff(part, 24, shade=0.4, light=0.3)


def _rim(pen: Pen, rush: RGB, r: float, *, full: bool) -> None:
    near = oval(0, 2, r - 5, (r - 5) * TILT, 0, 180, 40)
    pen.stroke(near, 15, paint=Fade(tone(rush, 0.7), tone(rush, 0.4), 10))
    if full:
        far = oval(0, 0, r - 4, (r - 4) * TILT, 180, 360, 40)
        pen.stroke(far[:9], 10, paint=tone(rush, 0.6))
        pen.stroke(far[-9:], 10, paint=tone(rush, 0.5))
    for x, y in oval(0, 2, r - 5, (r - 5) * TILT, 4, 176, 21):
        pen.fill(ribbon([(x - 4, y - 7), (x + 4, y + 7)], 3), paint=tone(rush, 0.2), opacity=0.5)
