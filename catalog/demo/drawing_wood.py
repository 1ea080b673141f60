"""For the kitchen bench: boards, spoons, rolling pins, pans, casseroles, storage jars."""

from __future__ import annotations

import math
import random

from catalog.demo.drawing_colours import BEECH, BRASS, COFFEE, OAK, RGB, WALNUT, Palette, brightness, mix, rgb, tone
from catalog.demo.drawing_paths import Path, box, curve, moved, oval, ribbon, turned
from catalog.demo.drawing_pen import SHADOW, Fade, Part, Pen
from catalog.demo.drawing_solid import TILT, disc, rounded, solid

_GLASS = rgb("dfe8e4")


def grain(pen: Pen, part: Part, rng: random.Random, wood: RGB, extent: tuple[float, float, float, float]) -> None:
    """Long uneven lines and a cathedral or two along x."""
    x0, y0, x1, y1 = extent
    for light, opacity in ((0.22, 0.18), (0.3, 0.26), (0.76, 0.24)):
        # All lines of one tone are one mask: a picture has three fills, not thirty.
        lines = []
        for _ in range(9):
            y = rng.uniform(y0, y1)
            sway = [(x0 + (x1 - x0) * i / 6, y + rng.uniform(-7, 7)) for i in range(7)]
            lines.append(ribbon(curve(sway, steps=5), rng.uniform(1.2, 4.5)))
        pen.fill(*lines, paint=tone(wood, light), inside=part, opacity=opacity, soft=0.7)
    cy = rng.uniform(y0 * 0.4, y1 * 0.4)
    arches = []
    for k in range(5):
        peak, wide = x0 + (x1 - x0) * (0.75 - 0.10 * k), 16 + 15 * k
        half = (x0 + peak) / 2
        bow = [(x0, cy - wide * 1.5), (half, cy - wide), (peak, cy), (half, cy + wide), (x0, cy + wide * 1.5)]
        arches.append(ribbon(curve(bow), 3))
    pen.fill(*arches, paint=tone(wood, 0.26), inside=part, opacity=0.26, soft=0.8)


def slab(pen: Pen, outline: Path, wood: RGB, rng: random.Random, extent: tuple[float, float, float, float]) -> Part:
    """A flat piece of oiled wood lying on the table."""
    return slab_union(pen, [outline], wood, rng, extent)


def hole(pen: Pen, x: float, y: float, r: float, under: RGB) -> None:
    pen.fill(oval(x, y, r, r), paint=Fade(tone(under, 0.16), tone(under, 0.36), 60))


def board(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Paddle, round with a handle, or rectangle with a juice groove; with a cord or a knife."""
    wood = palette.main
    here = pen.at(0, 0, 1, -32 if form % 3 != 2 else -14)
    if form % 3 == 0:
        outline = [*box(-300, -130, 170, 130, 46)[22:], *box(-300, -130, 170, 130, 46)[:22]]
        neck = curve(
            [(150, -70), (215, -30), (250, -28), (300, -30), (322, 0), (300, 30), (250, 28), (215, 30), (150, 70)]
        )
        part = slab_union(here, [outline, neck], wood, rng, (-300, -130, 330, 130))
    elif form % 3 == 1:
        part = slab_union(here, [oval(-70, 0, 225, 225), box(120, -34, 330, 34, 30)], wood, rng, (-300, -225, 330, 225))
    else:
        part = slab(here, box(-320, -205, 320, 205, 34), wood, rng, (-320, -205, 320, 205))
        groove = box(-284, -170, 284, 170, 24)
        here.stroke(
            [*groove, groove[0]],
            12,
            paint=Fade(tone(wood, 0.2), tone(wood, 0.36), 50),
            inside=part,
            opacity=0.75,
            soft=1,
        )
        here.stroke(moved([*groove, groove[0]], 5, 5), 3, paint=tone(wood, 0.8), inside=part, opacity=0.55, soft=1)
    if form % 3 != 2:
        hole(here, 292, 0, 13, palette.paper)
        cord = curve([(294, -4), (330, -50), (372, -36), (366, 20), (296, 4)])
        here.stroke(moved(cord, 3, 5), 6, paint=SHADOW, opacity=0.3, soft=3)
        here.tube(cord, 6, palette.accent, gloss=0)
    elif form >= 3:
        knife(here.at(20, 20, 0.9, -8), palette, rng, 0)


def slab_union(
    pen: Pen, outlines: list[Path], wood: RGB, rng: random.Random, extent: tuple[float, float, float, float]
) -> Part:
    pen.cast(*outlines, dx=20, dy=26, soft=18, opacity=0.32)
    pen.cast(*outlines, dx=7, dy=9, soft=4, opacity=0.42)
    pen.fill(*(moved(o, 4, 6) for o in outlines), paint=tone(wood, 0.2))
    part = pen.fill(*outlines, paint=Fade(tone(wood, 0.62), tone(wood, 0.44), 40))
    grain(pen, part, rng, wood, extent)
    pen.puff(part, 7, shade=0.35, light=0.5)
    return part


def knife(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A cook's knife, point to the left."""
    blade_line: Path = [(60, -34), (-200, -30), *curve([(-200, -30), (-290, -8), (-330, 26)])[1:], (-250, 34), (60, 36)]
    grip = [*box(64, -26, 310, 22, 20)]
    pen.cast(blade_line, grip, dx=9, dy=13, soft=7, opacity=0.36)
    steel = pen.fill(blade_line, paint=Fade(rgb("e9ecea"), rgb("9aa3a6"), 80))
    pen.fill([(60, 8), (-330, 26), (-250, 34), (60, 36)], paint=rgb("f6f8f6"), inside=steel, opacity=0.8, soft=2)
    pen.fill([(60, -34), (-200, -30), (-200, -24), (60, -26)], paint=rgb("6d777b"), inside=steel, opacity=0.5, soft=1)
    handle = palette.main if brightness(palette.main) < 0.75 else WALNUT
    part = pen.fill(grip, paint=Fade(tone(handle, 0.6), tone(handle, 0.34), 80))
    pen.puff(part, 9)
    pen.fill(box(54, -28, 80, 24, 4), paint=Fade(tone(BRASS, 0.75), tone(BRASS, 0.35), 80))
    for x in (120, 185, 250):
        pen.fill(oval(x, -2, 6.5, 6.5), paint=Fade(tone(BRASS, 0.8), tone(BRASS, 0.35), 50))


def spoons(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Spoon, spatula and fork, fanned out; or two servers tied with twine."""
    woods = (palette.main, mix(palette.main, WALNUT, 0.35), mix(palette.main, BEECH, 0.5), mix(palette.main, OAK, 0.5))
    count = 4 if form % 2 == 0 else 2
    for i in range(count):
        lean = (i - (count - 1) / 2) * (17 if count == 4 else 15)
        _spoon(pen.at(lean * 2.2, 210, 1.0, lean), woods[i], rng, (form + i) % 4)
    if count == 2:
        for k in range(4):
            pen.tube([(-42, 118 + k * 9), (42, 112 + k * 9)], 8, mix(palette.accent, palette.cream, 0.3), gloss=0)


def _spoon(pen: Pen, wood: RGB, rng: random.Random, kind: int) -> None:
    shaft = ribbon([(0.0, 120 - 30.0 * i) for i in range(14)], lambda s: 30 - 9 * math.sin(s * 3.0))
    end = oval(0, 116, 15, 15)
    head: Path
    if kind == 1:
        head = curve([(-16, -240), (-48, -330), (-54, -440), (0, -462), (54, -436), (48, -330), (16, -240)])
    else:
        head = oval(0, -340, 66, 104)
    pen.cast(shaft, head, end, dx=12, dy=16, soft=9, opacity=0.34)
    part = pen.fill(shaft, head, end, paint=Fade(tone(wood, 0.64), tone(wood, 0.42), 30))
    turned_pen = pen.at(0, -160, 1, 90)
    grain(turned_pen, part, rng, wood, (-320, -66, 280, 66))
    pen.puff(part, 13, shade=0.45, light=0.4)
    if kind in (0, 3):
        bowl = pen.fill(oval(0, -344, 50, 84), paint=Fade(tone(wood, 0.2), tone(wood, 0.62), 55), inside=part, soft=2)
        pen.fill(oval(10, -320, 30, 50), paint=tone(wood, 0.7), inside=bowl, opacity=0.4, soft=12)
        if kind == 3:
            hole(pen, 0, -345, 17, wood)
    elif kind == 2:
        for x in (-24, 24):
            pen.fill(box(x - 8, -470, x + 8, -340, 8), paint=Fade(tone(wood, 0.12), tone(wood, 0.28), 20), inside=part)


def rolling_pin(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    here = pen.at(0, 0, 1, -35)
    wood = palette.main
    bar, ends = box(-230, -54, 230, 54, 16), (box(-345, -22, -225, 22, 22), box(225, -22, 345, 22, 22))
    here.cast(bar, *ends, dx=26, dy=22, soft=15, opacity=0.36)
    for grip in ends:
        part = here.fill(grip, paint=Fade(tone(palette.accent, 0.68), tone(palette.accent, 0.24), 60))
        here.puff(part, 12)
    part = here.fill(bar, paint=Fade(tone(wood, 0.72), tone(wood, 0.26), 58))
    grain(here, part, rng, wood, (-230, -54, 230, 54))
    here.puff(part, 30, shade=0.5, light=0.2)
    here.stroke([(-210, -24), (210, -24)], 13, paint=(255, 251, 240), inside=part, opacity=0.35, soft=8)


def pan(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A skillet from above."""
    here = pen.at(-60, 40, 1, -38)
    iron = palette.main
    grip = ribbon([(180.0 + 24 * i, 0.0) for i in range(12)], lambda s: 46 - 14 * math.sin(s * 3.1) + 12 * s)
    rim = oval(0, 0, 232, 232)
    lip: Path = curve([(-30, -222), (0, -252), (30, -222)])
    here.cast(rim, grip, dx=18, dy=24, soft=16, opacity=0.36)
    grip_colour = iron if form % 2 == 0 else OAK
    part = here.fill(grip, oval(444, 0, 29, 29), paint=Fade(tone(grip_colour, 0.62), tone(grip_colour, 0.3), 70))
    here.puff(part, 13)
    hole(here, 440, 0, 11, palette.paper)
    edge = here.fill(rim, lip, turned(lip, 180), paint=Fade(tone(iron, 0.72), tone(iron, 0.28), 90))
    here.puff(edge, 10)
    well = here.fill(oval(0, 0, 214, 214), paint=Fade(tone(iron, 0.12), tone(iron, 0.5), 90))
    floor = here.fill(oval(0, 0, 182, 182), paint=Fade(tone(iron, 0.36), tone(iron, 0.52), 90), inside=well)
    for _ in range(120):
        a, d = rng.uniform(0, 6.28), 180 * math.sqrt(rng.random())
        here.fill(
            oval(d * math.cos(a), d * math.sin(a), 1.6, 1.6, steps=8),
            paint=tone(iron, 0.85),
            inside=floor,
            opacity=0.28,
        )
    if form % 2 == 0:
        _egg(here)
    else:
        here.stroke(oval(0, 0, 150, 150, 150, 235), 26, paint=(255, 250, 240), inside=floor, opacity=0.16, soft=14)


def _egg(pen: Pen) -> None:
    white = pen.fill(
        curve([(-70, -90), (20, -106), (96, -50), (88, 40), (20, 84), (-66, 66), (-104, -10)], closed=True),
        paint=Fade(rgb("fffdf6"), rgb("ece4d4"), 60),
    )
    pen.puff(white, 12, shade=0.3, light=0.2)
    yolk = pen.fill(oval(-6, -10, 44, 44), paint=Fade(rgb("f8c95a"), rgb("dd8f24"), 60))
    pen.puff(yolk, 16, shade=0.25, light=0.35)
    pen.fill(oval(-20, -26, 12, 8), paint=(255, 253, 244), opacity=0.7, soft=3)


def casserole(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    enamel = palette.main
    profile = rounded([(-176, 206), (-168, 208), (-90, 206), (-34, 194), (-8, 168), (0, 150)])
    pen.ground(192, 46, 220)
    for side in (-1, 1):
        loop = curve([(side * 196, -140), (side * 268, -146), (side * 276, -106), (side * 200, -96)])
        pen.tube(loop, 22, enamel, gloss=0.5)
    body = solid(pen, profile, enamel, gloss=0.75)
    pen.stroke(body.ring(0.05), 7, paint=tone(mix(enamel, palette.cream, 0.5), 0.5), inside=body.part, opacity=0.7)
    lid = solid(
        pen, rounded([(-262, 10), (-258, 60), (-236, 140), (-204, 196), (-184, 212), (-176, 212)]), enamel, gloss=0.75
    )
    pen.stroke(lid.ring(0.99), 3, paint=tone(enamel, 0.1), opacity=0.5, soft=1)
    pen.fill(oval(4, -256, 26, 7), paint=SHADOW, opacity=0.4, soft=3)
    solid(
        pen,
        rounded([(-306, 0), (-305, 18), (-294, 30), (-280, 22), (-264, 12), (-258, 16)]),
        BRASS if form % 2 == 0 else WALNUT,
        gloss=0.7,
    )


def jar(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A storage jar: glass with something dry in it, or stoneware with a wooden lid."""
    tall = form % 3 == 1
    h, r = (330.0, 112.0) if tall else (250.0, 128.0)
    profile = rounded([(-h, r - 12), (-h + 12, r - 6), (-h + 40, r), (-h / 2, r), (-22, r), (-6, r - 8), (0, r - 16)])
    pen.ground(r + 4, 34, h)
    if form % 3 == 2:
        body = solid(pen, profile, palette.main, gloss=0.5)
        for share in (0.2, 0.86):
            pen.stroke(body.ring(share), 5, paint=palette.accent, inside=body.part, opacity=0.8)
    else:
        _filled_glass(pen, palette, rng, h, r, form)
    wood = OAK if form % 2 == 0 else WALNUT
    lid = solid(pen, [(-h - 34, r - 2), (-h - 6, r + 2), (-h + 2, r)], wood)
    disc(pen, -h - 34, r - 2, wood)
    for k in (0.3, 0.55, 0.8):
        pen.stroke(oval(-6, -h - 34, r * k, r * k * TILT), 1.6, paint=tone(wood, 0.25), opacity=0.3)
    pen.stroke(lid.ring(1.0), 3, paint=SHADOW, opacity=0.4, soft=2)
    if form % 3 != 2:
        return
    solid(pen, rounded([(-h - 70, 0), (-h - 68, 14), (-h - 54, 22), (-h - 36, 14)]), wood)


def _filled_glass(pen: Pen, palette: Palette, rng: random.Random, h: float, r: float, form: int) -> None:
    pen.fill(
        box(-r, -h, r, 4, 26),
        oval(0, 0, r - 12, (r - 12) * TILT),
        paint=Fade(mix(_GLASS, palette.paper, 0.3), tone(_GLASS, 0.42), 20),
        opacity=0.75,
    )
    what = (rgb("e3c48c"), COFFEE, rgb("c96a3c"))[form // 3 % 3] if form != 1 else rgb("ead9b0")
    top = -h * (0.66 if form % 2 == 0 else 0.74)
    fill = [
        *oval(0, top, r - 9, (r - 9) * TILT, 180, 360, 30),
        (r - 9, -10),
        *oval(0, -8, r - 16, (r - 16) * TILT, 0, 180, 30),
    ]
    heap = pen.fill(fill, paint=Fade(tone(what, 0.6), tone(what, 0.34), 20))
    surface = pen.fill(oval(0, top, r - 9, (r - 9) * TILT), paint=Fade(tone(what, 0.7), tone(what, 0.5), 20))
    for _ in range(260):
        x, y = rng.uniform(-r, r), rng.uniform(top - 20, 14)
        grain_of = turned(oval(x, y, 7, 4.2, steps=9), rng.uniform(0, 180), x, y)
        pen.fill(grain_of, paint=tone(what, rng.choice((0.26, 0.4, 0.68))), inside=heap, opacity=0.6)
    for _ in range(50):
        x, y = rng.uniform(-r, r), top + rng.uniform(-r, r) * TILT
        pen.fill(oval(x, y, 6, 3.4, steps=9), paint=tone(what, rng.choice((0.4, 0.74))), inside=surface, opacity=0.6)
    pen.fill(box(-r * 0.74, -h + 30, -r * 0.58, -26, 9), paint=(255, 254, 250), opacity=0.6, soft=3)
    pen.fill(box(r * 0.72, -h + 46, r * 0.79, -40, 5), paint=(255, 254, 250), opacity=0.4, soft=3)
    band = [*oval(0, -h * 0.44, r, r * TILT, 145, 35, 20), *oval(0, -h * 0.2, r, r * TILT, 35, 145, 20)]
    label = pen.fill(band, paint=Fade(tone(palette.cream, 0.62), tone(palette.cream, 0.42), 10))
    for k, wide in ((0.37, 0.42), (0.31, 0.6), (0.26, 0.3)):
        pen.stroke(
            oval(0, -h * k, r * 1.0, r * TILT, 90 + 45 * wide, 90 - 45 * wide, 12),
            6 if k == 0.37 else 3,
            paint=palette.main,
            inside=label,
            opacity=0.8,
        )
