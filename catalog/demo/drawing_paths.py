"""Plane geometry for the demo pictures: outlines as lists of points, y pointing down."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

WidthAlong = Callable[[float], float]
Point = tuple[float, float]
Path = list[Point]


def oval(cx: float, cy: float, rx: float, ry: float, start: float = 0, end: float = 360, steps: int = 72) -> Path:
    """Points of an ellipse or of an arc of it; angles in degrees, clockwise from the right."""
    turns = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in turns]


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> Path:
    """A rectangle, with rounded corners when a radius is given."""
    if radius <= 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
    return [p for cx, cy, a in corners for p in oval(cx, cy, r, r, a, a + 90, 10)]


def curve(points: Sequence[Point], *, closed: bool = False, steps: int = 10) -> Path:
    """A smooth line through all points (Catmull-Rom)."""
    n = len(points)
    out: Path = []
    for i in range(n if closed else n - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(i + k, 0), n - 1)] for k in (-1, 0, 1, 2))
        for k in range(steps):
            t = k / steps
            out.append((_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        out.append(points[-1])
    return out


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t)


def moved(path: Sequence[Point], dx: float, dy: float) -> Path:
    return [(x + dx, y + dy) for x, y in path]


def turned(path: Sequence[Point], degrees: float, cx: float = 0, cy: float = 0) -> Path:
    """The path turned clockwise (as seen) about a point."""
    a = math.radians(degrees)
    cos, sin = math.cos(a), math.sin(a)
    return [(cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos) for x, y in path]


def scaled(path: Sequence[Point], sx: float, sy: float | None = None) -> Path:
    return [(x * sx, y * (sx if sy is None else sy)) for x, y in path]


def ribbon(line: Sequence[Point], width: float | WidthAlong) -> Path:
    """The outline of a line of the given full width; a function gets the share 0..1 along it."""
    left: Path = []
    right: Path = []
    last = len(line) - 1
    for i, (x, y) in enumerate(line):
        (ax, ay), (bx, by) = line[max(i - 1, 0)], line[min(i + 1, last)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        half = (width(i / last) if callable(width) else width) / 2
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def arm(x: float, y: float, heading: float, length: float, bend: float = 0, steps: int = 14) -> Path:
    """A line that starts at a point, leaves at a heading (0 = up, 90 = right) and bends evenly."""
    line = [(x, y)]
    for i in range(steps):
        a = math.radians(heading + bend * i / steps)
        x, y = x + math.sin(a) * length / steps, y - math.cos(a) * length / steps
        line.append((x, y))
    return line


def blade(share: float, *, belly: float = 0.45) -> float:
    """Width of a leaf along its length as a share of its greatest width."""
    if share <= belly:
        return math.pow(math.sin(math.pi / 2 * share / belly), 0.8)
    return math.pow(max(0.0, math.cos(math.pi / 2 * (share - belly) / (1 - belly))), 0.9)
