"""Desk and bath: notebooks, pencils, cards, pen pots, scissors, soap, bottles, brushes, trays."""

from __future__ import annotations

import math
import random

from catalog.demo.drawing_botany import leaf
from catalog.demo.drawing_ceramics import iron
from catalog.demo.drawing_colours import BEECH, BRASS, INK, OAK, RGB, WALNUT, Palette, brightness, mix, rgb, tone
from catalog.demo.drawing_paths import Path, arm, box, curve, moved, oval, ribbon
from catalog.demo.drawing_pen import SHADOW, Fade, Part, Pen
from catalog.demo.drawing_solid import TILT, disc, mouth, rounded, solid, speckle


def second(palette: Palette) -> RGB:
    """A second colour that shows on the first."""
    return palette.accent if abs(brightness(palette.main) - brightness(palette.accent)) > 0.14 else palette.cream


def notebook(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """With an elastic band, cloth-spined, or two of them with a pencil."""
    if form % 3 == 2:
        other = Palette(second(palette), palette.main, palette.paper)
        _book(pen.at(70, -26, 0.92, 17), other, 1)
        _book(pen.at(-44, 24, 0.92, -9), palette, 0)
        _pencil(pen.at(196, 120, 0.8, -150), mix(palette.main, OAK, 0.3), 0)
    else:
        _book(pen.at(0, 0, 1.08, -12 if form % 3 == 0 else 9), palette, form % 3)


def _book(pen: Pen, palette: Palette, form: int) -> None:
    w, h = 180.0, 252.0
    pen.cast(box(-w, -h, w, h, 12), dx=20, dy=26, soft=15, opacity=0.36)
    for k in range(5, 0, -1):
        pen.fill(box(-w + k, -h + k * 2, w + k * 2 - 3, h + k * 2, 10), paint=rgb("efe6d4") if k % 2 else rgb("d8ccb6"))
    part = pen.fill(box(-w, -h, w, h, 13), paint=Fade(tone(palette.main, 0.62), tone(palette.main, 0.42), 50))
    pen.puff(part, 6, shade=0.35, light=0.45)
    ink = second(palette)
    if form == 0:
        pen.fill(box(112, -h, 130, h + 6), paint=SHADOW, inside=part, opacity=0.3, soft=4)
        pen.fill(box(110, -h - 2, 124, h + 9, 3), paint=Fade(tone(ink, 0.6), tone(ink, 0.4), 0))
        pen.stroke([(-w + 30, -h), (-w + 30, h)], 4, paint=tone(palette.main, 0.1), inside=part, opacity=0.35, soft=2)
        pen.fill(box(-96, -150, 44, -60, 6), paint=tone(palette.cream, 0.6))
        pen.fill(box(-76, -122, 24, -116, 3), box(-62, -100, 10, -96, 2), paint=palette.main, opacity=0.8)
    else:
        spine = pen.fill(box(-w, -h, -w + 76, h), paint=Fade(tone(ink, 0.5), tone(ink, 0.62), 0), inside=part)
        for y in range(-240, 250, 8):
            pen.fill(box(-w, y, -w + 76, y + 2), paint=tone(ink, 0.24), inside=spine, opacity=0.22)
        pen.stroke([(-w + 77, -h), (-w + 77, h)], 3, paint=SHADOW, inside=part, opacity=0.4, soft=1.5)
        for x, y in ((20, -60), (66, 60), (90, -130)):
            stem = arm(x, y + 70, 6, 140, 8, 12)
            pen.stroke(stem, 3, paint=ink, opacity=0.8)
            for i in range(3, 12, 2):
                for side in (-1, 1):
                    leaf(pen, arm(*stem[i], 6 + side * 50, 30, side * 10, 6), 11, ink, vein=False)
    ribbon_end = [(-70.0, h - 4.0), (-74, h + 46), (-62, h + 38), (-52, h + 48), (-56, h - 4)]
    pen.fill(ribbon_end, paint=Fade(tone(palette.accent, 0.56), tone(palette.accent, 0.4), 90))


def pencils(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A set of five side by side, or seven fanned."""
    tones = [
        palette.main,
        palette.accent,
        mix(palette.main, palette.cream, 0.5),
        rgb("d39d42"),
        tone(palette.main, 0.3),
        rgb("a3512f"),
        rgb("8eb0bd"),
    ]
    if form % 2 == 0:
        for i in range(5):
            _pencil(pen.at((i - 2) * 74, 18 * (i % 2) - 8, 1.22, -6 + rng.uniform(-1.5, 1.5)), tones[i], i)
    else:
        for i in range(7):
            lean = (i - 3) * 15
            _pencil(pen.at(2.6 * lean, 170 - abs(lean) * 0.4, 1.12, lean), tones[i], i, up=True)


def _pencil(pen: Pen, colour: RGB, kind: int, *, up: bool = False) -> None:
    here = pen.at(0, -190 if up else 0)
    r = 17.0
    whole: Path = [(-r, 210), (-r, -150), (0, -218), (r, -150), (r, 210)]
    here.cast(whole, dx=11, dy=14, soft=7, opacity=0.36)
    for x0, x1, light in ((-r, -r * 0.4, 0.66), (-r * 0.4, r * 0.45, 0.52), (r * 0.45, r, 0.30)):
        here.fill(box(x0, -152, x1 + 0.4, 170), paint=tone(colour, light))
    wood = curve([(-r, -150), (-r * 0.6, -142), (-r * 0.15, -152), (r * 0.3, -142), (r, -150)], steps=5)
    here.fill([*wood, (0, -218)], paint=Fade(tone(BEECH, 0.7), tone(BEECH, 0.36), 0))
    here.fill([(-4.4, -200), (0, -218), (4.4, -200)], paint=INK if kind % 2 == 0 else tone(colour, 0.3))
    here.fill(box(-r, 166, r, 192), paint=Fade(tone(BRASS, 0.8), tone(BRASS, 0.3), 0))
    for y in (172, 180, 187):
        here.fill(box(-r, y, r, y + 2), paint=tone(BRASS, 0.2), opacity=0.6)
    here.fill(box(-r, 190, r, 216, 8), paint=Fade(rgb("e2a49a"), rgb("b26f66"), 0))
    here.fill(box(-5, -60, 5, 90, 3), paint=tone(BRASS, 0.7), opacity=0.6)


def cards(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A greeting card on its envelope."""
    env = pen.at(26, 40, 1, -12)
    outline = box(-262, -184, 262, 184, 6)
    env.cast(outline, dx=16, dy=22, soft=13, opacity=0.34)
    colour = palette.main
    part = env.fill(outline, paint=Fade(tone(colour, 0.62), tone(colour, 0.44), 50))
    env.fill([(-262, 184), (0, -20), (262, 184)], paint=tone(colour, 0.58), inside=part)
    env.stroke([(-262, 184), (0, -20), (262, 184)], 3, paint=SHADOW, inside=part, opacity=0.3, soft=2)
    env.fill([(-262, -184), (0, 40), (262, -184)], paint=SHADOW, inside=part, opacity=0.22, soft=8)
    env.fill([(-262, -184), (0, 28), (262, -184)], paint=Fade(tone(colour, 0.66), tone(colour, 0.5), 90), inside=part)
    card = pen.at(-36, -40, 1, 7)
    sheet = box(-158, -218, 158, 218, 4)
    card.cast(sheet, dx=12, dy=17, soft=10, opacity=0.36)
    page = card.fill(sheet, paint=Fade(rgb("fffaf0"), rgb("f0e6d4"), 55))
    _card_motif(card, page, palette, form)
    card.puff(page, 4, shade=0.2, light=0.2)


def _card_motif(pen: Pen, page: Part, palette: Palette, form: int) -> None:
    warm = palette.accent if brightness(palette.accent) < 0.8 else rgb("c8704a")
    if form % 3 == 0:
        for k in range(10):
            x, y = oval(0, -20, 92, 92, 36 * k, 36 * k, 1)[0]
            for side in (-24, 24):
                leaf(pen, arm(x, y, 36 * k + 180 + side, 62, 22, 8), 20, palette.main)
            pen.fill(oval(x * 1.1, (y + 20) * 1.1 - 20, 8, 8), paint=warm)
        pen.fill(box(-44, -24, 44, -17, 3), box(-28, -2, 28, 2, 2), paint=INK, opacity=0.75)
    elif form % 3 == 1:
        for row in range(5):
            for column in range(4):
                x, y = -114 + column * 76, -164 + row * 82
                colour = (palette.main, warm, mix(palette.main, palette.cream, 0.5))[(row + column) % 3]
                pen.fill(
                    oval(x, y, 30, 30, 180 if (row * column) % 2 else 0, 360 if (row * column) % 2 else 180),
                    paint=colour,
                    inside=page,
                )
    else:
        pen.fill(oval(0, -40, 96, 96), paint=mix(warm, palette.cream, 0.35))
        for lean in (-46, -22, 0, 22, 46):
            stem = arm(0, 150, lean * 0.6, 210, lean * 0.5, 12)
            pen.stroke(stem, 3, paint=palette.main)
            for k in range(6):
                leaf(pen, arm(*stem[-1], 60 * k + lean, 26, 0, 5), 13, warm if lean % 4 else palette.main, vein=False)


def pen_pot(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A beaker with pencils, a brush and scissors' handles."""
    pen.ground(96, 28, 210)
    r, top = 96.0, -190.0
    mouth(pen, top, r, palette.main, rim=8)
    for i, (x, lean, h) in enumerate(((-44, -13, 0.98), (-14, -4, 1.06), (20, 6, 0.94), (48, 15, 1.02))):
        colour = (palette.accent, rgb("d39d42"), rgb("8eb0bd"), rgb("a3512f"))[i]
        stick = pen.at(x, top + 24, 0.86 * h, lean)
        if i == 3 and form % 2 == 0:
            stick.tube([(0, 20), (0, -190)], 17, OAK)
            tip = ribbon(arm(0, -190, 0, 70, 8, 10), lambda s: 26 * (1 - s**3) + 3)
            stick.fill(box(-11, -206, 11, -178, 3), paint=Fade(tone(BRASS, 0.8), tone(BRASS, 0.3), 0))
            stick.fill(moved(tip, 0, -14), paint=Fade(rgb("5a4032"), rgb("33241d"), 20))
        else:
            _pencil(stick.at(0, -56), colour, i)
    body = solid(
        pen,
        rounded([(top, r), (top + 10, r + 1), (-90, r), (-10, r - 4), (0, r - 10)]),
        palette.main,
        gloss=0.4,
        flutes=20 if form % 2 else 0,
        depth=0.4,
    )
    # The solid's upper edge is its near rim: redraw the lip in front of the pencils.
    near = oval(0, top, r - 4, (r - 4) * TILT, 0, 180, 30)
    pen.stroke(near, 8, paint=Fade(tone(palette.main, 0.74), tone(palette.main, 0.46), 10))
    if form % 2 == 0:
        speckle(pen, body, rng, iron(palette.main), 80)


def scissors(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    here = pen.at(-10, 20, 1.1, 28)
    for side in (1, -1):
        blade_line: Path = [
            (side * 4, 20),
            (side * 22, -10),
            (side * 30, -150),
            (side * 4, -300),
            (-side * 4, -296),
            (-side * 10, -60),
        ]
        bow = here.at(side * 66, 170, 1, side * -14)
        ring = [*oval(0, 0, 58, 84), (58, 0)]
        arm_line = curve([(side * -6, 0), (side * 10, 50), (side * 30, 100)], steps=6)
        here.cast(blade_line, dx=12, dy=16, soft=9, opacity=0.34)
        bow.cast(ribbon(ring, 26), dx=12, dy=16, soft=9, opacity=0.30)
        steel = here.fill(blade_line, paint=Fade(rgb("eef0ee"), rgb("8f989b"), 20 if side > 0 else 140))
        here.puff(steel, 5, shade=0.3, light=0.5)
        here.tube(arm_line, 24, palette.main)
        bow.tube(ring, 24, palette.main, gloss=0.5)
    here.fill(oval(0, -2, 12, 12), paint=Fade(tone(BRASS, 0.8), tone(BRASS, 0.3), 50))
    here.stroke([(-6, -2), (6, -2)], 2.5, paint=tone(BRASS, 0.15))


def soap(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Bars stacked with a sprig, or one bar in a dish."""
    if form % 2:
        pen.fill(oval(14, 0, 230, 52), paint=SHADOW, opacity=0.34, soft=12)
        solid(
            pen,
            rounded([(-44, 222), (-38, 224), (-16, 190), (0, 150)]),
            mix(palette.cream, palette.paper, 0.2),
            gloss=0.5,
        )
        pen.fill(oval(0, -44, 214, 214 * TILT), paint=Fade(tone(palette.cream, 0.40), tone(palette.cream, 0.62), 20))
        _bar(pen.at(0, -52, 1, -2), palette.main, rng, 0)
    else:
        pen.fill(oval(20, 4, 190, 40), paint=SHADOW, opacity=0.36, soft=12)
        shades = (palette.main, mix(palette.main, palette.cream, 0.5), palette.accent)
        for i in range(3):
            _bar(pen.at((0, -10, 8)[i], -84 * i, 0.98, (0, 1.5, -2)[i]), shades[i], rng, i)
        for lean in (50, 74, 98):
            leaf(pen, arm(-20, -286, lean - 10, 110, 20, 10), 30, rgb("7f9470"))
            leaf(pen, arm(-30, -286, -lean + 6, 90, -20, 10), 26, rgb("6d8a6b"))


def _bar(pen: Pen, colour: RGB, rng: random.Random, kind: int) -> None:
    front, top = (
        box(-164, -84, 164, 0, 24),
        box(-160, -112, 160, -54, 26),
    )
    pen.fill(moved(box(-158, -20, 158, 6, 10), 6, 4), paint=SHADOW, opacity=0.35, soft=6)
    part = pen.fill(front, top, paint=Fade(tone(colour, 0.60), tone(colour, 0.38), 75))
    pen.fill(top, paint=Fade(tone(colour, 0.76), tone(colour, 0.6), 60), inside=part, soft=3)
    pen.puff(part, 15, shade=0.4, light=0.35)
    for _ in range(60):
        x, y = rng.uniform(-155, 155), rng.uniform(-106, -6)
        pen.fill(oval(x, y, 2.6, 1.8, steps=8), paint=tone(colour, rng.choice((0.16, 0.85))), inside=part, opacity=0.5)
    pen.fill(oval(0, -30, 34, 17), paint=tone(colour, 0.34), inside=part, opacity=0.4)
    pen.stroke(oval(0, -30, 34, 17), 3, paint=tone(colour, 0.8), inside=part, opacity=0.7)
    leaf(pen, arm(-16, -24, 72, 34, 10, 6), 12, tone(colour, 0.62), vein=False)


def bottle(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A pump bottle for soap or lotion: amber glass or stoneware, or a pair."""
    if form % 3 == 2:
        _bottle(pen.at(-112, -8, 0.9), palette, rng, 0)
        swapped = Palette(second(palette), palette.main, palette.paper)
        _bottle(pen.at(112, 8, 0.84), swapped, rng, 1)
    else:
        _bottle(pen, palette, rng, form % 3)


def _bottle(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    pen.ground(108, 32, 330)
    colour = palette.main if form else mix(rgb("8a4f22"), palette.main, 0.25)
    body = solid(
        pen,
        rounded([(-316, 34), (-300, 36), (-284, 60), (-258, 100), (-220, 112), (-100, 112), (-14, 108), (0, 98)]),
        colour,
        gloss=0.8 if form == 0 else 0.3,
    )
    label = pen.fill(
        body.patch(0.52, 0.86, -62, 62), paint=Fade(tone(palette.cream, 0.66), tone(palette.cream, 0.36), 8)
    )
    ink = palette.main if brightness(palette.main) < 0.7 else INK
    for share, wide, thick in ((0.6, 22, 8), (0.67, 34, 3), (0.71, 28, 3), (0.8, 12, 3)):
        pen.stroke(body.ring(share, -wide, wide, 12), thick, paint=ink, inside=label, opacity=0.85)
    if form == 0:
        pen.stroke(
            [body.at(0.42, -58), body.at(0.96, -56)], 9, paint=(255, 250, 236), inside=body.part, opacity=0.42, soft=4
        )
    cap = INK if form == 0 else BRASS
    solid(pen, [(-352, 36), (-310, 38)], cap, gloss=0.5)
    pen.fill(oval(0, -352, 36, 36 * TILT), paint=tone(cap, 0.66))
    pen.tube([(0, -352), (0, -406)], 17, cap)
    pen.tube(curve([(18, -410), (-40, -414), (-104, -404), (-118, -384)], steps=8), 19, cap, gloss=0.5)
    solid(pen, rounded([(-424, 30), (-418, 32), (-404, 32), (-398, 28)]), cap, gloss=0.5)
    disc(pen, -424, 30, cap)


def brush(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A bath brush with a long handle, or a round dish brush, seen from the side of its bristles."""
    here = pen.at(0, 0, 1.05, -38)
    wood = WALNUT if form % 2 else OAK
    grip = ribbon([(-20.0 + 28 * i, 0.0) for i in range(13)], lambda s: 46 - 14 * math.sin(s * 3.1))
    head = oval(-150, 0, 158, 84)
    here.cast(grip, head, dx=16, dy=20, soft=13, opacity=0.36)
    part = here.fill(grip, head, oval(316, 0, 22, 22), paint=Fade(tone(wood, 0.64), tone(wood, 0.38), 70))
    here.puff(part, 14, shade=0.4, light=0.45)
    bristle = palette.cream if form % 2 == 0 else mix(palette.main, palette.cream, 0.35)
    bed = here.fill(oval(-150, 0, 132, 62), paint=Fade(tone(bristle, 0.34), tone(bristle, 0.2), 70))
    for row in range(-4, 5):
        for column in range(-9, 10):
            x, y = -150 + column * 15 + (7 if row % 2 else 0), row * 14.0
            if ((x + 150) / 124) ** 2 + (y / 57) ** 2 > 1:
                continue
            here.fill(oval(x + 2, y + 3, 7.5, 7.5, steps=12), paint=SHADOW, inside=bed, opacity=0.3)
            here.fill(oval(x, y, 7, 7, steps=12), paint=tone(bristle, rng.uniform(0.46, 0.74)))
    here.fill(oval(314, 0, 8, 8), paint=tone(wood, 0.1))
    loop = curve([(314, 0), (352, -40), (396, -20), (372, 26), (316, 2)])
    here.tube(loop, 6, palette.accent, gloss=0)


def tray(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A desk tray with small things, from above."""
    here = pen.at(0, 0, 1, -7)
    outline = box(-300, -190, 300, 190, 40 if form % 2 == 0 else 190)
    here.cast(outline, dx=18, dy=24, soft=15, opacity=0.36)
    rim = here.fill(outline, paint=Fade(tone(palette.main, 0.68), tone(palette.main, 0.4), 50))
    here.puff(rim, 10)
    inner = [(x * 0.92, y * 0.88) for x, y in outline]
    floor = here.fill(inner, paint=Fade(tone(palette.main, 0.34), tone(palette.main, 0.54), 50))
    here.stroke([*inner, inner[0]], 14, paint=SHADOW, inside=floor, opacity=0.3, soft=9)
    ink = second(palette)
    _pencil(here.at(-60, -70, 0.82, 92), ink, 0)
    for x, y, turn in ((-150, 60, 20), (-70, 90, -30), (-110, 20, 70)):
        clip = here.at(x, y, 1, turn)
        clip.tube(
            [
                (-30, -9),
                (26, -9),
                *oval(26, 0, 9, 9, -90, 90, 8),
                (-34, 9),
                *oval(-34, -4, 13, 13, 90, 270, 8),
                (10, -17),
            ],
            4.5,
            BRASS,
            gloss=0,
        )
    block = box(40, -20, 200, 120, 4)
    here.cast(block, dx=8, dy=10, soft=6, opacity=0.34)
    part = here.fill(block, paint=Fade(tone(palette.cream, 0.7), tone(palette.cream, 0.5), 50))
    here.fill(box(64, 16, 168, 21), box(64, 42, 176, 46), box(64, 66, 140, 70), paint=INK, inside=part, opacity=0.5)
