"""The pen: fills, strokes, shadows and soft light on one picture, in the units of one object.

Units are those of the finished 900 pixel picture; an object's origin is where it stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from catalog.demo.drawing_colours import RGB, mix, tone
from catalog.demo.drawing_paths import Path, Point, WidthAlong, moved, oval, ribbon

SHADOW: RGB = (56, 46, 42)
_WHITE: RGB = (255, 251, 242)
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Fade:
    """A linear run from one colour to another; 0 degrees is rightwards, 90 downwards."""

    start: RGB
    end: RGB
    angle: float = 60


Paint = RGB | Fade


@dataclass(frozen=True, slots=True)
class Part:
    """What has been painted: its mask and where that lies, so that later paint can stay inside."""

    mask: Image.Image
    box: Box

    def inside(self, box: Box) -> Image.Image:
        """The mask as seen through another box."""
        x, y = self.box[0], self.box[1]
        return self.mask.crop((box[0] - x, box[1] - y, box[2] - x, box[3] - y))


@dataclass(frozen=True, slots=True)
class Pen:
    image: Image.Image
    x: float
    y: float
    scale: float
    turn: float = 0.0

    def at(self, dx: float, dy: float, scale: float = 1.0, turn: float = 0.0) -> Pen:
        """A pen for something placed, scaled and turned (degrees) relative to this one."""
        (x, y) = self.px([(dx, dy)])[0]
        return Pen(self.image, x, y, self.scale * scale, self.turn + turn)

    def px(self, path: Sequence[Point]) -> Path:
        a = math.radians(self.turn)
        cos, sin = math.cos(a) * self.scale, math.sin(a) * self.scale
        return [(self.x + x * cos - y * sin, self.y + x * sin + y * cos) for x, y in path]

    def fill(
        self,
        *paths: Sequence[Point],
        paint: Paint,
        inside: Part | None = None,
        opacity: float = 1.0,
        soft: float = 0.0,
    ) -> Part:
        """Paint the union of the outlines; `soft` blurs the edge by that many units."""
        outlines = [self.px(path) for path in paths]
        extent = extent_of(outlines, soft * self.scale * 2.5)
        box = clipped(extent, self.image.size)
        part = Part(_mask(outlines, box, soft * self.scale), box)
        if inside is not None:
            part = Part(ImageChops.multiply(part.mask, inside.inside(box)), box)
        self.tint(part, paint, opacity, extent)
        return part

    def tint(self, part: Part, paint: Paint, opacity: float = 1.0, extent: tuple[float, ...] | None = None) -> None:
        """Lay a colour over a part already masked."""
        mask = part.mask if opacity >= 1 else part.mask.point(lambda v: round(v * opacity))
        if isinstance(paint, Fade):
            layer = _fade(paint, part.box, extent or part.box)
            self.image.paste(layer, part.box[:2], mask)
        else:
            self.image.paste(paint, part.box, mask)

    def stroke(
        self,
        line: Sequence[Point],
        width: float | WidthAlong,
        *,
        paint: Paint,
        inside: Part | None = None,
        opacity: float = 1.0,
        soft: float = 0.0,
    ) -> Part:
        """A line with round ends."""
        ends = [
            oval(x, y, r, r, steps=20)
            for (x, y), r in (
                (line[0], (width(0) if callable(width) else width) / 2),
                (line[-1], (width(1) if callable(width) else width) / 2),
            )
            if r > 0.2
        ]
        return self.fill(ribbon(line, width), *ends, paint=paint, inside=inside, opacity=opacity, soft=soft)

    def tube(self, line: Sequence[Point], width: float, colour: RGB, *, gloss: float = 0.3) -> Part:
        """A round bar along a line: handles, wires, stems."""
        part = self.stroke(line, width, paint=tone(colour, 0.2))
        for share, light in ((0.86, 0.32), (0.7, 0.43), (0.5, 0.53), (0.3, 0.62)):
            shift = (1 - share) * width * 0.34
            self.stroke(
                moved(line, -shift * 0.6, -shift),
                width * share,
                paint=tone(colour, light),
                inside=part,
                soft=width * 0.035,
            )
        if gloss:
            glint = moved(line, -width * 0.16, -width * 0.26)
            self.stroke(glint, width * 0.1, paint=_WHITE, inside=part, opacity=gloss, soft=width * 0.04)
        return part

    def cast(self, *paths: Sequence[Point], dx: float, dy: float, soft: float, opacity: float) -> None:
        """The shadow that an outline throws on what lies behind it."""
        self.fill(*(moved(p, dx, dy) for p in paths), paint=SHADOW, opacity=opacity, soft=soft)

    def ground(self, half: float, depth: float, height: float, x: float = 0) -> None:
        """Shadows of a standing thing: a long one away from the light and a dark one at its foot."""
        reach = height * 0.42
        long = [
            *oval(x, 0, half * 0.96, depth, 90, 200, 16),
            (x + reach, -depth * 0.9 - height * 0.13),
            *oval(x + reach + half * 0.3, -height * 0.1, half * 0.7, depth * 0.7, -90, 90, 16),
        ]
        self.fill(long, paint=SHADOW, opacity=0.17, soft=15)
        self.fill(oval(x + half * 0.14, depth * 0.1, half * 1.04, depth), paint=SHADOW, opacity=0.22, soft=11)
        self.fill(oval(x + 3, depth * 0.02, half * 0.88, depth * 0.88), paint=SHADOW, opacity=0.36, soft=4.5)

    def puff(self, part: Part, depth: float, *, shade: float = 0.5, light: float = 0.35) -> None:
        """Round a flat part off: light comes to its upper left edge, shade to its lower right."""
        step = max(1, round(depth * self.scale / 5))
        width, height = part.mask.size
        small = (max(2, width // step), max(2, height // step))
        pad = round(depth * self.scale * 1.6 / step)
        low = Image.new("L", (small[0] + 2 * pad, small[1] + 2 * pad), 0)
        low.paste(part.mask.resize(small, Image.Resampling.BOX), (pad, pad))
        low = low.filter(ImageFilter.GaussianBlur(depth * self.scale / step * 0.55))
        d = max(1, round(depth * self.scale / step * 0.42))
        for shift, colour, strength in ((-d, SHADOW, shade), (d, _WHITE, light)):
            away = ImageChops.subtract(low, ImageChops.offset(low, shift, shift))
            away = away.point(lambda v, k=strength: min(255, round(v * 2.0 * k)))
            edge = away.crop((pad, pad, pad + small[0], pad + small[1]))
            mask = ImageChops.multiply(edge.resize((width, height), Image.Resampling.BILINEAR), part.mask)
            self.image.paste(colour, part.box, mask)


def extent_of(outlines: Sequence[Path], margin: float) -> tuple[float, float, float, float]:
    xs = [x for path in outlines for x, _ in path]
    ys = [y for path in outlines for _, y in path]
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def clipped(extent: tuple[float, float, float, float], size: tuple[int, int]) -> Box:
    x0, y0 = (min(max(0, math.floor(v)), s - 1) for v, s in zip(extent[:2], size, strict=True))
    x1, y1 = (min(max(1, math.ceil(v) + 1), s) for v, s in zip(extent[2:], size, strict=True))
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def _mask(outlines: Sequence[Path], box: Box, soft: float) -> Image.Image:
    # A wide blur needs no fine pixels: draw it small, blur it there, and enlarge it.
    step = max(1, int(soft / 3))
    size = box[2] - box[0], box[3] - box[1]
    small = -(-size[0] // step), -(-size[1] // step)
    pad = math.ceil(soft / step * 2.5)
    mask = Image.new("L", (small[0] + 2 * pad, small[1] + 2 * pad), 0)
    pencil = ImageDraw.Draw(mask)
    for path in outlines:
        pencil.polygon([((x - box[0]) / step + pad, (y - box[1]) / step + pad) for x, y in path], fill=255)
    if soft > 0.3:
        mask = mask.filter(ImageFilter.GaussianBlur(soft / step))
    mask = mask.crop((pad, pad, pad + small[0], pad + small[1])) if pad else mask
    if step == 1:
        return mask
    grown = mask.resize((small[0] * step, small[1] * step), Image.Resampling.BILINEAR)
    return grown.crop((0, 0, *size))


def _fade(fade: Fade, box: Box, extent: tuple[float, ...]) -> Image.Image:
    a = math.radians(fade.angle)
    cos, sin = math.cos(a), math.sin(a)
    cx, cy = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    half = (abs(cos) * (extent[2] - extent[0]) + abs(sin) * (extent[3] - extent[1])) / 2 or 1.0
    # Two by two pixels, read from centre to centre, are a linear run over the whole box.
    corners = Image.new("RGB", (2, 2))
    for i, x in enumerate((box[0], box[2])):
        for j, y in enumerate((box[1], box[3])):
            share = 0.5 + ((x - cx) * cos + (y - cy) * sin) / (2 * half)
            corners.putpixel((i, j), mix(fade.start, fade.end, share))
    size = box[2] - box[0], box[3] - box[1]
    return corners.resize(size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 1.5, 1.5))
