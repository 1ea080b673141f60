"""What lies behind and under the things: studio paper, table tops, walls and window light."""

from __future__ import annotations

import random

from PIL import Image

from catalog.demo.drawing_colours import RGB, mix, tone
from catalog.demo.drawing_paths import Path, arm, blade, box, curve, oval, ribbon
from catalog.demo.drawing_pen import SHADOW, Fade, Pen

_SUN: RGB = (255, 246, 222)


def studio(pen: Pen, paper: RGB, width: float = 900, height: float = 900) -> None:
    """A sweep of paper without a horizon: lit from the upper left, darker towards the foot."""
    # Nothing here has an edge: an eighth of the pixels is enough.
    full = pen.image.size
    small = Image.new("RGB", (full[0] // 8, full[1] // 8))
    page = Pen(small, 0, 0, pen.scale / 8)
    page.fill(box(0, 0, width, height), paint=Fade(mix(paper, (255, 252, 244), 0.42), tone(paper, 0.47), 68))
    glow(page, width * 0.40, height * 0.40, width * 0.52, (255, 253, 246), 0.50)
    page.fill(box(-80, height * 0.70, width + 80, height + 80), paint=tone(paper, 0.40), opacity=0.22, soft=60)
    pen.image.paste(small.resize(full, Image.Resampling.BILINEAR), (0, 0))


def table(pen: Pen, wall: RGB, top: RGB, *, edge: float = 600, width: float = 900, height: float = 900) -> None:
    """A wall and a table top that meet at `edge`."""
    pen.fill(box(0, 0, width, edge + 2), paint=Fade(mix(wall, (255, 252, 244), 0.30), tone(wall, 0.45), 75))
    glow(pen, width * 0.32, height * 0.28, width * 0.5, (255, 252, 242), 0.38)
    pen.fill(box(0, edge, width, height), paint=Fade(tone(top, 0.60), tone(top, 0.46), 90))
    pen.fill(box(-50, edge - 26, width + 50, edge - 2), paint=SHADOW, opacity=0.10, soft=14)
    pen.fill(box(0, edge, width, edge + 3), paint=tone(top, 0.74), opacity=0.8)


def planks(pen: Pen, wood: RGB, rng: random.Random, *, top: float = 0, width: float = 900, height: float = 900) -> None:
    """Boards seen from above or a wooden table top below `top`."""
    base = pen.fill(box(0, top, width, height), paint=Fade(tone(wood, 0.62), tone(wood, 0.45), 60))
    seams = 4 if top == 0 else 2
    for i in range(seams):
        y0 = top + (height - top) * i / seams
        y1 = top + (height - top) * (i + 1) / seams
        board = pen.fill(box(0, y0, width, y1), paint=tone(wood, rng.uniform(0.46, 0.60)), inside=base, opacity=0.35)
        for _ in range(9):
            y = rng.uniform(y0, y1)
            sway = [(x, y + rng.uniform(-5, 5)) for x in range(-60, round(width) + 120, 150)]
            pen.stroke(
                curve(sway, steps=6),
                rng.uniform(1, 3.2),
                paint=tone(wood, 0.3),
                inside=board,
                opacity=rng.uniform(0.08, 0.22),
            )
        if i:
            pen.fill(box(0, y0 - 1.5, width, y0 + 1.5), paint=tone(wood, 0.12), opacity=0.5)
            pen.fill(box(0, y0 + 1.5, width, y0 + 4), paint=tone(wood, 0.8), opacity=0.35)


def linen(pen: Pen, cloth: RGB, rng: random.Random, width: float = 900, height: float = 900) -> None:
    """A cloth seen from above, with a few folds."""
    pen.fill(box(0, 0, width, height), paint=Fade(tone(cloth, 0.66), tone(cloth, 0.46), 50))
    glow(pen, width * 0.36, height * 0.34, width * 0.55, (255, 253, 246), 0.35)
    for _ in range(5):
        x, y = rng.uniform(-100, width), rng.uniform(-100, height)
        fold = arm(x, y, rng.uniform(100, 150), rng.uniform(380, 800), rng.uniform(-30, 30))
        pen.stroke(fold, 26, paint=tone(cloth, 0.2), opacity=0.16, soft=20)
        pen.stroke([(a - 16, b - 16) for a, b in fold], 20, paint=(255, 252, 245), opacity=0.32, soft=16)


def arch(pen: Pen, colour: RGB, cx: float, foot: float, half: float, height: float) -> None:
    """A painted niche behind the things."""
    outline = [*oval(cx, foot - height + half, half, half, 180, 360), (cx + half, foot), (cx - half, foot)]
    niche = pen.fill(outline, paint=Fade(tone(colour, 0.44), tone(colour, 0.58), 80))
    inner = [(x + 22, y + 16) for x, y in outline]
    pen.fill(box(cx - half, foot - height, cx + half, foot), paint=SHADOW, inside=niche, opacity=0.16)
    pen.fill(inner, paint=tone(colour, 0.56), inside=niche, opacity=0.9, soft=16)


def sun(pen: Pen, colour: RGB, cx: float, cy: float, radius: float) -> None:
    """A plain painted disc on the wall."""
    pen.fill(oval(cx, cy, radius, radius), paint=Fade(tone(colour, 0.58), tone(colour, 0.5), 70))


def glow(pen: Pen, cx: float, cy: float, radius: float, colour: RGB, opacity: float) -> None:
    """Round soft light."""
    (x, y), size = pen.px([(cx, cy)])[0], round(radius * pen.scale * 2)
    small = Image.radial_gradient("L").point(lambda v: round(max(0.0, 1 - v / 181) ** 1.6 * 255 * opacity))
    mask = small.resize((size, size), Image.Resampling.BILINEAR)
    pen.image.paste(colour, (round(x - size / 2), round(y - size / 2)), mask)


def window(pen: Pen, rng: random.Random, x: float, y: float, size: float = 1.0, strength: float = 0.42) -> None:
    """Light through a window with two panes, and a twig outside."""
    for column in (0, 1):
        for row in (0, 1):
            left, top = x + column * 150 * size, y + row * 190 * size - column * 26 * size
            pane: Path = [
                (left, top),
                (left + 134 * size, top - 23 * size),
                (left + 134 * size + 34 * size, top + 150 * size),
                (left + 34 * size, top + 173 * size),
            ]
            pen.fill([(a + row * 38 * size, b) for a, b in pane], paint=_SUN, opacity=strength, soft=7)
    twig = arm(x + 330 * size, y - 60 * size, 215, 420 * size, 25)
    pen.stroke(twig, 5 * size, paint=SHADOW, opacity=0.10, soft=6)
    for i in range(3, 14, 2):
        for side in (-60, 55):
            spine = arm(*twig[i], 215 + side + rng.uniform(-14, 14), 86 * size, 18, steps=8)
            pen.fill(ribbon(spine, lambda s: 30 * size * blade(s)), paint=SHADOW, opacity=0.09, soft=6)
