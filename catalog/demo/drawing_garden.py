"""Out of doors: planters, watering cans, hand tools, seed packets, twine, bird houses, lanterns."""

from __future__ import annotations

import math
import random

from catalog.demo.drawing_botany import leaf, plant
from catalog.demo.drawing_ceramics import glaze, iron
from catalog.demo.drawing_colours import BRASS, OAK, RGB, STEEL, WALNUT, Palette, brightness, mix, rgb, tone
from catalog.demo.drawing_paths import Path, arm, blade, box, curve, moved, oval, ribbon
from catalog.demo.drawing_pen import SHADOW, Fade, Pen
from catalog.demo.drawing_solid import TILT, disc, mouth, rounded, solid, speckle

_SOIL = rgb("5b4334")


def planter(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A pot with its plant; the pot's shape turns with the form, the plant too."""
    shape = form % 4
    shapes = (
        [(-210, 150), (-176, 152), (-172, 136), (-90, 124), (-10, 104), (0, 98)],
        [(-190, 132), (-182, 134), (-100, 130), (-14, 120), (0, 110)],
        [(-200, 130), (-190, 136), (-120, 156), (-50, 140), (-10, 100), (0, 96)],
        [(-180, 138), (-172, 140), (-60, 126), (-10, 110), (0, 104)],
    )
    profile = rounded([(float(a), float(b)) for a, b in shapes[shape]], steps=6)
    top, r = profile[0]
    pen.ground(profile[-1][1] + 16, 38, 300)
    if shape == 3:
        solid(pen, rounded([(-26, 146), (-20, 148), (-4, 130), (4, 124)]), palette.main)
        pen.fill(oval(0, -26, 140, 140 * TILT), paint=Fade(tone(palette.main, 0.24), tone(palette.main, 0.44), 20))
        body = solid(pen.at(0, -8), profile, palette.main)
        pen = pen.at(0, -8)
    elif shape == 2:
        body = glaze(pen, profile, mix(palette.accent, rgb("d8bd98"), 0.5), palette.main, rng, 0.7)
    else:
        body = solid(pen, profile, palette.main, gloss=0.3 * shape, flutes=24 if shape == 1 else 0, depth=0.42)
    if shape in (0, 3):
        speckle(pen, body, rng, iron(palette.main), 60)
    mouth(pen, top, r, palette.main, rim=11, filled=_SOIL, level=12)
    plant(pen.at(0, top + 14, 1.05), rng, form // 4 + form)
    near = oval(0, top, r - 5.5, (r - 5.5) * TILT, 15, 165, 30)
    pen.stroke(near, 11, paint=Fade(tone(palette.main, 0.72), tone(palette.main, 0.46), 10))


def watering_can(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    metal = palette.main
    trim = BRASS if form % 2 == 0 else tone(metal, 0.35)
    pen.ground(150, 38, 240)
    spout = [(-96.0, -54.0), (-180, -126), (-290, -270)]
    pen.tube(curve([(-100, -150), (-160, -166), (-214, -168)], steps=6), 8, trim)
    part = pen.stroke(
        curve(spout, steps=12), lambda s: 54 - 34 * s, paint=Fade(tone(metal, 0.68), tone(metal, 0.28), 50)
    )
    pen.puff(part, 12)
    rose = pen.at(-296, -280, 1, -42)
    cone = rose.fill([(-14, 26), (-44, -16), (44, -16), (14, 26)], paint=Fade(tone(trim, 0.7), tone(trim, 0.3), 0))
    rose.puff(cone, 9)
    face = rose.fill(oval(0, -16, 45, 15), paint=Fade(tone(trim, 0.74), tone(trim, 0.46), 0))
    for k in range(9):
        a = math.radians(40 * k)
        rose.fill(oval(26 * math.cos(a), -16 + 8 * math.sin(a), 2.6, 1.8, steps=8), paint=tone(trim, 0.1), inside=face)
    if form % 2 == 0:
        loop = curve([(96, -44), (226, -76), (236, -230), (90, -330), (-60, -292), (-96, -226)], steps=12)
    else:
        loop = curve([(110, -50), (224, -96), (222, -206), (112, -214)], steps=12)
        pen.tube(curve([(-92, -226), (-80, -330), (80, -330), (92, -226)], steps=12), 16, trim, gloss=0.6)
    pen.tube(loop, 19, metal if form % 2 else trim, gloss=0.6)
    body = solid(pen, rounded([(-232, 104), (-222, 110), (-120, 132), (-16, 142), (0, 136)]), metal, gloss=0.55)
    for share in (0.12, 0.9):
        pen.stroke(moved(body.ring(share), 0, 4), 8, paint=SHADOW, inside=body.part, opacity=0.2, soft=3)
        pen.stroke(body.ring(share), 7, paint=Fade(tone(metal, 0.72), tone(metal, 0.26), 0), inside=body.part)
    mouth(pen, -232, 104, metal, rim=6)
    cover = [*oval(0, -232, 104, 104 * TILT, 90, 270, 24)]
    pen.fill(cover, paint=Fade(tone(metal, 0.74), tone(metal, 0.5), 10))


def hand_tools(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Trowel, fork and dibber; or one of them alone."""
    if form % 3 == 0:
        for i, lean in enumerate((-13, 2, 16)):
            _tool(pen.at((i - 1) * 150, 10 - 8 * (i == 1), 0.94, lean), palette, i)
    else:
        _tool(pen.at(0, 0, 1.22, 38 if form % 3 == 1 else -36), palette, form % 3 - 1)


def _tool(pen: Pen, palette: Palette, kind: int) -> None:
    grip = ribbon([(0.0, 40 + 17.0 * i) for i in range(12)], lambda s: 36 + 12 * math.sin(s * 3.3 + 0.3))
    wood = OAK if brightness(palette.main) < 0.45 else WALNUT
    heads: list[Path]
    if kind == 0:
        heads = [
            curve(
                [(-52, -66), (-60, -150), (-30, -250), (0, -296), (30, -250), (60, -150), (52, -66), (0, -44)],
                closed=True,
            )
        ]
    elif kind == 1:
        tines = [ribbon([(x * 0.7, -80.0), (x, -150.0), (x * 1.04, -280)], lambda s: 22 - 14 * s) for x in (-44, 0, 44)]
        heads = [*tines, box(-58, -132, 58, -92, 20)]
    else:
        heads = [ribbon([(0.0, 40 - 30.0 * i) for i in range(11)], lambda s: 48 - 44 * s**2.2)]
    neck = ribbon([(0.0, 50.0), (0.0, -96.0)], 19)
    pen.cast(*heads, neck, grip, dx=13, dy=17, soft=10, opacity=0.34)
    metal = STEEL if kind < 2 else wood
    stem = pen.fill(neck, paint=Fade(tone(metal, 0.7), tone(metal, 0.3), 0))
    pen.puff(stem, 7)
    part = pen.fill(*heads, paint=Fade(tone(metal, 0.68), tone(metal, 0.36), 35))
    pen.puff(part, 10, shade=0.45, light=0.55)
    if kind == 0:
        pen.fill(
            [(-6, -60), (0, -280), (46, -160), (44, -70)], paint=tone(metal, 0.24), inside=part, opacity=0.3, soft=10
        )
        pen.stroke([(0, -70), (0, -268)], 4, paint=tone(metal, 0.85), inside=part, opacity=0.6, soft=1.5)
    if kind == 2:
        for y in (-60, -110, -160):
            pen.fill(box(-40, y, 40, y + 5), paint=tone(wood, 0.12), inside=part, opacity=0.6)
    handle = pen.fill(grip, oval(0, 228, 17, 15), paint=Fade(tone(palette.main, 0.64), tone(palette.main, 0.36), 20))
    pen.puff(handle, 14, shade=0.45, light=0.4)
    pen.fill(box(-24, 34, 24, 54, 7), paint=Fade(tone(BRASS, 0.75), tone(BRASS, 0.34), 0))
    pen.fill(oval(0, 214, 7, 7), paint=tone(palette.main, 0.1), opacity=0.8)


def seeds(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Three seed packets fanned out, with a few seeds."""
    crops = (("d9583f", 0), ("e0a13a", 1), ("8a5a86", 2))
    for i, lean in ((0, -15), (2, 15), (1, 0)):
        here = pen.at((i - 1) * 128, abs(i - 1) * 22, 1, lean)
        paper = palette.cream if i != 1 else mix(palette.main, palette.cream, 0.1)
        outline = box(-104, -160, 104, 160, 5)
        here.cast(outline, dx=10, dy=14, soft=9, opacity=0.34)
        part = here.fill(outline, paint=Fade(tone(paper, 0.62), tone(paper, 0.46), 50))
        here.fill(
            box(-104, -160, 104, -126), paint=palette.main if i != 1 else palette.cream, inside=part, opacity=0.92
        )
        ink = palette.main if i != 1 else palette.cream
        here.fill(box(-58, 108, 58, 116, 4), box(-36, 126, 36, 131, 2), paint=ink, inside=part, opacity=0.9)
        colour, crop = crops[(i + form) % 3]
        _crop(here, crop, rgb(colour))
        here.puff(part, 5, shade=0.2, light=0.4)
    for _ in range(16):
        x, y = rng.gauss(30, 110), rng.uniform(200, 262)
        pen.fill(oval(x + 3, y + 4, 8, 5), paint=SHADOW, opacity=0.3, soft=2)
        pen.fill(oval(x, y, 8, 5), paint=Fade(rgb("c79a61"), rgb("80552e"), 60))


def _crop(pen: Pen, kind: int, colour: RGB) -> None:
    if kind == 0:
        for x, y in ((-34, 30), (36, 14), (4, 66)):
            fruit = pen.fill(oval(x, y, 37, 34), paint=Fade(tone(colour, 0.6), tone(colour, 0.38), 60))
            pen.puff(fruit, 13, shade=0.3, light=0.35)
            for k in range(5):
                leaf(pen, arm(x, y - 28, -80 + 40 * k, 22, 0, 5), 8, rgb("5f8257"), vein=False)
        pen.tube(curve([(-34, 2), (0, -60), (36, -14)]), 4, rgb("5f8257"), gloss=0)
    elif kind == 1:
        stem = arm(0, 100, 0, 110, 8)
        pen.stroke(stem, 6, paint=rgb("5f8257"))
        for side in (-60, 58):
            leaf(pen, arm(*stem[6], side, 62, -side * 0.5, 8), 28, rgb("6b9257"))
        for k in range(16):
            leaf(pen, arm(4, -22, 22.5 * k, 66, 0, 6), 20, colour, vein=False)
        heart = pen.fill(oval(4, -22, 30, 30), paint=rgb("6b4326"))
        pen.puff(heart, 9)
    else:
        for i, lean in enumerate((-20, -7, 7, 20, 0)):
            stem = arm(0, 104, lean, 190 - abs(lean) * 2, lean * 0.4, 16)
            pen.stroke(stem, 3, paint=rgb("7c9a78"))
            for k in range(8, 17):
                for side in (-6, 6):
                    bud = oval(stem[k][0] + side, stem[k][1], 6.5, 5, steps=12)
                    pen.fill(bud, paint=tone(colour, 0.42 + 0.06 * ((k + i) % 4)))


def twine(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A spool of garden twine with its loose end."""
    pen.ground(122, 34, 190)
    wood = OAK
    solid(pen, [(-34, 134), (-6, 134), (0, 130)], wood)
    pen.fill(oval(0, -34, 134, 134 * TILT), paint=Fade(tone(wood, 0.74), tone(wood, 0.5), 20))
    body = solid(pen, rounded([(-214, 96), (-180, 110), (-120, 116), (-60, 110), (-32, 98)]), palette.main)
    for k in range(19):
        share = (k + 0.5) / 19
        line = [(x, y + 5 * math.sin(i / 6 + k)) for i, (x, y) in enumerate(body.ring(share))]
        pen.stroke(moved(line, 0, 4), 4, paint=tone(palette.main, 0.1), inside=body.part, opacity=0.45, soft=1)
        pen.stroke(line, 4, paint=tone(palette.main, 0.8), inside=body.part, opacity=0.4, soft=0.6)
    top = solid(pen, [(-246, 132), (-220, 134), (-214, 130)], wood)
    pen.fill(oval(0, -246, 132, 132 * TILT), paint=Fade(tone(wood, 0.78), tone(wood, 0.52), 20))
    for size in (0.4, 0.62, 0.84):
        pen.stroke(oval(4, -246, 132 * size, 132 * size * TILT), 2, paint=tone(wood, 0.26), opacity=0.35)
    pen.fill(oval(0, -246, 24, 24 * TILT), paint=tone(wood, 0.06))
    pen.stroke(top.ring(1.0), 5, paint=SHADOW, opacity=0.3, soft=4)
    end = curve([(96, -90), (150, -40), (190, 18), (250, 26), (290, 0), (270, -24), (236, -8)])
    pen.stroke(moved(end, 5, 8), 8, paint=SHADOW, opacity=0.25, soft=4)
    pen.tube(end, 8, palette.main, gloss=0)


def bird_house(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    w = 124.0
    pen.ground(w + 20, 30, 330)
    front: Path = [(-w, 0), (-w, -230), (0, -366), (w, -230), (w, 0)]
    part = pen.fill(front, paint=Fade(tone(palette.main, 0.64), tone(palette.main, 0.4), 40))
    for k in range(1, 6):
        y = -366 + k * 62
        pen.fill(box(-w, y, w, y + 3), paint=tone(palette.main, 0.12), inside=part, opacity=0.5)
        pen.fill(box(-w, y + 3, w, y + 6), paint=tone(palette.main, 0.9), inside=part, opacity=0.35)
    side = [(w, 0), (w + 62, -24), (w + 62, -246), (w, -230)]
    pen.fill(side, paint=Fade(tone(palette.main, 0.3), tone(palette.main, 0.2), 90))
    pen.fill(moved(oval(0, -196, 49, 49), 0, 0), paint=Fade(tone(palette.accent, 0.68), tone(palette.accent, 0.4), 60))
    pen.fill(oval(0, -196, 38, 38), paint=Fade(rgb("1f1a1b"), rgb("5a473c"), 60))
    pen.tube([(0, -118), (-12, -104)], 15, OAK)
    pen.fill(oval(-12, -104, 9, 9), paint=tone(OAK, 0.72))
    roof = palette.accent if brightness(palette.accent) < 0.82 else WALNUT
    eave = [(0.0, -392.0), (w + 46, -206.0), (w + 112, -226.0), (64.0, -412.0)]
    slope = pen.fill(eave, paint=Fade(tone(roof, 0.5), tone(roof, 0.28), 70))
    for k in range(1, 6):
        a = (eave[0][0] + (eave[1][0] - eave[0][0]) * k / 6, eave[0][1] + (eave[1][1] - eave[0][1]) * k / 6)
        pen.stroke([a, (a[0] + 64, a[1] - 20)], 3, paint=tone(roof, 0.1), inside=slope, opacity=0.5)
    pen.fill(
        [(-8, -404), (-w - 46, -206), (-w - 30, -192), (0, -372), (w + 30, -192), (w + 46, -206)],
        paint=Fade(tone(roof, 0.72), tone(roof, 0.4), 20),
    )
    pen.fill(
        [(-w, -226), (0, -352), (w, -226), (w, -206), (0, -330), (-w, -206)],
        paint=SHADOW,
        inside=part,
        opacity=0.3,
        soft=7,
    )
    if form % 2:
        for i, lean in enumerate((-40, -14, 12)):
            leaf(pen, arm(-w + 6, -4, lean, 90 - i * 8, lean * 0.6, 10), 28, rgb("6b9257"))


def lantern(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A garden lantern with a candle behind glass."""
    metal = palette.main
    pen.ground(126, 36, 380)
    pen.tube(curve([(-70, -352), (-84, -460), (84, -460), (70, -352)], steps=14), 11, metal, gloss=0.5)
    solid(pen, rounded([(-40, 124), (-30, 132), (-8, 132), (0, 126)]), metal, gloss=0.4)
    disc(pen, -40, 124, metal)
    glass = pen.fill(
        box(-104, -300, 104, -24), oval(0, -30, 104, 25), paint=Fade(rgb("fbe3b0"), rgb("e8c98f"), 80), opacity=0.8
    )
    pen.fill(oval(0, -150, 90, 120), paint=rgb("fff3cf"), inside=glass, opacity=0.85, soft=30)
    solid(pen, [(-130, 44), (-60, 45), (-34, 45)], rgb("f6ead2"))
    pen.fill(oval(0, -130, 44, 44 * TILT), paint=Fade(rgb("fff6dd"), rgb("eacb94"), 20))
    flame(pen.at(0, -134))
    for x in (-98, 0, 98):
        y = -24 + (22 if x == 0 else 2)
        if x:
            pen.tube([(x, -300), (x, y)], 11, metal)
    pen.fill(box(-80, -290, -62, -50, 8), paint=(255, 255, 250), opacity=0.5, soft=3)
    solid(pen, rounded([(-372, 30), (-366, 52), (-340, 84), (-310, 122), (-300, 126), (-286, 124)]), metal, gloss=0.5)
    solid(pen, [(-396, 24), (-380, 30), (-368, 30)], metal, gloss=0.4)
    disc(pen, -396, 24, metal)


def flame(pen: Pen, size: float = 1.0) -> None:
    """A lit wick; the origin is the wax."""
    here = pen.at(0, 0, size)
    here.stroke([(0, 2), (1, -16)], 3.2, paint=rgb("3b2a22"))
    here.fill(oval(0, -34, 46, 54), paint=rgb("ffe29a"), opacity=0.35, soft=18)
    outer = arm(0, -8, 0, 62, 4, 12)
    here.fill(ribbon(outer, lambda s: 25 * blade(s, belly=0.3)), paint=Fade(rgb("ffd98a"), rgb("ee8f2e"), 90), soft=1.2)
    inner = arm(0, -10, 0, 40, 4, 12)
    here.fill(ribbon(inner, lambda s: 14 * blade(s, belly=0.3)), paint=rgb("fffbe6"), soft=1.6)
