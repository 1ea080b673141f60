"""Turned things (mugs, vases, pots) as lit solids of revolution, seen a little from above."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from catalog.demo.drawing_colours import RGB, mix, tone
from catalog.demo.drawing_paths import Path, Point, curve, oval
from catalog.demo.drawing_pen import Fade, Part, Pen, clipped, extent_of

TILT = 0.24
_LIGHT = (-0.56, 0.60, 0.57)
_HALF = (-0.36, 0.52, 0.775)
_BOUNCE = (0.93, -0.1, 0.35)

# A profile runs from the top down: (height, radius) with height as y of the picture.
Profile = Sequence[Point]
Span = Callable[[float], tuple[float, float]]
_Meridian = tuple[list[Point], tuple[float, float, float, float], Point, Point]


def rounded(points: Profile, steps: int = 8) -> Path:
    """A smooth profile through a few points."""
    return [(y, max(r, 0.0)) for y, r in curve(points, steps=steps)]


def lit(base: RGB, normal: tuple[float, float, float], gloss: float) -> RGB:
    """The colour of a face with that normal in the demo's one light."""
    diffuse = max(0.0, _dot(normal, _LIGHT))
    bounce = max(0.0, _dot(normal, _BOUNCE))
    colour = tone(base, 0.15 + 0.53 * diffuse + 0.14 * bounce * bounce)
    if gloss:
        shine = max(0.0, _dot(normal, _HALF)) ** 42
        colour = mix(colour, (255, 252, 244), shine * gloss)
    return colour


def _dot(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@dataclass(frozen=True, slots=True)
class Solid:
    """A painted solid: its part, and where a place on its skin lies in the picture."""

    part: Part
    profile: tuple[Point, ...]
    tilt: float

    def at(self, share: float, degrees: float) -> Point:
        """The point at a share 0..1 of the profile and an angle from the front, right positive."""
        y, r = _place(self.profile, share)
        a = math.radians(degrees)
        return r * math.sin(a), y + self.tilt * r * math.cos(a)

    def ring(self, share: float, start: float = -90, end: float = 90, steps: int = 40) -> Path:
        """A line around the front at one share of the profile."""
        return [self.at(share, start + (end - start) * i / steps) for i in range(steps + 1)]

    def patch(self, top: float, bottom: float, left: float, right: float) -> Path:
        """The outline of a label on the skin."""
        return self.ring(top, left, right, 20) + self.ring(bottom, right, left, 20)


def solid(
    pen: Pen,
    profile: Profile,
    colour: RGB,
    *,
    gloss: float = 0.0,
    tilt: float = TILT,
    span: Span | None = None,
    flutes: int = 0,
    depth: float = 0.5,
    rows: int = 30,
) -> Solid:
    """Paint a turned solid about x = 0.

    `span` limits it to a part of the profile, angle (degrees) by angle: a glaze that runs.
    `flutes` cuts that many grooves around it, `depth` deep in radians of the surface's slope.
    """
    columns = max(112 if span else 72, flutes * 7)
    faces = _faces(profile, colour, gloss, tilt, span, flutes, depth, columns, rows)
    outlines = [pen.px(quad) for quad, _ in faces]
    box = clipped(extent_of(outlines, 2), pen.image.size)
    size = box[2] - box[0], box[3] - box[1]
    skin = Image.new("RGB", size, tone(colour, 0.42))
    mask = Image.new("L", size, 0)
    on_skin, on_mask = ImageDraw.Draw(skin), ImageDraw.Draw(mask)
    for outline, (_, paint) in zip(outlines, faces, strict=True):
        quad = [(x - box[0], y - box[1]) for x, y in outline]
        on_skin.polygon(quad, fill=paint, outline=paint)
        on_mask.polygon(quad, fill=255)
    radius = pen.scale * (1.2 if flutes else 4.6)
    pen.image.paste(skin.filter(ImageFilter.GaussianBlur(radius)), box[:2], mask)
    return Solid(Part(mask, box), tuple(profile), tilt)


def _faces(
    profile: Profile,
    colour: RGB,
    gloss: float,
    tilt: float,
    span: Span | None,
    flutes: int,
    depth: float,
    columns: int,
    rows: int,
) -> list[tuple[Path, RGB]]:
    """Visible faces, lowest ring first and in each ring from the back to the front."""
    view = (0.0, tilt, math.sqrt(1 - tilt * tilt))
    meridians = _meridians(profile, tilt, span, flutes, depth, columns, rows)
    found: list[tuple[Path, RGB]] = []
    for row in range(rows - 1, -1, -1):
        for places, (sin0, sin1, cos0, cos1), (flat_x, flat_z), (x, z) in meridians:
            (y0, r0), (y1, r1) = places[row], places[row + 1]
            length = math.hypot(y1 - y0, r1 - r0) or 1.0
            out, up = (y1 - y0) / length, (r1 - r0) / length
            if _dot((out * flat_x, up, out * flat_z), view) < -0.06:
                continue
            quad = [
                (r0 * sin0, y0 + r0 * cos0),
                (r0 * sin1, y0 + r0 * cos1),
                (r1 * sin1, y1 + r1 * cos1),
                (r1 * sin0, y1 + r1 * cos0),
            ]
            found.append((quad, lit(colour, (out * x, up, out * z), gloss)))
    return found


def _meridians(
    profile: Profile, tilt: float, span: Span | None, flutes: int, depth: float, columns: int, rows: int
) -> list[_Meridian]:
    """Columns of faces from the back to the front: places, edges, true and fluted direction."""
    step = math.tau / columns
    plain = [_place(profile, row / rows) for row in range(rows + 1)]
    meridians: list[_Meridian] = []
    for a in sorted((step * i - math.pi for i in range(columns)), key=lambda a: -abs(a + step / 2)):
        middle = a + step / 2
        places = plain
        if span:
            start, end = span(math.degrees(middle))
            places = [_place(profile, start + (end - start) * row / rows) for row in range(rows + 1)]
        bent = middle + (depth * math.sin(flutes * middle) if flutes else 0.0)
        trig = math.sin(a), math.sin(a + step), tilt * math.cos(a), tilt * math.cos(a + step)
        meridians.append((places, trig, (math.sin(middle), math.cos(middle)), (math.sin(bent), math.cos(bent))))
    return meridians


def _place(profile: Profile, share: float) -> Point:
    at = min(max(share, 0.0), 1.0) * (len(profile) - 1)
    i = min(int(at), len(profile) - 2)
    (y0, r0), (y1, r1) = profile[i], profile[i + 1]
    return y0 + (y1 - y0) * (at - i), r0 + (r1 - r0) * (at - i)


def mouth(
    pen: Pen,
    y: float,
    radius: float,
    colour: RGB,
    *,
    rim: float = 7,
    tilt: float = TILT,
    filled: RGB | None = None,
    level: float = 14,
    edge: RGB | None = None,
) -> Part:
    """The open top of a vessel: rim, inner wall, and what is in it `level` units down."""
    lip = edge or colour
    pen.fill(oval(0, y, radius, radius * tilt), paint=Fade(tone(lip, 0.72), tone(lip, 0.5), 20))
    inner, deep = radius - rim, (radius - rim) * tilt
    wall = pen.fill(oval(0, y + 1, inner, deep), paint=Fade(tone(colour, 0.14), tone(colour, 0.48), 15))
    pen.fill(
        oval(-inner * 0.12, y + deep * 0.9, inner, deep * 1.1),
        paint=tone(colour, 0.06),
        inside=wall,
        opacity=0.45,
        soft=radius * 0.07,
    )
    if filled is not None:
        share = 1 - level / radius * 0.25
        surface = oval(0, y + level, inner * share, deep * share)
        pool = pen.fill(surface, paint=Fade(tone(filled, 0.36), tone(filled, 0.56), 25), inside=wall)
        pen.fill(
            oval(inner * 0.3, y + level + deep * 0.25, inner * 0.4, deep * 0.3),
            paint=(255, 250, 240),
            inside=pool,
            opacity=0.22,
            soft=radius * 0.05,
        )
    return wall


def disc(pen: Pen, y: float, radius: float, colour: RGB, *, tilt: float = TILT) -> Part:
    """A flat round top."""
    return pen.fill(oval(0, y, radius, radius * tilt), paint=Fade(tone(colour, 0.76), tone(colour, 0.54), 25))


def speckle(pen: Pen, body: Solid, rng: random.Random, colour: RGB, count: int, size: float = 2.6) -> None:
    """Fine spots of iron in the glaze."""
    for _ in range(count):
        angle, share = rng.uniform(-86, 86), rng.uniform(0.04, 0.97)
        x, y = body.at(share, angle)
        r = size * rng.uniform(0.35, 1.0)
        squeeze = max(0.25, math.cos(math.radians(angle)))
        pen.fill(oval(x, y, r * squeeze, r, steps=10), paint=colour, inside=body.part, opacity=0.55)


def drip(rng: random.Random, level: float, play: float = 0.03) -> Span:
    """A span from the top to an uneven line: where a dipped glaze ends."""
    phases = [(k, rng.uniform(0, 6.3), rng.uniform(0.4, 1)) for k in (2, 3, 5)]

    def until(angle: float) -> tuple[float, float]:
        a = math.radians(angle)
        return 0.0, level + play * sum(w / k * 1.6 * math.sin(k * a + p) for k, p, w in phases)

    return until
