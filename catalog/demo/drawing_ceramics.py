"""Thrown and glazed: mugs, bowls, plates, teapots, vases, pitchers, mortars."""

from __future__ import annotations

import math
import random

from catalog.demo.drawing_botany import dried_stems
from catalog.demo.drawing_colours import BRASS, COFFEE, RGB, Palette, brightness, mix, rgb, tone
from catalog.demo.drawing_paths import Path, arm, blade, curve, moved, oval, ribbon, turned
from catalog.demo.drawing_pen import SHADOW, Fade, Pen
from catalog.demo.drawing_solid import TILT, Profile, Solid, drip, mouth, rounded, solid, speckle

_TEA = rgb("8a4a1c")


def iron(colour: RGB) -> RGB:
    """The colour of speckles that can be seen on a glaze."""
    return tone(colour, 0.12) if brightness(colour) > 0.42 else mix(colour, (255, 246, 228), 0.4)


def glaze(pen: Pen, profile: Profile, clay: RGB, colour: RGB, rng: random.Random, level: float) -> Solid:
    """Bare clay below, glaze above an uneven line with a thick lip."""
    body = solid(pen, profile, clay)
    speckle(pen, body, rng, tone(clay, 0.2), 40, 2)
    line = drip(rng, level)
    lip = [body.at(line(a)[1], a) for a in range(-92, 93, 4)]
    pen.stroke(moved(lip, 2, 4), 7, paint=SHADOW, inside=body.part, opacity=0.35, soft=4)
    coat = solid(pen, profile, colour, gloss=0.55, span=line)
    pen.stroke(moved(lip, 0, -2.5), 2.4, paint=tone(colour, 0.8), inside=coat.part, opacity=0.55, soft=1)
    speckle(pen, coat, rng, iron(colour), 70)
    return coat


def mug(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    shapes: tuple[Profile, ...] = (
        rounded([(-270, 122), (-262, 124), (-150, 125), (-40, 123), (-8, 112), (0, 98)]),
        rounded([(-250, 118), (-240, 121), (-170, 140), (-90, 146), (-30, 118), (-10, 94), (0, 92)]),
        rounded([(-290, 132), (-280, 133), (-150, 118), (-50, 98), (-22, 78), (-10, 82), (0, 86)]),
        rounded([(-190, 138), (-182, 140), (-110, 142), (-50, 128), (-14, 96), (0, 90)]),
    )
    profile = shapes[form % 4]
    top, rim = profile[0]
    pen.ground(profile[-1][1] + 16, 34, 230)
    reach, low = (118, 0.36) if form % 4 != 3 else (96, 0.4)
    handle = curve(
        [
            (rim - 12, top * 0.84),
            (rim + reach * 0.62, top * 0.9),
            (rim + reach * 0.86, top * 0.62),
            (rim + reach * 0.4, top * low),
            (rim - 18, top * 0.22),
        ],
        steps=12,
    )
    pen.tube(handle, 27, palette.main, gloss=0.5)
    clay = mix(palette.accent, rgb("d8bd98"), 0.55)
    glaze(pen, profile, clay, palette.main, rng, (0.72, 1.2, 0.62, 0.66)[form % 4])
    drink = (COFFEE, _TEA, None, COFFEE)[form % 4]
    mouth(pen, top, rim, mix(palette.main, palette.cream, 0.55), filled=drink, level=20, edge=palette.main)


def bowl(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Single wide, a nest of three, or deep with a foot."""
    shapes = (
        [(-150, 236), (-142, 236), (-80, 196), (-30, 120), (-14, 84), (0, 82)],
        [(-112, 186), (-106, 186), (-60, 160), (-20, 100), (-8, 74), (0, 72)],
        [(-190, 190), (-182, 191), (-110, 178), (-50, 126), (-22, 72), (0, 80)],
    )
    profile = rounded([(float(y), float(r)) for y, r in shapes[form % 3]])
    clay = mix(palette.accent, rgb("d8bd98"), 0.6)
    pen.ground(profile[-1][1] + 26, 34, 170)
    colours = [palette.main]
    if form % 3 == 1:
        colours = [tone(palette.main, 0.36), palette.main, mix(palette.main, palette.cream, 0.6)]
    for i, colour in enumerate(colours):
        here = pen.at(0, -58 * i, 1 - 0.07 * i)
        glaze(here, profile, clay, colour, rng, 0.78)
        tilt = 0.27
        well = mouth(
            here, profile[0][0], profile[0][1], mix(colour, palette.cream, 0.35), rim=9, tilt=tilt, edge=colour
        )
        if i == len(colours) - 1:
            y, r = profile[0]
            here.fill(
                oval(r * 0.25, y + r * 0.10, r * 0.56, r * 0.12),
                paint=tone(palette.cream, 0.8),
                inside=well,
                opacity=0.22,
                soft=16,
            )


def plate(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Seen from above: painted rim, brushed ring, or leaves."""
    here = pen
    ground = palette.cream if form % 3 != 1 else palette.main
    here.cast(oval(0, 0, 300, 300), dx=20, dy=26, soft=18, opacity=0.34)
    here.cast(oval(0, 0, 290, 290), dx=6, dy=8, soft=5, opacity=0.4)
    whole = here.fill(oval(0, 0, 300, 300), paint=Fade(tone(ground, 0.70), tone(ground, 0.42), 50))
    here.puff(whole, 16, shade=0.4, light=0.5)
    if form % 3 == 0:
        here.stroke(
            oval(0, 0, 289, 289), 20, paint=Fade(tone(palette.main, 0.62), tone(palette.main, 0.44), 50), inside=whole
        )
    rim_inner = here.fill(oval(2, 3, 206, 206), paint=SHADOW, inside=whole, opacity=0.26, soft=7)
    well = here.fill(oval(0, 0, 204, 204), paint=Fade(tone(ground, 0.45), tone(ground, 0.66), 50), inside=rim_inner)
    here.puff(well, 10, shade=0.0, light=0.25)
    if form % 3 == 1:
        for radius in range(28, 200, 15):
            here.stroke(oval(0, 0, radius, radius), 2.2, paint=tone(ground, 0.3), inside=well, opacity=0.26, soft=0.8)
        here.stroke(oval(0, 0, 296, 296), 7, paint=mix(palette.accent, rgb("b98a5c"), 0.4), inside=whole, opacity=0.9)
    else:
        _painted_rim(here, palette, rng, form)
    for _ in range(130):
        a, d = rng.uniform(0, 6.28), 296 * math.sqrt(rng.random())
        here.fill(
            oval(d * math.cos(a), d * math.sin(a), 1.8, 1.8, steps=8), paint=iron(ground), inside=whole, opacity=0.45
        )
    here.stroke(oval(0, 0, 248, 248, 195, 255), 16, paint=(255, 253, 248), inside=whole, opacity=0.5, soft=8)


def _painted_rim(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    if form % 3 == 0:
        pen.stroke(oval(0, 0, 218, 218), 4, paint=palette.main, opacity=0.75, soft=0.8)
        return
    for i in range(22):
        angle = 360 / 22 * i
        x, y = oval(0, 0, 232, 232, angle, angle, 1)[0]
        spine = arm(x, y, angle + 90 + 38, 62, -30, 8)
        ink = (
            palette.main if i % 2 else palette.accent if brightness(palette.accent) < 0.75 else tone(palette.main, 0.68)
        )
        pen.fill(ribbon(spine, lambda s: 22 * blade(s)), paint=ink, opacity=0.88)
    pen.stroke(oval(0, 0, 230, 230), 3, paint=tone(palette.main, 0.35), opacity=0.75, soft=0.6)


def teapot(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    squat = form % 2
    body_points = (
        [(-250, 66), (-238, 96), (-190, 158), (-120, 184), (-50, 150), (-12, 100), (0, 96)],
        [(-196, 74), (-186, 110), (-150, 178), (-96, 208), (-42, 178), (-10, 120), (0, 114)],
    )[squat]
    profile = rounded([(float(y), float(r)) for y, r in body_points])
    h = -profile[0][0]
    wide = max(r for _, r in profile)
    pen.ground(profile[-1][1] + 40, 42, 240)
    spout = curve(
        [(-wide * 0.7, -h * 0.30), (-wide * 1.10, -h * 0.42), (-wide * 1.28, -h * 0.72), (-wide * 1.52, -h * 0.96)]
    )
    part = pen.stroke(
        spout, lambda s: 78 - 48 * s**0.7, paint=Fade(tone(palette.main, 0.66), tone(palette.main, 0.24), 70)
    )
    pen.puff(part, 16, shade=0.5, light=0.5)
    tip = spout[-1]
    pen.fill(turned(oval(tip[0] - 2, tip[1] - 3, 15, 8), -28, *tip), paint=tone(palette.main, 0.12))
    if squat:
        loop = curve(
            [(-wide * 0.62, -h * 0.92), (-wide * 0.5, -h * 1.72), (wide * 0.5, -h * 1.72), (wide * 0.62, -h * 0.92)]
        )
        pen.tube(loop, 17, BRASS if brightness(palette.main) < 0.7 else rgb("a9794a"), gloss=0.5)
    else:
        loop = curve(
            [(wide * 0.62, -h * 0.86), (wide * 1.4, -h * 0.9), (wide * 1.5, -h * 0.5), (wide * 0.82, -h * 0.24)]
        )
        pen.tube(loop, 27, palette.main, gloss=0.5)
    body = solid(pen, profile, palette.main, gloss=0.7)
    speckle(pen, body, rng, iron(palette.main), 90)
    pen.stroke(body.ring(0.1), 4, paint=SHADOW, inside=body.part, opacity=0.3, soft=3)
    _lid(pen, palette, *profile[0], palette.accent if form % 4 < 2 else rgb("b98a5c"))


def _lid(pen: Pen, palette: Palette, top: float, r: float, knob: RGB) -> None:
    lid = solid(
        pen,
        rounded([(top - 34, 6), (top - 30, 34), (top - 16, r - 4), (top - 2, r + 6), (top + 4, r + 4)]),
        palette.main,
        gloss=0.6,
    )
    pen.stroke(lid.ring(0.98), 2.5, paint=tone(palette.main, 0.15), opacity=0.5, soft=1)
    pen.fill(oval(0, top - 32, 15, 5), paint=SHADOW, opacity=0.4, soft=2)
    solid(
        pen, rounded([(top - 76, 0), (top - 74, 12), (top - 60, 22), (top - 46, 17), (top - 34, 10)]), knob, gloss=0.5
    )


_VASES: tuple[Profile, ...] = (
    [(-380, 46), (-372, 45), (-320, 34), (-262, 40), (-190, 104), (-110, 138), (-40, 112), (-8, 80), (0, 78)],
    [(-330, 64), (-322, 66), (-290, 78), (-200, 122), (-100, 128), (-30, 98), (-8, 84), (0, 82)],
    [(-320, 92), (-312, 93), (-160, 98), (-30, 94), (-8, 88), (0, 82)],
    [(-310, 40), (-302, 40), (-282, 40), (-240, 110), (-160, 158), (-80, 142), (-20, 90), (0, 74)],
)


def vase(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    """Bottle, shouldered, fluted or moon, with dried stems."""
    profile = rounded(_VASES[form % 4])
    top, rim = profile[0]
    pen.ground(profile[-1][1] + 24, 36, 330)
    flutes = 26 if form % 4 == 2 else 0
    if form % 4 == 1:
        glaze(pen, profile, mix(palette.accent, rgb("d8bd98"), 0.6), palette.main, rng, 0.46)
    else:
        body = solid(pen, profile, palette.main, gloss=0.0 if flutes else 0.35, flutes=flutes)
        if not flutes:
            speckle(pen, body, rng, iron(palette.main), 80)
        if form % 4 == 3:
            _band(pen, body, palette)
    mouth(pen, top, rim, palette.main, rim=6)
    if form % 4 != 2 or form >= 4:
        dried_stems(pen.at(0, top + 6), palette, rng, kind=form, spread=rim)
    _front_lip(pen, top, rim, palette.main)


def _band(pen: Pen, body: Solid, palette: Palette) -> None:
    for share in (0.5, 0.62):
        pen.stroke(body.ring(share), 5, paint=palette.accent, inside=body.part, opacity=0.85)
    for angle in range(-84, 85, 14):
        a, b = body.at(0.515, angle), body.at(0.605, angle + 7)
        c = body.at(0.515, angle + 14)
        pen.stroke([a, b, c], 3.2, paint=palette.accent, inside=body.part, opacity=0.8)


def _front_lip(pen: Pen, y: float, radius: float, colour: RGB) -> None:
    """The near edge of a mouth, in front of what stands in it."""
    front = oval(0, y, radius - 3, (radius - 3) * TILT, 0, 180, 30)
    pen.stroke(front, 6.5, paint=Fade(tone(colour, 0.74), tone(colour, 0.46), 10))


def pitcher(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    profile = rounded([(-330, 84), (-320, 82), (-260, 70), (-190, 98), (-100, 124), (-34, 106), (-8, 84), (0, 82)])
    pen.ground(104, 36, 300)
    pen.tube(curve([(70, -300), (168, -300), (182, -210), (104, -120)], steps=14), 25, palette.main, gloss=0.5)
    beak: Path = curve([(-74, -322), (-128, -352), (-104, -310), (-66, -262)], steps=8)
    pen.fill(beak, paint=Fade(tone(palette.main, 0.68), tone(palette.main, 0.35), 80))
    if form % 2:
        glaze(pen, profile, mix(palette.accent, rgb("d8bd98"), 0.55), palette.main, rng, 0.55)
    else:
        body = solid(pen, profile, palette.main, gloss=0.6)
        for share in (0.16, 0.2):
            pen.stroke(body.ring(share), 4, paint=palette.accent, inside=body.part, opacity=0.8)
        speckle(pen, body, rng, iron(palette.main), 70)
    mouth(pen, -330, 84, mix(palette.main, palette.cream, 0.4), rim=7, edge=palette.main)
    lip: Path = curve([(-60, -340), (-132, -356), (-78, -322)], steps=8)
    pen.fill(lip, paint=Fade(tone(palette.main, 0.2), tone(palette.main, 0.5), 0))


def mortar(pen: Pen, palette: Palette, rng: random.Random, form: int) -> None:
    profile = rounded([(-170, 150), (-160, 154), (-100, 146), (-50, 112), (-30, 86), (-12, 98), (0, 104)])
    pen.ground(130, 40, 190)
    body = solid(pen, profile, palette.main, gloss=0.12)
    speckle(pen, body, rng, iron(palette.main), 220, 3.2)
    mouth(pen, -170, 152, mix(palette.main, palette.cream, 0.25), rim=20, edge=palette.main)
    pestle = arm(-20, -156, 38, 250, 0)
    pen.stroke(moved(pestle, 12, 14), 34, paint=SHADOW, opacity=0.22, soft=8)
    wood = palette.accent if brightness(palette.accent) < 0.8 else rgb("c6965f")
    part = pen.stroke(
        pestle, lambda s: 46 - 18 * math.sin(s * 2.6) + 10 * s, paint=Fade(tone(wood, 0.68), tone(wood, 0.28), 40)
    )
    pen.puff(part, 12, shade=0.4, light=0.4)
    front = oval(0, -170, 142, 142 * TILT, 20, 160, 30)
    pen.stroke(front, 18, paint=Fade(tone(palette.main, 0.72), tone(palette.main, 0.52), 10))
