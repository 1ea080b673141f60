"""For rooms: lamps, candles, clocks, framed prints, mirrors."""

from __future__ import annotations

import math
import random

from catalog.demo.drawing_botany import leaf
from catalog.demo.drawing_ceramics import iron
from catalog.demo.drawing_colours import BRASS, INK, OAK, RGB, WALNUT, Palette, brightness, mix, rgb, tone
from catalog.demo.drawing_garden import flame
from catalog.demo.drawing_paths import Path, arm, box, curve, moved, oval, ribbon
from catalog.demo.drawing_pen import SHADOW, Fade, Part, Pen
from catalog.demo.drawing_solid import TILT, disc, mouth, rounded, solid, speckle


def lamp(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A table lamp: ceramic gourd, wooden stem, or a mushroom of one colour."""
    if form % 3 == 2:
        _mushroom(pen, palette)
        return
    pen.ground(104, 32, 480)
    if form % 3 == 0:
        body = solid(
            pen,
            rounded([(-258, 22), (-240, 26), (-200, 60), (-130, 112), (-60, 100), (-12, 70), (0, 74)]),
            palette.main,
            gloss=0.6,
        )
        speckle(pen, body, rng, iron(palette.main), 90)
    else:
        solid(pen, rounded([(-20, 96), (-12, 104), (0, 104)]), OAK)
        disc(pen, -20, 97, OAK)
        solid(pen, rounded([(-262, 15), (-200, 24), (-150, 40), (-104, 22), (-60, 28), (-20, 42)]), OAK)
    solid(pen, [(-300, 12), (-256, 14)], BRASS, gloss=0.6)
    cloth = palette.cream if form % 3 == 0 else palette.main
    shade = solid(pen, [(-500, 112), (-390, 156), (-280, 198)], mix(cloth, rgb("ffdf9c"), 0.25), tilt=0.14)
    pen.fill(oval(0, -330, 120, 110), paint=rgb("ffe6ab"), inside=shade.part, opacity=0.62, soft=46)
    for k in range(-11, 12):
        pen.stroke(
            [shade.at(0, k * 8), shade.at(1, k * 8)], 1.6, paint=tone(cloth, 0.2), inside=shade.part, opacity=0.20
        )
    for share in (0.015, 0.985):
        pen.stroke(shade.ring(share), 5, paint=tone(cloth, 0.36), inside=shade.part, opacity=0.7)
    top = pen.fill(oval(0, -500, 112, 15.5), paint=Fade(tone(cloth, 0.3), rgb("fff0c4"), 60))
    pen.fill(oval(0, -494, 60, 10), paint=rgb("fff7df"), inside=top, opacity=0.9, soft=6)
    pen.fill(oval(0, -24, 150, 26), paint=rgb("ffe7b0"), opacity=0.16, soft=22)


def _mushroom(pen: Pen, palette: Palette) -> None:
    pen.ground(120, 36, 340)
    solid(pen, rounded([(-230, 56), (-140, 60), (-60, 84), (-10, 112), (0, 110)]), palette.main, gloss=0.5)
    pen.fill(oval(0, -206, 92, 26), paint=rgb("ffe3a4"), opacity=0.75, soft=14)
    cap = solid(
        pen,
        rounded([(-392, 0), (-388, 60), (-350, 140), (-280, 196), (-222, 208), (-206, 200)]),
        palette.main,
        gloss=0.6,
    )
    pen.stroke(cap.ring(0.99), 6, paint=rgb("ffe9b8"), inside=cap.part, opacity=0.75, soft=3)


def candle(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """In a glazed tumbler, three pillars, or a taper in its holder."""
    if form % 3 == 0:
        pen.ground(120, 34, 200)
        body = solid(
            pen, rounded([(-210, 118), (-200, 120), (-100, 121), (-14, 116), (0, 106)]), palette.main, gloss=0.45
        )
        speckle(pen, body, rng, iron(palette.main), 70)
        label = pen.fill(
            body.patch(0.36, 0.72, -34, 30), paint=Fade(tone(palette.cream, 0.62), tone(palette.cream, 0.44), 10)
        )
        for share, wide, thick in ((0.46, 17, 6), (0.54, 24, 3), (0.59, 13, 3)):
            pen.stroke(
                body.ring(share, -2 - wide, -2 + wide, 10),
                thick,
                paint=tone(palette.main, 0.3),
                inside=label,
                opacity=0.85,
            )
        mouth(pen, -210, 118, palette.main, rim=8, filled=rgb("f6e7c8"), level=18)
        flame(pen.at(0, -192), 1.15)
    elif form % 3 == 1:
        for x, h, r, colour in (
            (-88, 300, 62, palette.main),
            (92, 220, 66, palette.accent),
            (6, 140, 70, palette.cream),
        ):
            here = pen.at(x, 26 if h == 140 else 0)
            here.ground(r, 18, h)
            body = solid(here, [(-h, r), (-h * 0.5, r), (-4, r), (0, r - 3)], colour)
            here.fill(box(-r, -h - 10, r, -h * 0.62), paint=rgb("ffe3a8"), inside=body.part, opacity=0.32, soft=24)
            disc(here, -h, r, mix(colour, rgb("fff1cf"), 0.4))
            here.fill(oval(0, -h + 2, r * 0.6, r * 0.6 * TILT), paint=tone(colour, 0.34), opacity=0.35, soft=4)
            flame(here.at(0, -h + 2))
    else:
        _taper(pen, palette)


def _taper(pen: Pen, palette: Palette) -> None:
    for x, h, metal in ((-74, 150, palette.accent), (80, 60, palette.accent)):
        here = pen.at(x, 10 if x > 0 else 0)
        here.ground(74, 20, h + 240)
        solid(here, rounded([(-16, 66), (-8, 76), (0, 76)]), metal, gloss=0.7)
        disc(here, -16, 67, metal)
        solid(here, rounded([(-h - 30, 28), (-h - 18, 22), (-h * 0.6, 10), (-34, 11), (-14, 28)]), metal, gloss=0.7)
        solid(here, [(-h - 270, 12), (-h - 150, 15), (-h - 26, 17)], palette.main)
        disc(here, -h - 30, 30, metal)
        solid(here, [(-h - 270, 12), (-h - 150, 15), (-h - 28, 17)], palette.main)
        disc(here, -h - 270, 12, palette.main)
        flame(here.at(0, -h - 270), 0.9)


def clock(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """On the wall: wooden rim, plain disc, or a rayed one."""
    pen.cast(oval(0, 0, 250, 250), dx=26, dy=34, soft=22, opacity=0.34)
    pen.cast(oval(0, 0, 248, 248), dx=8, dy=10, soft=6, opacity=0.36)
    rim = (OAK, palette.main, WALNUT)[form % 3]
    edge = pen.fill(oval(0, 0, 250, 250), paint=Fade(tone(rim, 0.68), tone(rim, 0.28), 50))
    pen.puff(edge, 9, shade=0.3, light=0.4)
    face_colour = palette.main if form % 3 == 2 else palette.cream
    pen.fill(oval(0, 0, 224, 224), paint=Fade(tone(rim, 0.14), tone(rim, 0.5), 50))
    face = pen.fill(oval(3, 4, 219, 219), paint=Fade(tone(face_colour, 0.56), tone(face_colour, 0.66), 50))
    pen.stroke(oval(0, 0, 226, 226), 22, paint=SHADOW, inside=face, opacity=0.2, soft=9)
    ink = palette.cream if brightness(face_colour) < 0.5 else INK
    for k in range(60):
        a = math.radians(6 * k)
        large = k % 5 == 0
        r0, r1 = (168 if k % 15 == 0 else 180 if large else 194), 201
        pen.stroke(
            [(r0 * math.sin(a), -r0 * math.cos(a)), (r1 * math.sin(a), -r1 * math.cos(a))],
            9 if k % 15 == 0 else 6 if large else 2,
            paint=ink,
            opacity=0.9 if large else 0.5,
        )
    for turn, length, width, colour in ((-56.0, 112, 13, ink), (58.0, 168, 9, ink), (172.0, 150, 3.5, palette.accent)):
        hand = ribbon([(0.0, 34.0), (0.0, -length * 0.5), (0.0, -float(length))], lambda s, w=width: w * (1 - 0.35 * s))  # type: ignore[misc]
        here = pen.at(0, 0, 1, turn)
        pen.at(6, 8, 1, turn).fill(hand, paint=SHADOW, opacity=0.26, soft=4)
        here.fill(hand, oval(0, -length, width * 0.33, width * 0.33), paint=colour)
    pen.fill(oval(0, 0, 13, 13), paint=Fade(tone(BRASS, 0.75), tone(BRASS, 0.35), 50))


def frame(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """A framed print: hills, a still life of arcs, a sprig, or the sea."""
    w, h = 218.0, 284.0
    wood = (OAK, INK, WALNUT, rgb("f1ebe0"))[form % 4]
    pen.cast(box(-w, -h, w, h), dx=24, dy=32, soft=20, opacity=0.34)
    pen.cast(box(-w, -h, w, h), dx=7, dy=9, soft=5, opacity=0.4)
    pen.fill(box(-w, -h, w, h), paint=tone(wood, 0.56))
    bar = 20.0
    for side, light in (
        ([(-w, -h), (w, -h), (w - bar, -h + bar), (-w + bar, -h + bar)], 0.68),
        ([(w, -h), (w, h), (w - bar, h - bar), (w - bar, -h + bar)], 0.34),
        ([(-w, h), (w, h), (w - bar, h - bar), (-w + bar, h - bar)], 0.28),
    ):
        pen.fill(side, paint=tone(wood, light))
    mat = pen.fill(box(-w + bar, -h + bar, w - bar, h - bar), paint=Fade(rgb("fdf9f0"), rgb("f1e9db"), 60))
    pen.stroke(
        [(-w + bar, h - bar), (-w + bar, -h + bar), (w - bar, -h + bar)],
        18,
        paint=SHADOW,
        inside=mat,
        opacity=0.3,
        soft=8,
    )
    art = pen.fill(box(-134, -196, 134, 196), paint=palette.paper)
    (_hills, _arcs, _sprig, _sea)[form % 4](pen, art, palette, rng)
    pen.stroke([(-134, 196), (-134, -196), (134, -196)], 4, paint=SHADOW, opacity=0.22, soft=1.5)
    sheen = [(-w + bar, -40), (-20, -h + bar), (70, -h + bar), (-w + bar, 90)]
    pen.fill(sheen, paint=(255, 255, 255), inside=mat, opacity=0.16, soft=5)


def _hills(pen: Pen, art: Part, palette: Palette, rng: random.Random) -> None:
    pen.fill(
        box(-134, -196, 134, 196), paint=Fade(mix(palette.paper, palette.accent, 0.25), palette.cream, 90), inside=art
    )
    pen.fill(
        oval(46, -78, 50, 50), paint=palette.accent if brightness(palette.accent) < 0.85 else rgb("d98b5f"), inside=art
    )
    for i in range(4):
        y = -20 + i * 56
        ridge = curve(
            [
                (-160, y + rng.uniform(-20, 20)),
                (-70, y - 36 + rng.uniform(-22, 22)),
                (20, y + rng.uniform(-16, 26)),
                (90, y - 22 + rng.uniform(-18, 18)),
                (170, y),
            ]
        )
        pen.fill(
            [*ridge, (170, 220), (-160, 220)],
            paint=mix(mix(palette.main, palette.cream, 0.62), tone(palette.main, 0.36), i / 3),
            inside=art,
        )


def _arcs(pen: Pen, art: Part, palette: Palette, rng: random.Random) -> None:
    pen.fill(box(-134, -196, 134, 196), paint=tone(palette.cream, 0.5), inside=art)
    warm = palette.accent if brightness(palette.accent) < 0.85 else rgb("c8704a")
    for r, colour in ((112, palette.main), (82, palette.cream), (62, warm), (34, palette.cream), (18, palette.main)):
        pen.fill([*oval(0, 90, r, r * 1.25, 180, 360), (r, 160), (-r, 160)], paint=colour, inside=art)
    pen.fill(oval(58, -110, 40, 40), paint=warm, inside=art)
    pen.fill(box(-100, -150, -40, -60, 30), paint=mix(palette.main, palette.cream, 0.5), inside=art)


def _sprig(pen: Pen, art: Part, palette: Palette, rng: random.Random) -> None:
    pen.fill(box(-134, -196, 134, 196), paint=tone(palette.cream, 0.56), inside=art)
    pen.fill(oval(0, -30, 96, 110), paint=mix(palette.accent, palette.cream, 0.62), inside=art)
    stem = arm(-20, 166, -4, 310, 16, 22)
    pen.stroke(stem, 4, paint=tone(palette.main, 0.3))
    for i in range(4, 22, 3):
        for side in (-1, 1):
            leaf(pen, arm(*stem[i], 8 + side * 54, 88 - i * 2, side * 16, 10), 34 - i * 0.5, palette.main)
    leaf(pen, arm(*stem[-1], 12, 48, 0, 8), 22, palette.main)


def _sea(pen: Pen, art: Part, palette: Palette, rng: random.Random) -> None:
    pen.fill(
        box(-134, -196, 134, 196), paint=Fade(palette.cream, mix(palette.accent, palette.cream, 0.4), 90), inside=art
    )
    pen.fill(oval(-40, -16, 58, 58), paint=mix(palette.accent, rgb("f3c98a"), 0.3), inside=art)
    for i in range(7):
        y = 6.0 + i * 30
        wave: Path = [(x, y + 7 * math.sin(x / (26 + 5 * i) + i * 2)) for x in range(-140, 146, 6)]
        pen.fill(
            [*wave, (150, 220), (-150, 220)],
            paint=mix(mix(palette.main, palette.cream, 0.5), tone(palette.main, 0.3), i / 6),
            inside=art,
        )
    pen.fill([(56, -34), (56, 22), (92, 22)], [(50, -20), (50, 22), (26, 22)], paint=rgb("fffaf0"), inside=art)
    pen.fill([(20, 27), (98, 27), (84, 42), (34, 42)], paint=WALNUT, inside=art)


def mirror(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Round, arched, or a pebble."""
    outlines: tuple[Path, ...] = (
        oval(0, 0, 236, 236),
        [*oval(0, -90, 186, 186, 180, 360), (186, 276), (-186, 276)],
        curve(
            [(-180, -190), (40, -262), (206, -120), (190, 120), (60, 262), (-150, 210), (-216, 20)],
            closed=True,
            steps=14,
        ),
    )
    outline = outlines[form % 3]
    metal: RGB = (OAK, BRASS, palette.main)[form % 3]
    pen.cast(outline, dx=24, dy=32, soft=20, opacity=0.36)
    edge = pen.fill(outline, paint=Fade(tone(metal, 0.72), tone(metal, 0.3), 50))
    pen.puff(edge, 9, shade=0.3, light=0.5)
    glass_line = [(x * 0.925, y * 0.94) for x, y in outline]
    glass = pen.fill(glass_line, paint=Fade(rgb("eef3f1"), rgb("b7c6c8"), 55))
    pen.stroke([*glass_line, glass_line[0]], 12, paint=SHADOW, inside=glass, opacity=0.24, soft=6)
    pen.fill(box(-260, 96, 260, 300), paint=mix(palette.paper, rgb("a8b3b0"), 0.35), inside=glass, opacity=0.6, soft=3)
    pen.fill(moved(oval(0, 0, 30, 70), -94, 40), paint=palette.main, inside=glass, opacity=0.32, soft=5)
    for i, lean in enumerate((-30, 0, 28)):
        spine = arm(-94, -20, lean, 120, lean * 0.5, 10)
        pen.fill(ribbon(spine, 9 - i), paint=rgb("6d8a6b"), inside=glass, opacity=0.32, soft=5)
    for x, wide in ((-60, 74), (70, 26)):
        pen.fill(
            [(x, -300), (x + wide, -300), (x + wide - 300, 300), (x - 300, 300)],
            paint=(255, 255, 255),
            inside=glass,
            opacity=0.34,
            soft=5,
        )
