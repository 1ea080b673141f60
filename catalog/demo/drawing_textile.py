"""Woven things: cushions, throws, towels, tea towels, rugs, baskets."""

from __future__ import annotations

import math
import random

from catalog.demo.drawing_botany import leaf
from catalog.demo.drawing_colours import RGB, Palette, brightness, mix, rgb, tone
from catalog.demo.drawing_paths import Path, arm, box, curve, moved, oval
from catalog.demo.drawing_pen import SHADOW, Fade, Part, Pen

_WICKER = rgb("c9a168")


def _contrast(palette: Palette) -> RGB:
    """A second colour that shows on the first."""
    far = abs(brightness(palette.main) - brightness(palette.accent)) > 0.16
    return palette.accent if far else palette.cream


def weave(pen: Pen, part: Part, colour: RGB, extent: tuple[float, float, float, float], gap: float = 9) -> None:
    """A faint canvas weave."""
    x0, y0, x1, y1 = extent
    lines = [box(x0, y0 + gap * i, x1, y0 + gap * i + gap * 0.32) for i in range(int((y1 - y0) / gap))]
    pen.fill(*lines, paint=tone(colour, 0.2), inside=part, opacity=0.10)
    lines = [box(x0 + gap * i, y0, x0 + gap * i + gap * 0.32, y1) for i in range(int((x1 - x0) / gap))]
    pen.fill(*lines, paint=tone(colour, 0.9), inside=part, opacity=0.10)


def cushion(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Leaning against nothing in particular: stripes, arches, checks, or plain with a button or piping."""
    w, h = (250.0, 200.0) if form % 5 == 4 else (222.0, 214.0)
    outline = _cushion_outline(w, h)
    pen.fill(oval(24, 2, w * 1.06, 30), paint=SHADOW, opacity=0.34, soft=12)
    pen.fill(moved(outline, 44, 6), paint=SHADOW, opacity=0.16, soft=22)
    here = pen.at(0, 0, 1, -3 if form % 2 else 2)
    part = here.fill(outline, paint=Fade(tone(palette.main, 0.60), tone(palette.main, 0.43), 55))
    _cloth_pattern(here, part, palette, form, w, h)
    weave(here, part, palette.main, (-w, -2 * h, w, 0), 7)
    here.puff(part, 62, shade=0.42, light=0.34)
    here.puff(part, 12, shade=0.3, light=0.25)
    _creases(here, part, palette.main, w, h)
    if form % 5 == 3:
        here.fill(oval(0, -h, 46, 40), paint=tone(palette.main, 0.05), inside=part, opacity=0.4, soft=16)
        knob = here.fill(oval(0, -h, 17, 17), paint=palette.accent)
        here.puff(knob, 8)
    if form % 5 in (0, 4):
        here.stroke(
            [*outline, outline[0]], 7, paint=Fade(tone(_contrast(palette), 0.62), tone(_contrast(palette), 0.36), 60)
        )


def _cushion_outline(w: float, h: float) -> Path:
    """Four corners drawn out, and sides that sink in between."""
    return curve(
        [
            (-w, -2 * h + 4),
            (-w * 0.5, -2 * h + 22),
            (0, -2 * h + 26),
            (w * 0.5, -2 * h + 22),
            (w, -2 * h + 4),
            (w - 18, -h * 1.5),
            (w - 22, -h),
            (w - 18, -h * 0.5),
            (w, -4),
            (w * 0.5, -16),
            (0, -12),
            (-w * 0.5, -16),
            (-w, -4),
            (-w + 18, -h * 0.5),
            (-w + 22, -h),
            (-w + 18, -h * 1.5),
        ],
        closed=True,
        steps=8,
    )


def _creases(pen: Pen, part: Part, cloth: RGB, w: float, h: float) -> None:
    for sx, sy in ((-1, -2), (1, -2), (-1, 0), (1, 0)):
        corner = (sx * (w - 16), sy * h + (14 if sy else -14))
        crease = arm(*corner, 180 - sx * -45 if sy else -sx * 45, 120, sx * 14)
        pen.stroke(crease, lambda s: 12 * (1 - s), paint=tone(cloth, 0.1), inside=part, opacity=0.24, soft=6)


def _cloth_pattern(pen: Pen, part: Part, palette: Palette, form: int, w: float, h: float) -> None:
    ink = _contrast(palette)
    if form % 5 == 0:
        for i in range(-5, 6):
            x = i * 44.0
            line = [(x * (1 + 0.08 * math.sin(math.pi * k / 10)), -2 * h + 2 * h * k / 10) for k in range(11)]
            pen.stroke(line, 15 if i % 2 else 5, paint=ink, inside=part, opacity=0.85)
    elif form % 5 == 1:
        for row in range(4):
            for column in range(5):
                x, y = (column - 2) * 94 + (47 if row % 2 else 0), -2 * h + 112 + row * 98
                for r, colour in ((42, ink), (28, palette.main), (15, ink)):
                    pen.fill(
                        [*oval(x, y, r, r * 1.1, 180, 360, 20), (x + r, y + 20), (x - r, y + 20)],
                        paint=colour,
                        inside=part,
                        opacity=0.88,
                    )
    elif form % 5 == 2:
        for i in range(-4, 6):
            pen.fill(box(i * 72 - 30, -2 * h, i * 72 + 6, 0), paint=ink, inside=part, opacity=0.36)
            pen.fill(box(-w, -h + i * 72 - 30, w, -h + i * 72 + 6), paint=ink, inside=part, opacity=0.36)


def folded(
    pen: Pen, colours: list[RGB], rng: random.Random, *, wide: float, thick: float, fringe: bool, plush: bool
) -> tuple[float, list[Part]]:
    """A pile of folded cloth with the round of the fold to the front; answers its height and its folds."""
    y, layers, folds = 0.0, 2 if plush else 3, []
    for colour in colours:
        half, x = wide + rng.uniform(-9, 5), rng.uniform(-7, 7)
        foot = y
        for _ in range(layers):
            folds += [_fold(pen.at(x, y), colour, rng, half, thick / layers, plush=plush)]
            y += 2 - thick / layers
        if fringe:
            _fringe(pen.at(x - half, foot - 4), colour, rng, round(half / 7))
    folds += [_top_fold(pen.at(0, y), colours[-1], wide)]
    return -y, folds


def _fold(pen: Pen, colour: RGB, rng: random.Random, half: float, thick: float, *, plush: bool) -> Part:
    edge = [(half, 6 - thick), (half + 8, -thick / 2), (half - 2, 0)]
    lower, upper = [(half * 0.3, 4.0), (-half * 0.5, 2.0)], [(-half * 0.5, -thick - 2), (half * 0.4, 2 - thick)]
    outline = curve([*edge, *lower, *((-x, y) for x, y in edge[::-1]), *upper], closed=True, steps=7)
    part = pen.fill(outline, paint=Fade(tone(colour, 0.60), tone(colour, 0.40), 80))
    if plush:
        for _ in range(70):
            loop = oval(rng.uniform(-half, half), rng.uniform(-thick, 0), 5, 3, steps=8)
            pen.fill(loop, paint=tone(colour, rng.choice((0.36, 0.66))), inside=part, opacity=0.35)
    else:
        weave(pen, part, colour, (-half, -thick, half, 4), 7)
    pen.puff(part, thick * 0.5, shade=0.55, light=0.4)
    return part


def _fringe(pen: Pen, colour: RGB, rng: random.Random, tufts: int) -> None:
    for i in range(tufts):
        tuft = arm(6 + i * 14, -4, 180 + rng.uniform(-8, 8), rng.uniform(26, 36), 0, 3)
        pen.stroke(tuft, 4, paint=tone(colour, rng.uniform(0.4, 0.7)))


def _top_fold(pen: Pen, colour: RGB, wide: float) -> Part:
    left = [(-wide + 2, 10.0), (-wide + 10, -24.0), (-wide + 40, -46.0)]
    right = [(wide - 36, -46.0), (wide - 8, -24.0), (wide, 10.0)]
    lid = curve([*left, (-wide * 0.3, -52), (wide * 0.4, -49), *right], steps=6)
    part = pen.fill(lid, paint=Fade(tone(colour, 0.72), tone(colour, 0.54), 80))
    pen.puff(part, 18, shade=0.2, light=0.3)
    pen.fill(box(-wide, -4, wide, 16), paint=tone(colour, 0.66), inside=part, opacity=0.6, soft=8)
    return part


def throw(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    pen.fill(oval(22, 8, 268, 34), paint=SHADOW, opacity=0.34, soft=12)
    pen.fill(oval(110, -14, 250, 40), paint=SHADOW, opacity=0.14, soft=22)
    height, folds = folded(pen, [palette.main], rng, wide=252, thick=180, fringe=True, plush=False)
    ink = _contrast(palette)
    columns, wide = ((-150, -118, 118, 150), 7) if form % 2 == 0 else ((-190, -60, 70, 200), 11)
    for fold in folds:
        for x in columns:
            top = x * 0.93
            stripe = [(top - wide, -height - 60), (top + wide, -height - 60), (x + wide, -height), (x + wide, 8)]
            pen.fill([*stripe, (x - wide, 8), (x - wide, -height)], paint=ink, inside=fold, opacity=0.42)
        for k in range(4 if form % 2 else 0):
            y = -height - 34 + k * 60
            pen.fill(box(-280, y, 280, y + 16), paint=ink, inside=fold, opacity=0.28)
    for k in (1, 2):
        pen.stroke([(-250, -60 * k), (250, -60 * k)], 5, paint=SHADOW, opacity=0.3, soft=4)


def towels(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A stack of plush towels in shades, or one pair with a band."""
    pen.fill(oval(20, 8, 236, 30), paint=SHADOW, opacity=0.36, soft=11)
    pen.fill(oval(110, -14, 220, 36), paint=SHADOW, opacity=0.14, soft=22)
    shades = [palette.main, mix(palette.main, palette.cream, 0.45), palette.cream]
    colours = shades if form % 2 == 0 else [palette.main, palette.main]
    thick = 92.0 if form % 2 == 0 else 116.0
    height, _ = folded(pen, colours, rng, wide=222, thick=thick, fringe=False, plush=True)
    if form % 2 == 1:
        ink = palette.accent
        pen.fill(box(56, -height - 40, 136, -4, 10), paint=SHADOW, opacity=0.22, soft=7)
        wrap = [(60.0, -4.0), (60, -height), (66, -height - 47), (122, -height - 47), (128, -height), (128, -4)]
        band = pen.fill(wrap, paint=Fade(tone(ink, 0.60), tone(ink, 0.42), 80))
        pen.fill(box(60, -height - 6, 128, -height + 6), paint=SHADOW, inside=band, opacity=0.14, soft=5)
        pen.fill(
            box(76, -height * 0.62, 112, -height * 0.62 + 5),
            box(76, -height * 0.55, 112, -height * 0.55 + 3),
            paint=palette.main,
            opacity=0.8,
        )


def tea_towel(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Folded flat, seen from above: grain-sack stripes, checks, or a printed sprig."""
    here = pen.at(0, 0, 1, -9 if form % 2 else 8)
    cloth = palette.cream if form % 3 != 1 else palette.main
    ink = palette.main if form % 3 != 1 else _contrast(palette)
    for lift, inset in ((0, 0.0), (1, 14.0)):
        outline = box(-215 + inset, -300 - inset, 215 + inset * 0.4, 300 - inset * 2.4, 10)
        here.cast(outline, dx=12 - lift * 5, dy=16 - lift * 6, soft=11 - lift * 4, opacity=0.30)
        part = here.fill(outline, paint=Fade(tone(cloth, 0.64), tone(cloth, 0.47), 55))
        if form % 3 == 0:
            for x, wide in ((-120, 26), (-84, 9), (-64, 5), (120, 26), (84, 9), (64, 5)):
                here.fill(box(x - wide / 2, -330, x + wide / 2, 330), paint=ink, inside=part, opacity=0.88)
        elif form % 3 == 1:
            for k in range(-6, 7):
                here.fill(box(k * 54 - 11, -330, k * 54 + 11, 330), paint=ink, inside=part, opacity=0.34)
                here.fill(box(-250, k * 54 - 11, 250, k * 54 + 11), paint=ink, inside=part, opacity=0.34)
        weave(here, part, cloth, (-230, -320, 230, 320), 7)
        here.puff(part, 9, shade=0.35, light=0.4)
    if form % 3 == 2:
        _sprig(here, ink, palette.accent if brightness(palette.accent) < 0.8 else ink)
    here.stroke([(-196, -6), (218, -2)], 12, paint=tone(cloth, 0.15), opacity=0.16, soft=9)
    loop = curve([(190, -306), (214, -352), (232, -318), (206, -300)])
    here.tube(loop, 7, ink, gloss=0)


def _sprig(pen: Pen, ink: RGB, berry: RGB) -> None:
    for x, y, turn in ((-96, 130, -14), (110, 110, 16), (6, -20, 0)):
        stem = arm(x, y, turn, 220, turn * 0.8, 16)
        pen.stroke(stem, 4, paint=ink)
        for i in range(3, 17, 2):
            for side in (-1, 1):
                leaf(pen, arm(*stem[i], turn + side * 48, 46, side * 12, 7), 15, ink, vein=False)
        for i in (5, 9, 13):
            pen.fill(oval(stem[i][0] + 19, stem[i][1] + 7, 8, 8), paint=berry)
